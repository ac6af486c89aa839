//! TLS from files, for portals without a proxy in front of them. The files are read again when they change, so that a
//! renewed certificate needs no restart. Getting certificates is left to programs that do nothing else, such as certbot.

use crate::config::Tls;
use axum::{Router, extract::connect_info::IntoMakeServiceWithConnectInfo};
use axum_server::{Handle, tls_rustls::RustlsConfig};
use std::{
    net::{SocketAddr, TcpListener},
    time::{Duration, SystemTime},
};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);
/// For how long a browser may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(30);
/// For how long open requests are finished when the server stops.
const GRACE: Duration = Duration::from_secs(60);

/// Serves over TLS until `stop`; then finishes open requests.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: &Tls,
    config: RustlsConfig,
    app: IntoMakeServiceWithConnectInfo<Router, SocketAddr>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), String> {
    let watcher = tokio::spawn(watch(config.clone(), tls.clone()));
    let handle = Handle::new();
    tokio::spawn({
        let handle = handle.clone();
        async move {
            stop.await;
            handle.graceful_shutdown(Some(GRACE));
        }
    });
    let mut server = axum_server::from_tcp_rustls(listener, config)
        .map_err(|e| format!("TLS: {e}"))?
        .handle(handle)
        .first_request_timeout(PATIENCE);
    // no proxy stands before it that would shut out who opens connections and says nothing
    server.http_builder().http1().header_read_timeout(PATIENCE);
    let served = server.serve(app).await;
    watcher.abort();
    served.map_err(|e| e.to_string())
}

/// Reads certificate and key.
pub(crate) async fn read(tls: &Tls) -> Result<RustlsConfig, String> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    RustlsConfig::from_pem_file(&tls.certificate, &tls.key)
        .await
        .map_err(|e| {
            format!(
                "TLS: the certificate {} and the key {} cannot be used: {e}",
                tls.certificate.display(),
                tls.key.display()
            )
        })
}

async fn changed(tls: &Tls) -> [Option<SystemTime>; 2] {
    let mut times = [None; 2];
    for (time, file) in times.iter_mut().zip([&tls.certificate, &tls.key]) {
        *time = tokio::fs::metadata(file).await.and_then(|m| m.modified()).ok();
    }
    times
}

async fn watch(config: RustlsConfig, tls: Tls) {
    let mut last = changed(&tls).await;
    loop {
        tokio::time::sleep(LOOK).await;
        let now = changed(&tls).await;
        if now == last {
            continue;
        }
        match config.reload_from_pem_file(&tls.certificate, &tls.key).await {
            Ok(()) => {
                last = now;
                tracing::info!("the certificate was read anew");
            }
            // half written: looked at again
            Err(error) => tracing::warn!(%error, "the new certificate cannot be used; the old one stays"),
        }
    }
}
