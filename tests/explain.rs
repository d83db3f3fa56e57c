//! What is said to turn a decision turns it, and what turns it is said.

use imds::explain::explain;
use imds::wire::Request;
use imds::{Instance, Record, Seed, Timestamp};

#[test]
fn each_decision_names_the_single_facts_that_turn_it() {
    let get = "GET /latest/meta-data/ HTTP/1.1\r\nHost: x\r\n";
    let tags = "GET /latest/meta-data/tags/instance/Name HTTP/1.1\r\nHost: x\r\n";
    let put = "PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n";
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
        ("no Host", "{}", "GET / HTTP/1.1\r\n", None, &["field.host.one"]),
        ("an unreadable line", "{}", "GET\r\n", None, &[]),
    ];
    for (what, options, head, hops, expected) in cases {
        let head = format!("{head}\r\n");
        let turns = explain(&instance(options), now(), &Request::parse(head.as_bytes()), *hops);
        let ids: Vec<&str> = turns.iter().map(|turn| turn.change.id()).collect();
        assert_eq!(&ids, expected, "{what}");
    }
}

#[test]
fn an_expired_token_was_good_a_millisecond_before_its_end() {
    let instance = instance(REQUIRED);
    let put = b"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n";
    let mut issued = Vec::new();
    instance.answer(now(), &Request::parse(put), 1).write(&mut issued);
    let token = String::from_utf8(issued[issued.len() - 56..].to_vec()).unwrap();
    let head = format!("GET /latest/meta-data/ HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token: {token}\r\n\r\n");
    let turns_at = |seconds| {
        let turns = explain(&instance, now().saturating_add_seconds(seconds), &Request::parse(head.as_bytes()), None);
        turns.iter().map(|turn| format!("{}: {}", turn.change, turn.rule.id)).collect::<Vec<_>>()
    };
    assert!(turns_at(61).contains(&"at 2026-01-01T00:00:59.999Z: serve.v2".to_owned()), "{:?}", turns_at(61));
    assert!(turns_at(59).contains(&"at 2026-01-01T00:01:00Z: token.expired".to_owned()), "{:?}", turns_at(59));
}

/// What it is, the options, the head, the hops, and what turns it.
type Case<'a> = (&'a str, &'a str, &'a str, Option<u8>, &'a [&'a str]);

fn instance(options: &str) -> Instance {
    let json = format!(
        r#"{{"instance_type": "t3.micro", "tags": {{"Name": "n"}}, "launch_time": "2026-01-01T00:00:00Z", "metadata_options": {options}}}"#
    );
    Instance::new(&Record::from_json(&json).unwrap(), &Seed::new([3; 32]), now()).unwrap()
}

fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap()
}

const REQUIRED: &str = r#"{"http_tokens": "required"}"#;
