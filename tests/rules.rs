//! The rule table against a second implementation: nested ifs that follow AWS's sentences, for
//! every combination of facts.

use std::cell::Cell;
use std::collections::BTreeSet;

use imds::Timestamp;
use imds::http::{Body, CheckOrder, Method, PROFILES, Profile, RequestFault, Stage, Status};
use imds::rules::{self, Endpoint, Facts, Input, Outcome, RULES, TokenField, Trace, TtlField, Verdict};
use imds::token::{Session, TokenFault, Ttl, TtlFault};

#[test]
fn every_combination_of_facts_is_decided_by_the_rule_of_the_sentences() {
    for case in cases() {
        assert_eq!(decide(&case).0.rule().id, rule_by_sentences(&case), "{case:?}");
    }
}

#[test]
fn every_rule_decides_some_combination() {
    let deciding: BTreeSet<&str> = cases().map(|case| rule_by_sentences(&case)).collect();
    assert_eq!(deciding, RULES.iter().map(|rule| rule.id).collect());
}

#[test]
fn nothing_is_served_without_a_valid_token_if_tokens_are_required() {
    let mut rejected = 0;
    for case in cases().filter(|case| case.tokens_required && !matches!(case.token, TokenField::Valid(_))) {
        assert_ne!(decide(&case).0.rule().outcome, Outcome::Serve, "{case:?}");
        rejected += 1;
    }
    assert!(rejected > 0);
}

#[test]
fn a_trace_has_the_verdict_of_every_rule_up_to_the_one_that_decides() {
    for case in (0..).step_by(13).map_while(case) {
        let (trace, looked_up) = decide(&case);
        assert_is_complete(&trace, &case);
        assert!(trace.verdicts().map(|(rule, _)| rule.id).eq(RULES.iter().map(|rule| rule.id)), "EC2's order");
        // Path lookup is the costliest check.
        assert_eq!(looked_up, matches!(trace.rule().id, "tree.unknown" | "serve.v1" | "serve.v2"), "{case:?}");
    }
}

/// MMDS asks the method first, even if the endpoint is disabled.
#[test]
fn the_order_is_data_of_the_dialect() {
    static METHOD_FIRST: CheckOrder = CheckOrder::new([
        Stage::Method,
        Stage::Head,
        Stage::Endpoint,
        Stage::Headers,
        Stage::Throttle,
        Stage::Forwarded,
        Stage::Expect,
        Stage::Token,
        Stage::Body,
        Stage::Ttl,
        Stage::Lookup,
    ]);
    static REVERSED: CheckOrder = CheckOrder::new([
        Stage::Lookup,
        Stage::Ttl,
        Stage::Body,
        Stage::Method,
        Stage::Token,
        Stage::Expect,
        Stage::Forwarded,
        Stage::Throttle,
        Stage::Headers,
        Stage::Endpoint,
        Stage::Head,
    ]);
    let delete = Case { method: Method::Other, endpoint_enabled: false, ..plain() };
    assert_eq!(decide(&delete).0.rule().id, "endpoint.disabled");
    assert_eq!(decide_in(&delete, &METHOD_FIRST).0.rule().id, "tree.forbidden");
    assert_eq!(CheckOrder::EC2.stages()[6..8], [Stage::Token, Stage::Method]);

    for order in [&METHOD_FIRST, &REVERSED] {
        let ids: Vec<&str> = decide_in(&plain(), order).0.verdicts().map(|(rule, _)| rule.id).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), RULES.len(), "{order:?}");
        let place = |id: &str| ids.iter().position(|known| *known == id);
        for case in (0..).step_by(41).map_while(case) {
            let trace = decide_in(&case, order).0;
            assert_is_complete(&trace, &case);
            // The rule that decides in EC2's order decides in any other, unless another comes
            // before it.
            let (other, ec2) = (trace.rule().id, decide(&case).0.rule().id);
            assert!(place(other) <= place(ec2), "{other}, not {ec2}, decides {case:?}");
        }
        assert_eq!(decide_in(&plain(), order).0.rule().id, "serve.v1");
    }
    let both = Case { forwarded: true, token: TokenField::Invalid(TokenFault::Length), found: false, ..plain() };
    assert_eq!(decide(&both).0.rule().id, "forwarded.session");
    assert_eq!(decide_in(&both, &REVERSED).0.rule().id, "tree.unknown");
}

