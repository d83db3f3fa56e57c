//! Rejects requests that web pages of other sites send to the console.
//!
//! A browser lets any page send forms and scripts here. A page whose name resolves to 127.0.0.1
//! (DNS rebinding) could even read the responses. Host or Origin then contains the page's own name,
//! and Sec-Fetch-Site reveals the other cases.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

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
        if headers.get_all("sec-fetch-site").iter().any(|site| is_foreign_site(site.as_bytes())) {
            return Err(rejection::CROSS_SITE);
        }
        let is_foreign = |origin: &[u8]| !str::from_utf8(origin).is_ok_and(|origin| self.permits_origin(origin));
        if headers.get_all(ORIGIN).iter().any(|origin| is_foreign(origin.as_bytes())) {
            return Err(rejection::FOREIGN_ORIGIN);
        }
        Ok(())
    }

    fn check_host(&self, request: &Request) -> Result<(), Rejection> {
        let host = only_host(request.headers())?;
        if !self.permits_host(host, HTTP_PORT) {
            return Err(rejection::FOREIGN_HOST);
        }
        // RFC 9112 section 3.2.2: the authority of an absolute target takes precedence over Host.
        match request.uri().authority() {
            Some(authority) if !self.permits_host(authority.as_str(), HTTP_PORT) => Err(rejection::FOREIGN_HOST),
            _ => Ok(()),
        }
    }

    fn permits_origin(&self, origin: &str) -> bool {
        match (origin.strip_prefix("http://"), origin.strip_prefix("https://")) {
            (Some(host), _) => self.permits_host(host, HTTP_PORT),
            // A name of --console-host may belong to a proxy with TLS.
            (_, Some(host)) => self.permits_host(host, HTTPS_PORT),
            _ => false,
        }
    }

    fn permits_host(&self, host: &str, default_port: u16) -> bool {
        let Some((name, port)) = split(host) else { return false };
        let port = port.unwrap_or(default_port);
        let console_port = self.addresses[0].port();
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
        Err(rejection) => rejection.response(request.method()),
    }
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

const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;
