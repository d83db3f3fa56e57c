//! The playground: the page and the modules that it loads, embedded in the binary.
//!
//! The page runs the core in the browser. Served from here, it can also follow this server's
//! `/events`.

use std::sync::LazyLock;

use axum::extract::{Path, RawQuery};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, SERVER, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use imds::write::{Quoted, hex};
use rust_embed::{Embed, EmbeddedFile};

/// What `www/build.mjs` makes of the page.
#[derive(Embed)]
#[folder = "../www/dist"]
struct Page;

/// The modules that the page loads.
#[derive(Embed)]
#[folder = "../pkg"]
#[prefix = "pkg/"]
#[include = "dist/imds.wasm"]
#[include = "dist/imds-core.wasm"]
struct Modules;

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
    ([(VARY, VARY_BY), (SERVER, SERVER_NAME)], file("index.html", None, headers)).into_response()
}

/// Returns a file of the page.
pub async fn asset(Path(path): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    file(&path, query.as_deref(), &headers)
}

fn file(path: &str, query: Option<&str>, headers: &HeaderMap) -> Response {
    let found = Page::get(path).or_else(|| Modules::get(path)).or_else(|| Examples::get(path));
    let Some(EmbeddedFile { data, metadata }) = found else {
        return (StatusCode::NOT_FOUND, format!("not found: {}\n", Quoted(&format!("/{path}")))).into_response();
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
        (
            CACHE_CONTROL,
            if names_content(path, query, &hex(&digest)) { "max-age=31536000, immutable" } else { "no-cache" },
        ),
        (CONTENT_SECURITY_POLICY, &POLICY),
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

/// Returns whether an address belongs to this content alone. Other addresses have other content in
/// a new version of the server.
fn names_content(path: &str, query: Option<&str>, digest: &str) -> bool {
    // The page's scripts and styles have a hash in their names, the modules in the query.
    let is_hashed_file = Page::get(path).is_some() && !UNHASHED.contains(&path);
    is_hashed_file
        || query
            .and_then(|query| query.strip_prefix("v="))
            .is_some_and(|hash| hash.len() == 8 && digest.starts_with(hash))
}

const UNHASHED: &[&str] = &["index.html", "sw.js", "icon.svg", "manifest.webmanifest"];
/// The policy of the page itself, which permits only files and WebAssembly from this origin, and
/// connections to it; and no frames.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let page = Page::get("index.html").map(|page| page.data).unwrap_or_default();
    let page = str::from_utf8(&page).unwrap_or_default();
    let policy = page.split_once("\"Content-Security-Policy\" content=\"").and_then(|(_, rest)| rest.split_once('"'));
    let policy = policy.map_or("default-src 'none'", |(policy, _)| policy);
    format!("{policy}; frame-ancestors 'none'")
});
/// The request headers on which the response to `GET /` depends.
pub const VARY_BY: &str = "accept, sec-fetch-mode";
/// The value of Server, by which the page detects that it can follow a server.
const SERVER_NAME: &str = "imds";
const SEC_FETCH_MODE: &str = "sec-fetch-mode";
