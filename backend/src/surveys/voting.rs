//! What residents do: see which surveys are for them, answer, or ask for a blind ballot and put it into the box without
//! saying who they are.

use super::{SurveyPage, load, lock, making::bound, open, plain, store, stratum};
use crate::{
    Ctx, Failure,
    accounts::{self, SignedIn},
    db::{self, Tx},
    keys, residents,
};
use domain::{
    accounts::TrustLevel,
    problem::Problems,
    surveys::{
        Answer, Phase, Secrecy, SurveyState,
        people::{AgeBand, Stratum, age, stratum_of},
    },
};
use uuid::Uuid;

/// How somebody stands to a survey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody is signed in, or there is nothing to answer any more.
    SignedOut,
    /// Name and address are not confirmed by a letter.
    NotVerified,
    /// It is for another district or age.
    NotMeant,
    /// May answer.
    May,
    /// Has answered.
    Answered,
    /// Has a blind ballot; nobody knows whether it was used.
    HasBallot,
}

/// A blind ballot that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// The group.
    pub stratum: i64,
    /// Its public key, base64url of DER.
    pub key: String,
}

/// A survey as a resident or a visitor sees it.
#[derive(Clone, Debug)]
pub struct Mine {
    /// The survey.
    pub page: SurveyPage,
    /// How this person stands to it.
    pub standing: Standing,
    /// The ballot this person may ask for (blind surveys).
    pub ballot: Option<Ballot>,
}

/// A key that is published, so that everybody sees that nobody has one of their own.
#[derive(Clone, Debug, serde::Serialize)]
pub struct StratumKey {
    /// The group.
    pub stratum: i64,
    /// People of the register in it.
    pub residents: i64,
    /// Public key, base64url of DER.
    pub key: String,
}

/// Why an answer is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VoteRefusal {
    /// Something is missing or too long.
    Problems(Problems),
    /// Not open (any more).
    NotOpen,
    /// This person may not answer.
    NotMeant,
    /// This person has answered, or has a ballot.
    Answered,
    /// The ballot was used.
    Used,
    /// Not a ballot of this survey.
    Forged,
    /// The group is another one than the page said.
    Moved,
}

impl VoteRefusal {
    /// The key of the sentence in `locales/`.
    pub fn key(&self) -> &'static str {
        match self {
            VoteRefusal::Problems(_) => "form-problems",
            VoteRefusal::NotOpen => "vote-not-open",
            VoteRefusal::NotMeant => "vote-not-meant",
            VoteRefusal::Answered => "vote-answered",
            VoteRefusal::Used => "vote-used",
            VoteRefusal::Forged => "vote-forged",
            VoteRefusal::Moved => "vote-moved",
        }
    }
}

/// Who somebody is for a survey: the resident and the group.
async fn voter(
    tx: &mut Tx,
    who: &SignedIn,
    page: &SurveyPage,
    groups: &[Stratum],
) -> Result<Result<(Uuid, usize), Standing>, Failure> {
    let (None, Some(party)) = (&who.role, who.party) else {
        return Ok(Err(Standing::NotVerified));
    };
    let resident = accounts::resident_of(tx, party).await?;
    let (Some(resident), TrustLevel::Municipal) = (resident, accounts::level_of(tx, party).await?) else {
        return Ok(Err(Standing::NotVerified));
    };
    let Some((data, _)) = residents::data(tx, resident).await? else {
        return Ok(Err(Standing::NotVerified));
    };
    let first = page.survey.opens_on.unwrap_or_default();
    let age = age(data.birth_date, data.birth_year, first);
    let district = data.district.unwrap_or_default();
    if !page.survey.audience.includes(&district, age) {
        return Ok(Err(Standing::NotMeant));
    }
    Ok(stratum_of(groups, &district, AgeBand::of(age))
        .map(|group| (resident, group))
        .ok_or(Standing::NotMeant))
}

async fn mine(tx: &mut Tx, who: Option<&SignedIn>, page: SurveyPage) -> Result<Mine, Failure> {
    if who.is_none() || page.phase != Phase::Open {
        return Ok(Mine {
            page,
            standing: Standing::SignedOut,
            ballot: None,
        });
    }
    let rows = store::strata(tx, page.id).await?;
    let keys: Vec<Option<String>> = rows
        .iter()
        .map(|r| r.public_key.as_deref().map(ballot::printed))
        .collect();
    let groups: Vec<Stratum> = rows.into_iter().map(stratum).collect();
    let mut offered = None;
    let standing = match who {
        None => Standing::SignedOut,
        Some(who) => match voter(tx, who, &page, &groups).await? {
            Err(standing) => standing,
            Ok((resident, group)) => {
                offered = keys.get(group).cloned().flatten().map(|key| Ballot {
                    stratum: i64::try_from(group).unwrap_or(0),
                    key,
                });
                match store::participation(tx, page.id, resident).await? {
                    None => Standing::May,
                    Some(None) => Standing::Answered,
                    Some(Some(_)) => Standing::HasBallot,
                }
            }
        },
    };
    Ok(Mine {
        page,
        standing,
        ballot: offered,
    })
}

