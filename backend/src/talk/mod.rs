//! Talking in the open: ideas and comments of verified residents and organisations under their confirmed names, people with a
//! register block under a pseudonym that the office knows; earlier versions stay readable; reports come to the inbox.

mod report_store;
mod reports;
mod store;

pub use reports::{
    Moderation, Reported, Thing, count_reports, decide_report, hide, moderation, report, reported, show_again,
};

use crate::{
    Ctx, Failure,
    accounts::{self, SignedIn},
    audit::{self, Event},
    db::Tx,
    mail, municipality, organisations, residents, surveys,
    throttle::{self, Counter},
};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::{Actor, Permission},
    accounts::TrustLevel,
    letters::figures::{SMALLEST, Shown},
    municipality::Settings,
    problem::Problems,
    talk::{IdeaStatus, Subject, Words, pseudonym},
    urls,
};
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

/// What one account may write or change in a day.
const PER_DAY: i64 = 20;
/// Most earlier versions of one contribution.
const MOST_VERSIONS: i64 = 20;

/// An idea or a comment.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Contribution {
    /// Its id.
    pub id: Uuid,
    /// Empty for an idea, else the key of what a comment is about.
    pub subject: String,
    /// What a comment is about.
    pub subject_id: Option<Uuid>,
    /// The organisation for which it was written.
    pub organisation: Option<Uuid>,
    /// The name under which it stands; empty if there is none to show.
    pub name: String,
    /// The name is a pseudonym.
    pub pseudonym: bool,
    /// Headline of an idea.
    pub title: String,
    /// What it says.
    pub text: String,
    /// `live` or `hidden`.
    pub state: String,
    /// Why it was hidden.
    pub hidden_because: String,
    /// What the town says to an idea: key of [`IdeaStatus`].
    pub status: String,
    /// The town's answer in words.
    pub reply: String,
    /// A change must name it; 1 if it was never changed.
    pub version: i64,
    /// Written.
    pub created_at: DateTime<Utc>,
    /// Last changed.
    pub changed_at: DateTime<Utc>,
    /// How many support an idea.
    pub supports: i64,
    /// How many comments an idea has.
    pub comments: i64,
    /// Whoever looks supports it.
    pub supported: bool,
    pub(crate) account: Uuid,
    pub(crate) blocked: bool,
    pub(crate) person: String,
}

impl Contribution {
    /// Did this account write it?
    pub fn is_of(&self, account: Uuid) -> bool {
        self.account == account
    }

    /// Where it is read.
    pub fn path(&self) -> String {
        let subject = self.subject_id.unwrap_or(self.id);
        let anchor = format!("#beitrag-{}", self.id);
        match Subject::parse(&self.subject) {
            None => format!("{}/{}", urls::IDEAS, self.id),
            Some(Subject::Idea) => format!("{}/{subject}{anchor}", urls::IDEAS),
            Some(Subject::Notice) => format!("{}/{subject}{anchor}", urls::MARKET),
            Some(Subject::Survey) => format!("{}/{subject}/ergebnis{anchor}", urls::SURVEYS),
        }
    }
}

/// As whom somebody can write.
#[derive(Clone, Debug, Default)]
pub struct Voices {
    /// The name under which the person writes; `None` if name and address are not confirmed.
    pub own: Option<String>,
    /// That name is a pseudonym.
    pub pseudonym: bool,
    /// Organisations for which the person may write.
    pub organisations: Vec<(Uuid, String)>,
}

impl Voices {
    /// Can this person write at all?
    pub fn any(&self) -> bool {
        self.own.is_some() || !self.organisations.is_empty()
    }
}

/// Why something is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TalkRefusal {
    /// Something is missing or too long.
    Problems(Problems),
    /// Only people and organisations that are confirmed write here.
    NotVerified,
    /// Enough for today.
    TooMany,
    /// Changed in between.
    Stale,
    /// Nobody supports the own idea.
    Own,
}

