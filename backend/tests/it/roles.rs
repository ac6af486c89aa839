//! Roles as data: role × action as one matrix of real calls, and what changing a role does.

use crate::{
    cases as case_kit,
    kit::{self, ADMINISTRATOR, db_tests},
};
use backend::{
    Ctx, Failure, accounts, audit,
    cases::{self, Decision, InboxFilter},
    jobs, letters, municipality, organisations, registration, residents, surveys, talk,
};
use domain::{
    access::{Actor, Permission, Permissions, Role, StaffRole},
    cases::Outcome,
    letters::{state::ReturnReason, template::Occasion},
    surveys::Survey,
    tables::{Columns, Table},
};
use std::fmt::Debug;
use uuid::Uuid;

db_tests!(
    every_role_on_every_action,
    a_role_is_changed_while_somebody_works,
    roles_of_ones_own,
    administrators_stay,
);

/// What the actions are tried on: all of it exists, so that a refusal is one of permission.
struct Things {
    resident: Uuid,
    list: Uuid,
    batch: Uuid,
    case: Uuid,
    version: i64,
    colleague: Uuid,
}

fn mark<T, R: Debug + PartialEq>(result: Result<T, Failure<R>>) -> bool {
    match result {
        Err(Failure::Denied) => false,
        Err(Failure::Busy) => panic!("busy"),
        Err(Failure::Broken(incident)) => panic!("broken: {incident}"),
        _ => true,
    }
}

