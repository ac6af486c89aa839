//! Cases: requests to the town and how they are dealt with. The same for every kind; what a kind does when it is approved
//! stands in its own module (`profile.rs`).

mod applicant;
mod desk;
mod document;
mod entry_store;
mod export;
mod inbox;
mod notice;
mod profile;
mod store;
mod team_store;
mod teams;
mod visitor;

pub use crate::picture::{MAX_UPLOAD, PictureProblem};
pub use applicant::{
    BeginRefusal, OwnCase, OwnPage, answer, begin, begin_values, own_case, own_cases, own_document,
    own_picture, prove_at_desk, submit_with_picture, withdraw, write,
};
pub(crate) use applicant::{draft_for, with_news};
pub use desk::{
    Decision, DeskRefusal, StaffPage, Written, ask, assign, by_desk_code, case_document, decide, look_again,
    note, open, picture, presence, shown, take, tell,
};
#[cfg(feature = "testing")]
pub(crate) use document::looks_harmless;
pub use document::{Document, DocumentProblem, MAX_DOCUMENT};
pub use export::inbox_workbook;
pub use inbox::{
    Counts, InboxFilter, InboxLine, SavedView, by_week, counts, delete_view, inbox, save_view, views,
};
pub(crate) use notice::digests;
pub use teams::{
    Absence, AnswerTemplate, CaseMails, TeamLine, TeamPage, add_team, back_again, be_away, case_mails,
    colleagues, delete_team, delete_template, own_absence, save_template, set_case_mails, set_team,
    team_page, templates,
};
pub use visitor::report_barrier;

use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::Tx,
    keys::{self, Key},
};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::{Actor, Permission},
    cases::{Act, CaseKind, CaseState, DRAFT_DAYS, EntryKind, Outcome, PICTURE_DAYS, Request},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How the request is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Not yet, or not needed.
    None,
    /// With a picture of the document.
    Picture,
    /// The person will show the document at the desk.
    Desk,
    /// The document was shown at the desk.
    Shown,
}

impl Proof {
    /// The stored name; its sentence is in `locales/` under `case-proof-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            Proof::None => "none",
            Proof::Picture => "picture",
            Proof::Desk => "desk",
            Proof::Shown => "shown",
        }
    }

    fn parse(key: &str) -> Self {
        [Proof::Picture, Proof::Desk, Proof::Shown]
            .into_iter()
            .find(|p| p.key() == key)
            .unwrap_or(Proof::None)
    }
}

/// What an entry holds; sealed in the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Body {
    /// What somebody wrote.
    pub text: String,
    /// The whole request, of a submission or a correction.
    pub request: Option<Request>,
    /// Fields of a task.
    pub fields: Vec<String>,
    /// A picture.
    pub file: Option<Uuid>,
    /// To whom the case was handed.
    pub to: String,
    /// How it was decided.
    pub outcome: Option<Outcome>,
    /// What the applicant agreed to when sending a picture, word by word.
    pub consent: String,
    /// SHA-256 of a picture that was deleted.
    pub sha256: String,
    /// A document that goes with a message.
    pub document: Option<Document>,
}

/// Something that happened in a case.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Number within the case, from 1.
    pub position: i64,
    /// What.
    pub kind: EntryKind,
    /// When.
    pub at: DateTime<Utc>,
    /// `staff`, `resident` or `system`.
    pub author_kind: String,
    /// The author's name, if the account still exists.
    pub author: Option<String>,
    /// What it says.
    pub body: Body,
    /// New to the reader.
    pub unread: bool,
}