impl TalkRefusal {
    /// As complaints of a form.
    pub fn problems(self) -> Problems {
        match self {
            TalkRefusal::Problems(problems) => problems,
            TalkRefusal::NotVerified => Problems::one("", "talk-not-verified"),
            TalkRefusal::TooMany => Problems::one("", "talk-too-many"),
            TalkRefusal::Stale => Problems::one("", "problem-stale"),
            TalkRefusal::Own => Problems::one("", "talk-own-idea"),
        }
    }
}

async fn settings(tx: &mut Tx) -> Result<Settings, Failure> {
    Ok(municipality::current_in(tx).await?.settings)
}

async fn open_ideas(tx: &mut Tx) -> Result<(), Failure> {
    if settings(tx).await?.ideas {
        Ok(())
    } else {
        Err(Failure::Denied)
    }
}

/// Is this there, public, and may it be commented on?
async fn open_subject(ctx: &Ctx, tx: &mut Tx, subject: Subject, id: Uuid) -> Result<(), Failure> {
    let settings = settings(tx).await?;
    let there = match subject {
        Subject::Notice => settings.market && organisations::notice_is_public(ctx, tx, id).await?,
        Subject::Survey => settings.surveys && surveys::is_published(tx, id).await?,
        Subject::Idea => settings.ideas && idea_in(tx, Uuid::nil(), id).await?.is_some(),
    };
    if settings.comments && there {
        Ok(())
    } else {
        Err(Failure::Denied)
    }
}

async fn idea_in(tx: &mut Tx, me: Uuid, id: Uuid) -> Result<Option<Contribution>, Failure> {
    Ok(store::public_one(tx, me, id)
        .await?
        .filter(|c| c.subject.is_empty()))
}

fn me(who: Option<&SignedIn>) -> Uuid {
    who.map_or(Uuid::nil(), |w| w.account)
}

/// Has somebody's name been confirmed by the town? Gives: has a register block.
async fn confirmed(tx: &mut Tx, who: &SignedIn) -> Result<Option<bool>, Failure> {
    let (None, Some(party)) = (&who.role, who.party) else {
        return Ok(None);
    };
    if accounts::level_of(tx, party).await? < TrustLevel::Municipal {
        return Ok(None);
    }
    Ok(match accounts::resident_of(tx, party).await? {
        Some(resident) => Some(residents::is_blocked(tx, resident).await?),
        None => None,
    })
}

async fn voices_in(ctx: &Ctx, tx: &mut Tx, who: &SignedIn) -> Result<Voices, Failure> {
    let mut voices = Voices::default();
    if who.role.is_some() {
        return Ok(voices);
    }
    if let Some(blocked) = confirmed(tx, who).await? {
        let known = if blocked {
            store::pseudonym(tx, who.account).await?
        } else {
            Some(who.name.clone())
        };
        voices.pseudonym = blocked;
        voices.own = Some(known.unwrap_or_default());
    }
    voices.organisations = organisations::spoken_for(ctx, tx, who.account).await?;
    Ok(voices)
}

/// As whom somebody can write.
pub async fn voices(ctx: &Ctx, who: Option<&SignedIn>) -> Result<Voices, Failure> {
    let Some(who) = who else {
        return Ok(Voices::default());
    };
    let mut tx = ctx.db.read().await?;
    voices_in(ctx, &mut tx, who).await
}

