//! Everything about me: what the portal knows of a person, as a page, as JSON and as PDF; who looked; what was agreed to
//! (Art. 15 and 20 DSGVO).

use super::{SignedIn, party_store, security_store as security, store};
use crate::{Ctx, Failure, audit, audit::Event, cases, letters, residents};
use chrono::{DateTime, Utc};
use domain::{access::Actor, residents::ResidentData};
use locales::Lang;
use serde::Serialize;

/// Somebody of the town hall looked at data of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Look {
    /// When.
    pub at: DateTime<Utc>,
    /// Who, by name.
    pub who: String,
    /// `register` or the number of a case whose picture was looked at.
    pub what: String,
}

/// Something that the person agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Agreed {
    /// When.
    pub at: DateTime<Utc>,
    /// The text, or which version of the terms.
    pub what: String,
    /// Taken back or over since.
    pub ended_at: Option<DateTime<Utc>>,
}

/// One letter to the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnLetter {
    /// Its number.
    pub number: String,
    /// Where it stands.
    pub state: String,
    /// Made.
    pub made_at: DateTime<Utc>,
}

/// One case with what happened.
#[derive(Clone, Debug, Serialize)]
pub struct OwnCaseData {
    /// Its number.
    pub number: String,
    /// Its kind.
    pub kind: String,
    /// How it stands or ended.
    pub state: String,
    /// What happened: (when, what, by whom, content).
    pub entries: Vec<OwnEntry>,
}

/// One entry of a case.
#[derive(Clone, Debug, Serialize)]
pub struct OwnEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: String,
    /// `staff`, `resident` or `system`.
    pub by: String,
    /// What it says.
    pub content: cases::Body,
}

/// Everything.
#[derive(Clone, Debug, Serialize)]
pub struct OwnData {
    /// When this was put together.
    pub made_at: DateTime<Utc>,
    /// As shown.
    pub name: String,
    /// As shown.
    pub address: Vec<String>,
    /// Confirmed e-mail address.
    pub email: Option<String>,
    /// Letter number for signing in.
    pub sign_in_name: Option<String>,
    /// Account since.
    pub account_since: DateTime<Utc>,
    /// Why the name is believed.
    pub evidence: Vec<(String, DateTime<Utc>)>,
    /// What the register says.
    pub register: Option<ResidentData>,
    /// Letters.
    pub letters: Vec<OwnLetter>,
    /// Cases.
    pub cases: Vec<OwnCaseData>,
    /// Organisations for which the person speaks: (name, role).
    pub organisations: Vec<(String, String)>,
    /// Titles of surveys in which the person has taken part, until the result is published; what was answered is not known.
    pub surveys: Vec<String>,
    /// What the person has said in the open.
    pub talk: crate::talk::OwnTalk,
    /// What was agreed to.
    pub agreed: Vec<Agreed>,
    /// Who looked.
    pub looks: Vec<Look>,
    /// Open sessions: (device, since, last request).
    pub sessions: Vec<(String, DateTime<Utc>, DateTime<Utc>)>,
    /// Names of passkeys.
    pub passkeys: Vec<String>,
    /// Devices that are notified of news: (device, since).
    pub notified: Vec<(String, DateTime<Utc>)>,
    /// What the account did: (when, which action).
    pub log: Vec<(DateTime<Utc>, String)>,
}

