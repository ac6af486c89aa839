//! Redeeming the letter to an organisation: who does it speaks for the organisation, with the account that is signed in or
//! with a new one.

use super::{Claim, Code, RedeemRefusal, Registered, facts, rules};
use crate::{
    Ctx, Failure,
    accounts::{self, SignedIn, Visitor},
    audit::{self, Event},
    letters::{self, ProofRow},
    municipality, organisations,
};
use domain::{access::Actor, accounts::EmailAddress, problem::Problems, registration::Refusal};
use uuid::Uuid;

/// The letter was proven; this uses it up.
pub(super) async fn redeem(
    ctx: &Ctx,
    visitor: &Visitor,
    code: &Code,
    claim: &Claim,
    signed_in: Option<&SignedIn>,
    row: &ProofRow,
    organisation: Uuid,
) -> Result<Registered, Failure<RedeemRefusal>> {
    let settings = municipality::current(ctx).await.map_err(Failure::widen)?.settings;
    let signed_in = signed_in.filter(|s| s.role.is_none());
    let mut problems = Problems::default();
    let name = domain::cases::clean_line(&claim.name);
    let typed = claim.email.trim();
    let email = EmailAddress::parse(typed);
    if signed_in.is_none() {
        if name.is_empty() {
            problems.add("name", "problem-required");
        } else if name.chars().count() > 120 {
            problems.add_with("name", "problem-too-long", &[("most", "120")]);
        }
        if !typed.is_empty() && email.is_none() {
            problems.add("email", "problem-email");
        }
        let known = [name.as_str(), typed, settings.name.as_str()];
        problems
            .0
            .extend(accounts::check_password("password", &claim.password, &known).0);
    }
    if !claim.consent {
        problems.add("consent", "problem-consent");
    }
    if !problems.is_empty() {
        return Err(Failure::Refused(RedeemRefusal::Form(problems)));
    }
    let hash = match signed_in {
        Some(_) => None,
        None => Some(accounts::hash_password(ctx, &claim.password).await?),
    };
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let (path, lookup, _) = code.parts();
    let again = letters::proof(&mut tx, lookup).await?;
    // the secret was proven before; the letter may have changed since
    rules::judge(again.as_ref().map(|r| facts(r, true)).as_ref(), path, now)
        .map_err(|r| Failure::Refused(RedeemRefusal::Letter(r)))?;
    let account = match (signed_in, &hash) {
        (Some(who), _) => who.account,
        (None, Some(hash)) => {
            accounts::open_by_letter(ctx, &mut tx, &name, &row.letter_number, hash, &visitor.language).await?
        }
        (None, None) => return Err(Failure::Denied),
    };
    if !letters::redeem(&mut tx, row.id, account, now).await? {
        let used = Refusal::Used { at: Some(now) };
        return Err(Failure::Refused(RedeemRefusal::Letter(used)));
    }
    organisations::joined(ctx, &mut tx, organisation, account)
        .await
        .map_err(Failure::widen)?;
    accounts::give_consent(ctx, &mut tx, account, settings.terms_version, &settings.terms).await?;
    let session = match signed_in {
        Some(_) => None,
        None => {
            if let Some(email) = email {
                accounts::send_confirmation(ctx, &mut tx, account, &email, &visitor.language)
                    .await
                    .map_err(|f| f.map(RedeemRefusal::Form))?;
            }
            Some(accounts::open_session(ctx, &mut tx, account, false, visitor).await?)
        }
    };
    let event = Event::new(Actor::Resident { account }, "registration.redeem-organisation").on(row.id);
    tx.commit(ctx, event).await?;
    Ok(Registered {
        session,
        sign_in_name: row.letter_number.clone(),
    })
}
