//! Redeeming: proving a code and making an account, beside the password hash alone (its floor).

use backend::{
    accounts::{self, Visitor},
    db::testing,
    demo, jobs, letters, municipality,
    registration::{self, Claim, Code},
    residents,
};
use domain::access::Actor;
use std::time::Instant;

const ACCOUNTS: usize = 60;

pub(crate) async fn run() {
    let ctx = testing::sqlite().await;
    municipality::save(&ctx, Actor::System, demo::settings(), 0)
        .await
        .unwrap();
    let list = include_bytes!("../../assets/demo/einwohner-clean-500.xlsx").to_vec();
    let id = residents::upload(&ctx, Actor::System, "liste.xlsx", list)
        .await
        .unwrap();
    residents::lists::take_over(&ctx, Actor::System, id)
        .await
        .unwrap();
    let all = letters::Selection::Waiting {
        district: String::new(),
    };
    let batch = letters::create_batch(&ctx, Actor::System, &all).await.unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let codes: Vec<Code> = letters::reveal(&ctx, batch, 500)
        .await
        .unwrap()
        .iter()
        .filter_map(|c| Code::parse(&c.0))
        .collect();
    let visitor = Visitor {
        address: "192.0.2.1".into(),
        device: "Bench".into(),
        language: "de".into(),
    };

    let start = Instant::now();
    for code in &codes {
        registration::prove(&ctx, &visitor, code).await.unwrap();
    }
    let prove = start.elapsed().as_secs_f64() / codes.len() as f64;
    let start = Instant::now();
    for _ in 0..ACCOUNTS {
        accounts::hash_password::<()>(&ctx, "grüner Tee um vier")
            .await
            .unwrap();
    }
    let hash = start.elapsed().as_secs_f64() / ACCOUNTS as f64;
    let claim = Claim {
        password: "grüner Tee um vier".into(),
        consent: true,
        ..Claim::default()
    };
    let start = Instant::now();
    for code in codes.iter().take(ACCOUNTS) {
        registration::redeem(&ctx, &visitor, code, &claim, None)
            .await
            .unwrap();
    }
    let redeem = start.elapsed().as_secs_f64() / ACCOUNTS as f64;
    println!("redeem, one after another, SQLite with synchronous=FULL");
    println!("  prove a code                {:8.3} ms", prove * 1_000.0);
    println!("  hash a password (floor)     {:8.3} ms", hash * 1_000.0);
    println!(
        "  redeem: account and session {:8.3} ms   {:.2} × the password hash",
        redeem * 1_000.0,
        redeem / hash
    );
}
