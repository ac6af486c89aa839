//! Uploads and downloads: plain HTTP, so that they work without WebAssembly.

use app::portal::{Answer, Fault, Portal, Rq, answered, refused, request_of, respond};
use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use backend::{
    Failure,
    letters::{self, HelpPicture, ManifestKind, outside::AnswerRefusal},
    municipality::{self, ImageUse},
    residents::{self, ListRefusal, workbook::MAX_BYTES},
};
use domain::{access::Permission, letters::template::Occasion, problem::Problems, urls};

/// The first file of a form; `Err(true)` if it is too large, `Err(false)` if there is none.
async fn uploaded(request: Request, most: usize) -> Result<(String, Vec<u8>), bool> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| false)?;
    loop {
        // an error here is the body limit of the router
        let Some(mut field) = form.next_field().await.map_err(|_| true)? else {
            return Err(false);
        };
        if field.name() != Some("datei") {
            continue;
        }
        let name = field.file_name().unwrap_or("").to_owned();
        let mut bytes = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(|_| true)? {
            if bytes.len() + piece.len() > most {
                return Err(true);
            }
            bytes.extend_from_slice(&piece);
        }
        return Ok((name, bytes));
    }
}

/// Splits a request into what pages see and the request itself. Permission is checked before the body is read.
pub(crate) async fn staff_upload(
    portal: &Portal,
    request: Request,
    permission: Permission,
) -> Result<(Rq, Request), Response> {
    let (parts, body) = request.into_parts();
    let mut probe = Request::new(Body::empty());
    *probe.headers_mut() = parts.headers.clone();
    *probe.extensions_mut() = parts.extensions.clone();
    *probe.uri_mut() = parts.uri.clone();
    let rq = request_of(portal, probe).await?;
    match rq.staff(permission) {
        Ok(_) => Ok((rq, Request::from_parts(parts, body))),
        Err(fault) => Err(respond(rq, Err(fault))),
    }
}

/// `POST /verwaltung/listen`.
pub async fn resident_list(State(portal): State<Portal>, request: Request) -> Response {
    let (rq, request) = match staff_upload(&portal, request, Permission::ImportResidents).await {
        Ok(both) => both,
        Err(response) => return response,
    };
    let outcome = match uploaded(request, MAX_BYTES).await {
        Err(true) => app::residents::lists::upload_page(&rq, Some(ListRefusal::TooLarge)).await,
        Err(false) => app::residents::lists::upload_page(&rq, Some(ListRefusal::Empty)).await,
        Ok((name, bytes)) => {
            let actor = match rq.staff(Permission::ImportResidents) {
                Ok(actor) => actor,
                Err(fault) => return respond(rq, Err(fault)),
            };
            match refused(residents::upload(&rq.ctx, actor, &name, bytes).await) {
                Ok(Ok(id)) => Ok(Answer::go(format!("{}/{id}", urls::LISTS))),
                Ok(Err(refusal)) => app::residents::lists::upload_page(&rq, Some(refusal)).await,
                Err(fault) => Err(fault),
            }
        }
    };
    respond(rq, outcome)
}

/// `POST /verwaltung/briefe/vorlagen/logo` and `…/signature`.
pub async fn image(State(portal): State<Portal>, Path(place): Path<String>, request: Request) -> Response {
    let (rq, request) = match staff_upload(&portal, request, Permission::SetUpLetters).await {
        Ok(both) => both,
        Err(response) => return response,
    };
    let place = match place.as_str() {
        "logo" => ImageUse::Logo,
        "signature" => ImageUse::Signature,
        _ => return respond(rq, Err(Fault::NotFound)),
    };
    let problem = |code: &str| Problems::one(place.key(), code);
    let outcome = match uploaded(request, municipality::IMAGE_BYTES).await {
        Err(true) => app::letters::templates::with_problems(&rq, problem("problem-image-large")).await,
        Err(false) => app::letters::templates::with_problems(&rq, problem("problem-required")).await,
        Ok((_, bytes)) => match rq.staff(Permission::SetUpLetters) {
            Err(fault) => Err(fault),
            Ok(actor) => match refused(municipality::set_image(&rq.ctx, actor, place, bytes).await) {
                Ok(Ok(())) => Ok(Answer::go(format!("{}#images-heading", urls::TEMPLATES))),
                Ok(Err(municipality::Refusal::Problems(problems))) => {
                    app::letters::templates::with_problems(&rq, problems).await
                }
                Ok(Err(municipality::Refusal::Stale)) => {
                    app::letters::templates::with_problems(&rq, Problems::one("", "problem-stale")).await
                }
                Err(fault) => Err(fault),
            },
        },
    };
    respond(rq, outcome)
}

