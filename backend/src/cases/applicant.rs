//! What the applicant does: begin, prove, send, answer a task, write, take back; and what the applicant sees.

use super::{
    Body, Case, CaseFile, DocumentProblem, Entry, PictureProblem, Proof, bound, bound_file, change,
    current_request, delete_pictures, desk_code, document, entries, entry_store, files, load, new_number,
    notice, open_task, profile, put_entry, store, team_store,
};
use crate::{
    Ctx, Failure,
    accounts::{self, SignedIn},
    audit::{self, Event},
    db::{self, Tx},
    keys::{self, Key},
    municipality, organisations, picture,
};
use chrono::Duration;
use domain::{
    access::Actor,
    accounts::TrustLevel,
    cases::{Act, CaseKind, CaseState, EntryKind, Outcome, PICTURE, Request, profile as rules},
    problem::Problems,
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Cases that one account may begin in a day.
const PER_DAY: i64 = 20;
/// Longest message in characters.
pub(super) const TEXT_MOST: usize = 4_000;

/// Why a request is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BeginRefusal {
    /// Something is missing or too long.
    Problems(Problems),
    /// Only people whose name and address are confirmed can ask for a change.
    NotVerified,
    /// There is one already; here it is.
    Open(Uuid),
    /// Too many in a day.
    TooMany,
    /// The case is not in a state for this (sent already, decided …).
    State,
    /// The picture is not taken.
    Picture(PictureProblem),
    /// The document is not taken.
    Document(DocumentProblem),
}

/// A case in the list of the own cases.
#[derive(Clone, Debug)]
pub struct OwnCase {
    /// The case.
    pub case: Case,
    /// Something has happened that the person has not seen.
    pub unread: bool,
}

/// A case as the applicant sees it.
#[derive(Clone, Debug)]
pub struct OwnPage {
    /// The case.
    pub case: Case,
    /// What the applicant may see, in order.
    pub entries: Vec<Entry>,
    /// The request as it stands.
    pub request: Request,
    /// The values before (profile changes).
    pub before: Option<Request>,
    /// What is asked of the applicant.
    pub task: Option<Entry>,
    /// Pictures.
    pub files: Vec<CaseFile>,
}

fn resident(who: &SignedIn) -> Result<(Uuid, Actor), Failure> {
    match (&who.role, who.party) {
        (None, Some(party)) => Ok((party, who.actor())),
        _ => Err(Failure::Denied),
    }
}

async fn own(ctx: &Ctx, tx: &mut Tx, who: &SignedIn, id: Uuid) -> Result<Case, Failure> {
    resident(who)?;
    let case = load(ctx, tx, id).await?;
    if case.account != who.account {
        return Err(Failure::Denied);
    }
    Ok(case)
}

/// The values with which the form of a new request begins; `None` if this person cannot make one.
pub async fn begin_values(ctx: &Ctx, who: &SignedIn, kind: CaseKind) -> Result<Option<Request>, Failure> {
    let (party, _) = resident(who)?;
    if kind != CaseKind::ProfileChange {
        return Ok(Some(Request::default()));
    }
    let mut tx = ctx.db.read().await?;
    if accounts::level_of(&mut tx, party).await? < TrustLevel::Municipal {
        return Ok(None);
    }
    profile::present(&mut tx, party).await
}

