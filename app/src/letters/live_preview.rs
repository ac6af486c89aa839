//! The preview beside the editor follows what is typed. Without WebAssembly a button does it.

use leptos::prelude::*;

/// The pictures as they stand in the page.
#[cfg(feature = "ssr")]
pub fn html(sides: &[String]) -> String {
    sides
        .iter()
        .map(|svg| format!("<div class=\"preview__side\">{svg}</div>"))
        .collect()
}

/// Draws the preview anew some moments after the form with this id was changed.
#[island]
pub fn LivePreview(form: String, failed: String) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    browser::follow(form, failed);
    #[cfg(not(feature = "hydrate"))]
    let _ = (form, failed);
}

#[cfg(feature = "hydrate")]
mod browser {
    use crate::letters::api::{Drawn, template_preview};
    use leptos::{prelude::*, task::spawn_local};
    use std::{cell::Cell, rc::Rc, time::Duration};
    use wasm_bindgen::{JsCast, closure::Closure};

    /// Somebody who types is not disturbed before the hand rests.
    const PAUSE: Duration = Duration::from_millis(350);

    pub(super) fn follow(form: String, failed: String) {
        Effect::new(move |_| {
            let Some(element) = document().get_element_by_id(&form) else {
                return;
            };
            let Ok(form) = element.dyn_into::<web_sys::HtmlFormElement>() else {
                return;
            };
            let waiting: Rc<Cell<Option<TimeoutHandle>>> = Rc::default();
            // an older answer never overwrites a newer one
            let latest = Rc::new(Cell::new(0u32));
            let failed = failed.clone();
            let changed = Closure::<dyn FnMut()>::new({
                let form = form.clone();
                move || {
                    if let Some(before) = waiting.take() {
                        before.clear();
                    }
                    let (form, latest, failed) = (form.clone(), latest.clone(), failed.clone());
                    let later = set_timeout_with_handle(
                        move || {
                            let number = latest.get() + 1;
                            latest.set(number);
                            let typed = typed(&form);
                            spawn_local(async move {
                                let drawn = template_preview(typed).await;
                                if latest.get() == number {
                                    show(drawn.unwrap_or(Drawn::Not(failed)));
                                }
                            });
                        },
                        PAUSE,
                    );
                    waiting.set(later.ok());
                }
            });
            for event in ["input", "change"] {
                let _ = form.add_event_listener_with_callback(event, changed.as_ref().unchecked_ref());
            }
            // lives as long as the page
            changed.forget();
        });
    }

    /// What the form holds, as it would be sent.
    fn typed(form: &web_sys::HtmlFormElement) -> Vec<(String, String)> {
        let Ok(data) = web_sys::FormData::new_with_form(form) else {
            return Vec::new();
        };
        let pairs = js_sys::Array::from(&data);
        pairs
            .iter()
            .map(|pair| {
                let pair = js_sys::Array::from(&pair);
                (
                    pair.get(0).as_string().unwrap_or_default(),
                    pair.get(1).as_string().unwrap_or_default(),
                )
            })
            .collect()
    }

    fn show(drawn: Drawn) {
        let set = |id: &str, text: Option<&str>, html: Option<&str>| {
            if let Some(element) = document().get_element_by_id(id) {
                if let Some(text) = text {
                    element.set_text_content(Some(text));
                }
                if let Some(html) = html {
                    element.set_inner_html(html);
                }
            }
        };
        match drawn {
            Drawn::Sides(html) => {
                set("preview-problem", Some(""), None);
                set("preview-sides", None, Some(&html));
            }
            // the last picture stays, so that one sees what there was room for
            Drawn::Not(why) => set("preview-problem", Some(&why), None),
        }
    }
}
