//! Comments under a notice, an idea or a result.

use super::{byline, chosen_voice, earlier, tools, voice};
use crate::{
    portal::{Answer, Fault, Rq, Typed, encode, refused},
    ui::{
        form::{Form, Options},
        view::submit_as,
    },
};
use axum::http::StatusCode;
use backend::talk::{self, Voices, WithVersions};
use domain::{problem::Problems, talk::Subject, urls};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

/// The comments of a page, with the form for one more.
pub struct Comments {
    lang: Lang,
    form: Form,
    list: Vec<WithVersions>,
    voices: Voices,
    me: Option<Uuid>,
    on: bool,
    here: String,
}

/// Takes a comment if the form is one: then there is an answer. Everything else of the page is the page's business.
pub async fn act(rq: &Rq, subject: Subject, id: Uuid, here: &str) -> Result<Result<Answer, Comments>, Fault> {
    let mut problems = Problems::default();
    if let Some(form) = &rq.form
        && form.get("tun") == "kommentar"
    {
        let who = rq.resident()?;
        let text = form.get("beitrag");
        match refused(talk::comment(&rq.ctx, who, chosen_voice(form), subject, id, text).await)? {
            Ok(new) => return Ok(Ok(Answer::go(format!("{here}#beitrag-{new}")))),
            Err(refusal) => problems = refusal.problems(),
        }
    }
    Ok(Err(Comments {
        lang: rq.lang,
        form: Form::new(
            rq.lang,
            Typed {
                values: rq.typed(),
                problems,
            },
        ),
        list: talk::comments(&rq.ctx, rq.who.as_ref(), subject, id).await?,
        voices: talk::voices(&rq.ctx, rq.who.as_ref()).await?,
        me: rq.who.as_ref().map(|w| w.account),
        on: rq.settings.comments,
        here: here.to_owned(),
    }))
}

impl Comments {
    /// 422 if a comment was refused.
    pub fn status(&self) -> StatusCode {
        if self.form.has_problem() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        }
    }

    /// Complaints, for the top of the page.
    pub fn summary(&self) -> AnyView {
        self.form.summary()
    }

    /// All comments; nothing where they are switched off.
    pub fn view(&self) -> AnyView {
        if !self.on {
            return ().into_any();
        }
        let lang = self.lang;
        let count = i64::try_from(self.list.len()).unwrap_or(0);
        let items: Vec<_> = self
            .list
            .iter()
            .map(|(c, versions)| {
                view! {
                    <li class="card-plain stack" id=format!("beitrag-{}", c.id)>
                        {byline(lang, c)}
                        <p class="kern-body written" lang=crate::ui::view::TOWN>{c.text.clone()}</p>
                        {earlier(lang, c, versions)}
                        {tools(lang, c, self.me)}
                    </li>
                }
            })
            .collect();
        view! {
            <section aria-labelledby="comments-heading" class="stack">
                <h2 class="kern-heading-medium" id="comments-heading">{lang.n("comments-count", count)}</h2>
                <ul class="files">{items}</ul>
                {self.own()}
            </section>
        }
        .into_any()
    }

    /// The form, or why there is none.
    fn own(&self) -> AnyView {
        let lang = self.lang;
        let rules = view! { <a class="kern-link" href=urls::HOUSE_RULES>{lang.t("house-rules")}</a> };
        if self.me.is_none() {
            let to = format!("{}?zurueck={}", urls::SIGN_IN, encode(&self.here));
            return view! { <p class="kern-body"><a class="kern-link" href=to>{lang.t("sign-in")}</a>" "{lang.t("talk-sign-in")}" "{rules}</p> }.into_any();
        }
        if !self.voices.any() {
            return view! { <p class="kern-body">{lang.t("talk-not-verified")}" "{rules}</p> }.into_any();
        }
        view! {
            <form method="post" action=self.here.clone() novalidate=true class="card-plain stack">
                <h3 class="kern-heading-small">{lang.t("comment-new")}</h3>
                {voice(lang, &self.form, &self.voices)}
                {self.form.text("beitrag", &lang.t("comment-text"), Options { rows: 4, ..Options::default() })}
                <p class="kern-hint">{lang.t("talk-rules-hint")}" "{rules}</p>
                {submit_as("secondary", &lang.t("comment-send"), "tun", "kommentar")}
            </form>
        }
        .into_any()
    }
}