#[test]
fn a_verdict_depends_on_exactly_the_inputs_of_its_rule() {
    let mut seen = BTreeSet::new();
    for number in (0..).step_by(37) {
        let Some(before) = case(number) else { break };
        let before = decide(&before).0;
        let mut place = 1;
        for (values, inputs) in FACTS {
            let digit = number / place % values;
            for other in (0..*values).filter(|other| *other != digit) {
                let after = case(number - digit * place + other * place).unwrap();
                let after = decide(&after).0;
                for ((rule, verdict), (_, changed)) in before.verdicts().zip(after.verdicts()) {
                    let reached = verdict != Verdict::NotReached && changed != Verdict::NotReached;
                    if reached && verdict != changed {
                        let read: Vec<_> = rule.inputs().iter().filter(|input| inputs.contains(input)).collect();
                        assert!(!read.is_empty(), "{} does not list any of {inputs:?}", rule.id);
                        seen.extend(read.into_iter().map(|input| (rule.id, *input)));
                    }
                }
            }
            place *= values;
        }
    }
    for rule in RULES.iter().filter(|rule| matches!(rule.outcome, Outcome::Reject(_))) {
        for input in rule.inputs() {
            assert!(seen.contains(&(rule.id, *input)), "{} does not depend on {input:?}", rule.id);
        }
    }
}

#[test]
fn the_rules_have_stable_ids_and_the_order_of_the_questions() {
    let expected: Vec<&str> = QUESTIONS.iter().flat_map(|(_, _, ids)| *ids).copied().collect();
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids, expected);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an ID is repeated");
    for (question, statuses, ids) in QUESTIONS {
        let of_question = RULES.iter().filter(|rule| ids.contains(&rule.id)).map(|rule| rule.status().code());
        assert_eq!(of_question.collect::<BTreeSet<_>>(), statuses.iter().copied().collect(), "{question}");
    }
}

/// The questions in order of evaluation, with the statuses and the rules of each. Logs, transcripts
/// and tools contain the IDs, so they are a contract.
const QUESTIONS: &[(&str, &[u16], &[&str])] = &[
    (
        "1 unparseable",
        &[400, 414, 431, 505],
        &["head.line", "head.target-length", "head.size", "head.field-count", "head.version"],
    ),
    ("2 endpoint disabled", &[403], &["endpoint.disabled"]),
    (
        "3 otherwise malformed",
        &[400],
        &[
            "field.syntax",
            "field.host-repeated",
            "field.content-length",
            "field.length-and-encoding",
            "field.transfer-encoding",
        ],
    ),
    ("4 throttled", &[503], &["throttle"]),
    ("5 X-Forwarded-For", &[403], &["forwarded.put", "forwarded.session"]),
    ("6 Expect", &[417], &["expect"]),
    (
        "7 token",
        &[401],
        &["token.missing", "token.length", "token.spelling", "token.other-instance", "token.forged", "token.expired"],
    ),
    ("8 method", &[403, 405], &["put.path", "token.method", "tree.forbidden", "tree.method"]),
    ("9 body", &[400, 413], &["body.chunk-syntax", "body.size"]),
    ("10 TTL", &[400], &["ttl.missing", "ttl.repeated", "ttl.spelling", "ttl.range"]),
    ("11 lookup", &[404], &["tree.unknown"]),
    ("served", &[200], &["serve.methods", "serve.token", "serve.v2", "serve.v1"]),
];

