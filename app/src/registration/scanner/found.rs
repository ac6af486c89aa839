//! What happens with a code that was read.

use super::{ScannerTexts, Signals, camera::say};
use domain::letters::code::QrPayload;
use js_sys::{Function, Reflect};
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// Sends the form if this is the code of a letter of this portal.
pub(super) fn accept(p: StoredValue<ScannerTexts>, s: Signals, text: &str) -> bool {
    if p.with_value(|t| t.mark) {
        accept_mark(p, s, text);
        return false;
    }
    let here = window().location().origin().unwrap_or_default();
    let ours = text.starts_with(&format!("{here}/")) && QrPayload::parse(text).is_some();
    if !ours {
        say(s, p.with_value(|t| t.foreign.clone()), true);
        return false;
    }
    say(s, p.with_value(|t| t.found.clone()), false);
    s.found.set(true);
    let navigator = window().navigator();
    if let Ok(vibrate) = Reflect::get(&navigator, &"vibrate".into()).and_then(|f| f.dyn_into::<Function>()) {
        let _ = vibrate.call1(&navigator, &60.into());
    }
    let payload = text.rsplit('#').next().unwrap_or_default();
    let field = document()
        .get_element_by_id("scan-code")
        .and_then(|e| e.dyn_into::<HtmlInputElement>().ok());
    let form = document()
        .get_element_by_id("scan-form")
        .and_then(|e| e.dyn_into::<web_sys::HtmlFormElement>().ok());
    if let (Some(field), Some(form)) = (field, form) {
        field.set_value(payload);
        let _ = form.submit();
    }
    true
}

thread_local! {
    static LAST_MARK: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Puts the number of a return mark into the field `nummer` and sends the form, once for each letter held up.
fn accept_mark(p: StoredValue<ScannerTexts>, s: Signals, text: &str) {
    if LAST_MARK.with_borrow(|last| last == text) {
        return;
    }
    let Some(number) = domain::letters::code::parse_letter_number(text) else {
        say(s, p.with_value(|t| t.foreign.clone()), true);
        return;
    };
    LAST_MARK.with_borrow_mut(|last| text.clone_into(last));
    say(s, number.clone(), false);
    let field = document()
        .get_element_by_id("nummer")
        .and_then(|e| e.dyn_into::<HtmlInputElement>().ok());
    let form = document()
        .get_element_by_id("scan-form")
        .and_then(|e| e.dyn_into::<web_sys::HtmlFormElement>().ok());
    if let (Some(field), Some(form)) = (field, form) {
        field.set_value(&number);
        let _ = form.request_submit();
    }
}