/// A picture of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFile {
    /// Its id.
    pub id: Uuid,
    /// Size in bytes.
    pub bytes: i64,
    /// SHA-256 of the stored picture.
    pub sha256: String,
    /// Uploaded.
    pub created_at: DateTime<Utc>,
    /// The content is gone since.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// A case without its entries.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its id.
    pub id: Uuid,
    /// As people say it: V-7K3M-9QX2.
    pub number: String,
    /// What it is about.
    pub kind: CaseKind,
    /// Where it stands.
    pub state: CaseState,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The applicant's name when the case was begun.
    pub applicant: String,
    /// The owning team.
    pub team: Option<(Uuid, String)>,
    /// Who works on it.
    pub assignee: Option<(Uuid, String)>,
    /// How it is proven.
    pub proof: Proof,
    /// What the applicant says at the desk.
    pub desk_code: Option<String>,
    /// Somebody said yes, a second one must too.
    pub first_yes_by: Option<Uuid>,
    /// Grows with each change; what staff do must name it.
    pub version: i64,
    /// Sent.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Should be decided by.
    pub due_at: Option<DateTime<Utc>>,
    /// Last change.
    pub changed_at: DateTime<Utc>,
    /// Decided.
    pub decided_at: Option<DateTime<Utc>>,
    pub(crate) party: Uuid,
    pub(crate) account: Uuid,
    pub(crate) blocked: bool,
    entries: i64,
    key: Key,
}

// a key is nothing to print
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Case {
    fn read(ctx: &Ctx, row: store::CaseRow) -> Result<Self, Failure> {
        let unknown = || Failure::broken("a stored case does not parse");
        let key = ctx.master.unwrap_key(&row.wrapped_key, &bound(row.id))?;
        Ok(Self {
            id: row.id,
            kind: CaseKind::parse(&row.kind).ok_or_else(unknown)?,
            state: CaseState::parse(&row.state).ok_or_else(unknown)?,
            outcome: row.outcome.as_deref().and_then(Outcome::parse),
            number: row.number,
            applicant: row.applicant,
            team: row.team_id.zip(row.team),
            assignee: row.assignee_id.zip(row.assignee),
            proof: Proof::parse(&row.proof),
            desk_code: row.desk_code,
            first_yes_by: row.first_yes_by,
            version: row.version,
            submitted_at: row.submitted_at,
            due_at: row.due_at,
            changed_at: row.changed_at,
            decided_at: row.decided_at,
            party: row.party_id,
            account: row.account_id,
            blocked: row.blocked,
            entries: row.entries,
            key,
        })
    }

    /// Late, and nobody has decided?
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.state != CaseState::Decided && self.due_at.is_some_and(|due| due < now)
    }

    fn next(&self, act: Act) -> Option<CaseState> {
        self.state.after(act)
    }

    fn as_change(&self) -> Draft {
        Draft {
            state: self.state,
            outcome: self.outcome,
            team: self.team.as_ref().map(|t| t.0),
            assignee: self.assignee.as_ref().map(|a| a.0),
            proof: self.proof,
            desk_code: self.desk_code.clone(),
            first_yes_by: self.first_yes_by,
            submitted_at: self.submitted_at,
            due_at: self.due_at,
            decided_at: self.decided_at,
            decided_by: None,
        }
    }
}

/// A case as it will be after an act.
#[derive(Clone)]
struct Draft {
    state: CaseState,
    outcome: Option<Outcome>,
    team: Option<Uuid>,
    assignee: Option<Uuid>,
    proof: Proof,
    desk_code: Option<String>,
    first_yes_by: Option<Uuid>,
    submitted_at: Option<DateTime<Utc>>,
    due_at: Option<DateTime<Utc>>,
    decided_at: Option<DateTime<Utc>>,
    decided_by: Option<Uuid>,
}

/// Where the key of a case belongs.
fn bound(case: Uuid) -> Vec<u8> {
    format!("case {case}").into_bytes()
}

fn bound_entry(case: Uuid, position: i64) -> Vec<u8> {
    format!("case {case} entry {position}").into_bytes()
}

fn bound_file(case: Uuid, file: Uuid) -> Vec<u8> {
    format!("case {case} file {file}").into_bytes()
}

/// What people call a case: eight characters without look-alikes, as on letters, with another first letter.
fn new_number() -> String {
    let random = u64::from_le_bytes(keys::random_bytes());
    domain::letters::code::letter_number(random).replacen('L', "V", 1)
}

async fn load(ctx: &Ctx, tx: &mut Tx, id: Uuid) -> Result<Case, Failure> {
    let row = store::find(tx, id).await?.ok_or(Failure::Denied)?;
    Case::read(ctx, row)
}

