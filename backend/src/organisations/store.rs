//! SQL of organisations, their members, invitations and public entries.

use super::{Invitation, Member, Membership, OrganisationLine};
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// An organisation as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Row {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) register: String,
    pub(super) street: String,
    pub(super) house_number: String,
    pub(super) postcode: String,
    pub(super) city: String,
    pub(super) purpose: String,
    pub(super) person: String,
    pub(super) state: String,
    pub(super) case_id: Option<Uuid>,
    pub(super) admitted_at: DateTime<Utc>,
    pub(super) active_at: Option<DateTime<Utc>>,
    pub(super) confirm_by: Option<DateTime<Utc>>,
}

pub(super) struct New<'a> {
    pub(super) id: Uuid,
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    pub(super) name_key: &'a str,
    pub(super) register: &'a str,
    pub(super) register_key: &'a str,
    pub(super) street: &'a str,
    pub(super) house_number: &'a str,
    pub(super) postcode: &'a str,
    pub(super) city: &'a str,
    pub(super) purpose: &'a str,
    pub(super) search: &'a str,
    pub(super) person: &'a str,
    pub(super) case: Uuid,
}

pub(super) async fn insert(tx: &mut Tx, o: &New<'_>, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO organisations (id, kind, name, name_key, register, register_key, street, house_number, postcode, city, purpose,
             person, state, case_id, admitted_at, search)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'admitted', $13, $14, $15)",
        )
        .bind(o.id)
        .bind(o.kind)
        .bind(o.name)
        .bind(o.name_key)
        .bind(o.register)
        .bind(o.register_key)
        .bind(o.street)
        .bind(o.house_number)
        .bind(o.postcode)
        .bind(o.city)
        .bind(o.purpose)
        .bind(o.person)
        .bind(o.case)
        .bind(at)
        .bind(o.search)
        .execute(c)
        .await
        .map(drop)
    })
}

pub(super) async fn one(tx: &mut Tx, id: Uuid) -> Result<Option<Row>> {
    on!(tx, |c| {
        sqlx::query_as(
            "SELECT kind, name, register, street, house_number, postcode, city, purpose, person, state, case_id, admitted_at,
             active_at, confirm_by FROM organisations WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(c)
        .await
    })
}

pub(super) struct Changed<'a> {
    pub(super) name: &'a str,
    pub(super) name_key: &'a str,
    pub(super) street: &'a str,
    pub(super) house_number: &'a str,
    pub(super) postcode: &'a str,
    pub(super) city: &'a str,
    pub(super) person: &'a str,
    pub(super) search: &'a str,
}

/// Another name or address.
pub(super) async fn change(tx: &mut Tx, id: Uuid, o: &Changed<'_>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE organisations SET name = $2, name_key = $3, street = $4, house_number = $5, postcode = $6, city = $7,
             person = $8, search = $9 WHERE id = $1",
        )
        .bind(id)
        .bind(o.name)
        .bind(o.name_key)
        .bind(o.street)
        .bind(o.house_number)
        .bind(o.postcode)
        .bind(o.city)
        .bind(o.person)
        .bind(o.search)
        .execute(c)
        .await
        .map(drop)
    })
}

pub(super) async fn of_case(tx: &mut Tx, case: Uuid) -> Result<Option<Uuid>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT id FROM organisations WHERE case_id = $1"
    )
    .bind(case)
    .fetch_optional(c)
    .await)
}

/// Organisations with the same folded name or the same register number.
pub(super) async fn similar(
    tx: &mut Tx,
    name_key: &str,
    register_key: &str,
) -> Result<Vec<(Uuid, String, String)>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, name, city FROM organisations
         WHERE (name_key = $1 AND name_key <> '') OR (register_key = $2 AND register_key <> '') ORDER BY name, id LIMIT 10"
    )
    .bind(name_key)
    .bind(register_key)
    .fetch_all(c)
    .await
    })
}

/// A pattern for folded words.
pub(super) fn pattern(words: &str) -> String {
    format!("%{}%", domain::text::fold(words))
}

/// Members of whom this actor may know: people with a register block only with `blocks`.
const SEEN: &str = "NOT EXISTS (SELECT 1 FROM accounts a JOIN parties p ON p.id = a.party_id JOIN residents r ON r.id = p.resident_id
    WHERE a.id = m.account_id AND r.blocked)";

