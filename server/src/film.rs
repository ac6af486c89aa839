//! The film in sign language: uploaded as a stream, served in parts as players ask for it (RFC 9110, section 14).

use crate::files::staff_upload;
use app::portal::{Answer, Fault, Portal, answered, respond};
use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use backend::{
    Failure,
    municipality::{self, PIECE},
};
use domain::{access::Permission, municipality::public_text::TextKind, problem::Problems, urls};

/// `POST /verwaltung/texte/film`.
pub async fn upload(State(portal): State<Portal>, request: Request) -> Response {
    let permission = Permission::ChangeSettings;
    let (rq, request) = match staff_upload(&portal, request, permission).await {
        Ok(both) => both,
        Err(response) => return response,
    };
    let actor = match rq.staff(permission) {
        Ok(actor) => actor,
        Err(fault) => return respond(rq, Err(fault)),
    };
    let taken = take(&rq.ctx, actor, request).await;
    let outcome = match taken {
        Ok(()) => Ok(Answer::go(format!(
            "{}/{}?gespeichert=1",
            urls::TEXTS,
            TextKind::SignLanguage.key()
        ))),
        Err(Failure::Refused(problems)) => {
            let german = locales::Lang::parse("de");
            app::municipality::staff_texts::show(&rq, TextKind::SignLanguage, german, None, Some(problems))
                .await
        }
        Err(Failure::Denied) => Err(Fault::Denied),
        Err(Failure::Busy) => Err(Fault::Busy),
        Err(Failure::Broken(incident)) => Err(Fault::Broken(incident)),
    };
    respond(rq, outcome)
}

async fn take(
    ctx: &backend::Ctx,
    actor: domain::access::Actor,
    request: Request,
) -> Result<(), Failure<Problems>> {
    let missing = || Failure::Refused(Problems::one("film", "problem-required"));
    let large = |_| Failure::Refused(Problems::one("film", "film-large"));
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| missing())?;
    while let Some(mut field) = form.next_field().await.map_err(large)? {
        if field.name() != Some("datei") {
            continue;
        }
        let mut film = municipality::begin_film(ctx, actor)?;
        // an error here is the body limit of the router
        while let Some(piece) = field.chunk().await.map_err(large)? {
            film.add(ctx, &piece).await?;
        }
        return film.finish(ctx).await;
    }
    Err(missing())
}

/// The bytes that a `Range` header asks for: first and last. `Err`: there are no such bytes. Several ranges at once are
/// answered as none (the whole file), which is allowed.
fn range(headers: &HeaderMap, size: u64) -> Result<Option<(u64, u64)>, ()> {
    let Some(value) = headers.get(header::RANGE).and_then(|v| v.to_str().ok()) else {
        return Ok(None);
    };
    let Some((first, last)) = value.strip_prefix("bytes=").and_then(|r| r.split_once('-')) else {
        return Ok(None);
    };
    if value.contains(',') {
        return Ok(None);
    }
    let end = size.saturating_sub(1);
    let found = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.min(end)),
        (Ok(first), Err(_)) if last.trim().is_empty() => (first, end),
        (Err(_), Ok(count)) if first.trim().is_empty() && count > 0 => (size.saturating_sub(count), end),
        _ => return Ok(None),
    };
    if size == 0 || found.0 > end {
        Err(())
    } else {
        Ok(Some(found))
    }
}