/// May this member of staff see the case? For links to it.
pub(crate) async fn is_shown_to(ctx: &Ctx, tx: &mut Tx, actor: Actor, id: Uuid) -> Result<bool, Failure> {
    match load_for(ctx, tx, actor, id).await {
        Ok(_) => Ok(true),
        Err(Failure::Denied) => Ok(false),
        Err(other) => Err(other),
    }
}

/// The case, if this member of staff may see it. People with a register block exist only for those who see blocks.
async fn load_for(ctx: &Ctx, tx: &mut Tx, actor: Actor, id: Uuid) -> Result<Case, Failure> {
    if !actor.may(Permission::SeeCases) {
        return Err(Failure::Denied);
    }
    let case = load(ctx, tx, id).await?;
    if case.state == CaseState::Draft || (case.blocked && !actor.may(Permission::SeeBlocks)) {
        return Err(Failure::Denied);
    }
    Ok(case)
}

/// All entries, opened; `me` decides what is unread.
async fn entries(tx: &mut Tx, case: &Case, me: Uuid) -> Result<Vec<Entry>, Failure> {
    let rows = entry_store::entries(tx, case.id, me).await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let plain = case.key.open(&row.sealed, &bound_entry(case.id, row.position))?;
        entries.push(Entry {
            position: row.position,
            kind: EntryKind::parse(&row.kind)
                .ok_or_else(|| Failure::broken("a stored entry does not parse"))?,
            at: row.at,
            author_kind: row.author_kind,
            author: row.author,
            body: serde_json::from_slice(&plain)?,
            unread: row.author_id != Some(me) && row.position > row.seen.unwrap_or(0),
        });
    }
    Ok(entries)
}

/// The request as it stands: the newest submission or correction.
fn current_request(entries: &[Entry]) -> Request {
    entries
        .iter()
        .rev()
        .find_map(|e| e.body.request.clone())
        .unwrap_or_default()
}

/// The task that the applicant has: fields of the newest question.
fn open_task(case: &Case, entries: &[Entry]) -> Option<Entry> {
    (case.state == CaseState::Waiting).then_some(())?;
    entries
        .iter()
        .rev()
        .find(|e| e.kind == EntryKind::Question)
        .cloned()
}

async fn files(tx: &mut Tx, case: Uuid) -> Result<Vec<CaseFile>, Failure> {
    Ok(entry_store::files(tx, case)
        .await?
        .into_iter()
        .map(|f| CaseFile {
            id: f.id,
            bytes: f.bytes,
            sha256: f.sha256,
            created_at: f.created_at,
            deleted_at: f.deleted_at,
        })
        .collect())
}

/// Somebody else changed the case in between.
struct Stale;

/// Writes what an act changes and the entries that say so.
async fn change(
    ctx: &Ctx,
    tx: &mut Tx,
    case: &Case,
    actor: Actor,
    draft: &Draft,
    new: &[(EntryKind, Body)],
) -> Result<Result<(), Stale>, Failure> {
    let now = ctx.clock.now();
    let count = case.entries + i64::try_from(new.len()).unwrap_or(0);
    let change = store::Change {
        state: draft.state.key(),
        outcome: draft.outcome.map(Outcome::key),
        team: draft.team,
        assignee: draft.assignee,
        proof: draft.proof.key(),
        desk_code: draft.desk_code.as_deref(),
        first_yes_by: draft.first_yes_by,
        entries: count,
        submitted_at: draft.submitted_at,
        due_at: draft.due_at,
        decided_at: draft.decided_at,
        decided_by: draft.decided_by,
    };
    if !store::update(tx, case.id, case.version, &change, now).await? {
        return Ok(Err(Stale));
    }
    for (offset, (kind, body)) in (1..).zip(new) {
        put_entry(ctx, tx, case, actor, case.entries + offset, *kind, body).await?;
    }
    Ok(Ok(()))
}

async fn put_entry(
    ctx: &Ctx,
    tx: &mut Tx,
    case: &Case,
    actor: Actor,
    position: i64,
    kind: EntryKind,
    body: &Body,
) -> Result<(), Failure> {
    let sealed = case
        .key
        .seal(&serde_json::to_vec(body)?, &bound_entry(case.id, position))?;
    let entry = entry_store::NewEntry {
        case: case.id,
        position,
        kind: kind.key(),
        area: kind.area().key(),
        author_kind: actor.kind(),
        author: actor.account(),
        sealed: &sealed,
    };
    Ok(entry_store::insert(tx, &entry, ctx.clock.now()).await?)
}

