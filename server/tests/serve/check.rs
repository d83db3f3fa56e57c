//! `imds check` and `imds vectors`: the binary holds itself, and what is wrong, against all that is known.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Output;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::{ARTICLE, Server, connect, exchange, imds, run};

#[test]
fn each_generation_is_green_in_both_modes_odd_bytes_included() {
    for (profile, record) in [("nitro", &[][..]), ("xen", &ARTICLE)] {
        for tokens in ["optional", "required"] {
            let server = Server::start(&[record, &["--http-tokens", tokens]].concat());
            let told = json(&check(server.address(), &["--level", "chosen", "--intrusive"]), 0);
            assert_eq!(failed(&told), Vec::<&str>::new(), "{profile} {tokens}");
            assert_eq!([&told["profile"], &told["tokens"]], [profile, tokens]);
            assert_eq!(told["over"], Value::Null);
            assert!(told["passed"].as_u64().unwrap() > 120, "{profile} {tokens}: {}", told["passed"]);
        }
    }
}

/// Its 503s are no answers to anything but that.
#[test]
fn a_service_that_throttles_is_asked_again() {
    let server = Server::start(&["--throttle", "100"]);
    let told = json(&check(server.address(), &["--level", "chosen", "--intrusive"]), 0);
    assert_eq!(failed(&told), Vec::<&str>::new());
    assert!(of(&told, "passed").contains(&"throttle"), "{told:#}");
}

#[test]
fn a_table_has_a_line_for_each_check_and_sums_up() {
    let server = Server::start(&[]);
    let output = check_as(server.address(), "table", &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    let url = format!("http://{}: compared with nitro (by the status line, ", server.address());
    assert!(lines[0].starts_with(&url), "{text}");
    assert!(lines.contains(&"passed   documented      category.meta-data/instance-id"), "{text}");
    let sum = lines.last().unwrap();
    assert!(sum.contains(" passed, 0 failed, 0 differ below the level 'documented', "), "{sum}");
}

#[test]
fn junit_has_a_case_for_each_check() {
    let server = Server::start(&[]);
    let output = check_as(server.address(), "junit", &[]);
    assert_eq!(output.status.code(), Some(0));
    let cases = cases(&String::from_utf8(output.stdout).unwrap());
    let told = json(&check(server.address(), &[]), 0);
    let checks = told["checks"].as_array().unwrap();
    assert_eq!(cases.len(), checks.len());
    for (case, check) in cases.iter().zip(checks) {
        let child = if check["outcome"] == "unseen" { "skipped" } else { "" };
        assert_eq!((case.0.as_str(), case.1.as_str()), (check["id"].as_str().unwrap(), child));
    }
}

#[test]
fn another_generation_is_red() {
    let server = Server::start(&[]);
    let told = json(&check(server.address(), &["--profile", "xen"]), 1);
    let ids =
        ["status_line", "document_order", "bare_order", "accept_ranges", "pages", "doctype_indent", "token_version"];
    for id in ids {
        assert!(failed(&told).contains(&id), "{id}: {:?}", failed(&told));
    }
}

#[test]
fn one_wrong_field_is_one_failure() {
    let server = Server::start(&[]);
    let behind = server.address();
    let wrong = wrong(move |request| exchange(behind, request).replacen("Server: EC2ws", "Server: nginx", 1));
    let told = json(&check(wrong, &["--level", "chosen"]), 1);
    assert_eq!(failed(&told), ["answer.server"]);
}

#[test]
fn what_this_project_chose_counts_at_its_level_only() {
    let server = Server::start(&[]);
    let behind = server.address();
    let wrong = wrong(move |request| exchange(behind, &request.replacen("/../meta-data/", "/", 1)));
    let told = json(&check(wrong, &[]), 0);
    assert_eq!((failed(&told), of(&told, "differs")), (vec![], vec!["path.dots"]));
    assert_eq!(failed(&json(&check(wrong, &["--level", "chosen"]), 1)), ["path.dots"]);
}

/// It answers all things alike, and keeps its connections.
#[test]
fn a_server_of_something_else_is_red_and_soon_done_with() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 24\r\nContent-Type: text/html\r\n\r\nwJalrXUtnFEMI/K7MDENG/be";
    let output = check(wrong(|_| answer.to_owned()), &["--intrusive"]);
    let told = json(&output, 1);
    for id in ["serve.token", "ttl.missing", "token.forged", "tree.unknown", "answer.connection", "listing.slashes"] {
        assert!(failed(&told).contains(&id), "{id}: {:?}", failed(&told));
    }
    assert!(told["seconds"].as_f64().unwrap() < 20.0, "{}", told["seconds"]);
    assert!(!String::from_utf8(output.stdout).unwrap().contains("wJalr"), "a value is told");
}

