//! Mails and notifications about cases: to staff on intake (each, or one a day), to the applicant on every change. A mail holds a link and
//! nothing personal; devices are told too (`push/`), also those of people without an e-mail address.

use super::{Case, team_store};
use crate::{Ctx, Failure, db, db::Tx, mail, municipality, push};
use chrono::Timelike;
use domain::urls;
use uuid::Uuid;

/// The town's name, without failing a transaction over it.
async fn town(tx: &mut Tx) -> db::Result<String> {
    Ok(municipality::current_in(tx)
        .await
        .map(|c| c.settings.name)
        .unwrap_or_default())
}

async fn send(
    ctx: &Ctx,
    tx: &mut Tx,
    to: &team_store::Reader,
    key: &str,
    link: &str,
    n: i64,
) -> db::Result<()> {
    push::tell(ctx, tx, to.id).await?;
    let Some(email) = &to.email else { return Ok(()) };
    let lang = locales::Lang::parse(&to.language);
    let town = town(tx).await?;
    let link = format!("{}{link}", ctx.base_url);
    let n = n.to_string();
    let args = [
        ("kommune", town.as_str()),
        ("link", link.as_str()),
        ("n", n.as_str()),
    ];
    let (subject, body) = (
        lang.with(&format!("{key}-subject"), &args),
        lang.with(&format!("{key}-body"), &args),
    );
    mail::put(ctx, tx, email, &subject, &body).await
}

/// Whom a case may be named to.
fn may_know(case: &Case, reader: &team_store::Reader) -> bool {
    reader.decides() && (!case.blocked || reader.sees_blocks())
}

/// A new case: those of its team who want each mail are told; without a team, or if nobody of the team may know of it, all
/// who may decide it.
pub(super) async fn intake(ctx: &Ctx, tx: &mut Tx, case: &Case, team: Option<Uuid>) -> db::Result<()> {
    let now = ctx.clock.now();
    let link = format!("{}/{}", urls::INBOX, case.id);
    let mut readers = team_store::readers(tx, team, now).await?;
    readers.retain(|r| may_know(case, r));
    if readers.is_empty() {
        readers = team_store::readers(tx, None, now).await?;
        readers.retain(|r| may_know(case, r));
    }
    for reader in readers.iter().filter(|r| r.mails == "each") {
        send(ctx, tx, reader, "mail-case-new", &link, 1).await?;
    }
    Ok(())
}

/// Something new from the applicant: the deputy is told, or whoever works on the case; if neither may know of it (any
/// more), all who may.
pub(super) async fn to_staff(ctx: &Ctx, tx: &mut Tx, case: &Case) -> db::Result<()> {
    let Some((assignee, _)) = &case.assignee else {
        return Ok(());
    };
    let now = ctx.clock.now();
    let link = format!("{}/{}", urls::INBOX, case.id);
    let deputy = team_store::deputy_of(tx, *assignee, now).await?;
    for account in deputy.into_iter().chain([*assignee]) {
        if let Some(reader) = team_store::reader(tx, account)
            .await?
            .filter(|r| may_know(case, r))
        {
            if reader.mails == "each" {
                send(ctx, tx, &reader, "mail-case-news", &link, 1).await?;
            }
            return Ok(());
        }
    }
    intake(ctx, tx, case, case.team.as_ref().map(|t| t.0)).await
}

/// A colleague handed the case over.
pub(super) async fn assigned(ctx: &Ctx, tx: &mut Tx, case: &Case, to: Uuid) -> db::Result<()> {
    let link = format!("{}/{}", urls::INBOX, case.id);
    if let Some(reader) = team_store::reader(tx, to).await?.filter(|r| r.mails == "each") {
        send(ctx, tx, &reader, "mail-case-assigned", &link, 1).await?;
    }
    Ok(())
}

/// Something new for the applicant.
pub(super) async fn to_applicant(ctx: &Ctx, tx: &mut Tx, case: &Case) -> db::Result<()> {
    let link = format!("{}/{}", urls::OWN_CASES, case.id);
    if let Some(reader) = team_store::reader(tx, case.account).await? {
        send(ctx, tx, &reader, "mail-own-case", &link, 1).await?;
    }
    Ok(())
}

/// The hour of the day, in local time, from which on the daily mail goes out.
const DIGEST_HOUR: u32 = 7;

/// One mail a day to staff who want that: how many cases are new or theirs.
pub(crate) async fn digests(ctx: &Ctx) -> Result<(), Failure> {
    let now = ctx.clock.now();
    let local = domain::time::local(now);
    if local.hour() < DIGEST_HOUR {
        return Ok(());
    }
    let mut tx = ctx.db.begin().await?;
    for (account, last) in team_store::daily_readers(&mut tx).await? {
        if last.is_some_and(|at| domain::time::local(at).date() == local.date()) {
            continue;
        }
        team_store::set_digest(&mut tx, account, now).await?;
        let Some(reader) = team_store::reader(&mut tx, account).await? else {
            continue;
        };
        let n = team_store::new_since(
            &mut tx,
            account,
            last.unwrap_or(now - chrono::Duration::hours(25)),
            reader.sees_blocks(),
        )
        .await?;
        if n > 0 {
            send(ctx, &mut tx, &reader, "mail-case-digest", urls::INBOX, n).await?;
        }
    }
    Ok(tx.commit_unaudited("the daily mails are in the outbox").await?)
}
