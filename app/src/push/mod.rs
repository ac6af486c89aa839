//! Notifications of the browser: the part of `/konto` where they are switched on and off for each device.

use crate::{
    portal::{Answer, AssetUrl, Fault, Fields, Rq, refused, set_cookie},
    ui::{
        form::Form,
        view::{badge, day, submit_as},
    },
};
use backend::{
    accounts::SignedIn,
    push::{self, Address, Overview},
};
use domain::{problem::Problems, urls};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

/// The cookie by which a device is known again: set when it is switched on, gone when somebody signs out.
const COOKIE: &str = "geraet";
/// 400 days, the longest that browsers keep a cookie.
const COOKIE_SECONDS: i64 = 400 * 24 * 60 * 60;
/// Where the part stands on the page; also the name under which it is refused.
const PLACE: &str = "mitteilungen";

fn cookie(rq: &Rq) -> Option<String> {
    rq.cookie(COOKIE)
}

/// What the account page shows; `None` where there are no notifications.
pub async fn devices(rq: &Rq, who: &SignedIn) -> Result<Option<Overview>, Fault> {
    Ok(push::overview(&rq.ctx, who, cookie(rq).as_deref()).await?)
}

/// Somebody signs out here: this device is not notified any more. Gives the cookie that forgets it.
pub async fn signed_out(rq: &Rq) -> Result<Option<String>, Fault> {
    let Some(known) = cookie(rq) else { return Ok(None) };
    push::signed_out(&rq.ctx, &known).await?;
    Ok(Some(set_cookie(&rq.ctx, COOKIE, "", 0)))
}

/// What the forms below and the script ask for.
pub async fn act(rq: &Rq, who: &SignedIn, form: &Fields) -> Result<Result<Answer, Problems>, Fault> {
    let address = Address {
        endpoint: form.get("endpunkt").to_owned(),
        p256dh: form.get("p256dh").to_owned(),
        auth: form.get("auth").to_owned(),
    };
    let back = format!("{}#{PLACE}", urls::ACCOUNT);
    match form.get("tun") {
        "push-an" => {
            let known = cookie(rq);
            let device = &rq.visitor.device;
            let on = push::switch_on(&rq.ctx, who, device, &address, known.as_deref());
            Ok(match refused(on.await)? {
                Ok(fresh) => Ok(Answer::Go {
                    to: back,
                    cookies: vec![set_cookie(&rq.ctx, COOKIE, &fresh, COOKIE_SECONDS)],
                }),
                Err(refusal) => Err(Problems::one(PLACE, refusal.key())),
            })
        }
        "push-weiter" => {
            let known = cookie(rq).ok_or(Fault::NotFound)?;
            let renewed = refused(push::renew(&rq.ctx, who, &address, &known).await)?;
            Ok(renewed
                .map(|()| Answer::go(back))
                .map_err(|refusal| Problems::one(PLACE, refusal.key())))
        }
        "push-aus" => {
            let id = Uuid::parse_str(form.get("geraet")).map_err(|_| Fault::NotFound)?;
            push::switch_off(&rq.ctx, who, id).await?;
            Ok(Ok(Answer::go(back)))
        }
        _ => Err(Fault::NotFound),
    }
}

/// The part of the page. The button appears only where the script finds that the browser can.
pub fn section(lang: Lang, form: &Form, push: Overview, asset: AssetUrl) -> AnyView {
    let here = push.devices.iter().find(|d| d.here);
    let (on, stale) = (here.is_some(), here.is_some_and(|d| d.stale));
    let states = [
        ("unsupported", "push-unsupported"),
        ("denied", "push-denied"),
        ("off", "push-off"),
        ("on", "push-on"),
        ("failed", "push-failed"),
    ]
    .map(|(state, key)| {
        view! { <p class="kern-body" data-push-says=state tabindex="-1" hidden=true>{lang.t(key)}</p> }
    })
    .into_iter()
    .collect::<Vec<_>>();
    let problem = form.problem(PLACE).map(
        |text| view! { <p class="kern-error" id=format!("{PLACE}-error")><span class="kern-body">{text}</span></p> },
    );
    let some = !push.devices.is_empty();
    let devices: Vec<_> = push
        .devices
        .into_iter()
        .map(|d| {
            let since = day(lang, d.since);
            let line = lang.with("push-device", &[("geraet", &d.name), ("datum", &since)]);
            let off = lang.with("push-remove", &[("geraet", &d.name)]);
            view! {
                <li class="session">
                    <span>{line}" "{d.here.then(|| badge("info", &lang.t("session-this")))}</span>
                    <form method="post" action=urls::ACCOUNT>
                        <input type="hidden" name="geraet" value=d.id.to_string()/>
                        {submit_as("tertiary", &off, "tun", "push-aus")}
                    </form>
                </li>
            }
        })
        .collect();
    view! {
        <section class="card-plain" id=PLACE tabindex="-1" aria-labelledby="push-heading">
            <h2 class="kern-heading-medium" id="push-heading">{lang.t("push-title")}</h2>
            <p class="kern-body">{lang.t("push-what")}</p>
            {problem}
            <noscript><p class="kern-body">{lang.t("push-no-script")}</p></noscript>
            <div role="status">{states}</div>
            <form method="post" action=urls::ACCOUNT data-push=push.key data-on=on.then_some("true") data-stale=stale.then_some("true") hidden=true>
                <input type="hidden" name="endpunkt" value=""/>
                <input type="hidden" name="p256dh" value=""/>
                <input type="hidden" name="auth" value=""/>
                {submit_as("secondary", &lang.t("push-switch-on"), "tun", "push-an")}
            </form>
            {some.then(|| view! {
                <h3 class="kern-heading-small">{lang.t("push-devices")}</h3>
                <ul class="plain-list">{devices}</ul>
            })}
            <p class="kern-body kern-body--muted">{lang.t("push-ends")}</p>
        </section>
        <script type="module" src=asset("push.js")></script>
    }
    .into_any()
}
