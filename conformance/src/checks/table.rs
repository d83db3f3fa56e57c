use super::builders::{always, certainty_override, convention, convention_as, malformed, profile, profile_as, rule};
use super::check::{Check, Condition};
use super::expect::Expect::{
    AcceptRanges, Body, Closes, Date, Differs, Empty, Has, Header, HeaderOrder, Http10, Lacks, Listing, Lists, Omits,
    Page, Post, Reason, Remaining, Same, SameHead, Status, Throttled, Token, Version,
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
        "A token TTL of less than one second or more than six hours is rejected",
        &["PUT /latest/api/token\n{ttl}: 0", "PUT /latest/api/token\n{ttl}: 21601"],
        &[Status(400)],
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
        "A PUT to any path but the exact token path is rejected",
        &[
            "PUT /latest/api/token/\n{ttl}: 60",
            "PUT /2021-03-23/api/token\n{ttl}: 60",
            "PUT /latest/meta-data/\n{ttl}: 60",
        ],
        &[Status(403), Empty],
    ),
    rule(
        "token.method",
        "The token path accepts only OPTIONS and PUT",
        &["GET /latest/api/token", "GET /latest/api/token\n{token-header}: {token}"],
        &[Status(405), Header(ALLOW, "OPTIONS, PUT"), Empty],
    ),
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
    rule(
        "token.different",
        "Two different tokens in one request are rejected",
        &["GET /latest/meta-data/\n{token-header}: {token}\n{token-header}: {altered}"],
        &[Status(401)],
    ),
    rule(
        "tree.unknown",
        "An unknown path returns 404",
        &["GET /latest/meta-data/no-such-category\n{session}", "GET /latest/no-such-tree\n{session}"],
        &[Status(404), Reason],
    ),
    rule(
        "tree.method",
        "Metadata paths accept only GET and HEAD",
        &["DELETE /latest/meta-data/\n{session}"],
        &[Status(405), Header(ALLOW, "GET, HEAD"), Empty],
    ),
    convention(
        "rule.order",
        "The method is checked before the token",
        &["GET /latest/api/token\n{token-header}: {altered}", "POST /latest/api/token"],
        &[Status(405)],
    ),
    convention_as(
        "rule.order.proxy",
        "rule.order",
        "X-Forwarded-For is checked before the token TTL",
        &["PUT /latest/api/token\n{ttl}: 0\nX-Forwarded-For: 192.0.2.1"],
        &[Status(403)],
    ),
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
        &[PUT, "GET /latest/api/token", "PUT /\n{ttl}: 60"],
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
        &[UNKNOWN, "GET /latest/meta-data/\n{token-header}: {altered}", "PUT /\n{ttl}: 60", "GET /latest/api/token"],
        &[Page],
    ),
    Check {
        certainty_override: Some(Certainty::Inferred),
        ..profile_as(
            "pages.400",
            "pages",
            "400 has an XHTML page on Xen and is empty on Nitro",
            &["PUT /latest/api/token"],
            &[Page],
        )
    },
    profile(
        "doctype_indent",
        "The document type of a page has the profile's indentation",
        &[UNKNOWN],
        &[Status(404), Page],
    ),
    profile(
        "method_not_allowed",
        "405 has the profile's reason phrase",
        &["GET /latest/api/token"],
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
    convention(
        "answer.ttl-on-404",
        "A 404 has no token TTL header",
        &["GET /latest/meta-data/no-such-category\n{token-header}: {token}"],
        &[Status(404), Lacks(TOKEN_TTL)],
    ),
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
    // Listings and paths.
    convention(
        "listing.order",
        "Listings are sorted by byte and separated by line feeds, without one at the end",
        &[
            LISTING,
            "GET /latest/meta-data/placement/\n{session}",
            "GET /latest/meta-data/network/interfaces/macs/{mac}/\n{session}",
        ],
        &[Status(200), Listing],
    ),
    convention_as(
        "listing.slashes",
        "listing.order",
        "In a listing, directories end with a slash and values do not",
        &[LISTING],
        &[
            Lists(&["ami-id", "instance-id", "network/", "placement/"]),
            Omits(&["network", "placement", "instance-id/"]),
        ],
    ),
    convention(
        "listing.top",
        "The listing of a version has no slashes",
        &["GET /latest/\n{session}"],
        &[Status(200), Lists(&["dynamic", "meta-data"]), Omits(&["dynamic/", "meta-data/"])],
    ),
    convention(
        "path.query",
        "The query is ignored",
        &[
            VALUE,
            "GET /latest/meta-data/instance-id?a=b\n{session}",
            "GET /latest/meta-data/instance-id?a=/b/\n{session}",
        ],
        &[Status(200), Same],
    ),
    convention(
        "path.slashes",
        "The slash at the end of a directory's path is optional",
        &[LISTING, "GET /latest/meta-data\n{session}"],
        &[Status(200), Same],
    ),
    convention_as(
        "path.slashes.value",
        "path.slashes",
        "A value's path may end with a slash",
        &[VALUE, "GET /latest/meta-data/instance-id/\n{session}"],
        &[Status(200), Same],
    ),
    certainty_override(
        "path.slashes.runs",
        "Repeated slashes count as one",
        (Convention, "path.slashes"),
        Certainty::Inferred,
        &[VALUE, "GET /latest//meta-data///instance-id\n{session}"],
        &[Status(200), Same],
    ),
    convention(
        "path.dots",
        "`.` and `..` are not resolved and return 404",
        &["GET /latest/meta-data/../meta-data/\n{session}", "GET /latest/./meta-data/\n{session}"],
        &[Status(404)],
    ),
    convention(
        "path.escapes",
        "Path segments are percent-decoded once",
        &[VALUE, "GET /latest/meta-data/instance%2Did\n{session}", "GET /%6catest/meta-data/instance-id\n{session}"],
        &[Status(200), Same],
    ),
    convention_as(
        "path.escapes.bad",
        "path.escapes",
        "Invalid escapes, encoded NULs and encoded slashes return 404",
        &[
            "GET /latest/meta-data/instance%2\n{session}",
            "GET /latest/meta-data/instance-id%00\n{session}",
            "GET /latest/meta-data%2Finstance-id\n{session}",
        ],
        &[Status(404)],
    ),
    convention(
        "path.authority",
        "The scheme and authority of an absolute target are ignored",
        &[VALUE, "GET http://192.0.2.1/latest/meta-data/instance-id\n{session}"],
        &[Status(200), Same],
    ),
    // Malformed, large and many requests.
    Check {
        condition: Condition::Intrusive,
        ..rule("throttle", "A client that exceeds the rate limit gets 503 with its page", &[VALUE; 200], &[Throttled])
    },
    Check {
        condition: Condition::Intrusive,
        ..convention(
            "request.pieces",
            "A request that is sent byte by byte gets the same response",
            &[LISTING, "slow:GET /latest/meta-data/\n{session}"],
            &[Status(200), Same],
        )
    },
    malformed(
        "head.line",
        "A malformed request line is rejected",
        &["raw:GET\n\n", "raw:GET /latest/meta-data/ HTTP/1.1 x\nHost: {host}\n\n"],
        400,
    ),
    malformed("head.target-length", "A target longer than 8 KiB is rejected", &["GET /{a*8192}\n{session}"], 414),
    malformed(
        "head.size",
        "A head larger than 16 KiB is rejected",
        &["GET /latest/meta-data/\n{session}\nX-Pad: {a*8000}\nX-Pad: {a*8500}"],
        431,
    ),
    malformed(
        "head.field-count",
        "More than 100 headers are rejected",
        &["raw:GET /latest/meta-data/ HTTP/1.1\nHost: {host}{fields}\n\n"],
        431,
    ),
    malformed(
        "head.version",
        "An HTTP version other than 1.0 and 1.1 is rejected",
        &["GET /latest/meta-data/ HTTP/2.0\n{session}"],
        505,
    ),
    malformed(
        "field.syntax",
        "A malformed header is rejected",
        &[
            "GET /latest/meta-data/\n{session}\nX-Fold: a\n b",
            "GET /latest/meta-data/\n{session}\nX-Space : a",
            "GET /latest/meta-data/\n{session}\nX-Nul: a\0b",
        ],
        400,
    ),
    malformed(
        "field.host-missing",
        "An HTTP/1.1 request without Host is rejected",
        &["raw:GET /latest/meta-data/ HTTP/1.1\n{session}\n\n"],
        400,
    ),
    malformed(
        "field.host-repeated",
        "Two Host headers are rejected",
        &["GET /latest/meta-data/\n{session}\nHost: other"],
        400,
    ),
    malformed(
        "field.content-length",
        "An invalid or conflicting Content-Length is rejected",
        &[
            "GET /latest/meta-data/\n{session}\nContent-Length: x",
            "GET /latest/meta-data/\n{session}\nContent-Length: 0\nContent-Length: 1",
        ],
        400,
    ),
    malformed(
        "field.length-and-encoding",
        "Content-Length together with Transfer-Encoding is rejected",
        &["GET /latest/meta-data/\n{session}\nContent-Length: 0\nTransfer-Encoding: chunked\n\n0\n"],
        400,
    ),
    malformed(
        "field.transfer-encoding",
        "A Transfer-Encoding other than chunked is rejected, and each in HTTP/1.0",
        &[
            "PUT /latest/api/token\n{ttl}: 60\nTransfer-Encoding: gzip, chunked\n\n0",
            "PUT /latest/api/token\n{ttl}: 60\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n0",
            "PUT /latest/api/token HTTP/1.0\n{ttl}: 60\nTransfer-Encoding: chunked\n\n0",
        ],
        400,
    ),
    malformed(
        "body.chunk-syntax",
        "A malformed chunked body is rejected",
        &[
            "PUT /latest/api/token\n{ttl}: 60\nTransfer-Encoding: chunked\n\nx",
            "PUT /latest/api/token\n{ttl}: 60\nTransfer-Encoding: chunked\n\n1\nab\n0",
        ],
        400,
    ),
    malformed(
        "body.size",
        "A body larger than 64 KiB is rejected",
        &["PUT /latest/api/token\n{ttl}: 60\nContent-Length: 65537"],
        413,
    ),
    Check {
        condition: Condition::Intrusive,
        ..convention(
            "answer.drain",
            "A client can read the rejection of a body that the server did not read",
            &["PUT /latest/api/token\n{ttl}: 60\nContent-Length: 100000\n\n{a*100000}"],
            &[Status(413), Closes],
        )
    },
];

const PUT: &str = "PUT /latest/api/token\n{ttl}: 60";
/// Lists metadata with the token even if the endpoint is not known to accept it.
pub(crate) const IN_SESSION: &str = "GET /latest/meta-data/\n{token-header}: {token}";
const LISTING: &str = "GET /latest/meta-data/\n{session}";
const VALUE: &str = "GET /latest/meta-data/instance-id\n{session}";
const UNKNOWN: &str = "GET /latest/meta-data/no-such-category\n{session}";
