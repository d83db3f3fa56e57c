//! Answering allocates nothing and reveals no secret.

use std::collections::BTreeSet;
use std::thread;

use imds::connection::{Connection, KeepAlive};
use imds::http::Request;
use imds::token::{Authority, Ttl};
use imds::{Context, Instance, Nonce, Record, Seed, Timestamp};
use serde_json::Value;

#[test]
fn answering_allocates_nothing_if_the_output_has_capacity() {
    let instance = instance();
    let mut out = Vec::with_capacity(8192);
    for (head, status) in requests(&instance) {
        let mut answered = 0;
        let made = allocation_counter::measure(|| {
            let answer = instance.answer(NOW, &Request::parse(head.as_bytes()), Context::new(Nonce::new(1)));
            answer.write(&mut out);
            answered = answer.response.status.code();
        });
        assert_eq!(answered, status, "{head}");
        assert_eq!(made.count_total, 0, "{head}");
        assert!(!out.is_empty() && out.len() < out.capacity());
        out.clear();
    }
}

#[test]
fn a_kept_connection_allocates_nothing_after_its_first_request() {
    let instance = instance();
    let mut connection = Connection::new(NOW, KeepAlive::On);
    let mut serve = |head: &str| {
        assert_eq!(connection.receive(NOW, head.as_bytes()), head.len());
        let answer = instance.answer(NOW, &connection.poll_request(NOW).unwrap(), Context::new(Nonce::new(1)));
        connection.respond(NOW, &answer.response).unwrap();
        connection.advance_transmit(NOW, usize::MAX);
    };
    let kept: Vec<_> = requests(&instance).into_iter().filter(|(_, status)| *status != 400).collect();
    kept.iter().for_each(|(head, _)| serve(head));
    for (head, _) in &kept {
        assert_eq!(allocation_counter::measure(|| serve(head)).count_total, 0, "{head}");
    }
}

#[test]
fn eight_threads_answer_from_one_instance_as_one_thread_does() {
    let instance = instance();
    let requests = requests(&instance);
    let all = || -> Vec<Vec<u8>> { requests.iter().map(|(head, _)| answered(&instance, head)).collect() };
    let alone = all();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| (0..50).all(|_| all() == alone))).collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
    });
}

#[test]
fn no_debug_output_contains_a_token_a_key_or_a_credential() {
    let instance = instance();
    let secrets = secrets(&instance);
    let tell =
        |text: &str| secrets.iter().any(|secret| text.contains(secret) || text.contains(&listed(secret.as_bytes())));
    let telling: BTreeSet<&str> =
        shown(&instance).into_iter().filter(|(_, text)| tell(text)).map(|(name, _)| name).collect();
    assert_eq!(telling, BTreeSet::new());
}

#[test]
fn the_user_agent_is_parsed_and_changes_no_response() {
    let instance = instance();
    let head = |fields: &str| format!("GET /latest/meta-data/ HTTP/1.1\r\nHost: x\r\n{fields}\r\n");
    let (silent, named) = (head(""), head("user-AGENT: curl/8.5.0 (home)\r\n"));
    let request = Request::parse(named.as_bytes());
    assert_eq!(request.user_agent(), Some(&b"curl/8.5.0 (home)"[..]));
    assert!(!format!("{request:?}").contains("curl"), "{request:?}");
    assert_eq!(Request::parse(silent.as_bytes()).user_agent(), None);
    assert_eq!(answered(&instance, &named), answered(&instance, &silent));
}

/// The `Debug` output of every type that contains a secret.
fn shown(instance: &Instance) -> Vec<(&'static str, String)> {
    let authority = authority();
    let token = authority.issue(NOW, Ttl::MAX, Nonce::new(1));
    let mut shown = vec![
        ("Seed", format!("{:?}", Seed::new(SEED))),
        ("Record", format!("{:?}", Record::from_json(RECORD).unwrap())),
        ("Instance", format!("{instance:?}")),
        ("Details", format!("{:?}", instance.details())),
        ("Authority", format!("{authority:?}")),
        ("Token", format!("{token:?}")),
        ("Session", format!("{:?}", authority.verify(NOW, token.as_bytes()))),
    ];
    for (head, _) in requests(instance) {
        let mut connection = Connection::new(NOW, KeepAlive::On);
        connection.receive(NOW, head.as_bytes());
        shown.push(("Connection", format!("{connection:?}")));
        let request = connection.poll_request(NOW).unwrap();
        shown.push(("Request", format!("{request:?}")));
        shown.push(("FieldValue", format!("{:?} {:?}", request.token, request.ttl)));
        let answer = instance.answer(NOW, &request, Context::new(Nonce::new(1)));
        shown.push(("Answer", format!("{answer:?}")));
        shown.push(("Response", format!("{:?}", answer.response)));
        shown.push(("Trace", format!("{:?}", answer.trace)));
        connection.respond(NOW, &answer.response).unwrap();
        shown.push(("Connection", format!("{connection:?}")));
        shown.push(("Transmit", format!("{:?}", connection.poll_transmit())));
    }
    shown
}