/// `GET /verwaltung/briefe/{id}/briefe.pdf?teil=1`: streams while it is made.
pub async fn letters_pdf(State(portal): State<Portal>, request: Request) -> Response {
    answered(portal, request, |rq| async move {
        let actor = rq.staff(Permission::MakeLetters)?;
        let id = rq.id()?;
        let part = rq.query.get("teil").parse().unwrap_or(1);
        Ok(
            match refused(letters::download(&rq.ctx, actor, id, part).await)? {
                Ok(file) => {
                    let headers = [
                        (header::CONTENT_TYPE, "application/pdf".to_owned()),
                        (header::CONTENT_LENGTH, file.bytes.to_string()),
                        (
                            header::CONTENT_DISPOSITION,
                            format!("attachment; filename=\"{}\"", file.name),
                        ),
                        (header::CACHE_CONTROL, "private, no-store".to_owned()),
                    ];
                    Answer::Raw((headers, Body::from_stream(file.stream)).into_response())
                }
                Err(_) => Answer::go(format!("{}/{id}", urls::LETTERS)),
            },
        )
    })
    .await
}

/// `GET /verwaltung/briefe/vorlagen/probe.pdf`: a letter with worthless codes.
pub async fn sample(State(portal): State<Portal>, request: Request) -> Response {
    answered(portal, request, |rq| async move {
        let actor = rq.staff(Permission::SetUpLetters)?;
        let occasion = Occasion::parse(rq.query.get("anlass")).unwrap_or_default();
        let made = refused(letters::sample(&rq.ctx, actor, occasion, rq.query.has("gross")).await)?;
        Ok(match made {
            Ok(pdf) => {
                let headers = [
                    (header::CONTENT_TYPE, "application/pdf"),
                    (header::CONTENT_DISPOSITION, "inline; filename=\"probe.pdf\""),
                    (header::CACHE_CONTROL, "private, no-store"),
                ];
                Answer::Raw((headers, pdf).into_response())
            }
            Err(refusal) => {
                let problems = Problems::one("body", refusal.key());
                return app::letters::templates::with_problems(&rq, problems).await;
            }
        })
    })
    .await
}

/// `GET /verwaltung/organisationen/{id}/brief.pdf`: the letter to an organisation as an accessible PDF for an e-mail.
pub async fn organisation_letter(State(portal): State<Portal>, request: Request) -> Response {
    answered(portal, request, |rq| async move {
        let actor = rq.staff(Permission::ManageOrganisations)?;
        let id = rq.id()?;
        Ok(
            match refused(letters::accessible_letter(&rq.ctx, actor, id).await)? {
                Ok((name, pdf)) => {
                    let headers = [
                        (header::CONTENT_TYPE, "application/pdf".to_owned()),
                        (
                            header::CONTENT_DISPOSITION,
                            format!("attachment; filename=\"{name}\""),
                        ),
                        (header::CACHE_CONTROL, "private, no-store".to_owned()),
                    ];
                    Answer::Raw((headers, pdf).into_response())
                }
                Err(_) => Answer::go(format!("{}/{id}", urls::ORGANISATIONS)),
            },
        )
    })
    .await
}

/// A document as a download.
fn attachment(media_type: &str, name: &str, bytes: Vec<u8>) -> Answer {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Answer::Raw((headers, bytes).into_response())
}

