//! The second factor of staff: codes of an app (TOTP, RFC 6238), passkeys (in `passkey.rs`), recovery codes. A town can make
//! it a must.

use super::{
    SignedIn, Visitor, check_own_password, passkey, security_store as security, session_in, store, window,
};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::{self, Tx},
    keys, municipality,
    throttle::{self, Counter},
};
use domain::{
    access::{Actor, Permission, StaffRole},
    accounts as rules,
    problem::Problems,
};
use totp_rs::{Builder, Secret, Totp};
use uuid::Uuid;

/// Recovery codes that are made at once.
const RECOVERY_CODES: usize = 10;

/// What a session still lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing.
    Full,
    /// The second factor.
    Second,
    /// A second factor must be set up first.
    SetUp,
}

impl Stage {
    pub(super) fn key(self) -> &'static str {
        match self {
            Stage::Full => "full",
            Stage::Second => "second",
            Stage::SetUp => "setup",
        }
    }

    pub(super) fn parse(key: &str) -> Self {
        match key {
            "full" => Stage::Full,
            "setup" => Stage::SetUp,
            // what is not understood is not enough
            _ => Stage::Second,
        }
    }
}

/// What second factors an account has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Factors {
    /// Codes of an app.
    pub app: bool,
    /// Passkeys: (id, name).
    pub passkeys: Vec<passkey::PasskeyLine>,
    /// Recovery codes that are left.
    pub recovery_codes: i64,
    /// The town demands one.
    pub must: bool,
}

impl Factors {
    /// Is there any?
    pub fn any(&self) -> bool {
        self.app || !self.passkeys.is_empty()
    }
}

/// A secret that is being set up: shown once, stored when the first code was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApp {
    /// For typing into the app.
    pub secret: String,
    /// The QR code as an SVG picture.
    pub qr: String,
}

/// Somebody whose password was right, and who still owes the second factor.
#[derive(Clone, Debug)]
pub struct HalfSignedIn {
    /// The account.
    pub account: Uuid,
    /// What is missing.
    pub stage: Stage,
    /// Name, for the app.
    pub name: String,
    pub(super) role: Option<StaffRole>,
    pub(super) session: Vec<u8>,
}

/// Which stage a new session of staff begins with.
pub(super) async fn first_stage(tx: &mut Tx, account: Uuid, staff: bool) -> db::Result<Stage> {
    if security::has_second_factor(tx, account).await? {
        return Ok(Stage::Second);
    }
    let must = staff
        && municipality::current_in(tx)
            .await
            .map(|c| c.settings.staff_second_factor)
            .unwrap_or(true);
    Ok(if must { Stage::SetUp } else { Stage::Full })
}

/// Who holds this token with a session that is not complete?
pub async fn half_session(ctx: &Ctx, token: &str) -> Result<Option<HalfSignedIn>, Failure> {
    if token.len() != 64 {
        return Ok(None);
    }
    let mut tx = ctx.db.read().await?;
    half_in(ctx, &mut tx, token).await
}

async fn half_in(ctx: &Ctx, tx: &mut Tx, token: &str) -> Result<Option<HalfSignedIn>, Failure> {
    let Some(row) = store::session(tx, &keys::sha256(token.as_bytes())).await? else {
        return Ok(None);
    };
    let now = ctx.clock.now();
    // half a session lives a quarter of an hour
    let alive = row.expires_at > now && now - row.seen_at < window() && row.state == "active";
    let stage = Stage::parse(&row.stage);
    Ok((alive && stage != Stage::Full).then_some(HalfSignedIn {
        role: row.role(),
        account: row.account_id,
        stage,
        name: row.display_name,
        session: keys::sha256(token.as_bytes()).to_vec(),
    }))
}

/// Why the second factor is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondRefusal {
    /// Sign in first.
    NoSession,
    /// Not this code.
    Wrong,
    /// Too many wrong codes.
    TooMany,
}

impl SecondRefusal {
    /// The key of the sentence in `locales/`.
    pub fn key(self) -> &'static str {
        match self {
            SecondRefusal::NoSession => "second-no-session",
            SecondRefusal::Wrong => "second-wrong",
            SecondRefusal::TooMany => "problem-too-many",
        }
    }
}

fn totp(secret: &[u8], name: &str, issuer: &str) -> Result<Totp, Failure> {
    // a colon would end the name in the address that the app reads
    let plain = |text: &str| text.replace(':', " ");
    Builder::new()
        .with_secret(Secret::from(secret.to_vec()))
        .with_account_name(plain(name))
        .with_issuer(Some(plain(issuer)))
        .build()
        .map_err(Failure::broken)
}

fn bound(account: Uuid) -> Vec<u8> {
    format!("totp {account}").into_bytes()
}