/// The rule by AWS's sentences, or by this project's if AWS has none. It does not use the table.
fn rule_by_sentences(case: &Case) -> &'static str {
    let put = case.method == Method::Put;
    let reads = case.method == Method::Get || case.method == Method::Head;
    let shows_token = case.token != TokenField::Absent;

    // "1 unparseable (400, 414, 431, 505)"
    match case.fault {
        Some(RequestFault::Line) => return "head.line",
        Some(RequestFault::TargetLength) => return "head.target-length",
        Some(RequestFault::HeadSize) => return "head.size",
        Some(RequestFault::HeaderCount) => return "head.field-count",
        Some(RequestFault::Version) => return "head.version",
        _ => {}
    }
    // "403 - Forbidden – The request is not allowed or the IMDS is turned off."
    if !case.endpoint_enabled {
        return "endpoint.disabled";
    }
    // "3 otherwise malformed (400)"
    match case.fault {
        Some(RequestFault::HeaderSyntax) => return "field.syntax",
        Some(RequestFault::HostRepeated) => return "field.host-repeated",
        Some(RequestFault::ContentLength) => return "field.content-length",
        Some(RequestFault::LengthAndEncoding) => return "field.length-and-encoding",
        Some(RequestFault::TransferEncoding) => return "field.transfer-encoding",
        _ => {}
    }
    // "503 – The request could not be completed. Retry the request."
    if case.throttled {
        return "throttle";
    }
    if case.forwarded {
        // "PUT requests that contain an X-Forwarded-For header are rejected."
        if put {
            return "forwarded.put";
        }
        // "X-Forwarded-For on PUT, or beside a token header". "On a plain v1 GET: served"
        if shows_token {
            return "forwarded.session";
        }
    }
    // "Expect: 100-continue: 417"
    if case.expects {
        return "expect";
    }
    // "authentication comes before version, path and method"; "for every request except on the token
    // path". "401 - Unauthorized – The GET request uses an invalid token." "a token header that does
    // not verify, in optional mode too: 401"
    match case.token {
        _ if case.target == Endpoint::Token => {}
        TokenField::Absent if case.tokens_required => return "token.missing",
        TokenField::Invalid(TokenFault::Length) => return "token.length",
        TokenField::Invalid(TokenFault::Spelling) => return "token.spelling",
        TokenField::Invalid(TokenFault::OtherInstance) => return "token.other-instance",
        TokenField::Invalid(TokenFault::Forged) => return "token.forged",
        TokenField::Invalid(TokenFault::Expired { .. }) => return "token.expired",
        TokenField::Invalid(fault) => panic!("no sentence about {fault:?}"),
        TokenField::Absent | TokenField::Valid(_) => {}
    }
    match case.target {
        // "405 Allow: OPTIONS, PUT", whatever the token.
        Endpoint::Token => {
            if !put && case.method != Method::Options {
                return "token.method";
            }
        }
        // "PUT anywhere but the token path: 403". "HTTP GET and HEAD methods are allowed in IMDSv2
        // instance metadata requests". Nitro: "POST and DELETE on data: 403. OPTIONS on data: 200".
        // Xen: any other is 405.
        Endpoint::Tree => {
            if put {
                return "put.path";
            }
            if !reads {
                match (case.profile.name, case.method) {
                    ("nitro", Method::Options) => {}
                    ("nitro", _) => return "tree.forbidden",
                    _ => return "tree.method",
                }
            }
        }
    }
    // "size line at most 16 hexadecimal digits, CRLF required", "past it 413"
    match case.body {
        Body::Malformed => return "body.chunk-syntax",
        Body::TooLarge => return "body.size",
        Body::None | Body::Length(_) | Body::Chunked => {}
        other => panic!("no sentence about {other:?}"),
    }
    if put {
        // "400 - Missing or Invalid Parameters – The PUT request is not valid."
        match case.ttl {
            TtlField::Absent => return "ttl.missing",
            TtlField::Repeated => return "ttl.repeated",
            TtlField::Invalid(TtlFault::Spelling) => return "ttl.spelling",
            TtlField::Invalid(TtlFault::Range) => return "ttl.range",
            TtlField::Invalid(fault) => panic!("no sentence about {fault:?}"),
            TtlField::Valid(_) => return "serve.token",
        }
    }
    // "OPTIONS on the token path: 200, Allow: OPTIONS, PUT, empty"
    if case.method == Method::Options {
        return "serve.methods";
    }
    // "404 - Not Found – The requested resource is not available."
    if !case.found {
        return "tree.unknown";
    }
    if shows_token { "serve.v2" } else { "serve.v1" }
}

/// A combination of [`Facts`], with the result of the path lookup.
#[derive(Debug)]
struct Case {
    fault: Option<RequestFault>,
    endpoint_enabled: bool,
    throttled: bool,
    forwarded: bool,
    expects: bool,
    method: Method,
    target: Endpoint,
    profile: &'static Profile,
    body: Body,
    ttl: TtlField,
    token: TokenField,
    tokens_required: bool,
    found: bool,
}

/// Asserts that every rule before the one that decides has a verdict, and none after it.
fn assert_is_complete(trace: &Trace, case: &Case) {
    let mut decided = false;
    for (rule, verdict) in trace.verdicts() {
        let fits = match verdict {
            Verdict::Passes | Verdict::DoesNotApply => !decided,
            Verdict::Decides => !decided && rule.id == trace.rule().id,
            Verdict::NotReached => decided,
        };
        assert!(fits, "{}: {verdict:?} for {case:?}", rule.id);
        decided |= verdict == Verdict::Decides;
    }
    assert!(decided, "no rule decides {case:?}");
}

/// A GET without a token, which is served.
fn plain() -> Case {
    let plain = case(0).unwrap();
    Case { endpoint_enabled: true, target: Endpoint::Tree, found: true, ..plain }
}

/// The trace in EC2's order, and whether the path was looked up.
fn decide(case: &Case) -> (Trace, bool) {
    decide_in(case, &CheckOrder::EC2)
}

