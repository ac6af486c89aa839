//! Notifications of browsers about news in cases (Web Push; docs/adr/0027): switched on by each person for each device, in a
//! message that says nothing personal and that only the browser can read.

mod message;
mod services;
mod store;

pub use services::Services;

use crate::{
    Ctx, Failure,
    accounts::SignedIn,
    audit::{self, Event},
    cases,
    db::{self, Tx},
    jobs::{self, Job},
    keys,
};
use chrono::{DateTime, Utc};
use domain::{access::Permission, urls};
use message::Receiver;
use p256::SecretKey;
use serde::{Deserialize, Serialize};
use services::Sent;
use uuid::Uuid;

/// Devices that one account may have: more is nobody's life, and each is a request with every piece of news.
pub const MOST_DEVICES: usize = 10;

/// What a browser gives when it is asked to listen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Address {
    /// At the push service of the browser's maker.
    pub endpoint: String,
    /// The browser's public key, base64url.
    pub p256dh: String,
    /// A secret of browser and portal, base64url.
    pub auth: String,
}

/// Why a device is not notified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushRefusal {
    /// The browser uses a push service that may not be asked.
    Service,
    /// These are no keys of a browser.
    Keys,
    /// There are [`MOST_DEVICES`] already.
    Many,
}

impl PushRefusal {
    /// The key of its sentence.
    pub fn key(self) -> &'static str {
        match self {
            PushRefusal::Service => "push-refused-service",
            PushRefusal::Keys => "push-refused-keys",
            PushRefusal::Many => "push-refused-many",
        }
    }
}

/// A device that is notified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// For switching it off.
    pub id: Uuid,
    /// Browser and system.
    pub name: String,
    /// Switched on at.
    pub since: DateTime<Utc>,
    /// It is the one that asks.
    pub here: bool,
    /// It was switched on in an earlier session: see [`renew`].
    pub stale: bool,
}

/// What the account page shows.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The town's public key, for the browser.
    pub key: String,
    /// Devices, oldest first.
    pub devices: Vec<Device>,
}

/// Residents are told of their cases, and staff who get mails about cases.
fn is_told(ctx: &Ctx, who: &SignedIn) -> bool {
    ctx.push.any() && (who.role.is_none() || who.actor().may(Permission::DecideCases))
}

/// Devices of the own account; `None` where there are no notifications. `cookie` is what [`switch_on`] gave the browser.
pub async fn overview(ctx: &Ctx, who: &SignedIn, cookie: Option<&str>) -> Result<Option<Overview>, Failure> {
    if !is_told(ctx, who) {
        return Ok(None);
    }
    let key = message::public_text(&town_key(ctx).await?);
    let here = cookie.map(device_hash);
    let mut tx = ctx.db.read().await?;
    let devices = store::of_account(&mut tx, who.account)
        .await?
        .into_iter()
        .map(|d| Device {
            id: d.id,
            name: d.device,
            since: d.created_at,
            here: here.is_some_and(|h| d.device_hash == h),
            stale: d.session_id != who.session,
        })
        .collect();
    Ok(Some(Overview { key, devices }))
}

/// Notifies this device from now on. Gives what the browser keeps as a cookie, so that the device is known again when somebody
/// signs out there. `cookie` is the one it had.
pub async fn switch_on(
    ctx: &Ctx,
    who: &SignedIn,
    device: &str,
    address: &Address,
    cookie: Option<&str>,
) -> Result<String, Failure<PushRefusal>> {
    if !is_told(ctx, who) {
        return Err(Failure::Denied);
    }
    check(ctx, address)?;
    let fresh = keys::hex(&keys::random_bytes::<32>());
    let id = ctx.new_id();
    let (mac, sealed) = sealed(ctx, id, address)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if let Some(old) = cookie {
        store::delete_device(&mut tx, &device_hash(old)).await?;
    }
    store::delete_endpoint(&mut tx, &mac, id).await?;
    if store::of_account(&mut tx, who.account).await?.len() >= MOST_DEVICES {
        return Err(Failure::Refused(PushRefusal::Many));
    }
    let new = store::Subscription {
        id,
        account: who.account,
        session: who.session,
        device_hash: &device_hash(&fresh),
        endpoint_mac: &mac,
        sealed: &sealed,
        device: &device.chars().take(80).collect::<String>(),
    };
    store::insert(&mut tx, &new, ctx.clock.now()).await?;
    tx.commit(ctx, Event::new(who.actor(), "accounts.push-on").on(who.account))
        .await?;
    Ok(fresh)
}