/// Begins a case as a draft (or, for kinds without proof, sends it at once). A draft that is there already is written
/// anew. Gives the case.
pub async fn begin(
    ctx: &Ctx,
    who: &SignedIn,
    kind: CaseKind,
    request: &Request,
) -> Result<Uuid, Failure<BeginRefusal>> {
    let refuse = |r| Err(Failure::Refused(r));
    let (party, actor) = resident(who).map_err(Failure::widen)?;
    let mut problems = request.check(kind, |_| true);
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if kind == CaseKind::ProfileChange {
        if accounts::level_of(&mut tx, party).await? < TrustLevel::Municipal {
            return refuse(BeginRefusal::NotVerified);
        }
        let before = profile::present(&mut tx, party).await.map_err(Failure::widen)?;
        let Some(before) = before else {
            return refuse(BeginRefusal::NotVerified);
        };
        if problems.is_empty() && rules::decisive(&before, request).is_none() {
            problems.add("", "profile-nothing-new");
        }
    }
    if !problems.is_empty() {
        return refuse(BeginRefusal::Problems(problems));
    }
    let open = store::open_of_kind(&mut tx, who.account, kind.key()).await?;
    let case = match open {
        // one request of such a kind at a time
        Some((id, state)) if kind.needs_proof() => {
            if state != CaseState::Draft.key() {
                return refuse(BeginRefusal::Open(id));
            }
            let case = load(ctx, &mut tx, id).await.map_err(Failure::widen)?;
            entry_store::clear(&mut tx, id).await?;
            Case { entries: 0, ..case }
        }
        _ => {
            if store::begun_since(&mut tx, who.account, now - Duration::days(1)).await? >= PER_DAY {
                return refuse(BeginRefusal::TooMany);
            }
            create(ctx, &mut tx, who.account, party, &who.name, kind)
                .await
                .map_err(Failure::widen)?
        }
    };
    let mut draft = case.as_change();
    if !kind.needs_proof() {
        send(ctx, &mut tx, &case, &mut draft).await?;
    }
    let body = Body {
        request: Some(request.clone()),
        ..Body::default()
    };
    let written = change(
        ctx,
        &mut tx,
        &case,
        actor,
        &draft,
        &[(EntryKind::Submission, body)],
    )
    .await
    .map_err(Failure::widen)?;
    if written.is_err() {
        return refuse(BeginRefusal::State);
    }
    if draft.state == CaseState::Submitted {
        notice::intake(ctx, &mut tx, &case, draft.team).await?;
        let event = Event::new(actor, "cases.submit")
            .on(case.id)
            .with("kind", kind.key());
        tx.commit(ctx, event).await?;
    } else {
        tx.commit_unaudited("a draft of the own request").await?;
    }
    Ok(case.id)
}

/// A draft of an account that waits for its confirmation, inside another feature's transaction.
pub(crate) async fn draft_for(
    ctx: &Ctx,
    tx: &mut Tx,
    account: Uuid,
    party: Uuid,
    name: &str,
    kind: CaseKind,
    request: &Request,
) -> Result<Uuid, Failure> {
    let case = create(ctx, tx, account, party, name, kind).await?;
    let body = Body {
        request: Some(request.clone()),
        ..Body::default()
    };
    let actor = Actor::Resident { account };
    let entry = [(EntryKind::Submission, body)];
    let written = change(ctx, tx, &case, actor, &case.as_change(), &entry).await?;
    written.map_err(|_| Failure::broken("a new case was changed by somebody else"))?;
    Ok(case.id)
}

pub(super) async fn create(
    ctx: &Ctx,
    tx: &mut Tx,
    account: Uuid,
    party: Uuid,
    name: &str,
    kind: CaseKind,
) -> Result<Case, Failure> {
    let id = ctx.new_id();
    let key = Key::random();
    let wrapped = ctx.master.wrap(&key, &bound(id))?;
    let number = new_number();
    let applicant_key = domain::text::search_words(name).join(" ");
    let new = store::NewCase {
        id,
        number: &number,
        kind: kind.key(),
        wrapped_key: &wrapped,
        party,
        account,
        applicant: name,
        applicant_key: &applicant_key,
    };
    store::insert(tx, &new, ctx.clock.now()).await?;
    load(ctx, tx, id).await
}

/// The draft becomes a request: it gets a team and a day.
pub(super) async fn send(ctx: &Ctx, tx: &mut Tx, case: &Case, draft: &mut super::Draft) -> db::Result<()> {
    let now = ctx.clock.now();
    draft.state = CaseState::Submitted;
    draft.submitted_at = Some(now);
    draft.due_at = Some(now + Duration::days(case.kind.due_days()));
    draft.team = team_store::team_for(tx, case.kind.key()).await?;
    Ok(())
}

