//! What members of staff set for themselves: which columns a table shows, and how dense pages are. Both are cookies of the
//! browser; the store knows nothing of them.

use crate::{
    cookies::YEAR,
    portal::{Answer, Fault, Outcome, Rq, encode, set_cookie},
};
use axum::{http::header, response::IntoResponse};
use domain::{
    access::Permission,
    tables::{Columns, Table},
    urls,
};
use leptos::prelude::*;

/// The cookie of the density.
const DENSITY: &str = "dichte";
/// Its only value; without it pages are comfortable.
const COMPACT: &str = "eng";

fn cookie_of(table: Table) -> String {
    format!("spalten-{}", table.key())
}

/// The `Set-Cookie` value of a choice, kept for a year; none at all without a value.
fn kept(rq: &Rq, name: &str, value: Option<&str>) -> String {
    let (value, age) = value.map_or(("", 0), |v| (v, YEAR));
    set_cookie(&rq.ctx, name, value, age)
}

/// The columns that this member of staff has chosen for a table.
pub fn columns(rq: &Rq, table: Table) -> Columns {
    Columns::parse(table, &rq.cookie(&cookie_of(table)).unwrap_or_default())
}

/// The page that was asked for, filters included.
pub fn here(rq: &Rq) -> String {
    with_query(&rq.path, rq)
}

/// The workbook of this page: the same filters.
pub fn workbook_of(rq: &Rq) -> String {
    with_query(&format!("{}/liste.xlsx", rq.path), rq)
}

fn with_query(path: &str, rq: &Rq) -> String {
    let pairs: Vec<String> = rq
        .query
        .0
        .iter()
        .filter(|(_, v)| !v.is_empty())
        .map(|(k, v)| format!("{}={}", encode(k), encode(v)))
        .collect();
    match pairs.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", pairs.join("&")),
    }
}

/// A workbook as a download.
pub fn workbook(name: &str, bytes: Vec<u8>) -> Answer {
    let headers = [
        (
            header::CONTENT_TYPE,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned(),
        ),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.xlsx\""),
        ),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Answer::Raw((headers, bytes).into_response())
}

/// Back to the page of the staff area from which a form came.
fn back(typed: &str) -> String {
    let inside = |path: &&str| {
        path.strip_prefix(urls::STAFF)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    };
    urls::safe_return(typed)
        .filter(inside)
        .unwrap_or(urls::STAFF)
        .to_owned()
}

/// `POST /verwaltung/spalten`: chooses the columns of a table.
pub async fn choose_columns(rq: Rq) -> Outcome {
    rq.staff(Permission::SeeDashboard)?;
    let form = rq.form.as_ref().ok_or(Fault::NotFound)?;
    let table = Table::parse(form.get("tabelle")).ok_or(Fault::NotFound)?;
    let names = form.all("spalte");
    let chosen = Columns::of(table, names.iter().map(String::as_str)).stored();
    let value = (form.get("tun") != "standard").then_some(chosen.as_str());
    Ok(Answer::Go {
        to: back(form.get("zurueck")),
        cookies: vec![kept(&rq, &cookie_of(table), value)],
    })
}

/// `POST /verwaltung/dichte`: comfortable or compact pages.
pub async fn set_density(rq: Rq) -> Outcome {
    rq.staff(Permission::SeeDashboard)?;
    let form = rq.form.as_ref().ok_or(Fault::NotFound)?;
    let value = (form.get("dichte") == COMPACT).then_some(COMPACT);
    Ok(Answer::Go {
        to: back(form.get("zurueck")),
        cookies: vec![kept(&rq, DENSITY, value)],
    })
}

/// Did this member of staff choose compact pages?
pub fn is_compact(rq: &Rq) -> bool {
    rq.cookie(DENSITY).as_deref() == Some(COMPACT)
}

/// The switch at the foot of staff pages.
pub fn density_switch(rq: &Rq) -> AnyView {
    let compact = is_compact(rq);
    let buttons: Vec<_> = [("weit", "density-comfortable", !compact), (COMPACT, "density-compact", compact)]
        .into_iter()
        .map(|(value, key, now)| {
            view! { <button class="link-button" type="submit" name="dichte" value=value aria-pressed=now.to_string()>{rq.t(key)}</button> }
        })
        .collect();
    view! {
        <form method="post" action=urls::DENSITY class="density">
            <input type="hidden" name="zurueck" value=here(rq)/>
            <span id="density-label">{rq.t("density-label")}</span>
            <span role="group" aria-labelledby="density-label">{buttons}</span>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_back_into_the_staff_area() {
        for (typed, to) in [
            ("/verwaltung/einwohner?suche=a", "/verwaltung/einwohner?suche=a"),
            ("/verwaltung?x=1", "/verwaltung?x=1"),
            ("/verwaltung", "/verwaltung"),
            ("/verwaltungen", "/verwaltung"),
            ("/konto", "/verwaltung"),
            ("//evil.example/verwaltung", "/verwaltung"),
            ("https://evil.example", "/verwaltung"),
            ("", "/verwaltung"),
        ] {
            assert_eq!(back(typed), to, "{typed}");
        }
    }
}
