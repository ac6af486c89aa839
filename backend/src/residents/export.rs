//! The register as a workbook.

use super::{Search, found};
use crate::{
    Ctx, Failure,
    export::{Export, PIECE},
    wording,
};
use domain::{
    access::{Actor, Permission},
    tables::Columns,
};
use locales::Lang;

/// Everybody whom a search finds, on all its pages. People with a register block are in it only for who may see them.
pub async fn register_workbook(
    ctx: &Ctx,
    actor: Actor,
    search: &Search,
    columns: &Columns,
    lang: Lang,
) -> Result<Vec<u8>, Failure> {
    if !actor.may(Permission::SeeResidents) {
        return Err(Failure::Denied);
    }
    let mut export = Export::new(lang, columns)?;
    let mut search = Search {
        after: None,
        ..search.clone()
    };
    loop {
        // a short look at a time: a long one would keep the store from tidying up
        let mut tx = ctx.db.read().await?;
        let lines = found(&mut tx, actor, &search, PIECE).await?;
        drop(tx);
        let Some(last) = lines.last() else { break };
        search.after = Some((last.sort_key.clone(), last.id));
        for l in &lines {
            export.add(|column| match column.key {
                "name" => format!("{}, {}", l.family_name, l.given_names).into(),
                "geburt" => l
                    .birth_date
                    .map(|d| wording::day(lang, d))
                    .or(l.birth_year.map(|y| y.to_string()))
                    .into(),
                "strasse" => format!("{} {}", l.street, l.house_number).trim_end().into(),
                "plz" => l.postcode.as_str().into(),
                "ort" => l.city.as_str().into(),
                "ortsteil" => l.district.as_deref().into(),
                "nummer" => l.register_number.as_deref().into(),
                "stand" => match (l.registered, &l.letter_state) {
                    (true, _) => lang.t("resident-registered").into(),
                    (false, Some(state)) => lang.t(&format!("letter-state-{state}")).into(),
                    (false, None) => lang.t("letter-none").into(),
                },
                _ => l.letter_number.as_deref().into(),
            })?;
        }
    }
    export.hand_out(ctx, actor, "residents.export").await
}
