//! From a request to a page and back: what every page gets, what it may answer, and how that becomes HTTP.

use crate::cookies::former_session;
pub use crate::cookies::{begin_session, cookie, cookie_name, end_session, session_cookie, set_cookie};
use crate::{kept_pages::KeptPages, server, shell};
use axum::{
    body::{Body, to_bytes},
    extract::{FromRequestParts, RawPathParams, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, any},
};
use backend::{
    Ctx, Failure, Never,
    accounts::{SignedIn, Visitor},
};
use domain::{
    access::{Actor, Permission},
    municipality::Settings,
    problem::Problems,
    urls,
};
use leptos::prelude::*;
use locales::Lang;
use std::sync::Arc;
use uuid::Uuid;

/// Finds the hashed address of an asset by its plain name.
pub type AssetUrl = fn(&str) -> String;

/// What the router needs to answer.
#[derive(Clone)]
pub struct Portal {
    /// The municipality.
    pub ctx: Ctx,
    /// Asset addresses.
    pub asset: AssetUrl,
    /// Pages that are the same for everybody.
    pub kept: Arc<KeptPages>,
}

/// The network address of the client, put into the request by the server.
#[derive(Clone, Debug)]
pub struct ClientAddress(pub String);

/// Names and values of a form or a query, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// Reads `a=1&b=2`.
    pub fn parse(encoded: &str) -> Self {
        let decode = |text: &str| {
            let mut bytes = Vec::with_capacity(text.len());
            let mut rest = text.bytes();
            while let Some(b) = rest.next() {
                match b {
                    b'+' => bytes.push(b' '),
                    b'%' => {
                        let pair: Vec<u8> = rest.by_ref().take(2).collect();
                        let hex = std::str::from_utf8(&pair)
                            .ok()
                            .and_then(|h| u8::from_str_radix(h, 16).ok());
                        bytes.push(hex.unwrap_or(b'?'));
                    }
                    b => bytes.push(b),
                }
            }
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let pairs = encoded.split('&').filter(|p| !p.is_empty()).take(1_000);
        Self(
            pairs
                .map(|p| p.split_once('=').unwrap_or((p, "")))
                .map(|(k, v)| (decode(k), decode(v)))
                .collect(),
        )
    }

    /// The first value of a name; empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(k, _)| k == name).map_or("", |(_, v)| v)
    }

    /// All values of a name, in order.
    pub fn all(&self, name: &str) -> Vec<String> {
        let all = self.0.iter().filter(|(k, _)| k == name);
        all.map(|(_, v)| v.clone()).collect()
    }

    /// A day from three fields: `…_day`, `…_month`, `…_year`. `None` if they are no day.
    pub fn date(&self, prefix: &str) -> Option<chrono::NaiveDate> {
        let part = |name: &str| self.get(&format!("{prefix}_{name}")).trim().parse::<u32>().ok();
        let year = i32::try_from(part("year")?).ok()?;
        chrono::NaiveDate::from_ymd_opt(year, part("month")?, part("day")?)
    }

    /// Is there such a name? (Checkboxes are sent only when ticked.)
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(k, _)| k == name)
    }

    /// The same without these names: passwords are never sent back.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|(k, _)| !names.contains(&k.as_str()));
        self
    }

    /// Adds a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.0.push((name.to_owned(), value.to_string()));
        self
    }
}

/// Percent-encoding for a query value.
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~') {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

/// A request as pages see it.
#[derive(Clone)]
pub struct Rq {
    /// The door to the world.
    pub ctx: Ctx,
    /// Language of the answer.
    pub lang: Lang,
    /// Who is signed in.
    pub who: Option<SignedIn>,
    /// The token of the session, for ending it.
    pub token: Option<String>,
    /// Cookies as they came.
    pub cookies: HeaderMap,
    /// Ways of packing that the browser knows.
    pub accepts_encoding: Option<HeaderValue>,
    /// What is known of the client.
    pub visitor: Visitor,
    /// Path without query.
    pub path: String,
    /// Query.
    pub query: Fields,
    /// Form of a POST; `None` for a GET.
    pub form: Option<Fields>,
    /// Parts of the path.
    pub params: Vec<(String, String)>,
    /// Settings of the municipality.
    pub settings: Arc<Settings>,
    /// Their version.
    pub settings_version: i64,
    /// Asset addresses.
    pub asset: AssetUrl,
}

impl Rq {
    /// A sentence.
    pub fn t(&self, key: &str) -> String {
        self.lang.t(key)
    }

