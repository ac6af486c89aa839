//! The list of print batches as a workbook.

use super::{BatchLine, batch_store};
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

impl BatchLine {
    /// "Print job 7"; those for people with a register block count by themselves.
    pub fn name(&self, lang: Lang) -> String {
        match self.number {
            ..0 => lang.n("batch-number-apart", -self.number),
            number => lang.n("batch-number", number),
        }
    }

    /// Occasion, version and print of its template.
    pub fn template(&self, lang: Lang) -> String {
        let mut text = lang.t(&format!("template-{}", self.occasion));
        let version = self.template_version.to_string();
        text += &format!(", {}", lang.with("template-version-short", &[("n", &version)]));
        if self.large {
            text += &format!(", {}", lang.t("letters-large-short"));
        }
        text
    }
}

/// All batches, newest first; those for people with a register block only for who may see them.
pub async fn batches_workbook(
    ctx: &Ctx,
    actor: Actor,
    columns: &Columns,
    lang: Lang,
) -> Result<Vec<u8>, Failure> {
    if !actor.may(Permission::SeeLetters) {
        return Err(Failure::Denied);
    }
    let moment = |at: chrono::DateTime<chrono::Utc>| wording::moment(lang, at);
    let mut export = Export::new(lang, columns)?;
    let mut before = None;
    loop {
        let mut tx = ctx.db.read().await?;
        let blocks = actor.may(Permission::SeeBlocks);
        let lines = batch_store::batches(&mut tx, blocks, before, PIECE).await?;
        drop(tx);
        let Some(last) = lines.last() else { break };
        before = Some((last.created_at, last.id));
        for b in &lines {
            export.add(|column| match column.key {
                "auftrag" => b.name(lang).into(),
                "briefe" => b.letters.into(),
                "gemacht" => moment(b.created_at).into(),
                "versandt" => b.posted_at.map(|at| wording::day_of(lang, at)).into(),
                "eingeloest" => b.redeemed.into(),
                "stand" => lang.t(b.state_words()).into(),
                "vorlage" => b.template(lang).into(),
                "geprueft" => b.ready_at.map(moment).into(),
                "geladen" => b.downloaded_at.map(moment).into(),
                _ => b.validity_days.into(),
            })?;
        }
    }
    export.hand_out(ctx, actor, "letters.export").await
}