/// The watermark of a case: for whom the copy is, and for what.
pub(super) async fn watermark(tx: &mut Tx, case: &Case) -> Result<String, Failure> {
    let settings = municipality::current_in(tx).await?.settings;
    Ok(format!(
        "Kopie – nur für {}, Vorgang {}",
        settings.sender, case.number
    ))
}

/// Stores a picture and gives its entry.
async fn put_picture(ctx: &Ctx, tx: &mut Tx, case: &Case, picture: &[u8]) -> Result<Uuid, Failure> {
    let file = ctx.new_id();
    let sealed = case.key.seal(picture, &bound_file(case.id, file))?;
    let hash = keys::hex(&keys::sha256(picture));
    let bytes = i64::try_from(picture.len()).unwrap_or(i64::MAX);
    entry_store::insert_file(tx, file, case.id, &sealed, bytes, &hash, ctx.clock.now()).await?;
    crate::files::wake(ctx, tx).await?;
    Ok(file)
}

/// Sends the draft, or answers a task that asks for a picture, with a picture of the document. `marked`: the browser has
/// drawn the watermark already.
pub async fn submit_with_picture(
    ctx: &Ctx,
    who: &SignedIn,
    id: Uuid,
    upload: Vec<u8>,
    marked: bool,
    consent: &str,
) -> Result<(), Failure<BeginRefusal>> {
    let refuse = |r| Err(Failure::Refused(r));
    let (_, actor) = resident(who).map_err(Failure::widen)?;
    let mut tx = ctx.db.read().await?;
    let case = own(ctx, &mut tx, who, id).await.map_err(Failure::widen)?;
    let text = watermark(&mut tx, &case).await.map_err(Failure::widen)?;
    drop(tx);
    if case.state != CaseState::Draft || !case.kind.needs_proof() {
        return refuse(BeginRefusal::State);
    }
    // decoded before the store is locked: it takes a second
    let clean = match picture::clean(upload, (!marked).then_some(text)).await {
        Ok(clean) => clean,
        Err(problem) => return refuse(BeginRefusal::Picture(problem)),
    };
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let case = own(ctx, &mut tx, who, id).await.map_err(Failure::widen)?;
    if case.state != CaseState::Draft {
        return refuse(BeginRefusal::State);
    }
    let file = put_picture(ctx, &mut tx, &case, &clean)
        .await
        .map_err(Failure::widen)?;
    let mut draft = case.as_change();
    draft.proof = Proof::Picture;
    send(ctx, &mut tx, &case, &mut draft).await?;
    submitted(ctx, tx, &case, actor, &draft, Some((file, consent))).await
}

/// Sends the draft; the document will be shown at the desk. Gives the short code to say there.
pub async fn prove_at_desk(ctx: &Ctx, who: &SignedIn, id: Uuid) -> Result<(), Failure<BeginRefusal>> {
    let (_, actor) = resident(who).map_err(Failure::widen)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let case = own(ctx, &mut tx, who, id).await.map_err(Failure::widen)?;
    if case.state != CaseState::Draft || !case.kind.needs_proof() {
        return Err(Failure::Refused(BeginRefusal::State));
    }
    let mut draft = case.as_change();
    draft.proof = Proof::Desk;
    draft.desk_code = Some(desk_code());
    send(ctx, &mut tx, &case, &mut draft).await?;
    submitted(ctx, tx, &case, actor, &draft, None).await
}

async fn submitted(
    ctx: &Ctx,
    mut tx: Tx,
    case: &Case,
    actor: Actor,
    draft: &super::Draft,
    file: Option<(Uuid, &str)>,
) -> Result<(), Failure<BeginRefusal>> {
    // the draft's entry is the request already; sending dates it anew and names the picture
    let list = entries(&mut tx, case, case.account)
        .await
        .map_err(Failure::widen)?;
    let body = Body {
        request: Some(current_request(&list)),
        file: file.map(|f| f.0),
        consent: file.map(|f| f.1.to_owned()).unwrap_or_default(),
        ..Body::default()
    };
    entry_store::clear(&mut tx, case.id).await?;
    let case = Case {
        entries: 0,
        ..case.clone()
    };
    let written = change(
        ctx,
        &mut tx,
        &case,
        actor,
        draft,
        &[(EntryKind::Submission, body)],
    )
    .await
    .map_err(Failure::widen)?;
    if written.is_err() {
        return Err(Failure::Refused(BeginRefusal::State));
    }
    notice::intake(ctx, &mut tx, &case, draft.team).await?;
    let event = Event::new(actor, "cases.submit")
        .on(case.id)
        .with("kind", case.kind.key())
        .with("proof", draft.proof.key());
    Ok(tx.commit(ctx, event).await?)
}

