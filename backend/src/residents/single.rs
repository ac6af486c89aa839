//! One resident by hand: add, change, block, remove. The same rules as for lists.

use super::{
    lists::{self, Match, Plan},
    store,
};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    letters, municipality,
};
use domain::{
    access::Actor,
    residents::{
        ResidentData,
        check::{self, Rules},
        column::{Column, Mapping},
        finding::{Finding, Rule, Severity},
        sheet::{Cell, RawRow},
    },
};
use uuid::Uuid;

/// The fields of the form, in order.
pub const FIELDS: [Column; 12] = [
    Column::FamilyName,
    Column::GivenNames,
    Column::CallName,
    Column::Doctorate,
    Column::BirthDate,
    Column::Street,
    Column::HouseNumber,
    Column::AddressExtra,
    Column::Postcode,
    Column::City,
    Column::District,
    Column::RegisterNumber,
];

/// Why nothing was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SingleRefusal {
    /// What the rules found: blocks, and questions that nobody answered.
    Findings(Vec<Finding>),
    /// Somebody like this is in the register already.
    Exists(Uuid),
    /// Has an account: only its owner deletes that.
    HasAccount,
    /// Not there any more.
    Gone,
}

/// Judges what was typed, by the rules for lists.
pub fn judge(fields: &[(Column, String)], rules: Rules) -> (ResidentData, Vec<Finding>) {
    let cells = fields
        .iter()
        .map(|(column, text)| Cell::typed(*column, text, rules.today))
        .collect();
    let mapping = Mapping(fields.iter().map(|(c, _)| Some(*c)).collect());
    let (data, findings) = check::read_row(&RawRow::new(1, cells), &mapping, rules);
    let open = findings
        .into_iter()
        .filter(|f| f.rule.severity() != Severity::Repair)
        .collect();
    (data, open)
}

/// What stands in the form for somebody.
pub fn fields_of(data: &ResidentData) -> Vec<(Column, String)> {
    let birth = match (data.birth_date, data.birth_year) {
        (Some(day), _) => day.format("%d.%m.%Y").to_string(),
        (None, Some(year)) => format!("00.00.{year}"),
        (None, None) => String::new(),
    };
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    FIELDS
        .into_iter()
        .zip([
            data.family_name.clone(),
            data.given_names.clone(),
            text(&data.call_name),
            text(&data.doctorate),
            birth,
            data.street.clone(),
            data.house_number.clone(),
            text(&data.address_extra),
            data.postcode.clone(),
            data.city.clone(),
            text(&data.district),
            text(&data.register_number),
        ])
        .collect()
}

/// A list's way to change somebody refuses only who is not there.
fn widen(failure: Failure<super::ListRefusal>) -> Failure<SingleRefusal> {
    failure.map(|_| SingleRefusal::Gone)
}

fn may(actor: Actor) -> Result<(), Failure<SingleRefusal>> {
    if lists::keeps_register(actor) {
        Ok(())
    } else {
        Err(Failure::Denied)
    }
}

