//! `explain` returns the changes that reverse a decision, and no others.

use imds::connection::{Connection, KeepAlive};
use imds::explain::{Change, explain};
use imds::http::{Request, RequestFault};
use imds::rules::{Outcome, Rule};
use imds::{Context, Instance, Nonce, Record, Seed, Timestamp};

#[test]
fn explain_finds_the_single_changes_that_reverse_a_decision() {
    let get = "GET /latest/meta-data/ HTTP/1.1\r\nHost: x\r\n";
    let tags = "GET /latest/meta-data/tags/instance/Name HTTP/1.1\r\nHost: x\r\n";
    let put = "PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n";
    let put_elsewhere = "PUT /latest/meta-data/ HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n";
    let delete = "DELETE /latest/meta-data/ HTTP/1.1\r\nHost: x\r\n";
    let put_without = "PUT /latest/api/token HTTP/1.1\r\nHost: x\r\n";
    let cases: &[Case] = &[
        (
            "served without a token",
            "{}",
            get,
            None,
            &["option.http-endpoint", "option.http-tokens", "method.put", "path.token"],
        ),
        ("a token is required", REQUIRED, get, None, &["option.http-tokens", "field.token.good"]),
        ("the endpoint is disabled", r#"{"http_endpoint": "disabled"}"#, get, None, &["option.http-endpoint"]),
        ("tags are not shown", "{}", tags, None, &["option.instance-metadata-tags"]),
        ("a life is missing", "{}", put_without, None, &["field.ttl.good"]),
        ("the token arrives", "{}", put, Some(1), &["option.http-endpoint", "hops", "method.get"]),
        ("the token does not arrive", "{}", put, Some(2), &["option.http-put-response-hop-limit", "hops"]),
        (
            "a PUT through a proxy",
            "{}",
            &format!("{put}X-Forwarded-For: 10.0.0.1\r\n"),
            None,
            &["field.forwarded.absent"],
        ),
        (
            "a GET through a proxy",
            REQUIRED,
            &format!("{get}X-Forwarded-For: 10.0.0.1\r\n"),
            None,
            &["option.http-tokens"],
        ),
        ("two Hosts", "{}", &format!("{get}Host: y\r\n"), None, &["field.host.one"]),
        ("two Hosts and a bad length", "{}", &format!("{get}Host: y\r\nContent-Length: x\r\n"), None, &[]),
        ("a PUT elsewhere without a required token", REQUIRED, put_elsewhere, None, &["path.token"]),
        ("a DELETE without a required token", REQUIRED, delete, None, &[]),
        ("a bad length", "{}", &format!("{get}Content-Length: x\r\n"), None, &["body.none"]),
        (
            "a length and an encoding",
            "{}",
            &format!("{get}Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"),
            None,
            &["body.none"],
        ),
        ("an unreadable line", "{}", "GET\r\n", None, &[]),
    ];
    for (what, options, head, hops, expected) in cases {
        let head = format!("{head}\r\n");
        let turns = explain(&instance(options), now(), &Request::parse(head.as_bytes()), context(), *hops);
        let ids: Vec<&str> = turns.iter().map(|turn| turn.change.id()).collect();
        assert_eq!(&ids, expected, "{what}");
    }
}

#[test]
fn a_throttled_request_would_be_served_within_the_rate_limit() {
    let request = Request::parse(b"GET /latest/meta-data/ HTTP/1.1\r\nHost: x\r\n\r\n");
    let turns = explain(&instance("{}"), now(), &request, context().throttled(true), None);
    let served: Vec<_> = turns.iter().map(|turn| (turn.change, turn.rule.id)).collect();
    assert_eq!(served, [(Change::NotThrottled, "serve.v1")]);
}

#[test]
fn an_expired_token_was_valid_a_millisecond_before_its_expiry() {
    let instance = instance(REQUIRED);
    let put = b"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n";
    let mut issued = Vec::new();
    instance.answer(now(), &Request::parse(put), context()).write(&mut issued);
    let token = String::from_utf8(issued[issued.len() - 56..].to_vec()).unwrap();
    let head = format!("GET /latest/meta-data/ HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token: {token}\r\n\r\n");
    let turns_at = |seconds| {
        let turns = explain(
            &instance,
            now().saturating_add_seconds(seconds),
            &Request::parse(head.as_bytes()),
            context(),
            None,
        );
        turns.iter().map(|turn| format!("{}: {}", turn.change, turn.rule.id)).collect::<Vec<_>>()
    };
    assert!(turns_at(61).contains(&"at 2026-01-01T00:00:59.999Z: serve.v2".to_owned()), "{:?}", turns_at(61));
    assert!(turns_at(59).contains(&"at 2026-01-01T00:01:00Z: token.expired".to_owned()), "{:?}", turns_at(59));
}

#[test]
fn a_malformed_body_stays_malformed_after_a_change_of_the_head() {
    for (path, expected) in [("/latest/meta-data/", &["body.none"][..]), ("/latest/api/token", &[])] {
        let mut connection = Connection::new(now(), KeepAlive::Off);
        let sent = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{TTL}: 60\r\nTransfer-Encoding: chunked\r\n\r\nx");
        connection.receive(now(), sent.as_bytes());
        let request = connection.poll_request(now()).unwrap();
        let turns = explain(&instance("{}"), now(), &request, context(), None);
        let ids: Vec<&str> = turns.iter().map(|turn| turn.change.id()).collect();
        assert_eq!(ids, expected, "{path}");
    }
}

/// Makes each change on a model of the head, then parses and answers the bytes of the changed head.
#[test]
fn explain_agrees_with_the_changed_bytes_for_any_pair_of_faults() {
    let mut turns_of = [0; CHANGES.len()];
    for options in ["{}", REQUIRED] {
        let instance = instance(options);
        let mut put = Head::new("PUT", "/latest/api/token");
        put.headers.push((TTL.into(), "60".into()));
        let token = body(&instance, &put);
        for plain in [Head::new("GET", "/latest/meta-data/"), put] {
            for (index, (first, change_first)) in FAULTS.iter().enumerate() {
                for (second, change_second) in &FAULTS[index..] {
                    let mut head = plain.clone();
                    change_first(&mut head);
                    if first != second {
                        change_second(&mut head);
                    }
                    let what = format!("{options} {} {first}, {second}", plain.method);
                    let bytes = head.bytes();
                    let request = Request::parse(&bytes);
                    let (before, served) = decide(&instance, &head);
                    let turns = explain(&instance, now(), &request, context(), None);
                    for (place, change) in CHANGES.iter().enumerate() {
                        let (rule, served_then) = decide(&instance, &head.with(*change, &token));
                        let turn = turns.iter().find(|turn| turn.change == *change);
                        if let Some(turn) = turn {
                            turns_of[place] += 1;
                            let what = format!("{what}: {} {change}", before.id);
                            assert_eq!((turn.rule.id, turn.reaches), (rule.id, true), "{what}");
                            assert_ne!(served_then, served, "{what}");
                        }
                        let is_about_headers = matches!(change, Change::OneHost | Change::NoBody);
                        if is_about_headers && request.fault.is_some_and(is_behind_headers) && served_then != served {
                            assert!(turn.is_some(), "{what}: {change} is missing");
                        }
                    }
                }
            }
        }
    }
    for (turns, change) in turns_of.iter().zip(CHANGES) {
        assert_ne!(*turns, 0, "{change} is never proposed");
    }
}

/// A request head in parts.
#[derive(Clone)]
struct Head {
    method: &'static str,
    target: String,
    version: &'static str,
    headers: Vec<(String, String)>,
}

impl Head {
    fn new(method: &'static str, target: &str) -> Head {
        Head { method, target: target.into(), version: "HTTP/1.1", headers: vec![("Host".into(), "x".into())] }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut text = format!("{} {} {}\r\n", self.method, self.target, self.version);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        (text + "\r\n").into_bytes()
    }

    fn without(&mut self, name: &str) {
        self.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
    }

    fn add(&mut self, name: &str, value: &str) {
        self.headers.push((name.into(), value.into()));
    }

    fn with(&self, change: Change, token: &str) -> Head {
        let mut head = self.clone();
        match change {
            Change::MethodPut => head.method = "PUT",
            Change::MethodGet => head.method = "GET",
            Change::TokenPath => head.target = "/latest/api/token".into(),
            Change::ValidToken => {
                head.without(TOKEN);
                head.add(TOKEN, token);
            }
            Change::NoToken => head.without(TOKEN),
            Change::ValidTtl => {
                head.without(TTL);
                head.add(TTL, "21600");
            }
            Change::NotForwarded => head.without("X-Forwarded-For"),
            Change::NoExpect => head.without("Expect"),
            Change::OneHost => {
                head.without("Host");
                head.add("Host", "169.254.169.254");
            }
            Change::NoBody => {
                head.without("Content-Length");
                head.without("Transfer-Encoding");
            }
            other => panic!("{other} is no change of a head"),
        }
        head
    }
}

fn decide(instance: &Instance, head: &Head) -> (&'static Rule, bool) {
    let bytes = head.bytes();
    let rule = instance.answer(now(), &Request::parse(&bytes), context()).rule();
    (rule, !matches!(rule.outcome, Outcome::Reject(_)))
}

fn body(instance: &Instance, head: &Head) -> String {
    let mut response = Vec::new();
    instance.answer(now(), &Request::parse(&head.bytes()), context()).write(&mut response);
    String::from_utf8(response).unwrap().split_once("\r\n\r\n").unwrap().1.into()
}

/// Returns `true` if the headers could be parsed.
fn is_behind_headers(fault: RequestFault) -> bool {
    !fault.is_unreadable() && fault != RequestFault::HeaderSyntax
}

const CHANGES: &[Change] = &[
    Change::MethodPut,
    Change::MethodGet,
    Change::TokenPath,
    Change::ValidToken,
    Change::NoToken,
    Change::ValidTtl,
    Change::NotForwarded,
    Change::NoExpect,
    Change::OneHost,
    Change::NoBody,
];

/// Every fault of a head, other reasons to reject a request, and heads at a limit. The last two
/// measure the rest of the head, so they are last.
const FAULTS: &[(&str, ChangeHead)] = &[
    ("no fault", |_| ()),
    ("HTTP/1.0", |head| head.version = "HTTP/1.0"),
    ("POST", |head| head.method = "POST"),
    ("line", |head| head.target = "latest".into()),
    ("target length", |head| head.target = format!("/{}", "a".repeat(8192))),
    ("head size", |head| (0..3).for_each(|_| head.add("X-Pad", &"a".repeat(6000)))),
    ("header count", |head| (0..101).for_each(|_| head.add("A", "b"))),
    ("version", |head| head.version = "HTTP/2.0"),
    ("header syntax", |head| head.add("X-Space ", "a")),
    ("no Host", |head| head.without("Host")),
    ("two Hosts", |head| head.add("host", "y")),
    ("bad length", |head| head.add("Content-Length", "x")),
    ("two lengths", |head| (1..3).for_each(|length| head.add("content-length", &length.to_string()))),
    ("length and encoding", |head| {
        head.add("Content-Length", "0");
        head.add("Transfer-Encoding", "chunked");
    }),
    ("encoding", |head| head.add("Transfer-Encoding", "chunked")),
    ("unknown encoding", |head| head.add("Transfer-Encoding", "gzip, chunked")),
    ("body size", |head| head.add("Content-Length", "65537")),
    ("Expect", |head| head.add("Expect", "100-continue")),
    ("proxy", |head| head.add("X-Forwarded-For", "10.0.0.1")),
    ("bad token", |head| head.add(TOKEN, "x")),
    ("as many headers as allowed", |head| (head.headers.len()..100).for_each(|_| head.add("A", "b"))),
    ("as many bytes as allowed", |head| {
        let left = (16 * 1024_usize).saturating_sub(head.bytes().len() + "X-Pad: \r\n".len());
        head.add("X-Pad", &"a".repeat(left));
    }),
];
type ChangeHead = fn(&mut Head);
const TOKEN: &str = "X-aws-ec2-metadata-token";
const TTL: &str = "X-aws-ec2-metadata-token-ttl-seconds";

/// A description, the options, the head, the hops, and the IDs of the changes.
type Case<'a> = (&'a str, &'a str, &'a str, Option<u8>, &'a [&'a str]);

fn instance(options: &str) -> Instance {
    let json = format!(
        r#"{{"instance_type": "t3.micro", "tags": {{"Name": "n"}}, "launch_time": "2026-01-01T00:00:00Z", "metadata_options": {options}}}"#
    );
    Instance::new(&Record::from_json(&json).unwrap(), &Seed::new([3; 32]), now()).unwrap()
}

fn context() -> Context {
    Context::new(Nonce::new(1))
}

fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap()
}

const REQUIRED: &str = r#"{"http_tokens": "required"}"#;
