//! Charts as SVG, without script. Each has a title and a sentence that says what it shows, the same figures as a table, and
//! patterns beside the colour, so that nothing is told by colour alone.

use leptos::prelude::*;
use locales::Lang;

/// What stands around a chart.
pub struct Frame<'a> {
    /// Begins the ids on the page.
    pub id: &'a str,
    /// The heading.
    pub title: String,
    /// What it shows, in a sentence.
    pub summary: String,
    /// The head of the first column of the table.
    pub first: String,
}

/// Figures that belong together: one bar of each group, or one part of a bar.
pub struct Series {
    /// As it is called.
    pub name: String,
    /// Its figures, one for each point.
    pub values: Vec<i64>,
}

const WIDTH: i64 = 720;
const HEIGHT: i64 = 180;
/// Room for the numbers beside the axis.
const LEFT: i64 = 40;
/// Room for the words below the axis.
const BELOW: i64 = 20;

/// How an area is filled: the first is solid, each other has a pattern.
fn fill(id: &str, n: usize) -> String {
    match n % 6 {
        0 => "currentColor".to_owned(),
        n => format!("url(#{id}-muster-{n})"),
    }
}

/// The patterns of a chart.
fn patterns(id: &str, series: usize) -> AnyView {
    let all: Vec<_> = [
        "M0 8 L8 0 M-2 2 L2 -2 M6 10 L10 6",
        "M0 4 H8",
        "M4 4 h.01",
        "M4 0 V8",
        "M0 0 L8 8 M0 8 L8 0",
    ]
    .into_iter()
    .take(series.saturating_sub(1))
    .enumerate()
    .map(|(n, lines)| {
        let name = format!("{id}-muster-{}", n + 1);
        view! {
            <pattern id=name width="8" height="8" patternUnits="userSpaceOnUse">
                <rect class="chart__ground" width="8" height="8"/>
                <path class="chart__ink" d=lines/>
            </pattern>
        }
    })
    .collect();
    view! { <defs>{all}</defs> }.into_any()
}

/// What each pattern means. One series alone needs no key.
fn legend(id: &str, entries: &[String]) -> Option<AnyView> {
    let items: Vec<_> = entries
        .iter()
        .enumerate()
        .map(|(n, text)| {
            view! {
                <li>
                    <svg class="chart__key" viewBox="0 0 24 16" aria-hidden="true">
                        <rect class="chart__bar" x="1" y="1" width="22" height="14" fill=fill(id, n)/>
                    </svg>
                    {text.clone()}
                </li>
            }
        })
        .collect();
    (items.len() > 1).then(|| view! { <ul class="chart__keys">{items}</ul> }.into_any())
}

/// Heading, picture, summary and table.
fn framed(
    lang: Lang,
    frame: &Frame<'_>,
    picture: AnyView,
    key: Option<AnyView>,
    heads: Vec<String>,
    rows: Vec<(String, Vec<i64>)>,
) -> AnyView {
    let (title_id, summary_id) = (format!("{}-title", frame.id), format!("{}-summary", frame.id));
    let heads: Vec<_> = heads
        .into_iter()
        .map(|head| view! { <th scope="col" class="kern-table__header kern-table__header--numeric">{head}</th> })
        .collect();
    let body: Vec<_> = rows
        .into_iter()
        .map(|(name, values)| {
            let cells: Vec<_> = values
                .into_iter()
                .map(|n| view! { <td class="kern-table__cell kern-table__cell--numeric">{lang.number(n)}</td> })
                .collect();
            view! { <tr class="kern-table__row"><th scope="row" class="kern-table__cell">{name}</th>{cells}</tr> }
        })
        .collect();
    view! {
        <h2 class="kern-heading-medium" id=title_id>{frame.title.clone()}</h2>
        <figure class="chart">
            {picture}
            {key}
            <figcaption id=summary_id class="kern-body">{frame.summary.clone()}</figcaption>
        </figure>
        <details>
            <summary>{lang.t("as-table")}" "<span class="kern-sr-only">{frame.title.clone()}</span></summary>
            <table class="kern-table kern-table--small">
                <thead><tr class="kern-table__row"><th scope="col" class="kern-table__header">{frame.first.clone()}</th>{heads}</tr></thead>
                <tbody>{body}</tbody>
            </table>
        </details>
    }
    .into_any()
}