/// Adds somebody (`id` is `None`) or changes somebody. `confirmed` answers questions and doubts with yes.
pub async fn save(
    ctx: &Ctx,
    actor: Actor,
    id: Option<Uuid>,
    fields: &[(Column, String)],
    confirmed: bool,
) -> Result<Uuid, Failure<SingleRefusal>> {
    may(actor)?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let settings = municipality::current_in(&mut tx)
        .await
        .map_err(Failure::widen)?
        .settings;
    let rules = Rules {
        today: domain::time::local(now).date(),
        minimum_age: settings.minimum_age,
        crowd: 0,
        plain_text: true,
    };
    let (data, findings) = judge(fields, rules);
    let blocked = findings.iter().any(|f| f.rule.severity() == Severity::Block);
    if blocked || (!findings.is_empty() && !confirmed) {
        return Err(Failure::Refused(SingleRefusal::Findings(findings)));
    }
    // a number that somebody else has is refused even if confirmed: the register gives each once
    if let Some(number) = &data.register_number
        && let Some(other) = store::by_number(&mut tx, number).await?
        && Some(other.id) != id
    {
        let finding = Finding {
            row: 1,
            column: Some(Column::RegisterNumber),
            rule: Rule::RegisterNumberTwice,
            was: number.clone(),
            becomes: None,
        };
        return Err(Failure::Refused(SingleRefusal::Findings(vec![finding])));
    }
    let resident = match id {
        Some(id) => {
            let Some((before, _)) = store::data(&mut tx, id).await? else {
                return Err(Failure::Refused(SingleRefusal::Gone));
            };
            if before == data {
                return Ok(id);
            }
            lists::change(ctx, &mut tx, actor, id, Plan::Moved, &data, now)
                .await
                .map_err(widen)?;
            id
        }
        None => {
            if !confirmed
                && let Match::Sure(known) | Match::Doubtful(known) = lists::find(&mut tx, &data).await?
            {
                return Err(Failure::Refused(SingleRefusal::Exists(known.id)));
            }
            let fresh = ctx.new_id();
            store::insert_all(&mut tx, &[(fresh, &data)], now).await?;
            fresh
        }
    };
    let action = if id.is_some() {
        "residents.change"
    } else {
        "residents.add"
    };
    tx.commit(ctx, Event::new(actor, action).on(resident)).await?;
    Ok(resident)
}

/// Sets or lifts a register block (§§ 51, 52 BMG).
pub async fn set_ban(ctx: &Ctx, actor: Actor, id: Uuid, banned: bool) -> Result<(), Failure<SingleRefusal>> {
    may(actor)?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if store::data(&mut tx, id).await?.is_none() {
        return Err(Failure::Refused(SingleRefusal::Gone));
    }
    if banned {
        store::block(&mut tx, id, true, now).await?;
        letters::revoke_open(ctx, &mut tx, actor, id).await?;
    } else {
        store::unblock(&mut tx, id, now).await?;
    }
    // the log is read by people who may not see blocks
    Ok(tx
        .commit(ctx, Event::new(actor, "residents.change").on(id))
        .await?)
}

/// Why somebody is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// Died: no letters, the account sleeps.
    Deceased,
    /// Moved away: no letters, the account sleeps.
    MovedAway,
    /// Was never to be here: the data is deleted. Not for people with an account.
    Mistake,
}

impl Removal {
    /// All.
    pub const ALL: [Removal; 3] = [Removal::Deceased, Removal::MovedAway, Removal::Mistake];

    /// Its name in forms; its sentence is in `locales/` under `removal-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            Removal::Deceased => "deceased",
            Removal::MovedAway => "moved_away",
            Removal::Mistake => "mistake",
        }
    }

    /// The reason with this name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.key() == key)
    }
}

/// Removes somebody by hand.
pub async fn remove(ctx: &Ctx, actor: Actor, id: Uuid, why: Removal) -> Result<(), Failure<SingleRefusal>> {
    may(actor)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let Some((_, _, registered, _)) = store::page(&mut tx, id).await? else {
        return Err(Failure::Refused(SingleRefusal::Gone));
    };
    match why {
        Removal::Mistake if registered => return Err(Failure::Refused(SingleRefusal::HasAccount)),
        Removal::Mistake => {
            letters::revoke_open(ctx, &mut tx, actor, id).await?;
            store::delete(&mut tx, id).await?;
        }
        Removal::Deceased | Removal::MovedAway => {
            lists::leave(ctx, &mut tx, actor, id, why.key())
                .await
                .map_err(widen)?;
        }
    }
    tx.commit(
        ctx,
        Event::new(actor, "residents.remove")
            .on(id)
            .with("why", why.key()),
    )
    .await?;
    Ok(ctx.db.truncate_log().await?)
}