/// `GET /hilfe/bild/{name}`: pictures of the help, drawn from the town's own template.
pub async fn help_picture(State(portal): State<Portal>, Path(name): Path<String>) -> Response {
    let which = match name.as_str() {
        "brief.svg" => HelpPicture::Letter,
        "fenster.svg" => HelpPicture::Window,
        "fuss.svg" => HelpPicture::Foot,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match letters::help_picture(&portal.ctx, which).await {
        Ok(svg) => {
            let headers = [
                (header::CONTENT_TYPE, "image/svg+xml"),
                (header::CACHE_CONTROL, "public, max-age=600"),
            ];
            (headers, svg).into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn json(name: &str, value: &impl serde::Serialize) -> Result<Answer, Fault> {
    let bytes = serde_json::to_vec(value).map_err(|e| Fault::from(Failure::broken(e)))?;
    Ok(attachment("application/json", name, bytes))
}

/// `GET /verwaltung/briefe/vorlagen/vorlage.json`: the template with the town's data, for the command line.
pub async fn template_file(State(portal): State<Portal>, request: Request) -> Response {
    answered(portal, request, |rq| async move {
        let actor = rq.staff(Permission::SetUpLetters)?;
        let occasion = Occasion::parse(rq.query.get("anlass")).unwrap_or_default();
        let file = letters::outside::print_file(&rq.ctx, actor, occasion).await?;
        json("vorlage.json", &file)
    })
    .await
}

/// `POST /verwaltung/briefe/{id}/antwort`: the answer of the town's own computer.
pub async fn answer(State(portal): State<Portal>, request: Request) -> Response {
    let (rq, request) = match staff_upload(&portal, request, Permission::ImportResidents).await {
        Ok(both) => both,
        Err(response) => return response,
    };
    let outcome = async {
        let actor = rq.staff(Permission::MakeLetters)?;
        let id = rq.id()?;
        let refusal = match uploaded(request, letters::outside::MAX_ANSWER).await {
            Err(_) => AnswerRefusal::Damaged,
            Ok((_, bytes)) => match refused(letters::outside::take_answer(&rq.ctx, actor, id, &bytes).await)?
            {
                Ok(()) => return Ok(Answer::go(format!("{}/{id}", urls::LETTERS))),
                Err(refusal) => refusal,
            },
        };
        app::letters::batch::show(rq.clone(), Some(refusal)).await
    };
    let outcome = outcome.await;
    respond(rq, outcome)
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// `GET /verwaltung/briefe/{id}/begleitschein.xlsx` and `….pdf`: the manifest of a batch.
pub async fn letters_manifest(
    State(portal): State<Portal>,
    Path((_, name)): Path<(String, String)>,
    request: Request,
) -> Response {
    answered(portal, request, |rq| async move {
        let actor = rq.staff(Permission::MakeLetters)?;
        let id = rq.id()?;
        let (kind, media_type) = match name.as_str() {
            "begleitschein.xlsx" => (ManifestKind::Xlsx, XLSX),
            "begleitschein.pdf" => (ManifestKind::Pdf, "application/pdf"),
            // the job for the town's own computer
            "auftrag.json" => {
                let job = letters::outside::job_file(&rq.ctx, actor, id).await?;
                return json("auftrag.json", &job);
            }
            _ => return Err(Fault::NotFound),
        };
        let made = letters::manifest(&rq.ctx, actor, id, kind, rq.lang).await?;
        Ok(attachment(media_type, &made.name, made.bytes))
    })
    .await
}

/// `GET /verwaltung/briefe/ruecklauf/zweifelhaft.xlsx`: people whose letters came back.
pub async fn doubtful(State(portal): State<Portal>, request: Request) -> Response {
    answered(portal, request, |rq| async move {
        let actor = rq.staff(Permission::SeeLetters)?;
        let bytes = letters::returns::doubtful_workbook(&rq.ctx, actor, rq.lang).await?;
        Ok(attachment(XLSX, "zweifelhafte-anschriften.xlsx", bytes))
    })
    .await
}

/// `GET /verwaltung/briefe/auswertung/zahlen.xlsx`: figures for the council.
pub async fn council(State(portal): State<Portal>, request: Request) -> Response {
    answered(portal, request, |rq| async move {
        let actor = rq.staff(Permission::SeeLetters)?;
        let bytes = letters::council::council_workbook(&rq.ctx, actor, rq.lang).await?;
        Ok(attachment(XLSX, "briefe-auswertung.xlsx", bytes))
    })
    .await
}
