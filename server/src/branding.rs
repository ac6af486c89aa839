//! What carries the municipality's face: logo, colours, the manifest of the installable app and its pictures.

use app::portal::{Answer, Portal, answered};
use axum::{
    body::Bytes,
    extract::{Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use backend::municipality::{
    self, Image, ImageUse,
    app_pictures::{self, AppPicture, Words},
};
use domain::{
    municipality::{Settings, colour::Colour},
    urls,
};
use locales::Lang;
use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

const PLAIN_LOGO: &[u8] = include_bytes!("../../assets/site/icon.svg");
/// The colour of a municipality that has chosen none.
const PLAIN_COLOUR: Colour = Colour::new(0x17, 0x1a, 0x2b);

async fn logo_of(portal: &Portal) -> Image {
    let found = municipality::image(&portal.ctx, ImageUse::Logo, None).await;
    found.ok().flatten().unwrap_or_else(|| Image {
        hash: "plain".to_owned(),
        media_type: "image/svg+xml".to_owned(),
        bytes: PLAIN_LOGO.to_vec(),
    })
}

/// `GET /logo`: the municipality's logo, or a plain one.
pub async fn logo(State(portal): State<Portal>) -> Response {
    let image = logo_of(&portal).await;
    // an SVG that is opened by itself must not run anything
    let headers = [
        (header::CONTENT_TYPE, image.media_type),
        (header::CACHE_CONTROL, "public, max-age=300".to_owned()),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'".to_owned(),
        ),
    ];
    (headers, Bytes::from(image.bytes)).into_response()
}

/// `GET /farben.css`: the municipality's colour in KERN's tokens; pages name it only if there is one.
pub async fn colours(State(portal): State<Portal>) -> Response {
    let Ok(current) = municipality::remembered(&portal.ctx).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let css = current.settings.own_colour().map(stylesheet).unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        // the address names the version of the settings
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, css).into_response()
}

fn stylesheet(colour: Colour) -> String {
    let tokens = |c: Colour, on: &str| {
        format!(
            ":root{{--kern-color-action-default:{c};--kern-color-action-visited:{c};--kern-color-action-on-default:{on};--brand:{c}}}",
            c = c.hex()
        )
    };
    format!(
        "{}@media screen and (prefers-color-scheme:dark){{{}}}",
        tokens(colour, "#fff"),
        tokens(colour.for_dark(), "#000")
    )
}

/// Changes whenever one of the pictures may look different.
fn version(settings_version: i64, logo: &Image) -> String {
    format!("{settings_version}-{}", &logo.hash[..logo.hash.len().min(8)])
}

/// `GET /manifest.webmanifest`: the app has the municipality's name, colour and logo, in the browser's language.
pub async fn manifest(State(portal): State<Portal>, request: Request) -> Response {
    let logo = logo_of(&portal).await;
    answered(portal, request, |rq| async move {
        let lang = rq.lang;
        let version = version(rq.settings_version, &logo);
        let picture = |p: AppPicture| {
            let (w, h) = p.size();
            serde_json::json!({"src": format!("/app/{version}/{}", p.name()), "sizes": format!("{w}x{h}"), "type": "image/png"})
        };
        let with = |p: AppPicture, key: &str, value: &str| {
            let mut json = picture(p);
            json[key] = value.into();
            json
        };
        let view = |p: AppPicture, form: &str| {
            let mut json = with(p, "form_factor", form);
            json["label"] = lang.with("start-heading", &[("kommune", &rq.settings.name)]).into();
            json
        };
        let shortcut = |key: &str, to: &str| serde_json::json!({"name": lang.t(key), "url": to});
        let colour = rq.settings.own_colour().unwrap_or(PLAIN_COLOUR).hex();
        let manifest = serde_json::json!({
            "id": "/", "start_url": "/", "scope": "/", "display": "standalone",
            "name": lang.with("portal-name", &[("kommune", &rq.settings.name)]), "short_name": rq.settings.name,
            "description": lang.t("start-intro"), "lang": lang.code(), "dir": lang.direction(), "categories": ["government"],
            "background_color": "#ffffff", "theme_color": colour,
            "icons": [
                with(AppPicture::Icon(192), "purpose", "any"),
                with(AppPicture::Icon(512), "purpose", "any"),
                with(AppPicture::Maskable, "purpose", "maskable"),
            ],
            "screenshots": [view(AppPicture::Narrow, "narrow"), view(AppPicture::Wide, "wide")],
            "shortcuts": [shortcut("register-title", urls::REGISTER), shortcut("nav-account", urls::ACCOUNT)],
        });
        let headers = [
            (header::CONTENT_TYPE, "application/manifest+json"),
            (header::CACHE_CONTROL, "private, max-age=300"),
        ];
        Ok(Answer::Raw((headers, manifest.to_string()).into_response()))
    })
    .await
}

/// Pictures that were drawn already: they are few, and drawing takes some milliseconds.
static DRAWN: LazyLock<Mutex<HashMap<String, Bytes>>> = LazyLock::new(Mutex::default);
/// Pictures that are kept; after that the memory is emptied.
const MOST_DRAWN: usize = 64;

fn words(settings: &Settings, lang: Lang) -> Words {
    let name = [("kommune", settings.name.as_str())];
    Words {
        portal: lang.with("portal-name", &name),
        heading: lang.with("start-heading", &name),
        intro: lang.t("start-intro"),
        button: lang.t("start-register"),
        steps: (1..=3).map(|i| lang.t(&format!("start-step-{i}"))).collect(),
    }
}

/// `GET /app/{version}/{name}`: an icon or a view of the app. The version is in the address so that browsers may keep it.
pub async fn picture(
    State(portal): State<Portal>,
    Path((_, name)): Path<(String, String)>,
    request: Request,
) -> Response {
    let logo = logo_of(&portal).await;
    answered(portal, request, |rq| async move {
        let picture = AppPicture::parse(&name).ok_or(app::portal::Fault::NotFound)?;
        let (settings, lang) = (rq.settings.clone(), rq.lang);
        let key = format!(
            "{}/{}/{name}/{}",
            rq.ctx.base_url,
            version(rq.settings_version, &logo),
            lang.code()
        );
        let known = DRAWN
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        let png = match known {
            Some(png) => png,
            None => {
                let drawn = tokio::task::spawn_blocking(move || {
                    let colour = settings.own_colour().unwrap_or(PLAIN_COLOUR);
                    app_pictures::draw(picture, &logo, colour, &words(&settings, lang))
                });
                let png = drawn.await.ok().flatten().ok_or(app::portal::Fault::NotFound)?;
                let png = Bytes::from(png);
                let mut all = DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
                if all.len() >= MOST_DRAWN {
                    all.clear();
                }
                all.insert(key, png.clone());
                png
            }
        };
        let headers = [
            (header::CONTENT_TYPE, "image/png"),
            (header::CACHE_CONTROL, "private, max-age=604800"),
        ];
        Ok(Answer::Raw((headers, png).into_response()))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dark_colour_is_another_one() {
        let css = stylesheet(Colour::new(0x0b, 0x3d, 0x91));
        assert!(
            css.starts_with(":root{--kern-color-action-default:#0b3d91;"),
            "{css}"
        );
        assert_eq!(css.matches("#0b3d91").count(), 3, "{css}");
    }
}
