//! Any bytes as an upload: pictures, documents, artwork of letters, a film.
#![no_main]

use backend::strangers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, file)) = bytes.split_first() else {
        return;
    };
    match kind % 4 {
        0 => {
            // what is kept is a picture that can be read again
            if let Some(kept) = strangers::picture(file) {
                assert!(strangers::picture(&kept).is_some());
            }
        }
        1 => {
            let _ = strangers::document(file);
        }
        2 => {
            let _ = strangers::artwork(file);
        }
        _ => {
            let _ = backend::municipality::media_type(file);
        }
    }
});
