//! The portal's side of letters that are made on the town's own computer: reserves numbers, takes the answer, and opens a
//! sealed name for whoever holds the letter.

use super::{Answer, Job, open_recipient, print_file, store};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::{self, Tx},
    keys::Key,
    letters::{
        BatchLine, PartLine, ProofRow, batch_store, codes::bound, create::draw_numbers, store as letter_store,
    },
    municipality, residents,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    access::{Actor, Permission},
    letters::{
        code::{LookupNumber, QrSecret, TypedSecret},
        state::{BatchState, LetterState, Route},
        template::Occasion,
    },
    residents::ResidentData,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Largest answer, in bytes: some 200,000 letters.
pub const MAX_ANSWER: usize = 200_000_000;
/// Most numbers of one job.
const MOST: i64 = 200_000;

/// Reserves numbers for letters that are made elsewhere.
pub async fn reserve(ctx: &Ctx, actor: Actor, count: i64) -> Result<Uuid, Failure> {
    if !actor.may(Permission::MakeLetters) || !actor.may(Permission::ImportResidents) {
        return Err(Failure::Denied);
    }
    let count = count.clamp(1, MOST);
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let settings = municipality::current_in(&mut tx).await?.settings;
    let batch = ctx.new_id();
    let mac_key = Key::random();
    let numbers = draw_numbers(&mut tx, usize::try_from(count).unwrap_or(0)).await?;
    let new = batch_store::NewBatch {
        id: batch,
        number: batch_store::next_number(&mut tx, Route::Ordinary).await?,
        route: Route::Ordinary,
        frozen: None,
        wrapped_key: None,
        wrapped_mac_key: &ctx.master.wrap(&mac_key, &bound(batch, "mac"))?,
        letters: count,
        validity_days: settings.validity_days,
        by: actor.account(),
        at: ctx.clock.now(),
        state: BatchState::Reserved.key(),
        offline: true,
    };
    batch_store::insert_batch(&mut tx, &new).await?;
    store::insert_numbers(&mut tx, batch, &numbers).await?;
    tx.commit(ctx, Event::new(actor, "letters.reserve").on(batch))
        .await?;
    Ok(batch)
}

/// The job file of a reserved batch. It holds the fingerprint key: only for staff who make letters and keep the register.
pub async fn job_file(ctx: &Ctx, actor: Actor, batch: Uuid) -> Result<Job, Failure> {
    if !actor.may(Permission::MakeLetters) || !actor.may(Permission::ImportResidents) {
        return Err(Failure::Denied);
    }
    let mut print = print_file(ctx, actor, Occasion::First).await?;
    let mut tx = ctx.db.begin().await?;
    let line: BatchLine = batch_store::batch_line(&mut tx, batch)
        .await?
        .filter(|b| b.state == BatchState::Reserved.key())
        .ok_or(Failure::Denied)?;
    let wrapped = store::mac_key(&mut tx, batch).await?.ok_or(Failure::Denied)?;
    let mac_key = ctx.master.unwrap_key(&wrapped, &bound(batch, "mac"))?;
    print.frozen.number = line.number;
    let numbers = store::numbers(&mut tx, batch).await?;
    tx.commit(ctx, Event::new(actor, "letters.job-file").on(batch))
        .await?;
    Ok(Job {
        batch,
        mac_key: STANDARD.encode(mac_key.bytes()),
        numbers,
        print,
    })
}

/// Gives back the numbers of a job that will not come.
pub(crate) async fn release(tx: &mut Tx, batch: Uuid) -> db::Result<()> {
    store::clear_numbers(tx, batch).await
}

/// Why an answer is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerRefusal {
    /// This is no answer file, or it is damaged.
    Damaged,
    /// It belongs to another job.
    OtherJob,
    /// The job was finished or discarded before.
    WrongState,
    /// A number is not one of those that were reserved, or comes twice.
    Numbers,
}

impl AnswerRefusal {
    /// The key of its sentence.
    pub fn key(self) -> &'static str {
        match self {
            AnswerRefusal::Damaged => "answer-damaged",
            AnswerRefusal::OtherJob => "answer-other-job",
            AnswerRefusal::WrongState => "letters-wrong-state",
            AnswerRefusal::Numbers => "answer-numbers",
        }
    }
}