/// Surveys that everybody may know of: open, over, or with a result. With how the person who is signed in stands to each.
pub async fn public_list(ctx: &Ctx, who: Option<&SignedIn>) -> Result<Vec<Mine>, Failure> {
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await?;
    let mut all = Vec::new();
    for row in store::all(&mut tx).await? {
        if row.state == SurveyState::Draft.key() {
            continue;
        }
        let page = plain(ctx, row)?;
        if page.phase != Phase::Planned {
            all.push(mine(&mut tx, who, page).await?);
        }
    }
    Ok(all)
}

/// One survey, for whoever looks at it.
pub async fn for_resident(ctx: &Ctx, who: Option<&SignedIn>, id: Uuid) -> Result<Mine, Failure> {
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await?;
    let page = load(ctx, &mut tx, id).await?;
    if matches!(page.phase, Phase::Draft | Phase::Planned) {
        return Err(Failure::Denied);
    }
    mine(&mut tx, who, page).await
}

/// The keys of a blind survey, for everybody.
pub async fn ballot_keys(ctx: &Ctx, id: Uuid) -> Result<Vec<StratumKey>, Failure> {
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await?;
    let page = load(ctx, &mut tx, id).await?;
    if page.state == SurveyState::Draft {
        return Err(Failure::Denied);
    }
    Ok(store::strata(&mut tx, id)
        .await?
        .into_iter()
        .filter_map(|s| {
            Some(StratumKey {
                stratum: s.number,
                residents: s.residents,
                key: ballot::printed(&s.public_key?),
            })
        })
        .collect())
}

async fn open_survey(ctx: &Ctx, tx: &mut Tx, id: Uuid) -> Result<SurveyPage, Failure<VoteRefusal>> {
    open(tx).await.map_err(Failure::widen)?;
    let row = store::one(tx, id).await?.ok_or(Failure::Denied)?;
    let page = plain(ctx, row).map_err(Failure::widen)?;
    match page.phase {
        Phase::Open => Ok(page),
        Phase::Draft | Phase::Planned => Err(Failure::Denied),
        Phase::Closed | Phase::Published => Err(Failure::Refused(VoteRefusal::NotOpen)),
    }
}

/// The group of somebody who may answer.
async fn may(tx: &mut Tx, who: &SignedIn, page: &SurveyPage) -> Result<(Uuid, usize), Failure<VoteRefusal>> {
    let groups = super::strata(tx, page.id).await.map_err(Failure::widen)?;
    voter(tx, who, page, &groups)
        .await
        .map_err(Failure::widen)?
        .map_err(|_| Failure::Refused(VoteRefusal::NotMeant))
}

/// Turns a second row under the same key into a refusal.
fn once(result: db::Result<()>, refusal: VoteRefusal) -> Result<(), Failure<VoteRefusal>> {
    match result {
        Err(error) if db::is_duplicate(&error) => Err(Failure::Refused(refusal)),
        other => Ok(other?),
    }
}

async fn put(
    tx: &mut Tx,
    survey: Uuid,
    stratum: i64,
    answers: &[Answer],
) -> Result<(), Failure<VoteRefusal>> {
    // not an id of the portal's own: those begin with the time
    let id = uuid::Builder::from_random_bytes(keys::random_bytes()).into_uuid();
    Ok(store::insert_answers(tx, survey, id, stratum, &serde_json::to_string(answers)?).await?)
}

/// Answers under the own name's eyes: the answer is stored apart from it. Once.
pub async fn answer(
    ctx: &Ctx,
    who: &SignedIn,
    id: Uuid,
    typed: impl Fn(&str) -> Vec<String>,
) -> Result<(), Failure<VoteRefusal>> {
    let mut tx = ctx.db.begin().await?;
    lock(ctx, &mut tx, id).await.map_err(Failure::widen)?;
    let page = open_survey(ctx, &mut tx, id).await?;
    let (resident, group) = may(&mut tx, who, &page).await?;
    if store::participation(&mut tx, id, resident).await?.is_some() {
        return Err(Failure::Refused(VoteRefusal::Answered));
    }
    let answers = page
        .survey
        .read_answers(typed)
        .map_err(|p| Failure::Refused(VoteRefusal::Problems(p)))?;
    once(
        store::take_part(&mut tx, id, resident, None).await,
        VoteRefusal::Answered,
    )?;
    put(&mut tx, id, i64::try_from(group).unwrap_or(0), &answers).await?;
    Ok(tx
        .commit_unaudited("an event with a time would join answer and name")
        .await?)
}

