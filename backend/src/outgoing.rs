//! Whom the portal may ask when an administrator names the host: the sign-in service. Whoever may type an address must not
//! reach machines that only the server can reach (OWASP ASVS 5.0, 13.2.4). Where one server hosts many, the administrators of
//! one municipality are strangers to the provider's network.

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

/// Most bytes of an answer: descriptions and keys have some thousand.
const LARGEST: usize = 1_000_000;

/// Hosts that may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// Any: a town's sign-in service often stands in its own network.
    Any,
    /// Any that the whole world can reach.
    Public,
    /// These, wherever they are: the operator has named them.
    Only(Vec<String>),
}

impl Outgoing {
    /// Hosts of the operator's list, in small letters; `Err`: the entry that is no host.
    pub fn only(hosts: &[String]) -> Result<Self, String> {
        let parsed = hosts.iter().map(|host| {
            let url = Url::parse(&format!("https://{host}/")).ok();
            let plain = url.as_ref().and_then(Url::host_str);
            match plain.filter(|p| p.eq_ignore_ascii_case(host)) {
                Some(plain) => Ok(plain.to_owned()),
                None => Err(host.clone()),
            }
        });
        Ok(Outgoing::Only(parsed.collect::<Result<_, _>>()?))
    }

    /// May secrets go to this address? Without TLS only on this machine, for a portal that runs so itself (`local`).
    pub(crate) fn may_ask(&self, url: &str, local: bool) -> bool {
        is_safe(url, local) && self.knows(url, local)
    }

    fn knows(&self, url: &str, local: bool) -> bool {
        let Some(url) = Url::parse(url).ok() else {
            return false;
        };
        let host = url.host_str().unwrap_or_default();
        match self {
            Outgoing::Any => true,
            Outgoing::Only(hosts) => hosts.iter().any(|h| h == host),
            // a name is looked at when it is resolved
            Outgoing::Public => local || host.trim_matches(['[', ']']).parse().map_or(true, is_public),
        }
    }

    /// What asks.
    pub(crate) fn asking(&self, local: bool) -> Result<Asking<'_>, reqwest::Error> {
        let mut builder = Client::builder()
            // a redirect could lead a request with a secret somewhere else
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10));
        if *self == Outgoing::Public && !local {
            // a proxy would resolve names itself
            builder = builder.dns_resolver(Arc::new(PublicOnly)).no_proxy();
        }
        Ok(Asking {
            outgoing: self,
            local,
            client: builder.build()?,
        })
    }
}

/// Asks the sign-in service. Each address is looked at right before: also those that only its description names.
pub(crate) struct Asking<'a> {
    outgoing: &'a Outgoing,
    local: bool,
    client: Client,
}

/// An answer that did not come, or is not wanted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotAsked {
    #[error("the address is not secure or not allowed here (`sign_in_services`)")]
    Forbidden,
    #[error("the answer is too large")]
    Large,
    #[error("no answer: {0}")]
    Silent(#[from] reqwest::Error),
}

impl<'c> AsyncHttpClient<'c> for Asking<'_> {
    type Error = NotAsked;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NotAsked>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            if !self.outgoing.may_ask(&request.uri().to_string(), self.local) {
                return Err(NotAsked::Forbidden);
            }
            let mut answer = self.client.execute(request.try_into()?).await?;
            let mut body = Vec::new();
            while let Some(piece) = answer.chunk().await? {
                body.extend_from_slice(&piece);
                if body.len() > LARGEST {
                    return Err(NotAsked::Large);
                }
            }
            let mut response = HttpResponse::new(body);
            *response.status_mut() = answer.status();
            *response.headers_mut() = std::mem::take(answer.headers_mut());
            Ok(response)
        })
    }
}

/// https, or this machine for a portal that is reached without TLS itself.
pub(crate) fn is_safe(url: &str, local: bool) -> bool {
    url.starts_with("https://")
        || local && (url.starts_with("http://localhost:") || url.starts_with("http://127.0.0.1:"))
}