/// Checks as whom somebody writes, and how much. True if it is under the pseudonym, which a person with a register block gets with
/// the first contribution.
async fn speak(
    ctx: &Ctx,
    tx: &mut Tx,
    who: &SignedIn,
    organisation: Option<Uuid>,
) -> Result<bool, Failure<TalkRefusal>> {
    let voices = voices_in(ctx, tx, who).await.map_err(Failure::widen)?;
    let may = match organisation {
        Some(id) => voices.organisations.iter().any(|(o, _)| *o == id),
        None => voices.own.is_some(),
    };
    if !may {
        return Err(Failure::Refused(TalkRefusal::NotVerified));
    }
    // counted apart from what is there: deleting gives nothing back
    let now = ctx.clock.now();
    let counter = Counter::new(ctx, "talk", &who.account.to_string());
    throttle::lock(tx, &counter).await?;
    if throttle::count(tx, &counter, now, Duration::hours(23)).await? >= PER_DAY {
        return Err(Failure::Refused(TalkRefusal::TooMany));
    }
    throttle::add(tx, &counter, now).await?;
    let pseudonymous = organisation.is_none() && voices.pseudonym;
    if !pseudonymous || voices.own.as_deref() != Some("") {
        return Ok(pseudonymous);
    }
    for _ in 0..100 {
        let name = pseudonym(u32::from_le_bytes(crate::keys::random_bytes()));
        if store::name(tx, who.account, &name).await? {
            return Ok(true);
        }
    }
    Err(Failure::broken("no pseudonym is free"))
}

/// Ideas, for everybody: the most supported first, or the newest.
pub async fn ideas(
    ctx: &Ctx,
    who: Option<&SignedIn>,
    words: &str,
    status: Option<IdeaStatus>,
    newest: bool,
) -> Result<Vec<Contribution>, Failure> {
    let mut tx = ctx.db.read().await?;
    open_ideas(&mut tx).await?;
    let words: String = words.trim().chars().take(80).collect();
    let status = status.map_or("", IdeaStatus::key);
    Ok(store::ideas(&mut tx, me(who), &words, status, newest).await?)
}

/// One idea, for everybody.
pub async fn idea(ctx: &Ctx, who: Option<&SignedIn>, id: Uuid) -> Result<Contribution, Failure> {
    let mut tx = ctx.db.read().await?;
    open_ideas(&mut tx).await?;
    idea_in(&mut tx, me(who), id).await?.ok_or(Failure::Denied)
}

/// An earlier version: headline, text, when.
pub type Earlier = (String, String, DateTime<Utc>);

/// A contribution with its earlier versions, newest first.
pub type WithVersions = (Contribution, Vec<Earlier>);

/// Comments on something with their earlier versions; none where comments are switched off.
pub async fn comments(
    ctx: &Ctx,
    who: Option<&SignedIn>,
    subject: Subject,
    id: Uuid,
) -> Result<Vec<WithVersions>, Failure> {
    let mut tx = ctx.db.read().await?;
    if !settings(&mut tx).await?.comments {
        return Ok(Vec::new());
    }
    let mut earlier: HashMap<Uuid, Vec<Earlier>> = HashMap::new();
    for (comment, title, text, at) in store::versions_on(&mut tx, subject.key(), id).await? {
        earlier.entry(comment).or_default().push((title, text, at));
    }
    let all = store::comments(&mut tx, me(who), subject.key(), id).await?;
    Ok(all
        .into_iter()
        .map(|c| {
            let versions = earlier.remove(&c.id).unwrap_or_default();
            (c, versions)
        })
        .collect())
}

/// Earlier versions of an idea that everybody may read.
pub async fn versions(ctx: &Ctx, id: Uuid) -> Result<Vec<Earlier>, Failure> {
    let mut tx = ctx.db.read().await?;
    store::public_one(&mut tx, Uuid::nil(), id)
        .await?
        .ok_or(Failure::Denied)?;
    Ok(store::versions(&mut tx, id).await?)
}

/// Proposes an idea. Gives its id.
pub async fn propose(
    ctx: &Ctx,
    who: &SignedIn,
    organisation: Option<Uuid>,
    words: &Words,
) -> Result<Uuid, Failure<TalkRefusal>> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    open_ideas(&mut tx).await.map_err(Failure::widen)?;
    let hidden = speak(ctx, &mut tx, who, organisation).await?;
    let problems = words.check_idea();
    if !problems.is_empty() {
        return Err(Failure::Refused(TalkRefusal::Problems(problems)));
    }
    let voice = (organisation, hidden);
    put(ctx, tx, who, voice, None, words, "talk.propose").await
}