#[test]
fn what_cannot_be_asked_is_told_in_one_line() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let disabled = Server::start(&["--http-endpoint", "disabled"]);
    let disabled = format!("http://{}", disabled.address());
    let mute = wrong(|_| String::new());
    let mute = format!("http://{mute}");
    let form = "expected http://, a host and an optional port, without a path, for example http://127.0.0.1:1338";
    let cases = [
        (closed.as_str(), format!("cannot check {closed}: Connection refused")),
        (&disabled, format!("cannot check {disabled}: the endpoint is disabled: 403 Forbidden, 0 bytes")),
        (&mute, format!("cannot check {mute}: the connection was closed without a response")),
        ("https://169.254.169.254", format!("invalid value 'https://169.254.169.254' for '<URL>': {form}")),
        ("http://127.0.0.1/latest", format!("invalid value 'http://127.0.0.1/latest' for '<URL>': {form}")),
        ("127.0.0.1:1338", format!("invalid value '127.0.0.1:1338' for '<URL>': {form}")),
    ];
    for (url, line) in cases {
        let output = run(imds(&["check", url]));
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("imds: {line}\n"));
        assert_eq!(output.stdout, b"");
    }
}

#[test]
fn no_report_holds_a_token_or_a_value() {
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
fn the_scoreboard_has_a_row_for_each_check_that_there_is() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/scoreboard.md")).unwrap();
    let (table, _) = page.split_once("\n## ").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect::<Vec<_>>();
    let server = Server::start(&[]);
    let told = json(&check(server.address(), &[]), 0);
    let checks: Vec<&str> =
        told["checks"].as_array().unwrap().iter().map(|check| check["id"].as_str().unwrap()).collect();
    assert_eq!(rows, checks, "docs/scoreboard.md is made by `cargo xtask scoreboard`");
}

#[test]
fn vectors_hold_every_check_with_its_source_and_every_story() {
    let output = run(imds(&["vectors"]));
    assert!(output.status.success());
    let vectors: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = vectors["checks"].as_array().unwrap();
    let put = checks.iter().find(|check| check["id"] == "serve.token").unwrap();
    assert_eq!(
        put["requests"][0]["bytes"],
        "PUT /latest/api/token HTTP/1.1\r\nHost: {host}\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60\r\n\r\n"
    );
    assert_eq!(put["expects"][0], serde_json::json!({ "is": "status", "of": ["200"] }));
    for check in checks {
        for profile in ["nitro", "xen"] {
            assert!(check["known"][profile]["reference"].is_string(), "{}", check["id"]);
        }
    }
    let stories: Vec<&str> =
        vectors["transcripts"].as_array().unwrap().iter().map(|story| story["name"].as_str().unwrap()).collect();
    for folder in ["golden", "transcripts", "transcripts/ec2"] {
        let path = format!("{}/../tests/{folder}", env!("CARGO_MANIFEST_DIR"));
        for file in std::fs::read_dir(path).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            let is_there = !name.ends_with(".txt") || stories.contains(&format!("{folder}/{name}").as_str());
            assert!(is_there, "{folder}/{name}");
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

/// The report, where the exit status is this one.
fn json(output: &Output, status: i32) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{text}{errors}");
    serde_json::from_str(&text).unwrap()
}

fn failed(told: &Value) -> Vec<&str> {
    of(told, "failed")
}

fn of<'a>(told: &'a Value, outcome: &str) -> Vec<&'a str> {
    let checks = told["checks"].as_array().unwrap().iter().filter(|check| check["outcome"] == outcome);
    checks.map(|check| check["id"].as_str().unwrap()).collect()
}

/// The cases of JUnit's XML: name, and what child it has.
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

/// A server that gives this answer to a whole request, and ends the connection where the answer says so. Its threads end with
/// the test.
fn wrong(answer: impl Fn(&str) -> String + Send + Sync + Clone + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), answer) = (stream, answer.clone()) else { return };
            thread::spawn(move || {
                let request = request(&mut stream);
                let answer = answer(&request);
                let _ = stream.write_all(answer.as_bytes());
                if !answer.is_empty() && !answer.contains("Connection: close") {
                    // Until the other side ends it.
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
