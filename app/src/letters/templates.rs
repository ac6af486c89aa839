//! `/verwaltung/briefe/vorlagen`: words and sheet of the letters, with what they will look like beside them.

use super::{live_preview::LivePreview, view::near};
use crate::{
    portal::{Answer, Fields, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::{Form, Options},
        view::{alert, link_button, moment, submit_as},
    },
};
use backend::{
    letters::{self, LetterRefusal, Person, TemplateLine},
    municipality::{ImageUse, Refusal},
};
use domain::{
    access::Permission,
    letters::template::{Occasion, PLACEHOLDERS, Posting, SheetForm, Template},
    problem::Problems,
    urls,
};
use leptos::prelude::*;
use locales::Lang;

const TEXTS: [&str; 11] = [
    "return_line",
    "contact",
    "subject",
    "body",
    "steps",
    "second_name",
    "second_language",
    "second",
    "closing",
    "signatory",
    "notice",
];
const SWITCHES: [&str; 5] = [
    "fold_marks",
    "hole_mark",
    "return_mark",
    "sheet_number",
    "insert_marks",
];

fn text_of<'a>(t: &'a mut Template, name: &str) -> &'a mut String {
    match name {
        "return_line" => &mut t.return_line,
        "contact" => &mut t.contact,
        "subject" => &mut t.subject,
        "body" => &mut t.body,
        "steps" => &mut t.steps,
        "second_name" => &mut t.second_name,
        "second_language" => &mut t.second_language,
        "second" => &mut t.second,
        "closing" => &mut t.closing,
        "signatory" => &mut t.signatory,
        _ => &mut t.notice,
    }
}

fn switch_of<'a>(t: &'a mut Template, name: &str) -> &'a mut bool {
    match name {
        "fold_marks" => &mut t.fold_marks,
        "hole_mark" => &mut t.hole_mark,
        "return_mark" => &mut t.return_mark,
        "sheet_number" => &mut t.sheet_number,
        _ => &mut t.insert_marks,
    }
}

fn to_fields(mut t: Template) -> Fields {
    let mut fields = Fields::default()
        .with("form", t.form.key())
        .with("posting", t.posting.key());
    for name in TEXTS {
        fields = fields.with(name, text_of(&mut t, name).as_str());
    }
    for name in SWITCHES {
        if *switch_of(&mut t, name) {
            fields = fields.with(name, "ja");
        }
    }
    fields
}

/// The template that a form describes.
pub fn from_fields(fields: &Fields) -> Template {
    let mut t = Template {
        form: SheetForm::parse(fields.get("form")).unwrap_or_default(),
        posting: Posting::parse(fields.get("posting")).unwrap_or_default(),
        ..Template::default()
    };
    for name in TEXTS {
        // browsers send \r\n
        *text_of(&mut t, name) = fields.get(name).replace("\r\n", "\n").trim().to_owned();
    }
    for name in SWITCHES {
        *switch_of(&mut t, name) = fields.has(name);
    }
    t
}

/// The preview that a form asks for: pictures, or what does not fit.
pub async fn pictures(
    rq: &Rq,
    occasion: Occasion,
    fields: &Fields,
) -> Result<Result<Vec<String>, String>, crate::portal::Fault> {
    let actor = rq.staff(Permission::SetUpLetters)?;
    let person = match fields.get("person") {
        "lang" => Person::Longest,
        "register" if actor.may(Permission::SeeResidents) => {
            Person::Resident(fields.get("nummer").trim().parse().unwrap_or(1i64).clamp(1, 100) - 1)
        }
        _ => Person::Example,
    };
    let template = from_fields(fields);
    let label = rq.lang.with("preview-side", &[("seite", "{n}")]);
    let made = letters::preview(
        &rq.ctx,
        actor,
        occasion,
        &template,
        person,
        fields.has("gross"),
        &label,
    )
    .await;
    Ok(refused(made)?.map(|p| p.sides).map_err(|refusal| match refusal {
        LetterRefusal::AddressTooLong(_) => rq.t("preview-address-too-long"),
        other => {
            let values = other.values();
            let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
            rq.lang.with(other.key(), &values)
        }
    }))
}

