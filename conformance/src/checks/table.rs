use super::builders::{always, convention, convention_as, less, odd, profile, profile_as, rule};
use super::expect::Expect::{
    AcceptRanges, Body, Closes, Date, Differs, Empty, Field, Has, Http10, Json, Lacks, LaunchSeq, Listing, Lists,
    Omits, Page, Post, Reason, Remaining, Same, SameHead, Status, Throttled, Token, Version, Versions,
};
use super::{Check, When};
use crate::fidelity::Kind::{Category, Convention, ProfileField, Rule};
use imds::http::FieldLayout::{Bare, Document};
use imds::http::header::{ALLOW, CONNECTION, CONTENT_TYPE, DATE, LAST_MODIFIED, SERVER, SERVER_NAME, TOKEN_TTL};
use imds::source::Certainty;

/// What can be seen of rules, profiles and conventions. Categories have a check each of their own, made from their table.
pub const CHECKS: &[Check] = &[
    // Tokens are issued.
    rule("serve.token", "PUT on the token path issues a token", &[PUT], &[Status(200), Token]),
    rule(
        "serve.methods",
        "OPTIONS on the token path names its methods",
        &["OPTIONS /latest/api/token"],
        &[Status(200), Field(ALLOW, "OPTIONS, PUT"), Empty],
    ),
    rule("ttl.missing", "A PUT that names no life is refused", &["PUT /latest/api/token"], &[Status(400)]),
    rule(
        "ttl.repeated",
        "A PUT that names two lives is refused",
        &["PUT /latest/api/token\n{life}: 60\n{life}: 60", "PUT /latest/api/token\n{life}: 60\n{life}: 61"],
        &[Status(400)],
    ),
    rule(
        "ttl.spelling",
        "A life that is no number is refused",
        &["PUT /latest/api/token\n{life}: soon", "PUT /latest/api/token\n{life}:"],
        &[Status(400)],
    ),
    rule(
        "ttl.range",
        "A life of less than a second or more than six hours is refused",
        &["PUT /latest/api/token\n{life}: 0", "PUT /latest/api/token\n{life}: 21601"],
        &[Status(400)],
    ),
    less(
        "ttl.spelling.exact",
        "A life has digits alone, at most five",
        (Rule, "ttl.spelling"),
        Certainty::Chosen,
        &[
            "PUT /latest/api/token\n{life}: +60",
            "PUT /latest/api/token\n{life}: 000060",
            "PUT /latest/api/token\n{life}: -1",
        ],
        &[Status(400)],
    ),
    rule(
        "put.path",
        "A PUT anywhere but exactly the token path is refused",
        &[
            "PUT /latest/api/token/\n{life}: 60",
            "PUT /2021-03-23/api/token\n{life}: 60",
            "PUT /latest/meta-data/\n{life}: 60",
        ],
        &[Status(403), Empty],
    ),
    rule(
        "token.method",
        "The token path is not read: it takes OPTIONS and PUT",
        &["GET /latest/api/token", "GET /latest/api/token\n{shown}: {token}"],
        &[Status(405), Field(ALLOW, "OPTIONS, PUT"), Empty],
    ),
    // What came through a proxy.
    rule(
        "forwarded.put",
        "A PUT that came through a proxy is refused",
        &[
            "PUT /latest/api/token\n{life}: 60\nX-Forwarded-For: 192.0.2.1",
            "PUT /latest/api/token\n{life}: 60\nx-forwarded-for: unknown",
        ],
        &[Status(403), Empty],
    ),
    rule(
        "forwarded.session",
        "A token that came through a proxy is refused",
        &["GET /latest/meta-data/\n{shown}: {token}\nX-Forwarded-For: 192.0.2.1"],
        &[Status(403), Empty],
    ),
    Check {
        when: When::Optional,
        ..less(
            "forwarded.plain",
            "A GET without a token that came through a proxy is served",
            (Rule, "forwarded.session"),
            Certainty::Seen(1),
            &["GET /latest/meta-data/\nX-Forwarded-For: 192.0.2.1"],
            &[Status(200), Listing],
        )
    },
    rule(
        "expect",
        "Whoever expects a word before the body is refused",
        &["PUT /latest/api/token\n{life}: 60\nContent-Length: 0\nExpect: 100-continue"],
        &[Status(417)],
    ),
    // Metadata is read.
    rule("serve.v2", "With a token metadata is served", &[IN_SESSION], &[Status(200), Body, Has(TOKEN_TTL)]),
    always(
        "serve.v2.spelling",
        "The token's field is known by any case of its name, and needs no blank behind its colon",
        (Rule, "serve.v2"),
        &[
            "GET /latest/meta-data/\nx-aws-ec2-metadata-token: {token}",
            "GET /latest/meta-data/\nX-aws-ec2-metadata-token:{token}",
        ],
        &[Status(200), Has(TOKEN_TTL)],
    ),
    Check {
        when: When::Optional,
        ..rule(
            "serve.v1",
            "Where tokens are optional, metadata is served without one",
            &["GET /latest/meta-data/", "GET /latest/meta-data/instance-id"],
            &[Status(200), Body, Lacks(TOKEN_TTL)],
        )
    },
    Check {
        when: When::Required,
        ..rule(
            "token.missing",
            "Where a token is required, nothing is served without one",
            &["GET /latest/meta-data/", "GET /", "GET /latest/user-data", "HEAD /latest/meta-data/instance-id"],
            &[Status(401)],
        )
    },
    rule(
        "token.length",
        "A token that has not 56 characters is refused, where tokens are optional too",
        &["GET /latest/meta-data/\n{shown}: {short}", "GET /latest/meta-data/\n{shown}:"],
        &[Status(401)],
    ),
    rule(
        "token.forged",
        "A token that is not the service's is refused",
        &["GET /latest/meta-data/\n{shown}: {altered}"],
        &[Status(401)],
    ),
    rule(
        "token.other-instance",
        "A token that names another instance is refused",
        &["GET /latest/meta-data/\n{shown}: {foreign}"],
        &[Status(401)],
    ),
    rule(
        "token.expired",
        "A token whose life is over is refused",
        &["GET /latest/meta-data/\n{shown}: {expired}"],
        &[Status(401)],
    ),
    rule(
        "token.spelling",
        "A token has one spelling: another one of the same bytes is refused",
        &["GET /latest/meta-data/\n{shown}: {respelt}"],
        &[Status(401)],
    ),
    rule(
        "token.different",
        "Two tokens that differ are refused",
        &["GET /latest/meta-data/\n{shown}: {token}\n{shown}: {altered}"],
        &[Status(401)],
    ),
    rule(
        "tree.unknown",
        "What is not there is not found",
        &["GET /latest/meta-data/no-such-category\n{session}", "GET /latest/no-such-tree\n{session}"],
        &[Status(404), Reason],
    ),
    rule(
        "tree.method",
        "Metadata is read with GET and HEAD",
        &["DELETE /latest/meta-data/\n{session}"],
        &[Status(405), Field(ALLOW, "GET, HEAD"), Empty],
    ),
    convention(
        "rule.order",
        "A method is refused before a token is looked at, a proxy before a life",
        &["GET /latest/api/token\n{shown}: {altered}", "POST /latest/api/token"],
        &[Status(405)],
    ),
    convention_as(
        "rule.order.proxy",
        "rule.order",
        "A proxy is refused before a life is looked at",
        &["PUT /latest/api/token\n{life}: 0\nX-Forwarded-For: 192.0.2.1"],
        &[Status(403)],
    ),
    // How this generation looks.
    profile("status_line", "The status line claims this generation's version", &[PUT, LISTING, UNKNOWN], &[Version]),
    less(
        "status_line.old",
        "A request of HTTP/1.0 is answered with 1.0",
        (ProfileField, "status_line"),
        Certainty::Seen(1),
        &["GET /latest/meta-data/ HTTP/1.0\n{session}"],
        &[Status(200), Http10],
    ),
    profile(
        "document_order",
        "The fields around metadata and pages are in this generation's order",
        &[LISTING, VALUE, UNKNOWN],
        &[LaunchSeq(Document)],
    ),
    profile(
        "bare_order",
        "The fields around a token and an empty body are in this generation's order",
        &[PUT, "GET /latest/api/token", "PUT /\n{life}: 60"],
        &[LaunchSeq(Bare)],
    ),
    profile(
        "accept_ranges",
        "Metadata says `Accept-Ranges: none` on Nitro, `bytes` on Xen",
        &[LISTING, VALUE],
        &[AcceptRanges],
    ),
    profile(
        "pages",
        "404 has the XHTML page; 401 has it on Xen and is empty on Nitro; 403 and 405 are empty",
        &[UNKNOWN, "GET /latest/meta-data/\n{shown}: {altered}", "PUT /\n{life}: 60", "GET /latest/api/token"],
        &[Page],
    ),
    Check {
        less: Some(Certainty::Inferred),
        ..profile_as(
            "pages.400",
            "pages",
            "400 has the XHTML page on Xen and is empty on Nitro",
            &["PUT /latest/api/token"],
            &[Page],
        )
    },
    profile(
        "doctype_indent",
        "The page's document type is indented as this generation does",
        &[UNKNOWN],
        &[Status(404), Page],
    ),
    profile(
        "method_not_allowed",
        "405 has this generation's reason phrase",
        &["GET /latest/api/token"],
        &[Status(405), Reason],
    ),
    profile("token_version", "A token begins with this generation's version", &[PUT], &[Token]),
    profile(
        "post_reads",
        "POST on metadata is refused on Nitro, and answered as GET on Xen",
        &[LISTING, "POST /latest/meta-data/\n{session}\nContent-Length: 0"],
        &[Post],
    ),
    // What holds of every answer.
    convention(
        "answer.connection",
        "Every answer says that it closes the connection, and does",
        &[PUT, LISTING, UNKNOWN],
        &[Field(CONNECTION, "close"), Closes],
    ),
    convention(
        "answer.server",
        "Every answer names the server EC2ws and the time",
        &[PUT, LISTING, UNKNOWN],
        &[Field(SERVER, SERVER_NAME), Date(DATE)],
    ),
    convention(
        "answer.content-type",
        "Metadata is text/plain, JSON documents too",
        &[LISTING, VALUE, "GET /latest/dynamic/instance-identity/document\n{session}"],
        &[Field(CONTENT_TYPE, "text/plain")],
    ),
    convention_as(
        "answer.content-type.token",
        "answer.content-type",
        "A token is text/plain",
        &[PUT],
        &[Field(CONTENT_TYPE, "text/plain")],
    ),
    convention_as(
        "answer.content-type.page",
        "answer.content-type",
        "A page is text/html",
        &[UNKNOWN],
        &[Status(404), Field(CONTENT_TYPE, "text/html")],
    ),
    convention(
        "answer.head",
        "HEAD has the fields of GET and no body",
        &[LISTING, "HEAD /latest/meta-data/\n{session}"],
        &[SameHead],
    ),
    less(
        "answer.head.unknown",
        "So has it on a 404",
        (Convention, "answer.head"),
        Certainty::Chosen,
        &[UNKNOWN, "HEAD /latest/meta-data/no-such-category\n{session}"],
        &[Status(404), SameHead],
    ),
    convention("answer.last-modified", "Metadata says when it last changed", &[LISTING, VALUE], &[Date(LAST_MODIFIED)]),
    convention(
        "answer.ttl-on-404",
        "A 404 does not tell how long the token lives",
        &["GET /latest/meta-data/no-such-category\n{shown}: {token}"],
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
    convention_as("token.form.fresh", "token.form", "Each PUT brings another token", &[PUT, PUT], &[Differs]),
    convention("token.life", "The answer to a PUT says the life that was asked for", &[PUT], &[Field(TOKEN_TTL, "60")]),
    convention_as(
        "token.life.remaining",
        "token.life",
        "Every answer in a session says what remains of it",
        &[IN_SESSION, "GET /latest/meta-data/instance-id\n{shown}: {token}"],
        &[Remaining(21_600)],
    ),
    // Listings and paths.
    convention(
        "listing.order",
        "Names are sorted by byte, with a line feed between them and none after the last",
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
        "A directory has a slash behind its name, a value has none",
        &[LISTING],
        &[
            Lists(&["ami-id", "instance-id", "network/", "placement/"]),
            Omits(&["network", "placement", "instance-id/"]),
        ],
    ),
    convention(
        "listing.top",
        "The top of a version lists its trees without a slash",
        &["GET /latest/\n{session}"],
        &[Status(200), Lists(&["dynamic", "meta-data"]), Omits(&["dynamic/", "meta-data/"])],
    ),
    convention_as(
        "listing.versions",
        "listing.top",
        "The root lists the versions, oldest first, then `latest`",
        &["GET /\n{session}"],
        &[Status(200), Versions],
    ),
    convention(
        "path.query",
        "A query is ignored",
        &[
            VALUE,
            "GET /latest/meta-data/instance-id?a=b\n{session}",
            "GET /latest/meta-data/instance-id?a=/b/\n{session}",
        ],
        &[Status(200), Same],
    ),
    convention(
        "path.slashes",
        "A directory needs no slash at its end, and a value may have one",
        &[LISTING, "GET /latest/meta-data\n{session}"],
        &[Status(200), Same],
    ),
    convention_as(
        "path.slashes.value",
        "path.slashes",
        "A value may have a slash at its end",
        &[VALUE, "GET /latest/meta-data/instance-id/\n{session}"],
        &[Status(200), Same],
    ),
    less(
        "path.slashes.runs",
        "Runs of slashes count as one",
        (Convention, "path.slashes"),
        Certainty::Inferred,
        &[VALUE, "GET /latest//meta-data///instance-id\n{session}"],
        &[Status(200), Same],
    ),
    convention(
        "path.dots",
        "`.` and `..` are names, so there is no such metadata",
        &["GET /latest/meta-data/../meta-data/\n{session}", "GET /latest/./meta-data/\n{session}"],
        &[Status(404)],
    ),
    convention(
        "path.escapes",
        "A segment is percent-decoded once",
        &[VALUE, "GET /latest/meta-data/instance%2Did\n{session}", "GET /%6catest/meta-data/instance-id\n{session}"],
        &[Status(200), Same],
    ),
    convention_as(
        "path.escapes.bad",
        "path.escapes",
        "A bad escape, a NUL and an encoded slash are part of no name",
        &[
            "GET /latest/meta-data/instance%2\n{session}",
            "GET /latest/meta-data/instance-id%00\n{session}",
            "GET /latest/meta-data%2Finstance-id\n{session}",
        ],
        &[Status(404)],
    ),
    convention(
        "path.authority",
        "Of an absolute target the scheme and the authority are ignored",
        &[VALUE, "GET http://192.0.2.1/latest/meta-data/instance-id\n{session}"],
        &[Status(200), Same],
    ),
    convention(
        "version.newest",
        "`latest` is the newest version that is listed",
        &["GET /latest/meta-data/\n{session}", "GET /{newest}/meta-data/\n{session}"],
        &[Status(200), Same],
    ),
    convention_as(
        "version.unknown",
        "version.newest",
        "A version that is not listed is not found",
        &["GET /2099-12-31/meta-data/\n{session}", "GET /2010-10-10/meta-data/\n{session}"],
        &[Status(404)],
    ),
    convention(
        "version.since",
        "A dated tree has what its date had",
        &["GET /2009-04-04/meta-data/\n{session}"],
        &[
            Status(200),
            Lists(&["ami-id", "instance-id", "placement/", "reservation-id"]),
            Omits(&["mac", "network/", "services/", "tags/", "events/", "system"]),
        ],
    ),
    // Credentials and documents.
    always(
        "credentials.form",
        "A role's credentials are a JSON document with its members",
        (Category, "meta-data/iam/security-credentials/{role}"),
        &["GET /latest/meta-data/iam/security-credentials/{role}\n{session}"],
        &[Status(200), Json(&["Code", "LastUpdated"])],
    ),
    Check {
        when: When::Optional,
        ..convention(
            "credentials.delivery",
            "Credentials differ by whether a token was shown",
            &[
                "GET /latest/meta-data/iam/security-credentials/{role}",
                "GET /latest/meta-data/iam/security-credentials/{role}\n{shown}: {token}",
            ],
            &[Status(200), Differs],
        )
    },
    always(
        "identity.form",
        "The identity document is JSON with its members",
        (Category, "dynamic/instance-identity/document"),
        &["GET /latest/dynamic/instance-identity/document\n{session}"],
        &[
            Status(200),
            Json(&[
                "accountId",
                "architecture",
                "availabilityZone",
                "imageId",
                "instanceId",
                "instanceType",
                "pendingTime",
                "privateIp",
                "region",
                "version",
            ]),
        ],
    ),
    // Odd bytes, and many: where a run may send them.
    Check {
        when: When::Intrusive,
        ..rule("throttle", "Whoever asks too fast is answered with 503 and its page", &[VALUE; 200], &[Throttled])
    },
    Check {
        when: When::Intrusive,
        ..convention(
            "request.pieces",
            "A request that comes byte by byte is answered as any other",
            &[LISTING, "slow:GET /latest/meta-data/\n{session}"],
            &[Status(200), Same],
        )
    },
    odd(
        "head.line",
        "A request line that cannot be read is refused",
        &["raw:GET\n\n", "raw:GET /latest/meta-data/ HTTP/1.1 x\nHost: {host}\n\n"],
        400,
    ),
    odd("head.target-length", "A target of more than 8 KiB is refused", &["GET /{a*8192}\n{session}"], 414),
    odd(
        "head.size",
        "A head of more than 16 KiB is refused",
        &["GET /latest/meta-data/\n{session}\nX-Pad: {a*8000}\nX-Pad: {a*8500}"],
        431,
    ),
    odd(
        "head.field-count",
        "More than 100 fields are refused",
        &["raw:GET /latest/meta-data/ HTTP/1.1\nHost: {host}{fields}\n\n"],
        431,
    ),
    odd(
        "head.version",
        "A version of HTTP other than 1.0 and 1.1 is refused",
        &["GET /latest/meta-data/ HTTP/2.0\n{session}"],
        505,
    ),
    odd(
        "field.syntax",
        "A malformed field is refused",
        &[
            "GET /latest/meta-data/\n{session}\nX-Fold: a\n b",
            "GET /latest/meta-data/\n{session}\nX-Space : a",
            "GET /latest/meta-data/\n{session}\nX-Nul: a\0b",
        ],
        400,
    ),
    odd(
        "field.host-missing",
        "A request of HTTP/1.1 without Host is refused",
        &["raw:GET /latest/meta-data/ HTTP/1.1\n{session}\n\n"],
        400,
    ),
    odd("field.host-repeated", "Two Host fields are refused", &["GET /latest/meta-data/\n{session}\nHost: other"], 400),
    odd(
        "field.content-length",
        "A Content-Length that is no number, or two, are refused",
        &[
            "GET /latest/meta-data/\n{session}\nContent-Length: x",
            "GET /latest/meta-data/\n{session}\nContent-Length: 0\nContent-Length: 1",
        ],
        400,
    ),
    odd(
        "field.length-and-encoding",
        "Content-Length beside Transfer-Encoding is refused",
        &["GET /latest/meta-data/\n{session}\nContent-Length: 0\nTransfer-Encoding: chunked\n\n0\n"],
        400,
    ),
    odd(
        "body.encoded",
        "A body whose length is not announced is refused",
        &["PUT /latest/api/token\n{life}: 60\nTransfer-Encoding: chunked\n\n0\n"],
        411,
    ),
    odd(
        "body.size",
        "A body of more than 64 KiB is refused",
        &["PUT /latest/api/token\n{life}: 60\nContent-Length: 65537"],
        413,
    ),
    Check {
        when: When::Intrusive,
        ..convention(
            "answer.drain",
            "A refusal is read whole though its request's input was not",
            &["PUT /latest/api/token\n{life}: 60\nContent-Length: 100000\n\n{a*100000}"],
            &[Status(413), Closes],
        )
    },
];

const PUT: &str = "PUT /latest/api/token\n{life}: 60";
pub(super) const IN_SESSION: &str = "GET /latest/meta-data/\n{shown}: {token}";
const LISTING: &str = "GET /latest/meta-data/\n{session}";
const VALUE: &str = "GET /latest/meta-data/instance-id\n{session}";
const UNKNOWN: &str = "GET /latest/meta-data/no-such-category\n{session}";
