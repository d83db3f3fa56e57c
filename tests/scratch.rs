//! A scratch changes no response.

use imds::connection::{Connection, KeepAlive};
use imds::token::{Authority, Ttl};
use imds::{Context, Instance, Nonce, Record, Scratch, Seed, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// The instances, connections and clock of the requests differ. The clock also goes back.
    #[test]
    fn responses_with_a_scratch_are_those_without_one(steps in prop::collection::vec(step(), 1..60)) {
        let instances = instances();
        let tokens: Vec<String> = instances.iter().flat_map(tokens).collect();
        let mut scratch = Scratch::new();
        for (nonce, step) in steps.iter().enumerate() {
            let instance = &instances[step.instance];
            let nonce = Nonce::new(nonce as u64);
            let [plain, kept] = [None, Some(&mut scratch)].map(|scratch| step.answered(instance, &tokens, nonce, scratch));
            prop_assert_eq!(&plain, &kept, "{:?}", step);
        }
    }
}

#[test]
fn a_kept_token_expires() {
    let [instance, ..] = instances();
    let mut scratch = Scratch::new();
    let token = &tokens(&instance)[0];
    let mut rule = |after: u64| {
        let step = Step { token: Some(0), after, ..Step::new("GET", "/latest/meta-data/instance-id") };
        step.answered(&instance, std::slice::from_ref(token), Nonce::new(0), Some(&mut scratch)).1
    };
    assert_eq!([rule(0), rule(59_999), rule(60_000), rule(0)], ["serve.v2", "serve.v2", "token.expired", "serve.v2"]);
}

#[test]
fn a_token_of_another_generation_or_seed_is_rejected_after_it_was_kept() {
    let [instance, restarted, other, ..] = instances();
    let mut scratch = Scratch::new();
    let [token, ..] = tokens(&instance);
    let step = Step { token: Some(0), ..Step::new("GET", "/latest/meta-data/instance-id") };
    let mut rule =
        |instance| step.answered(instance, std::slice::from_ref(&token), Nonce::new(0), Some(&mut scratch)).1;
    let rules = [rule(&instance), rule(&restarted), rule(&other), rule(&instance)];
    assert_eq!(rules, ["serve.v2", "token.forged", "token.forged", "serve.v2"]);
}

#[test]
fn every_character_of_a_kept_token_is_compared() {
    let [instance, ..] = instances();
    let mut scratch = Scratch::new();
    let step = Step { token: Some(0), ..Step::new("GET", "/latest/meta-data/instance-id") };
    let [token, ..] = tokens(&instance);
    for place in 0..token.len() {
        let mut changed = token.clone();
        changed.replace_range(place..=place, if &token[place..=place] == "A" { "B" } else { "A" });
        let rules = [token.clone(), changed]
            .map(|token| step.answered(&instance, &[token], Nonce::new(0), Some(&mut scratch)).1);
        assert_eq!(rules[0], "serve.v2");
        assert!(rules[1].starts_with("token."), "{} at {place}", rules[1]);
    }
}

#[test]
fn debug_output_shows_no_content() {
    assert_eq!(format!("{:?}", Scratch::new()), "Scratch { .. }");
}

#[derive(Debug, Clone)]
struct Step {
    instance: usize,
    method: &'static str,
    path: &'static str,
    version: &'static str,
    header: &'static str,
    /// An index of the tokens.
    token: Option<usize>,
    /// Milliseconds after the launch.
    after: u64,
    keep_alive: bool,
    throttled: bool,
}

impl Step {
    fn new(method: &'static str, path: &'static str) -> Step {
        let (instance, version, header, token) = (0, "HTTP/1.1", "", None);
        Step { instance, method, path, version, header, token, after: 0, keep_alive: false, throttled: false }
    }