/// All of them that fit: words are found in name and place, empty choices are all.
pub(super) async fn list(
    tx: &mut Tx,
    words: &str,
    kind: &str,
    state: &str,
    blocks: bool,
    limit: i64,
) -> Result<Vec<OrganisationLine>> {
    on!(tx, |c| {
        let mut b = sqlx::QueryBuilder::new(
            "SELECT o.id, o.kind, o.name, o.city, o.state, o.admitted_at, o.confirm_by,
             (SELECT COUNT(*) FROM organisation_members m WHERE m.organisation_id = o.id AND ($4 OR ",
        );
        b.push(SEEN).push(
            ")) AS members,
             EXISTS (SELECT 1 FROM organisation_entries e WHERE e.organisation_id = o.id AND e.proposed IS NOT NULL)
             OR EXISTS (SELECT 1 FROM notices n WHERE n.organisation_id = o.id AND n.state = 'waiting') AS proposed
             FROM organisations o WHERE o.search LIKE $1
             AND ($2 = '' OR o.kind = $2) AND ($3 = '' OR o.state = $3) ORDER BY proposed DESC, o.name, o.id LIMIT $5",
        );
        b.build_query_as()
            .bind(pattern(words))
            .bind(kind)
            .bind(state)
            .bind(blocks)
            .bind(limit)
            .fetch_all(c)
            .await
    })
}

/// Does somebody with a register block stand behind it: a member, or who asked for admission?
pub(super) async fn has_blocked(tx: &mut Tx, id: Uuid) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM residents r JOIN parties p ON p.resident_id = r.id JOIN accounts a ON a.party_id = p.id
             WHERE r.blocked AND (a.id IN (SELECT account_id FROM organisation_members WHERE organisation_id = $1)
             OR a.id IN (SELECT c.account_id FROM cases c JOIN organisations o ON o.case_id = c.id WHERE o.id = $1)))",
        )
        .bind(id)
        .fetch_one(c)
        .await
    })
}

/// How many there are by kind and state.
pub(super) async fn counts(tx: &mut Tx) -> Result<Vec<(String, String, i64)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT kind, state, COUNT(*) FROM organisations GROUP BY kind, state ORDER BY kind, state"
    )
    .fetch_all(c)
    .await)
}

/// Active organisations and the people who act for them, by kind.
pub(super) async fn people_by_kind(tx: &mut Tx) -> Result<Vec<(String, i64, i64)>> {
    on!(tx, |c| {
        let mut b = sqlx::QueryBuilder::new(
            "SELECT o.kind, COUNT(*), CAST(COALESCE(SUM((SELECT COUNT(*) FROM organisation_members m WHERE m.organisation_id = o.id AND ",
        );
        b.push(SEEN).push(
            ")), 0) AS BIGINT) FROM organisations o WHERE o.state = 'active' GROUP BY o.kind ORDER BY o.kind",
        );
        b.build_query_as().fetch_all(c).await
    })
}

pub(super) async fn waiting_entries(tx: &mut Tx) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM organisation_entries WHERE proposed IS NOT NULL"
    )
    .fetch_one(c)
    .await)
}

pub(super) async fn set_state(tx: &mut Tx, id: Uuid, from: &str, to: &str) -> Result<bool> {
    on!(tx, |c| sqlx::query(
        "UPDATE organisations SET state = $3 WHERE id = $1 AND state = $2"
    )
    .bind(id)
    .bind(from)
    .bind(to)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1))
}

pub(super) async fn activate(
    tx: &mut Tx,
    id: Uuid,
    at: DateTime<Utc>,
    confirm_by: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE organisations SET state = CASE WHEN state = 'admitted' THEN 'active' ELSE state END,
         active_at = COALESCE(active_at, $2), confirm_by = $3, reminded_at = NULL WHERE id = $1"
    )
    .bind(id)
    .bind(at)
    .bind(confirm_by)
    .execute(c)
    .await
    .map(drop))
}

/// Active ones whose confirmation is due soon and whose owners do not know yet.
pub(super) async fn to_remind(tx: &mut Tx, before: DateTime<Utc>) -> Result<Vec<(Uuid, String)>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, name FROM organisations WHERE state = 'active' AND confirm_by < $1 AND reminded_at IS NULL ORDER BY id LIMIT 100"
    )
    .bind(before)
    .fetch_all(c)
    .await
    })
}

pub(super) async fn reminded(tx: &mut Tx, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE organisations SET reminded_at = $2 WHERE id = $1"
    )
    .bind(id)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn delete(tx: &mut Tx, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM organisations WHERE id = $1")
        .bind(id)
        .execute(c)
        .await
        .map(drop))
}

// members

pub(super) async fn of_account(tx: &mut Tx, account: Uuid) -> Result<Vec<Membership>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT o.id AS organisation, o.name, o.state, m.role FROM organisation_members m
         JOIN organisations o ON o.id = m.organisation_id WHERE m.account_id = $1 ORDER BY o.name, o.id"
    )
    .bind(account)
    .fetch_all(c)
    .await)
}

/// Organisations for which an account may write in the open.
pub(super) async fn spoken_for(
    tx: &mut Tx,
    account: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<(Uuid, String)>> {
    on!(tx, |c| {
        sqlx::query_as(
            "SELECT o.id, o.name FROM organisation_members m JOIN organisations o ON o.id = m.organisation_id
             WHERE m.account_id = $1 AND o.state = 'active' AND o.confirm_by > $2 ORDER BY o.name, o.id",
        )
        .bind(account)
        .bind(now)
        .fetch_all(c)
        .await
    })
}

pub(super) async fn role_of(tx: &mut Tx, organisation: Uuid, account: Uuid) -> Result<Option<String>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT role FROM organisation_members WHERE organisation_id = $1 AND account_id = $2"
    )
    .bind(organisation)
    .bind(account)
    .fetch_optional(c)
    .await)
}