/// All own cases, newest first.
pub async fn own_cases(ctx: &Ctx, who: &SignedIn) -> Result<Vec<OwnCase>, Failure> {
    resident(who)?;
    let mut tx = ctx.db.read().await?;
    let mut cases = Vec::new();
    for row in store::of_account(&mut tx, who.account).await? {
        cases.push(Case::read(ctx, row)?);
    }
    let ids: Vec<Uuid> = cases.iter().map(|c| c.id).collect();
    let news = news_in(&mut tx, who.account, &ids).await?;
    Ok(cases
        .into_iter()
        .map(|case| OwnCase {
            unread: news.contains(&case.id),
            case,
        })
        .collect())
}

/// Which of the own cases have something that the applicant has not seen.
async fn news_in(tx: &mut Tx, account: Uuid, cases: &[Uuid]) -> db::Result<BTreeSet<Uuid>> {
    let unread = store::unread(tx, account, cases).await?;
    Ok(unread
        .into_iter()
        .filter(|(_, area)| area == "messages" || area == "status")
        .map(|(id, _)| id)
        .collect())
}

/// How many own cases have news, for the badge of the app.
pub(crate) async fn with_news(tx: &mut Tx, account: Uuid) -> db::Result<i64> {
    let own = store::of_account(tx, account).await?;
    let ids: Vec<Uuid> = own.iter().map(|row| row.id).collect();
    let news = news_in(tx, account, &ids).await?;
    Ok(i64::try_from(news.len()).unwrap_or(i64::MAX))
}

/// One own case; what is shown counts as seen.
pub async fn own_case(ctx: &Ctx, who: &SignedIn, id: Uuid) -> Result<OwnPage, Failure> {
    let mut tx = ctx.db.begin().await?;
    let case = own(ctx, &mut tx, who, id).await?;
    let mut list = entries(&mut tx, &case, who.account).await?;
    let task = open_task(&case, &list);
    let request = current_request(&list);
    list.retain(|e| e.kind.for_applicant());
    for area in domain::cases::Area::ALL {
        store::set_seen(&mut tx, who.account, id, area.key(), case.entries).await?;
    }
    let before = match case.kind {
        CaseKind::ProfileChange => profile::present(&mut tx, case.party).await?,
        CaseKind::OrganisationChange if case.state != CaseState::Decided => {
            organisations::before_change(&mut tx, &request, Some(who.account)).await?
        }
        CaseKind::Message | CaseKind::Admission | CaseKind::OrganisationChange | CaseKind::Barrier => None,
    };
    let files = files(&mut tx, id).await?;
    tx.commit_unaudited("the own case was looked at").await?;
    Ok(OwnPage {
        case,
        entries: list,
        request,
        before,
        task,
        files,
    })
}

/// The own picture.
pub async fn own_picture(ctx: &Ctx, who: &SignedIn, id: Uuid, file: Uuid) -> Result<Vec<u8>, Failure> {
    let mut tx = ctx.db.read().await?;
    let case = own(ctx, &mut tx, who, id).await?;
    let held = entry_store::file_content(&mut tx, id, file)
        .await?
        .ok_or(Failure::Denied)?;
    drop(tx);
    let sealed = crate::files::read(ctx, held).await?;
    Ok(case.key.open(&sealed, &bound_file(id, file))?)
}