/// `/verwaltung/briefe/vorlagen`.
pub async fn templates(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SetUpLetters)?;
    let occasion = Occasion::parse(rq.query.get("anlass")).unwrap_or_default();
    let (template, version) = letters::template(&rq.ctx, actor, occasion).await?;
    let here = format!("{}?anlass={}", urls::TEMPLATES, occasion.key());
    let mut problems = Problems::default();
    let mut values = to_fields(template).with("person", "beispiel").with("nummer", 1);
    if let Some(form) = &rq.form {
        values = form.clone();
        if form.get("tun") == "speichern" {
            let base = form.get("version").parse().unwrap_or(-1);
            let new = from_fields(form);
            match refused(letters::save_template(&rq.ctx, actor, occasion, new, base).await)? {
                Ok(()) => return Ok(Answer::go(format!("{here}&gespeichert=1"))),
                Err(Refusal::Problems(p)) => problems = p,
                Err(Refusal::Stale) => problems = Problems::one("", "problem-stale"),
            }
        }
    } else if let Ok(old) = rq.query.get("fassung").parse::<i64>() {
        let old = letters::template_version(&rq.ctx, actor, occasion, old).await?;
        values = to_fields(old).with("person", "beispiel").with("nummer", 1);
    }
    show(&rq, occasion, version, Typed { values, problems }).await
}

/// The page again with what was wrong with an uploaded picture.
pub async fn with_problems(rq: &Rq, problems: Problems) -> Outcome {
    let actor = rq.staff(Permission::SetUpLetters)?;
    let (template, version) = letters::template(&rq.ctx, actor, Occasion::First).await?;
    let values = to_fields(template).with("person", "beispiel").with("nummer", 1);
    show(rq, Occasion::First, version, Typed { values, problems }).await
}

async fn show(rq: &Rq, occasion: Occasion, version: i64, typed: Typed) -> Outcome {
    let actor = rq.staff(Permission::SetUpLetters)?;
    let versions = letters::template_versions(&rq.ctx, actor, occasion).await?;
    let preview = pictures(rq, occasion, &typed.values).await?;
    let lang = rq.lang;
    let saved = rq.query.has("gespeichert") && rq.form.is_none();
    let old = rq.query.get("fassung").to_owned();
    let status = if typed.problems.is_empty() {
        axum::http::StatusCode::OK
    } else {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    };
    // organisations are not in the register of residents
    let registers = actor.may(Permission::SeeResidents) && occasion != Occasion::Organisation;
    let form = Form::new(lang, typed);
    let title = lang.t("template-title");
    let here = format!("{}?anlass={}", urls::TEMPLATES, occasion.key());
    Ok(Page::staff(title.clone(), move || {
        let tabs: Vec<_> = Occasion::ALL
            .into_iter()
            .map(|o| {
                let current = (o == occasion).then_some("page");
                view! { <li><a class="kern-link" href=format!("{}?anlass={}", urls::TEMPLATES, o.key()) aria-current=current>{lang.t(&format!("template-{}", o.key()))}</a></li> }
            })
            .collect();
        view! {
            {form.summary()}
            {saved.then(|| alert("success", &lang.t("saved-title"), view! { <p class="kern-body">{lang.with("template-saved", &[("n", &version.to_string())])}</p> }))}
            {(!old.is_empty()).then(|| alert("info", &lang.with("template-old-title", &[("n", &old)]), view! { <p class="kern-body">{lang.t("template-old")}</p> }))}
            <h1 class="kern-heading-x-large">{title}</h1>
            {near(lang, actor, urls::TEMPLATES)}
            <ul class="filters">{tabs}</ul>
            <form method="post" action=here.clone() novalidate=true class="editor" id="template-form">
                <input type="hidden" name="version" value=version.to_string()/>
                <input type="hidden" name="anlass" value=occasion.key()/>
                <div class="editor__fields">
                    {fields(lang, &form)}
                    <div class="action-bar">
                        {submit_as("primary", &lang.t("template-save"), "tun", "speichern")}
                        {submit_as("secondary", &lang.t("template-preview"), "tun", "vorschau")}
                    </div>
                </div>
                <aside class="editor__preview" aria-label=lang.t("preview")>
                    {choice(lang, &form, occasion, registers)}
                    {sides(lang, preview)}
                    <LivePreview form="template-form".to_owned() failed=lang.t("preview-failed")/>
                    <p class="kern-body"><a class="kern-link" href=format!("{}/probe.pdf?anlass={}", urls::TEMPLATES, occasion.key())>{lang.t("settings-sample")}</a>" · "<a class="kern-link" href=format!("{}/vorlage.json?anlass={}", urls::TEMPLATES, occasion.key())>{lang.t("template-file")}</a></p>
                </aside>
            </form>
            {images(lang, &form)}
            {history(lang, &here, versions)}
        }
        .into_any()
    })
    .status(status)
    .into())
}

