//! Every behaviour with how it is known, gathered from the tables that the code runs on.
//!
//! FIDELITY.md is printed from this. What no rule, category or profile states is in [`CONVENTIONS`].

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use imds::http::PROFILE_FIELDS;
use imds::metadata::categories;
use imds::rules::RULES;
use imds::source::Source;

/// One behaviour.
#[derive(Debug, Clone)]
pub struct Behaviour {
    /// What kind of row it is.
    pub kind: Kind,
    /// A rule's id, a category's path, a profile's name and field, or a convention's id.
    pub key: String,
    /// What it is.
    pub what: String,
    /// How it is known.
    pub source: Source,
}

/// Where a behaviour is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// In [`RULES`].
    Rule,
    /// In the table of [`categories`].
    Category,
    /// In [`PROFILE_FIELDS`].
    ProfileField,
    /// In [`CONVENTIONS`].
    Convention,
    /// In the table of the API's error codes.
    ErrorCode,
}

/// What the code does in more than one place, or in a way that no table states.
#[derive(Debug, Clone, Copy)]
pub struct Convention {
    /// Stable name.
    pub id: &'static str,
    /// What is done.
    pub what: &'static str,
    /// How it is known.
    pub source: Source,
}

/// All behaviours: rules in their order, then profile fields, conventions, categories in the order of the tree, and the error
/// codes of EC2's API where the feature `control` is there.
pub fn behaviours() -> Vec<Behaviour> {
    let rules = RULES.iter().map(|rule| Behaviour {
        kind: Kind::Rule,
        key: rule.id.into(),
        what: alloc::format!("{} ({})", rule.name, rule.status().code()),
        source: rule.source,
    });
    let fields = PROFILE_FIELDS.iter().flat_map(|field| {
        [("nitro", field.nitro), ("xen", field.xen)].map(|(profile, source)| Behaviour {
            kind: Kind::ProfileField,
            key: alloc::format!("{profile}.{}", field.name),
            what: field.what.into(),
            source,
        })
    });
    let conventions = CONVENTIONS.iter().map(|convention| Behaviour {
        kind: Kind::Convention,
        key: convention.id.into(),
        what: convention.what.into(),
        source: convention.source,
    });
    let categories = categories().into_iter().map(|category| Behaviour {
        kind: Kind::Category,
        key: category.path(),
        what: alloc::format!("since {}", category.since()),
        source: category.source(),
    });
    let all = rules.chain(fields).chain(conventions).chain(categories);
    let all = all.chain(imds_ec2::query::ERROR_CODES.iter().map(|code| Behaviour {
        kind: Kind::ErrorCode,
        key: code.name.into(),
        what: alloc::format!("status {}", code.status),
        source: code.source,
    }));
    all.collect()
}

impl Behaviour {
    /// How it is known, in words.
    pub fn certainty(&self) -> String {
        self.source.certainty.to_string()
    }
}

const fn convention(id: &'static str, what: &'static str, source: Source) -> Convention {
    Convention { id, what, source }
}