/// Writes a comment. Gives its id.
pub async fn comment(
    ctx: &Ctx,
    who: &SignedIn,
    organisation: Option<Uuid>,
    subject: Subject,
    id: Uuid,
    text: &str,
) -> Result<Uuid, Failure<TalkRefusal>> {
    let words = Words::read("", text);
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    open_subject(ctx, &mut tx, subject, id)
        .await
        .map_err(Failure::widen)?;
    let hidden = speak(ctx, &mut tx, who, organisation).await?;
    let problems = words.check_comment();
    if !problems.is_empty() {
        return Err(Failure::Refused(TalkRefusal::Problems(problems)));
    }
    let voice = (organisation, hidden);
    put(ctx, tx, who, voice, Some((subject, id)), &words, "talk.comment").await
}

async fn put(
    ctx: &Ctx,
    mut tx: Tx,
    who: &SignedIn,
    (organisation, pseudonym): (Option<Uuid>, bool),
    subject: Option<(Subject, Uuid)>,
    words: &Words,
    action: &'static str,
) -> Result<Uuid, Failure<TalkRefusal>> {
    let new = store::New {
        id: ctx.new_id(),
        subject: subject.map_or("", |s| s.0.key()),
        subject_id: subject.map(|s| s.1),
        account: who.account,
        organisation,
        pseudonym,
        title: &words.title,
        text: &words.text,
        search: &domain::text::fold(&format!("{} {}", words.title, words.text)),
    };
    store::insert(&mut tx, &new, ctx.clock.now()).await?;
    tx.commit(ctx, Event::new(who.actor(), action).on(new.id)).await?;
    Ok(new.id)
}

/// What somebody has written, newest first; hidden contributions too, with the reason.
pub async fn own(ctx: &Ctx, who: &SignedIn) -> Result<Vec<Contribution>, Failure> {
    let mut tx = ctx.db.read().await?;
    Ok(store::of_account(&mut tx, who.account).await?)
}

/// One own contribution, for changing it: not what was hidden.
pub async fn own_one(ctx: &Ctx, who: &SignedIn, id: Uuid) -> Result<Contribution, Failure> {
    let mut tx = ctx.db.read().await?;
    own_in(&mut tx, who, id).await
}

/// What was written for an organisation is no longer in the hands of somebody who has left it.
async fn own_in(tx: &mut Tx, who: &SignedIn, id: Uuid) -> Result<Contribution, Failure> {
    let found = store::one(tx, who.account, id)
        .await?
        .filter(|c| c.is_of(who.account))
        .ok_or(Failure::Denied)?;
    match found.organisation {
        Some(organisation) if !organisations::is_member(tx, organisation, who.account).await? => {
            Err(Failure::Denied)
        }
        _ => Ok(found),
    }
}

