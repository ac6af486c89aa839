//! "Is my letter genuine?": anybody may ask with the printed letter number, and learns only whether the town posted a
//! letter with it, and in which week.

use super::store;
use crate::{
    Ctx, Failure,
    accounts::Visitor,
    throttle::{self, Counter},
};
use chrono::{Datelike, Duration, NaiveDate};
use domain::letters::code::parse_letter_number;

/// What the page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Genuine {
    /// The town posted a letter with this number in the week that begins on this Monday.
    Posted(NaiveDate),
    /// No letter that was posted has this number.
    Unknown,
    /// This is not how letter numbers look.
    NotANumber,
    /// Too many questions from this network.
    TooMany,
}

/// Questions that one network address may ask in an hour: numbers must not be collected.
const QUESTIONS_PER_HOUR: i64 = 30;

/// Answers alike, whatever became of the letter and whoever it was for.
pub async fn genuine(ctx: &Ctx, visitor: &Visitor, number: &str) -> Result<Genuine, Failure> {
    let Some(number) = parse_letter_number(number) else {
        return Ok(Genuine::NotANumber);
    };
    let now = ctx.clock.now();
    let asked = Counter::new(ctx, "genuine", &visitor.address);
    let mut tx = ctx.db.begin().await?;
    throttle::lock(&mut tx, &asked).await?;
    if throttle::count(&mut tx, &asked, now, Duration::hours(1)).await? >= QUESTIONS_PER_HOUR {
        return Ok(Genuine::TooMany);
    }
    throttle::add(&mut tx, &asked, now).await?;
    let posted = store::posted_on(&mut tx, &number).await?;
    tx.commit_unaudited("a question about a letter number is counted")
        .await?;
    Ok(match posted {
        Some(at) => {
            let day = domain::time::local(at).date();
            let monday = day - Duration::days(i64::from(day.weekday().num_days_from_monday()));
            Genuine::Posted(monday)
        }
        None => Genuine::Unknown,
    })
}
