use super::builders::{convention, malformed, rule};
use super::check::{Check, Condition};
use super::expect::Expect::{Closes, Same, Status, Throttled};
use super::table::{LISTING, VALUE};

/// The checks with malformed, large or many requests.
pub(super) const INTRUSIVE: &[Check] = &[
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