/// Deletes the content of all pictures of a case; each leaves its hash in an entry, to be appended by the caller.
async fn delete_pictures(ctx: &Ctx, tx: &mut Tx, case: &Case) -> Result<Vec<(EntryKind, Body)>, Failure> {
    let mut proofs = Vec::new();
    for file in entry_store::files(tx, case.id).await? {
        if file.deleted_at.is_none() {
            entry_store::delete_content(tx, file.id, ctx.clock.now()).await?;
            let body = Body {
                file: Some(file.id),
                sha256: file.sha256,
                ..Body::default()
            };
            proofs.push((EntryKind::Deleted, body));
        }
    }
    crate::files::wake(ctx, tx).await?;
    Ok(proofs)
}

/// What time ends: drafts that were not sent, pictures that are too old, marks of who is on a case.
pub(crate) async fn sweep(ctx: &Ctx) -> Result<(), Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    store::delete_drafts(&mut tx, now - Duration::days(DRAFT_DAYS)).await?;
    store::sweep_present(&mut tx, now - Duration::hours(1)).await?;
    visitor::sweep(&mut tx, now).await?;
    let old = entry_store::with_old_files(&mut tx, now - Duration::days(PICTURE_DAYS)).await?;
    tx.commit_unaudited("clean-up of what time has ended").await?;
    for id in old {
        // one case that cannot be read must not keep the pictures of all others
        if let Err(failure) = delete_old_pictures(ctx, id).await {
            tracing::error!(case = %id, ?failure, "pictures of a case are not deleted; the content is");
            let mut tx = ctx.db.begin().await?;
            for file in entry_store::files(&mut tx, id).await? {
                entry_store::delete_content(&mut tx, file.id, now).await?;
            }
            tx.commit_unaudited("pictures whose time is over").await?;
        }
    }
    Ok(())
}

async fn delete_old_pictures(ctx: &Ctx, id: Uuid) -> Result<(), Failure> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let case = load(ctx, &mut tx, id).await?;
    let proofs = delete_pictures(ctx, &mut tx, &case).await?;
    if change(ctx, &mut tx, &case, Actor::System, &case.as_change(), &proofs)
        .await?
        .is_ok()
    {
        let event = Event::new(Actor::System, "cases.delete-pictures").on(id);
        tx.commit(ctx, event.with("pictures", proofs.len())).await?;
    }
    Ok(())
}

/// Cases of one account with all that the person may see, for the export of the own data.
pub(crate) async fn of_account(
    ctx: &Ctx,
    tx: &mut Tx,
    account: Uuid,
) -> Result<Vec<(Case, Vec<Entry>)>, Failure> {
    let mut all = Vec::new();
    for row in store::of_account(tx, account).await? {
        let case = Case::read(ctx, row)?;
        let mut list = entries(tx, &case, account).await?;
        list.retain(|e| e.kind.for_applicant());
        all.push((case, list));
    }
    Ok(all)
}

/// Open requests of one kind that an account has made, as they stand, inside another feature's transaction.
pub(crate) async fn open_requests(
    ctx: &Ctx,
    tx: &mut Tx,
    account: Uuid,
    kind: CaseKind,
) -> Result<Vec<(Uuid, Request)>, Failure> {
    let mut open = Vec::new();
    for row in store::of_account(tx, account).await? {
        let case = Case::read(ctx, row)?;
        if case.kind == kind && case.state != CaseState::Decided {
            let list = entries(tx, &case, account).await?;
            open.push((case.id, current_request(&list)));
        }
    }
    Ok(open)
}

/// A short code without look-alikes for the desk.
fn desk_code() -> String {
    let random = u64::from_le_bytes(keys::random_bytes());
    let full = domain::letters::code::letter_number(random);
    full.trim_start_matches("L-").to_owned()
}

/// Pictures whose content is in the store: for tests.
#[cfg(feature = "testing")]
pub async fn stored_pictures(ctx: &Ctx) -> crate::db::Result<i64> {
    let mut tx = ctx.db.read().await?;
    entry_store::contents(&mut tx).await
}
