use super::builders::{always, certainty_override, convention, convention_as, profile, profile_as, rule};
use super::check::{Check, Condition};
use super::expect::Expect::{
    AcceptRanges, Body, Closes, Date, Differs, Empty, Has, Header, HeaderOrder, Http10, Lacks, Listing,
    MetadataMethods, Page, Post, Reason, RejectedMethod, Remaining, Same, SameHead, Status, Token, TokenPath, Version,
    ZeroTtl,
};
use crate::fidelity::BehaviourKind::{Convention, ProfileField, Rule};
use imds::http::HeaderLayout::{Bare, Document};
use imds::http::header::{ALLOW, CONNECTION, CONTENT_TYPE, DATE, LAST_MODIFIED, SERVER, SERVER_NAME, TOKEN_TTL};
use imds::source::Certainty;

/// The checks of requests and responses.
pub(super) const EXCHANGES: &[Check] = &[
    // Issuing tokens.
    rule("serve.token", "PUT on the token path issues a token", &[PUT], &[Status(200), Token]),
    rule(
        "serve.methods",
        "OPTIONS on the token path returns its methods in Allow",
        &["OPTIONS /latest/api/token"],
        &[Status(200), Header(ALLOW, "OPTIONS, PUT"), Empty],
    ),
    rule("ttl.missing", "A PUT without a token TTL header is rejected", &["PUT /latest/api/token"], &[Status(400)]),
    rule(
        "ttl.repeated",
        "A PUT with two token TTL headers is rejected",
        &["PUT /latest/api/token\n{ttl}: 60\n{ttl}: 60", "PUT /latest/api/token\n{ttl}: 60\n{ttl}: 61"],
        &[Status(400)],
    ),
    rule(
        "ttl.spelling",
        "A token TTL that is not a number is rejected",
        &["PUT /latest/api/token\n{ttl}: soon", "PUT /latest/api/token\n{ttl}:"],
        &[Status(400)],
    ),
    rule(
        "ttl.range",
        "A token TTL of more than six hours is rejected",
        &["PUT /latest/api/token\n{ttl}: 21601"],
        &[Status(400)],
    ),
    profile(
        "shortest_ttl",
        "A token TTL of 0 is accepted on Nitro and rejected on Xen",
        &["PUT /latest/api/token\n{ttl}: 0"],
        &[ZeroTtl],
    ),
    profile_as(
        "shortest_ttl.void",
        "shortest_ttl",
        "A token with a TTL of 0 is rejected at once",
        &["GET /latest/meta-data/\n{token-header}: {void}"],
        &[Status(401)],
    ),
    certainty_override(
        "ttl.spelling.exact",
        "A token TTL is at most five digits, without a sign",
        (Rule, "ttl.spelling"),
        Certainty::Chosen,
        &[
            "PUT /latest/api/token\n{ttl}: +60",
            "PUT /latest/api/token\n{ttl}: 000060",
            "PUT /latest/api/token\n{ttl}: -1",
        ],
        &[Status(400)],
    ),
    rule(
        "put.path",
        "A PUT to any path but the token path is rejected",
        &["PUT /2021-03-23/api/token\n{session}\n{ttl}: 60", "PUT /latest/meta-data/\n{session}\n{ttl}: 60"],
        &[Status(403), Empty],
    ),
    profile(
        "cleans_token_path",
        "A PUT to the token path with a slash at the end gets a token on Nitro and is rejected on Xen",
        &["PUT /latest/api/token/\n{session}\n{ttl}: 60"],
        &[TokenPath],
    ),
    Check {
        certainty_override: Some(Certainty::Chosen),
        ..profile_as(
            "cleans_token_path.spellings",
            "cleans_token_path",
            "A PUT to another spelling of the token path gets a token on Nitro and is rejected on Xen",
            &[
                "PUT //latest/api/token\n{session}\n{ttl}: 60",
                "PUT /latest/./api/token\n{session}\n{ttl}: 60",
                "PUT /latest/meta-data/../api/%74oken\n{session}\n{ttl}: 60",
            ],
            &[TokenPath],
        )
    },
    rule(
        "token.method",
        "The token path accepts only OPTIONS and PUT",
        &["GET /latest/api/token\n{session}", "GET /latest/api/token\n{token-header}: {token}"],
        &[Status(405), Header(ALLOW, "OPTIONS, PUT"), Empty],
    ),
    Check {
        condition: Condition::TokensRequired,
        ..certainty_override(
            "token.method.required",
            "If a token is required, the methods of the token path do not depend on one",
            (Rule, "token.method"),
            Certainty::Chosen,
            &["GET /latest/api/token"],
            &[Status(405), Header(ALLOW, "OPTIONS, PUT"), Empty],
        )
    },
    // Requests through a proxy.
    rule(
        "forwarded.put",
        "A PUT with X-Forwarded-For is rejected",
        &[
            "PUT /latest/api/token\n{ttl}: 60\nX-Forwarded-For: 192.0.2.1",
            "PUT /latest/api/token\n{ttl}: 60\nx-forwarded-for: unknown",
        ],
        &[Status(403), Empty],
    ),
    rule(
        "forwarded.session",
        "A GET with a token and X-Forwarded-For is rejected",
        &["GET /latest/meta-data/\n{token-header}: {token}\nX-Forwarded-For: 192.0.2.1"],
        &[Status(403), Empty],
    ),
    certainty_override(
        "forwarded.session.method",
        "A request of any method with a token and X-Forwarded-For is rejected",
        (Rule, "forwarded.session"),
        Certainty::Chosen,
        &[
            "DELETE /latest/meta-data/\n{token-header}: {token}\nX-Forwarded-For: 192.0.2.1",
            "OPTIONS /latest/api/token\n{token-header}: {token}\nX-Forwarded-For: 192.0.2.1",
        ],
        &[Status(403), Empty],
    ),
    Check {
        condition: Condition::TokensOptional,
        ..certainty_override(
            "forwarded.plain",
            "A GET with X-Forwarded-For but without a token is served",
            (Rule, "forwarded.session"),
            Certainty::Seen(1),
            &["GET /latest/meta-data/\nX-Forwarded-For: 192.0.2.1"],
            &[Status(200), Listing],
        )
    },
    rule(
        "expect",
        "A PUT with Expect: 100-continue is rejected",
        &["PUT /latest/api/token\n{ttl}: 60\nContent-Length: 0\nExpect: 100-continue"],
        &[Status(417)],
    ),
    // Reading metadata.
    rule("serve.v2", "Metadata is served with a token", &[IN_SESSION], &[Status(200), Body, Has(TOKEN_TTL)]),
    always(
        "serve.v2.spelling",
        "The name of the token header is case-insensitive, and the space after its colon is optional",
        (Rule, "serve.v2"),
        &[
            "GET /latest/meta-data/\nx-aws-ec2-metadata-token: {token}",
            "GET /latest/meta-data/\nX-aws-ec2-metadata-token:{token}",
        ],
        &[Status(200), Has(TOKEN_TTL)],
    ),
    Check {
        condition: Condition::TokensOptional,
        ..rule(
            "serve.v1",
            "If tokens are optional, metadata is served without one",
            &["GET /latest/meta-data/", "GET /latest/meta-data/instance-id"],
            &[Status(200), Body, Lacks(TOKEN_TTL)],
        )
    },
    Check {
        condition: Condition::TokensRequired,
        ..rule(
            "token.missing",
            "If a token is required, nothing is served without one",
            &["GET /latest/meta-data/", "GET /", "GET /latest/user-data", "HEAD /latest/meta-data/instance-id"],
            &[Status(401)],
        )
    },
    rule(
        "token.length",
        "A token that is not 56 characters long is rejected, even if tokens are optional",
        &["GET /latest/meta-data/\n{token-header}: {short}", "GET /latest/meta-data/\n{token-header}:"],
        &[Status(401)],
    ),
    rule(
        "token.forged",
        "A token that the service did not issue is rejected",
        &["GET /latest/meta-data/\n{token-header}: {altered}"],
        &[Status(401)],
    ),
    rule(
        "token.other-instance",
        "A token of another instance is rejected",
        &["GET /latest/meta-data/\n{token-header}: {foreign}"],
        &[Status(401)],
    ),
    rule(
        "token.expired",
        "An expired token is rejected",
        &["GET /latest/meta-data/\n{token-header}: {expired}"],
        &[Status(401)],
    ),
    rule(
        "token.spelling",
        "Another base64 spelling of a token's bytes is rejected",
        &["GET /latest/meta-data/\n{token-header}: {respelt}"],
        &[Status(401)],
    ),
    convention(
        "token.repeated",
        "Metadata is served if the last of two tokens is valid",
        &["GET /latest/meta-data/\n{token-header}: {altered}\n{token-header}: {token}"],
        &[Status(200), Has(TOKEN_TTL)],
    ),
    convention_as(
        "token.repeated.invalid",
        "token.repeated",
        "A request is rejected if the last of two tokens is invalid",
        &["GET /latest/meta-data/\n{token-header}: {token}\n{token-header}: {altered}"],
        &[Status(401)],
    ),
    rule(
        "tree.unknown",
        "An unknown path returns 404",
        &["GET /latest/meta-data/no-such-category\n{session}", "GET /latest/no-such-tree\n{session}"],
        &[Status(404), Reason],
    ),
    profile(
        "rejected_method",
        "A method that a metadata path does not allow gets 403 on Nitro and 405 on Xen",
        &["DELETE /latest/meta-data/\n{session}"],
        &[RejectedMethod],
    ),
    always(
        "tree.forbidden",
        "The rejection of a method on a metadata path does not depend on the path",
        (Rule, "tree.forbidden"),
        &["DELETE /latest/meta-data/no-such-category\n{session}"],
        &[RejectedMethod],
    ),
    always(
        "tree.method",
        "The version listing accepts the methods that the other metadata paths accept",
        (Rule, "tree.method"),
        &["DELETE /\n{session}"],
        &[RejectedMethod],
    ),
    profile(
        "options_lists_methods",
        "OPTIONS on a metadata path lists its methods on Nitro and is rejected on Xen",
        &["OPTIONS /latest/meta-data/instance-id\n{session}"],
        &[MetadataMethods],
    ),
    profile(
        "metadata_methods",
        "Allow on a metadata path lists the profile's methods",
        &["OPTIONS /latest/meta-data/\n{session}"],
        &[MetadataMethods],
    ),
    Check {
        condition: Condition::TokensRequired,
        ..profile(
            "check_order",
            "If a token is required, it is checked before the version and the path",
            &["GET /0000-00-00/", "GET /latest/meta-data/no-such-category", "PUT /2009-04-04/api/token\n{ttl}: 60"],
            &[Status(401)],
        )
    },
    Check {
        condition: Condition::TokensRequired,
        certainty_override: Some(Certainty::Chosen),
        ..profile_as(
            "check_order.method",
            "check_order",
            "If a token is required, it is checked before the method",
            &["DELETE /latest/meta-data/", "POST /latest/meta-data/\nContent-Length: 0", "OPTIONS /latest/meta-data/"],
            &[Status(401)],
        )
    },
    Check {
        certainty_override: Some(Certainty::Chosen),
        ..profile_as(
            "check_order.token",
            "check_order",
            "An invalid token is rejected before the method and the path, even if tokens are optional",
            &[
                "GET /latest/meta-data/no-such-category\n{token-header}: {altered}",
                "DELETE /latest/meta-data/\n{token-header}: {altered}",
                "PUT /latest/meta-data/\n{token-header}: {altered}\n{ttl}: 60",
            ],
            &[Status(401)],
        )
    },
    Check {
        certainty_override: Some(Certainty::Chosen),
        ..profile_as(
            "rule.order",
            "check_order",
            "On the token path the method is checked, and not the token",
            &["GET /latest/api/token\n{token-header}: {altered}", "POST /latest/api/token"],
            &[Status(405)],
        )
    },
    Check {
        certainty_override: Some(Certainty::Chosen),
        ..profile_as(
            "rule.order.proxy",
            "check_order",
            "X-Forwarded-For is checked before the token TTL",
            &["PUT /latest/api/token\n{ttl}: soon\nX-Forwarded-For: 192.0.2.1"],
            &[Status(403)],
        )
    },
    // Profile fields.
    profile("status_line", "The status line has the profile's HTTP version", &[PUT, LISTING, UNKNOWN], &[Version]),
    certainty_override(
        "status_line.old",
        "The response to an HTTP/1.0 request is HTTP/1.0",
        (ProfileField, "status_line"),
        Certainty::Seen(1),
        &["GET /latest/meta-data/ HTTP/1.0\n{session}"],
        &[Status(200), Http10],
    ),
    profile(
        "document_order",
        "Responses with metadata or a page have the profile's headers in its order",
        &[LISTING, VALUE, UNKNOWN],
        &[HeaderOrder(Document)],
    ),
    profile(
        "bare_order",
        "Responses with a token or an empty body have the profile's headers in its order",
        &[PUT, "GET /latest/api/token\n{session}", "PUT /\n{session}\n{ttl}: 60"],
        &[HeaderOrder(Bare)],
    ),
    profile(
        "accept_ranges",
        "Metadata has `Accept-Ranges: none` on Nitro and `bytes` on Xen",
        &[LISTING, VALUE],
        &[AcceptRanges],
    ),
    profile(
        "pages",
        "404 has an XHTML page, 401 has one on Xen only, 403 and 405 are empty",
        &[
            UNKNOWN,
            "GET /latest/meta-data/\n{token-header}: {altered}",
            "PUT /\n{session}\n{ttl}: 60",
            "GET /latest/api/token\n{session}",
        ],
        &[Page],
    ),
    Check {
        certainty_override: Some(Certainty::Seen(1)),
        certainty_on_xen: Some(Certainty::Inferred),
        ..profile_as(
            "pages.400",
            "pages",
            "400 has an XHTML page on Xen and is empty on Nitro",
            &["PUT /latest/api/token"],
            &[Page],
        )
    },
    Check {
        certainty_override: Some(Certainty::Chosen),
        certainty_on_xen: Some(Certainty::Inferred),
        ..profile_as(
            "pages.417",
            "pages",
            "417 has an XHTML page on Xen and is empty on Nitro",
            &["PUT /latest/api/token\n{ttl}: 60\nContent-Length: 0\nExpect: 100-continue"],
            &[Status(417), Page],
        )
    },
    profile_as(
        "doctype_indent",
        "pages",
        "The document type of a page has the profile's indentation",
        &[UNKNOWN],
        &[Status(404), Page],
    ),
    profile(
        "method_not_allowed",
        "405 has the profile's reason phrase",
        &["GET /latest/api/token\n{session}"],
        &[Status(405), Reason],
    ),
    profile("token_version", "A token begins with the profile's token version", &[PUT], &[Token]),
    profile(
        "post_reads",
        "POST on a metadata path is rejected on Nitro and answered like GET on Xen",
        &[LISTING, "POST /latest/meta-data/\n{session}\nContent-Length: 0"],
        &[Post],
    ),
    // Every response.
    convention(
        "answer.connection",
        "Every response has Connection: close, and the connection is closed",
        &[PUT, LISTING, UNKNOWN],
        &[Header(CONNECTION, "close"), Closes],
    ),
    convention(
        "answer.server",
        "Every response has Server: EC2ws and a Date header",
        &[PUT, LISTING, UNKNOWN],
        &[Header(SERVER, SERVER_NAME), Date(DATE)],
    ),
    convention(
        "answer.content-type",
        "Metadata is text/plain, including JSON documents",
        &[LISTING, VALUE, "GET /latest/dynamic/instance-identity/document\n{session}"],
        &[Header(CONTENT_TYPE, "text/plain")],
    ),
    convention_as(
        "answer.content-type.token",
        "answer.content-type",
        "A token is text/plain",
        &[PUT],
        &[Header(CONTENT_TYPE, "text/plain")],
    ),
    convention_as(
        "answer.content-type.page",
        "answer.content-type",
        "An error page is text/html",
        &[UNKNOWN],
        &[Status(404), Header(CONTENT_TYPE, "text/html")],
    ),
    convention(
        "answer.head",
        "HEAD returns the headers of GET and no body",
        &[LISTING, "HEAD /latest/meta-data/\n{session}"],
        &[SameHead],
    ),
    certainty_override(
        "answer.head.unknown",
        "HEAD returns the headers of GET and no body on a 404",
        (Convention, "answer.head"),
        Certainty::Seen(1),
        &[UNKNOWN, "HEAD /latest/meta-data/no-such-category\n{session}"],
        &[Status(404), SameHead],
    ),
    convention("answer.last-modified", "Metadata has a Last-Modified date", &[LISTING, VALUE], &[Date(LAST_MODIFIED)]),
    Check {
        certainty_on_xen: Some(Certainty::Chosen),
        ..convention(
            "answer.remaining",
            "A 404 and a 403 to a request with a token have the remaining TTL",
            &[
                "GET /latest/meta-data/no-such-category\n{token-header}: {token}",
                "PUT /2021-03-23/api/token\n{token-header}: {token}\n{ttl}: 60",
            ],
            &[Remaining(21_600)],
        )
    },
    Check {
        certainty_on_xen: Some(Certainty::Chosen),
        ..convention_as(
            "answer.remaining.absent",
            "answer.remaining",
            "A 401 and the 403 to a PUT with X-Forwarded-For have no token TTL header",
            &[
                "GET /latest/meta-data/\n{token-header}: {altered}",
                "PUT /latest/api/token\n{ttl}: 60\nX-Forwarded-For: 192.0.2.1",
            ],
            &[Lacks(TOKEN_TTL)],
        )
    },
    convention(
        "range",
        "Range and If-Modified-Since are ignored",
        &[
            LISTING,
            "GET /latest/meta-data/\n{session}\nRange: bytes=0-3",
            "GET /latest/meta-data/\n{session}\nIf-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT",
        ],
        &[Status(200), Same],
    ),
    // Tokens.
    convention("token.form", "A token is 56 characters of padded URL-safe base64", &[PUT], &[Token]),
    convention_as("token.form.fresh", "token.form", "Each PUT issues a different token", &[PUT, PUT], &[Differs]),
    convention("token.life", "The response to a PUT has the requested token TTL", &[PUT], &[Header(TOKEN_TTL, "60")]),
    convention_as(
        "token.life.remaining",
        "token.life",
        "Every response to a request with a token has the remaining TTL",
        &[IN_SESSION, "GET /latest/meta-data/instance-id\n{token-header}: {token}"],
        &[Remaining(21_600)],
    ),
    // Bodies.
    convention(
        "body.chunked",
        "A PUT with an empty chunked body issues a token",
        &["PUT /latest/api/token\n{ttl}: 60\nTransfer-Encoding: chunked\n\n0"],
        &[Status(200), Body],
    ),
    certainty_override(
        "body.chunked.data",
        "A PUT with chunks, an extension and a trailer issues a token",
        (Convention, "body.chunked"),
        Certainty::Chosen,
        &["PUT /latest/api/token\n{ttl}: 60\nTransfer-Encoding: chunked\n\n2;a=\"b\"\nab\n0a\nabcdefghij\n0\nX-A: b"],
        &[Status(200), Body],
    ),
];

pub(super) const PUT: &str = "PUT /latest/api/token\n{ttl}: 60";
/// Lists metadata with the token even if the endpoint is not known to accept it.
pub(crate) const IN_SESSION: &str = "GET /latest/meta-data/\n{token-header}: {token}";
pub(super) const LISTING: &str = "GET /latest/meta-data/\n{session}";
pub(super) const VALUE: &str = "GET /latest/meta-data/instance-id\n{session}";
pub(super) const UNKNOWN: &str = "GET /latest/meta-data/no-such-category\n{session}";
