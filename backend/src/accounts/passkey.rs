//! Passkeys (WebAuthn): set up, as second factor of staff, and for signing in without a name. A passkey asks for the finger or
//! the PIN of the device, so it is two factors by itself.

use super::{
    SignInRefusal, SignedIn, Visitor,
    second::{HalfSignedIn, Owner, SecondRefusal, Stage, complete, first_codes, half_session, own_password},
    security_store as security, service_store, session_in, store,
};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db,
    throttle::{self, Counter},
};
use chrono::{DateTime, Duration, Utc};
use domain::problem::Problems;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyAuthentication, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Url, Webauthn, WebauthnBuilder,
};

/// A passkey in the list.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PasskeyLine {
    /// Its id.
    pub id: Uuid,
    /// As the person called it.
    pub name: String,
    /// Set up.
    pub created_at: DateTime<Utc>,
    /// Used last.
    pub used_at: Option<DateTime<Utc>>,
}

/// What the browser is asked, and the ceremony it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The ceremony; comes back with the answer.
    pub ceremony: Uuid,
    /// Options for `navigator.credentials`, as JSON.
    pub options: String,
}

/// Most passkeys of one account.
const MOST: usize = 10;

/// A ceremony may take so long.
fn patience() -> Duration {
    Duration::minutes(10)
}

fn webauthn(ctx: &Ctx) -> Result<Webauthn, Failure> {
    let origin = Url::parse(&ctx.base_url).map_err(Failure::broken)?;
    // passkeys belong to a name; an address of digits has none
    let host = origin.domain().ok_or(Failure::Denied)?;
    WebauthnBuilder::new(host, &origin)
        .and_then(WebauthnBuilder::build)
        .map_err(Failure::broken)
}

fn bound(ceremony: Uuid) -> Vec<u8> {
    format!("passkey ceremony {ceremony}").into_bytes()
}

/// Stores what the ceremony needs, sealed, and gives the question.
async fn ask(
    ctx: &Ctx,
    account: Option<Uuid>,
    options: serde_json::Value,
    state: &impl Serialize,
) -> Result<Question, Failure> {
    let ceremony = ctx.new_id();
    let sealed = ctx.master.seal(&serde_json::to_vec(state)?, &bound(ceremony))?;
    let mut tx = ctx.db.begin().await?;
    security::insert_ceremony(&mut tx, ceremony, account, &sealed, ctx.clock.now() + patience()).await?;
    tx.commit_unaudited("a question to a browser").await?;
    Ok(Question {
        ceremony,
        options: options.to_string(),
    })
}

/// Takes the ceremony: it happens once.
async fn taken<T: DeserializeOwned>(
    ctx: &Ctx,
    ceremony: Uuid,
    account: Option<Uuid>,
) -> Result<Option<T>, Failure> {
    let mut tx = ctx.db.begin().await?;
    let found = security::take_ceremony(&mut tx, ceremony, ctx.clock.now()).await?;
    tx.commit_unaudited("a question to a browser is answered").await?;
    let Some((_, sealed)) = found.filter(|(of, _)| *of == account) else {
        return Ok(None);
    };
    let plain = ctx.master.open(&sealed, &bound(ceremony))?;
    Ok(Some(serde_json::from_slice(&plain)?))
}

async fn keys_of(ctx: &Ctx, account: Uuid) -> Result<Vec<(Uuid, Passkey)>, Failure> {
    let mut tx = ctx.db.read().await?;
    let mut keys = Vec::new();
    for (id, value) in security::passkey_values(&mut tx, account).await? {
        keys.push((id, serde_json::from_str(&value)?));
    }
    Ok(keys)
}

/// Asks the browser for a new passkey.
pub async fn begin_passkey(ctx: &Ctx, owner: &Owner) -> Result<Question, Failure> {
    let known = keys_of(ctx, owner.account).await?;
    let exclude = known.iter().map(|(_, k)| k.cred_id().clone()).collect();
    let (options, state) = webauthn(ctx)?
        .start_passkey_registration(owner.account, &owner.name, &owner.name, Some(exclude))
        .map_err(Failure::broken)?;
    let mut options = serde_json::to_value(&options)?;
    // stored in the device where it can be, so that signing in needs no name
    options["publicKey"]["authenticatorSelection"]["residentKey"] = "preferred".into();
    ask(ctx, Some(owner.account), options, &state).await
}

