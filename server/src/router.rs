//! Puts everything together; the only place with the order of layers.

use crate::{
    assets, branding, export, figures, files, film, own_files, pictures, probes, security, well_known,
};
use app::portal::{Portal, page, server_function};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware,
    routing::{get, post},
};
use backend::{Ctx, letters::outside::MAX_ANSWER, municipality::MOST_FILM, residents::workbook::MAX_BYTES};
use domain::urls;
use std::{net::IpAddr, sync::Arc};
use tower_http::compression::{
    CompressionLayer, CompressionLevel,
    predicate::{NotForContentType, Predicate, SizeAbove},
};

/// The whole product as one service.
pub fn router(ctx: Ctx, proxies: Vec<IpAddr>) -> Router {
    let guard = security::Guard {
        base_url: ctx.base_url.clone(),
        proxies: Arc::from(proxies),
    };
    let portal = Portal {
        ctx,
        asset: assets::url,
        kept: Arc::default(),
    };
    let upload = DefaultBodyLimit::max(MAX_BYTES + 100_000);
    Router::new()
        .merge(app::routes::pages())
        .route(
            urls::LISTS,
            page(app::residents::lists::index)
                .post(files::resident_list)
                .layer(upload),
        )
        .route("/verwaltung/briefe/vorlagen/{place}", post(files::image))
        .route("/verwaltung/briefe/vorlagen/probe.pdf", get(files::sample))
        .route(
            "/verwaltung/briefe/ruecklauf/zweifelhaft.xlsx",
            get(files::doubtful),
        )
        .route("/verwaltung/briefe/auswertung/zahlen.xlsx", get(files::council))
        .route("/verwaltung/listen/{id}/befunde.xlsx", get(export::findings))
        .route(
            "/verwaltung/organisationen/{id}/brief.pdf",
            get(files::organisation_letter),
        )
        .route("/verwaltung/briefe/{id}/briefe.pdf", get(files::letters_pdf))
        .route(
            "/verwaltung/briefe/{id}/antwort",
            post(files::answer).layer(DefaultBodyLimit::max(MAX_ANSWER + 100_000)),
        )
        .route(
            "/verwaltung/briefe/vorlagen/vorlage.json",
            get(files::template_file),
        )
        .route("/verwaltung/briefe/{id}/{name}", get(files::letters_manifest))
        .route(
            "/konto/vorgaenge/{id}/nachweis/bild",
            post(pictures::proof).layer(DefaultBodyLimit::max(pictures::MOST_READ)),
        )
        .route(
            "/konto/vorgaenge/{id}/antwort",
            post(pictures::answer).layer(DefaultBodyLimit::max(pictures::MOST_READ)),
        )
        .route(
            "/konto/organisation/{id}/logo",
            post(pictures::logo).layer(DefaultBodyLimit::max(pictures::MOST_READ)),
        )
        .route("/konto/daten/{name}", get(own_files::own_data))
        .route("/verwaltung/protokoll/{name}", get(own_files::audit_heads))
        .route(
            "/konto/vorgaenge/{id}/nachricht",
            post(pictures::message).layer(DefaultBodyLimit::max(pictures::MOST_READ)),
        )
        .route(
            "/verwaltung/nachrichten/{id}/nachricht",
            post(pictures::staff_message).layer(DefaultBodyLimit::max(pictures::MOST_READ)),
        )
        .route(
            "/konto/vorgaenge/{id}/dokument/{dokument}",
            get(pictures::own_document),
        )
        .route(
            "/verwaltung/nachrichten/{id}/dokument/{dokument}",
            get(pictures::case_document),
        )
        .route("/konto/vorgaenge/{id}/bild/{bild}", get(pictures::own))
        .route("/verwaltung/nachrichten/{id}/bild/{bild}", get(pictures::of_case))
        .route("/hilfe/bild/{name}", get(files::help_picture))
        .route("/logo", get(branding::logo))
        .route(
            "/verwaltung/texte/film",
            post(film::upload).layer(DefaultBodyLimit::max(MOST_FILM + 100_000)),
        )
        .route(urls::SIGN_FILM, get(film::film))
        .route("/farben.css", get(branding::colours))
        .route("/manifest.webmanifest", get(branding::manifest))
        .route("/app/{version}/{name}", get(branding::picture))
        .route("/sw.js", get(assets::root("sw.js")))
        .route("/.well-known/security.txt", get(well_known::security_txt))
        .route("/.well-known/change-password", get(well_known::change_password))
        .route("/health", get(probes::ready))
        .route("/ready", get(probes::ready))
        .route("/live", get(probes::live))
        .route("/assets/{name}", get(assets::serve))
        .route(
            "/api/{*name}",
            post(|State(portal): State<Portal>, request: Request| server_function(portal, request)),
        )
        .fallback(page_not_found)
        .with_state(portal)
        // pages and data; files are compressed when the site is built, PDFs are compressed inside
        .layer(
            // pages are drawn for each visit: packing must not take longer than drawing
            CompressionLayer::new()
                .quality(CompressionLevel::Precise(3))
                .compress_when(
                    SizeAbove::new(512)
                        .and(NotForContentType::const_new("application/pdf"))
                        .and(NotForContentType::IMAGES)
                        .and(NotForContentType::const_new("video/"))
                        .and(NotForContentType::const_new("application/wasm")),
                ),
        )
        .layer(middleware::from_fn_with_state(guard, security::guard))
        .layer(middleware::from_fn(figures::observe))
}

async fn page_not_found(State(portal): State<Portal>, request: Request) -> axum::response::Response {
    match app::portal::request_of(&portal, request).await {
        Ok(rq) => app::portal::respond(rq, Err(app::portal::Fault::NotFound)),
        Err(response) => response,
    }
}
