//! Public texts of the municipality: what everybody reads.

use crate::{
    portal::{Fault, Outcome, Page, Rq},
    ui::view::{TOWN, alert, link_button, plain_day},
};
use backend::municipality::{self, TextVersion};
use domain::{
    municipality::{
        land::Land,
        public_text::{Block, Span, TextKind, parse},
    },
    urls,
};
use leptos::prelude::*;

/// A text as staff wrote it, in its language.
pub(super) fn body(text: &str, language: &str) -> AnyView {
    let blocks: Vec<_> = parse(text)
        .into_iter()
        .map(|block| match block {
            Block::Heading(words) => view! { <h2 class="kern-heading-medium">{words}</h2> }.into_any(),
            Block::Paragraph(line) => view! { <p class="kern-body">{spans(line)}</p> }.into_any(),
            Block::List(points) => {
                let points: Vec<_> = points
                    .into_iter()
                    .map(|line| view! { <li class="kern-body">{spans(line)}</li> })
                    .collect();
                view! { <ul class="kern-list">{points}</ul> }.into_any()
            }
        })
        .collect();
    view! { <div class="public-text" lang=language.to_owned()>{blocks}</div> }.into_any()
}

fn spans(line: Vec<Span>) -> Vec<AnyView> {
    line.into_iter()
        .map(|span| match span {
            Span::Words(words) => words.into_any(),
            Span::Link { words, to } => view! { <a class="kern-link" href=to>{words}</a> }.into_any(),
        })
        .collect()
}

/// The built-in text of a kind, in the same format; placeholders are filled with the town's contact data.
pub(super) fn built_in(rq: &Rq, kind: TextKind, lang: locales::Lang) -> String {
    let s = &rq.settings;
    if kind == TextKind::Imprint && !s.imprint.trim().is_empty() {
        return s.imprint.clone();
    }
    let args = [
        ("kommune", s.name.as_str()),
        ("sender", s.sender.as_str()),
        ("abteilung", s.department.as_str()),
        ("strasse", s.street.as_str()),
        ("plz", s.postcode.as_str()),
        ("ort", s.city.as_str()),
        ("telefon", s.telephone.as_str()),
        ("email", s.email.as_str()),
        ("zeiten", s.opening_hours.as_str()),
    ];
    let key = match kind {
        TextKind::Imprint => "imprint",
        TextKind::Privacy => "privacy",
        TextKind::Contact => "contact-page",
        TextKind::Accessibility => "accessibility",
        TextKind::EasyLanguage => "easy",
        TextKind::SignLanguage => "signs",
    };
    let mut parts = Vec::new();
    for i in 1.. {
        let (heading, text) = (format!("{key}-heading-{i}"), format!("{key}-text-{i}"));
        if !lang.has(&text) {
            break;
        }
        if lang.has(&heading) {
            parts.push(format!("## {}", lang.t(&heading)));
        }
        parts.push(lang.with(&text, &args));
    }
    parts.join("\n\n")
}

/// What a page shows: the published text, or the built-in one.
async fn shown(rq: &Rq, kind: TextKind) -> Result<(AnyViewOf, Option<TextVersion>), Fault> {
    let found = municipality::published(&rq.ctx, kind, rq.lang.code()).await?;
    let german = locales::Lang::parse("de");
    // there is no Leichte Sprache but in German
    let own = if kind == TextKind::EasyLanguage || kind == TextKind::SignLanguage {
        german
    } else {
        rq.lang
    };
    let (text, language) = match &found {
        Some(version) => (version.text.clone(), version.language.clone()),
        None if kind == TextKind::Imprint && !rq.settings.imprint.trim().is_empty() => {
            (rq.settings.imprint.clone(), TOWN.to_owned())
        }
        None => (built_in(rq, kind, own), own.code().to_owned()),
    };
    Ok((AnyViewOf { text, language }, found))
}

struct AnyViewOf {
    text: String,
    language: String,
}

async fn text_page(rq: Rq, kind: TextKind, more: fn(&Rq) -> AnyView) -> Outcome {
    let (text, found) = shown(&rq, kind).await?;
    let lang = rq.lang;
    let german = kind == TextKind::EasyLanguage || kind == TextKind::SignLanguage;
    let title = if german { locales::Lang::parse("de") } else { lang }.t(&format!("text-{}", kind.key()));
    let day = found.map(|v| plain_day(lang, domain::time::local(v.saved_at).date()));
    let elsewhere = text.language != lang.code();
    let film = if kind == TextKind::SignLanguage {
        municipality::film(&rq.ctx).await?.map(|f| f.media_type)
    } else {
        None
    };
    let heading = title.clone();
    Ok(Page::new(title, move || {
        let more = more(&rq);
        view! {
            <h1 class="kern-heading-x-large" lang=german.then_some("de")>{heading}</h1>
            {elsewhere.then(|| alert("info", &lang.t("text-in-german"), ()))}
            {film.map(|kind| view! {
                <video class="sign-film" controls=true preload="metadata" playsinline=true aria-label=lang.t("sign-film")><source src=urls::SIGN_FILM type=kind/></video>
            })}
            {body(&text.text, &text.language)}
            {more}
            {day.map(|day| view! { <p class="kern-body muted">{lang.with("text-as-of", &[("tag", &day)])}</p> })}
        }
        .into_any()
    })
    .into())
}

/// `/impressum`.
pub async fn imprint(rq: Rq) -> Outcome {
    text_page(rq, TextKind::Imprint, |_| ().into_any()).await
}

/// `/datenschutz`.
pub async fn privacy(rq: Rq) -> Outcome {
    text_page(rq, TextKind::Privacy, |_| ().into_any()).await
}

/// `/kontakt`.
pub async fn contact(rq: Rq) -> Outcome {
    text_page(rq, TextKind::Contact, |_| ().into_any()).await
}

/// `/barrierefreiheit`: the statement, the way to report a barrier, and whom people can turn to then.
pub async fn accessibility(rq: Rq) -> Outcome {
    text_page(rq, TextKind::Accessibility, |rq| {
        let lang = rq.lang;
        let body = Land::parse(&rq.settings.land).map(|land| {
            view! {
                <h2 class="kern-heading-medium">{lang.t("enforcement-title")}</h2>
                <p class="kern-body">{lang.t("enforcement-text")}</p>
                <p class="kern-body" lang=TOWN><strong>{land.body()}</strong><span class="line">{land.name()}</span></p>
            }
        });
        view! {
            <h2 class="kern-heading-medium">{lang.t("barrier-title")}</h2>
            <p class="kern-body">{lang.t("barrier-intro")}</p>
            <div class="buttons">{link_button("primary", urls::BARRIER, &lang.t("barrier-title"))}</div>
            {body}
        }
        .into_any()
    })
    .await
}

/// `/leichte-sprache`.
pub async fn easy_language(rq: Rq) -> Outcome {
    text_page(rq, TextKind::EasyLanguage, |_| ().into_any()).await
}

/// `/gebaerdensprache`: there only when the film and its words are published.
pub async fn sign_language(rq: Rq) -> Outcome {
    if !municipality::sign_language(&rq.ctx).await? {
        return Err(Fault::NotFound);
    }
    text_page(rq, TextKind::SignLanguage, |_| ().into_any()).await
}
