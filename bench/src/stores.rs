//! A thousand municipalities in one process: creating them, looking whether all are up to date, and how much memory the
//! open stores take, beside one municipality.

use crate::usage;
use backend::{
    ctx::Clock,
    db,
    hosting::{Hosting, Place, Settings},
    keys::Key,
    outgoing::Outgoing,
};
use std::time::Instant;

/// `stores [N] [--store postgres://…]`: files, or schemas in an empty database.
pub(crate) async fn run(count: usize, schemas: Option<&str>) {
    let folder = std::env::temp_dir().join(format!("stadtbrief-bench-{}-stores", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let settings = Settings {
        data: folder.clone(),
        register: format!("sqlite:{}", folder.join("register.db").display()),
        schemas: schemas.map(str::to_owned),
        mail: format!("folder:{}", folder.join("mail").display()),
        connections: 16,
        files: None,
        outgoing: Outgoing::Any,
    };
    let hosting = Hosting::open(settings, Key::random(), Clock::System)
        .await
        .unwrap();
    let place = if schemas.is_some() {
        Place::Schema
    } else {
        Place::File
    };
    println!("{count} municipalities, each a {}", place.key());
    let start = Instant::now();
    for n in 0..count {
        let url = format!("https://ort{n}.example");
        hosting
            .create(&format!("ort-{n}"), &url, place, None)
            .await
            .unwrap();
        if n == 0 {
            println!(
                "  the first one is made in       {:8.1} ms",
                start.elapsed().as_secs_f64() * 1e3
            );
        }
    }
    let each = start.elapsed().as_secs_f64() * 1e3 / count as f64;
    println!("  each is made in                {each:8.1} ms");
    // what `stadtbrief migrate --dry-run` does
    let start = Instant::now();
    let mut current = 0;
    for m in hosting.list().await.unwrap() {
        let ctx = hosting.ctx(&m).await.unwrap();
        let (applied, known) = db::applied_and_known(&ctx.db).await.unwrap();
        current += usize::from(applied == known);
        ctx.db.close().await;
    }
    let time = start.elapsed().as_secs_f64();
    println!(
        "  a look at all of them          {time:8.2} s, {:.1} ms each; {current} up to date",
        time * 1e3 / count as f64
    );
    // a server keeps those open that were asked for
    let before = usage::memory_mb("self", "VmRSS:");
    let start = Instant::now();
    let mut open = Vec::new();
    for m in hosting.list().await.unwrap() {
        let ctx = hosting.ctx(&m).await.unwrap();
        backend::municipality::current(&ctx).await.unwrap();
        open.push(ctx);
    }
    let memory = usage::memory_mb("self", "VmRSS:") - before;
    println!(
        "  all open, settings read        {:8.2} s; {:.0} MB more, {:.2} MB each",
        start.elapsed().as_secs_f64(),
        memory,
        memory / count as f64
    );
    for ctx in open {
        ctx.db.close().await;
    }
    let _ = std::fs::remove_dir_all(&folder);
}
