//! `imds check` against this server and against faulty ones, and `imds vectors`.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Output;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::{ARTICLE, Server, connect, exchange, imds, run};

#[test]
fn each_generation_passes_all_checks_in_both_token_modes() {
    for (profile, record) in [("nitro", &[][..]), ("xen", &ARTICLE)] {
        for tokens in ["optional", "required"] {
            let server = Server::start(&[record, &["--http-tokens", tokens]].concat());
            let report = json(&check(server.address(), &["--level", "chosen", "--intrusive"]), 0);
            assert_eq!(failed(&report), Vec::<&str>::new(), "{profile} {tokens}");
            assert_eq!([&report["profile"], &report["tokens"]], [profile, tokens]);
            assert_eq!(report["over"], Value::Null);
            assert!(report["passed"].as_u64().unwrap() > 120, "{profile} {tokens}: {}", report["passed"]);
        }
    }
}

/// A 503 for a rate limit counts only for the check `throttle`.
#[test]
fn throttled_requests_are_retried() {
    let server = Server::start(&["--throttle", "100"]);
    let report = json(&check(server.address(), &["--level", "chosen", "--intrusive"]), 0);
    assert_eq!(failed(&report), Vec::<&str>::new());
    assert!(ids_with(&report, "passed").contains(&"throttle"), "{report:#}");
}

