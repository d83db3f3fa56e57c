//! All behaviours and how each is known, collected from the tables that the code uses.
//!
//! FIDELITY.md is printed from them. [`CONVENTIONS`] has the behaviours that are in no other table.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use imds::http::PROFILE_FIELDS;
use imds::metadata::categories;
use imds::rules::RULES;
use imds::source::Source;

/// One behaviour.
#[derive(Debug, Clone)]
pub struct Behaviour {
    /// The table that the behaviour is in.
    pub kind: BehaviourKind,
    /// The key within the table: the id of a rule or convention, the path of a category,
    /// `profile.field` or an error code.
    pub key: String,
    /// A description of the behaviour, or of the row in its table.
    pub description: String,
    /// The certainty and its source.
    pub source: Source,
}

/// The table that a behaviour is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BehaviourKind {
    /// [`RULES`].
    Rule,
    /// [`categories`].
    Category,
    /// [`PROFILE_FIELDS`].
    ProfileField,
    /// [`CONVENTIONS`].
    Convention,
    /// [`imds_ec2::query::ERROR_CODES`].
    ErrorCode,
}

/// A behaviour that is in no other table.
#[derive(Debug, Clone, Copy)]
pub struct Convention {
    /// Stable id, for example `token.life`.
    pub id: &'static str,
    /// A description of the behaviour.
    pub description: &'static str,
    /// The certainty and its source.
    pub source: Source,
}

/// All behaviours: rules in evaluation order, then profile fields, conventions, categories in the
/// order of the tree, and the error codes of EC2's Query API.
pub fn behaviours() -> Vec<Behaviour> {
    let rules = RULES.iter().map(|rule| Behaviour {
        kind: BehaviourKind::Rule,
        key: rule.id.into(),
        description: alloc::format!("{} ({})", rule.name, rule.status().code()),
        source: rule.source,
    });
    let fields = PROFILE_FIELDS.iter().flat_map(|field| {
        [("nitro", field.nitro), ("xen", field.xen)].map(|(profile, source)| Behaviour {
            kind: BehaviourKind::ProfileField,
            key: alloc::format!("{profile}.{}", field.name),
            description: field.description.into(),
            source,
        })
    });
    let conventions = CONVENTIONS.iter().map(|convention| Behaviour {
        kind: BehaviourKind::Convention,
        key: convention.id.into(),
        description: convention.description.into(),
        source: convention.source,
    });
    let categories = categories().into_iter().map(|category| Behaviour {
        kind: BehaviourKind::Category,
        key: category.path(),
        description: alloc::format!("since {}", category.since()),
        source: category.source(),
    });
    let all = rules.chain(fields).chain(conventions).chain(categories);
    let all = all.chain(imds_ec2::query::ERROR_CODES.iter().map(|code| Behaviour {
        kind: BehaviourKind::ErrorCode,
        key: code.name.into(),
        description: alloc::format!("status {}", code.status),
        source: code.source,
    }));
    all.collect()
}

impl Behaviour {
    /// The certainty as text, for example `seen 3 times`.
    pub fn certainty(&self) -> String {
        self.source.certainty.to_string()
    }
}

const fn convention(id: &'static str, description: &'static str, source: Source) -> Convention {
    Convention { id, description, source }
}