fn recovery_mac(ctx: &Ctx, account: Uuid, code: &str) -> [u8; 32] {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    ctx.master
        .mac("recovery code", format!("{account} {plain}").as_bytes())
}

/// Completes a session with a code of the app or a recovery code.
pub async fn enter_code(
    ctx: &Ctx,
    visitor: &Visitor,
    token: &str,
    typed: &str,
) -> Result<(String, SignedIn), Failure<SecondRefusal>> {
    let refuse = |r| Err(Failure::Refused(r));
    let now = ctx.clock.now();
    let Some(half) = half_session(ctx, token).await.map_err(Failure::widen)? else {
        return refuse(SecondRefusal::NoSession);
    };
    if half.stage != Stage::Second {
        return refuse(SecondRefusal::NoSession);
    }
    let counter = Counter::new(ctx, "second-factor", &half.account.to_string());
    let mut tx = ctx.db.begin().await?;
    throttle::lock(&mut tx, &counter).await?;
    if throttle::count(&mut tx, &counter, now, window()).await? >= rules::FAILED_SIGN_INS_PER_ACCOUNT {
        return refuse(SecondRefusal::TooMany);
    }
    throttle::add(&mut tx, &counter, now).await?;
    tx.commit_unaudited("a try is counted").await?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let is_app_code = digits.len() == 6 && typed.chars().all(|c| c.is_ascii_digit() || c == ' ');
    let how = if is_app_code {
        let right = app_code_is_right(ctx, &mut tx, half.account, &half.name, &digits)
            .await
            .map_err(Failure::widen)?;
        right.then_some("app")
    } else {
        let mac = recovery_mac(ctx, half.account, typed);
        security::take_recovery_code(&mut tx, half.account, &mac)
            .await?
            .then_some("recovery")
    };
    let Some(how) = how else {
        return refuse(SecondRefusal::Wrong);
    };
    throttle::refund(&mut tx, &counter, now).await?;
    complete(ctx, tx, visitor, token, &half, how)
        .await
        .map_err(Failure::widen)
}

/// Is this the present code of the app, and was it not used before? (RFC 6238 §5.2: a code works once.)
async fn app_code_is_right(
    ctx: &Ctx,
    tx: &mut Tx,
    account: Uuid,
    name: &str,
    digits: &str,
) -> Result<bool, Failure> {
    let Some((sealed, last)) = security::totp(tx, account).await? else {
        return Ok(false);
    };
    let secret = ctx.master.open(&sealed, &bound(account))?;
    let now = u64::try_from(ctx.clock.now().timestamp()).unwrap_or(0);
    let Some(at) = totp(&secret, name, "Stadtbrief")?.check(digits, now) else {
        return Ok(false);
    };
    // `check` says in which step the code was right
    let step = i64::try_from(at).unwrap_or(0);
    if step <= last {
        return Ok(false);
    }
    security::set_totp_step(tx, account, step).await?;
    Ok(true)
}

/// A half session becomes a whole one under a new token: nobody who saw the old one has it.
pub(super) async fn complete(
    ctx: &Ctx,
    mut tx: Tx,
    visitor: &Visitor,
    token: &str,
    half: &HalfSignedIn,
    how: &str,
) -> Result<(String, SignedIn), Failure> {
    store::delete_session(&mut tx, &keys::sha256(token.as_bytes())).await?;
    let fresh = super::open_staged_session(
        ctx,
        &mut tx,
        half.account,
        half.role.is_some(),
        visitor,
        Stage::Full,
    )
    .await?;
    store::signed_in(&mut tx, half.account, ctx.clock.now()).await?;
    let who = session_in(ctx, &mut tx, &fresh).await?.ok_or(Failure::Denied)?;
    let event = Event::new(who.actor(), "accounts.second-factor")
        .on(half.account)
        .with("how", how);
    tx.commit(ctx, event).await?;
    Ok((fresh, who))
}

/// The second factors of an account.
pub async fn factors(ctx: &Ctx, account: Uuid) -> Result<Factors, Failure> {
    let mut tx = ctx.db.read().await?;
    Ok(Factors {
        app: security::totp(&mut tx, account).await?.is_some(),
        passkeys: security::passkeys(&mut tx, account).await?,
        recovery_codes: security::recovery_codes(&mut tx, account).await?,
        must: municipality::current_in(&mut tx)
            .await?
            .settings
            .staff_second_factor,
    })
}

/// A fresh secret for an app. It is not stored: the page carries it sealed until the first code was right.
pub async fn new_app(ctx: &Ctx, account: Uuid, name: &str) -> Result<(NewApp, String), Failure> {
    let secret = keys::random_bytes::<20>();
    show_app(ctx, account, name, &secret).await
}

