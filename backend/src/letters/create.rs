//! Making a batch: who gets a letter, what is frozen, which numbers and fingerprints.

use super::{
    LetterRefusal, batch_store,
    codes::bound,
    codes::codes,
    codes::fingerprint,
    control, engine, store, templates,
    withdraw::{withdraw, withdraw_organisation},
};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::{self, Tx},
    jobs::{self, Job},
    keys::{self, Key},
    municipality::{self, ImageUse},
    organisations, residents,
};
use chrono::{DateTime, Datelike, Duration, Utc};
use domain::{
    access::{Actor, Permission},
    letters::{
        code::{LookupNumber, letter_number},
        content::{Frozen, PrintOptions, Recipient},
        state::{BatchState, LetterState, NewLetterReason, Route},
        template::Occasion,
    },
    municipality::{BlockedRoute, RegistrationMethod, Settings},
    registration::Path,
    residents::ResidentData,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Most letters of one batch; larger selections make several batches.
pub const MAX_BATCH: i64 = 200_000;
/// Batches so large carry control letters: in a handful, one more would stand out.
pub const CONTROL_FROM: usize = 20;
/// Most people whose address does not fit that are named at once.
const NAMED: usize = 10;

/// Who gets letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Everybody without account and without open letter, in one district or in all (empty).
    Waiting {
        /// District, or empty.
        district: String,
    },
    /// Everybody whose letter was posted some time ago and who has not responded; the former letter is replaced.
    Silent {
        /// District, or empty.
        district: String,
        /// Days since posting.
        days: i64,
    },
    /// Everybody with a register block, without account and without open letter: only where the town sends them
    /// neutral letters.
    Blocked,
    /// One person; a former open letter is replaced. Who has a register block gets the letter by the town's way for that.
    One(Uuid, NewLetterReason),
    /// One organisation that the town has admitted; a former open letter is replaced.
    Organisation(Uuid),
}

/// What is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Who gets letters.
    pub selection: Selection,
    /// In large print.
    pub large: bool,
    /// Sorted by district, then address; else by address alone (postcode, street, house number).
    pub by_district: bool,
    /// How the batch becomes files.
    pub print: PrintOptions,
}

impl From<&Selection> for Order {
    fn from(selection: &Selection) -> Self {
        Self {
            selection: selection.clone(),
            large: false,
            by_district: false,
            print: PrintOptions::default(),
        }
    }
}

impl From<&Order> for Order {
    fn from(order: &Order) -> Self {
        order.clone()
    }
}

