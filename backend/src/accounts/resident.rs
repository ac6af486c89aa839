//! What a new resident list means for accounts: other name or address, somebody left, somebody came back.

use super::{party_store, store};
use crate::db::{self, Tx};
use chrono::{DateTime, Utc};
use domain::residents::ResidentData;
use uuid::Uuid;

/// The register has a new name or address: the account of this resident shows it.
pub(crate) async fn update_resident(
    tx: &mut Tx,
    resident: Uuid,
    data: &ResidentData,
    now: DateTime<Utc>,
) -> db::Result<()> {
    party_store::update_party(tx, resident, &data.display_name(), &data.address_lines(), now).await
}

/// The resident left: the account sleeps, its sessions end.
pub(crate) async fn suspend_resident(tx: &mut Tx, resident: Uuid) -> db::Result<()> {
    if let Some((_, Some(account))) = party_store::party_of_resident(tx, resident).await? {
        store::change_state(tx, account, "active", "suspended").await?;
        store::delete_other_sessions(tx, account, None).await?;
    }
    Ok(())
}

/// The resident is back: the account wakes.
pub(crate) async fn resume_resident(tx: &mut Tx, resident: Uuid) -> db::Result<()> {
    if let Some((_, Some(account))) = party_store::party_of_resident(tx, resident).await? {
        store::change_state(tx, account, "suspended", "active").await?;
    }
    Ok(())
}
