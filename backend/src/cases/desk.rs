//! What staff do with a case: open, take over, hand over, ask back, write, decide, look at a picture, check a document at
//! the desk. Every act names the version that the clerk saw; an act on a stale view is refused.

use super::{
    Body, Case, CaseFile, DocumentProblem, Draft, Entry, Proof, applicant::TEXT_MOST, bound_file, change,
    current_request, delete_pictures, document, entries, entry_store, files, load_for, notice, open_task,
    profile, store, team_store, visitor,
};
use crate::{
    Ctx, Failure, accounts,
    audit::{self, Event},
    db::Tx,
    letters::LetterRefusal,
    municipality, organisations, residents,
    throttle::{self, Counter},
};
use chrono::Duration;
use domain::{
    access::{Actor, Permission},
    accounts::{EvidenceKind, TrustLevel},
    cases::{
        Act, CaseKind, CaseState, EntryKind, Outcome, PICTURE, Request,
        profile::{self as rules, Decisive},
    },
    letters::code::parse_letter_number,
    problem::Problems,
};
use uuid::Uuid;

/// Why an act of staff is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskRefusal {
    /// Something in the form is wrong.
    Problems(Problems),
    /// Somebody changed the case in between.
    Stale,
    /// Not possible in this state.
    State,
    /// Nobody decides the own case.
    Own,
    /// The second yes must come from somebody else.
    SamePerson,
    /// There is no proof yet: neither a picture nor the document at the desk.
    NoProof,
    /// Too many wrong codes.
    TooMany,
}

impl DeskRefusal {
    /// The document of a message is not taken.
    fn document(problem: DocumentProblem) -> Failure<DeskRefusal> {
        Failure::Refused(DeskRefusal::Problems(Problems::one("datei", problem.key())))
    }

    /// The letter to an admitted organisation cannot be made.
    fn letter(refusal: &LetterRefusal) -> DeskRefusal {
        let code = match refusal {
            LetterRefusal::AddressTooLong(_) => "admission-address-too-long",
            LetterRefusal::TextsTooLong(_) => "admission-texts-too-long",
            _ => "admission-no-letter",
        };
        DeskRefusal::Problems(Problems::one("", code))
    }
}

/// A case as staff see it.
#[derive(Clone, Debug)]
pub struct StaffPage {
    /// The case.
    pub case: Case,
    /// Everything that happened.
    pub entries: Vec<Entry>,
    /// The request as it stands.
    pub request: Request,
    /// The values before (profile changes).
    pub before: Option<Request>,
    /// What the clerk must type from the document before saying yes; its fields stay covered.
    pub decisive: Option<Decisive>,
    /// The open task of the applicant.
    pub task: Option<Entry>,
    /// Pictures.
    pub files: Vec<CaseFile>,
    /// Others who have the case open.
    pub present: Vec<String>,
    /// May this member of staff decide at all?
    pub may_decide: bool,
    /// How far it is believed that the applicant is who the name says.
    pub level: TrustLevel,
    /// Some values are covered, because this member of staff may not see them.
    pub covered: bool,
}

/// What an act of staff did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Done.
    Done,
    /// A first yes; somebody else must say yes too.
    SecondNeeded,
}

/// A decision.
#[derive(Clone, Debug)]
pub struct Decision {
    /// How.
    pub outcome: Outcome,
    /// The reason or the answer; the applicant reads it.
    pub text: String,
    /// The decisive field, as typed from the document.
    pub typed: String,
}

fn me(actor: Actor) -> Result<Uuid, Failure> {
    actor.account().ok_or(Failure::Denied)
}

/// Others count as present if they showed signs of life in this time.
fn life() -> Duration {
    Duration::seconds(90)
}