fn decide_in(case: &Case, order: &'static CheckOrder) -> (Trace, bool) {
    let looked_up = Cell::new(false);
    let facts = Facts {
        fault: case.fault,
        endpoint_enabled: case.endpoint_enabled,
        throttled: case.throttled,
        forwarded: case.forwarded,
        expects: case.expects,
        method: case.method,
        endpoint: case.target,
        options_lists_methods: case.profile.options_lists_methods,
        forbids_methods: case.profile.rejected_method == Status::Forbidden,
        body: case.body,
        ttl: case.ttl,
        token: case.token,
        tokens_required: case.tokens_required,
        found: &|| {
            looked_up.set(true);
            case.found
        },
    };
    let trace = rules::decide(&facts, order);
    (trace, looked_up.get())
}

/// All 2,956,800 combinations. One TTL, session and body length represents all: no rule looks at
/// the number.
fn cases() -> impl Iterator<Item = Case> {
    (0..).map_while(case)
}

/// The combination with this number. Each fact is a digit of the number.
fn case(mut number: usize) -> Option<Case> {
    let rest = &mut number;
    let case = Case {
        found: digit(rest, BOTH),
        tokens_required: digit(rest, BOTH),
        token: digit(rest, TOKENS),
        ttl: digit(rest, TTLS),
        body: digit(rest, BODIES),
        target: digit(rest, ENDPOINTS),
        profile: digit(rest, PROFILES),
        method: digit(rest, METHODS),
        expects: digit(rest, BOTH),
        forwarded: digit(rest, BOTH),
        throttled: digit(rest, BOTH),
        endpoint_enabled: digit(rest, BOTH),
        fault: digit(rest, FAULTS),
    };
    (number == 0).then_some(case)
}

fn digit<T: Copy>(number: &mut usize, values: &[T]) -> T {
    let value = values[*number % values.len()];
    *number /= values.len();
    value
}

/// The facts in the order of the digits: the number of values, and the inputs that a change of the
/// fact changes.
const FACTS: &[(usize, &[Input])] = &[
    (BOTH.len(), &[Input::Path, Input::InstanceMetadataTags, Input::Instance]),
    (BOTH.len(), &[Input::HttpTokens]),
    (TOKENS.len(), &[Input::Token, Input::Clock, Input::Instance]),
    (TTLS.len(), &[Input::TokenTtl, Input::Instance]),
    (BODIES.len(), &[Input::ContentLength, Input::TransferEncoding]),
    (ENDPOINTS.len(), &[Input::Path, Input::Instance]),
    (PROFILES.len(), &[Input::Instance]),
    (METHODS.len(), &[Input::Method]),
    (BOTH.len(), &[Input::Expect]),
    (BOTH.len(), &[Input::ForwardedFor]),
    (BOTH.len(), &[Input::Throttled]),
    (BOTH.len(), &[Input::HttpEndpoint]),
    (
        FAULTS.len(),
        &[
            Input::RequestLine,
            Input::TargetLength,
            Input::HeadSize,
            Input::Headers,
            Input::Version,
            Input::Host,
            Input::ContentLength,
            Input::TransferEncoding,
        ],
    ),
];
const BOTH: &[bool] = &[false, true];
const FAULTS: &[Option<RequestFault>] = &[
    None,
    Some(RequestFault::Line),
    Some(RequestFault::TargetLength),
    Some(RequestFault::HeadSize),
    Some(RequestFault::HeaderCount),
    Some(RequestFault::Version),
    Some(RequestFault::HeaderSyntax),
    Some(RequestFault::HostRepeated),
    Some(RequestFault::ContentLength),
    Some(RequestFault::LengthAndEncoding),
    Some(RequestFault::TransferEncoding),
];
const ENDPOINTS: &[Endpoint] = &[Endpoint::Token, Endpoint::Tree];
const METHODS: &[Method] = &[Method::Get, Method::Head, Method::Put, Method::Post, Method::Options, Method::Other];
const BODIES: &[Body] = &[Body::None, Body::Length(1), Body::Chunked, Body::TooLarge, Body::Malformed];
const TTLS: &[TtlField] = &[
    TtlField::Absent,
    TtlField::Repeated,
    TtlField::Invalid(TtlFault::Spelling),
    TtlField::Invalid(TtlFault::Range),
    TtlField::Valid(Ttl::ZERO),
];
const TOKENS: &[TokenField] = &[
    TokenField::Absent,
    TokenField::Invalid(TokenFault::Length),
    TokenField::Invalid(TokenFault::Spelling),
    TokenField::Invalid(TokenFault::OtherInstance),
    TokenField::Invalid(TokenFault::Forged),
    TokenField::Invalid(TokenFault::Expired { since: Timestamp::EPOCH }),
    TokenField::Valid(Session { expires: Timestamp::MAX, remaining: 1 }),
];
