//! Web pages of others are kept out, and whoever names another host.

use std::net::SocketAddr;

use super::{FORM, ask, code, post, send};
use crate::support::{Server, body, exchange, status};

/// The status of a GET with these fields and no other.
fn asked_with(server: &Server, target: &str, fields: &[String]) -> String {
    let fields = fields.join("\r\n");
    let answer = send(server, &format!("GET {target} HTTP/1.1\r\nConnection: close\r\n{fields}\r\n\r\n"));
    if !status(&answer).ends_with("200 OK") {
        assert_eq!(body(&answer).lines().count(), 1, "{answer}");
    }
    status(&answer).trim_start_matches("HTTP/1.1 ").to_owned()
}

#[test]
fn only_hosts_of_its_own_are_answered() {
    let server = Server::with_console(&["--console-host", "imds,console:8080", "--console-host", "plain:80"]);
    let port = server.console().port();
    let own = [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("LOCALHOST:{port}"),
        format!("imds:{port}"),
        "console:8080".to_owned(),
        "plain".to_owned(),
        "plain:80".to_owned(),
    ];
    for host in own {
        assert_eq!(asked_with(&server, "/healthz", &[format!("Host: {host}")]), "200 OK", "{host}");
    }
    let foreign = [
        format!("rebound.example:{port}"),
        "rebound.example".to_owned(),
        format!("localhost.rebound.example:{port}"),
        format!("imds.rebound.example:{port}"),
        format!("127.0.0.2:{port}"),
        format!("[::1]:{port}"),
        format!("127.0.0.1:{}", port ^ 1),
        format!("2130706433:{port}"),
        format!("127.0.0.1:{port}@rebound.example"),
        format!("rebound.example@127.0.0.1:{port}"),
        "127.0.0.1".to_owned(),
        "localhost".to_owned(),
        "imds".to_owned(),
        format!("console:{port}"),
        String::new(),
    ];
    for host in foreign {
        for path in ["/healthz", "/", "/metrics", "/events", "/nothing"] {
            let told = asked_with(&server, path, &[format!("Host: {host}")]);
            assert_eq!(told, "421 Misdirected Request", "{host} {path}");
        }
    }
}

#[test]
fn a_request_has_one_host() {
    let server = Server::with_console(&[]);
    let own = format!("Host: {}", server.console());
    assert_eq!(asked_with(&server, "/", &["X: y".to_owned()]), "400 Bad Request");
    assert_eq!(asked_with(&server, "/", &[own.clone(), "Host: rebound.example".to_owned()]), "400 Bad Request");
    assert_eq!(asked_with(&server, "/", &[own.clone(), own.clone()]), "400 Bad Request");
    assert!(status(&send(&server, "GET / HTTP/1.0\r\n\r\n")).ends_with(" 400 Bad Request"));
    assert_eq!(asked_with(&server, "http://rebound.example/", &[own]), "421 Misdirected Request");
}

#[test]
fn listening_everywhere_its_own_is_also_the_address_that_the_connection_came_to() {
    let server = Server::with_console_at("0.0.0.0:0", &[]);
    let port = server.console().port();
    let asked = |host: &str| {
        let to = SocketAddr::from(([127, 0, 0, 1], port));
        exchange(to, &format!("GET / HTTP/1.1\r\nConnection: close\r\nHost: {host}:{port}\r\n\r\n"))
    };
    for host in ["127.0.0.1", "localhost", "0.0.0.0"] {
        assert_eq!(status(&asked(host)), "HTTP/1.1 200 OK", "{host}");
    }
    for host in ["127.0.0.2", "192.0.2.1", "rebound.example"] {
        assert_eq!(status(&asked(host)), "HTTP/1.1 421 Misdirected Request", "{host}");
    }
}

#[test]
fn pages_of_others_are_refused() {
    let server = Server::with_console(&[]);
    let own = server.console();
    let port = own.port();
    let asked = |field: String| asked_with(&server, "/metrics", &[format!("Host: {own}"), field]);
    for field in [
        "Origin: http://attacker.example".to_owned(),
        format!("Origin: http://attacker.example:{port}"),
        format!("Origin: http://127.0.0.1:{}", port ^ 1),
        "Origin: http://localhost".to_owned(),
        format!("Origin: http://localhost:{port}/"),
        format!("Origin: ftp://localhost:{port}"),
        format!("Origin: http://localhost:{port} http://attacker.example"),
        "Origin: null".to_owned(),
        "Origin:".to_owned(),
        format!("Origin: http://{own}\r\nOrigin: http://attacker.example"),
        "Sec-Fetch-Site: cross-site".to_owned(),
        "Sec-Fetch-Site: same-site".to_owned(),
        "Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site".to_owned(),
    ] {
        assert_eq!(asked(field.clone()), "403 Forbidden", "{field}");
    }
    for field in [
        format!("Origin: http://{own}"),
        format!("Origin: http://localhost:{port}"),
        "Sec-Fetch-Site: same-origin".to_owned(),
        "Sec-Fetch-Site: none".to_owned(),
    ] {
        assert_eq!(asked(field.clone()), "200 OK", "{field}");
    }
}

#[test]
fn a_form_of_another_sites_page_is_refused_before_its_body_is_read() {
    let server = Server::with_console(&[]);
    for field in ["Origin: http://attacker.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n"] {
        let answer = post(&server, field, "Action=TerminateInstances&InstanceId.1=i-0abcdef1234567890");
        assert_eq!((status(&answer), code(&answer)), ("HTTP/1.1 403 Forbidden", "UnauthorizedOperation"));
        // The body that is announced here never comes.
        let answer = ask(&server, "POST", "/", &format!("{FORM}{field}Content-Length: 100\r\n"), "");
        assert_eq!(status(&answer), "HTTP/1.1 403 Forbidden");
    }
    let rebound = format!("POST / HTTP/1.1\r\nHost: rebound.example\r\n{FORM}Content-Length: 100\r\n\r\n");
    let answer = send(&server, &rebound);
    assert_eq!((status(&answer), code(&answer)), ("HTTP/1.1 421 Misdirected Request", "InvalidRequest"));
}

#[test]
fn a_preflight_is_given_no_leave() {
    let server = Server::with_console(&[]);
    let fields = "Origin: http://attacker.example\r\nAccess-Control-Request-Method: POST\r\n";
    let answer = ask(&server, "OPTIONS", "/", fields, "");
    assert_eq!(status(&answer), "HTTP/1.1 403 Forbidden");
    assert!(!answer.to_ascii_lowercase().contains("access-control-allow"), "{answer}");
}
