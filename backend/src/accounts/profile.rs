//! Name and address of a person: what the register says, what an approved request changed, and how far it is believed.

use super::party_store;
use crate::{
    Ctx,
    db::{self, Tx},
};
use domain::{
    accounts::{EvidenceKind, TrustLevel, trust_level},
    cases::Request,
};
use uuid::Uuid;

/// Writes new values into the profile, with evidence why they are believed. The register keeps its own.
pub(crate) async fn change_profile(
    ctx: &Ctx,
    tx: &mut Tx,
    party: Uuid,
    name: &str,
    address: &[String],
    profile: &Request,
    evidence: EvidenceKind,
) -> db::Result<()> {
    let now = ctx.clock.now();
    party_store::set_profile(tx, party, name, address, profile, now).await?;
    party_store::replace_evidence(tx, ctx.new_id(), party, evidence.key(), now).await
}

/// What an approved request changed; `None` if the profile is as in the register.
pub(crate) async fn changed_profile(tx: &mut Tx, party: Uuid) -> db::Result<Option<Request>> {
    party_store::profile(tx, party).await
}

/// The register entry of a person.
pub(crate) async fn resident_of(tx: &mut Tx, party: Uuid) -> db::Result<Option<Uuid>> {
    party_store::resident_of(tx, party).await
}

/// The trust level that the valid evidence gives.
pub(crate) async fn level_of(tx: &mut Tx, party: Uuid) -> db::Result<TrustLevel> {
    let evidence = party_store::evidence(tx, party).await?;
    Ok(trust_level(
        evidence.iter().filter_map(|e| EvidenceKind::parse(&e.kind)),
    ))
}