/// What no rule, category or profile field states.
pub const CONVENTIONS: &[Convention] = &[
    convention(
        "answer.connection",
        "Every answer closes the connection, unless the server was started with keep-alive",
        Source::seen(
            23,
            "`Connection: close` in every exchange but one of 2023-01; keep-alive is for load tests and embedders",
        ),
    ),
    convention(
        "answer.content-type",
        "Metadata is text/plain, JSON documents too; user data is application/octet-stream; pages are text/html",
        Source::seen(
            15,
            "credentials and iam/info as text/plain three times; user data on Xen once, on Nitro inferred",
        ),
    ),
    convention(
        "answer.drain",
        "After a refusal that leaves input unread, the rest is dropped for at most 1 s or 256 KiB before the close",
        Source::chosen("RFC 9112 section 9.6: so that the asker can read the answer"),
    ),
    convention(
        "answer.head",
        "HEAD has the fields of GET and no body, on errors too",
        Source::seen(2, "`curl -I` of 2026-05-26, a 200 and a 401; on a 404 chosen"),
    ),
    convention(
        "answer.hop-limit",
        "The packets of every answer to a PUT carry the hop limit, and on one connection it never rises again",
        Source::documented("AWS: the hop limit of the PUT response; that refusals carry it too is inferred"),
    ),
    convention(
        "answer.last-modified",
        "The launch, unless the value has a time of its own (credentials, notices) or the directory a younger member",
        Source::seen(
            3,
            "a listing and a value 25 s later with the same time; iam/info with its LastUpdated; else chosen",
        ),
    ),
    convention(
        "answer.server",
        "Every answer names the server, EC2ws, and the time",
        Source::seen(23, "in every exchange; cloud detectors compare the name"),
    ),
    convention(
        "answer.ttl-on-404",
        "A 404 does not tell how long the token lives",
        Source::chosen("unknown; the page's fields seen have no place for it"),
    ),
    convention(
        "credentials.delivery",
        "Credentials differ by whether a token was shown, and say so",
        Source::documented("AWS: ec2:RoleDelivery is 1.0 or 2.0"),
    ),
    convention(
        "credentials.failure",
        "A role that cannot be assumed is 200 with its Code and a Message",
        Source::documented("AWS: troubleshooting IAM roles; smithy-rs knows the code"),
    ),
    convention(
        "credentials.rotation",
        "They last six hours and new ones come every hour",
        Source::documented(
            "a maintainer's word in botocore#2670; AWS: at least five minutes before the old ones expire",
        ),
    ),
    convention(
        "listing.order",
        "Names sorted by byte, a line feed between them and none after the last, `/` after a directory",
        Source::seen(
            9,
            "by exact lengths: 312, 313 and 326 bytes of listings, 9, 10, 19 and 53 of values, 200 and 472 of documents",
        ),
    ),
    convention(
        "listing.top",
        "The versions, and `dynamic`, `meta-data`, `user-data` below each, have no `/`",
        Source::seen(4, "flaws.cloud and three more"),
    ),
    convention(
        "listing.public-keys",
        "`public-keys/` lists `0=name`, and the path goes on with `0`",
        Source::documented("AWS, and every client that reads it"),
    ),
    convention(
        "options.pending",
        "A change is pending until it takes effect, and the old options rule until then",
        Source::documented("EC2's API: State pending, then applied"),
    ),
    convention(
        "path.authority",
        "Of an absolute target the scheme and the authority are ignored",
        Source::chosen("any Host works in reports of SSRF and of proxies"),
    ),
    convention(
        "path.dots",
        "`.` and `..` are names like others, so there is no such metadata",
        Source::chosen("nothing is removed that could be meant"),
    ),
    convention(
        "path.escapes",
        "Each segment is percent-decoded once; a bad escape, a NUL and an encoded slash are part of no name",
        Source::chosen("mondoo encodes segments; AWS says tag keys cannot need it"),
    ),
    convention(
        "path.query",
        "The query is ignored",
        Source::seen(1, "`/latest/meta-data?/statements?…` on Xen, 2022-07"),
    ),
    convention(
        "path.slashes",
        "Runs of slashes count as one; a directory needs none at its end and a value may have one",
        Source::seen(10, "values with a slash, directories without one; runs are inferred from clients that send them"),
    ),
    convention(
        "range",
        "Range and If-Modified-Since are ignored",
        Source::inferred("`Accept-Ranges: none` on Nitro, no ETag anywhere; on Xen chosen"),
    ),
    convention(
        "request.pieces",
        "An answer does not depend on how its request's bytes come, as long as they come in time",
        Source::inferred("TCP has no messages; clients send heads in one piece or in several"),
    ),
    convention(
        "rule.order",
        "The order of the rules",
        Source::chosen("no exchange shows two faults at once; the reasons stand at the table"),
    ),
    convention(
        "token.form",
        "56 characters of padded URL-safe base64 over 40 bytes, of which eight are an instance's own",
        Source::seen(15, "every token seen; what the other 32 bytes hold is ours"),
    ),
    convention(
        "token.life",
        "Good while now < issued + life, to the millisecond; the field says the remaining seconds rounded up",
        Source::seen(4, "21600 within the first second, 21575 after 25 s; the last millisecond is chosen"),
    ),
    convention(
        "token.generation",
        "A stop and start voids tokens",
        Source::chosen("a token is the session of one life of the instance"),
    ),
    convention(
        "version.newest",
        "A version newer than the instance knows is 404, and `latest` is the newest that it knows",
        Source::documented("AWS: a Nitro instance keeps the versions of its launch"),
    ),
    convention(
        "version.since",
        "A dated tree has what its date had; a category shows from the first served version not before its own",
        Source::seen(2, "the listing of 2009-04-04 (cloud-init#5711), the article's of 2019-10-01; else AWS's table"),
    ),
];
