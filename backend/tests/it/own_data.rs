//! What people learn of their own data, what the log tells, and what changes an address.

use crate::{
    kit::{self, db_tests},
    security::{PASSWORD, erika, sign_in, staff, token, whole},
};
use backend::{Ctx, Failure, accounts, audit, mail};
use chrono::Duration;
use domain::{
    access::{Actor, Role},
    cases::{CaseKind, Request},
};

db_tests!(
    everything_about_me,
    the_log_has_heads_and_filters,
    an_address_is_changed_with_the_password_only,
);

async fn everything_about_me(ctx: Ctx) {
    let who = erika(&ctx).await;
    let carla = staff(&ctx, "Carla", Role::Clerk).await;
    let clerk = Actor::staff(carla, Role::Clerk);
    let search = backend::residents::Search::default();
    let id = backend::residents::search(&ctx, clerk, &search).await.unwrap()[0].id;
    // searching is not looking; opening is, once an hour
    assert!(accounts::own_data(&ctx, &who).await.unwrap().looks.is_empty());
    backend::residents::show(&ctx, clerk, id).await.unwrap();
    backend::residents::show(&ctx, clerk, id).await.unwrap();
    ctx.clock.advance(Duration::hours(2));
    backend::residents::show(&ctx, clerk, id).await.unwrap();
    let data = accounts::own_data(&ctx, &who).await.unwrap();
    let looks: Vec<&str> = data.looks.iter().map(|l| l.who.as_str()).collect();
    assert_eq!(looks, ["Carla", "Carla"]);
    // reading what the person wrote is a look too
    ctx.clock.advance(Duration::hours(2));
    let text = Request::default().with("subject", "Lampe").with("text", "aus");
    let message = backend::cases::begin(&ctx, &who, CaseKind::Message, &text)
        .await
        .unwrap();
    let bert = Actor::staff(staff(&ctx, "bert", Role::Clerk).await, Role::Clerk);
    backend::cases::open(&ctx, bert, message).await.unwrap();
    let data = accounts::own_data(&ctx, &who).await.unwrap();
    assert_eq!((data.looks.len(), data.looks[0].who.as_str()), (3, "bert"));
    assert_eq!(data.register.as_ref().unwrap().family_name, "Müller");
    assert_eq!((data.letters.len(), data.agreed.len()), (1, 1));
    let lang = locales::Lang::parse("de");
    let json = accounts::copy_of_own_data(&ctx, &who, accounts::CopyKind::Json, lang)
        .await
        .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["email"], "erika@example.org");
    assert!(!json.to_string().contains("password"));
    let pdf = accounts::copy_of_own_data(&ctx, &who, accounts::CopyKind::Pdf, lang)
        .await
        .unwrap();
    assert!(pdf.starts_with(b"%PDF"));
    // staff have no such page; looks do not stay for ever
    let (_, anja) = {
        staff(&ctx, "anja", Role::Clerk).await;
        whole(sign_in(&ctx, "anja").await)
    };
    assert!(accounts::own_data(&ctx, &anja).await.is_err());
    ctx.clock.advance(Duration::days(366));
    backend::jobs::sweep(&ctx).await.unwrap();
    assert!(accounts::own_data(&ctx, &who).await.unwrap().looks.is_empty());
}

async fn the_log_has_heads_and_filters(ctx: Ctx) {
    let anja = staff(&ctx, "anja", Role::Clerk).await;
    ctx.clock.advance(Duration::days(2));
    staff(&ctx, "bert", Role::Clerk).await;
    sign_in(&ctx, "anja").await;
    let heads = audit::daily_heads(&ctx, kit::AUDITOR).await.unwrap();
    let seqs: Vec<i64> = heads.iter().map(|h| h.seq).collect();
    assert_eq!(seqs, [3, 1]);
    assert_eq!(
        (heads[1].day.to_string().as_str(), heads[1].hash.len()),
        ("2026-11-22", 64)
    );
    assert_eq!(audit::daily_heads(&ctx, kit::CLERK).await, Err(Failure::Denied));
    let count = async |filter: audit::LogFilter| {
        audit::events(&ctx, kit::AUDITOR, &filter, 100)
            .await
            .unwrap()
            .len()
    };
    let all = audit::LogFilter::default();
    assert_eq!(count(all.clone()).await, 3);
    let day = Some("2026-11-22".parse().unwrap());
    assert_eq!(
        count(audit::LogFilter {
            to: day,
            ..all.clone()
        })
        .await,
        1
    );
    assert_eq!(
        count(audit::LogFilter {
            from: day,
            to: day,
            ..all.clone()
        })
        .await,
        1
    );
    let id = anja.to_string().split_off(28);
    assert_eq!(count(audit::LogFilter { id, ..all.clone() }).await, 2);
    // a pattern is no id
    assert_eq!(
        count(audit::LogFilter {
            id: "%".into(),
            ..all.clone()
        })
        .await,
        3
    );
    assert_eq!(
        count(audit::LogFilter {
            kind: "resident".into(),
            ..all.clone()
        })
        .await,
        0
    );
    assert_eq!(
        count(audit::LogFilter {
            feature: "letters".into(),
            ..all
        })
        .await,
        0
    );
}

async fn an_address_is_changed_with_the_password_only(ctx: Ctx) {
    let who = erika(&ctx).await;
    let change = async |password: &str| {
        ctx.clock.advance(Duration::seconds(1));
        accounts::request_email(&ctx, &who, password, "neu@example.org", "de").await
    };
    assert!(matches!(change("falsch").await, Err(Failure::Refused(p)) if p.0[0].field == "email_password"));
    change(PASSWORD).await.unwrap();
    let link = token(&ctx).await;
    ctx.clock.advance(Duration::seconds(1));
    accounts::confirm_email(&ctx, &kit::visitor(), Some(&who), &link, "")
        .await
        .unwrap();
    // the former address is told, with the number that freezes
    let told = mail::waiting(&ctx).await.unwrap().pop().unwrap();
    let number = accounts::freeze_number(&ctx, who.account).await.unwrap();
    assert!(told.contains(&number) && told.contains("das-war-ich-nicht"));
    // for staff a link and a password are no way around the second factor
    staff(&ctx, "anja", Role::Clerk).await;
    let (_, anja) = whole(sign_in(&ctx, "anja").await);
    ctx.clock.advance(Duration::seconds(1));
    accounts::request_email(&ctx, &anja, PASSWORD, "anja2@lindenau.example", "de")
        .await
        .unwrap();
    let link = token(&ctx).await;
    let outside = accounts::confirm_email(&ctx, &kit::visitor(), None, &link, PASSWORD).await;
    assert!(matches!(outside, Err(Failure::Refused(_))));
}
