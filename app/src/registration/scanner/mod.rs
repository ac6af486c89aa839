//! The scanner: camera or photo, decoded in the browser. Shown only where WebAssembly runs; everybody else types.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Sentences and addresses of the scanner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScannerTexts {
    /// Button that starts the camera.
    pub start: String,
    /// Button that stops it.
    pub stop: String,
    /// Button for the light.
    pub torch: String,
    /// Label of the list of cameras.
    pub cameras: String,
    /// Label of the file field.
    pub photo: String,
    /// While looking for a code.
    pub looking: String,
    /// The code is too far away.
    pub nearer: String,
    /// It is too dark.
    pub dark: String,
    /// The code is not clear enough to be read.
    pub steady: String,
    /// A code was found.
    pub found: String,
    /// A code that is not from a letter of this portal.
    pub foreign: String,
    /// No code in the photo.
    pub nothing: String,
    /// The photo is being read.
    pub reading: String,
    /// Permission denied.
    pub denied: String,
    /// There is no camera.
    pub missing: String,
    /// The camera is used by another program.
    pub busy: String,
    /// The page is not secure, or the browser has no camera access.
    pub insecure: String,
    /// Address of the decoder's worker.
    pub worker: String,
    /// Looks for the return marks of letters, one after the other, instead of for one code.
    pub mark: bool,
}

/// The scanner. When it has found a code, it sends the form with the id `scan-form`.
#[island]
pub fn Scanner(props: ScannerTexts) -> impl IntoView {
    let ready = RwSignal::new(false);
    let running = RwSignal::new(false);
    let message = RwSignal::new(String::new());
    let trouble = RwSignal::new(false);
    let torch = RwSignal::new(None::<bool>);
    let cameras = RwSignal::new(Vec::<(String, String)>::new());
    let found = RwSignal::new(false);
    let p = StoredValue::new(props);
    let text = move |pick: fn(&ScannerTexts) -> &String| p.with_value(|props| pick(props).clone());
    let signals = Signals {
        running,
        message,
        trouble,
        torch,
        cameras,
        found,
    };

    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        ready.set(true);
        camera::stop_when_hidden(signals);
    });

    let start = move |_| begin(p, signals, None);
    let stop = move |_| end(signals);
    let switch_torch = move |_| light(signals);
    let choose = move |event: leptos::ev::Event| begin(p, signals, Some(event_target_value(&event)));
    let photo = move |event: leptos::ev::Event| picture(p, signals, &event);

    view! {
        <div class="scanner" class:scanner--ready=move || ready.get()>
            <div class="scanner__view" class:scanner__view--found=move || found.get() hidden=move || !running.get()>
                <video id="scanner-video" playsinline=true muted=true></video>
                <div class="scanner__frame" aria-hidden="true"></div>
            </div>
            <p class="scanner__message" class:scanner__message--trouble=move || trouble.get() role="status" aria-live="polite">{move || message.get()}</p>
            <div class="scanner__tools">
                <button type="button" class="kern-btn kern-btn--primary" hidden=move || running.get() on:click=start>
                    <span class="kern-label">{text(|t| &t.start)}</span>
                </button>
                <button type="button" class="kern-btn kern-btn--secondary" hidden=move || !running.get() on:click=stop>
                    <span class="kern-label">{text(|t| &t.stop)}</span>
                </button>
                <button type="button" class="kern-btn kern-btn--secondary" hidden=move || !(running.get() && torch.get().is_some())
                    aria-pressed=move || torch.get().unwrap_or(false).to_string() on:click=switch_torch>
                    <span class="kern-label">{text(|t| &t.torch)}</span>
                </button>
                <div class="kern-form-input" hidden=move || !(running.get() && cameras.with(|c| c.len() > 1))>
                    <label class="kern-label" for="scanner-camera">{text(|t| &t.cameras)}</label>
                    <div class="kern-form-input__select-wrapper">
                        <select class="kern-form-input__select" id="scanner-camera" on:change=choose>
                            {move || cameras.get().into_iter().map(|(id, label)| view! { <option value=id>{label}</option> }).collect::<Vec<_>>()}
                        </select>
                    </div>
                </div>
            </div>
            <div class="kern-form-input scanner__photo">
                <label class="kern-label" for="scanner-photo">{text(|t| &t.photo)}</label>
                <input class="kern-form-input__input" type="file" id="scanner-photo" accept="image/*" on:change=photo/>
            </div>
        </div>
    }
}

/// What the scanner shows.
#[derive(Clone, Copy)]
struct Signals {
    running: RwSignal<bool>,
    message: RwSignal<String>,
    trouble: RwSignal<bool>,
    torch: RwSignal<Option<bool>>,
    cameras: RwSignal<Vec<(String, String)>>,
    /// A code was found: the frame turns green.
    found: RwSignal<bool>,
}

#[cfg(feature = "hydrate")]
mod camera;
#[cfg(feature = "hydrate")]
mod decoder;
#[cfg(feature = "hydrate")]
mod found;

#[cfg(feature = "hydrate")]
use camera::{begin, end, light, picture};

#[cfg(not(feature = "hydrate"))]
mod on_the_server {
    //! On the server the scanner is only drawn; nothing can be pressed there.
    use super::{ScannerTexts, Signals};
    use leptos::prelude::StoredValue;

    pub(super) fn begin(_: StoredValue<ScannerTexts>, _: Signals, _: Option<String>) {}
    pub(super) fn end(s: Signals) {
        let _ = (s.running, s.message, s.trouble, s.torch, s.cameras, s.found);
    }
    pub(super) fn light(_: Signals) {}
    pub(super) fn picture(_: StoredValue<ScannerTexts>, _: Signals, _: &leptos::ev::Event) {}
}
#[cfg(not(feature = "hydrate"))]
use on_the_server::{begin, end, light, picture};
