//! Implementations with one fault each, and the checks that fail because of it: exactly those.
//! Every check must fail for one of them.

use std::collections::BTreeSet;

use imds_conformance::{CHECKS, Outcome};

use crate::in_process::{Faults, InProcess, NONE, ids};

struct Faulty {
    fault: &'static str,
    record: &'static str,
    faults: Faults,
    /// The ids of the checks that fail. The last may end with `*`: then one or more ids that begin
    /// with it fail.
    failing: &'static [&'static str],
}

#[test]
fn each_fault_fails_its_checks_and_no_others() {
    let mut wrong = Vec::new();
    for faulty in FAULTY {
        let report = InProcess::faulty(faulty.record, faulty.faults).report();
        let wildcard = faulty.failing.last().copied().filter(|id| id.ends_with('*'));
        let collapsed = |id: &str| wildcard.filter(|wildcard| id.starts_with(wildcard.trim_end_matches('*')));
        let failed = ids(&report, Outcome::Failed);
        let mut failed: Vec<&str> = failed.into_iter().map(|id| collapsed(id).unwrap_or(id)).collect();
        failed.dedup();
        if failed != faulty.failing {
            wrong.push(format!("{}: {failed:?}", faulty.fault));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_body_of_the_wrong_length_fails_every_check() {
    for (response, reason) in WRONG_LENGTHS {
        let report = InProcess::faulty(NITRO, Faults { response: *response, ..NONE }).report();
        for id in ["serve.token", "serve.v1", "tree.unknown"] {
            let finding = report.findings.iter().find(|finding| finding.id == id).unwrap();
            assert_eq!(finding.outcome, Outcome::Failed, "{id}: {}", finding.observed);
            assert!(finding.observed.ends_with(reason), "{id}: {}", finding.observed);
        }
    }
}

#[test]
fn chunked_bodies_are_decoded() {
    let assert_outcome = |response: ChangeResponse, outcome| {
        let report = InProcess::faulty(NITRO, Faults { response, ..NONE }).report();
        for id in ["serve.token", "serve.v1"] {
            let finding = report.findings.iter().find(|finding| finding.id == id).unwrap();
            assert_eq!(finding.outcome, outcome, "{id}: {}", finding.observed);
        }
    };
    assert_outcome(|_, response| chunked(&response), Outcome::Passed);
    assert_outcome(|_, response| chunked(&response).replace("0\r\n\r\n", ""), Outcome::Failed);
}

/// The response with a chunked body. The first chunk is one byte.
fn chunked(response: &str) -> String {
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let Some((first, rest)) = body.split_at_checked(1).filter(|(_, rest)| !rest.is_empty()) else {
        return response.into();
    };
    let head = with(&without(&format!("{head}\r\n\r\n"), "content-length"), "Transfer-Encoding: chunked");
    format!("{head}1;part=first\r\n{first}\r\n{:x}\r\n{rest}\r\n0\r\n\r\n", rest.len())
}

type ChangeResponse = fn(&str, String) -> String;
const WRONG_LENGTHS: &[(ChangeResponse, &str)] = &[
    (|_, response| response.replacen("Content-Length: ", "Content-Length: 1", 1), "the body is truncated"),
    (|_, response| response + "\n", "the body is longer than its Content-Length"),
    (|_, response| response.replacen("Content-Length: ", "Content-Length: x", 1), "Content-Length is not a number"),
];

#[test]
fn every_check_can_fail() {
    let failing: BTreeSet<&str> = FAULTY.iter().flat_map(|faulty| faulty.failing).copied().collect();
    let never: Vec<&str> = CHECKS.iter().map(|check| check.id).filter(|id| !failing.contains(id)).collect();
    assert_eq!(never, Vec::<&str>::new());
}

pub const NITRO: &str = r#"{"instance_type": "t3.micro", "role": {"name": "node"}}"#;
const NITRO_REQUIRED: &str = r#"{"instance_type": "t3.micro", "metadata_options": {"http_tokens": "required"}}"#;
pub const XEN: &str = r#"{"instance_type": "t2.nano", "role": {"name": "node"}}"#;

const FAULTY: &[Faulty] = &[
    Faulty {
        fault: "ignores X-Forwarded-For",
        record: NITRO,
        faults: Faults { request: |request| without(&request, "x-forwarded-for"), ..NONE },
        failing: &[
            "forwarded.put",
            "forwarded.session",
            "forwarded.session.method",
            "rule.order.proxy",
            "answer.remaining.absent",
        ],
    },
    Faulty {
        fault: "rejects every request with X-Forwarded-For",
        record: NITRO,
        faults: Faults {
            response: |request, response| {
                if has(request, "x-forwarded-for") { rejection("403 Forbidden") } else { response }
            },
            ..NONE
        },
        failing: &["forwarded.plain"],
    },
    Faulty {
        fault: "ignores Expect",
        record: NITRO,
        faults: Faults { request: |request| without(&request, "expect"), ..NONE },
        failing: &["expect", "pages.417"],
    },
    Faulty {
        fault: "uses a default TTL if the header is missing",
        record: NITRO,
        faults: Faults {
            request: |request| {
                let lacks_ttl = request.starts_with("PUT /latest/api/token ") && !has(&request, TOKEN_TTL);
                if lacks_ttl { with(&request, "X-aws-ec2-metadata-token-ttl-seconds: 60") } else { request }
            },
            ..NONE
        },
        failing: &["ttl.missing", "pages.400"],
    },
    Faulty {
        fault: "uses a default TTL if the header is invalid",
        record: NITRO,
        faults: Faults {
            request: |request| match value(&request, TOKEN_TTL) {
                Some("60" | "1" | "21600") | None => request,
                Some(_) => with(&without(&request, TOKEN_TTL), "X-aws-ec2-metadata-token-ttl-seconds: 60"),
            },
            ..NONE
        },
        failing: &["ttl.spelling", "ttl.range", "shortest_ttl", "shortest_ttl.void", "ttl.spelling.exact"],
    },
    Faulty {
        fault: "uses the first of two TTL headers",
        record: NITRO,
        faults: Faults {
            request: |request| match value(&request, TOKEN_TTL) {
                Some(ttl) => {
                    let line = format!("X-aws-ec2-metadata-token-ttl-seconds: {ttl}");
                    with(&without(&request, TOKEN_TTL), &line)
                }
                None => request,
            },
            ..NONE
        },
        failing: &["ttl.repeated"],
    },
    Faulty {
        fault: "issues tokens below any version",
        record: NITRO,
        faults: Faults { request: |request| request.replacen("/2021-03-23/api/token", TOKEN_PATH, 1), ..NONE },
        failing: &["put.path", "answer.remaining"],
    },
    Faulty {
        fault: "ignores tokens",
        record: NITRO,
        faults: Faults { request: |request| without(&request, TOKEN), ..NONE },
        failing: &[
            "shortest_ttl.void",
            "forwarded.session",
            "forwarded.session.method",
            "serve.v2",
            "serve.v2.spelling",
            "token.length",
            "token.forged",
            "token.other-instance",
            "token.expired",
            "token.spelling",
            "token.repeated",
            "token.repeated.invalid",
            "check_order.token",
            "pages",
            "answer.remaining",
            "token.life.remaining",
            "credentials.delivery",
        ],
    },
    Faulty {
        fault: "returns 404 for user data without a token",
        record: NITRO_REQUIRED,
        faults: Faults {
            response: |request, response| {
                let is_target = request.starts_with("GET /latest/user-data") && !has(request, TOKEN);
                if is_target { rejection("404 Not Found") } else { response }
            },
            ..NONE
        },
        failing: &["token.missing"],
    },
    Faulty {
        fault: "matches header names case-sensitively",
        record: NITRO,
        faults: Faults {
            request: |request| request.replace("\r\nx-aws-ec2-metadata-token:", "\r\nx-nothing:"),
            ..NONE
        },
        failing: &["serve.v2.spelling"],
    },
    Faulty {
        fault: "issues a fixed token",
        record: NITRO,
        faults: Faults {
            response: |request, response| {
                if !request.starts_with("PUT ") || body(&response).len() != 56 {
                    return response;
                }
                with_body(&response, "AQAEAIXkhdOR3sIqAVRdg0mVAdHYRr_fkfFDU7SDzH9whlWZJwANKg==")
            },
            ..NONE
        },
        failing: &[
            "serve.v2",
            "serve.v2.spelling",
            "token.repeated",
            "answer.remaining",
            "token.form.fresh",
            "token.life.remaining",
            "credentials.delivery",
        ],
    },
    Faulty {
        fault: "issues tokens of another form",
        record: NITRO,
        faults: Faults {
            request: |request| request.replace("oken: ours-", "oken: ").replace("oken:ours-", "oken:"),
            response: |request, response| {
                if !request.starts_with("PUT ") || body(&response).len() != 56 {
                    return response;
                }
                with_body(&response, &format!("ours-{}", body(&response)))
            },
            ..NONE
        },
        failing: &[
            "serve.token",
            "shortest_ttl",
            "cleans_token_path",
            "cleans_token_path.spellings",
            "token_version",
            "token.form",
        ],
    },
    Faulty {
        fault: "sends no token TTL header",
        record: NITRO,
        faults: Faults { response: |_, response| without(&response, TOKEN_TTL), ..NONE },
        failing: &[
            "shortest_ttl",
            "serve.v2",
            "serve.v2.spelling",
            "token.repeated",
            "answer.remaining",
            "token.life",
            "token.life.remaining",
        ],
    },
    Faulty {
        fault: "sends no token TTL header with a 404",
        record: NITRO,
        faults: Faults {
            response: |_, response| {
                if response.starts_with("HTTP/1.1 404") { without(&response, TOKEN_TTL) } else { response }
            },
            ..NONE
        },
        failing: &["answer.remaining"],
    },
    Faulty {
        fault: "rejects a TTL of 0, on Nitro",
        record: NITRO,
        faults: Faults {
            response: |request, response| {
                if value(request, TOKEN_TTL) == Some("0") { rejection("400 Bad Request") } else { response }
            },
            ..NONE
        },
        failing: &["shortest_ttl"],
    },
    Faulty {
        fault: "requires a token on the token path",
        record: NITRO_REQUIRED,
        faults: Faults {
            response: |request, response| {
                let needs_token = !request.starts_with("PUT") && request.contains(TOKEN_PATH) && !has(request, TOKEN);
                if needs_token { rejection("401 Unauthorized") } else { response }
            },
            ..NONE
        },
        failing: &["serve.methods", "token.method.required", "rule.order"],
    },
    Faulty {
        fault: "looks the path up before it checks the token",
        record: NITRO_REQUIRED,
        faults: Faults {
            response: |request, response| {
                let is_unknown = request.starts_with("GET /0000-00-00/") && !has(request, TOKEN);
                if is_unknown { rejection("404 Not Found") } else { response }
            },
            ..NONE
        },
        failing: &["check_order"],
    },
    Faulty {
        fault: "checks the method before the token",
        record: NITRO_REQUIRED,
        faults: Faults {
            response: |request, response| {
                if request.starts_with("DELETE ") { rejection("403 Forbidden") } else { response }
            },
            ..NONE
        },
        failing: &["check_order.method", "check_order.token"],
    },
    Faulty {
        fault: "rejects a request without Host",
        record: NITRO,
        faults: Faults {
            response: |request, response| {
                let lacks_host = request.contains(" HTTP/1.1\r\n") && !has(request, "host");
                if lacks_host { rejection("400 Bad Request") } else { response }
            },
            ..NONE
        },
        failing: &["request.host"],
    },
    Faulty {
        fault: "sends a token TTL header for a request without a token",
        record: NITRO,
        faults: Faults {
            response: |request, response| {
                let is_v1 = request.starts_with("GET /latest/meta-data/instance-id ") && !has(request, TOKEN);
                if is_v1 { with(&response, "X-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60") } else { response }
            },
            ..NONE
        },
        failing: &["serve.v1"],
    },
    Faulty {
        fault: "has an invalid AMI id and does not list the region",
        record: NITRO,
        faults: Faults {
            response: |request, response| match target(request) {
                "/latest/meta-data/ami-id" => with_body(&response, "ami-virtual"),
                "/latest/meta-data/placement/" => with_body(&response, &body(&response).replacen("\nregion", "", 1)),
                _ => response,
            },
            ..NONE
        },
        failing: &["category.meta-data/ami-id", "category.meta-data/placement/region"],
    },
    Faulty {
        fault: "sends Server: nginx",
        record: NITRO,
        faults: Faults { response: |_, response| response.replacen("Server: EC2ws", "Server: nginx", 1), ..NONE },
        failing: &["answer.server"],
    },
    Faulty {
        fault: "sends headers in another order",
        record: NITRO,
        faults: Faults {
            response: |_, response| {
                let line = value(&response, "date").map(|date| format!("Date: {date}")).unwrap();
                with(&without(&response, "date"), &line)
            },
            ..NONE
        },
        failing: &["document_order", "bare_order"],
    },
    Faulty {
        fault: "sends dates that are not HTTP dates",
        record: NITRO,
        faults: Faults {
            response: |_, response| {
                response.replace("Date: ", "Date: on ").replace("Last-Modified: ", "Last-Modified: on ")
            },
            ..NONE
        },
        failing: &["answer.server", "answer.last-modified"],
    },
    Faulty {
        fault: "parses a request before it is complete",
        record: NITRO,
        faults: Faults { hasty: true, ..NONE },
        failing: &["request.pieces"],
    },
    Faulty {
        fault: "sends another page with 503",
        record: NITRO,
        faults: Faults {
            rate: Some(50),
            response: |_, response| {
                if response.contains(" 503 ") { with_body(&response, "slow down") } else { response }
            },
            ..NONE
        },
        failing: &["throttle"],
    },
    Faulty {
        fault: "keeps connections open",
        record: NITRO,
        faults: Faults { keeps_open: true, ..NONE },
        failing: &["answer.connection", "answer.drain"],
    },
    Faulty {
        fault: "always responds with HTTP/1.0",
        record: NITRO,
        faults: Faults { response: |_, response| response.replacen("HTTP/1.1", "HTTP/1.0", 1), ..NONE },
        failing: &["status_line"],
    },
    Faulty {
        fault: "always responds with HTTP/1.1",
        record: NITRO,
        faults: Faults { response: |_, response| response.replacen("HTTP/1.0", "HTTP/1.1", 1), ..NONE },
        failing: &["status_line.old"],
    },
    Faulty {
        fault: "sends another Accept-Ranges, reason phrase and Content-Type",
        record: NITRO,
        faults: Faults {
            response: |_, response| {
                response
                    .replacen("Accept-Ranges: none", "Accept-Ranges: bytes", 1)
                    .replacen("Not Allowed", "Method Not Allowed", 1)
                    .replacen("Content-Type: text/plain", "Content-Type: text/plain; charset=utf-8", 1)
                    .replacen("Content-Type: text/html", "Content-Type: text/html; charset=utf-8", 1)
            },
            ..NONE
        },
        failing: &[
            "accept_ranges",
            "method_not_allowed",
            "answer.content-type",
            "answer.content-type.token",
            "answer.content-type.page",
        ],
    },
    Faulty {
        fault: "sends a JSON page with 404",
        record: NITRO,
        faults: Faults {
            response: |_, response| {
                if response.starts_with("HTTP/1.1 404") { with_body(&response, "{}") } else { response }
            },
            ..NONE
        },
        failing: &["pages", "doctype_indent", "answer.head.unknown"],
    },
    Faulty {
        fault: "returns 200 for unknown paths",
        record: NITRO,
        faults: Faults { response: |_, response| response.replacen("404 Not Found", "200 OK", 1), ..NONE },
        failing: &[
            "tree.unknown",
            "pages",
            "doctype_indent",
            "answer.content-type.page",
            "answer.head.unknown",
            "path.escapes.bad",
            "version.unknown",
            "version.since.dynamic",
            "category.user-data",
        ],
    },
    Faulty {
        fault: "answers POST and DELETE like GET, on Nitro",
        record: NITRO,
        faults: Faults { request: as_get, ..NONE },
        failing: &["rejected_method", "tree.forbidden", "tree.method", "post_reads"],
    },
    Faulty {
        fault: "rejects POST, on Xen",
        record: XEN,
        faults: Faults {
            response: |request, response| {
                if request.starts_with("POST ") { rejection("405 Method Not Allowed") } else { response }
            },
            ..NONE
        },
        failing: &["post_reads"],
    },
    Faulty {
        fault: "serves GET on the token path",
        record: NITRO,
        faults: Faults {
            response: |request, response| {
                let is_target =
                    request.starts_with("GET /latest/api/token") || request.starts_with("POST /latest/api/token");
                if is_target { response.replacen("405 Not Allowed", "200 OK", 1) } else { response }
            },
            ..NONE
        },
        failing: &["token.method", "rule.order", "method_not_allowed"],
    },
    Faulty {
        fault: "sends no Allow header",
        record: NITRO,
        faults: Faults { response: |_, response| without(&response, "allow"), ..NONE },
        failing: &["serve.methods", "token.method", "options_lists_methods", "metadata_methods"],
    },
    Faulty {
        fault: "answers HEAD with a body",
        record: NITRO,
        faults: Faults {
            request: |request| {
                if request.starts_with("HEAD ") { request.replacen("HEAD ", "GET ", 1) } else { request }
            },
            ..NONE
        },
        failing: &["answer.head", "answer.head.unknown"],
    },
    Faulty {
        fault: "answers a Range request with a part of the body",
        record: NITRO,
        faults: Faults {
            response: |request, response| if has(request, "range") { with_body(&response, "ami-") } else { response },
            ..NONE
        },
        failing: &["range"],
    },
    Faulty {
        fault: "ends listings with a line feed",
        record: NITRO,
        faults: Faults {
            response: |_, response| {
                let is_listing = response.contains("\nami-launch-index\n");
                if is_listing { with_body(&response, &format!("{}\n", body(&response))) } else { response }
            },
            ..NONE
        },
        failing: &["forwarded.plain", "answer.head", "listing.order"],
    },
    Faulty {
        fault: "lists directories without a slash",
        record: NITRO,
        faults: Faults {
            response: |_, response| {
                let is_listing = response.contains("\nami-launch-index\n");
                if is_listing { with_body(&response, &body(&response).replace('/', "")) } else { response }
            },
            ..NONE
        },
        failing: &["answer.head", "listing.slashes", "version.since", "category.*"],
    },
    Faulty {
        fault: "lists the top of a version with slashes, and versions newest first",
        record: NITRO,
        faults: Faults {
            response: |request, response| {
                let mut lines: Vec<&str> = body(&response).split('\n').collect();
                if request.starts_with("GET /latest/ ") {
                    return with_body(&response, &format!("{}/", lines.join("/\n")));
                }
                if request.starts_with("GET / ") {
                    lines.reverse();
                    return with_body(&response, &lines.join("\n"));
                }
                response
            },
            ..NONE
        },
        failing: &["listing.top", "absent_versions", "listing.versions", "version.newest"],
    },
    Faulty {
        fault: "treats the query as a part of the path",
        record: NITRO,
        faults: Faults { request: |request| request.replacen('?', "%3F", 1), ..NONE },
        failing: &["path.query"],
    },
    Faulty {
        fault: "does not normalize slashes",
        record: NITRO,
        faults: Faults {
            response: |request, response| {
                let target = target(request);
                let is_unnormalized = target == "/latest/meta-data" || target.ends_with("instance-id/");
                if is_unnormalized || target.contains("//") { rejection("404 Not Found") } else { response }
            },
            ..NONE
        },
        failing: &[
            "cleans_token_path.spellings",
            "path.slashes",
            "path.slashes.value",
            "path.slashes.runs",
            "path.authority",
        ],
    },
    Faulty {
        fault: "resolves no dot segments",
        record: NITRO,
        faults: Faults { request: |request| request.replace("/.", "/.-"), ..NONE },
        failing: &["cleans_token_path.spellings", "path.dot-segments", "path.dot-segments.parent"],
    },
    Faulty {
        fault: "does not decode escapes",
        record: NITRO,
        faults: Faults { request: |request| request.replace('%', "%25"), ..NONE },
        failing: &["cleans_token_path.spellings", "path.dot-segments.parent", "path.escapes"],
    },
    Faulty {
        fault: "decodes slashes in segments and accepts invalid escapes",
        record: NITRO,
        faults: Faults {
            request: |request| {
                request.replacen("%2F", "/", 1).replacen("instance%2 ", "instance-id ", 1).replacen("%00", "", 1)
            },
            ..NONE
        },
        failing: &["path.escapes.bad"],
    },
    Faulty {
        fault: "rejects absolute targets",
        record: NITRO,
        faults: Faults {
            response: |request, response| {
                if request.starts_with("GET http:") { rejection("404 Not Found") } else { response }
            },
            ..NONE
        },
        failing: &["path.authority"],
    },
    Faulty {
        fault: "serves the newest tree for every version",
        record: NITRO,
        faults: Faults {
            request: |request| {
                ["/2099-12-31/", "/2010-10-10/", "/2009-04-04/", "/2008-09-01/", "/1.0/"]
                    .iter()
                    .fold(request, |request, version| request.replacen(version, "/latest/", 1))
            },
            ..NONE
        },
        failing: &["version.unknown", "version.since", "version.since.first", "version.since.dynamic"],
    },
    Faulty {
        fault: "serves an old tree for the newest version",
        record: NITRO,
        faults: Faults { request: |request| request.replacen("GET /2026-04-15/", "GET /2009-04-04/", 1), ..NONE },
        failing: &["version.newest"],
    },
    Faulty {
        fault: "lists 2022-07-09 on Nitro, and dsa2048 in place of rsa2048",
        record: NITRO,
        faults: Faults {
            response: |request, response| match target(request) {
                "/" => with_body(&response, &body(&response).replacen("\n2022-09-24", "\n2022-07-09\n2022-09-24", 1)),
                "/latest/dynamic/instance-identity/" => {
                    with_body(&response, &body(&response).replacen("rsa2048", "dsa2048", 1))
                }
                _ => response,
            },
            ..NONE
        },
        failing: &["absent_versions", "listing.versions", "identity.listing", "category.*"],
    },
    Faulty {
        fault: "sends credentials and the identity document with other members",
        record: NITRO,
        faults: Faults {
            response: |_, response| response.replace("\"Code\"", "\"kode\"").replace("\"region\"", "\"regiom\""),
            ..NONE
        },
        failing: &["credentials.form", "identity.form"],
    },
    Faulty {
        fault: "sends the same credentials with and without a token",
        record: NITRO,
        faults: Faults {
            response: |request, response| {
                if request.contains("/security-credentials/node ") {
                    with_body(&response, CREDENTIALS)
                } else {
                    response
                }
            },
            ..NONE
        },
        failing: &["credentials.delivery"],
    },
    Faulty {
        fault: "reads no chunked body",
        record: NITRO,
        faults: Faults {
            response: |request, response| {
                let is_served = request.contains("Transfer-Encoding: chunked") && response.starts_with("HTTP/1.1 200");
                if is_served { rejection("411 Length Required") } else { response }
            },
            ..NONE
        },
        failing: &["body.chunked", "body.chunked.data"],
    },
    Faulty {
        fault: "accepts malformed requests",
        record: NITRO,
        faults: Faults {
            response: |_, response| {
                let rejections = ["400", "413", "414", "431", "505"];
                if rejections.iter().any(|status| response.starts_with(&format!("HTTP/1.1 {status}"))) {
                    return rejection("200 OK");
                }
                response
            },
            ..NONE
        },
        failing: &[
            "ttl.missing",
            "ttl.repeated",
            "ttl.spelling",
            "ttl.range",
            "ttl.spelling.exact",
            "head.line",
            "head.target-length",
            "head.size",
            "head.field-count",
            "head.version",
            "field.syntax",
            "field.host-repeated",
            "field.content-length",
            "field.length-and-encoding",
            "field.transfer-encoding",
            "body.chunk-syntax",
            "body.size",
            "answer.drain",
        ],
    },
];

const TOKEN_TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";
const TOKEN: &str = "x-aws-ec2-metadata-token";
const TOKEN_PATH: &str = "/latest/api/token";
const CREDENTIALS: &str = r#"{"Code": "Success", "LastUpdated": "2026-01-01T00:00:00Z"}"#;

/// The value of the first header of this name, which is in lower case.
fn value<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = message.split_once("\r\n\r\n")?;
    let headers = head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
    headers.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
}

fn has(message: &str, name: &str) -> bool {
    value(message, name).is_some()
}

/// The message without the headers of this name.
fn without(message: &str, name: &str) -> String {
    let Some((head, rest)) = message.split_once("\r\n\r\n") else { return message.to_owned() };
    let is_kept = |line: &&str| line.split_once(':').is_none_or(|(own, _)| !own.eq_ignore_ascii_case(name));
    let lines: Vec<&str> = head.split("\r\n").filter(is_kept).collect();
    format!("{}\r\n\r\n{rest}", lines.join("\r\n"))
}

/// The message with this line as its last header.
fn with(message: &str, line: &str) -> String {
    message.replacen("\r\n\r\n", &format!("\r\n{line}\r\n\r\n"), 1)
}

fn body(message: &str) -> &str {
    message.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// The message with another body and Content-Length.
fn with_body(message: &str, body: &str) -> String {
    let (head, _) = message.split_once("\r\n\r\n").unwrap();
    let length = value(message, "content-length").unwrap();
    let head = head.replacen(&format!("Content-Length: {length}"), &format!("Content-Length: {}", body.len()), 1);
    format!("{head}\r\n\r\n{body}")
}

fn target(request: &str) -> &str {
    request.split(' ').nth(1).unwrap_or_default()
}

fn as_get(request: String) -> String {
    let is_metadata = !request.contains(" /latest/api/");
    match request.split_once(' ') {
        Some(("POST" | "DELETE", rest)) if is_metadata => format!("GET {rest}"),
        _ => request,
    }
}

/// An empty response of Nitro.
fn rejection(status: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: 0\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nServer: EC2ws\r\n\
         Connection: close\r\nContent-Type: text/plain\r\n\r\n"
    )
}
