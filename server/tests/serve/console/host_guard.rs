//! Requests that the console rejects by Host, Origin and Sec-Fetch-Site.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;

use super::{FORM, code, get, post, request, send};
use crate::support::{Server, body, connect, exchange, header, status};

/// Sends a GET request with these headers only, and returns its status.
fn status_with(server: &Server, target: &str, headers: &[String]) -> String {
    let headers = headers.join("\r\n");
    let response = send(server, &format!("GET {target} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n\r\n"));
    if !status(&response).ends_with("200 OK") {
        assert_eq!(body(&response).lines().count(), 1, "{response}");
    }
    status(&response).trim_start_matches("HTTP/1.1 ").to_owned()
}

#[test]
fn only_permitted_hosts_are_answered() {
    let server = Server::with_console(&["--console-host", "imds,console:8080", "--console-host", "plain:80"]);
    let port = server.console().port();
    let permitted = [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("LOCALHOST:{port}"),
        format!("imds:{port}"),
        "console:8080".to_owned(),
        "plain".to_owned(),
        "plain:80".to_owned(),
        "127.0.0.1".to_owned(),
        "localhost".to_owned(),
        "imds".to_owned(),
    ];
    for host in permitted {
        assert_eq!(status_with(&server, "/healthz", &[format!("Host: {host}")]), "200 OK", "{host}");
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
        "127.0.0.2".to_owned(),
        "[::1]".to_owned(),
        "localhost.".to_owned(),
        "localhost:80".to_owned(),
        "127.0.0.1:".to_owned(),
        "console".to_owned(),
        format!("console:{port}"),
        String::new(),
    ];
    for host in foreign {
        for path in ["/healthz", "/", "/metrics", "/events", "/nothing"] {
            let status = status_with(&server, path, &[format!("Host: {host}")]);
            assert_eq!(status, "421 Misdirected Request", "{host} {path}");
        }
    }
}

#[test]
fn a_request_must_have_one_host() {
    let server = Server::with_console(&[]);
    let own = format!("Host: {}", server.console());
    assert_eq!(status_with(&server, "/", &["X: y".to_owned()]), "400 Bad Request");
    assert_eq!(status_with(&server, "/", &[own.clone(), "Host: rebound.example".to_owned()]), "400 Bad Request");
    assert_eq!(status_with(&server, "/", &[own.clone(), own.clone()]), "400 Bad Request");
    assert!(status(&send(&server, "GET / HTTP/1.0\r\n\r\n")).ends_with(" 400 Bad Request"));
    assert_eq!(status_with(&server, "http://rebound.example/", &[own]), "421 Misdirected Request");
}

#[test]
fn an_unspecified_address_also_permits_the_local_address() {
    let server = Server::with_console_at("0.0.0.0:0", &[]);
    let port = server.console().port();
    let get_as = |host: &str| {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        exchange(address, &format!("GET / HTTP/1.1\r\nConnection: close\r\nHost: {host}:{port}\r\n\r\n"))
    };
    for host in ["127.0.0.1", "localhost", "0.0.0.0"] {
        assert_eq!(status(&get_as(host)), "HTTP/1.1 200 OK", "{host}");
    }
    let without_port = "GET / HTTP/1.1\r\nConnection: close\r\nHost: 127.0.0.1\r\n\r\n";
    assert_eq!(status(&exchange(SocketAddr::from(([127, 0, 0, 1], port)), without_port)), "HTTP/1.1 200 OK");
    for host in ["127.0.0.2", "192.0.2.1", "rebound.example"] {
        assert_eq!(status(&get_as(host)), "HTTP/1.1 421 Misdirected Request", "{host}");
    }
}

#[test]
fn pages_of_other_sites_are_rejected() {
    let server = Server::with_console(&[]);
    let own = server.console();
    let port = own.port();
    let status_of = |header: String| status_with(&server, "/metrics", &[format!("Host: {own}"), header]);
    for header in [
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
        assert_eq!(status_of(header.clone()), "403 Forbidden", "{header}");
    }
    for header in [
        format!("Origin: http://{own}"),
        format!("Origin: http://localhost:{port}"),
        "Sec-Fetch-Site: same-origin".to_owned(),
        "Sec-Fetch-Site: none".to_owned(),
    ] {
        assert_eq!(status_of(header.clone()), "200 OK", "{header}");
    }
}

