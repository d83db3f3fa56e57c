//! Implementations that are wrong in one thing each, and the checks that this makes red: those and no others. A check that
//! none of them makes red would be worth nothing.

use std::collections::BTreeSet;

use imds_conformance::{CHECKS, Outcome};

use crate::local::{Faults, Local, NONE, ids};

struct Wrong {
    does: &'static str,
    record: &'static str,
    faults: Faults,
    red: &'static [&'static str],
}

#[test]
fn each_wrong_implementation_is_red_where_it_is_wrong_and_nowhere_else() {
    let mut faults = Vec::new();
    for wrong in WRONG {
        let report = Local::wrong(wrong.record, wrong.faults).report();
        let red: Vec<&str> = ids(&report, Outcome::Failed).into_iter().filter(|id| !wrong.also(id)).collect();
        if red != wrong.red {
            faults.push(format!("{}: {red:?}", wrong.does));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

impl Wrong {
    /// Where a directory cannot be told from a value, all that is below it is not found.
    fn also(&self, id: &str) -> bool {
        self.does.contains("directories") && id.starts_with("category.")
    }
}

#[test]
fn a_body_that_is_not_as_long_as_it_says_is_red_whatever_it_holds() {
    for (answer, fault) in LENGTHS {
        let report = Local::wrong(NITRO, Faults { answer: *answer, ..NONE }).report();
        for id in ["serve.token", "serve.v1", "tree.unknown"] {
            let found = report.findings.iter().find(|found| found.id == id).unwrap();
            assert_eq!(found.outcome, Outcome::Failed, "{id}: {}", found.saw);
            assert!(found.saw.ends_with(fault), "{id}: {}", found.saw);
        }
    }
}

#[test]
fn a_chunked_body_is_judged_by_what_it_holds() {
    let judged = |answer: Answer, outcome| {
        let report = Local::wrong(NITRO, Faults { answer, ..NONE }).report();
        for id in ["serve.token", "serve.v1"] {
            let found = report.findings.iter().find(|found| found.id == id).unwrap();
            assert_eq!(found.outcome, outcome, "{id}: {}", found.saw);
        }
    };
    judged(|_, answer| chunked(&answer), Outcome::Passed);
    judged(|_, answer| chunked(&answer).replace("0\r\n\r\n", ""), Outcome::Failed);
}

/// The same answer in pieces, the first of one byte.
fn chunked(answer: &str) -> String {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let Some((first, rest)) = body.split_at_checked(1).filter(|(_, rest)| !rest.is_empty()) else {
        return answer.into();
    };
    let head = with(&without(&format!("{head}\r\n\r\n"), "content-length"), "Transfer-Encoding: chunked");
    format!("{head}1;part=first\r\n{first}\r\n{:x}\r\n{rest}\r\n0\r\n\r\n", rest.len())
}

type Answer = fn(&str, String) -> String;
const LENGTHS: &[(Answer, &str)] = &[
    (|_, answer| answer.replacen("Content-Length: ", "Content-Length: 1", 1), "a body that is cut short"),
    (|_, answer| answer + "\n", "a body longer than its Content-Length"),
    (|_, answer| answer.replacen("Content-Length: ", "Content-Length: x", 1), "a Content-Length that is no number"),
];

#[test]
fn every_check_can_fail() {
    let can: BTreeSet<&str> = WRONG.iter().flat_map(|wrong| wrong.red).copied().collect();
    let cannot: Vec<&str> = CHECKS.iter().map(|check| check.id).filter(|id| !can.contains(id)).collect();
    assert_eq!(cannot, Vec::<&str>::new());
}

pub const NITRO: &str = r#"{"instance_type": "t3.micro", "role": {"name": "node"}}"#;
const NITRO_REQUIRED: &str = r#"{"instance_type": "t3.micro", "metadata_options": {"http_tokens": "required"}}"#;
pub const XEN: &str = r#"{"instance_type": "t2.nano", "role": {"name": "node"}}"#;

const WRONG: &[Wrong] = &[
    Wrong {
        does: "takes what came through a proxy",
        record: NITRO,
        faults: Faults { ask: |request| without(&request, "x-forwarded-for"), ..NONE },
        red: &["forwarded.put", "forwarded.session", "rule.order.proxy"],
    },
    Wrong {
        does: "refuses whatever came through a proxy",
        record: NITRO,
        faults: Faults {
            answer: |request, answer| if has(request, "x-forwarded-for") { refusal("403 Forbidden") } else { answer },
            ..NONE
        },
        red: &["forwarded.plain"],
    },
    Wrong {
        does: "asks for the body that is expected to be asked for",
        record: NITRO,
        faults: Faults { ask: |request| without(&request, "expect"), ..NONE },
        red: &["expect"],
    },
    Wrong {
        does: "gives a token some life where none is named",
        record: NITRO,
        faults: Faults {
            ask: |request| {
                let names_none = request.starts_with("PUT /latest/api/token ") && !has(&request, LIFE);
                if names_none { with(&request, "X-aws-ec2-metadata-token-ttl-seconds: 60") } else { request }
            },
            ..NONE
        },
        red: &["ttl.missing", "pages.400"],
    },
    Wrong {
        does: "gives a token some life where the named one is not understood",
        record: NITRO,
        faults: Faults {
            ask: |request| match value(&request, LIFE) {
                Some("60" | "1" | "21600") | None => request,
                Some(_) => with(&without(&request, LIFE), "X-aws-ec2-metadata-token-ttl-seconds: 60"),
            },
            ..NONE
        },
        red: &["ttl.spelling", "ttl.range", "ttl.spelling.exact"],
    },
    Wrong {
        does: "takes the first of two lives",
        record: NITRO,
        faults: Faults {
            ask: |request| match value(&request, LIFE) {
                Some(life) => {
                    let line = format!("X-aws-ec2-metadata-token-ttl-seconds: {life}");
                    with(&without(&request, LIFE), &line)
                }
                None => request,
            },
            ..NONE
        },
        red: &["ttl.repeated"],
    },
    Wrong {
        does: "issues tokens under any version and with a slash",
        record: NITRO,
        faults: Faults {
            ask: |request| {
                request.replacen("/latest/api/token/", TOKEN_PATH, 1).replacen("/2021-03-23/api/token", TOKEN_PATH, 1)
            },
            ..NONE
        },
        red: &["put.path"],
    },
    Wrong {
        does: "looks at no token",
        record: NITRO,
        faults: Faults { ask: |request| without(&request, TOKEN), ..NONE },
        red: &[
            "forwarded.session",
            "serve.v2",
            "serve.v2.spelling",
            "token.length",
            "token.forged",
            "token.other-instance",
            "token.expired",
            "token.spelling",
            "token.different",
            "pages",
            "token.life.remaining",
            "credentials.delivery",
        ],
    },
    Wrong {
        does: "serves user data without a token",
        record: NITRO_REQUIRED,
        faults: Faults {
            answer: |request, answer| {
                let is_it = request.starts_with("GET /latest/user-data") && !has(request, TOKEN);
                if is_it { refusal("404 Not Found") } else { answer }
            },
            ..NONE
        },
        red: &["token.missing"],
    },
    Wrong {
        does: "knows fields by one spelling only",
        record: NITRO,
        faults: Faults { ask: |request| request.replace("\r\nx-aws-ec2-metadata-token:", "\r\nx-nothing:"), ..NONE },
        red: &["serve.v2.spelling"],
    },
    Wrong {
        does: "issues a fixed token",
        record: NITRO,
        faults: Faults {
            answer: |request, answer| {
                if !request.starts_with("PUT ") || body(&answer).len() != 56 {
                    return answer;
                }
                with_body(&answer, "AQAEAIXkhdOR3sIqAVRdg0mVAdHYRr_fkfFDU7SDzH9whlWZJwANKg==")
            },
            ..NONE
        },
        red: &[
            "serve.v2",
            "serve.v2.spelling",
            "answer.ttl-on-404",
            "token.form.fresh",
            "token.life.remaining",
            "credentials.delivery",
        ],
    },
    Wrong {
        does: "issues tokens of its own form",
        record: NITRO,
        faults: Faults {
            ask: |request| request.replace("oken: ours-", "oken: ").replace("oken:ours-", "oken:"),
            answer: |request, answer| {
                if !request.starts_with("PUT ") || body(&answer).len() != 56 {
                    return answer;
                }
                with_body(&answer, &format!("ours-{}", body(&answer)))
            },
            ..NONE
        },
        red: &["serve.token", "token_version", "token.form"],
    },
    Wrong {
        does: "does not tell what remains of a token's life",
        record: NITRO,
        faults: Faults { answer: |_, answer| without(&answer, LIFE), ..NONE },
        red: &["serve.v2", "serve.v2.spelling", "token.life", "token.life.remaining"],
    },
    Wrong {
        does: "tells the life on errors too",
        record: NITRO,
        faults: Faults {
            answer: |_, answer| {
                let is_404 = answer.starts_with("HTTP/1.1 404");
                if is_404 {
                    answer.replacen("\r\n", "\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60\r\n", 1)
                } else {
                    answer
                }
            },
            ..NONE
        },
        red: &["answer.ttl-on-404"],
    },
    Wrong {
        does: "tells a life where no token was shown",
        record: NITRO,
        faults: Faults {
            answer: |request, answer| {
                let is_v1 = request.starts_with("GET /latest/meta-data/instance-id ") && !has(request, TOKEN);
                if is_v1 { with(&answer, "X-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60") } else { answer }
            },
            ..NONE
        },
        red: &["serve.v1"],
    },
    Wrong {
        does: "has an id that is none, and knows no region",
        record: NITRO,
        faults: Faults {
            answer: |request, answer| match target(request) {
                "/latest/meta-data/ami-id" => with_body(&answer, "ami-virtual"),
                "/latest/meta-data/placement/" => with_body(&answer, &body(&answer).replacen("\nregion", "", 1)),
                _ => answer,
            },
            ..NONE
        },
        red: &["category.meta-data/ami-id", "category.meta-data/placement/region"],
    },
    Wrong {
        does: "calls itself nginx",
        record: NITRO,
        faults: Faults { answer: |_, answer| answer.replacen("Server: EC2ws", "Server: nginx", 1), ..NONE },
        red: &["answer.server"],
    },
    Wrong {
        does: "has another order of fields",
        record: NITRO,
        faults: Faults {
            answer: |_, answer| {
                let line = value(&answer, "date").map(|date| format!("Date: {date}")).unwrap();
                with(&without(&answer, "date"), &line)
            },
            ..NONE
        },
        red: &["document_order", "bare_order"],
    },
    Wrong {
        does: "has a clock of its own form",
        record: NITRO,
        faults: Faults {
            answer: |_, answer| answer.replace("Date: ", "Date: on ").replace("Last-Modified: ", "Last-Modified: on "),
            ..NONE
        },
        red: &["answer.server", "answer.last-modified"],
    },
    Wrong {
        does: "takes the first bytes for the whole of a request",
        record: NITRO,
        faults: Faults { hasty: true, ..NONE },
        red: &["request.pieces"],
    },
    Wrong {
        does: "has words of its own for who asks too fast",
        record: NITRO,
        faults: Faults {
            rate: Some(50),
            answer: |_, answer| if answer.contains(" 503 ") { with_body(&answer, "slow down") } else { answer },
            ..NONE
        },
        red: &["throttle"],
    },
    Wrong {
        does: "keeps connections open",
        record: NITRO,
        faults: Faults { open: true, ..NONE },
        red: &["answer.connection", "answer.drain"],
    },
    Wrong {
        does: "answers with HTTP/1.0",
        record: NITRO,
        faults: Faults { answer: |_, answer| answer.replacen("HTTP/1.1", "HTTP/1.0", 1), ..NONE },
        red: &["status_line"],
    },
    Wrong {
        does: "answers with HTTP/1.1, whatever is asked",
        record: NITRO,
        faults: Faults { answer: |_, answer| answer.replacen("HTTP/1.0", "HTTP/1.1", 1), ..NONE },
        red: &["status_line.old"],
    },
    Wrong {
        does: "names ranges, reasons and types otherwise",
        record: NITRO,
        faults: Faults {
            answer: |_, answer| {
                answer
                    .replacen("Accept-Ranges: none", "Accept-Ranges: bytes", 1)
                    .replacen("Not Allowed", "Method Not Allowed", 1)
                    .replacen("Content-Type: text/plain", "Content-Type: text/plain; charset=utf-8", 1)
                    .replacen("Content-Type: text/html", "Content-Type: text/html; charset=utf-8", 1)
            },
            ..NONE
        },
        red: &[
            "accept_ranges",
            "method_not_allowed",
            "answer.content-type",
            "answer.content-type.token",
            "answer.content-type.page",
        ],
    },
    Wrong {
        does: "has a page of JSON for what is not there",
        record: NITRO,
        faults: Faults {
            answer: |_, answer| {
                if answer.starts_with("HTTP/1.1 404") { with_body(&answer, "{}") } else { answer }
            },
            ..NONE
        },
        red: &["pages", "doctype_indent", "answer.head.unknown"],
    },
    Wrong {
        does: "finds everything",
        record: NITRO,
        faults: Faults { answer: |_, answer| answer.replacen("404 Not Found", "200 OK", 1), ..NONE },
        red: &[
            "tree.unknown",
            "pages",
            "doctype_indent",
            "answer.content-type.page",
            "answer.head.unknown",
            "answer.ttl-on-404",
            "path.dots",
            "path.escapes.bad",
            "version.unknown",
            "category.user-data",
        ],
    },
    Wrong {
        does: "answers POST and DELETE as GET, on Nitro",
        record: NITRO,
        faults: Faults { ask: as_get, ..NONE },
        red: &["tree.method", "post_reads"],
    },
    Wrong {
        does: "refuses POST, on Xen",
        record: XEN,
        faults: Faults {
            answer: |request, answer| {
                if request.starts_with("POST ") { refusal("405 Method Not Allowed") } else { answer }
            },
            ..NONE
        },
        red: &["post_reads"],
    },
    Wrong {
        does: "lets the token path be read",
        record: NITRO,
        faults: Faults {
            answer: |request, answer| {
                let is_it =
                    request.starts_with("GET /latest/api/token") || request.starts_with("POST /latest/api/token");
                if is_it { answer.replacen("405 Not Allowed", "200 OK", 1) } else { answer }
            },
            ..NONE
        },
        red: &["token.method", "rule.order", "method_not_allowed"],
    },
    Wrong {
        does: "does not say what the token path takes",
        record: NITRO,
        faults: Faults { answer: |_, answer| without(&answer, "allow"), ..NONE },
        red: &["serve.methods", "token.method", "tree.method"],
    },
    Wrong {
        does: "answers HEAD with a body",
        record: NITRO,
        faults: Faults {
            ask: |request| if request.starts_with("HEAD ") { request.replacen("HEAD ", "GET ", 1) } else { request },
            ..NONE
        },
        red: &["answer.head", "answer.head.unknown"],
    },
    Wrong {
        does: "knows no ranges but answers with a part",
        record: NITRO,
        faults: Faults {
            answer: |request, answer| if has(request, "range") { with_body(&answer, "ami-") } else { answer },
            ..NONE
        },
        red: &["range"],
    },
    Wrong {
        does: "ends listings with a line feed",
        record: NITRO,
        faults: Faults {
            answer: |_, answer| {
                let is_listing = answer.contains("\nami-launch-index\n");
                if is_listing { with_body(&answer, &format!("{}\n", body(&answer))) } else { answer }
            },
            ..NONE
        },
        red: &["forwarded.plain", "answer.head", "listing.order"],
    },
    Wrong {
        does: "lists directories without a slash",
        record: NITRO,
        faults: Faults {
            answer: |_, answer| {
                let is_listing = answer.contains("\nami-launch-index\n");
                if is_listing { with_body(&answer, &body(&answer).replace('/', "")) } else { answer }
            },
            ..NONE
        },
        red: &["answer.head", "listing.slashes", "version.since"],
    },
    Wrong {
        does: "lists trees with a slash, and versions newest first",
        record: NITRO,
        faults: Faults {
            answer: |request, answer| {
                let mut lines: Vec<&str> = body(&answer).split('\n').collect();
                if request.starts_with("GET /latest/ ") {
                    return with_body(&answer, &format!("{}/", lines.join("/\n")));
                }
                if request.starts_with("GET / ") {
                    lines.reverse();
                    return with_body(&answer, &lines.join("\n"));
                }
                answer
            },
            ..NONE
        },
        red: &["listing.top", "listing.versions", "version.newest"],
    },
    Wrong {
        does: "takes a query for a part of the path",
        record: NITRO,
        faults: Faults { ask: |request| request.replacen('?', "%3F", 1), ..NONE },
        red: &["path.query"],
    },
    Wrong {
        does: "knows slashes as they are alone",
        record: NITRO,
        faults: Faults {
            answer: |request, answer| {
                let target = target(request);
                let is_bare = target == "/latest/meta-data" || target.ends_with("instance-id/");
                if is_bare || target.contains("//") { refusal("404 Not Found") } else { answer }
            },
            ..NONE
        },
        red: &["path.slashes", "path.slashes.value", "path.slashes.runs", "path.authority"],
    },
    Wrong {
        does: "resolves dots and decodes nothing",
        record: NITRO,
        faults: Faults {
            ask: |request| {
                request
                    .replacen("/meta-data/../meta-data/", "/meta-data/", 1)
                    .replacen("/./", "/", 1)
                    .replace('%', "%25")
            },
            ..NONE
        },
        red: &["path.dots", "path.escapes"],
    },
    Wrong {
        does: "decodes a path as a whole, and takes a bad escape as it is",
        record: NITRO,
        faults: Faults {
            ask: |request| {
                request.replacen("%2F", "/", 1).replacen("instance%2 ", "instance-id ", 1).replacen("%00", "", 1)
            },
            ..NONE
        },
        red: &["path.escapes.bad"],
    },
    Wrong {
        does: "knows no absolute target",
        record: NITRO,
        faults: Faults {
            answer: |request, answer| {
                if request.starts_with("GET http:") { refusal("404 Not Found") } else { answer }
            },
            ..NONE
        },
        red: &["path.authority"],
    },
    Wrong {
        does: "serves the newest tree under every date",
        record: NITRO,
        faults: Faults {
            ask: |request| {
                ["/2099-12-31/", "/2010-10-10/", "/2009-04-04/"]
                    .iter()
                    .fold(request, |request, version| request.replacen(version, "/latest/", 1))
            },
            ..NONE
        },
        red: &["version.unknown", "version.since"],
    },
    Wrong {
        does: "serves an old tree as the newest",
        record: NITRO,
        faults: Faults { ask: |request| request.replacen("GET /2024-04-11/", "GET /2009-04-04/", 1), ..NONE },
        red: &["version.newest"],
    },
    Wrong {
        does: "delivers credentials and the identity document in another form",
        record: NITRO,
        faults: Faults {
            answer: |_, answer| answer.replace("\"Code\"", "\"kode\"").replace("\"region\"", "\"regiom\""),
            ..NONE
        },
        red: &["credentials.form", "identity.form"],
    },
    Wrong {
        does: "delivers the same credentials in both versions",
        record: NITRO,
        faults: Faults {
            answer: |request, answer| {
                if request.contains("/security-credentials/node ") { with_body(&answer, CREDENTIALS) } else { answer }
            },
            ..NONE
        },
        red: &["credentials.delivery"],
    },
    Wrong {
        does: "takes whatever is odd",
        record: NITRO,
        faults: Faults {
            answer: |_, answer| {
                let odd = ["400", "411", "413", "414", "431", "505"];
                if odd.iter().any(|status| answer.starts_with(&format!("HTTP/1.1 {status}"))) {
                    return refusal("200 OK");
                }
                answer
            },
            ..NONE
        },
        red: &[
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
            "field.host-missing",
            "field.host-repeated",
            "field.content-length",
            "field.length-and-encoding",
            "body.encoded",
            "body.size",
            "answer.drain",
        ],
    },
];

const LIFE: &str = "x-aws-ec2-metadata-token-ttl-seconds";
const TOKEN: &str = "x-aws-ec2-metadata-token";
const TOKEN_PATH: &str = "/latest/api/token";
const CREDENTIALS: &str = r#"{"Code": "Success", "LastUpdated": "2026-01-01T00:00:00Z"}"#;

/// The value of a message's first field of this name, which is in lower case.
fn value<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = message.split_once("\r\n\r\n")?;
    let fields = head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
    fields.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
}

fn has(message: &str, name: &str) -> bool {
    value(message, name).is_some()
}

/// The message without its fields of this name.
fn without(message: &str, name: &str) -> String {
    let Some((head, rest)) = message.split_once("\r\n\r\n") else { return message.to_owned() };
    let is_kept = |line: &&str| line.split_once(':').is_none_or(|(own, _)| !own.eq_ignore_ascii_case(name));
    let lines: Vec<&str> = head.split("\r\n").filter(is_kept).collect();
    format!("{}\r\n\r\n{rest}", lines.join("\r\n"))
}

/// The message with one field more, as its last.
fn with(message: &str, line: &str) -> String {
    message.replacen("\r\n\r\n", &format!("\r\n{line}\r\n\r\n"), 1)
}

fn body(message: &str) -> &str {
    message.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// The message with another body and its length.
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
    let is_metadata = request.contains(" /latest/meta-data/");
    match request.split_once(' ') {
        Some(("POST" | "DELETE", rest)) if is_metadata => format!("GET {rest}"),
        _ => request,
    }
}

/// An empty answer as Nitro makes it.
fn refusal(status: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: 0\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nServer: EC2ws\r\n\
         Connection: close\r\nContent-Type: text/plain\r\n\r\n"
    )
}