/// How many people would get a letter.
pub async fn count_waiting(ctx: &Ctx, actor: Actor, district: &str) -> Result<i64, Failure> {
    if !actor.may(Permission::SeeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(store::count_eligible(&mut tx, district, ctx.clock.now(), false).await?)
}

/// How many people would get a reminder: posted so many days ago, no response, not too many letters already.
pub async fn count_silent(ctx: &Ctx, actor: Actor, district: &str, days: i64) -> Result<i64, Failure> {
    if !actor.may(Permission::SeeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let settings = municipality::current_in(&mut tx).await?.settings;
    let now = ctx.clock.now();
    let since = now - Duration::days(settings.reissue_days);
    let before = now - Duration::days(days);
    Ok(store::count_silent(&mut tx, district, before, since, settings.reissue_limit).await?)
}

/// How many people with a register block would get a neutral letter; 0 where the town sends none.
pub async fn count_blocked_waiting(ctx: &Ctx, actor: Actor) -> Result<i64, Failure> {
    if !actor.may(Permission::SeeLetters) || !actor.may(Permission::SeeBlocks) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let settings = municipality::current_in(&mut tx).await?.settings;
    match settings.blocked_route {
        BlockedRoute::Neutral => Ok(store::count_eligible(&mut tx, "", ctx.clock.now(), true).await?),
        BlockedRoute::None | BlockedRoute::Desk => Ok(0),
    }
}

/// Who was chosen, and how the letters go.
struct Chosen {
    people: Vec<store::Eligible>,
    route: Route,
    occasion: Occasion,
}

/// Makes a batch: freezes what is printed, draws numbers, stores fingerprints, and enqueues the first pass.
pub async fn create_batch(
    ctx: &Ctx,
    actor: Actor,
    order: impl Into<Order>,
) -> Result<Uuid, Failure<LetterRefusal>> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let batch = create_in(ctx, &mut tx, actor, &order.into()).await?;
    // without the number of letters: the log is read by people who may not see blocks, and the batch has it anyway
    tx.commit(ctx, Event::new(actor, "letters.create-batch").on(batch))
        .await?;
    Ok(batch)
}

/// The same inside another use case's transaction. The caller has checked the permission.
pub(super) async fn create_in(
    ctx: &Ctx,
    tx: &mut Tx,
    actor: Actor,
    order: &Order,
) -> Result<Uuid, Failure<LetterRefusal>> {
    let refuse = |r| Err(Failure::Refused(r));
    let settings = municipality::current_in(tx)
        .await
        .map_err(Failure::widen)?
        .settings;
    let method = match order.selection {
        Selection::Organisation(_) => settings.organisations_register,
        _ => settings.residents_register,
    };
    if method != RegistrationMethod::Letter {
        return refuse(LetterRefusal::MethodOff);
    }
    let chosen = choose(ctx, tx, actor, order, &settings).await?;
    if chosen.people.is_empty() && !matches!(order.selection, Selection::Organisation(_)) {
        return refuse(LetterRefusal::Nobody);
    }
    let frozen = freeze(ctx, tx, &settings, order, &chosen).await?;
    let art = super::sample::art(ctx).await.map_err(Failure::widen)?;
    let recipients = match order.selection {
        Selection::Organisation(id) => to_organisation(ctx, tx, &frozen, &art, id, chosen.route).await?,
        _ => recipients(tx, &frozen, &art, chosen).await?,
    };
    store_batch(
        ctx,
        tx,
        &frozen,
        recipients,
        settings.validity_days,
        actor.account(),
    )
    .await
}

/// Draws keys and numbers, stores fingerprints and what is printed, and enqueues the first pass.
pub(super) async fn store_batch(
    ctx: &Ctx,
    tx: &mut Tx,
    frozen: &Frozen,
    recipients: Recipients,
    validity_days: i64,
    by: Option<Uuid>,
) -> Result<Uuid, Failure<LetterRefusal>> {
    let now = ctx.clock.now();
    let route = recipients.route;
    let batch = ctx.new_id();
    let key = Key::random();
    let mac_key = Key::random();
    let mut letters = Vec::with_capacity(recipients.list.len());
    let numbers = draw_numbers(tx, recipients.list.len()).await?;
    for (i, (person, (lookup, number))) in recipients.list.into_iter().zip(numbers).enumerate() {
        let issue = person.issue + 1;
        let (qr, typed) = codes(&key, lookup, issue);
        letters.push(store::NewLetter {
            id: ctx.new_id(),
            position: i64::try_from(i).unwrap_or(0) + 1,
            resident: person.resident,
            control: person.control,
            organisation: person.organisation,
            district: person.district,
            letter_number: number,
            lookup: lookup.get(),
            issue,
            qr_mac: fingerprint(&mac_key, Path::Qr, lookup, &qr.secret.0).to_vec(),
            typed_mac: fingerprint(&mac_key, Path::Typed, lookup, &typed.secret.0).to_vec(),
            recipient: Some(person.recipient),
        });
    }
    let count = i64::try_from(letters.len()).unwrap_or(0);
    let new = batch_store::NewBatch {
        id: batch,
        number: frozen.number,
        route,
        frozen: Some(frozen),
        wrapped_key: Some(&ctx.master.wrap(&key, &bound(batch, "key"))?),
        wrapped_mac_key: &ctx.master.wrap(&mac_key, &bound(batch, "mac"))?,
        letters: count,
        validity_days,
        by,
        at: now,
        state: BatchState::Making.key(),
        offline: false,
    };
    let stored = async {
        batch_store::insert_batch(tx, &new).await?;
        store::insert_letters(tx, batch, &letters, now).await
    }
    .await;
    match stored {
        // two people pressed the button at once: the unique index on open letters lets one of them through
        Err(error) if db::is_duplicate(&error) => return Err(Failure::Refused(LetterRefusal::Collision)),
        result => result?,
    }
    jobs::enqueue(ctx, tx, Job::MakeBatch(batch), now).await?;
    Ok(batch)
}

/// Who gets a letter; former open letters of theirs end.
async fn choose(
    ctx: &Ctx,
    tx: &mut Tx,
    actor: Actor,
    order: &Order,
    settings: &Settings,
) -> Result<Chosen, Failure<LetterRefusal>> {
    let refuse = |r| Err(Failure::Refused(r));
    let now = ctx.clock.now();
    let since = now - Duration::days(settings.reissue_days);
    let mut chosen = Chosen {
        people: Vec::new(),
        route: Route::Ordinary,
        occasion: Occasion::First,
    };
    match &order.selection {
        Selection::Waiting { district } => {
            chosen.people = store::eligible(tx, district, now, false, order.by_district, MAX_BATCH).await?;
            store::replace_expired(tx, district, now, false).await?;
        }
        Selection::Silent { district, days } => {
            let before = now - Duration::days(*days);
            let most = settings.reissue_limit;
            chosen.occasion = Occasion::Reminder;
            chosen.people =
                store::silent(tx, district, before, since, most, order.by_district, MAX_BATCH).await?;
            let ids: Vec<Uuid> = chosen.people.iter().map(|p| p.id).collect();
            store::end_open_of(tx, &ids, LetterState::Replaced.key(), now).await?;
        }
        Selection::Blocked => {
            if !actor.may(Permission::SeeBlocks) {
                return Err(Failure::Denied);
            }
            if settings.blocked_route != BlockedRoute::Neutral {
                return refuse(LetterRefusal::Banned);
            }
            chosen.route = Route::Neutral;
            chosen.people = store::eligible(tx, "", now, true, order.by_district, MAX_BATCH).await?;
            store::replace_expired(tx, "", now, true).await?;
        }
        Selection::Organisation(id) => {
            chosen.occasion = Occasion::Organisation;
            if organisations::has_blocked(tx, *id).await? {
                chosen.route = Route::Neutral;
            }
        }
        Selection::One(resident, _) => {
            let Some((_, banned)) = residents::data(tx, *resident).await? else {
                return Err(Failure::Denied);
            };
            if !residents::exists_for(tx, actor, *resident).await? {
                return Err(Failure::Denied);
            }
            let blocked = residents::is_blocked(tx, *resident).await?;
            chosen.route = match settings.blocked_route {
                _ if !banned => Route::Ordinary,
                BlockedRoute::Desk if blocked => Route::Desk,
                BlockedRoute::Neutral if blocked => Route::Neutral,
                _ => return refuse(LetterRefusal::Banned),
            };
            if store::got_since(tx, *resident, since).await? >= settings.reissue_limit {
                return refuse(LetterRefusal::TooMany {
                    most: settings.reissue_limit,
                    days: settings.reissue_days,
                });
            }
            withdraw(ctx, tx, *resident, LetterState::Replaced).await?;
            chosen.people = vec![store::Eligible {
                id: *resident,
                issue: store::last_issue(tx, *resident).await?,
            }];
        }
    }
    Ok(chosen)
}

/// Freezes what all letters of a batch print.
async fn freeze(
    ctx: &Ctx,
    tx: &mut Tx,
    settings: &Settings,
    order: &Order,
    chosen: &Chosen,
) -> Result<Frozen, Failure<LetterRefusal>> {
    let (template, version) = templates::current_in(tx, chosen.occasion)
        .await
        .map_err(Failure::widen)?;
    let date = long_date(ctx.clock.now());
    Ok(Frozen {
        occasion: chosen.occasion,
        version,
        large: order.large,
        print: order.print,
        number: batch_store::next_number(tx, chosen.route).await?,
        logo: municipality::image_hash(tx, ImageUse::Logo).await?,
        signature: municipality::image_hash(tx, ImageUse::Signature).await?,
        ..Frozen::new(&template, settings, chosen.route, &ctx.base_url, &date)
    })
}

pub(super) struct To {
    pub(super) resident: Option<Uuid>,
    pub(super) control: Option<Uuid>,
    pub(super) organisation: Option<Uuid>,
    pub(super) issue: i64,
    pub(super) district: String,
    pub(super) recipient: Recipient,
    pub(super) sort_key: String,
}

pub(super) struct Recipients {
    pub(super) route: Route,
    pub(super) list: Vec<To>,
}

/// Names and addresses in order, control letters among them. Says whose do not fit, before anything is printed.
async fn recipients(
    tx: &mut Tx,
    frozen: &Frozen,
    art: &engine::Art,
    chosen: Chosen,
) -> Result<Recipients, Failure<LetterRefusal>> {
    let mut shaper = engine::Shaper::default();
    let layout = engine::Layout::new(frozen, art, &mut shaper)
        .map_err(|e| Failure::Refused(LetterRefusal::TextsTooLong(e)))?;
    let mut list = Vec::with_capacity(chosen.people.len());
    let mut unfit = Vec::new();
    for part in chosen.people.chunks(5_000) {
        let ids: Vec<Uuid> = part.iter().map(|p| p.id).collect();
        let data: HashMap<_, _> = residents::data_of(tx, &ids).await?.into_iter().collect();
        for person in part {
            let Some(data) = data.get(&person.id) else {
                continue;
            };
            let recipient = Recipient {
                name: data.display_name(),
                // nobody needs the address of a letter that is handed over
                address: match chosen.route {
                    Route::Desk => Vec::new(),
                    Route::Ordinary | Route::Neutral => data.address_lines(),
                },
            };
            if !layout.address_fits(&mut shaper, &recipient) && unfit.len() < NAMED {
                unfit.push((person.id, recipient.name.clone()));
            }
            list.push(To {
                resident: Some(person.id),
                control: None,
                organisation: None,
                issue: person.issue,
                district: data.district.clone().unwrap_or_default(),
                recipient,
                sort_key: data.sort_key(),
            });
        }
    }
    if !unfit.is_empty() {
        return Err(Failure::Refused(LetterRefusal::AddressTooLong(unfit)));
    }
    if chosen.route == Route::Ordinary && list.len() >= CONTROL_FROM {
        for person in control::store::active(tx).await? {
            let data = ResidentData {
                street: person.street.clone(),
                postcode: person.postcode.clone(),
                city: person.city.clone(),
                family_name: person.name.clone(),
                ..ResidentData::default()
            };
            let key = data.sort_key();
            // where the letter of somebody who lives there would stand: nothing in the order tells it from others
            let at = list.iter().position(|t| t.sort_key >= key).unwrap_or(list.len());
            let district = list.get(at.min(list.len() - 1)).map(|t| t.district.clone());
            list.insert(
                at,
                To {
                    resident: None,
                    control: Some(person.id),
                    organisation: None,
                    issue: 0,
                    district: district.unwrap_or_default(),
                    recipient: Recipient {
                        name: person.name.clone(),
                        address: data.address_lines(),
                    },
                    sort_key: key,
                },
            );
        }
    }
    Ok(Recipients {
        route: chosen.route,
        list,
    })
}

/// The one letter to an organisation, to the attention of who is responsible; a former one ends.
async fn to_organisation(
    ctx: &Ctx,
    tx: &mut Tx,
    frozen: &Frozen,
    art: &engine::Art,
    id: Uuid,
    route: Route,
) -> Result<Recipients, Failure<LetterRefusal>> {
    let (name, address) = organisations::addressee(tx, id).await?.ok_or(Failure::Denied)?;
    let recipient = Recipient { name, address };
    let mut shaper = engine::Shaper::default();
    let layout = engine::Layout::new(frozen, art, &mut shaper)
        .map_err(|e| Failure::Refused(LetterRefusal::TextsTooLong(e)))?;
    if !layout.address_fits(&mut shaper, &recipient) {
        return Err(Failure::Refused(LetterRefusal::AddressTooLong(vec![(
            id,
            recipient.name,
        )])));
    }
    withdraw_organisation(ctx, tx, id, LetterState::Replaced).await?;
    Ok(Recipients {
        route,
        list: vec![To {
            resident: None,
            control: None,
            organisation: Some(id),
            issue: store::last_organisation_issue(tx, id).await?,
            district: String::new(),
            recipient,
            sort_key: String::new(),
        }],
    })
}

/// Random look-up and letter numbers that nothing uses yet.
pub(super) async fn draw_numbers(tx: &mut Tx, count: usize) -> db::Result<Vec<(LookupNumber, String)>> {
    let mut drawn: Vec<(LookupNumber, String)> = Vec::with_capacity(count);
    let (mut lookups, mut numbers) = (HashSet::new(), HashSet::new());
    while drawn.len() < count {
        let mut fresh = Vec::new();
        for _ in drawn.len()..count {
            let lookup = LookupNumber::from_random(u32::from_be_bytes(keys::random_bytes()));
            let number = letter_number(u64::from_be_bytes(keys::random_bytes()));
            if lookups.insert(lookup) && numbers.insert(number.clone()) {
                fresh.push((lookup, number));
            }
        }
        let some: Vec<i64> = fresh.iter().map(|f| f.0.get()).collect();
        let others: Vec<String> = fresh.iter().map(|f| f.1.clone()).collect();
        let (taken_lookups, taken_numbers) = store::taken_numbers(tx, &some, &others).await?;
        drawn.extend(
            fresh
                .into_iter()
                .filter(|f| !taken_lookups.contains(&f.0.get()) && !taken_numbers.contains(&f.1)),
        );
    }
    Ok(drawn)
}

/// German long date, as letters print it.
pub fn long_date(at: DateTime<Utc>) -> String {
    const MONTHS: [&str; 12] = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ];
    let day = domain::time::local(at).date();
    let month = MONTHS[usize::try_from(day.month0()).unwrap_or(0).min(11)];
    format!("{}. {month} {}", day.day(), day.year())
}