async fn show_app(ctx: &Ctx, account: Uuid, name: &str, secret: &[u8]) -> Result<(NewApp, String), Failure> {
    let town = super::town_name(ctx).await?;
    let totp = totp(secret, name, &town)?;
    let url = totp.to_url().map_err(Failure::broken)?;
    let code = qrcode::QrCode::with_error_correction_level(url.as_bytes(), qrcode::EcLevel::M)
        .map_err(Failure::broken)?;
    let sealed = ctx.master.seal(secret, &bound(account))?;
    let app = NewApp {
        secret: group(&Secret::from(secret.to_vec()).to_base32()),
        qr: svg(&code),
    };
    Ok((app, keys::hex(&sealed)))
}

/// The secret that a page carried, shown again after a wrong code.
pub async fn same_app(
    ctx: &Ctx,
    account: Uuid,
    name: &str,
    carried: &str,
) -> Result<(NewApp, String), Failure> {
    match open_carried(ctx, account, carried) {
        Some(secret) => show_app(ctx, account, name, &secret).await,
        None => new_app(ctx, account, name).await,
    }
}

fn open_carried(ctx: &Ctx, account: Uuid, carried: &str) -> Option<Vec<u8>> {
    let sealed = keys::from_hex(carried)?;
    ctx.master.open(&sealed, &bound(account)).ok()
}

/// "ABCD EFGH …".
fn group(secret: &str) -> String {
    let chars: Vec<char> = secret.chars().collect();
    let parts: Vec<String> = chars.chunks(4).map(|c| c.iter().collect()).collect();
    parts.join(" ")
}

/// A QR code as one path.
fn svg(code: &qrcode::QrCode) -> String {
    use std::fmt::Write as _;
    let width = code.width();
    let mut path = String::new();
    for (i, color) in code.to_colors().into_iter().enumerate() {
        if color == qrcode::Color::Dark {
            let _ = write!(path, "M{} {}h1v1h-1z", i % width + 4, i / width + 4);
        }
    }
    let size = width + 8;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/><path d=\"{path}\"/></svg>"
    )
}

/// Who sets up or changes second factors: signed in, or with a session that must set one up.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The account.
    pub account: Uuid,
    /// Name, for the app.
    pub name: String,
    actor: Actor,
    /// The session that must set something up first.
    setup: Option<Vec<u8>>,
}

impl Owner {
    /// Somebody who is signed in.
    pub fn signed_in(who: &SignedIn) -> Self {
        Self {
            account: who.account,
            name: who.name.clone(),
            actor: who.actor(),
            setup: None,
        }
    }

    /// Somebody who must set up a second factor before anything else.
    pub fn setting_up(half: HalfSignedIn) -> Option<Self> {
        (half.stage == Stage::SetUp).then(|| Self {
            account: half.account,
            name: half.name.clone(),
            actor: super::actor_of(half.account, half.role.as_ref()),
            setup: Some(half.session),
        })
    }

    pub(super) fn actor(&self) -> Actor {
        self.actor
    }

    /// Must the password be typed? Whoever has just typed it to get here need not do it again.
    pub fn needs_password(&self) -> bool {
        self.setup.is_none()
    }

    /// Before a factor is stored: a session that must set one up may do so once, and ends all others of its kind. Without this
    /// somebody who knows the password could wait with such a session until the owner has set up a factor.
    pub(super) async fn claim(&self, tx: &mut Tx) -> db::Result<bool> {
        let Some(session) = &self.setup else {
            return Ok(true);
        };
        if security::has_second_factor(tx, self.account).await? || !store::session_exists(tx, session).await?
        {
            return Ok(false);
        }
        store::delete_half_sessions(tx, self.account, session).await?;
        Ok(true)
    }
}

/// Stores the app after its first right code. Gives the recovery codes if these are the first factors.
pub async fn confirm_app(
    ctx: &Ctx,
    owner: &Owner,
    password: &str,
    carried: &str,
    typed: &str,
) -> Result<Vec<String>, Failure<Problems>> {
    if owner.needs_password() {
        own_password(ctx, owner.account, password, "app_password").await?;
    }
    let wrong = || Failure::Refused(Problems::one("code", "second-wrong"));
    let secret = open_carried(ctx, owner.account, carried).ok_or_else(wrong)?;
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let now = u64::try_from(ctx.clock.now().timestamp()).unwrap_or(0);
    let step = totp(&secret, &owner.name, "Stadtbrief")
        .map_err(Failure::widen)?
        .check(&digits, now)
        .ok_or_else(wrong)?;
    let sealed = ctx.master.seal(&secret, &bound(owner.account))?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if !owner.claim(&mut tx).await? {
        return Err(Failure::Refused(Problems::one("code", "second-no-session")));
    }
    security::set_totp(
        &mut tx,
        owner.account,
        Some(&sealed),
        i64::try_from(step).unwrap_or(0),
    )
    .await?;
    let codes = first_codes(ctx, &mut tx, owner.account).await?;
    let event = Event::new(owner.actor, "accounts.set-up-app").on(owner.account);
    tx.commit(ctx, event).await?;
    Ok(codes)
}

