//! The list of organisations as a workbook.

use super::staff::found;
use crate::{Ctx, Failure, export::Export, wording};
use domain::{
    access::Actor,
    organisations::{OrganisationKind, OrganisationState},
    tables::Columns,
};
use locales::Lang;

/// More than any town has: they are read at once.
const ALL: i64 = 100_000;

/// All organisations that fit.
pub async fn organisations_workbook(
    ctx: &Ctx,
    actor: Actor,
    words: &str,
    kind: Option<OrganisationKind>,
    state: Option<OrganisationState>,
    columns: &Columns,
    lang: Lang,
) -> Result<Vec<u8>, Failure> {
    let lines = found(ctx, actor, words, kind, state, ALL).await?;
    let mut export = Export::new(lang, columns)?;
    for l in lines {
        export.add(|column| match column.key {
            "name" => l.name.as_str().into(),
            "art" => lang.t(&format!("organisation-kind-{}", l.kind)).into(),
            "ort" => l.city.as_str().into(),
            "stand" => {
                let mut text = lang.t(&format!("organisation-state-{}", l.state));
                if l.proposed {
                    text += &format!(", {}", lang.t("entry-state-waiting"));
                }
                text.into()
            }
            "mitglieder" => l.members.into(),
            "zugesagt" => wording::day_of(lang, l.admitted_at).into(),
            _ => l.confirm_by.map(|at| wording::day_of(lang, at)).into(),
        })?;
    }
    export.hand_out(ctx, actor, "organisations.export").await
}