/// Writes an own contribution anew; what stood there stays readable. What was hidden stays as it is.
pub async fn rewrite(
    ctx: &Ctx,
    who: &SignedIn,
    id: Uuid,
    version: i64,
    words: &Words,
) -> Result<(), Failure<TalkRefusal>> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let present = own_in(&mut tx, who, id).await.map_err(Failure::widen)?;
    if present.state != "live" {
        return Err(Failure::Denied);
    }
    match (Subject::parse(&present.subject), present.subject_id) {
        (Some(subject), Some(id)) => open_subject(ctx, &mut tx, subject, id).await,
        _ => open_ideas(&mut tx).await,
    }
    .map_err(Failure::widen)?;
    let pseudonymous = speak(ctx, &mut tx, who, present.organisation).await?;
    // a name would tell who the pseudonym is, and the other way round
    if pseudonymous != present.pseudonym {
        return Err(Failure::Denied);
    }
    let problems = if present.subject.is_empty() {
        words.check_idea()
    } else {
        words.check_comment()
    };
    if !problems.is_empty() {
        return Err(Failure::Refused(TalkRefusal::Problems(problems)));
    }
    if present.version > MOST_VERSIONS {
        return Err(Failure::Refused(TalkRefusal::TooMany));
    }
    let title = if present.subject.is_empty() {
        &words.title
    } else {
        ""
    };
    if !store::rewrite(&mut tx, id, version, title, &words.text, ctx.clock.now()).await? {
        return Err(Failure::Refused(TalkRefusal::Stale));
    }
    Ok(tx
        .commit(ctx, Event::new(who.actor(), "talk.rewrite").on(id))
        .await?)
}

/// Deletes an own contribution; of an idea its comments, too.
pub async fn take_back(ctx: &Ctx, who: &SignedIn, id: Uuid) -> Result<(), Failure> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    own_in(&mut tx, who, id).await?;
    store::delete(&mut tx, id).await?;
    Ok(tx
        .commit(ctx, Event::new(who.actor(), "talk.take-back").on(id))
        .await?)
}

/// Supports an idea, or no longer. One person, one support; not for the own idea.
pub async fn support(ctx: &Ctx, who: &SignedIn, id: Uuid, yes: bool) -> Result<(), Failure<TalkRefusal>> {
    let mut tx = ctx.db.begin().await?;
    open_ideas(&mut tx).await.map_err(Failure::widen)?;
    let idea = idea_in(&mut tx, who.account, id).await.map_err(Failure::widen)?;
    let idea = idea.ok_or(Failure::Denied)?;
    if idea.is_of(who.account) {
        return Err(Failure::Refused(TalkRefusal::Own));
    }
    let voices = voices_in(ctx, &mut tx, who).await.map_err(Failure::widen)?;
    // members of an organisation may have no more than an e-mail address
    if voices.own.is_none() {
        return Err(Failure::Refused(TalkRefusal::NotVerified));
    }
    if yes {
        store::support(&mut tx, id, who.account).await?;
    } else {
        store::unsupport(&mut tx, id, who.account).await?;
    }
    Ok(tx
        .commit_unaudited("who supports what is in its own table, and nobody else's business")
        .await?)
}

/// The town answers an idea; who proposed it gets a mail.
pub async fn reply(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    status: IdeaStatus,
    text: &str,
) -> Result<(), Failure<Problems>> {
    if !actor.may(Permission::Moderate) {
        return Err(Failure::Denied);
    }
    let text = domain::cases::clean_lines(text);
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    open_ideas(&mut tx).await.map_err(Failure::widen)?;
    let idea = idea_in(&mut tx, Uuid::nil(), id).await.map_err(Failure::widen)?;
    let idea = idea.ok_or(Failure::Denied)?;
    let mut problems = Problems::default();
    if text.chars().count() > 2_000 {
        problems.add_with("antwort", "problem-too-long", &[("most", "2000")]);
    }
    // a no without a reason is no answer
    if status == IdeaStatus::Declined && text.is_empty() {
        problems.add("antwort", "problem-required");
    }
    if !problems.is_empty() {
        return Err(Failure::Refused(problems));
    }
    store::set_reply(&mut tx, id, status.key(), &text).await?;
    let told = (idea.status.as_str(), idea.reply.as_str()) != (status.key(), text.as_str());
    if told {
        tell(
            ctx,
            &mut tx,
            idea.account,
            "idea-reply",
            &idea.title,
            "",
            &idea.path(),
        )
        .await
        .map_err(Failure::widen)?;
    }
    let event = Event::new(actor, "talk.reply").on(id);
    Ok(tx.commit(ctx, event.with("status", status.key())).await?)
}