/// Stores the new passkey. Gives recovery codes if staff have none yet.
pub async fn finish_passkey(
    ctx: &Ctx,
    owner: &Owner,
    password: &str,
    ceremony: Uuid,
    name: &str,
    answer: &str,
) -> Result<Vec<String>, Failure<Problems>> {
    let refuse = |field: &str, code: &str| Err(Failure::Refused(Problems::one(field, code)));
    if owner.needs_password() {
        own_password(ctx, owner.account, password, "passkey_password").await?;
    }
    let name = domain::cases::clean_line(name);
    if name.chars().count() > 60 {
        return refuse("passkey_name", "passkey-name-long");
    }
    let name = if name.is_empty() {
        "Passkey".to_owned()
    } else {
        name
    };
    let state: Option<PasskeyRegistration> = taken(ctx, ceremony, Some(owner.account))
        .await
        .map_err(Failure::widen)?;
    let answer: Option<RegisterPublicKeyCredential> = serde_json::from_str(answer).ok();
    let (Some(state), Some(answer)) = (state, answer) else {
        return refuse("", "passkey-failed");
    };
    let made = webauthn(ctx)
        .map_err(Failure::widen)?
        .finish_passkey_registration(&answer, &state);
    let Ok(passkey) = made else {
        return refuse("", "passkey-failed");
    };
    let credential = data_encoding(passkey.cred_id().as_slice());
    let value = serde_json::to_string(&passkey)?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if !owner.claim(&mut tx).await? {
        return refuse("", "second-no-session");
    }
    if security::passkeys(&mut tx, owner.account).await?.len() >= MOST {
        return refuse("", "passkey-too-many");
    }
    let row = security::insert_passkey(
        &mut tx,
        ctx.new_id(),
        owner.account,
        &credential,
        &name,
        &value,
        now,
    );
    match row.await {
        Err(error) if db::is_duplicate(&error) => return refuse("", "passkey-failed"),
        result => result?,
    }
    let staff = store::by_id(&mut tx, owner.account)
        .await?
        .is_some_and(|a| a.role.is_some());
    let codes = if staff {
        first_codes(ctx, &mut tx, owner.account).await?
    } else {
        Vec::new()
    };
    let event = Event::new(owner.actor(), "accounts.add-passkey").on(owner.account);
    tx.commit(ctx, event).await?;
    Ok(codes)
}

