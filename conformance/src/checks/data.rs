use super::builders::{always, convention, convention_as, profile};
use super::check::{Check, Condition};
use super::expect::Expect::{Differs, Json, Listing, Lists, Omits, Same, Status, Versions};
use crate::fidelity::BehaviourKind::Category;

/// The checks of versions, listings and documents.
pub(super) const DATA: &[Check] = &[
    profile(
        "absent_versions",
        "The listing of / has no version that the generation does not serve",
        &["GET /\n{session}"],
        &[Status(200), Versions],
    ),
    convention_as(
        "listing.versions",
        "listing.top",
        "The listing of / has the versions, oldest first, then `latest`",
        &["GET /\n{session}"],
        &[Status(200), Versions],
    ),
    convention(
        "version.newest",
        "`latest` is the newest listed version",
        &["GET /latest/meta-data/\n{session}", "GET /{newest}/meta-data/\n{session}"],
        &[Status(200), Same],
    ),
    convention_as(
        "version.unknown",
        "version.newest",
        "A version that is not listed returns 404",
        &["GET /2099-12-31/meta-data/\n{session}", "GET /2010-10-10/meta-data/\n{session}"],
        &[Status(404)],
    ),
    convention(
        "version.since",
        "A dated version has only the categories of its date",
        &["GET /2009-04-04/meta-data/\n{session}"],
        &[
            Status(200),
            Lists(&["ami-id", "instance-id", "placement/", "reservation-id"]),
            Omits(&["mac", "network/", "services/", "tags/", "events/", "system"]),
        ],
    ),
    convention_as(
        "version.since.first",
        "version.since",
        "The first version has only the oldest categories",
        &["GET /1.0/meta-data/\n{session}"],
        &[
            Status(200),
            Lists(&["ami-id", "instance-id", "reservation-id"]),
            Omits(&[
                "block-device-mapping/",
                "instance-action",
                "instance-type",
                "local-hostname",
                "placement/",
                "profile",
            ]),
        ],
    ),
    convention_as(
        "version.since.dynamic",
        "version.since",
        "Versions before 2009-04-04 have no dynamic data",
        &["GET /2008-09-01/dynamic/\n{session}", "GET /1.0/dynamic/\n{session}"],
        &[Status(404)],
    ),
    always(
        "credentials.form",
        "A role's credentials are a JSON document with the expected members",
        (Category, "meta-data/iam/security-credentials/{role}"),
        &["GET /latest/meta-data/iam/security-credentials/{role}\n{session}"],
        &[Status(200), Json(&["Code", "LastUpdated"])],
    ),
    Check {
        condition: Condition::TokensOptional,
        ..convention(
            "credentials.delivery",
            "Credentials requested with a token differ from those requested without",
            &[
                "GET /latest/meta-data/iam/security-credentials/{role}",
                "GET /latest/meta-data/iam/security-credentials/{role}\n{token-header}: {token}",
            ],
            &[Status(200), Differs],
        )
    },
    always(
        "identity.form",
        "The identity document is a JSON document with the expected members",
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
    always(
        "identity.listing",
        "The identity document is listed with its three signatures",
        (Category, "dynamic/instance-identity/rsa2048"),
        &["GET /latest/dynamic/instance-identity/\n{session}"],
        &[Status(200), Listing, Lists(&["document", "pkcs7", "rsa2048", "signature"])],
    ),
];
