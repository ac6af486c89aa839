//! What monitoring sees: figures by route, never an address, an id or a person; and the probes.

use crate::{free_port, listening};
use reqwest::{Method, StatusCode, header};
use std::process::{Command, Stdio};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_name_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (port, figures) = (free_port(), free_port());
    let base = format!("http://localhost:{port}");
    let mut server = Command::new(env!("CARGO_BIN_EXE_stadtbrief"))
        .arg("serve")
        .env("STADTBRIEF_DATA", folder.path())
        .env("STADTBRIEF_LISTEN", format!("127.0.0.1:{port}"))
        .env("STADTBRIEF_BASE_URL", &base)
        .env("STADTBRIEF_METRICS", format!("127.0.0.1:{figures}"))
        .env("STADTBRIEF_DRAIN_SECONDS", "1")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    listening(port).await;
    let client = reqwest::Client::new();
    let status = |path: String| {
        let client = client.clone();
        async move { client.get(path).send().await.unwrap().status() }
    };
    for path in ["/ready", "/live", "/health", "/"] {
        assert_eq!(status(format!("{base}{path}")).await, StatusCode::OK, "{path}");
    }
    let id = "0190aaaa-bbbb-7ccc-8ddd-eeeeffff0000";
    status(format!("{base}/verwaltung/einwohner/{id}?suche=Mustermann")).await;
    status(format!("{base}/gibt-es-nicht/Mustermann")).await;
    let tried = client
        .post(format!("{base}/anmelden"))
        .header(header::ORIGIN, &base)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("name=erika%40mustermann.example&password=falsch+geraten");
    tried.send().await.unwrap();
    client
        .post(format!("{base}/anmelden"))
        .header(header::ORIGIN, "https://evil.example")
        .send()
        .await
        .unwrap();
    // a label that a visitor makes up would be kept for ever
    let made_up = Method::from_bytes(b"ERIKA").unwrap();
    client.request(made_up, &base).send().await.unwrap();
    // not on the address of the portal
    assert_eq!(status(format!("{base}/metrics")).await, StatusCode::NOT_FOUND);
    let text = client
        .get(format!("http://127.0.0.1:{figures}/metrics"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for wanted in [
        "stadtbrief_http_requests_total{route=\"/verwaltung/einwohner/{id}\",method=\"GET\",status=\"303\"} 1",
        "stadtbrief_http_requests_total{route=\"none\",method=\"GET\",status=\"404\"}",
        "stadtbrief_http_request_duration_seconds_bucket{route=\"/\",method=\"GET\",le=\"0.05\"}",
        "method=\"other\"",
        "stadtbrief_security_events_total{event=\"sign-in-failed\"} 1",
        "stadtbrief_security_events_total{event=\"foreign-origin\"} 1",
        "stadtbrief_store_up 1",
        "stadtbrief_jobs_parked 0",
        "process_resident_memory_bytes",
        "stadtbrief_build_info",
    ] {
        assert!(text.contains(wanted), "{wanted} is missing in\n{text}");
    }
    for person in ["ustermann", id, "erika", "ERIKA"] {
        assert!(!text.contains(person), "{person}");
    }
    // asked to stop: not ready any more, but still there for a second
    let id = server.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(
        status(format!("{base}/ready")).await,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(status(format!("{base}/live")).await, StatusCode::OK);
    let ended = tokio::task::spawn_blocking(move || {
        let status = server.wait().unwrap();
        let mut log = String::new();
        std::io::Read::read_to_string(&mut server.stderr.take().unwrap(), &mut log).unwrap();
        (status, log)
    });
    let (status, log) = ended.await.unwrap();
    assert!(status.success());
    // the log says that something happened, and not to whom
    assert!(
        log.contains("sign-in-failed") && log.contains("foreign-origin"),
        "{log}"
    );
    // on which page, but not with what behind it
    assert!(log.contains("route=\"/anmelden\""), "{log}");
    assert!(!log.contains("ustermann") && !log.contains("erika"), "{log}");
}
