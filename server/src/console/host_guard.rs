//! Rejects requests that web pages of other sites send to the console.
//!
//! A browser lets any page send forms and scripts here. A page whose name resolves to 127.0.0.1
//! (DNS rebinding) could even read the responses. Host or Origin then contains the page's own name,
//! and Sec-Fetch-Site reveals the other cases.
//!
//! A GET for an image or a link has no Origin. Browsers send Sec-Fetch-Site only with HTTPS and to
//! loopback addresses, and old ones never do. So a GET that calls the EC2 API and that looks like a
//! browser's needs a Sec-Fetch-Site that permits it.
//!
//! A browser that omits all of these headers still sends its User-Agent. So a browser's call that
//! can change the fleet needs a header that no page can add to a form, an image, or a request
//! without a preflight.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERER, USER_AGENT, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use imds_ec2::query;

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
        if can_change(request) && has_browser_agent(headers) && !has_header_of_api_client(headers) {
            return Err(rejection::CHANGE_BY_BROWSER);
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

/// Checks the request. No response may be read as another type, or shown in a frame.
async fn guard(State(guard): State<HostGuard>, request: Request, next: Next) -> Response {
    let mut response = match guard.check(&request) {
        Ok(()) => next.run(request).await,
        Err(rejection) => rejection.response(&request),
    };
    let headers = response.headers_mut();
    headers.entry(X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static("frame-ancestors 'none'"));
    response
}

/// Returns whether a browser seems to have sent the request.
fn is_from_browser(headers: &HeaderMap) -> bool {
    has_browser_agent(headers) || headers.contains_key(ACCEPT_LANGUAGE) || headers.contains_key(REFERER)
}

/// Returns whether the User-Agent is a browser's. A page cannot change it without a preflight.
///
/// Perl's AnyEvent::HTTP, through which VM::EC2 calls the API and signs in parameters, names Mozilla
/// too. No browser names AnyEvent.
fn has_browser_agent(headers: &HeaderMap) -> bool {
    let mut agents = headers.get_all(USER_AGENT).iter().map(HeaderValue::as_bytes);
    let is_browser =
        |agent: &[u8]| agent.starts_with(b"Mozilla") && !agent.windows(ANYEVENT.len()).any(|part| part == ANYEVENT);
    agents.any(is_browser)
}

const ANYEVENT: &[u8] = b"AnyEvent-HTTP/";

/// Returns whether the request is a call that can change the fleet: any call whose action is in the
/// body, which is not read yet.
fn can_change(request: &Request) -> bool {
    let form = request.uri().query().unwrap_or_default().as_bytes();
    is_call(request.method(), request.uri()) && (request.method() != Method::GET || !query::is_read_only(form))
}

/// Returns whether the request has a header that clients of the EC2 API send, and that a page can
/// only send with a preflight. A browser adds `Authorization: Basic` itself, for a URL with a
/// password.
fn has_header_of_api_client(headers: &HeaderMap) -> bool {
    let is_signature = |value: &HeaderValue| value.as_bytes().starts_with(b"AWS");
    headers.get_all(AUTHORIZATION).iter().any(is_signature)
        || headers.keys().any(|name| name.as_str().starts_with("x-amz-"))
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
