//! Talks to the town's sign-in service (OpenID Connect Core 1.0, authorization code with PKCE). The library verifies
//! signature, issuer, audience, time and nonce of the ID token; nothing that it did not verify leaves this file.

use crate::{ctx::Ctx, outgoing};
use openidconnect::{
    AccessToken, AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse,
    StandardTokenResponse, SubjectIdentifier, TokenResponse, UserInfoClaims,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
        CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
        CoreProviderMetadata, CoreRevocableToken, CoreRevocationErrorResponse,
        CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Signatures that count (OWASP ASVS 5.0, 9.1.2): with a key that only the service has. Nothing with the shared secret, and
/// never none, whatever the service says of itself.
const SIGNED_WITH: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Claims beside the standard ones: where roles stand differs from service to service.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Rest {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for Rest {}

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Rest,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type ServiceClient = Client<
    Rest,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// At which step the service did not do what the standard asks: for the operator's log, with nothing of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ProviderError {
    #[error("no connection can be made from here (TLS set-up)")]
    Client,
    #[error("its description (/.well-known/openid-configuration) cannot be read or names another issuer")]
    Discovery,
    #[error(
        "an address in its description is not secure, not complete, or not allowed here (`sign_in_services`)"
    )]
    Endpoints,
    #[error("its keys cannot be read")]
    Keys,
    #[error("it did not take the code")]
    Exchange,
    #[error("it gave no ID token")]
    NoIdToken,
    #[error("the ID token is not valid: {0}")]
    IdToken(&'static str),
}

/// Who the service says somebody is. Verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) subject: String,
    pub(super) name: String,
    pub(super) email: Option<String>,
    pub(super) email_verified: bool,
    /// Values of the claim that names roles.
    pub(super) values: Vec<String>,
}

/// What is sent to the service, and what must be known again when somebody comes back.
pub(super) struct Question {
    pub(super) url: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

/// The town's registration with its service.
pub(super) struct Provider<'a> {
    /// Whom the portal may ask.
    pub(super) ctx: &'a Ctx,
    /// As [`discover`] gave it.
    pub(super) described: &'a str,
    pub(super) client_id: &'a str,
    pub(super) secret: &'a str,
    pub(super) redirect: &'a str,
}

/// Asks the service for its description.
pub(super) async fn discover(ctx: &Ctx, issuer: &str) -> Result<String, ProviderError> {
    let local = !ctx.is_secure();
    let http = ctx.outgoing.asking(local).map_err(|_| ProviderError::Client)?;
    let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|_| ProviderError::Discovery)?;
    let found = CoreProviderMetadata::discover_async(issuer, &http)
        .await
        .map_err(|_| ProviderError::Discovery)?;
    let token = found.token_endpoint().ok_or(ProviderError::Endpoints)?;
    let is_asked = |url: &str| ctx.outgoing.may_ask(url, local);
    // where people are sent, and where the portal itself asks (each time anew: the operator's list may become shorter)
    let complete = outgoing::is_safe(found.authorization_endpoint().as_str(), local)
        && is_asked(token.as_str())
        && is_asked(found.jwks_uri().as_str())
        && found.userinfo_endpoint().is_none_or(|url| is_asked(url.as_str()));
    if !complete {
        return Err(ProviderError::Endpoints);
    }
    serde_json::to_string(&found).map_err(|_| ProviderError::Discovery)
}