/// Puts together what the portal knows of the person who is signed in.
pub async fn own_data(ctx: &Ctx, who: &SignedIn) -> Result<OwnData, Failure> {
    if who.role.is_some() {
        return Err(Failure::Denied);
    }
    let overview = super::overview(ctx, who).await?;
    let mut tx = ctx.db.read().await?;
    let resident = match who.party {
        Some(party) => party_store::resident_of(&mut tx, party).await?,
        None => None,
    };
    let mut looks = Vec::new();
    let (mut register, mut own_letters) = (None, Vec::new());
    if let Some(resident) = resident {
        register = residents::data(&mut tx, resident).await?.map(|(data, _)| data);
        for (at, who) in residents::looks(&mut tx, resident).await? {
            looks.push(Look {
                at,
                who,
                what: "register".to_owned(),
            });
        }
        own_letters = letters::of_resident(&mut tx, Actor::System, resident)
            .await?
            .into_iter()
            .map(|l| OwnLetter {
                number: l.letter_number,
                state: l.state,
                made_at: l.created_at,
            })
            .collect();
    }
    let organisations = crate::organisations::of_account(&mut tx, who.account).await?;
    let surveys = match who.party {
        Some(party) => crate::surveys::of_party(ctx, &mut tx, party).await?,
        None => Vec::new(),
    };
    let talk = crate::talk::of_account(&mut tx, who.account).await?;
    let mut agreed: Vec<Agreed> = store::consents(&mut tx, who.account)
        .await?
        .into_iter()
        .map(|(version, at)| Agreed {
            at,
            what: format!("terms {version}"),
            ended_at: None,
        })
        .collect();
    let mut own_cases = Vec::new();
    for (case, entries) in cases::of_account(ctx, &mut tx, who.account).await? {
        for entry in &entries {
            if entry.kind == domain::cases::EntryKind::View {
                looks.push(Look {
                    at: entry.at,
                    who: entry.author.clone().unwrap_or_default(),
                    what: case.number.clone(),
                });
            }
            if !entry.body.consent.is_empty() {
                agreed.push(Agreed {
                    at: entry.at,
                    what: entry.body.consent.clone(),
                    ended_at: case.decided_at,
                });
            }
        }
        own_cases.push(OwnCaseData {
            number: case.number.clone(),
            kind: case.kind.key().to_owned(),
            state: case.outcome.map_or(case.state.key(), |o| o.key()).to_owned(),
            entries: entries
                .into_iter()
                .map(|e| OwnEntry {
                    at: e.at,
                    kind: e.kind.key().to_owned(),
                    by: e.author_kind,
                    content: e.body,
                })
                .collect(),
        });
    }
    looks.sort_by_key(|l| std::cmp::Reverse(l.at));
    agreed.sort_by_key(|a| a.at);
    Ok(OwnData {
        made_at: ctx.clock.now(),
        name: overview.name,
        address: overview.address,
        email: overview.email,
        sign_in_name: overview.sign_in_name,
        account_since: overview.created_at,
        evidence: overview
            .evidence
            .iter()
            .map(|e| (e.kind.key().to_owned(), e.at))
            .collect(),
        register,
        letters: own_letters,
        cases: own_cases,
        organisations,
        surveys,
        talk,
        agreed,
        looks,
        sessions: overview
            .sessions
            .into_iter()
            .map(|s| (s.device, s.created_at, s.seen_at))
            .collect(),
        passkeys: security::passkeys(&mut tx, who.account)
            .await?
            .into_iter()
            .map(|k| k.name)
            .collect(),
        notified: crate::push::of_account(&mut tx, who.account).await?,
        log: audit::of_actor(&mut tx, who.account).await?,
    })
}

/// The form of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyKind {
    /// For machines.
    Json,
    /// For reading.
    Pdf,
}

/// A copy of the own data; that it was made is in the log.
pub async fn copy_of_own_data(
    ctx: &Ctx,
    who: &SignedIn,
    kind: CopyKind,
    lang: Lang,
) -> Result<Vec<u8>, Failure> {
    let data = own_data(ctx, who).await?;
    let bytes = match kind {
        CopyKind::Json => serde_json::to_vec_pretty(&data)?,
        CopyKind::Pdf => {
            let lines = lines(&data, lang);
            let title = lang.t("own-data-title");
            tokio::task::spawn_blocking(move || crate::paper::pages(&title, &lines)).await?
        }
    };
    let tx = ctx.db.begin().await?;
    let event = Event::new(who.actor(), "accounts.copy-own-data").on(who.account);
    tx.commit(ctx, event).await?;
    Ok(bytes)
}

