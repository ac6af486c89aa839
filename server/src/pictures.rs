//! Pictures of documents, and documents of messages: forms that carry one, and the way back to those who may see it. Never at
//! a public address.

use app::portal::{Answer, Fault, Fields, Portal, Rq, answered, request_of, respond};
use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request, State},
    http::header,
    response::{IntoResponse, Response},
};
use backend::cases::{self, DocumentProblem, MAX_UPLOAD, PictureProblem};
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
    let (rq, request) = head(portal, request).await?;
    let allowed = async {
        let who = rq.resident()?;
        // nobody sends megabytes to a case that is not the own one
        cases::own_case(&rq.ctx, who, rq.id()?).await?;
        Ok(())
    };
    match allowed.await {
        Ok(()) => Ok((rq, request)),
        Err(fault) => Err(respond(rq, Err(fault))),
    }
}

/// What pages see of a request whose body is not read yet.
async fn head(portal: &Portal, request: Request) -> Result<(Rq, Request), Response> {
    let (parts, body) = request.into_parts();
    let mut probe = Request::new(Body::empty());
    *probe.headers_mut() = parts.headers.clone();
    *probe.extensions_mut() = parts.extensions.clone();
    *probe.uri_mut() = parts.uri.clone();
    let mut rq = request_of(portal, probe).await?;
    // the part of the path stands in the extensions of the real request
    let id = parts.uri.path().split('/').nth(3).unwrap_or_default();
    rq.params = vec![("id".to_owned(), id.to_owned())];
    Ok((rq, Request::from_parts(parts, body)))
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
        if name == "bild" || name == "datei" {
            if let Some(file) = field.file_name().filter(|_| name == "datei") {
                fields = fields.with(FILE_NAME, file.chars().take(200).collect::<String>());
            }
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

/// Where the name of a document stands among the fields of its form.
const FILE_NAME: &str = "datei.name";

/// The document of a form; `None` if there is none.
type Upload = Option<Result<(String, Vec<u8>), DocumentProblem>>;

fn document(form: &Fields, file: Result<Vec<u8>, PictureProblem>) -> Upload {
    match file {
        Err(PictureProblem::Missing) => None,
        Err(PictureProblem::TooLarge) => Some(Err(DocumentProblem::TooLarge)),
        Err(_) => Some(Err(DocumentProblem::Kind)),
        Ok(bytes) => Some(Ok((form.get(FILE_NAME).to_owned(), bytes))),
    }
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

/// `POST /konto/organisation/{id}/logo`.
pub async fn logo(State(portal): State<Portal>, request: Request) -> Response {
    let (rq, request) = match head(&portal, request).await {
        Ok(both) => both,
        Err(response) => return response,
    };
    let allowed = async {
        let who = rq.resident()?;
        // nobody sends megabytes for an organisation of others
        backend::organisations::member_page(&rq.ctx, who, rq.id()?).await?;
        Ok(())
    };
    if let Err(fault) = allowed.await {
        return respond(rq, Err(fault));
    }
    let (form, file) = read(request).await;
    let outcome = app::organisations::logo::uploaded(&rq, &form, file).await;
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

/// `POST /konto/vorgaenge/{id}/nachricht`: a message, perhaps with a document.
pub async fn message(State(portal): State<Portal>, request: Request) -> Response {
    let (rq, request) = match signed_in(&portal, request).await {
        Ok(both) => both,
        Err(response) => return response,
    };
    let (form, file) = read(request).await;
    let file = document(&form, file);
    let outcome = app::cases::own::written(&rq, &form, file).await;
    respond(rq, outcome)
}

/// `POST /verwaltung/nachrichten/{id}/nachricht`: a message of the town hall, perhaps with a document. The other forms of the
/// page that a refused message comes back with arrive here too.
pub async fn staff_message(State(portal): State<Portal>, request: Request) -> Response {
    let (mut rq, request) = match head(&portal, request).await {
        Ok(both) => both,
        Err(response) => return response,
    };
    if let Err(fault) = rq.staff(Permission::DecideCases) {
        return respond(rq, Err(fault));
    }
    let kind = request.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|t| t.as_bytes().starts_with(b"multipart/")) {
        let id = rq.params.clone();
        let mut rq = match request_of(&portal, request).await {
            Ok(rq) => rq,
            Err(response) => return response,
        };
        rq.params = id;
        let outcome = app::cases::desk::one(rq.clone()).await;
        return respond(rq, outcome);
    }
    let (form, file) = read(request).await;
    let file = document(&form, file);
    rq.form = Some(form);
    let outcome = app::cases::desk::acted(rq.clone(), file).await;
    respond(rq, outcome)
}

/// A document for one pair of eyes: always saved, never run by a browser.
fn saved((media_type, bytes): (String, Vec<u8>)) -> Answer {
    let ending = if media_type == "application/pdf" {
        "pdf"
    } else {
        "jpg"
    };
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"dokument.{ending}\""),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; sandbox".to_owned(),
        ),
    ];
    Answer::Raw((headers, bytes).into_response())
}

fn document_id(rq: &Rq) -> Result<Uuid, Fault> {
    Uuid::parse_str(rq.param("dokument")).map_err(|_| Fault::NotFound)
}

/// `GET /konto/vorgaenge/{id}/dokument/{dokument}`: a document of an own case.
pub async fn own_document(State(portal): State<Portal>, request: Request) -> Response {
    answered(portal, request, |rq| async move {
        let who = rq.resident()?;
        Ok(saved(
            cases::own_document(&rq.ctx, who, rq.id()?, document_id(&rq)?).await?,
        ))
    })
    .await
}

/// `GET /verwaltung/nachrichten/{id}/dokument/{dokument}`: for who sees the case.
pub async fn case_document(State(portal): State<Portal>, request: Request) -> Response {
    answered(portal, request, |rq| async move {
        let actor = rq.staff(Permission::SeeCases)?;
        Ok(saved(
            cases::case_document(&rq.ctx, actor, rq.id()?, document_id(&rq)?).await?,
        ))
    })
    .await
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
    answered(portal, request, |rq| async move {
        let who = rq.resident()?;
        let (id, file) = (rq.id()?, picture_id(&rq)?);
        Ok(jpeg(cases::own_picture(&rq.ctx, who, id, file).await?))
    })
    .await
}

/// `GET /verwaltung/nachrichten/{id}/bild/{bild}`: for who works on the case; the look is noted.
pub async fn of_case(State(portal): State<Portal>, request: Request) -> Response {
    answered(portal, request, |rq| async move {
        let actor = rq.staff(Permission::DecideCases)?;
        let (id, file) = (rq.id()?, picture_id(&rq)?);
        Ok(jpeg(cases::picture(&rq.ctx, actor, id, file).await?))
    })
    .await
}