/// `GET /gebaerdensprache/film`.
pub async fn film(State(portal): State<Portal>, request: Request) -> Response {
    let headers = request.headers().clone();
    answered(portal, request, |rq| async move {
        let film = municipality::film(&rq.ctx).await?.ok_or(Fault::NotFound)?;
        let size = u64::try_from(film.bytes).unwrap_or(0);
        let etag = format!("\"{}\"", film.id);
        let if_range = headers
            .get(header::IF_RANGE)
            .is_none_or(|v| v.as_bytes() == etag.as_bytes());
        let part = if if_range { range(&headers, size) } else { Ok(None) };
        let Ok(part) = part else {
            let headers = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok(Answer::Raw(
                (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response(),
            ));
        };
        let (first, last) = part.unwrap_or((0, size.saturating_sub(1)));
        let status = if part.is_some() {
            StatusCode::PARTIAL_CONTENT
        } else {
            StatusCode::OK
        };
        let (ctx, id) = (rq.ctx.clone(), film.id);
        let step = u64::try_from(PIECE).unwrap_or(1);
        // one piece after the other, as fast as it is watched
        let stream = futures::stream::try_unfold(first, move |at| {
            let ctx = ctx.clone();
            async move {
                if at > last {
                    return Ok::<_, std::io::Error>(None);
                }
                let number = i64::try_from(at / step).unwrap_or(0);
                let piece = municipality::piece(&ctx, id, number).await;
                let piece = piece
                    .ok()
                    .flatten()
                    .ok_or_else(|| std::io::Error::other("the film is gone"))?;
                let from = usize::try_from(at % step).unwrap_or(0);
                let count = usize::try_from(last - at + 1).unwrap_or(usize::MAX);
                let bytes = piece.get(from..).unwrap_or_default();
                let bytes = bytes[..bytes.len().min(count)].to_vec();
                if bytes.is_empty() {
                    return Err(std::io::Error::other("the film is shorter than it was"));
                }
                let next = at + u64::try_from(bytes.len()).unwrap_or(1);
                Ok(Some((bytes, next)))
            }
        });
        let mut response = (status, Body::from_stream(stream)).into_response();
        let set = response.headers_mut();
        let mut put = |name, value: String| {
            if let Ok(value) = value.parse() {
                set.insert(name, value);
            }
        };
        put(header::CONTENT_TYPE, film.media_type);
        put(
            header::CONTENT_LENGTH,
            (last + 1).saturating_sub(first).to_string(),
        );
        put(header::ACCEPT_RANGES, "bytes".to_owned());
        put(header::ETAG, etag);
        put(header::CACHE_CONTROL, "public, max-age=300".to_owned());
        if part.is_some() {
            put(header::CONTENT_RANGE, format!("bytes {first}-{last}/{size}"));
        }
        Ok(Answer::Raw(response))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let ask = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, value.parse().unwrap());
            range(&headers, 1_000)
        };
        assert_eq!(range(&HeaderMap::new(), 1_000), Ok(None));
        assert_eq!(ask("bytes=0-"), Ok(Some((0, 999))));
        assert_eq!(ask("bytes=10-19"), Ok(Some((10, 19))));
        assert_eq!(ask("bytes=990-5000"), Ok(Some((990, 999))));
        assert_eq!(ask("bytes=-100"), Ok(Some((900, 999))));
        assert_eq!(ask("bytes=-5000"), Ok(Some((0, 999))));
        assert_eq!(ask("bytes=1000-"), Err(()));
        for odd in [
            "bytes=5-1",
            "bytes=a-b",
            "items=0-1",
            "bytes=0-1,5-6",
            "bytes=-0",
            "bytes=",
        ] {
            assert_eq!(ask(odd), Ok(None), "{odd}");
        }
    }

    #[test]
    fn no_range_leaves_the_file() {
        let numbers = || {
            (0..8)
                .map(|n| n.to_string())
                .chain(["", "x", "-1", "18446744073709551616"].map(String::from))
        };
        for size in 0..6 {
            for (first, last) in numbers().flat_map(|first| numbers().map(move |last| (first.clone(), last)))
            {
                let mut headers = HeaderMap::new();
                headers.insert(header::RANGE, format!("bytes={first}-{last}").parse().unwrap());
                if let Ok(Some((from, to))) = range(&headers, size) {
                    assert!(from <= to && to < size, "{first}-{last} of {size}: {from}-{to}");
                }
            }
        }
    }
}
