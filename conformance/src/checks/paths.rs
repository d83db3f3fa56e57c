use super::builders::{certainty_override, convention, convention_as};
use super::check::Check;
use super::expect::Expect::{Listing, Lists, Omits, Same, Status};
use super::table::{LISTING, VALUE};
use crate::fidelity::BehaviourKind::Convention;
use imds::source::Certainty;

/// The checks of listings and of the spelling of paths.
pub(super) const PATHS: &[Check] = &[
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
    convention(
        "request.host",
        "An HTTP/1.1 request without Host is served",
        &[VALUE, "raw:GET /latest/meta-data/instance-id HTTP/1.1\n{session}\n\n"],
        &[Status(200), Same],
    ),
    convention_as(
        "path.slashes.value",
        "path.slashes",
        "A value's path may end with a slash",
        &[VALUE, "GET /latest/meta-data/instance-id/\n{session}"],
        &[Status(200), Same],
    ),
    Check {
        certainty_on_xen: Some(Certainty::Inferred),
        ..certainty_override(
            "path.slashes.runs",
            "Repeated slashes count as one",
            (Convention, "path.slashes"),
            Certainty::Seen(2),
            &[VALUE, "GET /latest//meta-data///instance-id\n{session}"],
            &[Status(200), Same],
        )
    },
    Check {
        certainty_on_xen: Some(Certainty::Chosen),
        ..convention(
            "path.dot-segments",
            "`.` in a path is resolved",
            &[VALUE, "GET /latest/meta-data/./instance-id\n{session}"],
            &[Status(200), Same],
        )
    },
    certainty_override(
        "path.dot-segments.parent",
        "`..` in a path is resolved, also percent-encoded and above the root",
        (Convention, "path.dot-segments"),
        Certainty::Chosen,
        &[
            VALUE,
            "GET /latest/user-data/../meta-data/instance-id\n{session}",
            "GET /../latest/meta-data/%2E%2e/meta-data/%2e/instance-id\n{session}",
        ],
        &[Status(200), Same],
    ),
    Check {
        certainty_on_xen: Some(Certainty::Chosen),
        ..convention(
            "path.escapes",
            "Path segments are percent-decoded once",
            &[
                VALUE,
                "GET /latest/meta-data/instance%2Did\n{session}",
                "GET /%6catest/meta-data/instance-id\n{session}",
            ],
            &[Status(200), Same],
        )
    },
    certainty_override(
        "path.escapes.bad",
        "Invalid escapes, encoded NULs and encoded slashes return 404",
        (Convention, "path.escapes"),
        Certainty::Chosen,
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
];
