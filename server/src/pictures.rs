//! Pictures of documents: forms that carry one, and the way back to those who may see it. Never at a public address.

use app::portal::{Answer, Fault, Fields, Portal, Rq, request_of, respond};
use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request, State},
    http::header,
    response::{IntoResponse, Response},
};
use backend::cases::{self, MAX_UPLOAD, PictureProblem};
use domain::access::Permission;
use std::time::Duration;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// Most bytes of a form that are read, to say in words that the picture is too large.
pub const MOST_READ: usize = 4 * MAX_UPLOAD;
/// Most bytes of the other fields together.
const TEXT_BYTES: usize = 64 * 1024;

/// Splits off what pages see; whoever is not signed in is sent away before the body is read.
async fn signed_in(portal: &Portal, request: Request) -> Result<(Rq, Request), Response> {
    let (parts, body) = request.into_parts();
    let mut probe = Request::new(Body::empty());
    *probe.headers_mut() = parts.headers.clone();
    *probe.extensions_mut() = parts.extensions.clone();
    *probe.uri_mut() = parts.uri.clone();
    let mut rq = request_of(portal, probe).await?;
    // the part of the path stands in the extensions of the real request
    let id = parts.uri.path().split('/').nth(3).unwrap_or_default();
    rq.params = vec![("id".to_owned(), id.to_owned())];
    let allowed = async {
        let who = rq.resident()?;
        // nobody sends megabytes to a case that is not the own one
        cases::own_case(&rq.ctx, who, rq.id()?).await?;
        Ok(())
    };
    match allowed.await {
        Ok(()) => Ok((rq, Request::from_parts(parts, body))),
        Err(fault) => Err(respond(rq, Err(fault))),
    }
}

/// Forms that are read at the same time: each may hold a picture in memory.
static READING: Semaphore = Semaphore::const_new(12);
/// Who sends slower than this must not keep others from sending.
const PATIENCE: Duration = Duration::from_secs(180);

/// Fields and the picture of a form.
async fn read(request: Request) -> (Fields, Result<Vec<u8>, PictureProblem>) {
    let _permit = READING.acquire().await;
    let slow = (Fields::default(), Err(PictureProblem::Missing));
    tokio::time::timeout(PATIENCE, read_now(request))
        .await
        .unwrap_or(slow)
}

async fn read_now(request: Request) -> (Fields, Result<Vec<u8>, PictureProblem>) {
    let mut fields = Fields::default();
    let mut picture = Err(PictureProblem::Missing);
    let Ok(mut form) = Multipart::from_request(request, &()).await else {
        return (fields, picture);
    };
    let mut room = TEXT_BYTES;
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            // the body limit of the router
            Err(_) => return (fields, Err(PictureProblem::TooLarge)),
        };
        let name = field.name().unwrap_or("").to_owned();
        if name == "bild" {
            picture = match file(field).await {
                Ok(bytes) if bytes.is_empty() => Err(PictureProblem::Missing),
                result => result,
            };
        } else {
            let Some(text) = text(field, room).await else {
                return (fields, Err(PictureProblem::TooLarge));
            };
            // a name and a value cost something even if they are empty
            room = room.saturating_sub(text.len() + name.len() + 16);
            fields = fields.with(&name, text);
        }
    }
    (fields, picture)
}

/// The text of a field; `None` if it does not fit.
async fn text(mut field: axum::extract::multipart::Field<'_>, room: usize) -> Option<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.ok()? {
        if bytes.len() + piece.len() > room {
            return None;
        }
        bytes.extend_from_slice(&piece);
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// A file that is too large is read to its end all the same: a browser shows no answer before it has sent everything.
async fn file(mut field: axum::extract::multipart::Field<'_>) -> Result<Vec<u8>, PictureProblem> {
    let mut bytes = Vec::new();
    let mut fits = true;
    loop {
        match field.chunk().await {
            Ok(Some(piece)) => {
                fits = fits && bytes.len() + piece.len() <= MAX_UPLOAD;
                if fits {
                    bytes.extend_from_slice(&piece);
                } else {
                    bytes = Vec::new();
                }
            }
            Ok(None) if fits => return Ok(bytes),
            _ => return Err(PictureProblem::TooLarge),
        }
    }
}

/// `POST /konto/vorgaenge/{id}/nachweis/bild`.
pub async fn proof(State(portal): State<Portal>, request: Request) -> Response {
    let (rq, request) = match signed_in(&portal, request).await {
        Ok(both) => both,
        Err(response) => return response,
    };
    let (form, picture) = read(request).await;
    let outcome = app::cases::citizen::proof_uploaded(&rq, &form, picture).await;
    respond(rq, outcome)
}

/// `POST /konto/vorgaenge/{id}/antwort`: the answer to a task.
pub async fn answer(State(portal): State<Portal>, request: Request) -> Response {
    let (rq, request) = match signed_in(&portal, request).await {
        Ok(both) => both,
        Err(response) => return response,
    };
    let (form, picture) = read(request).await;
    let outcome = app::cases::own::answered(&rq, &form, picture).await;
    respond(rq, outcome)
}

/// A picture for one pair of eyes: not stored by anybody on the way, not run by a browser.
fn jpeg(bytes: Vec<u8>) -> Answer {
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"ausweis.jpg\""),
    ];
    Answer::Raw((headers, bytes).into_response())
}

fn picture_id(rq: &Rq) -> Result<Uuid, Fault> {
    Uuid::parse_str(rq.param("bild")).map_err(|_| Fault::NotFound)
}

/// `GET /konto/vorgaenge/{id}/bild/{bild}`: the own picture.
pub async fn own(State(portal): State<Portal>, request: Request) -> Response {
    let rq = match request_of(&portal, request).await {
        Ok(rq) => rq,
        Err(response) => return response,
    };
    let outcome = async {
        let who = rq.resident()?;
        let (id, file) = (rq.id()?, picture_id(&rq)?);
        Ok(jpeg(cases::own_picture(&rq.ctx, who, id, file).await?))
    };
    let outcome = outcome.await;
    respond(rq, outcome)
}

/// `GET /verwaltung/nachrichten/{id}/bild/{bild}`: for who works on the case; the look is noted.
pub async fn of_case(State(portal): State<Portal>, request: Request) -> Response {
    let rq = match request_of(&portal, request).await {
        Ok(rq) => rq,
        Err(response) => return response,
    };
    let outcome = async {
        let actor = rq.staff(Permission::DecideCases)?;
        let (id, file) = (rq.id()?, picture_id(&rq)?);
        Ok(jpeg(cases::picture(&rq.ctx, actor, id, file).await?))
    };
    let outcome = outcome.await;
    respond(rq, outcome)
}
