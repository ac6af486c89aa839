//! Redeeming: proving a code and making an account, beside the password hash alone (its floor).

use crate::town;
use backend::{
    accounts,
    db::testing,
    registration::{self, Code},
};
use std::time::Instant;

const ACCOUNTS: usize = 60;

pub(crate) async fn run() {
    let ctx = testing::sqlite().await;
    let list = include_bytes!("../../assets/demo/einwohner-clean-500.xlsx").to_vec();
    town::fill(&ctx, "liste.xlsx", list).await;
    let batch = town::letters(&ctx).await;
    let codes: Vec<Code> = town::links(&ctx, batch, 500)
        .await
        .iter()
        .filter_map(|link| Code::parse(link))
        .collect();
    let visitor = town::visitor(0);

    let start = Instant::now();
    for code in &codes {
        registration::prove(&ctx, &visitor, code).await.unwrap();
    }
    let prove = start.elapsed().as_secs_f64() / codes.len() as f64;
    let start = Instant::now();
    for _ in 0..ACCOUNTS {
        accounts::hash_password::<()>(&ctx, &town::claim().password)
            .await
            .unwrap();
    }
    let hash = start.elapsed().as_secs_f64() / ACCOUNTS as f64;
    let claim = town::claim();
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