/// The same device after signing in anew: it belongs to the new session from now on, so that ending that one ends it.
pub async fn renew(
    ctx: &Ctx,
    who: &SignedIn,
    address: &Address,
    cookie: &str,
) -> Result<(), Failure<PushRefusal>> {
    check(ctx, address)?;
    let hash = device_hash(cookie);
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let devices = store::of_account(&mut tx, who.account).await?;
    let device = devices
        .iter()
        .find(|d| d.device_hash == hash)
        .ok_or(Failure::Denied)?;
    let (mac, sealed) = sealed(ctx, device.id, address)?;
    store::delete_endpoint(&mut tx, &mac, device.id).await?;
    store::renew(&mut tx, device.id, who.session, &mac, &sealed).await?;
    Ok(tx
        .commit_unaudited("a device that was switched on before is used in a new session")
        .await?)
}

/// Does not notify this device of the own account any more.
pub async fn switch_off(ctx: &Ctx, who: &SignedIn, id: Uuid) -> Result<(), Failure> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if !store::delete_of(&mut tx, who.account, id).await? {
        // pressed twice, or the push service said that it is gone
        return Ok(());
    }
    Ok(tx
        .commit(ctx, Event::new(who.actor(), "accounts.push-off").on(who.account))
        .await?)
}

/// Somebody signs out on a device: it is not notified any more, whoever's it was.
pub async fn signed_out(ctx: &Ctx, cookie: &str) -> Result<(), Failure> {
    let mut tx = ctx.db.begin().await?;
    store::delete_device(&mut tx, &device_hash(cookie)).await?;
    Ok(tx
        .commit_unaudited("a person ends the own session, and what listens with it")
        .await?)
}

/// A session was ended on purpose (one that runs out ends nothing: people wait for weeks).
pub(crate) async fn session_ended(tx: &mut Tx, session: Uuid) -> db::Result<()> {
    store::delete_session(tx, session).await
}

/// All sessions of an account but this one were ended on purpose.
pub(crate) async fn other_sessions_ended(tx: &mut Tx, account: Uuid, keep: Option<Uuid>) -> db::Result<()> {
    store::delete_other_sessions(tx, account, keep.unwrap_or_default()).await
}

/// Devices of an account for its copy of the own data: (browser and system, since).
pub(crate) async fn of_account(tx: &mut Tx, account: Uuid) -> db::Result<Vec<(String, DateTime<Utc>)>> {
    let devices = store::of_account(tx, account).await?;
    Ok(devices.into_iter().map(|d| (d.device, d.created_at)).collect())
}

/// There is news: every device of the account is told, by a job each.
pub(crate) async fn tell(ctx: &Ctx, tx: &mut Tx, account: Uuid) -> db::Result<()> {
    if !ctx.push.any() {
        return Ok(());
    }
    for device in store::of_account(tx, account).await? {
        jobs::enqueue(ctx, tx, Job::SendPush(device.id), ctx.clock.now()).await?;
    }
    Ok(())
}

/// What a device is told: nothing that says anything about anybody.
#[derive(Debug, Serialize)]
struct Message {
    /// `own-case` or `staff-case`: a newer one takes the place of an older one.
    kind: &'static str,
    /// The sentence that is shown.
    text: String,
    lang: &'static str,
    /// Own cases with news, for the badge of the app; staff have other numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<i64>,
    /// Where a tap leads.
    path: &'static str,
}

