//! SQL of surveys.

use crate::db::{Result, Tx, on, run_built};
use chrono::{DateTime, Utc};
use uuid::Uuid;

#[derive(Clone, sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) content: String,
    pub(super) state: String,
    pub(super) version: i64,
    pub(super) follow_up: String,
    pub(super) results: Option<String>,
    pub(super) closed_at: Option<DateTime<Utc>>,
    pub(super) participants: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct StratumRow {
    pub(super) number: i64,
    pub(super) district: String,
    pub(super) band: String,
    pub(super) residents: i64,
    pub(super) answers: i64,
    pub(super) public_key: Option<Vec<u8>>,
    pub(super) sealed_key: Option<Vec<u8>>,
}

/// All, newest first.
pub(super) async fn all(tx: &mut Tx) -> Result<Vec<Row>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT id, content, state, version, follow_up, results, closed_at, participants FROM surveys
         ORDER BY created_at DESC, id DESC LIMIT 500"
    )
    .fetch_all(c)
    .await)
}

pub(super) async fn one(tx: &mut Tx, id: Uuid) -> Result<Option<Row>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, content, state, version, follow_up, results, closed_at, participants FROM surveys WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    .await
    })
}

pub(super) async fn insert(tx: &mut Tx, id: Uuid, content: &str, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO surveys (id, content, state, version, follow_up, participants, created_at) VALUES ($1, $2, 'draft', 1, '', 0, $3)",
        )
        .bind(id)
        .bind(content)
        .bind(at)
        .execute(c)
        .await
        .map(drop)
    })
}

pub(super) struct Change<'a> {
    pub(super) content: &'a str,
    pub(super) state: &'a str,
    pub(super) follow_up: &'a str,
    pub(super) results: Option<&'a str>,
}

/// Writes a survey anew; false if somebody changed it since `version`.
pub(super) async fn update(tx: &mut Tx, id: Uuid, version: i64, change: &Change<'_>) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE surveys SET content = $3, state = $4, follow_up = $5, results = $6, version = version + 1
             WHERE id = $1 AND version = $2",
        )
        .bind(id)
        .bind(version)
        .bind(change.content)
        .bind(change.state)
        .bind(change.follow_up)
        .bind(change.results)
        .execute(c)
        .await
        .map(|r| r.rows_affected() == 1)
    })
}

pub(super) async fn delete(tx: &mut Tx, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM surveys WHERE id = $1")
        .bind(id)
        .execute(c)
        .await
        .map(drop))
}

pub(super) async fn insert_strata(tx: &mut Tx, survey: Uuid, strata: &[StratumRow]) -> Result<()> {
    for chunk in strata.chunks(100) {
        run_built!(tx, |b| {
            b.push(
                "INSERT INTO survey_strata (survey_id, number, district, band, residents, answers, public_key, sealed_key) ",
            );
            b.push_values(chunk, |mut row, s| {
                row.push_bind(survey)
                    .push_bind(s.number)
                    .push_bind(&s.district)
                    .push_bind(&s.band)
                    .push_bind(s.residents)
                    .push_bind(s.answers)
                    .push_bind(&s.public_key)
                    .push_bind(&s.sealed_key);
            });
        })?;
    }
    Ok(())
}

pub(super) async fn strata(tx: &mut Tx, survey: Uuid) -> Result<Vec<StratumRow>> {
    on!(tx, |c| {
        sqlx::query_as(
            "SELECT number, district, band, residents, answers, public_key, sealed_key FROM survey_strata
             WHERE survey_id = $1 ORDER BY number",
        )
        .bind(survey)
        .fetch_all(c)
        .await
    })
}