#[test]
fn the_table_has_one_line_per_check_and_a_summary() {
    let server = Server::start(&[]);
    let output = check_as(server.address(), "table", &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    let url = format!("http://{}: compared with nitro (by the status line, ", server.address());
    assert!(lines[0].starts_with(&url), "{text}");
    assert!(lines.contains(&"passed   documented      category.meta-data/iam/info"), "{text}");
    let sum = lines.last().unwrap();
    assert!(sum.contains(" passed, 0 failed, 0 differ below the level 'documented', "), "{sum}");
}

#[test]
fn junit_has_one_case_per_check() {
    let server = Server::start(&[]);
    let output = check_as(server.address(), "junit", &[]);
    assert_eq!(output.status.code(), Some(0));
    let cases = cases(&String::from_utf8(output.stdout).unwrap());
    let report = json(&check(server.address(), &[]), 0);
    let checks = report["checks"].as_array().unwrap();
    assert_eq!(cases.len(), checks.len());
    for (case, check) in cases.iter().zip(checks) {
        let child = if check["outcome"] == "unseen" { "skipped" } else { "" };
        assert_eq!((case.0.as_str(), case.1.as_str()), (check["id"].as_str().unwrap(), child));
    }
}

#[test]
fn the_profile_of_the_other_generation_fails() {
    let server = Server::start(&[]);
    let report = json(&check(server.address(), &["--profile", "xen"]), 1);
    let ids =
        ["status_line", "document_order", "bare_order", "accept_ranges", "pages", "doctype_indent", "token_version"];
    for id in ids {
        assert!(failed(&report).contains(&id), "{id}: {:?}", failed(&report));
    }
}

#[test]
fn one_wrong_header_is_one_failure() {
    let server = Server::start(&[]);
    let upstream = server.address();
    let address = fake(move |request| exchange(upstream, request).replacen("Server: EC2ws", "Server: nginx", 1));
    let report = json(&check(address, &["--level", "chosen"]), 1);
    assert_eq!(failed(&report), ["answer.server"]);
}

/// What a service sends cannot change the terminal that shows the report.
#[test]
fn reports_have_no_hidden_characters_of_the_service() {
    let server = Server::start(&[]);
    let upstream = server.address();
    let hidden = "\u{1b}[31m\u{202e}\u{85}\u{200b}";
    let address = fake(move |request| {
        let response = exchange(upstream, request);
        // The name of a header, its value, the reason phrase, a listed category, and a value.
        response
            .replacen("Server: EC2ws", &format!("Ser{hidden}ver: {hidden}"), 1)
            .replacen(" OK\r\n", &format!(" O{hidden}K\r\n"), 1)
            .replace("ami-id\n", &format!("ami-id\na{hidden}\n"))
            .replace("t3.micro", &format!("t3{hidden}micro"))
    });
    for format in ["table", "json", "junit"] {
        let output = check_as(address, format, &["--level", "chosen", "--intrusive"]);
        let report = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{report}");
        let is_shown = |character: char| character == '\n' || !imds::write::is_hidden(character);
        assert!(report.chars().all(is_shown), "{report:?}");
    }
}

#[test]
fn chosen_behaviour_counts_only_at_level_chosen() {
    let server = Server::start(&[]);
    let upstream = server.address();
    let address = fake(move |request| {
        exchange(upstream, &request.replacen("GET /latest/user-data/../", "GET /latest/user-data/.-/", 1))
    });
    let report = json(&check(address, &[]), 0);
    assert_eq!((failed(&report), ids_with(&report, "differs")), (vec![], vec!["path.dot-segments.parent"]));
    assert_eq!(failed(&json(&check(address, &["--level", "chosen"]), 1)), ["path.dot-segments.parent"]);
}

/// The server sends the same response to every request, and keeps connections open.
#[test]
fn another_kind_of_server_fails_quickly() {
    let response = "HTTP/1.1 200 OK\r\nContent-Length: 24\r\nContent-Type: text/html\r\n\r\nwJalrXUtnFEMI/K7MDENG/be";
    let output = check(fake(|_| response.to_owned()), &["--intrusive"]);
    let report = json(&output, 1);
    for id in ["serve.token", "ttl.missing", "token.forged", "tree.unknown", "answer.connection", "listing.slashes"] {
        assert!(failed(&report).contains(&id), "{id}: {:?}", failed(&report));
    }
    assert!(report["seconds"].as_f64().unwrap() < 20.0, "{}", report["seconds"]);
    assert!(!String::from_utf8(output.stdout).unwrap().contains("wJalr"), "the report contains a value");
}

#[test]
fn an_unreachable_service_is_reported_in_one_line() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let disabled = Server::start(&["--http-endpoint", "disabled"]);
    let disabled = format!("http://{}", disabled.address());
    let silent = fake(|_| String::new());
    let silent = format!("http://{silent}");
    let expected = "expected http://, a host and an optional port, without a path, for example http://127.0.0.1:1338";
    let cases = [
        (closed.as_str(), format!("cannot check {closed}: Connection refused")),
        (&disabled, format!("cannot check {disabled}: the endpoint is disabled: 403 Forbidden, 0 bytes")),
        (&silent, format!("cannot check {silent}: the connection was closed without a response")),
        ("https://169.254.169.254", format!("invalid value 'https://169.254.169.254' for '<URL>': {expected}")),
        ("http://127.0.0.1/latest", format!("invalid value 'http://127.0.0.1/latest' for '<URL>': {expected}")),
        ("127.0.0.1:1338", format!("invalid value '127.0.0.1:1338' for '<URL>': {expected}")),
    ];
    for (url, line) in cases {
        let output = run(imds(&["check", url]));
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("imds: {line}\n"));
        assert_eq!(output.stdout, b"");
    }
}

#[test]
fn no_report_contains_a_token_or_a_value() {
    let record = r#"{"instance_type": "t3.micro", "instance_id": "i-0123456789abcdef0", "user_data": "xyzzy",
        "role": {"name": "node"}, "tags": {"Name": "plugh"}, "metadata_options": {"instance_metadata_tags": "enabled"}}"#;
    let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("checked.json");
    std::fs::write(&file, record).unwrap();
    let server = Server::start(&["--instance", file.to_str().unwrap()]);
    for profile in ["nitro", "xen"] {
        for format in ["table", "json", "junit"] {
            let output = check_as(server.address(), format, &["--profile", profile]);
            let text = String::from_utf8(output.stdout).unwrap();
            for secret in ["AQAEA", "ASIA", "i-0123456789abcdef0", "xyzzy", "plugh"] {
                assert!(!text.contains(secret), "{secret}");
            }
        }
    }
}

