//! A letter to look at before letters are made.

use super::{LetterRefusal, artwork::Artwork, freeze, pdf};
use crate::{
    Ctx, Failure,
    municipality::{self, ImageUse},
};
use domain::{
    access::{Actor, Permission},
    letters::{content::Recipient, state::Route},
};

/// One page with a made-up recipient and worthless codes, for the settings page and the command line.
pub async fn sample(ctx: &Ctx, actor: Actor) -> Result<Vec<u8>, Failure<LetterRefusal>> {
    if !actor.may(Permission::ChangeSettings) {
        return Err(Failure::Denied);
    }
    let settings = municipality::current(ctx).await.map_err(Failure::widen)?.settings;
    let mut art = [None, None];
    for (slot, place) in art.iter_mut().zip([ImageUse::Logo, ImageUse::Signature]) {
        *slot = municipality::image(ctx, place, None)
            .await
            .map_err(Failure::widen)?
            .and_then(|i| Artwork::read(&i.bytes));
    }
    let [logo, signature] = art;
    let too_long = Failure::Refused(LetterRefusal::TextsTooLong);
    let frozen = freeze(ctx, &settings, Route::Ordinary, None, None);
    let Ok(mut engine) = pdf::Engine::new(&frozen, logo.as_ref(), signature.as_ref(), [0; 16]) else {
        return Err(too_long);
    };
    let input = pdf::LetterInput {
        recipient: Recipient {
            name: "Dr. Maximiliane Mustermann-Freudenreich".into(),
            address: vec![
                "c/o Wohngemeinschaft Mühlenhof".into(),
                "Karl-Liebknecht-Straße 113 b".into(),
                format!("{} {}", settings.postcode, settings.city),
            ],
        },
        user_id: "MVST-ERBR-1EF0-0000".into(),
        payload: "0".repeat(32),
        letter_number: "L-MVST-ER00".into(),
    };
    if engine
        .letters::<pdf::EngineError>(&[input], |_, _, _| Ok(()))
        .is_err()
    {
        return Err(too_long);
    }
    let mut bytes = engine.take();
    bytes.extend(engine.finish().0);
    Ok(bytes)
}