/// The behaviours that are not a rule, a category, a profile field or an error code.
pub const CONVENTIONS: &[Convention] = &[
    convention(
        "answer.connection",
        "Every response closes the connection, unless keep-alive is enabled",
        Source::seen(
            23,
            "`Connection: close` in every exchange except one of 2023-01; keep-alive is for load tests and embedders",
        ),
    ),
    convention(
        "answer.content-type",
        "Metadata is text/plain, including JSON documents; user data is application/octet-stream; pages are text/html",
        Source::seen(
            16,
            "documents three times, user data on Xen once; recorded 2026-09-26 on a t3.nano (radkawar/stackd)",
        ),
    ),
    convention(
        "answer.drain",
        "After a rejection that leaves input unread, up to 256 KiB of it are discarded for up to 1 s before the close",
        Source::chosen("RFC 9112 section 9.6: lets the client read the response"),
    ),
    convention(
        "answer.head",
        "HEAD returns the headers of GET and no body, including errors",
        Source::seen(3, "`curl -I` of 2026-05-26, a 200 and a 401; a 404 of 2019-01 with the length of its page"),
    ),
    convention(
        "answer.hop-limit",
        "The packets of every response to a PUT have the hop limit; it does not rise again on the same connection",
        Source::documented("AWS: the hop limit of the PUT response; inferred for rejections"),
    ),
    convention(
        "answer.last-modified",
        "Last-Modified is the launch time, or the time of the value (credentials, notices) or of the directory's newest entry",
        Source::seen(
            3,
            "a listing and a value 25 s later with the same time; iam/info with its LastUpdated; otherwise chosen",
        ),
    ),
    convention(
        "answer.server",
        "Every response has `Server: EC2ws` and a Date header",
        Source::seen(23, "in every exchange; tools that detect the cloud compare the name"),
    ),
    convention(
        "answer.remaining",
        "A 404, a 403 and the methods of a metadata path have the remaining TTL of the request's token; a 401 does not, and neither do the rejections before the check of the token",
        Source::seen(
            1,
            "many rows recorded 2026-09-26 on a t3.nano (radkawar/stackd); on Xen, and its place among the headers, chosen",
        ),
    ),
    convention(
        "body.chunked",
        "A chunked body is read to its end and discarded, with each method, on HTTP/1.1",
        Source::seen(
            2,
            "200 to a token PUT with an empty chunked body, 2021-09 (s3fs-fuse#1766) and 2023-01 (s3fs-fuse#2029); a body with data is chosen",
        ),
    ),
    convention(
        "credentials.delivery",
        "Credentials requested with a token differ from those requested without, and contain the version",
        Source::documented("AWS: ec2:RoleDelivery is 1.0 or 2.0"),
    ),
    convention(
        "credentials.failure",
        "For a role that cannot be assumed the response is 200 with a Code and a Message; other codes have no Message",
        Source::seen(
            1,
            "aws-cli#2060: the Message of AssumeRoleUnauthorizedAccess; those of other codes are not known",
        ),
    ),
    convention(
        "credentials.rotation",
        "Credentials are replaced every hour, up to 106 s before `iam/info`, and are valid for 6 h and 1 to 27 min",
        Source::seen(
            9,
            "valid for 6:01:07 to 6:27:20, issued 106 s before to 26 s after iam/info; the hour: botocore#2670",
        ),
    ),
    convention(
        "listing.order",
        "Listings are sorted by byte and separated by line feeds, without one at the end; directories end with `/`",
        Source::seen(
            10,
            "nine exact lengths of listings and values; recorded 2026-09-26 on a t3.nano (radkawar/stackd)",
        ),
    ),
    convention(
        "listing.top",
        "In listings, the versions and their entries `dynamic`, `meta-data` and `user-data` have no `/`",
        Source::seen(5, "flaws.cloud and three more; recorded 2026-09-26 on a t3.nano (radkawar/stackd)"),
    ),
    convention(
        "listing.public-keys",
        "`public-keys/` lists `0=name`, and the path continues with `0`",
        Source::seen(1, "recorded 2026-09-26 on a t3.nano (radkawar/stackd); every client that reads it"),
    ),
    convention(
        "options.pending",
        "A change of the options is pending until it takes effect; the old options apply until then",
        Source::documented("EC2's Query API: State is pending, then applied"),
    ),
    convention(
        "path.authority",
        "The scheme and authority of an absolute target are ignored",
        Source::chosen("any Host works in reports about SSRF and proxies"),
    ),
    convention(
        "path.dot-segments",
        "`.` and `..` in a path are resolved, also percent-encoded; above the root a path stays at the root",
        Source::seen(
            2,
            "`/./` on Nitro, recorded 2026-09-26 on a t3.nano (radkawar/stackd); `..` is chosen: Perl's VM::EC2 sends it, lighttpd resolves it",
        ),
    ),
    convention(
        "path.escapes",
        "Each segment is percent-decoded once; invalid escapes, NULs and encoded slashes return 404",
        Source::seen(
            2,
            "`%69nstance-id` on Nitro, recorded 2026-09-26 on a t3.nano (radkawar/stackd); mondoo encodes segments; the rest is chosen",
        ),
    ),
    convention(
        "path.query",
        "The query is ignored",
        Source::seen(
            3,
            "`/latest/meta-data?/statements?…` on Xen, 2022-07; on Nitro recorded 2026-09-26 on a t3.nano (radkawar/stackd)",
        ),
    ),
    convention(
        "path.slashes",
        "Repeated slashes count as one; the slash at the end of a path is optional for directories and values",
        Source::seen(
            12,
            "values with a slash, directories without one; repeated slashes recorded 2026-09-26 on a t3.nano (radkawar/stackd)",
        ),
    ),
    convention(
        "range",
        "Range and If-Modified-Since are ignored",
        Source::inferred("`Accept-Ranges: none` on Nitro, no ETag since 2019; chosen on Xen"),
    ),
    convention(
        "request.pieces",
        "The response does not depend on how the request is split into packets",
        Source::inferred("TCP has no message boundaries; clients send heads in one or several segments"),
    ),
    convention(
        "request.host",
        "An HTTP/1.1 request without Host is served",
        Source::inferred("aws-c-auth before 0.6.29 sent every request so, and worked on EC2"),
    ),
    convention(
        "token.form",
        "A token is 56 characters of padded URL-safe base64 for 40 bytes, eight of which depend on the instance only",
        Source::seen(15, "every token seen; the content of the other 32 bytes is chosen"),
    ),
    convention(
        "token.life",
        "A token is valid while now < issued + TTL, in milliseconds; the header has the remaining seconds, rounded up",
        Source::seen(4, "21600 within the first second, 21575 after 25 s; the last millisecond is chosen"),
    ),
    convention(
        "token.generation",
        "A stop and start invalidates tokens",
        Source::chosen("a token belongs to one run of the instance"),
    ),
    convention(
        "token.repeated",
        "Of several token headers the last one is the token",
        Source::chosen("after a 401, aws-node-termination-handler adds the new token after the old one"),
    ),
    convention(
        "version.newest",
        "`latest` is the newest version that the instance supports; newer versions return 404",
        Source::documented("AWS: a Nitro instance keeps the versions of its launch"),
    ),
    convention(
        "version.since",
        "A dated version has the categories of its date; a category appears in the first served version that is not older",
        Source::seen(
            3,
            "recorded 2026-09-26 on a t3.nano (radkawar/stackd), cloud-init#5711, the article; otherwise AWS's table",
        ),
    ),
];
