//! The station for returned letters in the browser: scans and keys are noted without loading the page anew. Without
//! WebAssembly the same form is sent, one page per letter.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Sentences.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StationTexts {
    /// "Which reason?"; the number is added.
    pub which: String,
    /// The server could not be reached.
    pub failed: String,
    /// Being noted.
    pub pending: String,
}

/// Takes over the form `scan-form`: a scan, Enter, or a key from 1 to 5 notes a letter.
#[island]
pub fn Station(texts: StationTexts) -> impl IntoView {
    let message = RwSignal::new(String::new());
    let kind = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    browser::run(texts, message, kind);
    #[cfg(not(feature = "hydrate"))]
    let _ = texts;
    view! {
        <p class=move || format!("station__answer station__answer--{}", kind.get()) role="status" aria-live="assertive">{move || message.get()}</p>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::StationTexts;
    use crate::letters::api::letter_return;
    use leptos::{prelude::*, task::spawn_local};
    use std::{cell::Cell, rc::Rc};
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{HtmlFormElement, HtmlInputElement, KeyboardEvent};

    fn input(id: &str) -> Option<HtmlInputElement> {
        document().get_element_by_id(id)?.dyn_into().ok()
    }

    fn reasons() -> Vec<HtmlInputElement> {
        let Ok(list) = document().query_selector_all("#scan-form input[name=grund]") else {
            return Vec::new();
        };
        (0..list.length())
            .filter_map(|i| list.get(i)?.dyn_into().ok())
            .collect()
    }

    pub(super) fn run(texts: StationTexts, message: RwSignal<String>, kind: RwSignal<String>) {
        Effect::new(move |_| {
            let Some(form) = document()
                .get_element_by_id("scan-form")
                .and_then(|f| f.dyn_into::<HtmlFormElement>().ok())
            else {
                return;
            };
            let say = move |what: &str, text: String| {
                kind.set(what.to_owned());
                message.set(text);
            };
            let texts = texts.clone();
            // a scan waits for its reason: only then a digit in the field is no part of a number
            let asked = Rc::new(Cell::new(false));
            let asks = asked.clone();
            let note = move || {
                let Some(field) = input("nummer") else { return };
                let number = field.value();
                let Some(reason) = reasons().into_iter().find(HtmlInputElement::checked) else {
                    asks.set(true);
                    say("warning", format!("{} {number}", texts.which));
                    return;
                };
                asks.set(false);
                let reason_key = reason.value();
                // the field is free for the next scan while this one is on its way
                field.set_value("");
                let _ = field.focus();
                if !input("behalten").is_some_and(|b| b.checked()) {
                    reason.set_checked(false);
                }
                let failed = texts.failed.clone();
                say("", format!("{} {number}", texts.pending));
                spawn_local(async move {
                    match letter_return(number.clone(), reason_key).await {
                        Ok(line) => {
                            if !line.number.is_empty() {
                                log(&line.text);
                            }
                            say(&line.kind, line.text);
                        }
                        Err(_) => say("danger", format!("{failed} {number}")),
                    }
                });
            };
            let sent = Closure::<dyn FnMut(web_sys::Event)>::new({
                let note = note.clone();
                move |event: web_sys::Event| {
                    event.prevent_default();
                    note();
                }
            });
            let _ = form.add_event_listener_with_callback("submit", sent.as_ref().unchecked_ref());
            sent.forget();
            // a digit means a reason outside of the field, and inside while a scan waits for one
            let key = Closure::<dyn FnMut(KeyboardEvent)>::new(move |event: KeyboardEvent| {
                if event.ctrl_key() || event.alt_key() || event.meta_key() {
                    return;
                }
                let Ok(digit) = event.key().parse::<usize>() else {
                    return;
                };
                let number = input("nummer");
                let typing = document().active_element().is_some_and(|a| a.id() == "nummer");
                let empty = number.as_ref().is_none_or(|n| n.value().is_empty());
                let waits = asked.get() && !empty;
                // in the field digits belong to numbers, unless a scan waits for its reason
                if typing && !waits {
                    return;
                }
                let Some(reason) = digit.checked_sub(1).and_then(|i| reasons().into_iter().nth(i)) else {
                    return;
                };
                event.prevent_default();
                reason.set_checked(true);
                if waits {
                    note();
                }
            });
            let _ = document().add_event_listener_with_callback("keydown", key.as_ref().unchecked_ref());
            key.forget();
            if let Some(field) = input("nummer") {
                let _ = field.focus();
            }
            if let Some(keep) = input("behalten") {
                keep.set_checked(true);
            }
        });
    }

    /// Adds a line to the list of what was noted.
    fn log(text: &str) {
        if let Some(list) = document().get_element_by_id("return-log")
            && let Ok(line) = document().create_element("li")
        {
            line.set_text_content(Some(text));
            let _ = list.prepend_with_node_1(&line);
        }
    }
}
