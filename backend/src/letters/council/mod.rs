//! Figures for the council: what became of the letters, per district and per week of posting, with small numbers hidden.
//! People with a register block and control letters are not in them.

mod store;

use crate::{
    Ctx, Failure, municipality,
    throttle::{self, Counter},
};
use chrono::{Datelike, Duration, NaiveDate};
use domain::{
    access::{Actor, Permission},
    letters::figures::{Shown, hide_small, one_in_ten_to_the, total},
};
use std::collections::BTreeMap;

/// What is counted, in the order of the columns.
pub const COLUMNS: [&str; 5] = ["sent", "opened", "registered", "returned", "expired"];

/// A line of a table: numbers in the order of [`COLUMNS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// District, or the Monday of a week; empty for letters without district.
    pub name: String,
    /// As they may be shown.
    pub shown: [Shown; 5],
}

/// Everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Per district.
    pub districts: Vec<Line>,
    /// Per week of posting, oldest first.
    pub weeks: Vec<Line>,
    /// Together.
    pub total: Line,
    /// What guessing would bring.
    pub guessing: Guessing,
}

/// What guessing would bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guessing {
    /// Letters that can be redeemed now.
    pub open: i64,
    /// Wrong codes in the last day.
    pub tries: i64,
    /// Wrong codes that the limits let pass in a day at most.
    pub most: i64,
    /// One hit in ten to the power of this, if today's tries went on until the letters expire; `None` without any.
    pub today: Option<i64>,
    /// The same with as many tries as the limits let pass.
    pub worst: Option<i64>,
}

type Counts = [i64; 5];

/// The figures now.
pub async fn council(ctx: &Ctx, actor: Actor) -> Result<Figures, Failure> {
    if !actor.may(Permission::SeeLetters) {
        return Err(Failure::Denied);
    }
    let now = ctx.clock.now();
    let mut tx = ctx.db.read().await?;
    let mut districts: BTreeMap<String, Counts> = BTreeMap::new();
    let mut weeks: BTreeMap<NaiveDate, Counts> = BTreeMap::new();
    for row in store::counts(&mut tx, now).await? {
        let day = domain::time::local(row.posted_at).date();
        let monday = day - Duration::days(i64::from(day.weekday().num_days_from_monday()));
        let counts = [row.sent, row.opened, row.registered, row.returned, row.expired];
        for sums in [
            districts.entry(row.district).or_default(),
            weeks.entry(monday).or_default(),
        ] {
            sums.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
        }
    }
    let open = store::open(&mut tx, now).await?;
    let all = Counter::new(ctx, "proof-all", "");
    let tries = throttle::count(&mut tx, &all, now, Duration::hours(23)).await?;
    let days = municipality::current_in(&mut tx).await?.settings.validity_days;
    let window = domain::registration::throttle_window().num_minutes().max(1);
    let most = domain::registration::FAILED_PROOFS_OVERALL * (24 * 60 / window).max(1);
    let (district_rows, district_lines) = lines(districts.into_iter().collect());
    let (week_rows, week_lines) = lines(weeks.into_iter().map(|(d, c)| (d.to_string(), c)).collect());
    let totals = [(&district_rows, &district_lines), (&week_rows, &week_lines)].map(|(rows, lines)| {
        let shown: Vec<[Shown; 5]> = lines.iter().map(|l| l.shown).collect();
        total(rows, &shown)
    });
    // both tables add up to the same: a total that one of them must not show is not shown at all
    let both = std::array::from_fn(|i| match (totals[0][i], totals[1][i]) {
        (Shown::Number(n), Shown::Number(_)) => Shown::Number(n),
        _ => Shown::Hidden,
    });
    Ok(Figures {
        total: Line {
            name: String::new(),
            shown: both,
        },
        districts: district_lines,
        weeks: week_lines,
        guessing: Guessing {
            open,
            tries,
            most,
            today: one_in_ten_to_the(open, tries * days),
            worst: one_in_ten_to_the(open, most * days),
        },
    })
}

fn lines(all: Vec<(String, Counts)>) -> (Vec<Counts>, Vec<Line>) {
    let (names, rows): (Vec<String>, Vec<Counts>) = all.into_iter().unzip();
    let lines = names
        .into_iter()
        .zip(hide_small(&rows))
        .map(|(name, shown)| Line { name, shown })
        .collect();
    (rows, lines)
}

/// The same as a workbook.
pub async fn council_workbook(ctx: &Ctx, actor: Actor, lang: locales::Lang) -> Result<Vec<u8>, Failure> {
    let figures = council(ctx, actor).await?;
    let heads: Vec<String> = std::iter::once(lang.t("council-what"))
        .chain(COLUMNS.iter().map(|c| lang.t(&format!("council-{c}"))))
        .collect();
    let shown = |s: Shown| match s {
        Shown::Number(n) => n.to_string(),
        Shown::Hidden => lang.t("council-hidden"),
    };
    let row = |name: String, line: &Line| -> Vec<String> {
        let cells = line.shown.iter().map(|s| shown(*s));
        std::iter::once(name).chain(cells).collect()
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in &figures.districts {
        let name = match line.name.as_str() {
            "" => lang.t("council-no-district"),
            name => name.to_owned(),
        };
        rows.push(row(name, line));
    }
    rows.push(row(lang.t("council-total"), &figures.total));
    rows.push(Vec::new());
    for line in &figures.weeks {
        rows.push(row(lang.with("council-week", &[("tag", &line.name)]), line));
    }
    let settings = municipality::current(ctx).await?.settings;
    if settings.has_organisations() {
        rows.push(Vec::new());
        rows.push(
            ["nav-organisations", "council-active", "council-people"]
                .map(|k| lang.t(k))
                .to_vec(),
        );
        for (kind, n, people) in crate::organisations::figures(ctx, actor).await? {
            let name = lang.t(&format!("organisation-kind-{kind}"));
            rows.push(vec![name, n.to_string(), shown(people)]);
        }
    }
    if settings.ideas || settings.comments {
        rows.push(Vec::new());
        let all = crate::talk::figures(ctx, actor).await?;
        for (key, n) in crate::talk::FIGURES.into_iter().zip(all) {
            rows.push(vec![lang.t(key), shown(n)]);
        }
    }
    if settings.surveys {
        rows.push(Vec::new());
        rows.push(
            ["nav-surveys", "survey-may", "survey-answers"]
                .map(|k| lang.t(k))
                .to_vec(),
        );
        for (title, residents, answers) in crate::surveys::figures(ctx, actor).await? {
            rows.push(vec![title, residents.to_string(), shown(answers)]);
        }
    }
    rows.push(Vec::new());
    rows.push(vec![lang.t("council-hidden-hint")]);
    crate::wording::workbook(&lang.t("council-title"), &heads, &rows).map_err(Failure::broken)
}
