//! The playground: `www/` and what it needs of the package, out of the binary.
//!
//! The page decides nothing: it runs the same core in the browser. Here it also follows this server by `/events`.

use axum::extract::Path;
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, SERVER, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
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

/// Whether it is a browser that asks: it wants HTML, or it is one that says so by Sec-Fetch-Mode, as for its offline copy.
pub fn is_for_browser(headers: &HeaderMap) -> bool {
    let wants = |accept: &HeaderValue| accept.to_str().is_ok_and(|accept| accept.contains("text/html"));
    headers.get_all(ACCEPT).iter().any(wants) || headers.contains_key(SEC_FETCH_MODE)
}

/// The page itself.
pub fn index(headers: &HeaderMap) -> Response {
    ([(VARY, VARIES), (SERVER, NAME)], file("index.html", headers)).into_response()
}

/// A file of the page.
pub async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    file(&path, &headers)
}

fn file(path: &str, headers: &HeaderMap) -> Response {
    let found = Page::get(path).or_else(|| Package::get(path)).or_else(|| Examples::get(path));
    let Some(EmbeddedFile { data, metadata }) = found else {
        return (StatusCode::NOT_FOUND, format!("there is no {:?} here\n", format!("/{path}"))).into_response();
    };
    let digest = metadata.sha256_hash();
    // Weak, since compression makes other bytes of the same file.
    let tag = format!("W/\"{}\"", digest[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    let kind = metadata.mimetype();
    // What is text is UTF-8.
    let kind = if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind.to_owned() };
    let fields = [
        (CONTENT_TYPE, kind.as_str()),
        (ETAG, &tag),
        // A new binary has a new page at the same address.
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    let is_known = |known: &HeaderValue| known.to_str().is_ok_and(|known| known.contains(&tag));
    if headers.get_all(IF_NONE_MATCH).iter().any(is_known) {
        return (StatusCode::NOT_MODIFIED, fields.map(|(name, value)| (name, value.to_owned()))).into_response();
    }
    (fields.map(|(name, value)| (name, value.to_owned())), data.into_owned()).into_response()
}

/// The page runs its own files and WebAssembly, and reaches nothing but where it came from.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";
/// What decides whether `GET /` is the page.
pub const VARIES: &str = "accept, sec-fetch-mode";
/// By this the page knows that there is a server to follow.
const NAME: &str = "imds";
const SEC_FETCH_MODE: &str = "sec-fetch-mode";