/// The job. It may run twice: the second message takes the place of the first. What it says is found out now, not when it
/// was enqueued.
pub(crate) async fn send(ctx: &Ctx, id: Uuid) -> Result<(), String> {
    let told = |e: &dyn std::fmt::Display| e.to_string();
    let mut tx = ctx.db.read().await.map_err(|e| told(&e))?;
    let Some(listener) = store::listener(&mut tx, id).await.map_err(|e| told(&e))? else {
        return Ok(());
    };
    let sealed_key = store::key(&mut tx).await.map_err(|e| told(&e))?;
    let lang = locales::Lang::parse(&listener.language);
    let message = if listener.staff {
        Message {
            kind: "staff-case",
            text: lang.t("push-staff-case"),
            lang: lang.code(),
            n: None,
            path: urls::INBOX,
        }
    } else {
        let news = cases::with_news(&mut tx, listener.account_id).await;
        Message {
            kind: "own-case",
            text: lang.t("push-own-case"),
            lang: lang.code(),
            n: Some(news.map_err(|e| told(&e))?),
            path: urls::OWN_CASES,
        }
    };
    drop(tx);
    let address = ctx
        .master
        .open(&listener.sealed, &bound(id))
        .map_err(|e| told(&e))?;
    // no detail: the text of a JSON error could hold the address
    let address: Address =
        serde_json::from_slice(&address).map_err(|_| "a stored subscription cannot be read")?;
    // the list may have become shorter since; who put the service back wants the devices back
    let Some(to) = ctx.push.allow(&address.endpoint) else {
        return Ok(());
    };
    let receiver =
        Receiver::parse(&address.p256dh, &address.auth).ok_or("a stored subscription has no keys")?;
    let key = sealed_key.ok_or("the key for notifications is missing")?;
    let key = open_key(ctx, &key).map_err(|e| told(&e))?;
    let plain = serde_json::to_vec(&message).map_err(|e| told(&e))?;
    let body = message::encrypt(&plain, &receiver).map_err(|e| told(&e))?;
    let service = to.origin().ascii_serialization();
    let signed = message::authorization(&key, &service, &ctx.base_url, ctx.clock.now());
    let sent = ctx.push.send(to, &signed.map_err(|e| told(&e))?, body).await;
    if sent.map_err(|e| told(&e))? == Sent::Taken {
        return Ok(());
    }
    let mut tx = ctx.db.begin().await.map_err(|e| told(&e))?;
    store::delete(&mut tx, id).await.map_err(|e| told(&e))?;
    tx.commit_unaudited("the push service says that the browser does not listen any more")
        .await
        .map_err(|e| told(&e))
}

fn check(ctx: &Ctx, address: &Address) -> Result<(), Failure<PushRefusal>> {
    if ctx.push.allow(&address.endpoint).is_none() {
        return Err(Failure::Refused(PushRefusal::Service));
    }
    match Receiver::parse(&address.p256dh, &address.auth) {
        Some(_) => Ok(()),
        None => Err(Failure::Refused(PushRefusal::Keys)),
    }
}

fn device_hash(cookie: &str) -> [u8; 32] {
    keys::sha256(cookie.as_bytes())
}

fn bound(id: Uuid) -> Vec<u8> {
    [b"push ", &id.as_bytes()[..]].concat()
}

/// What is stored of an address: a keyed hash, and the sealed rest.
fn sealed(ctx: &Ctx, id: Uuid, address: &Address) -> Result<([u8; 32], Vec<u8>), Failure<PushRefusal>> {
    let mac = ctx.master.mac("push endpoint", address.endpoint.as_bytes());
    let sealed = ctx.master.seal(&serde_json::to_vec(address)?, &bound(id))?;
    Ok((mac, sealed))
}

fn open_key(ctx: &Ctx, sealed: &[u8]) -> Result<SecretKey, keys::KeyError> {
    let bytes = ctx.master.open(sealed, b"push key")?;
    SecretKey::from_slice(&bytes).map_err(|_| keys::KeyError::Unwrap)
}

/// The town's key; made when it is needed for the first time.
async fn town_key(ctx: &Ctx) -> Result<SecretKey, Failure> {
    let mut tx = ctx.db.read().await?;
    let known = store::key(&mut tx).await?;
    drop(tx);
    if let Some(sealed) = known {
        return Ok(open_key(ctx, &sealed)?);
    }
    let sealed = ctx.master.seal(&message::fresh_key().to_bytes(), b"push key")?;
    let mut tx = ctx.db.begin().await?;
    store::put_key(&mut tx, &sealed).await?;
    // somebody else may have been first
    let known = store::key(&mut tx).await?.unwrap_or(sealed);
    tx.commit_unaudited("the town gets its key for notifications")
        .await?;
    Ok(open_key(ctx, &known)?)
}