#[test]
fn a_foreign_form_is_rejected_before_its_body_is_read() {
    let server = Server::with_console(&[]);
    for header in ["Origin: http://attacker.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n"] {
        let response = post(&server, header, "Action=TerminateInstances&InstanceId.1=i-0abcdef1234567890");
        assert_eq!((status(&response), code(&response)), ("HTTP/1.1 403 Forbidden", "UnauthorizedOperation"));
        // The announced body is never sent.
        let response = request(&server, "POST", "/", &format!("{FORM}{header}Content-Length: 100\r\n"), "");
        assert_eq!(status(&response), "HTTP/1.1 403 Forbidden");
    }
    let rebound = format!("POST / HTTP/1.1\r\nHost: rebound.example\r\n{FORM}Content-Length: 100\r\n\r\n");
    let response = send(&server, &rebound);
    assert_eq!((status(&response), code(&response)), ("HTTP/1.1 421 Misdirected Request", "InvalidRequest"));
}

#[test]
fn a_browser_calls_with_get_only_from_the_same_origin() {
    let server = Server::with_console(&[]);
    let call = |headers: &str| {
        let target = "/?Action=DescribeTags&Version=2016-11-15";
        let response = request(&server, "GET", target, headers, "");
        (status(&response)[9..12].to_owned(), code(&response).to_owned())
    };
    let rejected = ("403".to_owned(), "UnauthorizedOperation".to_owned());
    let firefox = "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n";
    for headers in [
        // An image of another site, where the browser sends Sec-Fetch-Site.
        format!("{firefox}Accept: image/webp\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n"),
        "Sec-Fetch-Site: same-site\r\n".to_owned(),
        // Where it does not: the console has an address of the network, or the browser is old.
        format!("{firefox}Accept: image/webp\r\n"),
        "Accept-Language: en-US\r\n".to_owned(),
        "Referer: http://attacker.example/\r\n".to_owned(),
        format!("{firefox}Origin: http://attacker.example\r\n"),
    ] {
        assert_eq!(call(&headers), rejected, "{headers}");
    }
    let permitted = ("200".to_owned(), String::new());
    for headers in [
        "",
        "User-Agent: Boto/2.49.0 Python/2.7.18 Linux/6.1\r\n",
        "User-Agent: curl/8.14.1\r\nAccept: */*\r\n",
        // Typed by the user, or sent by the console's own page.
        &format!("{firefox}Accept-Language: en\r\nSec-Fetch-Site: none\r\n"),
        &format!("{firefox}Accept-Language: en\r\nSec-Fetch-Site: same-origin\r\n"),
    ] {
        assert_eq!(call(headers), permitted, "{headers}");
    }
}

#[test]
fn a_preflight_gets_no_permission() {
    let server = Server::with_console(&[]);
    let headers = "Origin: http://attacker.example\r\nAccess-Control-Request-Method: POST\r\n";
    let response = request(&server, "OPTIONS", "/", headers, "");
    assert_eq!(status(&response), "HTTP/1.1 403 Forbidden");
    assert!(!response.to_ascii_lowercase().contains("access-control-allow"), "{response}");
}