/// A document of an own case: media type and content.
pub async fn own_document(
    ctx: &Ctx,
    who: &SignedIn,
    id: Uuid,
    document: Uuid,
) -> Result<(String, Vec<u8>), Failure> {
    let mut tx = ctx.db.read().await?;
    let case = own(ctx, &mut tx, who, id).await?;
    document::content(ctx, tx, &case, document).await
}

/// Answers the open task: new values for its fields, and a picture if one is asked for.
pub async fn answer(
    ctx: &Ctx,
    who: &SignedIn,
    id: Uuid,
    typed: &Request,
    text: &str,
    upload: Option<(Vec<u8>, bool)>,
    consent: &str,
) -> Result<(), Failure<BeginRefusal>> {
    let refuse = |r| Err(Failure::Refused(r));
    let (_, actor) = resident(who).map_err(Failure::widen)?;
    let mut tx = ctx.db.read().await?;
    let case = own(ctx, &mut tx, who, id).await.map_err(Failure::widen)?;
    let list = entries(&mut tx, &case, who.account)
        .await
        .map_err(Failure::widen)?;
    let mark = watermark(&mut tx, &case).await.map_err(Failure::widen)?;
    drop(tx);
    let Some(task) = open_task(&case, &list) else {
        return refuse(BeginRefusal::State);
    };
    let asked = |field: &str| task.body.fields.iter().any(|f| f == field);
    let mut request = current_request(&list);
    for field in case.kind.fields().iter().filter(|f| asked(f.name)) {
        request = request.with(field.name, typed.get(field.name));
    }
    let mut problems = request.check(case.kind, asked);
    let text = domain::cases::clean_lines(text);
    if text.chars().count() > TEXT_MOST {
        problems.add_with("antwort", "problem-too-long", &[("most", &TEXT_MOST.to_string())]);
    }
    if task.body.fields.is_empty() && text.is_empty() {
        problems.add("antwort", "problem-required");
    }
    if !problems.is_empty() {
        return refuse(BeginRefusal::Problems(problems));
    }
    let clean = match (asked(PICTURE), upload) {
        (false, _) => None,
        (true, None) => return refuse(BeginRefusal::Picture(PictureProblem::Missing)),
        (true, Some((bytes, marked))) => match picture::clean(bytes, (!marked).then_some(mark)).await {
            Ok(clean) => Some(clean),
            Err(problem) => return refuse(BeginRefusal::Picture(problem)),
        },
    };
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let fresh = own(ctx, &mut tx, who, id).await.map_err(Failure::widen)?;
    let Some(state) = fresh.next(Act::Answer).filter(|_| fresh.version == case.version) else {
        return refuse(BeginRefusal::State);
    };
    let mut draft = fresh.as_change();
    draft.state = state;
    draft.first_yes_by = None;
    let mut body = Body {
        text,
        request: (!task.body.fields.is_empty()).then_some(request),
        fields: task.body.fields.clone(),
        ..Body::default()
    };
    if let Some(clean) = clean {
        body.file = Some(
            put_picture(ctx, &mut tx, &fresh, &clean)
                .await
                .map_err(Failure::widen)?,
        );
        body.consent = consent.to_owned();
        draft.proof = Proof::Picture;
        draft.desk_code = None;
    }
    let written = change(
        ctx,
        &mut tx,
        &fresh,
        actor,
        &draft,
        &[(EntryKind::Correction, body)],
    )
    .await
    .map_err(Failure::widen)?;
    if written.is_err() {
        return refuse(BeginRefusal::State);
    }
    notice::to_staff(ctx, &mut tx, &fresh).await?;
    Ok(tx.commit(ctx, Event::new(actor, "cases.answer").on(id)).await?)
}