    /// The member of staff who acts, or the way to sign in.
    pub fn staff(&self, permission: Permission) -> Result<Actor, Fault> {
        match &self.who {
            None => Err(Fault::SignIn),
            Some(who) if who.actor().may(permission) => Ok(who.actor()),
            Some(_) => Err(Fault::Denied),
        }
    }

    /// The resident who is signed in, or the way to sign in.
    pub fn resident(&self) -> Result<&SignedIn, Fault> {
        match &self.who {
            None => Err(Fault::SignIn),
            Some(who) if who.role.is_none() => Ok(who),
            Some(_) => Err(Fault::Denied),
        }
    }

    /// A cookie of this request, by the name without a prefix.
    pub fn cookie(&self, name: &str) -> Option<String> {
        cookie(&self.cookies, &cookie_name(&self.ctx, name))
    }

    /// A part of the path; empty if there is none of this name.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(k, _)| k == name).map_or("", |(_, v)| v)
    }

    /// An id in the path.
    pub fn id(&self) -> Result<Uuid, Fault> {
        Uuid::parse_str(self.param("id")).map_err(|_| Fault::NotFound)
    }

    /// The form of a POST; empty for a GET.
    pub fn typed(&self) -> Fields {
        self.form.clone().unwrap_or_default()
    }
}

/// Which navigation a page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// For everybody.
    Public,
    /// For staff.
    Staff,
}

/// A page that is ready to be drawn.
pub struct Page {
    /// Title in the tab; the municipality's name is added.
    pub title: String,
    /// HTTP status.
    pub status: StatusCode,
    /// Navigation.
    pub area: Area,
    /// Reload after so many seconds, for pages that wait without JavaScript.
    pub refresh: Option<u32>,
    /// Wide content (tables).
    pub wide: bool,
    /// `Set-Cookie` values.
    pub cookies: Vec<String>,
    /// The page depends on its address, the language and the settings, and on nothing else, if nobody is signed in.
    pub same_for_everybody: bool,
    draw: Box<dyn FnOnce() -> AnyView + Send>,
}

impl Page {
    /// A page for everybody. `draw` runs when the page is rendered.
    pub fn new(title: impl Into<String>, draw: impl FnOnce() -> AnyView + Send + 'static) -> Self {
        Self {
            title: title.into(),
            status: StatusCode::OK,
            area: Area::Public,
            refresh: None,
            wide: false,
            cookies: Vec::new(),
            same_for_everybody: false,
            draw: Box::new(draw),
        }
    }

    /// A page for staff.
    pub fn staff(title: impl Into<String>, draw: impl FnOnce() -> AnyView + Send + 'static) -> Self {
        Self {
            area: Area::Staff,
            wide: true,
            ..Self::new(title, draw)
        }
    }

    /// Whoever is not signed in gets the same page: it is drawn once for each language, and kept for some seconds.
    #[must_use]
    pub fn same_for_everybody(mut self) -> Self {
        self.same_for_everybody = true;
        self
    }

    /// With another status.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

/// A page's answer.
pub enum Answer {
    /// Show a page.
    Page(Page),
    /// Go somewhere else (303), and perhaps set cookies.
    Go {
        /// Path.
        to: String,
        /// `Set-Cookie` values.
        cookies: Vec<String>,
    },
    /// Anything else: a file, JSON.
    Raw(Response),
}

impl From<Page> for Answer {
    fn from(page: Page) -> Self {
        Answer::Page(page)
    }
}

impl Answer {
    /// Go somewhere else.
    pub fn go(to: impl Into<String>) -> Self {
        Answer::Go {
            to: to.into(),
            cookies: Vec::new(),
        }
    }
}

/// Why there is no page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Sign in first.
    SignIn,
    /// Not allowed.
    Denied,
    /// No such page.
    NotFound,
    /// Too much at once; it works in a moment.
    Busy,
    /// Something broke; the number is in the log.
    Broken(String),
}

impl Fault {
    /// For pages of everybody: what is over, hidden or switched off is not there.
    pub fn not_found(failure: Failure<Never>) -> Self {
        match failure {
            Failure::Denied => Fault::NotFound,
            other => other.into(),
        }
    }
}

impl From<Failure<Never>> for Fault {
    fn from(failure: Failure<Never>) -> Self {
        match failure {
            Failure::Refused(never) => match never {},
            Failure::Denied => Fault::Denied,
            Failure::Busy => Fault::Busy,
            Failure::Broken(incident) => Fault::Broken(incident),
        }
    }
}

