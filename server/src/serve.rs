//! Opening the store and serving.

use crate::{config::Config, router};
use backend::{Ctx, ctx::Clock, db, jobs, keys::Key, mail::Mailer};
use std::{net::SocketAddr, path::Path};

/// Starts the log. Nothing in it names a person, a code or a password: paths are logged by route, never with a query.
pub fn start_log(config: &Config) {
    let filter = format!("{level},sqlx=warn,hyper=warn,h2=warn", level = config.log_level);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    if config.log_format == "json" {
        log.json().init()
    } else {
        log.compact().init()
    }
    // the message of a panic can quote what was being read, such as a name; the place is enough to find the fault
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
}

/// Opens store, keys and mail.
pub async fn open(config: &Config) -> Result<Ctx, String> {
    std::fs::create_dir_all(&config.data)
        .map_err(|e| format!("data folder {}: {e}", config.data.display()))?;
    let db = db::Db::open(&config.database)
        .await
        .map_err(|e| format!("the store cannot be opened: {e}"))?;
    let master = Key::load_or_create(&config.master_key_file)
        .map_err(|e| format!("master key {}: {e}", config.master_key_file.display()))?;
    let mailer = match config.mail.strip_prefix("folder:") {
        Some(folder) => Mailer::folder(Path::new(folder), &config.mail_from),
        None => Mailer::smtp(&config.mail, &config.mail_from),
    }
    .map_err(|e| format!("mail: {e}"))?;
    Ok(Ctx::new(db, Clock::System, master, mailer, &config.base_url))
}

/// Opens and migrates.
pub async fn open_migrated(config: &Config) -> Result<Ctx, String> {
    let ctx = open(config).await?;
    db::migrate(&ctx.db)
        .await
        .map_err(|e| format!("the store cannot be migrated: {e}"))?;
    match backend::municipality::master_key_fits(&ctx).await {
        Ok(true) => Ok(ctx),
        Ok(false) => Err(format!(
            "the master key in {} does not belong to this store: put the right key file back (a restored store needs the key it was made with)",
            config.master_key_file.display()
        )),
        Err(_) => Err("the store cannot be read".to_owned()),
    }
}

/// Serves until SIGINT or SIGTERM; then finishes open requests.
pub async fn serve(config: &Config) -> Result<(), String> {
    let ctx = open_migrated(config).await?;
    let listener = tokio::net::TcpListener::bind(config.listen)
        .await
        .map_err(|e| format!("cannot listen on {}: {e}", config.listen))?;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let worker = tokio::spawn(jobs::work(ctx.clone(), until(stopped.clone())));
    let app = router::router(ctx.clone(), config.trusted_proxies.clone());
    tracing::info!(address = %config.listen, url = config.base_url, "serving");
    let server = axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(until(stopped));
    tokio::spawn(async move {
        signal().await;
        let _ = stop.send(true);
    });
    server.await.map_err(|e| e.to_string())?;
    let _ = worker.await;
    ctx.db.close().await;
    Ok(())
}

async fn until(mut stopped: tokio::sync::watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

async fn signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        else {
            let _ = interrupt.await;
            return;
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}