/// Opens a case: everything in it counts as seen, and others see who is on it.
pub async fn open(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<StaffPage, Failure> {
    let who = me(actor)?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let case = load_for(ctx, &mut tx, actor, id).await?;
    let mut list = entries(&mut tx, &case, who).await?;
    let covered = case.kind == CaseKind::OrganisationChange && !actor.may(Permission::SeeBlocks);
    for area in domain::cases::Area::ALL {
        store::set_seen(&mut tx, who, id, area.key(), case.entries).await?;
    }
    store::be_present(&mut tx, who, id, now).await?;
    let present = store::present(&mut tx, who, id, now - life()).await?;
    let mut request = current_request(&list);
    let mut before = match case.kind {
        CaseKind::ProfileChange => before(&mut tx, &case).await?,
        CaseKind::OrganisationChange if case.state != CaseState::Decided => {
            organisations::before_change(&mut tx, &request, None).await?
        }
        CaseKind::Message | CaseKind::Admission | CaseKind::OrganisationChange | CaseKind::Barrier => None,
    };
    if covered {
        let all = list.iter_mut().filter_map(|e| e.body.request.as_mut());
        all.chain(before.as_mut())
            .chain([&mut request])
            .for_each(organisations::cover);
    }
    let decisive = before
        .as_ref()
        .filter(|_| case.kind == CaseKind::ProfileChange)
        .and_then(|b| rules::decisive(b, &request));
    let files = files(&mut tx, id).await?;
    let task = open_task(&case, &list);
    let level = accounts::level_of(&mut tx, case.party).await?;
    if let Some(resident) = accounts::resident_of(&mut tx, case.party).await? {
        residents::look(ctx, &mut tx, actor, resident).await?;
    }
    tx.commit_unaudited("marks of what was seen, and by whom").await?;
    Ok(StaffPage {
        may_decide: actor.may(Permission::DecideCases),
        level,
        covered,
        case,
        entries: list,
        request,
        before,
        decisive,
        task,
        files,
        present,
    })
}

/// The values before the request; none once it is decided (the profile may be the new one then).
async fn before(tx: &mut Tx, case: &Case) -> Result<Option<Request>, Failure> {
    if case.state == CaseState::Decided {
        return Ok(None);
    }
    profile::present(tx, case.party).await
}

/// A sign of life on an open case: who else is on it, and its version.
pub async fn presence(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(Vec<String>, i64), Failure> {
    let who = me(actor)?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let case = load_for(ctx, &mut tx, actor, id).await?;
    store::be_present(&mut tx, who, id, now).await?;
    let present = store::present(&mut tx, who, id, now - life()).await?;
    tx.commit_unaudited("a mark of presence").await?;
    Ok((present, case.version))
}

/// An act that is under way: the case as the clerk saw it, in a locked transaction.
struct Acting {
    tx: Tx,
    case: Case,
    draft: Draft,
}

/// Begins an act: permission, version, state.
async fn begin(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    version: i64,
    act: Act,
) -> Result<Acting, Failure<DeskRefusal>> {
    if !actor.may(Permission::DecideCases) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let case = load_for(ctx, &mut tx, actor, id).await.map_err(Failure::widen)?;
    if case.version != version {
        return Err(Failure::Refused(DeskRefusal::Stale));
    }
    let Some(state) = case.next(act) else {
        return Err(Failure::Refused(DeskRefusal::State));
    };
    let mut draft = case.as_change();
    draft.state = state;
    Ok(Acting { tx, case, draft })
}

/// Ends an act: writes it and its event, and tells the applicant if there is something to read.
async fn end(
    ctx: &Ctx,
    actor: Actor,
    acting: Acting,
    new: &[(EntryKind, Body)],
    event: Event,
) -> Result<(), Failure<DeskRefusal>> {
    let Acting { mut tx, case, draft } = acting;
    let written = change(ctx, &mut tx, &case, actor, &draft, new)
        .await
        .map_err(Failure::widen)?;
    if written.is_err() {
        return Err(Failure::Refused(DeskRefusal::Stale));
    }
    let said = new.iter().filter(|(kind, _)| kind.for_applicant());
    let said: Vec<&str> = said.map(|(_, body)| body.text.as_str()).collect();
    if !said.is_empty() {
        notice::to_applicant(ctx, &mut tx, &case).await?;
        visitor::answer(ctx, &mut tx, &case, &said.join("\n\n"))
            .await
            .map_err(Failure::widen)?;
    }
    Ok(tx.commit(ctx, event.on(case.id)).await?)
}

/// How the document was proved. A picture that time has deleted proves nothing any more.
async fn proven(acting: &mut Acting) -> Result<EvidenceKind, Failure<DeskRefusal>> {
    let missing = Err(Failure::Refused(DeskRefusal::NoProof));
    match acting.case.proof {
        Proof::Shown => Ok(EvidenceKind::Counter),
        Proof::None | Proof::Desk => missing,
        Proof::Picture => {
            let files = entry_store::files(&mut acting.tx, acting.case.id).await?;
            if files.iter().all(|f| f.deleted_at.is_some()) {
                return missing;
            }
            Ok(EvidenceKind::IdDocument)
        }
    }
}

fn checked_text(field: &str, text: &str, required: bool) -> Result<String, Failure<DeskRefusal>> {
    let text = domain::cases::clean_lines(text);
    let mut problems = Problems::default();
    if required && text.is_empty() {
        problems.add(field, "problem-required");
    }
    if text.chars().count() > TEXT_MOST {
        problems.add_with(field, "problem-too-long", &[("most", &TEXT_MOST.to_string())]);
    }
    problems
        .or(text)
        .map_err(|p| Failure::Refused(DeskRefusal::Problems(p)))
}

/// Takes the case over.
pub async fn take(ctx: &Ctx, actor: Actor, id: Uuid, version: i64) -> Result<(), Failure<DeskRefusal>> {
    let who = me(actor).map_err(Failure::widen)?;
    let mut acting = begin(ctx, actor, id, version, Act::Take).await?;
    acting.draft.assignee = Some(who);
    let name = team_store::name_of(&mut acting.tx, who)
        .await?
        .unwrap_or_default();
    let body = Body {
        to: name,
        ..Body::default()
    };
    let event = Event::new(actor, "cases.take");
    end(ctx, actor, acting, &[(EntryKind::Assignment, body)], event).await
}

/// Hands the case to a colleague (or, while that one is away, to the deputy) or to a team.
pub async fn assign(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    version: i64,
    colleague: Option<Uuid>,
    team: Option<Uuid>,
) -> Result<(), Failure<DeskRefusal>> {
    let now = ctx.clock.now();
    let mut acting = begin(ctx, actor, id, version, Act::Take).await?;
    let nobody = || Failure::Refused(DeskRefusal::Problems(Problems::one("wer", "problem-required")));
    let to;
    match (colleague, team) {
        (Some(colleague), _) => {
            let blocks = acting.case.blocked;
            let able = team_store::deciders(&mut acting.tx).await?;
            let can = |id: Uuid| able.iter().find(|d| d.id == id && (!blocks || d.sees_blocks()));
            let first = can(colleague).ok_or_else(nobody)?;
            let deputy = team_store::deputy_of(&mut acting.tx, colleague, now)
                .await?
                .and_then(can);
            to = match deputy {
                Some(deputy) => format!("{} → {}", first.name, deputy.name),
                None => first.name.clone(),
            };
            acting.draft.assignee = Some(deputy.unwrap_or(first).id);
        }
        (None, Some(team)) => {
            let name = team_store::team_name(&mut acting.tx, team)
                .await?
                .ok_or_else(nobody)?;
            to = name;
            acting.draft.team = Some(team);
            acting.draft.assignee = None;
            acting.draft.state = match acting.case.state {
                CaseState::InReview => CaseState::Submitted,
                state => state,
            };
        }
        (None, None) => return Err(nobody()),
    }
    let target = acting.draft.assignee.filter(|a| Some(*a) != actor.account());
    if let Some(target) = target {
        notice::assigned(ctx, &mut acting.tx, &acting.case, target).await?;
    }
    let body = Body {
        to,
        ..Body::default()
    };
    let event = Event::new(actor, "cases.assign");
    end(ctx, actor, acting, &[(EntryKind::Assignment, body)], event).await
}

/// Whoever works on a case without having taken it, takes it by that.
fn mine(actor: Actor, draft: &mut Draft) {
    if draft.assignee.is_none() {
        draft.assignee = actor.account();
    }
}

/// Asks the applicant: a task with named fields to correct. The case waits.
pub async fn ask(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    version: i64,
    text: &str,
    fields: &[String],
) -> Result<(), Failure<DeskRefusal>> {
    let mut acting = begin(ctx, actor, id, version, Act::Ask).await?;
    let text = checked_text("frage", text, true)?;
    let kind = acting.case.kind;
    let known = |f: &&String| {
        kind.fields().iter().any(|k| k.name == f.as_str()) || (kind.needs_proof() && f.as_str() == PICTURE)
    };
    let body = Body {
        text,
        fields: fields.iter().filter(known).cloned().collect(),
        ..Body::default()
    };
    acting.draft.first_yes_by = None;
    mine(actor, &mut acting.draft);
    let event = Event::new(actor, "cases.ask").with("fields", body.fields.len());
    end(ctx, actor, acting, &[(EntryKind::Question, body)], event).await
}

/// A message to the applicant; the case does not wait for an answer.
pub async fn tell(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    version: i64,
    text: &str,
    upload: Option<(String, Vec<u8>)>,
) -> Result<(), Failure<DeskRefusal>> {
    if !actor.may(Permission::DecideCases) {
        return Err(Failure::Denied);
    }
    let checked = match upload {
        None => None,
        Some((name, bytes)) => {
            let checked = document::check(ctx, &name, bytes).await;
            Some(checked.map_err(DeskRefusal::document)?)
        }
    };
    let mut acting = begin(ctx, actor, id, version, Act::Write).await?;
    let text = checked_text("nachricht", text, true)?;
    mine(actor, &mut acting.draft);
    let document = match &checked {
        None => None,
        Some(checked) => {
            let put = document::put(ctx, &mut acting.tx, &acting.case, checked).await;
            let put = put.map_err(Failure::widen)?;
            Some(put.ok_or_else(|| DeskRefusal::document(DocumentProblem::TooMany))?)
        }
    };
    let body = Body {
        text,
        document,
        ..Body::default()
    };
    let event = Event::new(actor, "cases.message");
    end(ctx, actor, acting, &[(EntryKind::Message, body)], event).await
}

/// A note for staff.
pub async fn note(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    version: i64,
    text: &str,
) -> Result<(), Failure<DeskRefusal>> {
    let acting = begin(ctx, actor, id, version, Act::Write).await?;
    let text = checked_text("notiz", text, true)?;
    let body = Body {
        text,
        ..Body::default()
    };
    let event = Event::new(actor, "cases.note");
    end(ctx, actor, acting, &[(EntryKind::Note, body)], event).await
}

/// A document of a case: media type and content.
pub async fn case_document(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    document: Uuid,
) -> Result<(String, Vec<u8>), Failure> {
    let mut tx = ctx.db.read().await?;
    let case = load_for(ctx, &mut tx, actor, id).await?;
    document::content(ctx, tx, &case, document).await
}

/// Shows the case as unread again, for this member of staff only.
pub async fn look_again(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure> {
    let who = me(actor)?;
    let mut tx = ctx.db.begin().await?;
    load_for(ctx, &mut tx, actor, id).await?;
    store::unsee(&mut tx, who, id).await?;
    Ok(tx.commit_unaudited("marks of what was seen").await?)
}

/// Finds the case of somebody who stands at the desk. Guessing is throttled.
pub async fn by_desk_code(ctx: &Ctx, actor: Actor, typed: &str) -> Result<Uuid, Failure<DeskRefusal>> {
    if !actor.may(Permission::DecideCases) {
        return Err(Failure::Denied);
    }
    let who = me(actor).map_err(Failure::widen)?;
    let unknown = || Failure::Refused(DeskRefusal::Problems(Problems::one("code", "desk-unknown")));
    let code = parse_letter_number(typed).ok_or_else(unknown)?;
    let counter = Counter::new(ctx, "desk-code", &who.to_string());
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    throttle::lock(&mut tx, &counter).await?;
    if throttle::count(&mut tx, &counter, now, Duration::minutes(15)).await? >= 20 {
        return Err(Failure::Refused(DeskRefusal::TooMany));
    }
    let found = store::by_desk_code(&mut tx, code.trim_start_matches("L-")).await?;
    let found = match found {
        Some(row) => Some(Case::read(ctx, row).map_err(Failure::widen)?),
        None => None,
    };
    let seen = found.filter(|c| !c.blocked || actor.may(Permission::SeeBlocks));
    if seen.is_none() {
        throttle::add(&mut tx, &counter, now).await?;
        tx.commit_unaudited("a wrong code is counted").await?;
    }
    seen.map(|c| c.id).ok_or_else(unknown)
}

/// The document was shown at the desk.
pub async fn shown(ctx: &Ctx, actor: Actor, id: Uuid, version: i64) -> Result<(), Failure<DeskRefusal>> {
    let mut acting = begin(ctx, actor, id, version, Act::Write).await?;
    if acting.case.proof == Proof::Shown || !acting.case.kind.needs_proof() {
        return Err(Failure::Refused(DeskRefusal::State));
    }
    not_own(&mut acting, actor).await?;
    acting.draft.proof = Proof::Shown;
    acting.draft.desk_code = None;
    mine(actor, &mut acting.draft);
    let event = Event::new(actor, "cases.shown");
    end(ctx, actor, acting, &[(EntryKind::Shown, Body::default())], event).await
}

/// A picture, for somebody who works on the case; each look leaves an entry that the applicant can see.
pub async fn picture(ctx: &Ctx, actor: Actor, id: Uuid, file: Uuid) -> Result<Vec<u8>, Failure> {
    if !actor.may(Permission::DecideCases) {
        return Err(Failure::Denied);
    }
    // the place for files may be slow: nobody else waits for it
    let mut tx = ctx.db.read().await?;
    load_for(ctx, &mut tx, actor, id).await?;
    let held = entry_store::file_content(&mut tx, id, file)
        .await?
        .ok_or(Failure::Denied)?;
    drop(tx);
    let sealed = crate::files::read(ctx, held).await?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let case = load_for(ctx, &mut tx, actor, id).await?;
    let plain = case.key.open(&sealed, &bound_file(id, file))?;
    super::applicant::note_view(ctx, &mut tx, &case, actor, file).await?;
    tx.commit(ctx, Event::new(actor, "cases.view-picture").on(id))
        .await?;
    Ok(plain)
}

/// Nobody decides the own case. Staff have accounts apart from their own as residents, so names are compared, the present one
/// and the one that is asked for; a namesake asks a colleague.
async fn not_own(acting: &mut Acting, actor: Actor) -> Result<(), Failure<DeskRefusal>> {
    let who = me(actor).map_err(Failure::widen)?;
    let name = team_store::name_of(&mut acting.tx, who)
        .await?
        .unwrap_or_default();
    let list = entries(&mut acting.tx, &acting.case, who)
        .await
        .map_err(Failure::widen)?;
    let request = current_request(&list);
    let wanted = rules::display_name(&request);
    // who is to speak for an organisation does not admit it
    let person = request.get("person");
    let same = domain::cases::perhaps_same_person;
    let own = [acting.case.applicant.as_str(), &wanted, person]
        .into_iter()
        .any(|other| !other.is_empty() && same(&name, other));
    if acting.case.account == who || own {
        return Err(Failure::Refused(DeskRefusal::Own));
    }
    Ok(())
}

/// Decides the case.
pub async fn decide(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    version: i64,
    decision: &Decision,
) -> Result<Written, Failure<DeskRefusal>> {
    let refuse = |r| Err(Failure::Refused(r));
    let mut acting = begin(ctx, actor, id, version, Act::Decide).await?;
    if !acting.case.kind.outcomes().contains(&decision.outcome) {
        return refuse(DeskRefusal::State);
    }
    not_own(&mut acting, actor).await?;
    let who = me(actor).map_err(Failure::widen)?;
    let needs_text = matches!(decision.outcome, Outcome::Rejected | Outcome::Answered);
    let field = match decision.outcome {
        Outcome::Rejected => "grund",
        _ => "antwort",
    };
    let text = checked_text(field, &decision.text, needs_text)?;
    let mut new = Vec::new();
    if acting.case.kind == CaseKind::Admission && decision.outcome == Outcome::Approved {
        proven(&mut acting).await?;
        let list = entries(&mut acting.tx, &acting.case, who)
            .await
            .map_err(Failure::widen)?;
        let request = current_request(&list);
        let (case, applicant) = (acting.case.id, acting.case.account);
        organisations::admit(ctx, &mut acting.tx, actor, case, applicant, &request)
            .await
            .map_err(|f| f.map(|refusal| DeskRefusal::letter(&refusal)))?;
    }
    if acting.case.kind == CaseKind::OrganisationChange && decision.outcome == Outcome::Approved {
        let list = entries(&mut acting.tx, &acting.case, who)
            .await
            .map_err(Failure::widen)?;
        let (applicant, request) = (acting.case.account, current_request(&list));
        if organisations::changes_covered(&request) && !actor.may(Permission::SeeBlocks) {
            return refuse(DeskRefusal::Problems(Problems::one(
                "",
                "organisation-change-covered",
            )));
        }
        organisations::change(ctx, &mut acting.tx, applicant, &request)
            .await
            .map_err(|f| f.map(DeskRefusal::Problems))?;
    }
    if acting.case.kind == CaseKind::ProfileChange && decision.outcome == Outcome::Approved {
        let list = entries(&mut acting.tx, &acting.case, who)
            .await
            .map_err(Failure::widen)?;
        let request = current_request(&list);
        let before = profile::present(&mut acting.tx, acting.case.party)
            .await
            .map_err(Failure::widen)?
            .unwrap_or_default();
        let evidence = proven(&mut acting).await?;
        let decisive = rules::decisive(&before, &request);
        if decisive.is_none_or(|d| !rules::typed_right(d, &request, &decision.typed)) {
            let code = if decision.typed.trim().is_empty() {
                "problem-required"
            } else {
                "decisive-differs"
            };
            return refuse(DeskRefusal::Problems(Problems::one("abgetippt", code)));
        }
        let settings = municipality::current_in(&mut acting.tx)
            .await
            .map_err(Failure::widen)?
            .settings;
        if settings.name_change_four_eyes && rules::changes_name(&before, &request) {
            match acting.case.first_yes_by {
                None => {
                    acting.draft.state = CaseState::InReview;
                    acting.draft.first_yes_by = Some(who);
                    mine(actor, &mut acting.draft);
                    let event = Event::new(actor, "cases.first-yes");
                    let body = Body {
                        text,
                        ..Body::default()
                    };
                    end(ctx, actor, acting, &[(EntryKind::FirstYes, body)], event).await?;
                    return Ok(Written::SecondNeeded);
                }
                Some(first) if first == who => return refuse(DeskRefusal::SamePerson),
                Some(_) => {}
            }
        }
        profile::approve(ctx, &mut acting.tx, &acting.case, &request, evidence)
            .await
            .map_err(Failure::widen)?;
    }
    let body = Body {
        text,
        outcome: Some(decision.outcome),
        ..Body::default()
    };
    new.push((EntryKind::Decision, body));
    let gone = delete_pictures(ctx, &mut acting.tx, &acting.case)
        .await
        .map_err(Failure::widen)?;
    let event = Event::new(actor, "cases.decide")
        .with("outcome", decision.outcome.key())
        .with("pictures", gone.len());
    new.extend(gone);
    acting.draft.outcome = Some(decision.outcome);
    acting.draft.decided_at = Some(ctx.clock.now());
    acting.draft.decided_by = Some(who);
    acting.draft.desk_code = None;
    mine(actor, &mut acting.draft);
    end(ctx, actor, acting, &new, event).await?;
    Ok(Written::Done)
}