/// The survey can no longer be answered: the keys that would make ballots go, and who has taken part and which ballots were
/// used go, too: nothing is left that an answer could be joined with.
pub(super) async fn close(tx: &mut Tx, survey: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE surveys SET closed_at = $2, participants = (SELECT COUNT(*) FROM survey_participants WHERE survey_id = $1)
         WHERE id = $1"
    )
    .bind(survey)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })?;
    for sql in [
        "UPDATE survey_strata SET sealed_key = NULL WHERE survey_id = $1",
        "DELETE FROM survey_participants WHERE survey_id = $1",
        "DELETE FROM survey_ballots WHERE survey_id = $1",
    ] {
        on!(tx, |c| sqlx::query(sql).bind(survey).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// What is not needed any more when the result is fixed.
pub(super) async fn empty(tx: &mut Tx, survey: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM survey_answers WHERE survey_id = $1"
    )
    .bind(survey)
    .execute(c)
    .await
    .map(drop))
}

/// Notes that somebody has taken part. An error of a unique key if that is so already.
pub(super) async fn take_part(tx: &mut Tx, survey: Uuid, resident: Uuid, asked: Option<&[u8]>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO survey_participants (survey_id, resident_id, asked) VALUES ($1, $2, $3)"
    )
    .bind(survey)
    .bind(resident)
    .bind(asked)
    .execute(c)
    .await
    .map(drop))
}

/// Has somebody taken part, and with which request for a ballot?
pub(super) async fn participation(
    tx: &mut Tx,
    survey: Uuid,
    resident: Uuid,
) -> Result<Option<Option<Vec<u8>>>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT asked FROM survey_participants WHERE survey_id = $1 AND resident_id = $2"
    )
    .bind(survey)
    .bind(resident)
    .fetch_optional(c)
    .await)
}

/// Notes that a ballot was used. An error of a unique key if it was used before.
pub(super) async fn use_ballot(tx: &mut Tx, survey: Uuid, hash: &[u8]) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO survey_ballots (survey_id, hash) VALUES ($1, $2)"
    )
    .bind(survey)
    .bind(hash)
    .execute(c)
    .await
    .map(drop))
}

/// Puts answers into the box, and counts them for their group.
pub(super) async fn insert_answers(
    tx: &mut Tx,
    survey: Uuid,
    id: Uuid,
    stratum: i64,
    answers: &str,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO survey_answers (survey_id, id, answers) VALUES ($1, $2, $3)"
    )
    .bind(survey)
    .bind(id)
    .bind(answers)
    .execute(c)
    .await
    .map(drop))?;
    on!(tx, |c| sqlx::query(
        "UPDATE survey_strata SET answers = answers + 1 WHERE survey_id = $1 AND number = $2"
    )
    .bind(survey)
    .bind(stratum)
    .execute(c)
    .await
    .map(drop))
}

/// All answers, in the order of their random ids.
pub(super) async fn answers(tx: &mut Tx, survey: Uuid) -> Result<Vec<String>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT answers FROM survey_answers WHERE survey_id = $1 ORDER BY id"
    )
    .bind(survey)
    .fetch_all(c)
    .await)
}

/// How many people have taken part: with blind ballots more than there are answers, as long as ballots are out.
pub(super) async fn count_participants(tx: &mut Tx, survey: Uuid) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM survey_participants WHERE survey_id = $1"
    )
    .bind(survey)
    .fetch_one(c)
    .await)
}

/// Surveys in which somebody has taken part.
pub(super) async fn of_resident(tx: &mut Tx, resident: Uuid) -> Result<Vec<Uuid>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT survey_id FROM survey_participants WHERE resident_id = $1"
    )
    .bind(resident)
    .fetch_all(c)
    .await)
}

#[cfg(feature = "testing")]
pub(super) async fn rows(tx: &mut Tx) -> Result<[i64; 3]> {
    let mut all = [0; 3];
    for (n, sql) in all.iter_mut().zip([
        "SELECT COUNT(*) FROM survey_participants",
        "SELECT COUNT(*) FROM survey_answers",
        "SELECT COUNT(*) FROM survey_ballots",
    ]) {
        *n = on!(tx, |c| sqlx::query_scalar(sql).fetch_one(c).await)?;
    }
    Ok(all)
}
