//! The routes under `/v1`, and the commands `imds event` and `imds clock`.

use std::io::{Read, Write};
use std::process::Output;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::events::Listener;
use super::{get, request, send};
use crate::support::{self, Server, body, imds, read_response, run, status};

#[test]
fn an_interruption_is_shown_at_once_and_ends_the_instance_when_the_clock_is_advanced() {
    let server = Server::with_console(&START);
    let mut listener = Listener::start(&server);
    let planned = command(&server, &["event", "spot-interruption", "--in", "2m"]);
    let lines: Vec<&str> = planned.lines().collect();
    assert_eq!(lines.len(), 3, "{planned}");
    assert!(lines[2].contains("  spot-interrupted  i-0abcdef1234567890  instance-event-"), "{planned}");

    let action = server.get("/latest/meta-data/spot/instance-action");
    assert_eq!(status(&action), "HTTP/1.1 200 OK");
    assert!(body(&action).starts_with(r#"{"action": "terminate", "time": "2026-01-01T00:02:0"#), "{action}");
    assert_eq!(command(&server, &["event", "list"]), planned);

    assert!(command(&server, &["clock", "advance", "2m"]).starts_with("2026-01-01T00:02:0"));
    assert!(!is_served(&server), "the instance is gone");
    let mut names = Vec::new();
    while names.last().is_none_or(|name| name != "terminated") {
        let (kind, event) = listener.next();
        if kind == "instance" {
            assert_eq!(event["instance"], "i-0abcdef1234567890");
            names.push(event["event"].as_str().unwrap().to_owned());
        }
    }
    let expected = "event-planned rebalance-recommended spot-noticed spot-interrupted terminated";
    assert_eq!(names.join(" "), expected);
    assert_eq!(command(&server, &["event", "list"]), "");
}

#[test]
fn a_scheduled_event_is_planned_and_canceled_by_command() {
    let server = Server::with_console(&START);
    let scheduled = |server: &Server| body(&server.get("/latest/meta-data/events/maintenance/scheduled")).to_owned();
    let planned = command(
        &server,
        &["event", "scheduled-event", "--code", "system-reboot", "--in", "1h", "--tag", "Name=my-instance"],
    );
    let id = planned.split_whitespace().find(|word| word.starts_with("instance-event-")).unwrap();
    assert!(scheduled(&server).contains(id));
    assert_eq!(command(&server, &["event", "cancel", id]), "");
    assert_eq!(scheduled(&server), "[]");
    let history = server.get("/latest/meta-data/events/maintenance/history");
    assert!(body(&history).contains("[Canceled] scheduled reboot"), "{history}");
    assert!(command(&server, &["event", "list"]).contains("event-canceled"));
    for (arguments, error) in [
        (&["event", "cancel", id][..], "cannot be canceled: it is over, or its notice is shown"),
        (&["event", "cancel", "../?"], "there is no event ../?"),
        (&["event", "spot-interruption", "--in", "1m"], "event.spot_interruption.in: 1m is not from 2m to 15m"),
        (&["event", "spot-interruption", "--tag", "Name=other"], "no instance matches the selector"),
        (&["clock", "set", "2025-01-01T00:00:00Z"], "the clock cannot go back: set it to 2026-01-01T00:00:0"),
    ] {
        let output = output(&server, arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), stderr.lines().count()), (Some(2), 1), "{arguments:?}: {stderr}");
        assert!(stderr.contains(error), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_command_without_a_console_names_the_address_and_the_remedy() {
    let output = run(imds(&["clock", "show"]));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr, "imds: the console is off: name that of a running server with --console or IMDS_CONSOLE\n");
    let output = run(imds(&["clock", "show", "--console", "127.0.0.1:1"]));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("imds: cannot use the console at http://127.0.0.1:1: "), "{stderr}");
    assert!(stderr.contains("does --console or IMDS_CONSOLE name its console?"), "{stderr}");
}

#[test]
fn a_paused_clock_stands_still_and_goes_on_when_it_is_resumed() {
    let server = Server::with_console(&START);
    let paused = command(&server, &["clock", "pause"]);
    assert!(paused.ends_with(" paused\n"), "{paused}");
    thread::sleep(Duration::from_millis(50));
    assert_eq!(command(&server, &["clock", "show"]), paused);
    let set = command(&server, &["clock", "set", "2026-01-01T06:00:00Z"]);
    assert_eq!(set, "2026-01-01T06:00:00Z paused\n");
    let date = server.get("/latest/meta-data/");
    assert_eq!(support::header(&date, "Date"), Some("Thu, 01 Jan 2026 06:00:00 GMT"));
    assert!(!command(&server, &["clock", "resume"]).contains("paused"));
    thread::sleep(Duration::from_millis(50));
    assert!(command(&server, &["clock", "show"]).as_str() > "2026-01-01T06:00:00.05");
}

#[test]
fn the_clock_moves_no_deadline_of_a_connection_and_no_rate() {
    let server = Server::with_console(&[&START[..], &["--keep-alive", "--throttle", "10"]].concat());
    let mut kept = server.connect();
    let mut silent = server.connect();
    let get = support::get("/latest/meta-data/instance-id");
    kept.write_all(get.as_bytes()).unwrap();
    assert_eq!(status(&read_response(&mut kept)), "HTTP/1.1 200 OK");
    command(&server, &["clock", "advance", "30d"]);
    command(&server, &["clock", "pause"]);
    for stream in [&mut kept, &mut silent] {
        stream.write_all(get.as_bytes()).unwrap();
        assert_eq!(status(&read_response(stream)), "HTTP/1.1 200 OK");
    }
    let mut next = || {
        kept.write_all(get.as_bytes()).unwrap();
        status(&read_response(&mut kept))[9..12].to_owned()
    };
    while next() == "200" {}
    thread::sleep(Duration::from_millis(500));
    assert_eq!(next(), "200", "the rate does not depend on the paused clock");
}

#[test]
fn openapi_describes_the_methods_and_the_statuses() {
    let page: Value = serde_json::from_str(include_str!("../../../openapi.json")).unwrap();
    let server = Server::with_console(&START);
    for (path, described) in page["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "instance-event-0");
        for method in ["get", "post", "put", "delete", "patch"] {
            let response = request(&server, &method.to_uppercase(), &path, "Content-Length: 0\r\n", "");
            let code = &status(&response)[9..12];
            match described.get(method) {
                None => assert_eq!(code, "405", "{method} {path}"),
                Some(operation) => assert!(operation["responses"].get(code).is_some(), "{method} {path}: {response}"),
            }
        }
    }
}

#[test]
fn a_request_that_is_not_allowed_is_rejected_in_json_and_changes_nothing() {
    let server = Server::with_console(&[&START[..], &["--seed", "00"]].concat());
    let before = events(&server);
    for (path, text, code, message) in [
        ("/v1/events", "{}", "400", "missing key `event`"),
        ("/v1/events", "{", "400", "EOF"),
        ("/v1/events", r#"{"event": {"spot_interruption": {"en": "2m"}}}"#, "400", "did you mean `in`?"),
        ("/v1/events", r#"{"event": {"spot_interruption": {"in": "2h"}}}"#, "400", "is not from 2m to 15m"),
        (
            "/v1/events",
            r#"{"event": {"spot_interruption": {}}, "instances": {"ids": ["i-1"]}}"#,
            "404",
            "there is no instance i-1",
        ),
        ("/v1/clock", "{}", "400", "the request changes nothing: use `advance`, `set` or `paused`"),
        ("/v1/clock", r#"{"advance": "1h", "set": "2027-01-01T00:00:00Z"}"#, "400", "`set` conflicts with `advance`"),
        ("/v1/clock", r#"{"advance": "-1h"}"#, "400", "a duration is a number with a unit"),
    ] {
        let response = post(&server, path, "", text);
        assert_eq!(&status(&response)[9..12], code, "{text}: {response}");
        let error: Value = serde_json::from_str(body(&response)).unwrap();
        assert!(error["message"].as_str().unwrap().contains(message), "{text}: {response}");
    }
    let large = post(&server, "/v1/events", "", &" ".repeat(1024 * 1024 + 1));
    assert_eq!(&status(&large)[9..12], "413", "{large}");
    assert_eq!(events(&server), before);
}

#[test]
fn requests_of_foreign_pages_change_nothing() {
    let server = Server::with_console(&[&START[..], &["--seed", "00"]].concat());
    let (own, port) = (server.console().to_string(), server.console().port());
    let before = events(&server);
    for (host, headers, code) in [
        (&own, "Content-Type: text/plain\r\nUser-Agent: Mozilla/5.0\r\n", "415"),
        (&own, "Content-Type: application/x-www-form-urlencoded\r\n", "415"),
        (&own, "", "415"),
        (&own, "Content-Type: application/json\r\nOrigin: http://attacker.example\r\n", "403"),
        (&own, "Content-Type: application/json\r\nSec-Fetch-Site: cross-site\r\n", "403"),
        (&format!("rebound.example:{port}"), "Content-Type: application/json\r\n", "421"),
    ] {
        for (path, text) in
            [("/v1/events", r#"{"event": {"spot_interruption": {"in": "2m"}}}"#), ("/v1/clock", r#"{"advance": "1d"}"#)]
        {
            let length = text.len();
            let response = send(
                &server,
                &format!(
                    "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\
                     {headers}\r\n{text}"
                ),
            );
            assert_eq!(&status(&response)[9..12], code, "{host} {headers}: {response}");
            assert!(serde_json::from_str::<Value>(body(&response)).is_ok(), "{response}");
        }
        let preflight = format!(
            "OPTIONS /v1/events HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nOrigin: http://attacker.example\r\n\
             Access-Control-Request-Method: POST\r\n\r\n"
        );
        assert!(!send(&server, &preflight).to_lowercase().contains("access-control"));
    }
    assert_eq!(events(&server), before);
    let own_page = format!("Origin: http://{own}\r\nSec-Fetch-Site: same-origin\r\nUser-Agent: Mozilla/5.0\r\n");
    let response = post(&server, "/v1/events", &own_page, r#"{"event": {"rebalance_recommendation": {}}}"#);
    assert_eq!(status(&response), "HTTP/1.1 200 OK", "the console's own page can: {response}");
}

#[cfg(unix)]
#[test]
fn events_and_the_clock_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    let arguments = ["--state", state.to_str().unwrap(), "--log", "off"];
    let mut server = Server::with_console(&arguments);
    let planned = command(&server, &["event", "spot-interruption", "--in", "5m", "--action", "stop"]);
    let paused = command(&server, &["clock", "pause"]);
    server.signal("KILL");
    server.end();
    let mut server = Server::with_console(&arguments);
    assert_eq!(command(&server, &["clock", "show"]), paused);
    assert_eq!(command(&server, &["event", "list"]), planned);
    assert_eq!(status(&server.get("/latest/meta-data/events/recommendations/rebalance")), "HTTP/1.1 200 OK");
    command(&server, &["clock", "advance", "5m"]);
    server.signal("KILL");
    server.end();
    let mut server = Server::with_console(&arguments);
    assert!(!is_served(&server), "the instance is stopped");
    server.signal("KILL");
    server.end();
    let server = Server::with_console(&[&arguments[..], &["--clock", "2099-01-01T00:00:00Z"]].concat());
    let shown = command(&server, &["clock", "show"]);
    assert!(shown.starts_with("2099-01-01T00:00:") && !shown.contains("paused"), "--clock replaces it: {shown}");
}

/// Returns whether the first instance responds.
fn is_served(server: &Server) -> bool {
    let mut stream = server.connect();
    // The server can close the connection before it has read the request.
    let sent = stream.write_all(support::get("/latest/meta-data/").as_bytes());
    let mut response = Vec::new();
    let read = stream.read_to_end(&mut response);
    sent.is_ok() && read.is_ok() && !response.is_empty()
}

fn events(server: &Server) -> Value {
    let list: Value = serde_json::from_str(body(&get(server, "/v1/events"))).unwrap();
    assert!(list["time"].is_string(), "{list}");
    json!(list["events"])
}

/// Sends JSON, with a content type unless the headers have one.
fn post(server: &Server, path: &str, headers: &str, text: &str) -> String {
    let length = text.len();
    let headers = format!("Content-Type: application/json\r\nContent-Length: {length}\r\n{headers}");
    request(server, "POST", path, &headers, text)
}

/// Runs a command that must succeed, and returns what it prints.
fn command(server: &Server, arguments: &[&str]) -> String {
    let output = output(server, arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

fn output(server: &Server, arguments: &[&str]) -> Output {
    let mut command = imds(arguments);
    command.env("IMDS_CONSOLE", server.console().to_string());
    run(command)
}

const START: [&str; 4] = ["--clock", "2026-01-01T00:00:00Z", "--log", "off"];