/// The data as lines; a line that begins with "# " is a heading.
fn lines(d: &OwnData, lang: Lang) -> Vec<String> {
    let at = |at: DateTime<Utc>| domain::time::local(at).format(lang.moment_format()).to_string();
    let head = |key: &str| format!("# {}", lang.t(key));
    let pair = |key: &str, value: &str| format!("{}: {value}", lang.t(key));
    let mut out = vec![
        pair("own-data-made", &at(d.made_at)),
        head("account-data"),
        pair("name", &d.name),
        pair("address", &d.address.join(", ")),
        pair("email", d.email.as_deref().unwrap_or("–")),
        pair("account-sign-in-name", d.sign_in_name.as_deref().unwrap_or("–")),
        pair("account-since", &at(d.account_since)),
    ];
    if let Some(r) = &d.register {
        out.push(head("own-data-register"));
        let born = r.birth_date.map(|b| b.to_string()).unwrap_or_default();
        for (key, value) in [
            ("field-family_name", r.family_name.as_str()),
            ("field-given_names", r.given_names.as_str()),
            ("birth-date", born.as_str()),
            ("field-street", &format!("{} {}", r.street, r.house_number)),
            ("field-city", &format!("{} {}", r.postcode, r.city)),
            ("district", r.district.as_deref().unwrap_or("–")),
        ] {
            out.push(pair(key, value));
        }
    }
    out.push(head("nav-letters"));
    for l in &d.letters {
        let state = lang.t(&format!("letter-state-{}", l.state));
        out.push(format!("{}: {state}, {}", l.number, at(l.made_at)));
    }
    out.push(head("own-cases"));
    for case in &d.cases {
        out.push(format!(
            "{} – {}",
            case.number,
            lang.t(&format!("case-kind-{}", case.kind))
        ));
        for e in &case.entries {
            let what = lang.with(&format!("entry-{}", e.kind), &[("an", &e.content.to)]);
            out.push(format!("   {}: {what}", at(e.at)));
            if let Some(request) = &e.content.request {
                let named = |field: &str| lang.has(&format!("field-{field}"));
                for (field, value) in request.0.iter().filter(|(f, v)| !v.is_empty() && named(f)) {
                    out.push(format!("      {}: {value}", lang.t(&format!("field-{field}"))));
                }
            }
            out.extend(e.content.text.lines().map(|l| format!("      {l}")));
            out.extend(
                e.content
                    .document
                    .iter()
                    .map(|d| format!("      {}: {}", lang.t("document-label"), d.name)),
            );
        }
    }
    if !d.organisations.is_empty() {
        out.push(head("account-organisations"));
        out.extend(
            d.organisations
                .iter()
                .map(|(name, role)| format!("{name}: {}", lang.t(&format!("member-role-{role}")))),
        );
    }
    if !d.surveys.is_empty() {
        out.push(head("own-data-surveys"));
        out.extend(d.surveys.iter().cloned());
    }
    let talk = &d.talk;
    if !talk.contributions.is_empty() || !talk.supports.is_empty() {
        out.push(head("own-talk-title"));
        out.extend(talk.pseudonym.iter().map(|name| pair("own-data-pseudonym", name)));
        for (when, title, text) in &talk.contributions {
            out.push(format!("{}: {title}", at(*when)));
            out.extend(text.lines().map(|l| format!("   {l}")));
        }
        out.extend(talk.supports.iter().map(|title| pair("own-data-supports", title)));
    }
    out.push(head("own-data-agreed"));
    out.extend(d.agreed.iter().map(|a| {
        let what = match a.what.strip_prefix("terms ") {
            Some(version) => lang.with("own-data-terms", &[("version", version)]),
            None => a.what.clone(),
        };
        format!("{}: {what}", at(a.at))
    }));
    out.push(head("own-data-looks"));
    out.extend(d.looks.iter().map(|l| {
        let what = if l.what == "register" {
            lang.t("own-data-register")
        } else {
            l.what.clone()
        };
        format!("{}: {} ({what})", at(l.at), l.who)
    }));
    out.push(head("sessions"));
    out.extend(d.sessions.iter().map(|s| format!("{}, {}", s.0, at(s.2))));
    if !d.notified.is_empty() {
        out.push(head("push-devices"));
        out.extend(d.notified.iter().map(|n| format!("{}, {}", n.0, at(n.1))));
    }
    out.push(head("nav-audit"));
    out.extend(d.log.iter().map(|(when, action)| {
        format!(
            "{}: {}",
            at(*when),
            lang.t(&format!("audit-{}", action.replace('.', "-")))
        )
    }));
    out
}