/// Takes the answer: from now on the letters can be redeemed. A former open letter of the same person is replaced.
pub async fn take_answer(
    ctx: &Ctx,
    actor: Actor,
    batch: Uuid,
    file: &[u8],
) -> Result<(), Failure<AnswerRefusal>> {
    if !actor.may(Permission::MakeLetters) || !actor.may(Permission::ImportResidents) {
        return Err(Failure::Denied);
    }
    let refuse = |r| Err(Failure::Refused(r));
    let Ok(answer) = serde_json::from_slice::<Answer>(file) else {
        return refuse(AnswerRefusal::Damaged);
    };
    if answer.batch != batch {
        return refuse(AnswerRefusal::OtherJob);
    }
    if answer.letters.is_empty() {
        return refuse(AnswerRefusal::Damaged);
    }
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if !batch_store::set_state(
        &mut tx,
        batch,
        BatchState::Reserved.key(),
        BatchState::Sealed.key(),
    )
    .await?
    {
        return refuse(AnswerRefusal::WrongState);
    }
    let reserved: HashMap<i64, String> = store::numbers(&mut tx, batch).await?.into_iter().collect();
    let (mut seen, mut persons) = (HashSet::new(), HashSet::new());
    let mut letters = Vec::with_capacity(answer.letters.len());
    let mut sealed = Vec::with_capacity(answer.letters.len());
    for (i, letter) in answer.letters.iter().enumerate() {
        let Some(number) = reserved
            .get(&letter.lookup)
            .filter(|_| seen.insert(letter.lookup))
        else {
            return refuse(AnswerRefusal::Numbers);
        };
        if !persons.insert(letter.person.clone()) {
            return refuse(AnswerRefusal::Numbers);
        }
        let bytes = |text: &str| STANDARD.decode(text).ok();
        let (Some(qr_mac), Some(typed_mac), Some(by_qr), Some(by_typed)) = (
            bytes(&letter.qr_mac).filter(|m| m.len() == 32),
            bytes(&letter.typed_mac).filter(|m| m.len() == 32),
            bytes(&letter.by_qr),
            bytes(&letter.by_typed),
        ) else {
            return refuse(AnswerRefusal::Damaged);
        };
        let id = ctx.new_id();
        sealed.push(store::Sealed {
            letter: id,
            by_qr,
            by_typed,
            person: letter.person.clone(),
        });
        letters.push(letter_store::NewLetter {
            id,
            position: i64::try_from(i).unwrap_or(0) + 1,
            resident: None,
            control: None,
            district: letter.district.chars().take(100).collect(),
            letter_number: number.clone(),
            lookup: letter.lookup,
            issue: 1,
            qr_mac,
            typed_mac,
            recipient: None,
        });
    }
    store::replace_former(&mut tx, &persons, now).await?;
    letter_store::insert_letters(&mut tx, batch, &letters, now).await?;
    store::insert_sealed(&mut tx, &sealed).await?;
    store::clear_numbers(&mut tx, batch).await?;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let part = PartLine {
        part: 1,
        first_position: 1,
        last_position: count(letters.len()),
        letters: count(letters.len()),
        pages: count(answer.pages),
        sheets: count(if answer.pages > letters.len() {
            answer.pages / 2
        } else {
            answer.pages
        }),
        bytes: i64::try_from(answer.bytes).unwrap_or(i64::MAX),
        sha256: answer.sha256.chars().take(64).collect(),
        first_number: letters
            .first()
            .map(|l| l.letter_number.clone())
            .unwrap_or_default(),
        last_number: letters
            .last()
            .map(|l| l.letter_number.clone())
            .unwrap_or_default(),
        downloaded_at: None,
    };
    batch_store::insert_part(&mut tx, batch, &part).await?;
    store::finish(&mut tx, batch, part.letters, part.bytes, &part.sha256, now).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "letters.answer").on(batch))
        .await?)
}

/// Whose letter it is, opened with the secret that was proven; `None` if the letter was made by the portal.
pub(crate) async fn sealed_person(
    tx: &mut Tx,
    row: &ProofRow,
    lookup: LookupNumber,
    qr: Option<QrSecret>,
    typed: Option<TypedSecret>,
) -> Result<Option<ResidentData>, Failure> {
    let Some(sealed) = store::sealed(tx, row.id).await? else {
        return Ok(None);
    };
    // slow on purpose for typed secrets
    let opened = tokio::task::spawn_blocking(move || {
        open_recipient(
            lookup,
            qr.as_ref(),
            typed.as_ref(),
            &sealed.by_qr,
            &sealed.by_typed,
        )
    })
    .await?;
    Ok(opened)
}

/// Somebody registers with a letter that was made elsewhere: only now the person enters the register. Gives the person, who
/// may be there from a former letter of this kind.
pub(crate) async fn settle(ctx: &Ctx, tx: &mut Tx, letter: Uuid, data: &ResidentData) -> db::Result<Uuid> {
    let known = store::settled(tx, letter).await?;
    let resident = match known {
        Some(resident) => resident,
        None => residents::enter(ctx, tx, data).await?,
    };
    store::settle(tx, letter, resident).await?;
    letter_store::end_others(tx, letter, resident, LetterState::Replaced.key(), ctx.clock.now()).await?;
    Ok(resident)
}