    /// The bytes of the response, and the rule.
    fn answered(
        &self,
        instance: &Instance,
        tokens: &[String],
        nonce: Nonce,
        scratch: Option<&mut Scratch>,
    ) -> (Vec<u8>, &'static str) {
        let now = launch().saturating_add_millis(self.after);
        let keep_alive = if self.keep_alive { KeepAlive::On } else { KeepAlive::Off };
        let mut connection = Connection::new(now, keep_alive);
        let Step { method, path, version, header, .. } = self;
        let token =
            self.token.map_or(String::new(), |token| format!("X-aws-ec2-metadata-token: {}\r\n", tokens[token]));
        connection.receive(now, format!("{method} {path} {version}\r\nHost: a\r\n{header}{token}\r\n").as_bytes());
        let request = connection.poll_request(now).unwrap();
        let context = Context::new(nonce).throttled(self.throttled);
        let rule = match scratch {
            None => {
                let answer = instance.answer(now, &request, context);
                connection.respond(now, &answer.response).unwrap();
                answer.rule()
            }
            Some(scratch) => {
                let answer = instance.answer_with(now, &request, context, scratch);
                connection.respond_with(now, &answer.response, scratch).unwrap();
                answer.rule()
            }
        };
        (connection.poll_transmit().unwrap().bytes.to_vec(), rule.id)
    }
}

fn step() -> impl Strategy<Value = Step> {
    let request = (
        prop_oneof![4 => Just("GET"), 2 => Just("PUT"), 1 => select(&["HEAD", "OPTIONS", "POST", "DELETE"])],
        select(&[
            "/latest/api/token",
            "/latest/meta-data/instance-id",
            "/latest/meta-data/",
            "/latest/meta-data/iam/security-credentials/web",
            "/latest/meta-data/nothing",
            "/latest/user-data",
            "/",
        ]),
        select(&["HTTP/1.1", "HTTP/1.0"]),
        select(&[
            "",
            "X-aws-ec2-metadata-token-ttl-seconds: 60\r\n",
            "X-aws-ec2-metadata-token-ttl-seconds: 21600\r\n",
            "X-aws-ec2-metadata-token-ttl-seconds: 21601\r\n",
            "Expect: 100-continue\r\n",
        ]),
    );
    // Seconds with one to five digits are left of the tokens.
    let after = prop_oneof![0..3_000u64, 50_000..61_000u64, 0..21_600_000u64];
    let rest = (0..4usize, prop::option::of(0..12usize), after, any::<bool>(), prop::bool::weighted(0.1));
    (request, rest).prop_map(|((method, path, version, header), (instance, token, after, keep_alive, throttled))| {
        Step { instance, token, after, keep_alive, throttled, version, header, ..Step::new(method, path) }
    })
}

/// An instance on Nitro, the same in another generation and with another seed, and one on Xen.
fn instances() -> [Instance; 4] {
    let instance = |instance_type: &str, seed| {
        let json = format!(
            r#"{{"instance_type": "{instance_type}", "instance_id": "i-0abcdef1234567890", "user_data": "{:300}", "role": {{"name": "web"}}}}"#,
            "#!"
        );
        Instance::new(&Record::from_json(&json).unwrap(), &Seed::new([seed; 32]), launch()).unwrap()
    };
    let first = instance("t3.micro", 7);
    let mut restarted = first.clone();
    restarted.restart(launch(), first.details().tags.clone(), 1);
    [first, restarted, instance("t3.micro", 8), instance("t2.micro", 7)]
}

/// A token of a minute, one of six hours, and one with another last symbol of the seal.
fn tokens(instance: &Instance) -> [String; 3] {
    let details = instance.details();
    let authority = Authority::new(
        &details.template.seed,
        details.profile().token_version,
        &details.instance_id,
        instance.generation(),
    );
    let issue = |ttl| authority.issue(launch(), ttl, Nonce::new(ttl.seconds().into()));
    let [short, long] =
        [Ttl::new(60).unwrap(), Ttl::MAX].map(|ttl| String::from_utf8(issue(ttl).as_bytes().to_vec()).unwrap());
    let mut forged = long.clone();
    forged.replace_range(50..51, if &long[50..51] == "A" { "B" } else { "A" });
    [short, long, forged]
}

fn launch() -> Timestamp {
    Timestamp::saturating_from_millis(1_767_225_600_000)
}
