//! Fields with label, hint and complaint; the summary of complaints.

use crate::{
    portal::Typed,
    ui::view::{TOWN, icon},
};
use leptos::prelude::*;
use locales::Lang;
use std::sync::{Arc, Mutex, PoisonError};

/// Complaints that do not say by themselves which field they mean: in the summary its label stands before them.
const WITHOUT_NAME: [&str; 7] = [
    "problem-answer",
    "problem-required",
    "problem-choices",
    "problem-choices-twice",
    "problem-too-long",
    "problem-whole-number",
    "problem-placeholder",
];

/// Draws the fields of one form.
#[derive(Clone)]
pub struct Form {
    lang: Lang,
    typed: Typed,
    /// The labels of the fields that were drawn, for the summary.
    labels: Arc<Mutex<Vec<(String, String)>>>,
}

/// What a text field may have besides name and label.
#[derive(Clone, Copy, Default)]
pub struct Options {
    /// `type` of the input; `text` if empty.
    pub kind: &'static str,
    /// `autocomplete`, so that browsers and password managers help.
    pub autocomplete: &'static str,
    /// Key of the hint below the label.
    pub hint: &'static str,
    /// May be left empty.
    pub optional: bool,
    /// `inputmode` for the keyboard of phones.
    pub mode: &'static str,
    /// Rows of a text area; 0 is a single line.
    pub rows: u32,
    /// Width in characters; 0 is the full width.
    pub width: u32,
    /// The label is the town's own words, in its language.
    pub towns_words: bool,
}

impl Form {
    /// For what was typed.
    pub fn new(lang: Lang, typed: Typed) -> Self {
        Self {
            lang,
            typed,
            labels: Arc::default(),
        }
    }

    /// The value of a field.
    pub fn value(&self, name: &str) -> String {
        self.typed.values.get(name).to_owned()
    }

    /// The complaint about a field.
    pub fn problem(&self, name: &str) -> Option<String> {
        self.typed.problems.0.iter().find(|p| p.field == name).map(|p| {
            let args: Vec<(&str, &str)> = p.args.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            self.lang.with(&p.code, &args)
        })
    }

    /// What was typed.
    pub fn fields(&self) -> &crate::portal::Fields {
        &self.typed.values
    }

    /// Is there any complaint?
    pub fn has_problem(&self) -> bool {
        !self.typed.problems.is_empty()
    }

    /// Says what a field is called that the page draws by itself, for the summary of problems.
    pub fn labelled(&self, name: &str, label: &str) {
        let mut labels = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        labels.push((name.to_owned(), label.to_owned()));
    }

    /// All complaints, each with the label of its field and a link to it; gets the focus when the page comes back.
    pub fn summary(&self) -> AnyView {
        if self.typed.problems.is_empty() {
            return ().into_any();
        }
        // drawn last, when the fields below have told their labels
        let form = self.clone();
        (move || form.complaints()).into_any()
    }

    fn complaints(&self) -> AnyView {
        let labels = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        let items: Vec<_> = self
            .typed
            .problems
            .0
            .iter()
            .map(|p| {
                let args: Vec<(&str, &str)> = p.args.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
                let text = self.lang.with(&p.code, &args);
                if p.field.is_empty() {
                    view! { <li>{text}</li> }.into_any()
                } else {
                    let text = match labels.iter().find(|(field, _)| *field == p.field) {
                        Some((_, label)) if WITHOUT_NAME.contains(&p.code.as_str()) => {
                            format!("{label}: {text}")
                        }
                        _ => text,
                    };
                    view! { <li><a class="kern-link" href=format!("#{}", p.field)>{text}</a></li> }.into_any()
                }
            })
            .collect();
        view! {
            <div class="kern-alert kern-alert--danger" role="alert" tabindex="-1" data-focus="true">
                <div class="kern-alert__header">{icon("danger")}<span class="kern-title">{self.lang.t("form-problems")}</span></div>
                <div class="kern-alert__body"><ul class="kern-list">{items}</ul></div>
            </div>
        }
        .into_any()
    }

    /// A text field, a password field or a text area.
    pub fn text(&self, name: &str, label: &str, o: Options) -> AnyView {
        self.labelled(name, label);
        let problem = self.problem(name);
        let hint = (!o.hint.is_empty()).then(|| self.lang.t(o.hint));
        let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
        let described: Vec<&str> = [
            hint.is_some().then_some(hint_id.as_str()),
            problem.is_some().then_some(error_id.as_str()),
        ]
        .into_iter()
        .flatten()
        .collect();
        let described = (!described.is_empty()).then(|| described.join(" "));
        let class = if problem.is_some() {
            "kern-form-input kern-form-input--error"
        } else {
            "kern-form-input"
        };
        let input_class = if problem.is_some() {
            "kern-form-input__input kern-form-input__input--error"
        } else {
            "kern-form-input__input"
        };
        let invalid = problem.is_some().then_some("true");
        let value = if o.kind == "password" {
            String::new()
        } else {
            self.value(name)
        };
        let some = |text: &'static str| (!text.is_empty()).then_some(text);
        let name = name.to_owned();
        let style = (o.width > 0).then(|| format!("width-{}", o.width));
        let input = if o.rows > 0 {
            view! {
                <textarea class=input_class id=name.clone() name=name.clone() rows=o.rows.to_string() aria-describedby=described aria-invalid=invalid>{value}</textarea>
            }
            .into_any()
        } else {
            let kind = if o.kind.is_empty() { "text" } else { o.kind };
            view! {
                <input class=format!("{input_class} {}", style.unwrap_or_default()) id=name.clone() name=name.clone() type=kind value=value
                    autocomplete=some(o.autocomplete) inputmode=some(o.mode) aria-describedby=described aria-invalid=invalid
                    aria-required=(!o.optional).then_some("true")/>
            }
            .into_any()
        };
        // a search is never a must: saying so would only be noise
        let optional = (o.optional && o.kind != "search")
            .then(|| view! { <span class="kern-label__optional">" – "{self.lang.t("optional")}</span> });
        view! {
            <div class=class>
                <label class="kern-label" for=name><span lang=o.towns_words.then_some(TOWN)>{label.to_owned()}</span>{optional}</label>
                {hint.map(|h| view! { <div class="kern-hint" id=hint_id>{h}</div> })}
                {input}
                {self.error(problem, error_id)}
            </div>
        }
        .into_any()
    }

