//! The playground, as a browser gets it.

use super::{ask, get};
use crate::support::{Server, body, field, status};

const HTML: &str = "Accept: text/html,application/xhtml+xml\r\n";

#[test]
fn a_browser_gets_the_page_and_curl_a_text() {
    let server = Server::with_console(&[]);
    for fields in [HTML, "Accept: */*\r\nSec-Fetch-Mode: cors\r\n"] {
        let page = ask(&server, "GET", "/", fields, "");
        assert_eq!(field(&page, "content-type"), Some("text/html; charset=utf-8"), "{page}");
        assert_eq!(field(&page, "server"), Some("imds"), "as its Live tab wants to know");
        assert_eq!(body(&page), include_str!("../../../../www/index.html"));
    }
    for fields in ["", "Accept: */*\r\n"] {
        let text = ask(&server, "GET", "/", fields, "");
        assert_eq!(field(&text, "content-type"), Some("text/plain; charset=utf-8"), "{text}");
        assert_eq!(field(&text, "vary"), Some("accept, sec-fetch-mode"));
    }
}

/// The list of what the page keeps for when there is no network is the list of what it is made of.
#[test]
fn every_file_of_the_page_is_there_with_its_type_and_policy() {
    let worker = include_str!("../../../../www/sw.js");
    let (_, list) = worker.split_once("const FILES = [").unwrap();
    let (list, _) = list.split_once("];").unwrap();
    let files: Vec<&str> = list.split('\'').skip(1).step_by(2).filter(|file| *file != "./").collect();
    assert!(files.len() > 20, "{files:?}");
    let page = include_str!("../../../../www/index.html");
    let (_, own) = page.split_once("\"Content-Security-Policy\" content=\"").unwrap();
    let (own, _) = own.split_once('"').unwrap();
    assert!(own.contains("connect-src 'self'"), "{own}");
    let server = Server::with_console(&[]);
    for file in files.into_iter().chain(["sw.js"]) {
        let path = format!("/{}", file.trim_start_matches("../"));
        let answer = ask(&server, "HEAD", &path, "", "");
        assert_eq!(status(&answer), "HTTP/1.1 200 OK", "{path}");
        let kind = match path.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("wasm") => "application/wasm",
            Some("json") => "application/json",
            Some("webmanifest") => "application/manifest+json",
            other => panic!("{path}: {other:?}"),
        };
        assert_eq!(field(&answer, "content-type"), Some(kind), "{path}");
        let policy = field(&answer, "content-security-policy").unwrap_or_default();
        assert_eq!(
            policy.strip_suffix("; frame-ancestors 'none'"),
            Some(own),
            "{path}: the page says the same of itself"
        );
        assert_eq!(field(&answer, "x-content-type-options"), Some("nosniff"), "{path}");
    }
}

#[test]
fn nothing_else_of_the_checkout_is_there() {
    let server = Server::with_console(&[]);
    for path in [
        "/test/shell.test.mjs",
        "/files.mjs",
        "/pkg/package.json",
        "/Cargo.toml",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/a%0Ab",
    ] {
        let answer = get(&server, path);
        assert_eq!(status(&answer), "HTTP/1.1 404 Not Found", "{path}");
        assert_eq!(body(&answer).lines().count(), 1, "{answer}");
    }
}

#[test]
fn it_travels_compressed_and_once() {
    let server = Server::with_console(&[]);
    for coding in ["br", "gzip"] {
        let answer = ask(&server, "HEAD", "/js/app.js", &format!("Accept-Encoding: {coding}\r\n"), "");
        assert_eq!(field(&answer, "content-encoding"), Some(coding), "{answer}");
    }
    let first = get(&server, "/js/app.js");
    let tag = field(&first, "etag").unwrap();
    let again = ask(&server, "GET", "/js/app.js", &format!("If-None-Match: {tag}\r\n"), "");
    assert_eq!((status(&again), body(&again)), ("HTTP/1.1 304 Not Modified", ""));
    let other = ask(&server, "GET", "/js/app.js", "If-None-Match: W/\"0\"\r\n", "");
    assert_eq!(body(&other), include_str!("../../../../www/js/app.js"));
}