/// Base64url without padding, as browsers write ids.
fn data_encoding(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Asks for a passkey as the second factor; `None` if the account has none.
pub async fn begin_second(ctx: &Ctx, half: &HalfSignedIn) -> Result<Option<Question>, Failure> {
    let keys: Vec<Passkey> = keys_of(ctx, half.account)
        .await?
        .into_iter()
        .map(|(_, k)| k)
        .collect();
    if keys.is_empty() || half.stage != Stage::Second {
        return Ok(None);
    }
    let (options, state) = webauthn(ctx)?
        .start_passkey_authentication(&keys)
        .map_err(Failure::broken)?;
    let options = serde_json::to_value(&options)?;
    Ok(Some(ask(ctx, Some(half.account), options, &state).await?))
}

/// Completes a session with a passkey.
pub async fn enter_passkey(
    ctx: &Ctx,
    visitor: &Visitor,
    token: &str,
    ceremony: Uuid,
    answer: &str,
) -> Result<(String, SignedIn), Failure<SecondRefusal>> {
    let refuse = |r| Err(Failure::Refused(r));
    let Some(half) = half_session(ctx, token).await.map_err(Failure::widen)? else {
        return refuse(SecondRefusal::NoSession);
    };
    if half.stage != Stage::Second {
        return refuse(SecondRefusal::NoSession);
    }
    let state: Option<PasskeyAuthentication> = taken(ctx, ceremony, Some(half.account))
        .await
        .map_err(Failure::widen)?;
    let answer: Option<PublicKeyCredential> = serde_json::from_str(answer).ok();
    let (Some(state), Some(answer)) = (state, answer) else {
        return refuse(SecondRefusal::Wrong);
    };
    let checked = webauthn(ctx)
        .map_err(Failure::widen)?
        .finish_passkey_authentication(&answer, &state);
    let Ok(result) = checked else {
        return refuse(SecondRefusal::Wrong);
    };
    let mut keys = keys_of(ctx, half.account).await.map_err(Failure::widen)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let used = keys.iter_mut().find(|(_, k)| k.cred_id() == result.cred_id());
    let Some((id, key)) = used else {
        return refuse(SecondRefusal::Wrong);
    };
    key.update_credential(&result);
    security::used_passkey(&mut tx, *id, &serde_json::to_string(key)?, ctx.clock.now()).await?;
    complete(ctx, tx, visitor, token, &half, "passkey")
        .await
        .map_err(Failure::widen)
}

/// Questions that one network address may cause in a quarter of an hour: each is a row in the store.
const QUESTIONS: i64 = 120;

/// Asks for any passkey of this portal: signing in without a name.
pub async fn begin_passkey_sign_in(ctx: &Ctx, visitor: &Visitor) -> Result<Question, Failure> {
    let counter = Counter::new(ctx, "passkey-questions", &visitor.address);
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    if throttle::count(&mut tx, &counter, now, Duration::minutes(15)).await? >= QUESTIONS {
        return Err(Failure::Denied);
    }
    throttle::add(&mut tx, &counter, now).await?;
    tx.commit_unaudited("a question is counted").await?;
    let (options, state) = webauthn(ctx)?
        .start_discoverable_authentication()
        .map_err(Failure::broken)?;
    let mut options = serde_json::to_value(&options)?;
    // the person has pressed a button; nothing is offered in a text field
    if let Some(map) = options.as_object_mut() {
        map.remove("mediation");
    }
    ask(ctx, None, options, &state).await
}

/// Signs in with a passkey. Gives the session token for the cookie.
pub async fn passkey_sign_in(
    ctx: &Ctx,
    visitor: &Visitor,
    ceremony: Uuid,
    answer: &str,
) -> Result<(String, SignedIn), Failure<SignInRefusal>> {
    let wrong = || Failure::Refused(SignInRefusal::Wrong);
    let state: Option<DiscoverableAuthentication> =
        taken(ctx, ceremony, None).await.map_err(Failure::widen)?;
    let answer: Option<PublicKeyCredential> = serde_json::from_str(answer).ok();
    let (state, answer) = state.zip(answer).ok_or_else(wrong)?;
    let webauthn = webauthn(ctx).map_err(Failure::widen)?;
    let Ok((account, credential)) = webauthn.identify_discoverable_authentication(&answer) else {
        return Err(wrong());
    };
    let mut keys = keys_of(ctx, account).await.map_err(Failure::widen)?;
    let (id, key) = keys
        .iter_mut()
        .find(|(_, k)| k.cred_id().as_slice() == credential)
        .ok_or_else(wrong)?;
    let known = DiscoverableKey::from(&*key);
    let Ok(result) = webauthn.finish_discoverable_authentication_v2(&answer, state, &known) else {
        return Err(wrong());
    };
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let row = store::by_id(&mut tx, account)
        .await?
        .filter(|a| a.state != "deactivated")
        .ok_or_else(wrong)?;
    if service_store::is_bound(&mut tx, account).await? {
        return Err(wrong());
    }
    key.update_credential(&result);
    security::used_passkey(&mut tx, *id, &serde_json::to_string(key)?, now).await?;
    super::check_state(&row.state)?;
    let staff = row.role.is_some();
    let token = super::open_staged_session(ctx, &mut tx, account, staff, visitor, Stage::Full).await?;
    store::signed_in(&mut tx, account, now).await?;
    let who = session_in(ctx, &mut tx, &token).await?.ok_or(Failure::Denied)?;
    let event = Event::new(who.actor(), "accounts.sign-in")
        .on(account)
        .with("how", "passkey");
    tx.commit(ctx, event).await?;
    Ok((token, who))
}
