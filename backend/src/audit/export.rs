//! The audit log as a workbook.

use super::{LogFilter, events};
use crate::{
    Ctx, Failure,
    export::{Export, PIECE},
    wording,
};
use domain::{access::Actor, tables::Columns};
use locales::Lang;

/// All events that fit, newest first. Ids are whole here; the page shows their ends.
pub async fn log_workbook(
    ctx: &Ctx,
    actor: Actor,
    filter: &LogFilter,
    columns: &Columns,
    lang: Lang,
) -> Result<Vec<u8>, Failure> {
    let mut filter = LogFilter {
        before: None,
        ..filter.clone()
    };
    let mut entries = events(ctx, actor, &filter, PIECE).await?;
    let mut export = Export::new(lang, columns)?;
    while let Some(last) = entries.last() {
        filter.before = Some(last.seq);
        for e in &entries {
            export.add(|column| match column.key {
                "was" => lang.t(&format!("audit-{}", e.action.replace('.', "-"))).into(),
                "zeit" => wording::moment(lang, e.at).into(),
                "wer" => {
                    let kind = lang.t(&format!("actor-{}", e.actor_kind));
                    format!("{kind} {}", e.actor_id.as_deref().unwrap_or(""))
                        .trim_end()
                        .into()
                }
                "kennung" => e.subject.as_deref().into(),
                "angaben" => e.detail.as_str().into(),
                "nr" => e.seq.into(),
                _ => e.hash.as_str().into(),
            })?;
        }
        entries = events(ctx, actor, &filter, PIECE).await?;
    }
    export.hand_out(ctx, actor, "audit.export").await
}
