//! Pages that are the same for everybody who is not signed in: drawn and compressed once for each language. On the day
//! when letters arrive, thousands open the same two pages (docs/adr/0031).

use crate::portal::{Answer, Outcome, Rq, html, page_headers, respond};
use axum::{
    body::Bytes,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use std::{
    collections::HashMap,
    io::Write,
    sync::{PoisonError, RwLock},
    time::{Duration, Instant},
};

/// Most pages that are kept; then the memory is emptied. There are about twenty such pages in each language.
const MOST: usize = 256;

/// So long a page is kept: what is published elsewhere than in the settings (a text of the town) appears that much later.
const STAYS: Duration = Duration::from_secs(5);

/// What makes one of them different from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    path: String,
    language: &'static str,
    settings: i64,
    /// Changes with a developer's site while the server runs.
    style: String,
    script: String,
}

/// One page, ready to be sent.
#[derive(Clone)]
struct Kept {
    plain: Bytes,
    brotli: Bytes,
    gzip: Bytes,
    drawn: Instant,
}

/// The memory of a portal.
#[derive(Default)]
pub struct KeptPages(RwLock<HashMap<Key, Kept>>);

fn key(rq: &Rq) -> Option<Key> {
    let plain = rq.token.is_none() && rq.form.is_none() && rq.query.0.is_empty();
    plain.then(|| Key {
        path: rq.path.clone(),
        language: rq.lang.code(),
        settings: rq.settings_version,
        style: (rq.asset)("site.css"),
        script: (rq.asset)("site.js"),
    })
}

impl KeptPages {
    /// The answer, if it is known.
    pub(crate) fn find(&self, rq: &Rq) -> Option<Response> {
        let key = key(rq)?;
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let fresh = all.get(&key).filter(|kept| kept.drawn.elapsed() < STAYS);
        fresh.map(|kept| answer(kept, rq.accepts_encoding.as_ref()))
    }

    /// Answers; draws and keeps the page if it is one of these.
    pub(crate) fn respond(&self, rq: Rq, outcome: Outcome) -> Response {
        let (page, key) = match (outcome, key(&rq)) {
            (Ok(Answer::Page(page)), Some(key))
                if page.same_for_everybody && page.status == StatusCode::OK =>
            {
                (page, key)
            }
            (other, _) => return respond(rq, other),
        };
        let kept = Kept::new(html(&rq, page));
        let response = answer(&kept, rq.accepts_encoding.as_ref());
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(key, kept);
        response
    }
}

impl Kept {
    fn new(html: String) -> Self {
        let mut brotli = Vec::new();
        let parameters = brotli::enc::BrotliEncoderParams {
            quality: 9,
            ..Default::default()
        };
        let packed = brotli::BrotliCompress(&mut html.as_bytes(), &mut brotli, &parameters);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        let zipped = gzip.write_all(html.as_bytes()).and_then(|()| gzip.finish());
        Self {
            // nothing is written but memory, so neither fails; an empty one is not used
            brotli: packed.map(|_| brotli).unwrap_or_default().into(),
            gzip: zipped.unwrap_or_default().into(),
            plain: html.into(),
            drawn: Instant::now(),
        }
    }
}

fn answer(kept: &Kept, accepted: Option<&HeaderValue>) -> Response {
    let accepts = |encoding: &str| {
        accepted.and_then(|v| v.to_str().ok()).is_some_and(|v| {
            v.split(',').any(|part| {
                let (name, quality) = part.split_once(';').unwrap_or((part, ""));
                name.trim() == encoding && quality.trim() != "q=0"
            })
        })
    };
    let found = [("br", &kept.brotli), ("gzip", &kept.gzip)]
        .into_iter()
        .find(|(name, bytes)| !bytes.is_empty() && accepts(name));
    let mut response = (page_headers(), found.map_or(&kept.plain, |f| f.1).clone()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some((name, _)) = found {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}
