//! The playground: the files of `www/` and the npm package that it uses, embedded in the binary.
//!
//! The page runs the core in the browser. Served from here, it can also follow this server's
//! `/events`.

use axum::extract::Path;
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, SERVER, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use imds::write::hex;
use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "../www"]
#[include = "index.html"]
#[include = "icon.svg"]
#[include = "manifest.webmanifest"]
#[include = "sw.js"]
#[include = "css/*"]
#[include = "js/*"]
#[include = "strings/*"]
#[include = "vendor/*"]
struct Page;

#[derive(Embed)]
#[folder = "../pkg"]
#[prefix = "pkg/"]
#[include = "js/*"]
#[include = "dist/glue.js"]
#[include = "dist/imds.wasm"]
struct Package;

#[derive(Embed)]
#[folder = "../examples"]
#[prefix = "examples/"]
#[include = "article-fleet.json"]
struct Examples;

/// Returns whether the client is a browser: it accepts HTML, or it sends Sec-Fetch-Mode, as for the
/// page's offline copy.
pub fn is_from_browser(headers: &HeaderMap) -> bool {
    let accepts_html = |accept: &HeaderValue| accept.to_str().is_ok_and(|accept| accept.contains("text/html"));
    headers.get_all(ACCEPT).iter().any(accepts_html) || headers.contains_key(SEC_FETCH_MODE)
}

/// Returns the page.
pub fn index(headers: &HeaderMap) -> Response {
    ([(VARY, VARY_BY), (SERVER, SERVER_NAME)], file("index.html", headers)).into_response()
}

/// Returns a file of the page.
pub async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    file(&path, &headers)
}

fn file(path: &str, headers: &HeaderMap) -> Response {
    let found = Page::get(path).or_else(|| Package::get(path)).or_else(|| Examples::get(path));
    let Some(EmbeddedFile { data, metadata }) = found else {
        return (StatusCode::NOT_FOUND, format!("not found: {:?}\n", format!("/{path}"))).into_response();
    };
    let digest = metadata.sha256_hash();
    // Weak, because compression changes the bytes.
    let tag = format!("W/\"{}\"", hex(&digest[..16]));
    let kind = metadata.mimetype();
    // All text files are UTF-8.
    let kind = if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind.to_owned() };
    let response_headers = [
        (CONTENT_TYPE, kind.as_str()),
        (ETAG, &tag),
        // A new version of the server serves other files at the same paths.
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    let matches = |tags: &HeaderValue| tags.to_str().is_ok_and(|tags| tags.contains(&tag));
    if headers.get_all(IF_NONE_MATCH).iter().any(matches) {
        return (StatusCode::NOT_MODIFIED, response_headers.map(|(name, value)| (name, value.to_owned())))
            .into_response();
    }
    (response_headers.map(|(name, value)| (name, value.to_owned())), data.into_owned()).into_response()
}

/// Permits only files and WebAssembly from this origin, and connections to it.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";
/// The request headers on which the response to `GET /` depends.
pub const VARY_BY: &str = "accept, sec-fetch-mode";
/// The value of Server, by which the page detects that it can follow a server.
const SERVER_NAME: &str = "imds";
const SEC_FETCH_MODE: &str = "sec-fetch-mode";
