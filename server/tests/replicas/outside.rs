//! What a server does with the world around it: TLS from files, and traces for a collector.

use crate::{free_port, listening};
use axum::{Router, body::Bytes, extract::State, routing::post};
use reqwest::StatusCode;
use std::{
    path::Path,
    process::{Child, Command},
    sync::{Arc, Mutex},
    time::Duration,
};

fn server(folder: &Path, port: u16, base: &str, more: &[(&str, &str)]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_stadtbrief"))
        .arg("serve")
        .env("STADTBRIEF_DATA", folder)
        .env("STADTBRIEF_LISTEN", format!("127.0.0.1:{port}"))
        .env("STADTBRIEF_BASE_URL", base)
        .env("STADTBRIEF_LOG_LEVEL", "warn")
        .envs(more.iter().copied())
        .spawn()
        .unwrap()
}

async fn ends_in_peace(mut child: Child) {
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    let ended = tokio::task::spawn_blocking(move || child.wait().unwrap());
    assert!(ended.await.unwrap().success());
}

/// A certificate for this machine, written to both files; as a client trusts it.
fn certificate(folder: &Path) -> reqwest::Certificate {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("certificate.pem"), made.cert.pem()).unwrap();
    reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap()
}

fn client(trusted: reqwest::Certificate) -> reqwest::Client {
    reqwest::Client::builder()
        .tls_built_in_root_certs(false)
        .add_root_certificate(trusted)
        .build()
        .unwrap()
}

/// The portal itself does TLS; a renewed certificate needs no restart, and a broken one changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let first = certificate(folder.path());
    let port = free_port();
    let base = format!("https://localhost:{port}");
    let files = ["certificate.pem", "key.pem"].map(|f| folder.path().join(f).display().to_string());
    let child = server(
        folder.path(),
        port,
        &base,
        &[
            ("STADTBRIEF_TLS_CERTIFICATE", &files[0]),
            ("STADTBRIEF_TLS_KEY", &files[1]),
        ],
    );
    listening(port).await;
    let answer = client(first.clone()).get(&base).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.headers().contains_key("strict-transport-security"));
    // without TLS there is nothing
    let plain = reqwest::get(format!("http://localhost:{port}")).await;
    assert!(plain.is_err() || plain.unwrap().status() != StatusCode::OK);

    std::fs::write(&files[0], "half a certif").unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(client(first.clone()).get(&base).send().await.is_ok());

    let second = client(certificate(folder.path()));
    let mut renewed = false;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        renewed = second.get(&base).send().await.is_ok();
        if renewed {
            break;
        }
    }
    assert!(renewed, "the new certificate is not used");
    assert!(client(first).get(&base).send().await.is_err());
    ends_in_peace(child).await;
}

/// Traces name routes and kinds of jobs, and nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traces_name_nobody() {
    let taken: Arc<Mutex<Vec<u8>>> = Arc::default();
    let collector = Router::new()
        .route(
            "/v1/traces",
            post(
                |State(taken): State<Arc<Mutex<Vec<u8>>>>, body: Bytes| async move {
                    taken.lock().unwrap().extend_from_slice(&body);
                },
            ),
        )
        .with_state(taken.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, collector).await });
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let base = format!("http://localhost:{port}");
    let child = server(folder.path(), port, &base, &[("STADTBRIEF_TRACES", &address)]);
    listening(port).await;
    let client = reqwest::Client::new();
    for path in [
        "/",
        "/verwaltung/einwohner/0190aaaa-bbbb-7ccc-8ddd-eeeeffff0000?suche=Mustermann",
    ] {
        client.get(format!("{base}{path}")).send().await.unwrap();
    }
    // what is left is sent at the end
    ends_in_peace(child).await;
    let taken = taken.lock().unwrap();
    let has = |text: &str| taken.windows(text.len()).any(|w| w == text.as_bytes());
    for wanted in [
        "stadtbrief",
        "GET /verwaltung/einwohner/{id}",
        "http.response.status_code",
    ] {
        assert!(has(wanted), "{wanted}");
    }
    for secret in ["0190aaaa", "Mustermann", "127.0.0.1"] {
        assert!(!has(secret), "{secret}");
    }
}