/// Recovery codes for somebody who has none yet.
pub(super) async fn first_codes(ctx: &Ctx, tx: &mut Tx, account: Uuid) -> db::Result<Vec<String>> {
    if security::recovery_codes(tx, account).await? > 0 {
        return Ok(Vec::new());
    }
    new_codes(ctx, tx, account).await
}

async fn new_codes(ctx: &Ctx, tx: &mut Tx, account: Uuid) -> db::Result<Vec<String>> {
    let codes: Vec<String> = (0..RECOVERY_CODES)
        .map(|_| {
            let (a, b) = (keys::random_bytes::<8>(), keys::random_bytes::<8>());
            let part = |bytes| domain::letters::code::letter_number(u64::from_le_bytes(bytes)).split_off(2);
            format!("{}-{}", part(a), part(b))
        })
        .collect();
    let macs: Vec<[u8; 32]> = codes.iter().map(|c| recovery_mac(ctx, account, c)).collect();
    security::set_recovery_codes(tx, account, &macs).await?;
    Ok(codes)
}

/// New recovery codes; the old ones stop working. The password is asked again.
pub async fn renew_codes(
    ctx: &Ctx,
    who: &SignedIn,
    password: &str,
) -> Result<Vec<String>, Failure<Problems>> {
    own_password(ctx, who.account, password, "password").await?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if !security::has_second_factor(&mut tx, who.account).await? {
        return Err(Failure::Denied);
    }
    let codes = new_codes(ctx, &mut tx, who.account).await?;
    let event = Event::new(who.actor(), "accounts.renew-recovery-codes").on(who.account);
    tx.commit(ctx, event).await?;
    Ok(codes)
}

/// The own password, before something that opens or closes a way into the account.
pub(super) async fn own_password(
    ctx: &Ctx,
    account: Uuid,
    password: &str,
    field: &str,
) -> Result<(), Failure<Problems>> {
    let mut tx = ctx.db.read().await?;
    let row = store::by_id(&mut tx, account).await?.ok_or(Failure::Denied)?;
    drop(tx);
    check_own_password(ctx, &row, password, field).await
}

/// Removes a factor: the app, or with an id a passkey. Not the last one where the town demands one.
pub async fn remove_factor(
    ctx: &Ctx,
    who: &SignedIn,
    passkey: Option<Uuid>,
    password: &str,
) -> Result<(), Failure<Problems>> {
    own_password(ctx, who.account, password, "password").await?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    match passkey {
        Some(id) => security::delete_passkey(&mut tx, id, who.account).await?,
        None => security::set_totp(&mut tx, who.account, None, 0).await?,
    }
    if !security::has_second_factor(&mut tx, who.account).await? {
        let settings = municipality::current_in(&mut tx)
            .await
            .map_err(Failure::widen)?
            .settings;
        if who.role.is_some() && settings.staff_second_factor {
            return Err(Failure::Refused(Problems::one("password", "second-must")));
        }
        security::set_recovery_codes(&mut tx, who.account, &[]).await?;
    }
    Ok(tx
        .commit(
            ctx,
            Event::new(who.actor(), "accounts.remove-factor").on(who.account),
        )
        .await?)
}

/// Takes all second factors off a colleague's account (telephone lost, codes lost). The colleague signs in with the password
/// and, where the town demands it, sets up a new one. All sessions end.
pub async fn reset_factors(ctx: &Ctx, actor: Actor, account: Uuid) -> Result<(), Failure> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    store::by_id(&mut tx, account)
        .await?
        .filter(|a| a.role.is_some())
        .ok_or(Failure::Denied)?;
    security::clear_factors(&mut tx, account).await?;
    store::delete_other_sessions(&mut tx, account, None).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "accounts.reset-factors").on(account))
        .await?)
}

/// After setting up, a half session becomes a whole one.
pub async fn finish_set_up(
    ctx: &Ctx,
    visitor: &Visitor,
    token: &str,
) -> Result<Option<(String, SignedIn)>, Failure> {
    let Some(half) = half_session(ctx, token).await? else {
        return Ok(None);
    };
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if half.stage != Stage::SetUp || !security::has_second_factor(&mut tx, half.account).await? {
        return Ok(None);
    }
    Ok(Some(complete(ctx, tx, visitor, token, &half, "set-up").await?))
}
