//! Opening the store and serving.

use crate::{config::Config, figures, probes, router, tls, towns::Towns};
use axum::Router;
use backend::{
    Ctx,
    ctx::Clock,
    db,
    depot::Depot,
    hosting::{self, Hosting},
    jobs,
    keys::Key,
    mail::Mailer,
    outgoing::Outgoing,
    push::Services,
    root_key::{self, RootKeyError},
    virus::Scanner,
};
use futures::future::BoxFuture;
use std::{net::SocketAddr, path::Path, sync::Arc};

/// Opens the register of municipalities, and brings it up to date.
pub async fn open_hosting(config: &Config) -> Result<Hosting, String> {
    let settings = hosting_settings(config)?;
    make_folder(config)?;
    let settings = hosting::Settings {
        files: files(config)?,
        ..settings
    };
    let hosting = Hosting::open(settings, master_key(config)?, Clock::System)
        .await
        .map_err(|e| format!("the register of municipalities cannot be opened: {e}"))?;
    let hosting = match Scanner::parse(&config.virus_scanner) {
        None => hosting,
        Some(scanner) => hosting.with_scanner(scanner),
    };
    Ok(match push_services(config)? {
        None => hosting,
        Some(services) => hosting.with_push_services(services),
    })
}

/// Opens the register for those who only want to look: nothing is made and nothing is changed.
pub async fn look_at_hosting(config: &Config) -> Result<Hosting, String> {
    let settings = hosting_settings(config)?;
    expect_store(config)?;
    Hosting::look(settings, master_key(config)?, Clock::System)
        .await
        .map_err(|e| e.to_string())
}

fn hosting_settings(config: &Config) -> Result<hosting::Settings, String> {
    if config.hosting != "many" {
        return Err(
            "this configuration hosts one municipality; `hosting = \"many\"` (STADTBRIEF_HOSTING=many) hosts many"
                .to_owned(),
        );
    }
    Ok(hosting::Settings {
        data: config.data.clone(),
        register: config.database.clone(),
        schemas: config.schemas.clone(),
        mail: config.mail.clone(),
        connections: config.connections,
        files: None,
        outgoing: outgoing(config)?,
    })
}

/// The SQLite file of the configuration, if it is one.
fn sqlite_file(config: &Config) -> Option<&Path> {
    Some(Path::new(config.database.strip_prefix("sqlite:")?))
}

/// For commands that would be misled by a new store and a new key.
pub fn expect_store(config: &Config) -> Result<(), String> {
    let missing = |what: &str, path: &Path| {
        Err(format!(
            "there is no {what} at {}: is the folder mounted, and is the configuration the one of the server? (`stadtbrief serve` makes a new one.)",
            path.display()
        ))
    };
    match sqlite_file(config) {
        Some(file) if !file.exists() => missing("store", file),
        Some(_) if !config.master_key_file.exists() => Err(lost_key(config)),
        None if !config.master_key_file.exists() => missing("key file", &config.master_key_file),
        _ => Ok(()),
    }
}

fn lost_key(config: &Config) -> String {
    format!(
        "the key file {} is missing, and there is a store already: put the key file back that the portal had",
        config.master_key_file.display()
    )
}

fn make_folder(config: &Config) -> Result<(), String> {
    std::fs::create_dir_all(&config.data).map_err(|e| format!("data folder {}: {e}", config.data.display()))
}

/// Where files are kept outside the store.
fn files(config: &Config) -> Result<Option<Depot>, String> {
    if config.files.is_empty() {
        return Ok(None);
    }
    Depot::open_brisk(&config.files, &config.s3)
        .map(Some)
        .map_err(|e| format!("files: {e}"))
}

/// What the key file says.
pub(crate) fn master_key(config: &Config) -> Result<Key, String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let open =
            std::fs::metadata(&config.master_key_file).is_ok_and(|m| m.permissions().mode() & 0o007 != 0);
        if open {
            tracing::warn!(
                file = %config.master_key_file.display(),
                "everybody on this machine can read the key file: chmod 600"
            );
        }
    }
    let file = &config.master_key_file;
    if sqlite_file(config).is_some_and(Path::exists) && !file.exists() {
        return Err(lost_key(config));
    }
    Key::load_or_create(file).map_err(|e| format!("master key {}: {e}", config.master_key_file.display()))
}

/// Whom administrators may name as their sign-in service.
fn outgoing(config: &Config) -> Result<Outgoing, String> {
    match (&config.sign_in_services, config.hosting.as_str()) {
        (Some(hosts), _) => Outgoing::only(hosts).map_err(|entry| format!("sign_in_services: `{entry}`")),
        // administrators of one municipality are strangers in the provider's network
        (None, "many") => Ok(Outgoing::Public),
        (None, _) => Ok(Outgoing::Any),
    }
}

fn push_services(config: &Config) -> Result<Option<Services>, String> {
    let services = config.push_services.as_deref().map(Services::only);
    services
        .transpose()
        .map_err(|entry| format!("push_services: `{entry}` is not a service"))
}

/// Opens store, keys and mail of the municipality that the configuration is about. A store that was never migrated has no
/// root key yet.
pub async fn open(config: &Config) -> Result<Ctx, String> {
    let ctx = open_outside(config).await?;
    let there = db::applied_and_known(&ctx.db).await;
    if there.is_ok_and(|(applied, known)| applied >= known) {
        return enter(config, ctx).await;
    }
    Ok(ctx)
}