#[test]
fn a_browser_needs_a_header_of_api_clients_to_change_anything() {
    let server = Server::with_console(&[]);
    let own = server.console();
    let tag = "Action=CreateTags&Version=2016-11-15&ResourceId.1=i-0abcdef1234567890&Tag.1.Key=a&Tag.1.Value=";
    let tags = || post(&server, "", "Action=DescribeTags&Version=2016-11-15");
    let without_id = |response: &str| {
        response.lines().filter(|line| !line.contains("requestId") && !line.starts_with("x-amzn")).collect::<String>()
    };
    let chrome = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36\r\n";
    let before = without_id(body(&tags()));
    for headers in [
        // A form, an image or a no-cors fetch of a browser that sends neither Origin nor Sec-Fetch-Site.
        chrome.to_owned(),
        format!("{chrome}Accept: image/webp\r\n"),
        // A link in another program, and this page's own request.
        format!("{chrome}Sec-Fetch-Site: none\r\n"),
        format!("{chrome}Sec-Fetch-Site: same-origin\r\nOrigin: http://{own}\r\n"),
        // A browser sends the user and the password of a URL.
        format!("{chrome}Authorization: Basic YTpi\r\n"),
        format!("{chrome}Accept: x-amz-date\r\n"),
        "User-Agent: Mozilla\r\n".to_owned(),
    ] {
        for response in [
            post(&server, &headers, &format!("{tag}rejected")),
            request(&server, "POST", &format!("/?{tag}rejected"), &format!("{FORM}{headers}Content-Length: 0\r\n"), ""),
            request(&server, "GET", &format!("/?{tag}rejected"), &headers, ""),
        ] {
            let outcome = (status(&response), code(&response));
            assert_eq!(outcome, ("HTTP/1.1 403 Forbidden", "UnauthorizedOperation"), "{headers}");
        }
        assert_eq!(without_id(body(&tags())), before, "{headers}");
    }
    for (index, headers) in [
        format!("{chrome}Authorization: AWS4-HMAC-SHA256 Credential=any\r\n"),
        format!("{chrome}X-Amz-Date: 20260101T000000Z\r\nSec-Fetch-Site: same-origin\r\nOrigin: http://{own}\r\n"),
        // VM::EC2 signs in parameters.
        "User-Agent: Mozilla/5.0 (compatible; U; AnyEvent-HTTP/2.25; +http://software.schmorp.de/pkg/AnyEvent)\r\n"
            .to_owned(),
        // boto 2 signs in parameters, and aws --no-sign-request does not sign.
        "User-Agent: Boto/2.49.0 Python/2.7.18 Linux/6.1\r\n".to_owned(),
        "User-Agent: aws-cli/2.31.0 md/awscrt#0.27.6\r\n".to_owned(),
        "User-Agent: node\r\nAccept-Language: *\r\nSec-Fetch-Mode: cors\r\n".to_owned(),
        String::new(),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(status(&post(&server, headers, &format!("{tag}{index}"))), "HTTP/1.1 200 OK", "{headers}");
        assert!(tags().contains(&format!("<value>{index}</value>")), "{headers}");
    }
    // A browser may read: a typed URL.
    let typed = request(
        &server,
        "GET",
        "/?Action=DescribeTags&Version=2016-11-15",
        &format!("{chrome}Sec-Fetch-Site: none\r\n"),
        "",
    );
    assert_eq!(status(&typed), "HTTP/1.1 200 OK");
}

/// Returns the head of the event stream, which does not end.
fn head_of_events(server: &Server) -> String {
    let mut stream = connect(server.console());
    write!(stream, "GET /events HTTP/1.0\r\nHost: {}\r\n\r\n", server.console()).unwrap();
    let lines = BufReader::new(stream).lines().map(|line| line.unwrap());
    lines.take_while(|line| !line.is_empty()).map(|line| line + "\r\n").collect::<String>() + "\r\n"
}

#[test]
fn no_response_is_sniffed_or_framed() {
    let server = Server::with_console(&[]);
    for response in [
        get(&server, "/"),
        get(&server, "/healthz"),
        get(&server, "/metrics"),
        get(&server, "/nothing"),
        get(&server, "/dist/"),
        request(&server, "GET", "/", "Accept: text/html\r\n", ""),
        request(&server, "GET", "/?Action=DescribeTags&Version=2016-11-15", "", ""),
        request(&server, "PUT", "/", "", ""),
        post(&server, "", "Action=DescribeTags&Version=2016-11-15"),
        post(&server, "", "Action=Nothing"),
        post(&server, "Origin: null\r\n", "Action=DescribeTags"),
        send(&server, "GET / HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n"),
        get(&server, "/sw.js"),
        request(&server, "HEAD", "/", "", ""),
        request(&server, "OPTIONS", "/metrics", "", ""),
        request(&server, "POST", "/", "Content-Type: text/plain\r\nContent-Length: 0\r\n", ""),
        request(&server, "POST", "/", &format!("{FORM}Expect: 100-continue\r\nContent-Length: 9999999\r\n"), ""),
        head_of_events(&server),
    ] {
        assert_eq!(header(&response, "x-content-type-options"), Some("nosniff"), "{response}");
        let policy = header(&response, "content-security-policy").unwrap_or_default();
        assert!(policy.contains("frame-ancestors 'none'"), "{response}");
    }
}
