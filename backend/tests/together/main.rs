//! What a verified town does together, on both databases: surveys, ideas, comments, reports.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../it/kit.rs"]
#[allow(dead_code, unused_imports, reason = "shared with the tests of use cases")]
mod kit;
mod organisations;
mod push;
mod surveys;
mod talk;
mod texts;

use backend::{
    Ctx,
    accounts::{self, SignedIn},
    municipality,
    registration::{self, Claim, Code},
};

/// Settings of the demo, these people (family name, birth date, district, register block) in the register, and an account for
/// each who may have a letter, in the order of the batch.
pub(crate) async fn town(ctx: &Ctx, people: &[(String, &str, &str, bool)]) -> Vec<SignedIn> {
    let mut settings = backend::demo::settings();
    // people with a register block get a letter of their own
    settings.blocked_route = domain::municipality::BlockedRoute::Neutral;
    municipality::save(ctx, kit::ADMINISTRATOR, settings, 0)
        .await
        .unwrap();
    let mut text = "Nachname;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort;Ortsteil;Auskunftssperre\n".to_owned();
    for (n, (family, born, district, blocked)) in people.iter().enumerate() {
        let block = if *blocked { "§ 51" } else { "" };
        text += &format!("{family};Erika;{born};Ringstraße;{n};01945;Lindenau;{district};{block}\n");
    }
    kit::apply(ctx, text.into_bytes()).await;
    let (_, codes) = kit::make_letters(ctx).await;
    let mut accounts = Vec::new();
    for (qr, _) in codes {
        accounts.push(redeem(ctx, &qr).await);
    }
    accounts
}

async fn redeem(ctx: &Ctx, qr: &str) -> SignedIn {
    let claim = Claim {
        password: "grüner Tee um vier".into(),
        email: String::new(),
        consent: true,
        birth_date: None,
        name: String::new(),
    };
    let code = Code::parse(qr).unwrap();
    let made = registration::redeem(ctx, &kit::visitor(), &code, &claim, None)
        .await
        .unwrap();
    accounts::session(ctx, &made.session.unwrap())
        .await
        .unwrap()
        .unwrap()
}

/// People with different names, all born in one year and living in one district.
pub(crate) fn crowd(
    count: usize,
    born: &'static str,
    district: &'static str,
) -> Vec<(String, &'static str, &'static str, bool)> {
    // names that are not alike: the check of a list would ask whether two of them are the same person
    const ENDS: [&str; 6] = ["wald", "berg", "feld", "hausen", "stein", "bach"];
    const STARTS: [&str; 6] = ["Ahorn", "Birken", "Ulmen", "Linden", "Tannen", "Eschen"];
    (0..count)
        .map(|n| {
            let name = format!("{}{}{}", STARTS[n % 6], ENDS[n / 6 % 6], district.to_lowercase());
            (name, born, district, false)
        })
        .collect()
}
