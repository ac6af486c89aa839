//! The site: embedded in release builds, read from `target/site` while developing. Names carry a hash, so browsers
//! may keep them for ever; brotli and gzip are made once, when the site is built.

use axum::{
    extract::{Path, Request},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};
use std::{collections::HashMap, sync::LazyLock};

#[derive(RustEmbed)]
#[folder = "../target/site"]
struct Site;

/// `names.txt` of the site: plain name and hashed name, a line each.
fn names() -> HashMap<String, String> {
    let text = Site::get("names.txt")
        .map(|f| String::from_utf8_lossy(&f.data).into_owned())
        .unwrap_or_default();
    text.lines()
        .filter_map(|l| l.split_once(' '))
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .collect()
}

static NAMES: LazyLock<HashMap<String, String>> = LazyLock::new(names);

/// The address of an asset by its plain name.
pub fn url(name: &str) -> String {
    // a developer's site changes while the server runs
    let hashed = if cfg!(debug_assertions) {
        names().get(name).cloned()
    } else {
        NAMES.get(name).cloned()
    };
    format!("/assets/{}", hashed.as_deref().unwrap_or(name))
}

/// Is the site there at all?
pub fn present() -> bool {
    Site::get("names.txt").is_some()
}

/// `/assets/{name}`.
pub async fn serve(Path(name): Path<String>, request: Request) -> Response {
    file(&name, request.headers(), "public, max-age=31536000, immutable")
}

/// A file with a plain name at the root, such as the service worker.
pub fn root(name: &'static str) -> impl Fn(Request) -> std::future::Ready<Response> + Clone {
    move |request: Request| {
        let hashed = url(name);
        let hashed = hashed.strip_prefix("/assets/").unwrap_or(name);
        std::future::ready(file(hashed, request.headers(), "no-cache"))
    }
}

fn file(name: &str, headers: &HeaderMap, cache: &'static str) -> Response {
    let accepts = |encoding: &str| {
        headers
            .get(header::ACCEPT_ENCODING)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| {
                v.split(',')
                    .any(|part| part.trim().split(';').next() == Some(encoding))
            })
    };
    let variants = [("br", "br"), ("gzip", "gz")];
    let found: Option<(EmbeddedFile, Option<&'static str>)> = variants
        .into_iter()
        .filter(|(encoding, _)| accepts(encoding))
        .find_map(|(encoding, ending)| Site::get(&format!("{name}.{ending}")).map(|f| (f, Some(encoding))))
        .or_else(|| Site::get(name).map(|f| (f, None)));
    let Some((file, encoding)) = found else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = if name.ends_with(".wasm") {
        "application/wasm".to_owned()
    } else {
        let kind = mime_guess::from_path(name).first_or_octet_stream();
        match kind.type_() == mime_guess::mime::TEXT {
            true => format!("{kind}; charset=utf-8"),
            false => kind.to_string(),
        }
    };
    let mut response = file.data.into_owned().into_response();
    let set = response.headers_mut();
    if let Ok(kind) = kind.parse() {
        set.insert(header::CONTENT_TYPE, kind);
    }
    set.insert(header::CACHE_CONTROL, header::HeaderValue::from_static(cache));
    set.insert(header::VARY, header::HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        set.insert(
            header::CONTENT_ENCODING,
            header::HeaderValue::from_static(encoding),
        );
    }
    response
}