/// Separates what a rule refused from everything else.
pub fn refused<T, R>(result: Result<T, Failure<R>>) -> Result<Result<T, R>, Fault> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Failure::Refused(refusal)) => Ok(Err(refusal)),
        Err(Failure::Denied) => Err(Fault::Denied),
        Err(Failure::Busy) => Err(Fault::Busy),
        Err(Failure::Broken(incident)) => Err(Fault::Broken(incident)),
    }
}

/// What a page function gives.
pub type Outcome = Result<Answer, Fault>;

/// A form with what was typed and what is wrong with it.
#[derive(Clone, Default)]
pub struct Typed {
    /// Values.
    pub values: Fields,
    /// Complaints.
    pub problems: Problems,
}

/// Status of a page with a form: 422 if something in it was refused.
pub fn status_of(problems: &Problems) -> StatusCode {
    if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}

/// Largest form that is not an upload.
const FORM_BYTES: usize = 256 * 1024;

/// Makes a route of a page function. GET and POST go to the same function: a refused form is its own page again.
pub fn page<F, Fut>(function: F) -> MethodRouter<Portal>
where
    F: Fn(Rq) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Outcome> + Send + 'static,
{
    any(move |State(portal): State<Portal>, request: Request| {
        let function = function.clone();
        async move {
            let head = request.method() == Method::HEAD;
            let rq = match request_of(&portal, request).await {
                Ok(rq) => rq,
                Err(response) => return response,
            };
            let kept = portal.kept.find(&rq);
            let response = match kept {
                Some(kept) => kept,
                None => {
                    let outcome = function(rq.clone()).await;
                    if let Some(former) = former_session(&rq, &outcome) {
                        // one that cannot be ended now ends by time
                        let _ = backend::accounts::sign_out(&rq.ctx, &former).await;
                    }
                    portal.kept.respond(rq, outcome)
                }
            };
            if head {
                response.map(|_| Body::empty())
            } else {
                response
            }
        }
    })
}