fn picture(id: &str, height: i64, inside: AnyView) -> AnyView {
    let (title_id, summary_id) = (format!("{id}-title"), format!("{id}-summary"));
    view! {
        <svg viewBox=format!("0 0 {WIDTH} {height}") role="img" aria-labelledby=title_id aria-describedby=summary_id>
            {inside}
        </svg>
    }
    .into_any()
}

/// Upright bars, one group for each point: (words below the axis, may be empty; words in the table).
pub fn bars(lang: Lang, frame: &Frame<'_>, points: &[(String, String)], series: &[Series]) -> AnyView {
    let most = series
        .iter()
        .flat_map(|s| s.values.iter().copied())
        .max()
        .unwrap_or(0)
        .max(1);
    let count = |n: usize| i64::try_from(n).unwrap_or(1).max(1);
    let step = (WIDTH - LEFT) / count(points.len());
    let wide = (step * 3 / 4 / count(series.len())).max(2);
    let bars: Vec<_> = series
        .iter()
        .enumerate()
        .flat_map(|(n, s)| s.values.iter().zip(0i64..).map(move |(value, i)| (n, i, *value)))
        .filter(|(.., value)| *value > 0)
        .map(|(n, i, value)| {
            let tall = (value * (HEIGHT - BELOW - 10) / most).max(1);
            let x = LEFT + i * step + i64::try_from(n).unwrap_or(0) * wide;
            view! {
                <rect class="chart__bar" x=x.to_string() y=(HEIGHT - BELOW - tall).to_string() width=wide.to_string() height=tall.to_string() fill=fill(frame.id, n)/>
            }
        })
        .collect();
    let labels: Vec<_> = points
        .iter()
        .zip(0i64..)
        .filter(|((short, _), _)| !short.is_empty())
        .map(|((short, _), i)| {
            view! { <text class="chart__label" x=(LEFT + i * step).to_string() y=(HEIGHT - 4).to_string()>{short.clone()}</text> }
        })
        .collect();
    let axis = (HEIGHT - BELOW).to_string();
    let inside = view! {
        {patterns(frame.id, series.len())}
        <line class="chart__axis" x1=LEFT.to_string() y1=axis.clone() x2=WIDTH.to_string() y2=axis.clone()/>
        <text class="chart__label" x="0" y="18">{lang.number(most)}</text>
        <text class="chart__label" x="0" y=axis>"0"</text>
        {bars}
        {labels}
    };
    let rows = points
        .iter()
        .enumerate()
        .map(|(i, (_, long))| {
            let values = series.iter().map(|s| s.values.get(i).copied().unwrap_or(0));
            (long.clone(), values.collect::<Vec<_>>())
        })
        .filter(|(_, values)| values.iter().any(|n| *n > 0))
        .collect();
    let names: Vec<String> = series.iter().map(|s| s.name.clone()).collect();
    framed(
        lang,
        frame,
        picture(frame.id, HEIGHT, inside.into_any()),
        legend(frame.id, &names),
        names,
        rows,
    )
}

/// One bar from left to right, in parts: what the whole is made of. `head`: over the figures of the table.
pub fn parts(lang: Lang, frame: &Frame<'_>, head: String, all: &[(String, i64)]) -> AnyView {
    let sum: i64 = all.iter().map(|p| p.1).sum::<i64>().max(1);
    let mut before = 0;
    let drawn: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(n, (_, value))| {
            let (from, to) = (before * WIDTH / sum, (before + value) * WIDTH / sum);
            before += value;
            (n, from, to - from, *value)
        })
        .filter(|(_, _, wide, _)| *wide > 0)
        .map(|(n, x, wide, value)| {
            // above the bar, where there is room for it: the key below has all numbers
            let number = lang.number(value);
            let room = 9 * i64::try_from(number.len()).unwrap_or(9);
            let told = (wide >= room).then(|| {
                view! { <text class="chart__label chart__label--strong" x=(x + 2).to_string() y="14">{number}</text> }
            });
            view! {
                {told}
                <rect class="chart__bar chart__bar--part" x=x.to_string() y="20" width=wide.to_string() height="36" fill=fill(frame.id, n)/>
            }
        })
        .collect();
    let inside = view! { {patterns(frame.id, all.len())}{drawn} };
    let entries: Vec<String> = all
        .iter()
        .map(|(name, n)| format!("{name}: {}", lang.number(*n)))
        .collect();
    let rows = all.iter().map(|(name, n)| (name.clone(), vec![*n])).collect();
    framed(
        lang,
        frame,
        picture(frame.id, 58, inside.into_any()),
        legend(frame.id, &entries),
        vec![head],
        rows,
    )
}
