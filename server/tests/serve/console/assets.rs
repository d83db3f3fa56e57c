//! The files of the playground.

use super::{get, request};
use crate::support::{Server, body, header, status};

const HTML: &str = "Accept: text/html,application/xhtml+xml\r\n";

#[test]
fn browsers_get_the_page_and_curl_gets_text() {
    let server = Server::with_console(&[]);
    for headers in [HTML, "Accept: */*\r\nSec-Fetch-Mode: cors\r\n"] {
        let page = request(&server, "GET", "/", headers, "");
        assert_eq!(header(&page, "content-type"), Some("text/html; charset=utf-8"), "{page}");
        assert_eq!(header(&page, "server"), Some("imds"), "the page detects the server by this header");
        assert_eq!(body(&page), PAGE);
    }
    for headers in ["", "Accept: */*\r\n"] {
        let text = request(&server, "GET", "/", headers, "");
        assert_eq!(header(&text, "content-type"), Some("text/plain; charset=utf-8"), "{text}");
        assert_eq!(header(&text, "vary"), Some("accept, sec-fetch-mode"));
    }
}

/// The page's service worker lists all of its files.
#[test]
fn every_file_of_the_page_is_served_with_its_type_and_policy() {
    let service_worker = include_str!("../../../../www/dist/sw.js");
    let (_, list) = service_worker.split_once("const FILES = [").unwrap();
    let (list, _) = list.split_once("];").unwrap();
    let files: Vec<&str> = list.split('"').skip(1).step_by(2).filter(|file| *file != "./").collect();
    assert!(files.len() > 20, "{files:?}");
    let (_, page_policy) = PAGE.split_once("\"Content-Security-Policy\" content=\"").unwrap();
    let (page_policy, _) = page_policy.split_once('"').unwrap();
    assert!(page_policy.contains("connect-src 'self'"), "{page_policy}");
    let server = Server::with_console(&[]);
    for file in files.into_iter().chain(["sw.js"]) {
        let path = format!("/{}", file.replace("../", ""));
        let response = request(&server, "HEAD", &path, "", "");
        assert_eq!(status(&response), "HTTP/1.1 200 OK", "{path}");
        let kind = match path.split('?').next().and_then(|path| path.rsplit('.').next()) {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("wasm") => "application/wasm",
            Some("json") => "application/json",
            Some("webmanifest") => "application/manifest+json",
            other => panic!("{path}: {other:?}"),
        };
        assert_eq!(header(&response, "content-type"), Some(kind), "{path}");
        let policy = header(&response, "content-security-policy").unwrap_or_default();
        assert_eq!(
            policy.strip_suffix("; frame-ancestors 'none'"),
            Some(page_policy),
            "{path}: the policy differs from the page's own"
        );
        assert_eq!(header(&response, "x-content-type-options"), Some("nosniff"), "{path}");
    }
}

#[test]
fn no_other_file_of_the_repository_is_served() {
    let server = Server::with_console(&[]);
    for path in [
        "/test/shell.test.mjs",
        "/files.mjs",
        "/js/app.js",
        "/pkg/package.json",
        "/Cargo.toml",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/a%0Ab",
    ] {
        let response = get(&server, path);
        assert_eq!(status(&response), "HTTP/1.1 404 Not Found", "{path}");
        assert_eq!(body(&response).lines().count(), 1, "{response}");
    }
}

#[test]
fn files_are_compressed_and_cached() {
    let server = Server::with_console(&[]);
    for coding in ["br", "gzip"] {
        let response = request(&server, "HEAD", "/sw.js", &format!("Accept-Encoding: {coding}\r\n"), "");
        assert_eq!(header(&response, "content-encoding"), Some(coding), "{response}");
    }
    let first = get(&server, "/sw.js");
    let tag = header(&first, "etag").unwrap();
    let again = request(&server, "GET", "/sw.js", &format!("If-None-Match: {tag}\r\n"), "");
    assert_eq!((status(&again), body(&again)), ("HTTP/1.1 304 Not Modified", ""));
    let other = request(&server, "GET", "/sw.js", "If-None-Match: W/\"0\"\r\n", "");
    assert_eq!(body(&other), include_str!("../../../../www/dist/sw.js"));
}

#[test]
fn only_addresses_that_name_their_content_are_never_revalidated() {
    let server = Server::with_console(&[]);
    let cache_control = |path: &str| {
        let response = request(&server, "HEAD", path, HTML, "");
        assert_eq!(status(&response), "HTTP/1.1 200 OK", "{path}");
        header(&response, "cache-control").unwrap().to_owned()
    };
    let attribute = |name: &str| {
        let prefix = format!("{name}=\"");
        PAGE.split(&prefix).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect::<Vec<_>>()
    };
    let hashed = |file: &String| file.ends_with(".js") || file.ends_with(".css");
    let files: Vec<String> = ["href", "src"].into_iter().flat_map(attribute).filter(hashed).collect();
    assert!(files.len() > 2, "{files:?}");
    for file in files {
        assert_eq!(cache_control(&format!("/{file}")), "max-age=31536000, immutable", "{file}");
    }
    let (_, module) = PAGE.split_once("../../pkg").unwrap();
    let module = format!("/pkg{}", module.split('"').next().unwrap());
    assert!(module.contains(".wasm?v="), "{module}");
    assert_eq!(cache_control(&module), "max-age=31536000, immutable", "{module}");
    let unhashed = module.split('?').next().unwrap();
    for path in ["/", "/sw.js", "/icon.svg", unhashed, &format!("{unhashed}?v=00000000"), &format!("{unhashed}?v=")] {
        assert_eq!(cache_control(path), "no-cache", "{path}");
    }
}

const PAGE: &str = include_str!("../../../../www/dist/index.html");