/// What was tried, and whether the permission was not what stopped it.
type Seen = Vec<(&'static str, bool)>;

/// Each action once, by this actor. In pieces: rustc takes minutes for one function that waits so often.
async fn attempts(ctx: &Ctx, a: Actor, t: &Things) -> Seen {
    let mut seen = Vec::new();
    seen.extend(Box::pin(attempts_1(ctx, a, t)).await);
    seen.extend(Box::pin(attempts_2(ctx, a, t)).await);
    seen.extend(Box::pin(attempts_3(ctx, a, t)).await);
    seen.extend(Box::pin(attempts_4(ctx, a, t)).await);
    seen.extend(Box::pin(attempts_5(ctx, a, t)).await);
    seen.extend(Box::pin(attempts_6(ctx, a, t)).await);
    seen.extend(Box::pin(attempts_7(ctx, a, t)).await);
    seen
}

async fn attempts_1(ctx: &Ctx, a: Actor, t: &Things) -> Seen {
    let everything = residents::Search::default();
    let mut seen = Vec::new();
    seen.push(("see figures", mark(Box::pin(residents::totals(ctx, a)).await)));
    seen.push((
        "see failed proofs",
        mark(Box::pin(registration::failed_proofs(ctx, a)).await),
    ));
    seen.push((
        "search residents",
        mark(Box::pin(residents::search(ctx, a, &everything)).await),
    ));
    seen.push((
        "open a resident",
        mark(Box::pin(residents::show(ctx, a, t.resident)).await),
    ));
    seen.push((
        "ban letters",
        mark(Box::pin(residents::single::set_ban(ctx, a, t.resident, false)).await),
    ));
    seen.push((
        "upload a list",
        mark(Box::pin(residents::upload(ctx, a, "x.csv", b"?".to_vec())).await),
    ));
    seen.push((
        "open a list",
        mark(Box::pin(residents::preview(ctx, a, t.list)).await),
    ));
    seen.push((
        "see rows",
        mark(Box::pin(residents::lists::rules_of(ctx, a, t.list)).await),
    ));
    seen.push((
        "see what a list does",
        mark(Box::pin(residents::lists::consequences(ctx, a, t.list)).await),
    ));
    seen
}

async fn attempts_2(ctx: &Ctx, a: Actor, t: &Things) -> Seen {
    let waiting = || letters::Selection::Waiting {
        district: String::new(),
    };
    let mut seen = Vec::new();
    seen.push((
        "apply a list",
        mark(Box::pin(residents::lists::apply(ctx, a, t.list, 9_999)).await),
    ));
    seen.push(("see batches", mark(Box::pin(letters::batches(ctx, a)).await)));
    seen.push((
        "see council figures",
        mark(Box::pin(letters::council::council(ctx, a)).await),
    ));
    seen.push((
        "count who waits",
        mark(Box::pin(letters::count_waiting(ctx, a, "")).await),
    ));
    seen.push((
        "make letters",
        mark(Box::pin(letters::create_batch(ctx, a, &waiting())).await),
    ));
    seen.push((
        "see files of a batch",
        mark(Box::pin(letters::download(ctx, a, t.batch, 1)).await),
    ));
    seen.push((
        "note returned mail",
        mark(
            Box::pin(letters::returns::note_return(
                ctx,
                a,
                "L-0000-0000",
                ReturnReason::Unknown,
            ))
            .await,
        ),
    ));
    seen.push((
        "see doubtful addresses",
        mark(Box::pin(letters::returns::doubtful(ctx, a)).await),
    ));
    seen.push((
        "see requests for letters",
        mark(Box::pin(letters::requests::requests(ctx, a)).await),
    ));
    seen
}

async fn attempts_3(ctx: &Ctx, a: Actor, t: &Things) -> Seen {
    let current = municipality::current(ctx).await.unwrap();
    let mut seen = Vec::new();
    seen.push((
        "edit templates",
        mark(Box::pin(letters::template_versions(ctx, a, Occasion::First)).await),
    ));
    seen.push((
        "see control letters",
        mark(Box::pin(letters::control::control(ctx, a)).await),
    ));
    seen.push((
        "reserve numbers",
        mark(Box::pin(letters::outside::reserve(ctx, a, 0)).await),
    ));
    seen.push((
        "change settings",
        mark(
            Box::pin(municipality::save(
                ctx,
                a,
                current.settings.clone(),
                current.version - 1,
            ))
            .await,
        ),
    ));
    seen.push(("see failing work", mark(Box::pin(jobs::failing(ctx, a)).await)));
    seen.push(("see the team", mark(Box::pin(accounts::staff(ctx, a)).await)));
    seen.push((
        "invite",
        mark(Box::pin(accounts::invite_staff(ctx, a, "", "", "", "de")).await),
    ));
    seen.push((
        "change a role",
        mark(Box::pin(accounts::set_staff_role(ctx, a, t.colleague, "clerk")).await),
    ));
    seen.push((
        "switch off an account",
        mark(Box::pin(accounts::set_staff_active(ctx, a, t.colleague, true)).await),
    ));
    seen
}

async fn attempts_4(ctx: &Ctx, a: Actor, t: &Things) -> Seen {
    let mut seen = Vec::new();
    seen.push((
        "reset factors",
        mark(Box::pin(accounts::reset_factors(ctx, a, t.colleague)).await),
    ));
    seen.push(("see roles", mark(Box::pin(accounts::roles(ctx, a)).await)));
    seen.push((
        "change permissions",
        mark(
            Box::pin(accounts::save_role(
                ctx,
                a,
                "clerk",
                "",
                Permissions::NONE,
                Permissions::NONE,
            ))
            .await,
        ),
    ));
    seen.push((
        "make a role",
        mark(Box::pin(accounts::new_role(ctx, a, "", "clerk")).await),
    ));
    seen.push((
        "reset a role",
        mark(Box::pin(accounts::reset_role(ctx, a, "clerk")).await),
    ));
    seen.push((
        "see the sign-in service",
        mark(Box::pin(accounts::sign_in_service(ctx, a)).await),
    ));
    seen.push((
        "set up the sign-in service",
        mark(
            Box::pin(accounts::save_sign_in_service(
                ctx,
                a,
                &accounts::SignInService::default(),
                "",
            ))
            .await,
        ),
    ));
    seen.push((
        "read the log",
        mark(Box::pin(audit::list(ctx, a, "", None, 1)).await),
    ));
    seen.push(("export heads", mark(Box::pin(audit::daily_heads(ctx, a)).await)));
    seen
}

async fn attempts_5(ctx: &Ctx, a: Actor, t: &Things) -> Seen {
    let reject = Decision {
        outcome: Outcome::Rejected,
        text: String::new(),
        typed: String::new(),
    };
    let mut seen = Vec::new();
    seen.push((
        "see the inbox",
        mark(Box::pin(cases::inbox(ctx, a, &InboxFilter::default())).await),
    ));
    seen.push(("open a case", mark(Box::pin(cases::open(ctx, a, t.case)).await)));
    seen.push((
        "take a case",
        mark(Box::pin(cases::take(ctx, a, t.case, t.version)).await),
    ));
    seen.push((
        "write to the applicant",
        mark(Box::pin(cases::tell(ctx, a, t.case, t.version, "", None)).await),
    ));
    seen.push((
        "note for colleagues",
        mark(Box::pin(cases::note(ctx, a, t.case, t.version, "")).await),
    ));
    seen.push((
        "decide",
        mark(Box::pin(cases::decide(ctx, a, t.case, t.version, &reject)).await),
    ));
    seen.push((
        "try a desk code",
        mark(Box::pin(cases::by_desk_code(ctx, a, "AAAA")).await),
    ));
    seen.push(("be away", mark(Box::pin(cases::back_again(ctx, a)).await)));
    seen.push((
        "see texts for answers",
        mark(Box::pin(cases::templates(ctx, a, None)).await),
    ));
    seen
}

async fn attempts_6(ctx: &Ctx, a: Actor, t: &Things) -> Seen {
    let everything = residents::Search::default();
    let german = locales::Lang::parse("de");
    let mut seen = Vec::new();
    seen.push((
        "write a survey",
        mark(Box::pin(surveys::create(ctx, a, &Survey::default())).await),
    ));
    seen.push(("see surveys", mark(Box::pin(surveys::list(ctx, a)).await)));
    seen.push(("see reports", mark(Box::pin(talk::moderation(ctx, a)).await)));
    seen.push((
        "hide what was written",
        mark(Box::pin(talk::hide(ctx, a, t.case, 0, "")).await),
    ));
    seen.push((
        "see organisations",
        mark(Box::pin(organisations::organisations(ctx, a, "", None, None)).await),
    ));
    seen.push((
        "export the register",
        mark(
            Box::pin(residents::register_workbook(
                ctx,
                a,
                &everything,
                &Columns::standard(Table::Register),
                german,
            ))
            .await,
        ),
    ));
    seen.push((
        "export the inbox",
        mark(
            Box::pin(cases::inbox_workbook(
                ctx,
                a,
                &InboxFilter::default(),
                &Columns::standard(Table::Inbox),
                german,
            ))
            .await,
        ),
    ));
    seen.push((
        "export organisations",
        mark(
            Box::pin(organisations::organisations_workbook(
                ctx,
                a,
                "",
                None,
                None,
                &Columns::standard(Table::Organisations),
                german,
            ))
            .await,
        ),
    ));
    let columns = Columns::standard(Table::Batches);
    seen.push((
        "export batches",
        mark(Box::pin(letters::batches_workbook(ctx, a, &columns, german)).await),
    ));
    seen
}

async fn attempts_7(ctx: &Ctx, a: Actor, t: &Things) -> Seen {
    let german = locales::Lang::parse("de");
    let mut seen = Vec::new();
    let (columns, few) = (Columns::standard(Table::Audit), audit::LogFilter::default());
    seen.push((
        "export the log",
        mark(Box::pin(audit::log_workbook(ctx, a, &few, &columns, german)).await),
    ));
    seen.push((
        "find who got a letter",
        mark(Box::pin(letters::holder(ctx, a, "")).await),
    ));
    seen.push((
        "cancel making letters",
        mark(Box::pin(letters::cancel(ctx, a, t.batch)).await),
    ));
    seen.push((
        "cancel reading a list",
        mark(Box::pin(residents::lists::cancel(ctx, a, t.list)).await),
    ));
    seen.push((
        "count cases by week",
        mark(Box::pin(cases::by_week(ctx, a, 2)).await),
    ));
    seen.push(("set up teams", mark(Box::pin(cases::add_team(ctx, a, "")).await)));

    seen
}

async fn every_role_on_every_action(ctx: Ctx) {
    let who = case_kit::resident(&ctx, 0).await;
    let case = case_kit::sent(&ctx, &who).await;
    let search = residents::Search::default();
    let resident = residents::search(&ctx, kit::OFFICER, &search).await.unwrap()[0].id;
    let rows = "Nachname;Vorname;Straße;HNr;PLZ;Ort\nNeu;Nora;Weg;;01945;Lindenau\n";
    let list = residents::upload(&ctx, kit::OFFICER, "liste.csv", rows.into())
        .await
        .unwrap();
    let batch = letters::batches(&ctx, kit::OFFICER).await.unwrap()[0].id;
    let colleague = case_kit::staff(&ctx, "Carl", Role::Clerk)
        .await
        .account()
        .unwrap();
    let mut actors = Vec::new();
    for role in Role::ALL {
        actors.push(case_kit::staff(&ctx, role.key(), role).await);
    }
    actors.push(who.actor());
    actors.push(Actor::Visitor);
    let mut picture: Vec<(&str, String)> = Vec::new();
    for actor in actors {
        let things = Things {
            resident,
            list,
            batch,
            case,
            version: 0,
            colleague,
        };
        for (i, (name, allowed)) in attempts(&ctx, actor, &things).await.into_iter().enumerate() {
            if picture.len() <= i {
                picture.push((name, String::new()));
            }
            picture[i].1.push(if allowed { 'x' } else { '.' });
        }
    }
    let picture: String = picture
        .into_iter()
        .map(|(name, marks)| format!("{marks} {name}\n"))
        .collect();
    // administrator, registry officer, letter officer, clerk, auditor, resident, visitor
    let expected = "\
xxxxx.. see figures
xxxxx.. see failed proofs
.xxx... search residents
.xxx... open a resident
.x..... ban letters
.x..... upload a list
.x..... open a list
.x..... see rows
.x..... see what a list does
.x..... apply a list
xxxx... see batches
xxxx... see council figures
xxxx... count who waits
.xx.... make letters
.xx.... see files of a batch
.xx.... note returned mail
.xxx... see doubtful addresses
.xxx... see requests for letters
xx..... edit templates
xx..... see control letters
.x..... reserve numbers
x...... change settings
x...... see failing work
x...... see the team
x...... invite
x...... change a role
x...... switch off an account
x...... reset factors
x...... see roles
x...... change permissions
x...... make a role
x...... reset a role
x...... see the sign-in service
x...... set up the sign-in service
x...x.. read the log
x...x.. export heads
.x.x... see the inbox
.x.x... open a case
.x.x... take a case
.x.x... write to the applicant
.x.x... note for colleagues
.x.x... decide
.x.x... try a desk code
.x.x... be away
xx.x... see texts for answers
.x.x... write a survey
.x.x... see surveys
.x.x... see reports
.x.x... hide what was written
.x.x... see organisations
.xxx... export the register
.x.x... export the inbox
.x.x... export organisations
xxxx... export batches
x...x.. export the log
.xxx... find who got a letter
.xx.... cancel making letters
.x..... cancel reading a list
.x.x... count cases by week
x...... set up teams
";
    assert_eq!(picture, expected, "\n{picture}");
}

async fn role(ctx: &Ctx, key: &str) -> StaffRole {
    let all = accounts::roles(ctx, ADMINISTRATOR).await.unwrap();
    all.into_iter().find(|l| l.role.key == key).unwrap().role
}

async fn a_role_is_changed_while_somebody_works(ctx: Ctx) {
    let clerk = case_kit::staff(&ctx, "Carla", Role::Clerk).await;
    let step = accounts::sign_in(
        &ctx,
        &kit::visitor(),
        "carla@lindenau.example",
        case_kit::PASSWORD,
    )
    .await;
    let (token, who) = step.unwrap().signed_in().unwrap();
    assert!(who.actor().may(Permission::DecideCases));
    let was = role(&ctx, "clerk").await.permissions;
    let less = was.without(Permission::DecideCases).with(Permission::ReadAudit);
    let save = async |new: Permissions, seen: Permissions| {
        accounts::save_role(&ctx, ADMINISTRATOR, "clerk", "", new, seen).await
    };
    save(less, was).await.unwrap();
    // at the next click, without signing in again
    let who = accounts::session(&ctx, &token).await.unwrap().unwrap();
    assert!(!who.actor().may(Permission::DecideCases));
    assert!(who.actor().may(Permission::ReadAudit));
    // mails about cases and deputies follow
    let team = cases::team_page(&ctx, ADMINISTRATOR).await.unwrap();
    assert!(
        team.colleagues
            .iter()
            .all(|(id, ..)| Some(*id) != clerk.account())
    );
    // a second administrator saw the former state
    let Err(Failure::Refused(stale)) = save(was, was).await else {
        panic!("stale")
    };
    assert_eq!(stale.0[0].code, "problem-role-changed");
    // what means nothing alone is said
    let gap = Permissions::NONE.with(Permission::ImportResidents);
    let Err(Failure::Refused(gaps)) = save(gap, less).await else {
        panic!("gaps")
    };
    assert_eq!(
        gaps.0.iter().map(|p| p.code.as_str()).collect::<Vec<_>>(),
        ["problem-needs-see-residents", "problem-needs-see-blocks"]
    );
    let events = audit::list(&ctx, ADMINISTRATOR, "accounts", None, 20)
        .await
        .unwrap();
    let event = events
        .iter()
        .find(|e| e.action == "accounts.change-permissions")
        .unwrap();
    assert!(
        event.detail.contains("decide-cases") && event.detail.contains("read-audit"),
        "{}",
        event.detail
    );
    accounts::reset_role(&ctx, ADMINISTRATOR, "clerk").await.unwrap();
    assert_eq!(role(&ctx, "clerk").await.permissions, was);
}

async fn roles_of_ones_own(ctx: Ctx) {
    let new = async |name: &str| accounts::new_role(&ctx, ADMINISTRATOR, name, "administrator").await;
    for bad in ["", "   ", &"x".repeat(61)] {
        assert!(matches!(new(bad).await, Err(Failure::Refused(_))), "{bad}");
    }
    let key = new("Standesamt").await.unwrap();
    assert!(matches!(new("standesamt").await, Err(Failure::Refused(_))));
    let made = role(&ctx, &key).await;
    assert_eq!(made.name, "Standesamt");
    assert!(
        !made.permissions.has(Permission::ManageStaff),
        "only administrators manage the team"
    );
    let want = made
        .permissions
        .with(Permission::ManageStaff)
        .with(Permission::SeeCases);
    accounts::save_role(&ctx, ADMINISTRATOR, &key, "Standesamt I", want, made.permissions)
        .await
        .unwrap();
    assert!(!role(&ctx, &key).await.permissions.has(Permission::ManageStaff));
    let nora = accounts::invite_staff(&ctx, ADMINISTRATOR, "Nora", "nora@lindenau.example", &key, "de")
        .await
        .unwrap();
    let unknown = accounts::invite_staff(&ctx, ADMINISTRATOR, "N", "n@lindenau.example", "own-0", "de").await;
    assert!(matches!(unknown, Err(Failure::Refused(_))));
    let held = accounts::reset_role(&ctx, ADMINISTRATOR, &key).await;
    assert_eq!(held, Err(Failure::Refused(accounts::RoleRefusal::InUse)));
    accounts::set_staff_role(&ctx, ADMINISTRATOR, nora, "clerk")
        .await
        .unwrap();
    assert_eq!(
        accounts::set_staff_role(&ctx, ADMINISTRATOR, nora, "own-0").await,
        Err(Failure::Denied)
    );
    accounts::reset_role(&ctx, ADMINISTRATOR, &key).await.unwrap();
    assert_eq!(
        accounts::roles(&ctx, ADMINISTRATOR).await.unwrap().len(),
        Role::ALL.len()
    );
}

async fn administrators_stay(ctx: Ctx) {
    let was = role(&ctx, "administrator").await.permissions;
    accounts::save_role(&ctx, ADMINISTRATOR, "administrator", "", Permissions::NONE, was)
        .await
        .unwrap();
    let now = role(&ctx, "administrator").await.permissions;
    assert_eq!(now.stored(), "see-dashboard manage-staff");
    // and whoever has only that can put it right
    let actor = Actor::Staff {
        account: Uuid::from_u128(3),
        permissions: now,
    };
    accounts::reset_role(&ctx, actor, "administrator").await.unwrap();
}
