//! Files about oneself and about the log: the copy of the own data, the heads of the audit chain.

use app::portal::{Answer, Fault, Portal, answered};
use axum::{
    extract::{Path, Request, State},
    http::header,
    response::{IntoResponse, Response},
};
use backend::{
    Failure, Never,
    accounts::{self, CopyKind},
    audit,
};
use domain::access::Permission;

fn file(media_type: &str, name: &str, bytes: Vec<u8>) -> Answer {
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

/// `GET /konto/daten/meine-daten.pdf` and `….json`.
pub async fn own_data(State(portal): State<Portal>, Path(name): Path<String>, request: Request) -> Response {
    answered(portal, request, |rq| async move {
        let who = rq.resident()?;
        let (kind, media_type) = match name.as_str() {
            "meine-daten.pdf" => (CopyKind::Pdf, "application/pdf"),
            "meine-daten.json" => (CopyKind::Json, "application/json"),
            _ => return Err(Fault::NotFound),
        };
        let bytes = accounts::copy_of_own_data(&rq.ctx, who, kind, rq.lang).await?;
        Ok(file(media_type, &name, bytes))
    })
    .await
}

/// `GET /verwaltung/protokoll/kopf.json`: the last event of each day with its hash. Kept elsewhere, it proves later that
/// nothing before it was changed.
pub async fn audit_heads(
    State(portal): State<Portal>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    answered(portal, request, |rq| async move {
        let actor = rq.staff(Permission::ReadAudit)?;
        if name != "kopf.json" {
            return Err(Fault::NotFound);
        }
        let heads = audit::daily_heads(&rq.ctx, actor).await?;
        let bytes =
            serde_json::to_vec_pretty(&heads).map_err(|e| Fault::from(Failure::<Never>::broken(e)))?;
        Ok(file("application/json", "kopf.json", bytes))
    })
    .await
}
