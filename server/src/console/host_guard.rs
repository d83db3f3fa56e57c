//! Who is let in: whoever names the console by a name of its own. Web pages of others are kept out.
//!
//! A browser sends any page's form and any page's script here, and a page whose name is made to mean 127.0.0.1 (DNS
//! rebinding) may even read the answers. The page's own name is in Host or Origin then, and Sec-Fetch-Site tells the rest.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

use super::host::{HostName, split};
use super::refusal::{self, Refusal};

/// The names by which a connection's requests may call the console.
#[derive(Clone)]
pub struct Fence {
    /// Where the console listens, which may be every address, and the one of them that the connection came to. Who means
    /// another address by these was not misled by a name.
    pub own: [SocketAddr; 2],
    pub names: Arc<[HostName]>,
}

impl Fence {
    /// Asks before anything else is done, before the body is read.
    pub fn around(self, routes: Router) -> Router {
        routes.layer(from_fn_with_state(self, guard))
    }

    fn check(&self, request: &Request) -> Result<(), Refusal> {
        self.check_host(request)?;
        let headers = request.headers();
        let strange = |site: &[u8]| !matches!(site, b"same-origin" | b"none");
        if headers.get_all("sec-fetch-site").iter().any(|site| strange(site.as_bytes())) {
            return Err(refusal::CROSS_SITE);
        }
        let foreign = |origin: &[u8]| !str::from_utf8(origin).is_ok_and(|origin| self.is_own_origin(origin));
        if headers.get_all(ORIGIN).iter().any(|origin| foreign(origin.as_bytes())) {
            return Err(refusal::FOREIGN_ORIGIN);
        }
        Ok(())
    }

    fn check_host(&self, request: &Request) -> Result<(), Refusal> {
        let host = only_host(request.headers())?;
        if !self.is_own(host, HTTP_PORT) {
            return Err(refusal::FOREIGN_HOST);
        }
        // RFC 9112 section 3.2.2: an absolute target has the last word on the host.
        match request.uri().authority() {
            Some(authority) if !self.is_own(authority.as_str(), HTTP_PORT) => Err(refusal::FOREIGN_HOST),
            _ => Ok(()),
        }
    }

    fn is_own_origin(&self, origin: &str) -> bool {
        match (origin.strip_prefix("http://"), origin.strip_prefix("https://")) {
            (Some(host), _) => self.is_own(host, HTTP_PORT),
            // A name of the operator's may stand for a proxy that has TLS.
            (_, Some(host)) => self.is_own(host, HTTPS_PORT),
            _ => false,
        }
    }

    fn is_own(&self, host: &str, default_port: u16) -> bool {
        let Some((name, port)) = split(host) else { return false };
        let port = port.unwrap_or(default_port);
        let own_port = self.own[0].port();
        let own_address = |address| self.own.iter().any(|own| own.ip() == address);
        if port == own_port && (name.eq_ignore_ascii_case("localhost") || address(name).is_some_and(own_address)) {
            return true;
        }
        self.names.iter().any(|own| own.name.eq_ignore_ascii_case(name) && own.port.unwrap_or(own_port) == port)
    }
}

async fn guard(State(fence): State<Fence>, request: Request, next: Next) -> Response {
    match fence.check(&request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.answer(request.method()),
    }
}

fn only_host(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().map_err(|_| refusal::FOREIGN_HOST),
        _ => Err(refusal::NO_HOST),
    }
}

fn address(name: &str) -> Option<IpAddr> {
    let inner = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    match inner {
        Some(inner) => inner.parse().ok().map(IpAddr::V6),
        None => name.parse().ok().map(IpAddr::V4),
    }
}

const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;
