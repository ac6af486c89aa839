//! The inbox as a workbook.

use super::{Case, InboxFilter, inbox::what, store};
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

impl Case {
    /// The key of the words for where it stands, or how it ended.
    pub fn state_words(&self) -> String {
        match self
            .outcome
            .filter(|_| self.state == domain::cases::CaseState::Decided)
        {
            Some(outcome) => format!("case-outcome-{}", outcome.key()),
            None => format!("case-state-{}", self.state.key()),
        }
    }
}

/// All cases that fit, in the order in which they were begun.
pub async fn inbox_workbook(
    ctx: &Ctx,
    actor: Actor,
    filter: &InboxFilter,
    columns: &Columns,
    lang: Lang,
) -> Result<Vec<u8>, Failure> {
    let (true, Some(me)) = (actor.may(Permission::SeeCases), actor.account()) else {
        return Err(Failure::Denied);
    };
    let mut what = store::Filter {
        order: "id",
        ..what(actor, filter)
    };
    let now = ctx.clock.now();
    let moment = |at: chrono::DateTime<chrono::Utc>| wording::moment(lang, at);
    let mut export = Export::new(lang, columns)?;
    loop {
        let mut tx = ctx.db.read().await?;
        let rows = store::inbox(&mut tx, me, &what, now, PIECE).await?;
        drop(tx);
        let Some(last) = rows.last() else { break };
        what.after = Some(last.id);
        for row in rows {
            let case = Case::read(ctx, row)?;
            export.add(|column| match column.key {
                "person" => case.applicant.as_str().into(),
                "nummer" => case.number.as_str().into(),
                "art" => lang.t(&format!("case-kind-{}", case.kind.key())).into(),
                "stand" => lang.t(&case.state_words()).into(),
                "zustaendig" => case.assignee.as_ref().map(|a| a.1.as_str()).into(),
                "team" => case.team.as_ref().map(|t| t.1.as_str()).into(),
                "alter" => case
                    .submitted_at
                    .map(|at| lang.n("inbox-days", (now - at).num_days()))
                    .into(),
                "frist" => case.due_at.map(|at| wording::day_of(lang, at)).into(),
                "eingang" => case.submitted_at.map(moment).into(),
                "geaendert" => moment(case.changed_at).into(),
                _ => case.decided_at.map(moment).into(),
            })?;
        }
    }
    export.hand_out(ctx, actor, "cases.export").await
}