#[test]
fn the_scoreboard_has_one_row_per_check() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/scoreboard.md")).unwrap();
    let (table, _) = page.split_once("\n## ").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect::<Vec<_>>();
    let server = Server::start(&[]);
    let report = json(&check(server.address(), &[]), 0);
    let checks: Vec<&str> =
        report["checks"].as_array().unwrap().iter().map(|check| check["id"].as_str().unwrap()).collect();
    assert_eq!(rows, checks, "run `cargo xtask scoreboard` to write docs/scoreboard.md");
}

#[test]
fn vectors_contain_every_check_with_its_source_and_every_transcript() {
    let output = run(imds(&["vectors"]));
    assert!(output.status.success());
    let vectors: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = vectors["checks"].as_array().unwrap();
    let token_check = checks.iter().find(|check| check["id"] == "serve.token").unwrap();
    assert_eq!(
        token_check["requests"][0]["bytes"],
        "PUT /latest/api/token HTTP/1.1\r\nHost: {host}\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60\r\n\r\n"
    );
    assert_eq!(token_check["expects"][0], serde_json::json!({ "is": "status", "of": ["200"] }));
    for check in checks {
        for profile in ["nitro", "xen"] {
            assert!(check["known"][profile]["reference"].is_string(), "{}", check["id"]);
        }
    }
    let transcripts: Vec<&str> = vectors["transcripts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|transcript| transcript["name"].as_str().unwrap())
        .collect();
    for folder in ["golden", "transcripts", "transcripts/clients", "transcripts/ec2", "transcripts/recorded"] {
        let path = format!("{}/../tests/{folder}", env!("CARGO_MANIFEST_DIR"));
        for file in std::fs::read_dir(path).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            let is_included = !name.ends_with(".txt") || transcripts.contains(&format!("{folder}/{name}").as_str());
            assert!(is_included, "{folder}/{name}");
        }
    }
    assert!(vectors["profiles"]["xen"]["pages"]["401"].as_str().unwrap().len() == 343);
}

fn check(address: SocketAddr, arguments: &[&str]) -> Output {
    check_as(address, "json", arguments)
}

fn check_as(address: SocketAddr, format: &str, arguments: &[&str]) -> Output {
    let url = format!("http://{address}");
    run(imds(&[&["check", &url, "--format", format], arguments].concat()))
}

/// Checks the exit status and parses the report.
fn json(output: &Output, status: i32) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{text}{errors}");
    serde_json::from_str(&text).unwrap()
}

fn failed(report: &Value) -> Vec<&str> {
    ids_with(report, "failed")
}

fn ids_with<'a>(report: &'a Value, outcome: &str) -> Vec<&'a str> {
    let checks = report["checks"].as_array().unwrap().iter().filter(|check| check["outcome"] == outcome);
    checks.map(|check| check["id"].as_str().unwrap()).collect()
}

/// Returns the name and the child element of each JUnit case.
fn cases(xml: &str) -> Vec<(String, String)> {
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut cases: Vec<(String, String)> = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => match tag.name().as_ref() {
                "testcase" => {
                    let name = tag.try_get_attribute("name").unwrap().unwrap();
                    cases.push((name.value.into_owned(), String::new()));
                }
                "testsuite" => {}
                child => cases.last_mut().unwrap().1 = child.to_owned(),
            },
            quick_xml::events::Event::Eof => return cases,
            _ => {}
        }
    }
}

/// Starts a server that answers each request with `response`, and closes the connection if the
/// response announces it. Its threads end with the test.
fn fake(response: impl Fn(&str) -> String + Send + Sync + Clone + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), response) = (stream, response.clone()) else { return };
            thread::spawn(move || {
                let request = request(&mut stream);
                let response = response(&request);
                let _ = stream.write_all(response.as_bytes());
                if !response.is_empty() && !response.contains("Connection: close") {
                    // Waits until the client closes the connection.
                    let _ = stream.read(&mut [0]);
                }
            });
        }
    });
    drop(connect(address));
    address
}

fn request(stream: &mut TcpStream) -> String {
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    while !bytes.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(length) => bytes.extend_from_slice(&buffer[..length]),
        }
    }
    String::from_utf8(bytes).unwrap()
}