/// With the store's root key. Municipalities of many have theirs from the register.
async fn enter(config: &Config, ctx: Ctx) -> Result<Ctx, String> {
    if config.hosting == "many" {
        return Ok(ctx);
    }
    root_key::enter(&ctx).await.map_err(|e| match e {
        RootKeyError::Foreign => foreign(config),
        other => other.to_string(),
    })
}

fn foreign(config: &Config) -> String {
    format!(
        "the master key in {} does not belong to this store: put the right key file back (a restored store needs the key it was made with)",
        config.master_key_file.display()
    )
}

/// [`open`], with the key file's own key in the place of the root key.
pub(crate) async fn open_outside(config: &Config) -> Result<Ctx, String> {
    if config.hosting == "many" {
        let Some(name) = &config.municipality else {
            return Err("this server hosts many municipalities: say which one with --municipality NAME (`stadtbrief municipality list` shows them)".to_owned());
        };
        let hosting = open_hosting(config).await?;
        let municipality = hosting.named(name).await.map_err(|e| e.to_string())?;
        return hosting.ctx(&municipality).await.map_err(|e| e.to_string());
    }
    if config.municipality.is_some() {
        return Err("--municipality is for servers that host many (`hosting = \"many\"`)".to_owned());
    }
    make_folder(config)?;
    // first the key: a store that is there already is not opened with a new one
    let master = master_key(config)?;
    let size = db::Size {
        connections: config.connections,
        ..db::Size::ALONE
    };
    let db = db::Db::open_with(&config.database, &size)
        .await
        .map_err(|e| format!("the store cannot be opened: {e}"))?;
    let mailer = match config.mail.strip_prefix("folder:") {
        Some(folder) => Mailer::folder(Path::new(folder), &config.mail_from),
        None => Mailer::smtp(&config.mail, &config.mail_from),
    }
    .map_err(|e| format!("mail: {e}"))?;
    let ctx = Ctx {
        outgoing: outgoing(config)?,
        files: files(config)?,
        scanner: Scanner::parse(&config.virus_scanner).map(Arc::new),
        ..Ctx::new(db, Clock::System, master, mailer, &config.base_url)
    };
    Ok(match push_services(config)? {
        None => ctx,
        Some(services) => ctx.with_push_services(services),
    })
}

/// Opens and migrates.
pub async fn open_migrated(config: &Config) -> Result<Ctx, String> {
    let ctx = open_outside(config).await?;
    migrate(&ctx).await?;
    let ctx = enter(config, ctx).await?;
    key_fits(&ctx)
        .await
        .map_err(|e| e.unwrap_or_else(|| foreign(config)))?;
    Ok(ctx)
}

async fn migrate(ctx: &Ctx) -> Result<(), String> {
    db::migrate(&ctx.db)
        .await
        .map_err(|e| format!("the store cannot be migrated: {e}"))
}

/// Brings a store to the schema of this version; `Err(None)`: the master key belongs to another store.
pub async fn migrated(ctx: &Ctx) -> Result<(), Option<String>> {
    migrate(ctx).await.map_err(Some)?;
    key_fits(ctx).await
}

async fn key_fits(ctx: &Ctx) -> Result<(), Option<String>> {
    match backend::municipality::master_key_fits(ctx).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(None),
        Err(error) => Err(Some(error.to_string())),
    }
}

/// Serves until SIGINT or SIGTERM; then finishes open requests.
pub async fn serve(config: &Config) -> Result<(), String> {
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let certificate = match &config.tls {
        Some(files) => Some((files, tls::read(files).await?)),
        None => None,
    };
    // a wrong store or key is said before anybody can reach the server
    let (app, work, ctx): (Router, BoxFuture<'static, ()>, Option<Ctx>) = if config.hosting == "many" {
        let towns = Towns::new(open_hosting(config).await?, config.trusted_proxies.clone());
        let work = towns.clone().work(until(stopped.clone()));
        (towns.router(), Box::pin(work), None)
    } else {
        let ctx = open_migrated(config).await?;
        let work = jobs::work(ctx.clone(), until(stopped.clone()));
        let app = router::router(ctx.clone(), config.trusted_proxies.clone());
        (app, Box::pin(work), Some(ctx))
    };
    let drain = std::time::Duration::from_secs(config.drain_seconds);
    let listener = tokio::net::TcpListener::bind(config.listen)
        .await
        .map_err(|e| format!("cannot listen on {}: {e}", config.listen))?;
    if let Some(address) = config.metrics {
        figures::serve(address, ctx.clone(), until(stopped.clone())).await?;
    }
    let worker = tokio::spawn(work);
    tracing::info!(address = %config.listen, hosting = config.hosting, "serving");
    tokio::spawn(async move {
        signal().await;
        probes::stopping();
        tracing::info!("stopping: open requests and the job in hand are finished");
        // a load balancer that asks `/ready` needs a moment to send requests elsewhere
        tokio::time::sleep(drain).await;
        let _ = stop.send(true);
    });
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    match certificate {
        Some((files, certificate)) => {
            let listener = listener.into_std().map_err(|e| e.to_string())?;
            tls::serve(listener, files, certificate, app, until(stopped)).await?;
        }
        None => axum::serve(listener, app)
            .with_graceful_shutdown(until(stopped))
            .await
            .map_err(|e| e.to_string())?,
    }
    let _ = worker.await;
    if let Some(ctx) = ctx {
        ctx.db.close().await;
    }
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
