//! The field for the user ID: grouping appears while typing, a typo is located without asking the server.

use domain::letters::code::{CodeProblem, USER_ID_CHARS, UserId, grouped};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Sentences of the field, in the language of the page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UserIdTexts {
    /// Label.
    pub label: String,
    /// Hint below the label.
    pub hint: String,
    /// The typo is in group `{n}`.
    pub typo: String,
    /// There is a typo somewhere.
    pub typo_somewhere: String,
    /// A character in group `{n}` that no user ID has.
    pub character: String,
    /// It fits.
    pub fits: String,
}

impl UserIdTexts {
    fn say(&self, problem: CodeProblem) -> String {
        let with = |text: &str, group: u8| text.replace("{n}", &group.to_string());
        match problem {
            CodeProblem::Typo { group: Some(group) } => with(&self.typo, group),
            CodeProblem::Typo { group: None } => self.typo_somewhere.clone(),
            CodeProblem::Character { group } => with(&self.character, group),
            CodeProblem::Empty | CodeProblem::Length { .. } => String::new(),
        }
    }
}

/// The field. `problem` is what the server said about the last post.
#[island]
pub fn UserIdField(texts: UserIdTexts, value: String, problem: Option<String>) -> impl IntoView {
    let typed = RwSignal::new(value);
    // who was quicker than the WebAssembly keeps what was typed
    let before = typed_before();
    Effect::new(move |_| {
        if let Some(before) = before.as_deref().filter(|b| !b.is_empty()) {
            typed.set(grouped(before));
        }
    });
    let server_problem = RwSignal::new(problem);
    let verdict = move || {
        typed.with(|t| {
            let characters = t.chars().filter(|c| c.is_alphanumeric()).count();
            // nothing is said while somebody is still typing
            (characters >= USER_ID_CHARS).then(|| UserId::parse(t))
        })
    };
    let texts = StoredValue::new(texts);
    let complaint = move || match verdict() {
        Some(Err(p)) => Some(texts.with_value(|t| t.say(p))).filter(|t| !t.is_empty()),
        Some(Ok(_)) => None,
        None => server_problem.get(),
    };
    let fits = move || matches!(verdict(), Some(Ok(_)));
    let field_class = move || {
        if complaint().is_some() {
            "kern-form-input kern-form-input--error"
        } else {
            "kern-form-input"
        }
    };
    let input_class = move || {
        if complaint().is_some() {
            "kern-form-input__input kern-form-input__input--error code-input"
        } else {
            "kern-form-input__input code-input"
        }
    };
    view! {
        <div class=field_class>
            <label class="kern-label" for="benutzer_id">{texts.with_value(|t| t.label.clone())}</label>
            <div class="kern-hint" id="benutzer_id-hint">{texts.with_value(|t| t.hint.clone())}</div>
            <input class=input_class id="benutzer_id" name="benutzer_id" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false"
                prop:value=move || typed.get() value=typed.get_untracked() aria-required="true"
                aria-describedby="benutzer_id-hint benutzer_id-error" aria-invalid=move || complaint().is_some().then_some("true")
                on:input=move |event| {
                    server_problem.set(None);
                    typed.set(regroup(&event));
                }/>
            <p class="kern-error" id="benutzer_id-error" aria-live="polite">
                <span class="kern-body">{move || complaint().unwrap_or_default()}</span>
            </p>
            <p class="code-fits" aria-live="polite">{move || fits().then(|| texts.with_value(|t| t.fits.clone()))}</p>
        </div>
    }
}

/// What stands in the field when the island takes it over.
#[cfg(feature = "hydrate")]
fn typed_before() -> Option<String> {
    use leptos::wasm_bindgen::JsCast;
    let field = document().get_element_by_id("benutzer_id")?;
    Some(field.dyn_into::<web_sys::HtmlInputElement>().ok()?.value())
}

#[cfg(not(feature = "hydrate"))]
fn typed_before() -> Option<String> {
    None
}

/// Groups the text and keeps the cursor where the person types.
#[cfg(feature = "hydrate")]
fn regroup(event: &web_sys::Event) -> String {
    let input: web_sys::HtmlInputElement = event_target(event);
    let value = input.value();
    let cursor = input
        .selection_start()
        .ok()
        .flatten()
        .and_then(|c| usize::try_from(c).ok())
        .unwrap_or(value.len());
    let before: String = value.chars().take(cursor).collect();
    let text = grouped(&value);
    let mut place = grouped(&before).chars().count();
    // after the fourth character of a group the cursor goes behind the hyphen
    if text.chars().nth(place) == Some('-') && place == cursor {
        place += 1;
    }
    input.set_value(&text);
    let place = u32::try_from(place).unwrap_or(0);
    let _ = input.set_selection_range(place, place);
    text
}

#[cfg(not(feature = "hydrate"))]
fn regroup(_: &leptos::ev::Event) -> String {
    grouped("")
}