    fn error(&self, problem: Option<String>, id: String) -> AnyView {
        match problem {
            Some(text) => view! { <p class="kern-error" id=id>{icon("danger")}<span class="kern-body">{text}</span></p> }.into_any(),
            None => ().into_any(),
        }
    }

    /// A checkbox.
    pub fn checkbox(&self, name: &str, label: impl IntoView + 'static) -> AnyView {
        let problem = self.problem(name);
        let error_id = format!("{name}-error");
        let described = problem.is_some().then(|| error_id.clone());
        let class = if problem.is_some() {
            "kern-form-check kern-form-check--error"
        } else {
            "kern-form-check"
        };
        let box_class = if problem.is_some() {
            "kern-form-check__checkbox kern-form-check__checkbox--error"
        } else {
            "kern-form-check__checkbox"
        };
        let invalid = problem.is_some().then_some("true");
        let ticked = self.typed.values.has(name);
        let name = name.to_owned();
        view! {
            <div class="check-field">
                <div class=class>
                    <input class=box_class type="checkbox" id=name.clone() name=name.clone() value="ja" checked=ticked aria-describedby=described aria-invalid=invalid/>
                    <label class="kern-label" for=name>{label}</label>
                </div>
                {self.error(problem, error_id)}
            </div>
        }
        .into_any()
    }

    /// Radio buttons: (value, label).
    pub fn radios(&self, name: &'static str, legend: &str, choices: Vec<(&'static str, String)>) -> AnyView {
        self.labelled(name, legend);
        let chosen = self.value(name);
        let items: Vec<_> = choices
            .into_iter()
            .map(|(value, label)| {
                let id = format!("{name}-{value}");
                view! {
                    <div class="kern-form-check">
                        <input class="kern-form-check__radio" type="radio" id=id.clone() name=name value=value checked={chosen == value}/>
                        <label class="kern-label" for=id>{label}</label>
                    </div>
                }
            })
            .collect();
        view! {
            <fieldset class="kern-fieldset">
                <legend class="kern-label">{legend.to_owned()}</legend>
                <div class="kern-fieldset__body">{items}</div>
            </fieldset>
        }
        .into_any()
    }

    /// A choice from a list: (value, label).
    pub fn select(&self, name: &str, label: &str, choices: Vec<(String, String)>) -> AnyView {
        self.labelled(name, label);
        let name = name.to_owned();
        let chosen = self.value(&name);
        let problem = self.problem(&name);
        let error_id = format!("{name}-error");
        let items: Vec<_> = choices
            .into_iter()
            .map(|(value, label)| {
                let selected = value == chosen;
                view! { <option value=value selected=selected>{label}</option> }
            })
            .collect();
        view! {
            <div class="kern-form-input">
                <label class="kern-label" for=name.clone()>{label.to_owned()}</label>
                <div class="kern-form-input__select-wrapper">
                    <select class="kern-form-input__select" id=name.clone() name=name.clone()>{items}</select>
                </div>
                {self.error(problem, error_id)}
            </div>
        }
        .into_any()
    }

    /// A date as three fields (WCAG and the practice of public services: no calendar for dates people know).
    pub fn date(&self, prefix: &'static str, legend: &str, hint: &'static str) -> AnyView {
        let field = format!("{prefix}_day");
        self.labelled(&field, legend);
        let problem = self.problem(&field);
        let error_id = format!("{field}-error");
        let described = problem.is_some().then(|| error_id.clone());
        let parts: Vec<_> = [("day", "date-day", "bday-day", 3), ("month", "date-month", "bday-month", 3), ("year", "date-year", "bday-year", 5)]
            .into_iter()
            .map(|(part, key, autocomplete, width)| {
                let name = format!("{prefix}_{part}");
                let value = self.value(&name);
                // a browser must not fill in somebody's birthday where another day is asked
                let autocomplete = if prefix == "birth" { autocomplete } else { "off" };
                view! {
                    <div class="kern-form-input">
                        <label class="kern-label" for=name.clone()>{self.lang.t(key)}</label>
                        <input class=format!("kern-form-input__input width-{width}") id=name.clone() name=name type="text" inputmode="numeric"
                            autocomplete=autocomplete value=value aria-describedby=described.clone()/>
                    </div>
                }
            })
            .collect();
        view! {
            <fieldset class="kern-fieldset">
                <legend class="kern-label">{legend.to_owned()}</legend>
                <div class="kern-hint">{self.lang.t(hint)}</div>
                <div class="date-parts">{parts}</div>
                {self.error(problem, error_id)}
            </fieldset>
        }
        .into_any()
    }
}