pub(super) async fn members(tx: &mut Tx, organisation: Uuid, blocks: bool) -> Result<Vec<Member>> {
    on!(tx, |c| {
        let mut b = sqlx::QueryBuilder::new(
            "SELECT x.id AS account, x.display_name AS name, m.role, m.added_at FROM organisation_members m
             JOIN accounts x ON x.id = m.account_id WHERE m.organisation_id = $1 AND ($2 OR ",
        );
        b.push(SEEN).push(") ORDER BY m.added_at, x.id");
        b.build_query_as()
            .bind(organisation)
            .bind(blocks)
            .fetch_all(c)
            .await
    })
}

/// E-mail addresses and languages of the owners.
pub(super) async fn owners(tx: &mut Tx, organisation: Uuid) -> Result<Vec<(String, String)>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT a.email, a.language FROM organisation_members m JOIN accounts a ON a.id = m.account_id
         WHERE m.organisation_id = $1 AND m.role = 'owner' AND a.email_confirmed AND a.email IS NOT NULL AND a.state = 'active'"
    )
    .bind(organisation)
    .fetch_all(c)
    .await
    })
}

pub(super) async fn put_member(
    tx: &mut Tx,
    organisation: Uuid,
    account: Uuid,
    role: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO organisation_members (organisation_id, account_id, role, added_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (organisation_id, account_id) DO UPDATE SET role = excluded.role"
    )
    .bind(organisation)
    .bind(account)
    .bind(role)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn remove_member(tx: &mut Tx, organisation: Uuid, account: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM organisation_members WHERE organisation_id = $1 AND account_id = $2"
    )
    .bind(organisation)
    .bind(account)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn count_owners(tx: &mut Tx, organisation: Uuid) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM organisation_members WHERE organisation_id = $1 AND role = 'owner'"
    )
    .bind(organisation)
    .fetch_one(c)
    .await)
}

// invitations

pub(super) struct NewInvitation<'a> {
    pub(super) hash: &'a [u8],
    pub(super) id: Uuid,
    pub(super) organisation: Uuid,
    pub(super) email: &'a str,
    pub(super) role: &'a str,
    pub(super) by: Uuid,
    pub(super) expires: DateTime<Utc>,
}

/// A new invitation; a former one to the same address ends.
pub(super) async fn invite(tx: &mut Tx, new: &NewInvitation<'_>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM organisation_invitations WHERE organisation_id = $1 AND email = $2"
    )
    .bind(new.organisation)
    .bind(new.email)
    .execute(c)
    .await
    .map(drop))?;
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO organisation_invitations (hash, id, organisation_id, email, role, invited_by, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(new.hash)
        .bind(new.id)
        .bind(new.organisation)
        .bind(new.email)
        .bind(new.role)
        .bind(new.by)
        .bind(new.expires)
        .execute(c)
        .await
        .map(drop)
    })
}

/// Ends what somebody has invited who does not speak for the organisation any more.
pub(super) async fn delete_invitations_by(tx: &mut Tx, organisation: Uuid, by: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM organisation_invitations WHERE organisation_id = $1 AND invited_by = $2"
    )
    .bind(organisation)
    .bind(by)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn invitations(
    tx: &mut Tx,
    organisation: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<Invitation>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, email, role, expires_at FROM organisation_invitations WHERE organisation_id = $1 AND expires_at > $2 ORDER BY expires_at, id"
    )
    .bind(organisation)
    .bind(now)
    .fetch_all(c)
    .await
    })
}

/// Organisation, address and role of an invitation.
pub(super) async fn invitation(
    tx: &mut Tx,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<(Uuid, String, String)>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT organisation_id, email, role FROM organisation_invitations WHERE hash = $1 AND expires_at > $2"
    )
    .bind(hash)
    .bind(now)
    .fetch_optional(c)
    .await
    })
}

/// Uses an invitation up; false if another try was first.
pub(super) async fn take_invitation(tx: &mut Tx, hash: &[u8]) -> Result<bool> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM organisation_invitations WHERE hash = $1"
    )
    .bind(hash)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1))
}

pub(super) async fn delete_invitation(tx: &mut Tx, organisation: Uuid, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM organisation_invitations WHERE organisation_id = $1 AND id = $2"
    )
    .bind(organisation)
    .bind(id)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn delete_invitations(tx: &mut Tx, organisation: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM organisation_invitations WHERE organisation_id = $1"
    )
    .bind(organisation)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn sweep(tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM organisation_invitations WHERE expires_at < $1"
    )
    .bind(now)
    .execute(c)
    .await
    .map(drop))
}
