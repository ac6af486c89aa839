//! What a list would do to the register: each row beside the people who are there. By the register's own number where
//! both have one, else by name, birth and address; doubtful matches go to a person.

use super::{Decision, Fate, ListRefusal, may, reading::Record, row_store, store};
use crate::{
    Ctx, Failure,
    db::{self, Tx},
    jobs::{self, Job},
    municipality,
    residents::store as register,
};
use domain::{
    access::Actor,
    municipality::BlockedRoute,
    residents::{
        ResidentData,
        column::{Column, Mapping},
        date,
        finding::{Rule, Severity},
    },
    text::fold,
};
use uuid::Uuid;

macro_rules! plans {
    ($($(#[$doc:meta])* $name:ident = $key:literal;)*) => {
        /// What a row does to the register.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Plan { $($(#[$doc])* $name,)* }

        impl Plan {
            /// All.
            pub const ALL: &[Plan] = &[$(Plan::$name,)*];

            /// Stored name; its sentence is in `locales/` under `plan-<key>`.
            pub fn key(self) -> &'static str {
                match self { $(Plan::$name => $key,)* }
            }

            /// The plan with this name.
            pub fn parse(key: &str) -> Option<Plan> {
                Plan::ALL.iter().copied().find(|p| p.key() == key)
            }
        }
    };
}

plans! {
    /// Not in the register: gets a letter.
    New = "new";
    /// Not in the register, and old enough since a short time.
    OfAge = "of-age";
    /// Was here before; the data was deleted.
    Returned = "returned";
    /// Just as in the register.
    Same = "same";
    /// Some other detail differs.
    Changed = "changed";
    /// Lives elsewhere in the municipality.
    Moved = "moved";
    /// Has another name.
    Renamed = "renamed";
    /// Was no resident any more, and is again.
    Back = "back";
    /// The register block is lifted.
    Unblocked = "unblocked";
    /// Must not get letters any more (§§ 51, 52 BMG), or is new and blocked.
    Blocked = "blocked";
    /// A block that perhaps means this person: taken so until somebody has found out.
    PerhapsBlocked = "perhaps-blocked";
    /// Died.
    Deceased = "deceased";
    /// Moved away.
    MovedAway = "moved-away";
    /// May be somebody of the register, or not: a person decides.
    Doubtful = "doubtful";
    /// Not taken, but known.
    Known = "known";
    /// Not taken.
    Left = "left";
}

/// What applying would do.
#[derive(Clone, Debug, Default)]
pub struct Consequences {
    /// Rows by plan.
    pub plans: Vec<(Plan, i64)>,
    /// People in the register who are in no row.
    pub missing: i64,
    /// People in the register.
    pub register: i64,
}

impl Consequences {
    /// Rows whose consequences are known.
    pub fn known(&self) -> i64 {
        self.plans.iter().map(|(_, n)| n).sum()
    }

    /// Rows of a plan.
    pub fn count(&self, plan: Plan) -> i64 {
        self.plans.iter().find(|(p, _)| *p == plan).map_or(0, |(_, n)| *n)
    }

    /// So many missing that a mistake is likelier than a mass removal: more than one in twenty, and more than five.
    pub fn too_many_missing(&self) -> bool {
        self.missing > 5 && self.missing * 20 > self.register
    }
}

/// Everything that recognises a person in the register.
pub(super) struct Matcher {
    empty: bool,
    tombstones: bool,
    /// People with a register block get letters another way, so the register needs them.
    keeps_blocked: bool,
    has_block_column: bool,
    minimum_age: u32,
}

impl Matcher {
    /// Beside the register as it is now.
    pub(super) async fn new(tx: &mut Tx, mapping: &Mapping) -> Result<Self, Failure<ListRefusal>> {
        let empty = register::is_empty(tx).await?;
        Self::knowing(tx, mapping, empty).await
    }

    /// `empty`: nobody is in the register but whom this list brought, and rows of one list are compared when it is read.
    pub(super) async fn knowing(
        tx: &mut Tx,
        mapping: &Mapping,
        empty: bool,
    ) -> Result<Self, Failure<ListRefusal>> {
        let tombstones = register::has_tombstones(tx).await?;
        let settings = municipality::current_in(tx)
            .await
            .map_err(Failure::widen)?
            .settings;
        Ok(Self {
            empty,
            tombstones,
            has_block_column: mapping.place(Column::Block).is_some(),
            keeps_blocked: settings.blocked_route != BlockedRoute::None,
            minimum_age: settings.minimum_age,
        })
    }

    /// Whom a row means, and what differs. Taken rows change the register.
    pub(super) async fn judge(
        &self,
        ctx: &Ctx,
        tx: &mut Tx,
        stored: &row_store::StoredRow,
        record: &Record,
    ) -> Result<(Plan, Option<Uuid>), Failure<ListRefusal>> {
        let data = &record.data;
        let taken = stored.fate == Fate::Take.key();
        let decision = Decision::parse(stored.decision.as_deref());
        let minimum_age = self.minimum_age;
        let found = if self.empty {
            Match::None
        } else {
            find(tx, data).await?
        };
        let stops = stopping(record);
        if !taken {
            return Ok(match (found, stops) {
                (Match::Sure(known), Some(rule)) => {
                    let plan = match rule {
                        Rule::Deceased => Plan::Deceased,
                        Rule::MovedAway => Plan::MovedAway,
                        _ => Plan::Blocked,
                    };
                    (plan, Some(known.id))
                }
                // perhaps somebody who is in danger: the mistake on the safe side
                (Match::Doubtful(known), Some(rule)) if rule.tells_of_block() => {
                    (Plan::PerhapsBlocked, Some(known.id))
                }
                (Match::None, Some(_)) if self.keeps_blocked && only_blocked(record) => (Plan::Blocked, None),
                (Match::Sure(known) | Match::Doubtful(known), _) => (Plan::Known, Some(known.id)),
                (Match::None, _) => (Plan::Left, None),
            });
        }
        Ok(match found {
            Match::Sure(known) => (self.difference(&known, data), Some(known.id)),
            Match::Doubtful(known) if decision == Some(Decision::Same) => {
                (self.difference(&known, data), Some(known.id))
            }
            Match::Doubtful(known) if decision != Some(Decision::New) => (Plan::Doubtful, Some(known.id)),
            Match::None | Match::Doubtful(_) => {
                let today = domain::time::local(ctx.clock.now()).date();
                let young = data
                    .birth_date
                    .is_some_and(|b| date::age(b, today) == i32::try_from(minimum_age).unwrap_or(-1));
                if self.tombstones && register::is_tombstone(tx, &tombstone(ctx, data)).await? {
                    (Plan::Returned, None)
                } else if young && minimum_age > 0 && !self.empty {
                    (Plan::OfAge, None)
                } else {
                    (Plan::New, None)
                }
            }
        })
    }

    /// What differs. A block is lifted only by a list that has a column for blocks, and never if somebody set it by hand.
    fn difference(&self, known: &register::Person, data: &ResidentData) -> Plan {
        let before = &known.data;
        let name = |d: &ResidentData| (d.family_name.clone(), d.given_names.clone(), d.doctorate.clone());
        let address = |d: &ResidentData| {
            (
                d.street_line(),
                d.postcode.clone(),
                d.city.clone(),
                d.address_extra.clone(),
            )
        };
        let lifted = known.blocked && self.has_block_column && !known.blocked_by_hand;
        if lifted {
            Plan::Unblocked
        } else if known.gone {
            Plan::Back
        } else if name(before) != name(data) {
            Plan::Renamed
        } else if address(before) != address(data) {
            Plan::Moved
        } else if before != data {
            Plan::Changed
        } else {
            Plan::Same
        }
    }
}

/// Why the person of a row gets no letter, whatever else the row says. A block note that nobody has understood is taken
/// for a block until somebody has: the mistake on the safe side.
fn stopping(record: &Record) -> Option<Rule> {
    let rules = || record.findings.iter().map(|f| f.rule);
    rules()
        .find(|r| r.stops_letters() && !r.tells_of_block())
        .or_else(|| rules().find(|r| r.stops_letters()))
        .or_else(|| rules().find(|r| *r == Rule::UnknownBlockNote))
}

/// Nothing but a register block keeps the row from being taken.
pub(super) fn only_blocked(record: &Record) -> bool {
    let mut worse = record
        .findings
        .iter()
        .filter(|f| f.rule.severity() == Severity::Block)
        .peekable();
    worse.peek().is_some() && worse.all(|f| f.rule.tells_of_block())
}

/// A keyed hash that recognises a person whose data was deleted.
pub(crate) fn tombstone(ctx: &Ctx, data: &ResidentData) -> String {
    let birth = data.birth_date.map(|d| d.to_string()).unwrap_or_default();
    let mac = ctx
        .master
        .mac("tombstone", format!("{}|{birth}", data.name_key()).as_bytes());
    crate::keys::hex(&mac[..16])
}

/// Whom data means.
pub(crate) enum Match {
    /// Nobody of the register.
    None,
    /// Just this person.
    Sure(Box<register::Person>),
    /// Perhaps this person.
    Doubtful(Box<register::Person>),
}

/// Whom data means, if anybody.
pub(crate) async fn find(tx: &mut Tx, data: &ResidentData) -> db::Result<Match> {
    // two different numbers are two people, however alike they look (father and son at one address)
    let compatible =
        |p: &register::Person| p.data.register_number.is_none() || data.register_number.is_none();
    if let Some(number) = &data.register_number
        && let Some(known) = register::by_number(tx, number).await?
    {
        let birth_differs = known.data.birth_date.is_some()
            && data.birth_date.is_some()
            && known.data.birth_date != data.birth_date;
        let name_differs = fold(&known.data.given_names) != fold(&data.given_names);
        // a number that now belongs to somebody who shares neither birth nor given name
        return Ok(if birth_differs && name_differs {
            Match::Doubtful(Box::new(known))
        } else {
            Match::Sure(Box::new(known))
        });
    }
    let identity = data.identity();
    if let Some(known) = register::by_identity(tx, &identity)
        .await?
        .into_iter()
        .find(compatible)
    {
        return Ok(Match::Sure(Box::new(known)));
    }
    // the same name and birth at another address
    let person = identity.rsplit_once('|').map_or("", |(person, _)| person);
    let mut same: Vec<_> = register::by_identity_prefix(tx, &format!("{person}|"))
        .await?
        .into_iter()
        .filter(compatible)
        .collect();
    if same.len() == 1
        && let Some(known) = same.pop()
    {
        return Ok(match data.birth_date {
            Some(_) => Match::Sure(Box::new(known)),
            None => Match::Doubtful(Box::new(known)),
        });
    }
    if let Some(known) = same.pop() {
        return Ok(Match::Doubtful(Box::new(known)));
    }
    // the same birth and given name at the same address: another family name
    let home = data.sort_key();
    let home = home.rsplit_once('|').map_or("", |(home, _)| home);
    let at_home = register::by_home(tx, &format!("{home}|")).await?;
    let first = |names: &str| fold(names.split_whitespace().next().unwrap_or(""));
    let renamed = at_home.into_iter().filter(compatible).find(|k| {
        data.birth_date.is_some()
            && k.data.birth_date == data.birth_date
            && first(&k.data.given_names) == first(&data.given_names)
    });
    Ok(renamed.map_or(Match::None, |known| Match::Sure(Box::new(known))))
}

/// Finds out what the list would do, row by row, and keeps it with the rows. Nothing in the register changes.
pub async fn preview_consequences(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
) -> Result<Consequences, Failure<ListRefusal>> {
    while !find_out(ctx, actor, id, usize::MAX).await? {}
    consequences(ctx, actor, id).await
}

/// Rows whose consequences are found out while a browser waits.
pub const WHILE_WAITING: usize = 25_000;

/// Finds out what so many more rows would do; says whether all are known now. Calling it again goes on.
pub async fn find_out(ctx: &Ctx, actor: Actor, id: Uuid, rows: usize) -> Result<bool, Failure<ListRefusal>> {
    may(actor)?;
    let mut tx = ctx.db.read().await?;
    let draft = store::draft(&mut tx, id)
        .await?
        .filter(|d| d.state == "draft")
        .ok_or(Failure::Refused(ListRefusal::Gone))?;
    if !draft.choices.mapping.missing().is_empty() {
        return Err(Failure::Refused(ListRefusal::MissingColumn));
    }
    let matcher = Matcher::new(&mut tx, &draft.choices.mapping).await?;
    drop(tx);
    let mut done = 0;
    while done < rows {
        let mut tx = ctx.db.read().await?;
        let piece = row_store::not_planned(&mut tx, id, 500).await?;
        let mut plans = Vec::with_capacity(piece.len());
        for stored in &piece {
            let record = Record::open(ctx, id, stored)?;
            let (plan, resident) = matcher.judge(ctx, &mut tx, stored, &record).await?;
            plans.push((stored.row, stored.version, plan, resident));
        }
        drop(tx);
        if plans.is_empty() {
            return Ok(true);
        }
        done += plans.len();
        let mut tx = ctx.db.begin().await?;
        for (row, version, plan, resident) in plans {
            row_store::set_plan(&mut tx, id, row, version, plan, resident).await?;
        }
        tx.commit_unaudited("what a draft would do").await?;
    }
    Ok(false)
}

/// What was found out.
pub async fn consequences(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<Consequences, Failure<ListRefusal>> {
    may(actor)?;
    let mut tx = ctx.db.read().await?;
    let plans = row_store::by_plan(&mut tx, id).await?;
    Ok(Consequences {
        plans: plans
            .into_iter()
            .filter_map(|(key, n)| Some((Plan::parse(&key)?, n)))
            .collect(),
        missing: store::count_missing(&mut tx, id).await?,
        register: register::count_present(&mut tx).await?,
    })
}

/// Keeps the lease of a long job.
pub(super) async fn renew(ctx: &Ctx, id: Uuid) -> db::Result<()> {
    jobs::renew(ctx, Job::ApplyList(id)).await
}
