//! What is special about profile change requests: the values before, and what a yes does.

use super::Case;
use crate::{Ctx, Failure, accounts, db::Tx, residents};
use domain::{
    accounts::EvidenceKind,
    cases::{Request, profile},
};
use uuid::Uuid;

/// Name and address as the portal has them now: after an approved request, or as in the register. `None` for people
/// without a register entry.
pub(super) async fn present(tx: &mut Tx, party: Uuid) -> Result<Option<Request>, Failure> {
    if let Some(changed) = accounts::changed_profile(tx, party).await? {
        return Ok(Some(changed));
    }
    let Some(resident) = accounts::resident_of(tx, party).await? else {
        return Ok(None);
    };
    let Some((data, _)) = residents::data(tx, resident).await? else {
        return Ok(None);
    };
    Ok(Some(
        Request::default()
            .with("doctorate", data.doctorate.as_deref().unwrap_or(""))
            .with("given_names", &data.given_names)
            .with("call_name", data.call_name.as_deref().unwrap_or(""))
            .with("family_name", &data.family_name)
            .with("street", &data.street)
            .with("house_number", &data.house_number)
            .with("postcode", &data.postcode)
            .with("city", &data.city),
    ))
}

/// The yes: the profile has the new values, and there is evidence why.
pub(super) async fn approve(
    ctx: &Ctx,
    tx: &mut Tx,
    case: &Case,
    request: &Request,
    evidence: EvidenceKind,
) -> Result<(), Failure> {
    let mut kept = request.clone();
    kept.0.remove("reason");
    let name = profile::display_name(&kept);
    let address = profile::address_lines(&kept);
    Ok(accounts::change_profile(ctx, tx, case.party, &name, &address, &kept, evidence).await?)
}
