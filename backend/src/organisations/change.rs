//! Another name or address of an organisation: asked for by an owner in a case, decided by staff. What is public changes with
//! the yes, never before.

use super::{members::owner, notice_store, open, store};
use crate::{
    Ctx, Failure,
    accounts::SignedIn,
    cases::{self, BeginRefusal},
    db::Tx,
};
use domain::{
    cases::{CaseKind, Request},
    organisations::{MemberRole, name_key},
    problem::Problems,
};
use uuid::Uuid;

/// The pseudo field that says which organisation is meant; no form shows it.
const WHICH: &str = "organisation";

/// What the value was when the change was asked for, before the name of its field.
const WAS: &str = "was_";

fn values(row: &store::Row) -> Request {
    Request::default()
        .with("organisation_name", &row.name)
        .with("street", &row.street)
        .with("house_number", &row.house_number)
        .with("postcode", &row.postcode)
        .with("city", &row.city)
        .with("person", &row.person)
}

/// The values with which the form begins; only for owners.
pub async fn change_values(ctx: &Ctx, who: &SignedIn, id: Uuid) -> Result<Request, Failure> {
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await?;
    owner(&mut tx, who, id).await?;
    let row = store::one(&mut tx, id).await?.ok_or(Failure::Denied)?;
    Ok(values(&row))
}

/// Asks for the change. Gives the case.
pub async fn ask_change(
    ctx: &Ctx,
    who: &SignedIn,
    id: Uuid,
    request: &Request,
) -> Result<Uuid, Failure<BeginRefusal>> {
    let before = change_values(ctx, who, id).await.map_err(Failure::widen)?;
    let kind = CaseKind::OrganisationChange;
    let mut problems = request.check(kind, |_| true);
    let same = |name: &str| before.get(name) == request.get(name);
    if problems.is_empty() && kind.fields().iter().all(|f| f.name == "reason" || same(f.name)) {
        problems.add("", "organisation-nothing-new");
    }
    if !problems.is_empty() {
        return Err(Failure::Refused(BeginRefusal::Problems(problems)));
    }
    // one at a time for each organisation
    let mut tx = ctx.db.read().await?;
    let open = cases::open_requests(ctx, &mut tx, who.account, kind)
        .await
        .map_err(Failure::widen)?;
    drop(tx);
    if let Some((case, _)) = open.iter().find(|(_, r)| which(r) == Some(id)) {
        return Err(Failure::Refused(BeginRefusal::Open(*case)));
    }
    let mut request = request.clone().with(WHICH, &id.to_string());
    for (name, value) in &before.0 {
        request = request.with(&format!("{WAS}{name}"), value);
    }
    cases::begin(ctx, who, kind, &request).await
}

/// What staff who may not see register blocks do not see of any organisation: a street may be somebody's living room, and the person
/// somebody whom the register hides.
const COVERED: [&str; 3] = ["street", "house_number", "person"];

/// Covers these values; that one is to change can still be seen.
pub(crate) fn cover(request: &mut Request) {
    for name in COVERED {
        let was = request.get(&format!("{WAS}{name}")).to_owned();
        let changes = !was.is_empty() && was != request.get(name);
        let sign = if changes {
            "•••• ••••"
        } else {
            "••••"
        };
        *request = request.clone().with(name, sign).with(&format!("{WAS}{name}"), "");
    }
}

/// Would a yes change what is covered?
pub(crate) fn changes_covered(request: &Request) -> bool {
    COVERED
        .iter()
        .any(|name| request.get(&format!("{WAS}{name}")) != request.get(name))
}

fn which(request: &Request) -> Option<Uuid> {
    Uuid::parse_str(request.get(WHICH)).ok()
}

/// The values before a change, for the comparison; `None` if the organisation is gone. `reader`: the applicant, who must still
/// be a member.
pub(crate) async fn before_change(
    tx: &mut Tx,
    request: &Request,
    reader: Option<Uuid>,
) -> Result<Option<Request>, Failure> {
    let Some(id) = which(request) else {
        return Ok(None);
    };
    // an applicant who has left reads nothing of the organisation any more
    if let Some(account) = reader
        && store::role_of(tx, id, account).await?.is_none()
    {
        return Ok(None);
    }
    Ok(store::one(tx, id).await?.map(|row| values(&row)))
}

/// The yes: name and address change, and with them what the directory and the market find. Refused if the applicant is no
/// owner any more.
pub(crate) async fn change(
    ctx: &Ctx,
    tx: &mut Tx,
    applicant: Uuid,
    request: &Request,
) -> Result<(), Failure<Problems>> {
    let gone = || Failure::Refused(Problems::one("", "organisation-change-gone"));
    let id = which(request).ok_or_else(gone)?;
    let role = store::role_of(tx, id, applicant).await?;
    if role.as_deref() != Some(MemberRole::Owner.key()) {
        return Err(gone());
    }
    let row = store::one(tx, id).await?.ok_or_else(gone)?;
    // only what was to change is changed; if it has become something else since, the request is too old
    let mut wanted = values(&row);
    for field in CaseKind::OrganisationChange.fields() {
        let (was, new) = (
            request.get(&format!("{WAS}{}", field.name)),
            request.get(field.name),
        );
        if field.name == "reason" || was == new {
            continue;
        }
        if wanted.get(field.name) != was {
            return Err(Failure::Refused(Problems::one("", "organisation-change-old")));
        }
        wanted = wanted.with(field.name, new);
    }
    let get = |name| wanted.get(name);
    let changed = store::Changed {
        name: get("organisation_name"),
        name_key: &name_key(get("organisation_name")),
        street: get("street"),
        house_number: get("house_number"),
        postcode: get("postcode"),
        city: get("city"),
        person: get("person"),
        search: &domain::text::fold(&format!("{} {}", get("organisation_name"), get("city"))),
    };
    store::change(tx, id, &changed).await?;
    super::entry::find_anew(ctx, tx, id)
        .await
        .map_err(Failure::widen)?;
    for notice in notice_store::of_organisation(tx, id, chrono::DateTime::UNIX_EPOCH).await? {
        let words = format!(
            "{} {} {} {}",
            notice.title, notice.text, changed.name, changed.city
        );
        notice_store::set_search(tx, notice.id, &domain::text::fold(&words)).await?;
    }
    Ok(())
}