/// Gives only addresses that the whole world can reach. It is asked for each connection, so that a name cannot change its
/// address between looking and asking.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|a| is_public(a.ip())).collect();
            if public.is_empty() {
                tracing::warn!("the sign-in service has no public address: name it in `sign_in_services`");
                return Err("no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Is this an address that the whole world can reach? (IANA's registries of special-purpose addresses, RFC 6890)
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    !(v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_multicast()
        || v4.is_documentation()
        || a == 0
        || a >= 240
        // shared by a provider and its customers, RFC 6598
        || a == 100 && (64..128).contains(&b)
        // protocol assignments, and measuring (RFC 2544)
        || (a, b, c) == (192, 0, 0)
        || a == 198 && (18..20).contains(&b))
}

/// Only 2000::/3 is given out to the world; of that not what is for documents, tunnels and protocols.
fn is_public_v6(v6: Ipv6Addr) -> bool {
    let [a, b, ..] = v6.segments();
    (0x2000..0x4000).contains(&a) && !(a == 0x2001 && (b < 0x200 || b == 0xdb8)) && a != 0x2002 && a != 0x3fff
}

#[cfg(test)]
mod tests {
    use super::*;
    use openidconnect::http;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn secrets_travel_encrypted() {
        assert!(Outgoing::Any.may_ask("https://login.stadt.example/realm", false));
        assert!(Outgoing::Any.may_ask("http://127.0.0.1:4000", true));
        for (url, local) in [
            ("http://127.0.0.1:4000", false),
            ("http://login.stadt.example", true),
            ("http://localhost.evil.example", true),
            ("ftp://x", true),
            ("https://", true),
        ] {
            assert!(!Outgoing::Any.may_ask(url, local), "{url}");
        }
    }

    #[test]
    fn addresses_of_the_own_network() {
        for address in [
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.0.8",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2001:db8::1",
            "2002:a00:1::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
            let url = match address.contains(':') {
                true => format!("https://[{address}]/"),
                false => format!("https://{address}/"),
            };
            assert!(!Outgoing::Public.may_ask(&url, false), "{url}");
            assert!(Outgoing::Any.may_ask(&url, false), "{url}");
        }
        for address in [
            "9.9.9.9",
            "172.32.0.1",
            "100.128.0.1",
            "2a00:1450:4001::1",
            "2620:fe::fe",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        // other ways to write an address are the same address for whoever parses it
        assert!(!Outgoing::Public.may_ask("https://2130706433/", false));
        assert!(!Outgoing::Public.may_ask("https://0x7f.1/", false));
    }

    #[test]
    fn the_operators_list() {
        let only = Outgoing::only(&["login.stadt.example".into(), "10.0.0.5".into()]).unwrap();
        assert!(only.may_ask("https://Login.Stadt.example:8443/realm", false));
        assert!(only.may_ask("https://10.0.0.5/realm", false));
        for url in [
            "https://stadt.example",
            "https://login.stadt.example.evil.example",
            "https://a@evil.example",
        ] {
            assert!(!only.may_ask(url, false), "{url}");
        }
        for wrong in ["", "https://x", "a/b", "a b", "a:443"] {
            assert_eq!(Outgoing::only(&[wrong.to_owned()]), Err(wrong.to_owned()));
        }
    }

    /// A service that answers with so many bytes; how often it was asked.
    async fn service(bytes: usize) -> (u16, Arc<AtomicUsize>) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::Relaxed);
                let _ = stream.read(&mut [0; 2_000]).await;
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n");
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(&vec![b'x'; bytes]).await;
            }
        });
        (port, asked)
    }

    async fn ask(outgoing: &Outgoing, url: String) -> Result<usize, NotAsked> {
        let asking = outgoing.asking(true).unwrap();
        let request = http::Request::get(url).body(Vec::new()).unwrap();
        Ok(asking.call(request).await?.body().len())
    }

    #[tokio::test]
    async fn each_address_is_looked_at_before_it_is_asked() {
        let (port, asked) = service(1_000).await;
        let named = Outgoing::only(&["localhost".to_owned()]).unwrap();
        let by_number = format!("http://127.0.0.1:{port}/keys");
        let refused = ask(&named, by_number.clone()).await;
        assert!(matches!(refused, Err(NotAsked::Forbidden)), "{refused:?}");
        let insecure = ask(&named, "http://login.stadt.example/keys".to_owned()).await;
        assert!(matches!(insecure, Err(NotAsked::Forbidden)), "{insecure:?}");
        assert_eq!(asked.load(Ordering::Relaxed), 0);
        assert_eq!(ask(&Outgoing::Any, by_number).await.unwrap(), 1_000);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        let (port, _) = service(LARGEST + 1).await;
        let large = ask(&Outgoing::Any, format!("http://127.0.0.1:{port}/keys")).await;
        assert!(matches!(large, Err(NotAsked::Large)), "{large:?}");
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_not_asked() {
        let name = || "localhost".parse::<Name>().unwrap();
        assert!(PublicOnly.resolve(name()).await.is_err());
    }
}