fn fields(lang: Lang, form: &Form) -> AnyView {
    let placeholders = PLACEHOLDERS
        .iter()
        .map(|p| format!("{{{p}}}"))
        .collect::<Vec<_>>()
        .join(" ");
    let label = |name: &str| lang.t(&format!("template-{}", name.replace('_', "-")));
    let line = |name: &'static str| form.text(name, &label(name), Options::default());
    let area = |name: &'static str, rows: u32, optional: bool, hint: &'static str| {
        form.text(
            name,
            &label(name),
            Options {
                rows,
                optional,
                hint,
                ..Options::default()
            },
        )
    };
    let optional = |name: &'static str, width: u32, hint: &'static str| {
        form.text(
            name,
            &label(name),
            Options {
                optional: true,
                width,
                hint,
                ..Options::default()
            },
        )
    };
    let forms = [SheetForm::B, SheetForm::A]
        .map(|f| (f.key(), lang.t(&format!("sheet-form-{}", f.key()))))
        .to_vec();
    let postings = [Posting::Own, Posting::Hybrid]
        .map(|p| (p.key(), lang.t(&format!("posting-{}", p.key()))))
        .to_vec();
    let switches: Vec<_> = SWITCHES
        .into_iter()
        .map(|name| form.checkbox(name, label(name)))
        .collect();
    view! {
        <p class="kern-body">{lang.with("settings-placeholders", &[("liste", &placeholders)])}</p>
        <fieldset class="card-plain">
            <legend class="kern-heading-medium">{lang.t("template-group-text")}</legend>
            {line("subject")}
            {area("body", 6, false, "")}
            {area("steps", 9, false, "")}
            {line("closing")}
            {area("signatory", 2, false, "")}
        </fieldset>
        <fieldset class="card-plain">
            <legend class="kern-heading-medium">{lang.t("template-group-second")}</legend>
            {optional("second_name", 20, "template-second-name-hint")}
            {optional("second_language", 10, "template-second-language-hint")}
            {area("second", 4, true, "")}
        </fieldset>
        <fieldset class="card-plain">
            <legend class="kern-heading-medium">{lang.t("template-group-back")}</legend>
            {area("notice", 14, true, "template-notice-hint")}
        </fieldset>
        <fieldset class="card-plain">
            <legend class="kern-heading-medium">{lang.t("template-group-sender")}</legend>
            {line("return_line")}
            {area("contact", 6, false, "")}
        </fieldset>
        <fieldset class="card-plain">
            <legend class="kern-heading-medium">{lang.t("template-group-sheet")}</legend>
            {form.radios("form", &lang.t("sheet-form"), forms)}
            {form.radios("posting", &lang.t("posting"), postings)}
            {switches}
        </fieldset>
    }
    .into_any()
}