/// A mail to the author of a contribution, in the own language; nothing to people without an address.
async fn tell(
    ctx: &Ctx,
    tx: &mut Tx,
    account: Uuid,
    key: &str,
    title: &str,
    because: &str,
    path: &str,
) -> Result<(), Failure> {
    let Some((email, language)) = store::address(tx, account).await? else {
        return Ok(());
    };
    let town = settings(tx).await?.name;
    let link = format!("{}{path}", ctx.base_url);
    let lang = locales::Lang::parse(&language);
    // a comment has no headline
    let comment = lang.t("talk-comment");
    let title = if title.is_empty() { &comment } else { title };
    let args = [
        ("kommune", town.as_str()),
        ("titel", title),
        ("grund", because),
        ("link", link.as_str()),
    ];
    let (subject, body) = (
        lang.with(&format!("mail-{key}-subject"), &args),
        lang.with(&format!("mail-{key}-body"), &args),
    );
    Ok(mail::put(ctx, tx, &email, &subject, &body).await?)
}

/// What an account has said in the open, for the export of the own data.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OwnTalk {
    /// Ideas and comments with their earlier versions: (when, headline, text).
    pub contributions: Vec<(DateTime<Utc>, String, String)>,
    /// Titles of the ideas that the person supports.
    pub supports: Vec<String>,
    /// The pseudonym, if there is one.
    pub pseudonym: Option<String>,
}

/// Inside another feature's transaction.
pub(crate) async fn of_account(tx: &mut Tx, account: Uuid) -> Result<OwnTalk, Failure> {
    let mut contributions = Vec::new();
    for c in store::of_account(tx, account).await? {
        if c.version > 1 {
            let earlier = store::versions(tx, c.id).await?;
            contributions.extend(earlier.into_iter().map(|(title, text, at)| (at, title, text)));
        }
        contributions.push((c.changed_at, c.title, c.text));
    }
    contributions.sort();
    Ok(OwnTalk {
        contributions,
        supports: store::supported(tx, account).await?,
        pseudonym: store::pseudonym(tx, account).await?,
    })
}

/// Ideas, comments, answered ideas and open reports: for the dashboard and the council.
pub async fn totals(ctx: &Ctx, actor: Actor) -> Result<(i64, i64, i64, i64), Failure> {
    if !actor.may(Permission::SeeDashboard) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let (ideas, comments, answered) = store::counts(&mut tx).await?;
    Ok((ideas, comments, answered, report_store::waiting(&mut tx).await?))
}

/// What [`figures`] counts, in its order: keys of the words.
pub const FIGURES: [&str; 5] = [
    "council-ideas",
    "council-answered",
    "council-comments",
    "council-writers",
    "council-supporters",
];

/// For the council: public ideas, those the town has answered, comments, people who have written, people who support an idea;
/// small numbers of people are hidden, and who has a register block is not counted.
pub async fn figures(ctx: &Ctx, actor: Actor) -> Result<[Shown; 5], Failure> {
    if !actor.may(Permission::SeeDashboard) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let (ideas, comments, answered) = store::counts(&mut tx).await?;
    let (writers, supporters) = store::people(&mut tx).await?;
    let people = |n: i64| match n {
        1..SMALLEST => Shown::Hidden,
        n => Shown::Number(n),
    };
    let [ideas, answered, comments] = [ideas, answered, comments].map(Shown::Number);
    Ok([ideas, answered, comments, people(writers), people(supporters)])
}

/// Removes comments on what is gone, and old reports.
pub(crate) async fn sweep(ctx: &Ctx) -> Result<(), Failure> {
    let mut tx = ctx.db.begin().await?;
    store::sweep(&mut tx).await?;
    report_store::sweep(&mut tx, ctx.clock.now() - Duration::days(reports::KEPT_DAYS)).await?;
    Ok(tx
        .commit_unaudited("comments on what is gone, and old reports")
        .await?)
}