impl Provider<'_> {
    fn metadata(&self) -> Result<CoreProviderMetadata, ProviderError> {
        serde_json::from_str(self.described).map_err(|_| ProviderError::Discovery)
    }

    fn client(&self, metadata: CoreProviderMetadata) -> Result<ServiceClient, ProviderError> {
        let redirect = RedirectUrl::new(self.redirect.to_owned()).map_err(|_| ProviderError::Endpoints)?;
        let secret = ClientSecret::new(self.secret.to_owned());
        Ok(
            Client::from_provider_metadata(metadata, ClientId::new(self.client_id.to_owned()), Some(secret))
                .set_redirect_uri(redirect),
        )
    }

    /// Where to send somebody. Asks nobody: nothing leaves the portal for a visitor's click.
    pub(super) fn question(&self) -> Result<Question, ProviderError> {
        let client = self.client(self.metadata()?)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("profile".to_owned()))
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        Ok(Question {
            url: url.into(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// Exchanges the code and verifies who it is. `claim` is the path to the roles, with dots.
    pub(super) async fn answer(
        &self,
        code: &str,
        nonce: &str,
        verifier: &str,
        claim: &str,
    ) -> Result<Person, ProviderError> {
        let local = !self.ctx.is_secure();
        let http = self
            .ctx
            .outgoing
            .asking(local)
            .map_err(|_| ProviderError::Client)?;
        let metadata = self.metadata()?;
        let keys = CoreJsonWebKeySet::fetch_async(metadata.jwks_uri(), &http)
            .await
            .map_err(|_| ProviderError::Keys)?;
        let client = self.client(metadata.set_jwks(keys))?;
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| ProviderError::Endpoints)?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .request_async(&http)
            .await
            .map_err(|_| ProviderError::Exchange)?;
        let id_token = tokens.id_token().ok_or(ProviderError::NoIdToken)?;
        let claims = id_token
            .claims(
                &client.id_token_verifier().set_allowed_algs(SIGNED_WITH),
                &Nonce::new(nonce.to_owned()),
            )
            .map_err(|e| ProviderError::IdToken(why(&e)))?;
        if begins_later(&claims.additional_claims().all, chrono::Utc::now().timestamp()) {
            return Err(ProviderError::IdToken("not valid yet"));
        }
        let mut person = Person {
            subject: claims.subject().as_str().to_owned(),
            name: claims
                .name()
                .and_then(|n| n.get(None))
                .map(|n| n.as_str().to_owned())
                .unwrap_or_default(),
            email: claims.email().map(|e| e.as_str().to_owned()),
            email_verified: claims.email_verified().unwrap_or(false),
            values: values(&claims.additional_claims().all, claim),
        };
        // some services put names and roles there only
        if person.values.is_empty() || person.name.is_empty() || person.email.is_none() {
            let subject = claims.subject().clone();
            if let Some(more) = more(&client, &http, tokens.access_token().clone(), subject).await {
                let standard = more.standard_claims();
                let name = standard
                    .name()
                    .and_then(|n| n.get(None))
                    .map(|n| n.as_str().to_owned());
                if person.name.is_empty() {
                    person.name = name.unwrap_or_default();
                }
                if person.email.is_none() {
                    person.email = standard.email().map(|e| e.as_str().to_owned());
                    person.email_verified = standard.email_verified().unwrap_or(false);
                }
                if person.values.is_empty() {
                    person.values = values(&more.additional_claims().all, claim);
                }
            }
        }
        Ok(person)
    }
}

/// The user-info endpoint, if there is one; it must speak of the same subject.
async fn more(
    client: &ServiceClient,
    http: &outgoing::Asking<'_>,
    token: AccessToken,
    subject: SubjectIdentifier,
) -> Option<UserInfoClaims<Rest, CoreGenderClaim>> {
    let request = client.user_info(token, Some(subject)).ok()?;
    request.request_async(http).await.ok()
}

fn why(error: &openidconnect::ClaimsVerificationError) -> &'static str {
    use openidconnect::ClaimsVerificationError as E;
    match error {
        E::Expired(_) => "expired",
        E::InvalidAudience(_) => "for another client",
        E::InvalidIssuer(_) => "of another issuer",
        E::InvalidNonce(_) => "for another sign-in",
        E::SignatureVerification(_) => "wrong signature",
        E::Unsupported(_) => "unsupported",
        _ => "other",
    }
}

/// Does the token count from a later moment on (`nbf`, RFC 7519 section 4.1.5)? The library reads the end only.
fn begins_later(claims: &Map<String, Value>, now: i64) -> bool {
    // clocks of two machines may differ by a minute
    const SKEW: f64 = 60.0;
    // what is no number is no moment that has come
    let later = |begin: &Value| begin.as_f64().is_none_or(|begin| begin > now as f64 + SKEW);
    claims.get("nbf").is_some_and(later)
}

/// The values of a claim: a word, words in a row, or a list; `realm_access.roles` looks inside.
fn values(claims: &Map<String, Value>, path: &str) -> Vec<String> {
    // a claim may have dots in its own name (addresses as names are common)
    let found = claims.get(path).or_else(|| {
        let mut parts = path.split('.');
        let first = claims.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    });
    match found {
        Some(Value::String(word)) => vec![word.clone()],
        Some(Value::Array(all)) => all.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_found_where_services_put_them() {
        let claims = serde_json::json!({
            "roles": ["admin", 7, "clerk"],
            "role": "clerk",
            "realm_access": { "roles": ["meldeamt"] },
            "https://stadt.example/roles": ["x"],
        });
        let claims = claims.as_object().unwrap();
        assert_eq!(values(claims, "roles"), ["admin", "clerk"]);
        assert_eq!(values(claims, "role"), ["clerk"]);
        assert_eq!(values(claims, "realm_access.roles"), ["meldeamt"]);
        assert_eq!(values(claims, "https://stadt.example/roles"), ["x"]);
        for nothing in ["", ".", "roles.x", "realm_access", "groups"] {
            assert!(values(claims, nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn a_token_of_tomorrow_does_not_count() {
        let early = |claims: Value| begins_later(claims.as_object().unwrap(), 1_000_000);
        assert!(early(serde_json::json!({ "nbf": 1_000_061 })));
        assert!(!early(serde_json::json!({ "nbf": 1_000_059 })));
        assert!(early(serde_json::json!({ "nbf": "999999" })));
        assert!(!early(serde_json::json!({ "nbf": 999_999.5 })));
        assert!(!early(serde_json::json!({})));
    }
}