/// Whose letter the preview shows.
fn choice(lang: Lang, form: &Form, occasion: Occasion, registers: bool) -> AnyView {
    let example = match occasion {
        Occasion::Organisation => "preview-example-organisation",
        Occasion::First | Occasion::Reminder => "preview-example",
    };
    let mut people = vec![
        ("beispiel".to_owned(), lang.t(example)),
        ("lang".to_owned(), lang.t("preview-longest")),
    ];
    if registers {
        people.push(("register".to_owned(), lang.t("preview-register")));
    }
    let nummer = registers.then(|| {
        form.text(
            "nummer",
            &lang.t("preview-number"),
            Options {
                width: 5,
                mode: "numeric",
                ..Options::default()
            },
        )
    });
    view! {
        <div class="filter-bar">
            {form.select("person", &lang.t("preview-person"), people)}
            {nummer}
            {form.checkbox("gross", lang.t("letters-large-short"))}
        </div>
    }
    .into_any()
}

fn sides(lang: Lang, preview: Result<Vec<String>, String>) -> AnyView {
    let (drawn, problem) = match preview {
        Ok(sides) => (super::live_preview::html(&sides), None),
        Err(problem) => (String::new(), Some(problem)),
    };
    view! {
        <p class="kern-hint">{lang.t("preview-hint")}</p>
        <p class="preview__problem" id="preview-problem" role="status" aria-live="polite">{problem}</p>
        <div class="preview" id="preview-sides" inner_html=drawn></div>
    }
    .into_any()
}

fn images(lang: Lang, form: &Form) -> AnyView {
    let one = |place: ImageUse| {
        let name = place.key();
        let problem = form.problem(name);
        let error_id = format!("{name}-error");
        let described = problem.is_some().then(|| error_id.clone());
        view! {
            <form method="post" action=format!("{}/{name}", urls::TEMPLATES) enctype="multipart/form-data" class="image-form">
                <div class="kern-form-input">
                    <label class="kern-label" for=name>{lang.t(&format!("settings-{name}"))}</label>
                    <input class="kern-form-input__input" type="file" id=name name="datei" accept="image/svg+xml,image/png" aria-describedby=described required=true/>
                    {problem.map(|text| view! { <p class="kern-error" id=error_id><span class="kern-body">{text}</span></p> })}
                </div>
                {submit_as("secondary", &lang.t("upload"), "tun", "bild")}
            </form>
        }
    };
    view! {
        <section class="card-plain" aria-labelledby="images-heading">
            <h2 class="kern-heading-medium" id="images-heading">{lang.t("settings-images")}</h2>
            <p class="kern-body">{lang.t("settings-images-hint")}</p>
            {one(ImageUse::Logo)}
            {one(ImageUse::Signature)}
        </section>
    }
    .into_any()
}

fn history(lang: Lang, here: &str, versions: Vec<TemplateLine>) -> AnyView {
    let rows: Vec<_> = versions
        .into_iter()
        .map(|v| {
            view! {
                <tr class="kern-table__row">
                    <th scope="row" class="kern-table__cell"><a class="kern-link" href=format!("{here}&fassung={}", v.version)>{lang.with("template-version-short", &[("n", &v.version.to_string())])}</a></th>
                    <td class="kern-table__cell">{moment(lang, v.saved_at)}</td>
                    <td class="kern-table__cell">{v.by_name}</td>
                    <td class="kern-table__cell kern-table__cell--numeric">{lang.number(v.batches)}</td>
                </tr>
            }
        })
        .collect();
    let heads: Vec<_> = [
        "template-version",
        "template-saved-at",
        "template-saved-by",
        "batches",
    ]
    .into_iter()
    .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
    .collect();
    let table = (!rows.is_empty()).then(|| view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("template-versions")>
            <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
        </div>
    });
    view! {
        <h2 class="kern-heading-medium">{lang.t("template-versions")}</h2>
        <p class="kern-body">{lang.t("template-versions-hint")}</p>
        {table}
        {link_button("tertiary", &format!("{here}&fassung=0"), &lang.t("template-original"))}
    }
    .into_any()
}
