//! Rejects requests that web pages of other sites send to the console.
//!
//! A browser lets any page send forms and scripts here. A page whose name resolves to 127.0.0.1
//! (DNS rebinding) could even read the responses. Host or Origin then contains the page's own name,
//! and Sec-Fetch-Site reveals the other cases.
//!
//! A GET for an image or a link has no Origin. Browsers send Sec-Fetch-Site only with HTTPS and to
//! loopback addresses, and old ones never do. So a GET that calls the EC2 API and that looks like a
//! browser's needs a Sec-Fetch-Site that permits it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, HOST, ORIGIN, REFERER, USER_AGENT};
use axum::http::{HeaderMap, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

use super::call::is_call;
use super::host_name::{HostName, split};
use super::rejection::{self, Rejection};

/// The hosts that a connection's requests may name.
#[derive(Clone)]
pub struct HostGuard {
    /// The console's address, which may be unspecified, and the local address of the connection. A
    /// request that names an address instead of a name does not come from DNS rebinding.
    pub addresses: [SocketAddr; 2],
    pub names: Arc<[HostName]>,
}

impl HostGuard {
    /// Checks each request before the routes handle it and before its body is read.
    pub fn protect(self, routes: Router) -> Router {
        routes.layer(from_fn_with_state(self, guard))
    }

    fn check(&self, request: &Request) -> Result<(), Rejection> {
        self.check_host(request)?;
        let headers = request.headers();
        let is_foreign_site = |site: &[u8]| !matches!(site, b"same-origin" | b"none");
        if headers.get_all(SEC_FETCH_SITE).iter().any(|site| is_foreign_site(site.as_bytes())) {
            return Err(rejection::CROSS_SITE);
        }
        let is_foreign = |origin: &[u8]| !str::from_utf8(origin).is_ok_and(|origin| self.permits_origin(origin));
        if headers.get_all(ORIGIN).iter().any(|origin| is_foreign(origin.as_bytes())) {
            return Err(rejection::FOREIGN_ORIGIN);
        }
        let is_get_call = request.method() == Method::GET && is_call(request.method(), request.uri());
        if is_get_call && is_from_browser(headers) && !headers.contains_key(SEC_FETCH_SITE) {
            return Err(rejection::GET_OF_BROWSER);
        }
        Ok(())
    }

    fn check_host(&self, request: &Request) -> Result<(), Rejection> {
        let host = only_host(request.headers())?;
        // RFC 9112 section 3.2.2: the authority of an absolute target takes precedence over Host.
        let authority = request.uri().authority().map_or(host, |authority| authority.as_str());
        if [host, authority].iter().all(|host| self.permits_host(host)) { Ok(()) } else { Err(rejection::FOREIGN_HOST) }
    }

    /// Returns whether Host names the console. Some clients leave the port out: a page of another
    /// site cannot use that, because it cannot choose the name.
    fn permits_host(&self, host: &str) -> bool {
        let Some((name, port)) = split(host) else { return false };
        self.permits(name, port.unwrap_or(HTTP_PORT)) || port.is_none() && self.permits(name, self.console_port())
    }

    fn permits_origin(&self, origin: &str) -> bool {
        match (origin.strip_prefix("http://"), origin.strip_prefix("https://")) {
            (Some(host), _) => self.permits_origin_host(host, HTTP_PORT),
            // A name of --console-host may belong to a proxy with TLS.
            (_, Some(host)) => self.permits_origin_host(host, HTTPS_PORT),
            _ => false,
        }
    }

    /// An origin without a port has the default port of its scheme: it is another site than the
    /// console, unless that has this port too.
    fn permits_origin_host(&self, host: &str, default_port: u16) -> bool {
        split(host).is_some_and(|(name, port)| self.permits(name, port.unwrap_or(default_port)))
    }

    fn console_port(&self) -> u16 {
        self.addresses[0].port()
    }

    fn permits(&self, name: &str, port: u16) -> bool {
        let console_port = self.console_port();
        let is_console_address = |address| self.addresses.iter().any(|console| console.ip() == address);
        if port == console_port
            && (name.eq_ignore_ascii_case("localhost") || ip_address(name).is_some_and(is_console_address))
        {
            return true;
        }
        self.names.iter().any(|permitted| {
            permitted.name.eq_ignore_ascii_case(name) && permitted.port.unwrap_or(console_port) == port
        })
    }
}

async fn guard(State(guard): State<HostGuard>, request: Request, next: Next) -> Response {
    match guard.check(&request) {
        Ok(()) => next.run(request).await,
        Err(rejection) => rejection.response(&request),
    }
}

/// Returns whether a browser seems to have sent the request. A page cannot change its browser's
/// User-Agent without a preflight.
fn is_from_browser(headers: &HeaderMap) -> bool {
    let is_browser = headers.get_all(USER_AGENT).iter().any(|agent| agent.as_bytes().starts_with(b"Mozilla/"));
    is_browser || headers.contains_key(ACCEPT_LANGUAGE) || headers.contains_key(REFERER)
}

fn only_host(headers: &HeaderMap) -> Result<&str, Rejection> {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().map_err(|_| rejection::FOREIGN_HOST),
        _ => Err(rejection::NOT_ONE_HOST),
    }
}

fn ip_address(name: &str) -> Option<IpAddr> {
    let bracketed = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    match bracketed {
        Some(address) => address.parse().ok().map(IpAddr::V6),
        None => name.parse().ok().map(IpAddr::V4),
    }
}

const SEC_FETCH_SITE: &str = "sec-fetch-site";
const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;