/// A message to the town within a case.
pub async fn write(
    ctx: &Ctx,
    who: &SignedIn,
    id: Uuid,
    text: &str,
    upload: Option<(String, Vec<u8>)>,
) -> Result<(), Failure<BeginRefusal>> {
    let refuse = |r| Err(Failure::Refused(r));
    let (_, actor) = resident(who).map_err(Failure::widen)?;
    let text = domain::cases::clean_lines(text);
    if text.is_empty() {
        return refuse(BeginRefusal::Problems(Problems::one(
            "mitteilung",
            "problem-required",
        )));
    }
    if text.chars().count() > TEXT_MOST {
        let mut problems = Problems::default();
        problems.add_with(
            "mitteilung",
            "problem-too-long",
            &[("most", &TEXT_MOST.to_string())],
        );
        return refuse(BeginRefusal::Problems(problems));
    }
    let checked = match upload {
        None => None,
        Some((name, bytes)) => match document::check(ctx, &name, bytes).await {
            Ok(checked) => Some(checked),
            Err(problem) => return refuse(BeginRefusal::Document(problem)),
        },
    };
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let case = own(ctx, &mut tx, who, id).await.map_err(Failure::widen)?;
    if case.next(Act::Write).is_none() {
        return refuse(BeginRefusal::State);
    }
    // a flood of messages is nothing that anybody reads
    let list = entries(&mut tx, &case, who.account)
        .await
        .map_err(Failure::widen)?;
    let today = ctx.clock.now() - Duration::days(1);
    let lately = list
        .iter()
        .filter(|e| e.author_kind == "resident" && e.at > today)
        .count();
    if lately >= 30 {
        return refuse(BeginRefusal::TooMany);
    }
    let document = match &checked {
        None => None,
        Some(checked) => {
            let put = document::put(ctx, &mut tx, &case, checked)
                .await
                .map_err(Failure::widen)?;
            let Some(document) = put else {
                return refuse(BeginRefusal::Document(DocumentProblem::TooMany));
            };
            Some(document)
        }
    };
    let body = Body {
        text,
        document,
        ..Body::default()
    };
    let written = change(
        ctx,
        &mut tx,
        &case,
        actor,
        &case.as_change(),
        &[(EntryKind::Message, body)],
    )
    .await
    .map_err(Failure::widen)?;
    if written.is_err() {
        return refuse(BeginRefusal::State);
    }
    notice::to_staff(ctx, &mut tx, &case).await?;
    Ok(tx.commit(ctx, Event::new(actor, "cases.message").on(id)).await?)
}

/// Takes the request back; a draft is deleted, pictures of a sent one too.
pub async fn withdraw(ctx: &Ctx, who: &SignedIn, id: Uuid) -> Result<(), Failure<BeginRefusal>> {
    let (_, actor) = resident(who).map_err(Failure::widen)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let case = own(ctx, &mut tx, who, id).await.map_err(Failure::widen)?;
    if case.state == CaseState::Draft {
        store::delete(&mut tx, id).await?;
        return Ok(tx.commit_unaudited("a draft of the own request").await?);
    }
    let Some(state) = case.next(Act::Withdraw) else {
        return Err(Failure::Refused(BeginRefusal::State));
    };
    let mut draft = case.as_change();
    draft.state = state;
    draft.outcome = Some(Outcome::Withdrawn);
    draft.decided_at = Some(ctx.clock.now());
    draft.desk_code = None;
    let mut new = vec![(EntryKind::Withdrawal, Body::default())];
    new.extend(
        delete_pictures(ctx, &mut tx, &case)
            .await
            .map_err(Failure::widen)?,
    );
    let written = change(ctx, &mut tx, &case, actor, &draft, &new)
        .await
        .map_err(Failure::widen)?;
    if written.is_err() {
        return Err(Failure::Refused(BeginRefusal::State));
    }
    notice::to_staff(ctx, &mut tx, &case).await?;
    Ok(tx.commit(ctx, Event::new(actor, "cases.withdraw").on(id)).await?)
}

/// Notes in the case that somebody looked at a picture.
pub(super) async fn note_view(
    ctx: &Ctx,
    tx: &mut Tx,
    case: &Case,
    actor: Actor,
    file: Uuid,
) -> Result<(), Failure> {
    let position = store::next_position(tx, case.id).await?;
    let body = Body {
        file: Some(file),
        ..Body::default()
    };
    put_entry(ctx, tx, case, actor, position, EntryKind::View, &body).await
}