/// Signs a blinded number for somebody who may answer, once; the same request again gets the same signature, so that an
/// answer lost on the way does not cost the vote. `stratum` is the group that the page named.
pub async fn ask_ballot(
    ctx: &Ctx,
    who: &SignedIn,
    id: Uuid,
    stratum: i64,
    blinded: &str,
) -> Result<String, Failure<VoteRefusal>> {
    let mut tx = ctx.db.begin().await?;
    lock(ctx, &mut tx, id).await.map_err(Failure::widen)?;
    let page = open_survey(ctx, &mut tx, id).await?;
    if page.survey.secrecy != Secrecy::Blind {
        return Err(Failure::Denied);
    }
    let (resident, group) = may(&mut tx, who, &page).await?;
    if i64::try_from(group) != Ok(stratum) {
        return Err(Failure::Refused(VoteRefusal::Moved));
    }
    // looked at before anything is signed: nobody makes the town sign as often as they like
    let asked = keys::sha256(blinded.as_bytes());
    let before = store::participation(&mut tx, id, resident).await?;
    if before.as_ref().is_some_and(|b| b.as_deref() != Some(&asked[..])) {
        return Err(Failure::Refused(VoteRefusal::Answered));
    }
    let row = store::strata(&mut tx, id).await?.into_iter().nth(group);
    let sealed = row.and_then(|r| r.sealed_key).ok_or(Failure::Denied)?;
    let private = ctx.master.open(&sealed, &bound(id, stratum))?;
    let signature = ballot::sign(&private, blinded).map_err(|_| Failure::Refused(VoteRefusal::Forged))?;
    if before.is_some() {
        return Ok(signature);
    }
    once(
        store::take_part(&mut tx, id, resident, Some(&asked)).await,
        VoteRefusal::Answered,
    )?;
    tx.commit_unaudited("an event with a time would tell when somebody has voted")
        .await?;
    Ok(signature)
}

/// Puts a ballot with its answers into the box. Nobody is signed in here: the ballot says that its owner may.
pub async fn cast(
    ctx: &Ctx,
    id: Uuid,
    stratum: i64,
    token: &str,
    typed: impl Fn(&str) -> Vec<String>,
) -> Result<(), Failure<VoteRefusal>> {
    // anybody may knock here: nothing is locked before the ballot is known to be good
    let mut tx = ctx.db.read().await?;
    let page = open_survey(ctx, &mut tx, id).await?;
    let rows = store::strata(&mut tx, id).await?;
    drop(tx);
    let public = rows
        .into_iter()
        .find(|r| r.number == stratum)
        .and_then(|r| r.public_key)
        .ok_or(Failure::Refused(VoteRefusal::Forged))?;
    let number =
        ballot::verify(&public, &id.to_string(), token).map_err(|_| Failure::Refused(VoteRefusal::Forged))?;
    let answers = page
        .survey
        .read_answers(typed)
        .map_err(|p| Failure::Refused(VoteRefusal::Problems(p)))?;
    let mut tx = ctx.db.begin().await?;
    lock(ctx, &mut tx, id).await.map_err(Failure::widen)?;
    open_survey(ctx, &mut tx, id).await?;
    once(
        store::use_ballot(&mut tx, id, &keys::sha256(&number)).await,
        VoteRefusal::Used,
    )?;
    put(&mut tx, id, stratum, &answers).await?;
    Ok(tx
        .commit_unaudited("nobody is known here, and an event would have a time")
        .await?)
}

/// Titles of surveys in which a person has taken part and that are not published yet, for the export of the own data.
pub(crate) async fn of_party(ctx: &Ctx, tx: &mut Tx, party: Uuid) -> Result<Vec<String>, Failure> {
    let Some(resident) = accounts::resident_of(tx, party).await? else {
        return Ok(Vec::new());
    };
    let mut titles = Vec::new();
    for id in store::of_resident(tx, resident).await? {
        let row = store::one(tx, id).await?.ok_or(Failure::Denied)?;
        titles.push(plain(ctx, row)?.survey.title);
    }
    titles.sort();
    Ok(titles)
}