/// Tokens, credentials, the seed and the secrets of the record.
fn secrets(instance: &Instance) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let mut secrets = vec![
        "confidential".to_string(),
        text(&SEED),
        token(instance),
        text(authority().issue(NOW, Ttl::MAX, Nonce::new(1)).as_bytes()),
    ];
    for (head, _) in requests(instance) {
        let body: Value = body(&text(&answered(instance, &head))).parse().unwrap_or_default();
        secrets.extend(
            ["AccessKeyId", "SecretAccessKey", "Token"].iter().filter_map(|key| body[key].as_str()).map(String::from),
        );
    }
    assert_eq!(secrets.len(), 4 + 2 * 3, "two sets of credentials are served");
    secrets
}

/// One request of each kind with the status of its response.
fn requests(instance: &Instance) -> Vec<(String, u16)> {
    let with_token = format!("X-Aws-Ec2-Metadata-Token: {}\r\n", token(instance));
    let get = |path: &str, fields: &str| format!("GET /latest/{path} HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    let forged = "X-Aws-Ec2-Metadata-Token: AQAEAGOLorUAAAAAAAAAAGCS23abAQAAZHbddVG6LKGgeT2QgsWmnw==\r\n";
    vec![
        (PUT.to_string(), 200),
        (get("meta-data/instance-id", &with_token), 200),
        (get("meta-data/local-ipv4", &with_token), 200),
        (get("meta-data/local-hostname", &with_token), 200),
        (get("meta-data/ipv6", &with_token), 200),
        (get("meta-data/public-keys/0/openssh-key", &with_token), 200),
        (get("meta-data/", &with_token), 200),
        (get("meta-data/network/interfaces/macs/", &with_token), 200),
        (get("meta-data/network/interfaces/macs/02:00:00:00:00:01/ipv4-associations", &with_token), 200),
        (get("meta-data/iam/security-credentials/a-role", &with_token), 200),
        (get("meta-data/identity-credentials/ec2/security-credentials/ec2-instance", &with_token), 200),
        (get("meta-data/iam/info", &with_token), 200),
        (get("meta-data/events/maintenance/scheduled", &with_token), 200),
        (get("meta-data/tags/instance/Name", &with_token), 200),
        (get("dynamic/instance-identity/document", &with_token), 200),
        (get("user-data", &with_token), 200),
        (get("meta-data/%6dac", &with_token), 200),
        (get("../latest/./meta-data/%2e%2E/meta-data/mac", &with_token), 200),
        (get(&"a/../".repeat(1600), &with_token), 200),
        (get("meta-data/nothing", &with_token), 404),
        (get("meta-data/", &with_token).replacen("GET", "DELETE", 1), 403),
        (get("meta-data/", &with_token).replacen("GET", "OPTIONS", 1), 200),
        (get("meta-data/instance-id", ""), 401),
        (get("meta-data/instance-id", forged), 401),
        ("GET\r\n\r\n".to_string(), 400),
    ]
}

fn token(instance: &Instance) -> String {
    body(&String::from_utf8(answered(instance, PUT)).unwrap()).to_string()
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

fn answered(instance: &Instance, head: &str) -> Vec<u8> {
    let mut out = Vec::new();
    instance.answer(NOW, &Request::parse(head.as_bytes()), Context::new(Nonce::new(1))).write(&mut out);
    out
}

/// Bytes as `Debug` prints them in a list: `1, 2, 3`.
fn listed(bytes: &[u8]) -> String {
    bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
}

fn authority() -> Authority {
    Authority::new(&Seed::new(SEED), [1, 0, 4, 0], "i-1", 0)
}

fn instance() -> Instance {
    Instance::new(&Record::from_json(RECORD).unwrap(), &Seed::new(SEED), NOW).unwrap()
}

/// 2026-01-01T00:00:00Z.
const NOW: Timestamp = Timestamp::saturating_from_millis(1_767_225_600_000);
const PUT: &str = "PUT /latest/api/token HTTP/1.1\r\nHost: a\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60\r\n\r\n";
const SEED: [u8; 32] = *b"an instance's own secret 32 byte";
const RECORD: &str = r#"{"instance_type": "t3.micro", "user_data": "confidential", "role": {"name": "a-role"},
    "tags": {"Name": "confidential"}, "public_keys": [{"name": "a", "openssh_key": "ssh-rsa AAAA"}],
    "managed_ssh_keys": {"signer_cert": "confidential"},
    "maintenance_events": [{"code": "system-reboot", "event_id": "e-1", "description": "a \"reboot\"",
        "state": "active", "not_before": "2026-01-02T00:00:00Z"}],
    "network_interfaces": [{"mac": "02:00:00:00:00:01", "local_ipv4s": ["10.0.0.4", "10.0.0.5"], "ipv6s": ["2001:db8::1"],
        "public_ipv4s": ["203.0.113.9", "203.0.113.8"]}],
    "metadata_options": {"http_tokens": "required", "instance_metadata_tags": "enabled"}}"#;