/// Builds what pages see; also used by uploads and downloads.
pub async fn request_of(portal: &Portal, request: Request) -> Result<Rq, Response> {
    let (mut parts, body) = request.into_parts();
    let form = match parts.method {
        Method::GET | Method::HEAD => None,
        Method::POST => {
            let upload = parts
                .headers
                .get(header::CONTENT_TYPE)
                .is_some_and(|t| t.as_bytes().starts_with(b"multipart/"));
            if upload {
                Some(Fields::default())
            } else {
                let bytes = to_bytes(body, FORM_BYTES)
                    .await
                    .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
                Some(Fields::parse(&String::from_utf8_lossy(&bytes)))
            }
        }
        _ => return Err(StatusCode::METHOD_NOT_ALLOWED.into_response()),
    };
    let params = RawPathParams::from_request_parts(&mut parts, &()).await;
    let params = params
        .map(|p| p.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
        .unwrap_or_default();
    let broken = |failure: Failure| match failure {
        Failure::Busy => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Failure::Broken(i) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("Störung / incident {i}"),
        )
            .into_response(),
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    let current = backend::municipality::remembered(&portal.ctx)
        .await
        .map_err(broken)?;
    let token = cookie(&parts.headers, &session_cookie(&portal.ctx));
    let who = match &token {
        // what a page asks by itself keeps nobody signed in
        Some(token) if parts.uri.path().ends_with("/anwesend") => {
            backend::accounts::session_unnoted(&portal.ctx, token)
                .await
                .map_err(broken)?
        }
        Some(token) => backend::accounts::session(&portal.ctx, token)
            .await
            .map_err(broken)?,
        None => None,
    };
    let lang = language(&portal.ctx, &parts.headers);
    let address = parts
        .extensions
        .get::<ClientAddress>()
        .map_or_else(String::new, |a| a.0.clone());
    let agent = parts
        .headers
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    Ok(Rq {
        ctx: portal.ctx.clone(),
        lang,
        who,
        token,
        cookies: cookies_of(&parts.headers),
        accepts_encoding: parts.headers.get(header::ACCEPT_ENCODING).cloned(),
        visitor: Visitor {
            address,
            device: device(agent),
            language: lang.code().to_owned(),
        },
        path: parts.uri.path().to_owned(),
        query: Fields::parse(parts.uri.query().unwrap_or("")),
        form,
        params,
        settings: current.settings,
        settings_version: current.version,
        asset: portal.asset,
    })
}

/// Turns an outcome into HTTP: the only place that does.
pub fn respond(rq: Rq, outcome: Outcome) -> Response {
    let page = match outcome {
        Ok(Answer::Page(page)) => page,
        Ok(Answer::Raw(response)) => return response,
        Ok(Answer::Go { to, cookies }) => {
            let mut headers = set_cookies(&cookies);
            let to = HeaderValue::from_str(&to).unwrap_or(HeaderValue::from_static(urls::START));
            headers.insert(header::LOCATION, to);
            return (StatusCode::SEE_OTHER, headers).into_response();
        }
        Err(Fault::SignIn) => {
            let to = format!("{}?zurueck={}", urls::SIGN_IN, rq.path);
            return (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response();
        }
        Err(Fault::Denied) => {
            backend::watch::security("denied");
            shell::fault_page(&rq, StatusCode::FORBIDDEN, "fault-denied", "")
        }
        Err(Fault::NotFound) => shell::fault_page(&rq, StatusCode::NOT_FOUND, "fault-not-found", ""),
        Err(Fault::Busy) => shell::fault_page(&rq, StatusCode::SERVICE_UNAVAILABLE, "fault-busy", ""),
        Err(Fault::Broken(incident)) => {
            shell::fault_page(&rq, StatusCode::INTERNAL_SERVER_ERROR, "fault-broken", &incident)
        }
    };
    render(rq, page)
}

/// Draws a page. It has waited for its data already, so it is drawn in one go: no stream, and none of the inline
/// scripts that resources would need (the content security policy allows none).
fn render(rq: Rq, page: Page) -> Response {
    let status = page.status;
    let cookies = set_cookies(&page.cookies);
    let html = html(&rq, page);
    (status, cookies, page_headers(), html).into_response()
}

fn set_cookies(cookies: &[String]) -> HeaderMap {
    let values = cookies.iter().filter_map(|c| HeaderValue::from_str(c).ok());
    values.map(|value| (header::SET_COOKIE, value)).collect()
}

/// Pages hold personal data; the back button still works.
pub(crate) fn page_headers() -> [(header::HeaderName, &'static str); 2] {
    [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "private, no-store"),
    ]
}

/// The document of a page.
pub(crate) fn html(rq: &Rq, page: Page) -> String {
    let Page {
        title,
        area,
        refresh,
        wide,
        draw,
        ..
    } = page;
    let owner = Owner::new();
    let html = owner.with(|| {
        provide_context(rq.clone());
        shell::document(rq, &title, area, refresh, wide, Some(draw()))
            .into_view()
            .to_html()
    });
    owner.cleanup();
    html
}

fn cookies_of(headers: &HeaderMap) -> HeaderMap {
    let cookies = headers.get_all(header::COOKIE).iter();
    cookies.map(|value| (header::COOKIE, value.clone())).collect()
}

/// The cookie of the chosen language.
pub const LANGUAGE_COOKIE: &str = "sprache";

/// The chosen language, else what the browser prefers. A cookie exists only after somebody has chosen.
fn language(ctx: &Ctx, headers: &HeaderMap) -> Lang {
    match cookie(headers, &cookie_name(ctx, LANGUAGE_COOKIE)) {
        Some(code) => Lang::parse(&code),
        None => {
            let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
            Lang::accepted(accepted.unwrap_or(""))
        }
    }
}

/// "Firefox, Android": enough to recognise one's own device.
fn device(agent: &str) -> String {
    let pick = |names: &[(&'static str, &'static str)]| {
        names
            .iter()
            .find(|(k, _)| agent.contains(k))
            .map_or("?", |(_, v)| v)
    };
    let browser = pick(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = pick(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    format!("{browser}, {system}")
}

/// Answers a request for a file: the handler gets what pages get, and a fault becomes a page.
pub async fn answered<F, Fut>(portal: Portal, request: Request, handler: F) -> Response
where
    F: FnOnce(Rq) -> Fut,
    Fut: Future<Output = Outcome>,
{
    match request_of(&portal, request).await {
        Ok(rq) => {
            let outcome = handler(rq.clone()).await;
            respond(rq, outcome)
        }
        Err(response) => response,
    }
}

/// For server functions: the same request context that pages get.
pub async fn server_function(portal: Portal, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut probe = Request::new(Body::empty());
    *probe.headers_mut() = parts.headers.clone();
    *probe.extensions_mut() = parts.extensions.clone();
    *probe.uri_mut() = parts.uri.clone();
    let rq = match request_of(&portal, probe).await {
        Ok(rq) => rq,
        Err(response) => return response,
    };
    let request = Request::from_parts(parts, body);
    leptos_axum::handle_server_fns_with_context(move || server::provide(rq.clone()), request)
        .await
        .into_response()
}
