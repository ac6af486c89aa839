//! Benchmarks: both sides of each ratio from one run. `cargo xtask bench [backup|import|million|city|quality|letters|letters-city|masks|pages|redeem|scanner|
//! serve|soak|day|sizes|stores|lighthouse]`.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark prints its figures and stops when something breaks"
)]

mod backup;
mod city;
mod import;
mod letters;
mod lighthouse;
mod masks;
mod pages;
mod peers;
mod quality;
mod redeem;
mod scanner;
mod serve;
mod sizes;
mod stores;
mod town;
mod usage;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // children that measure their own peak memory
    if arguments.first().is_some_and(|a| a == "child") {
        return letters::child(&arguments[1], arguments[2].parse().unwrap());
    }
    if arguments.first().is_some_and(|a| a == "check") {
        return import::child(&arguments[1]);
    }
    if arguments.first().is_some_and(|a| a == "city-child") {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        return runtime.block_on(city::child(&arguments[1]));
    }
    if arguments.first().is_some_and(|a| a == "sizes-child") {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        return runtime.block_on(sizes::child(arguments[1].parse().unwrap()));
    }
    // the words behind it are its own
    if arguments.first().is_some_and(|a| a == "scanner") {
        return scanner::run(&arguments[1..]);
    }
    // some minutes each: only by name
    match arguments.first().map(String::as_str) {
        Some("serve") => return serve::run(&arguments[1..]),
        Some("soak") => return serve::soak(&arguments[1..]),
        Some("day") => return serve::day(&arguments[1..]),
        Some("lighthouse") => return lighthouse::run(&arguments[1..]),
        _ => {}
    }
    // half an hour with a million: only by name
    if arguments.first().is_some_and(|a| a == "sizes") {
        let sizes: Vec<u32> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
        return sizes::run(&sizes);
    }
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|a| a == name);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if wanted("import") {
        runtime.block_on(import::run());
    }
    if wanted("million") {
        import::million();
    }
    // some minutes: only by name
    if arguments.iter().any(|a| a == "city") {
        let rows = arguments.iter().find_map(|a| a.parse().ok());
        city::run(rows.unwrap_or(1_000_000));
    }
    if wanted("backup") {
        let rows = arguments.iter().find_map(|a| a.parse().ok());
        runtime.block_on(backup::run(rows.unwrap_or(100_000)));
    }
    // some minutes: only by name
    if arguments.iter().any(|a| a == "stores") {
        let count = arguments.iter().find_map(|a| a.parse().ok());
        let schemas = arguments.iter().find(|a| a.starts_with("postgres"));
        let schemas = schemas.map(String::as_str);
        runtime.block_on(stores::run(count.unwrap_or(1_000), schemas));
    }
    if wanted("quality") {
        quality::run();
    }
    if wanted("letters") {
        letters::run();
    }
    if wanted("masks") {
        masks::run();
    }
    // two minutes: only by name
    if arguments.iter().any(|a| a == "letters-city") {
        letters::million();
    }
    if wanted("pages") {
        runtime.block_on(pages::run());
    }
    if wanted("redeem") {
        runtime.block_on(redeem::run());
    }
    if wanted("scanner") {
        scanner::run(&[]);
    }
}
