use core::fmt;

use super::{Status, header};
use crate::source::Source;

/// How one generation of the service looks on the wire, as data.
///
/// Two are known ([`Profile::NITRO`], [`Profile::XEN`]); the instance type selects one and a record may override it. What
/// differs between generations is a field here, never a condition elsewhere.
#[derive(Debug)]
pub struct Profile {
    /// Stable name: `nitro` or `xen`.
    pub name: &'static str,
    /// Which version the status line claims.
    pub status_line: StatusLine,
    /// The order of the fields where there is metadata or a page in the body ([`FieldLayout::Document`]).
    pub document_order: &'static [Field],
    /// The order of the fields around a token or an empty body ([`FieldLayout::Bare`]).
    pub bare_order: &'static [Field],
    /// The value of `Accept-Ranges` on metadata.
    pub accept_ranges: &'static str,
    /// The statuses that carry the XHTML page; the others are empty.
    pub pages: &'static [Status],
    /// What stands before the address of the page's document type.
    pub doctype_indent: &'static str,
    /// The reason phrase of a 405.
    pub method_not_allowed: &'static str,
    /// The first four bytes of a token.
    pub token_version: [u8; 4],
    /// Whether POST on a data path is answered as GET.
    pub post_reads: bool,
    /// Whether a change of the instance's tags shows while it runs.
    pub live_tags: bool,
}

/// The two generations.
pub const PROFILES: &[&Profile] = &[&Profile::NITRO, &Profile::XEN];

impl Profile {
    /// Instances on the Nitro system (t3, m5 and later).
    pub const NITRO: Profile = Profile {
        name: "nitro",
        status_line: StatusLine::Echo,
        document_order: &[
            Field::TokenTtl,
            Field::ContentType,
            Field::AcceptRanges,
            Field::LastModified,
            Field::ContentLength,
            Field::Date,
            Field::Server,
            Field::Connection,
        ],
        bare_order: &[
            Field::TokenTtl,
            Field::Allow,
            Field::ContentLength,
            Field::Date,
            Field::Server,
            Field::Connection,
            Field::ContentType,
        ],
        accept_ranges: "none",
        pages: &[Status::NotFound, Status::ServiceUnavailable],
        doctype_indent: "\t\t ",
        method_not_allowed: "Not Allowed",
        token_version: [1, 0, 4, 0],
        post_reads: false,
        live_tags: true,
    };

    /// Instances on Xen (t2, m4, c4 and earlier).
    pub const XEN: Profile = Profile {
        name: "xen",
        status_line: StatusLine::Http10,
        document_order: XEN_ORDER,
        bare_order: XEN_ORDER,
        accept_ranges: "bytes",
        pages: &[
            Status::BadRequest,
            Status::Unauthorized,
            Status::NotFound,
            Status::LengthRequired,
            Status::PayloadTooLarge,
            Status::UriTooLong,
            Status::FieldsTooLarge,
            Status::ServiceUnavailable,
            Status::VersionNotSupported,
        ],
        doctype_indent: "\t",
        method_not_allowed: "Method Not Allowed",
        token_version: [1, 0, 0, 0],
        post_reads: true,
        live_tags: false,
    };

    /// The profile of that name.
    pub fn named(name: &str) -> Result<&'static Profile, ProfileError> {
        PROFILES.iter().copied().find(|profile| profile.name == name).ok_or(ProfileError)
    }

    /// The reason phrase as this generation spells it.
    pub fn reason(&self, status: Status) -> &'static str {
        match status {
            Status::MethodNotAllowed => self.method_not_allowed,
            other => other.reason(),
        }
    }
}

impl PartialEq for Profile {
    fn eq(&self, other: &Profile) -> bool {
        self.name == other.name
    }
}

impl Eq for Profile {}

/// Which version a status line claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusLine {
    /// The request's own, 1.0 or 1.1.
    Echo,
    /// HTTP/1.0, whatever was asked.
    Http10,
}

/// The two field orders of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldLayout {
    /// Metadata, or an error page.
    Document,
    /// A token, the allowed methods, or an error without a body.
    Bare,
}

/// A response field, which is there when the response has a value for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// See [`header::ACCEPT_RANGES`].
    AcceptRanges,
    /// See [`header::ALLOW`].
    Allow,
    /// See [`header::CONNECTION`].
    Connection,
    /// See [`header::CONTENT_LENGTH`].
    ContentLength,
    /// See [`header::CONTENT_TYPE`].
    ContentType,
    /// See [`header::DATE`].
    Date,
    /// See [`header::LAST_MODIFIED`].
    LastModified,
    /// See [`header::SERVER`].
    Server,
    /// See [`header::TOKEN_TTL`].
    TokenTtl,
}

impl Field {
    /// The field's name as it is sent.
    pub const fn name(self) -> &'static str {
        match self {
            Field::AcceptRanges => header::ACCEPT_RANGES,
            Field::Allow => header::ALLOW,
            Field::Connection => header::CONNECTION,
            Field::ContentLength => header::CONTENT_LENGTH,
            Field::ContentType => header::CONTENT_TYPE,
            Field::Date => header::DATE,
            Field::LastModified => header::LAST_MODIFIED,
            Field::Server => header::SERVER,
            Field::TokenTtl => header::TOKEN_TTL,
        }
    }
}

/// A name that no [`Profile`] has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProfileError;

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a profile is one of")?;
        for profile in PROFILES {
            write!(f, " `{}`", profile.name)?;
        }
        Ok(())
    }
}

impl core::error::Error for ProfileError {}

/// A field of [`Profile`], and how its value is known for each generation.
#[derive(Debug, Clone, Copy)]
pub struct ProfileField {
    /// The field's name in [`Profile`].
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// How Nitro's value is known.
    pub nitro: Source,
    /// How Xen's value is known.
    pub xen: Source,
}

/// All fields of [`Profile`] that show on the wire.
pub const PROFILE_FIELDS: &[ProfileField] = &[
    ProfileField {
        name: "status_line",
        what: "HTTP version in the status line",
        nitro: Source::seen(15, "1.1 for 1.1 requests in 15 exchanges, 1.0 for 1.0 in one"),
        xen: Source::seen(8, "1.0 for 1.1 requests; a variant of 2023-01 sent 1.1 once"),
    },
    ProfileField {
        name: "document_order",
        what: "Header order of responses with metadata or a page",
        nitro: Source::seen(6, "with a token on 2023-10-02, without one on 2022-05-05 and in four more"),
        xen: Source::seen(6, "the article and five more: by name, then Connection and Server"),
    },
    ProfileField {
        name: "bare_order",
        what: "Header order of responses with a token or an empty body",
        nitro: Source::seen(7, "the PUT of 2025-07-30, four 401s, two 405s"),
        xen: Source::seen(3, "405 of 2019-11-20, OPTIONS of 2020-03-02, 403 of 2023-01-27; the PUT's is inferred"),
    },
    ProfileField {
        name: "accept_ranges",
        what: "Value of Accept-Ranges",
        nitro: Source::seen(10, "`none` in every exchange"),
        xen: Source::seen(6, "`bytes` in every exchange"),
    },
    ProfileField {
        name: "pages",
        what: "Statuses with an XHTML page",
        nitro: Source::seen(
            9,
            "404 with a page, 401, 403 and 405 without; 400 inferred, 503 by its 359 bytes, others chosen",
        ),
        xen: Source::seen(9, "401 and 404 with a page, 403 and 405 without; 400 inferred, others chosen like the 400"),
    },
    ProfileField {
        name: "doctype_indent",
        what: "Whitespace before the address in the document type",
        nitro: Source::seen(2, "two tabs and a space: 339 bytes"),
        xen: Source::seen(9, "one tab: the 343 bytes of the article"),
    },
    ProfileField {
        name: "method_not_allowed",
        what: "Reason phrase of a 405",
        nitro: Source::seen(2, "`Not Allowed`, 2020-04 and 2023-03"),
        xen: Source::seen(1, "`Method Not Allowed`, 2019-11"),
    },
    ProfileField {
        name: "token_version",
        what: "First four bytes of a token",
        nitro: Source::seen(10, "01 00 04 00"),
        xen: Source::seen(5, "01 00 00 00"),
    },
    ProfileField {
        name: "post_reads",
        what: "Whether POST on a metadata path is answered like GET",
        nitro: Source::chosen("AWS: \"HTTP GET and HEAD methods are allowed\""),
        xen: Source::seen(1, "2022-07, with a JSON body"),
    },
    ProfileField {
        name: "live_tags",
        what: "Whether changed tags are visible while the instance runs",
        nitro: Source::documented("AWS: an instance on Nitro sees its tags change at once"),
        xen: Source::documented("AWS: a Xen instance sees them after a stop and start"),
    },
];

/// By name, then what lighttpd appends.
const XEN_ORDER: &[Field] = &[
    Field::AcceptRanges,
    Field::Allow,
    Field::ContentLength,
    Field::ContentType,
    Field::Date,
    Field::LastModified,
    Field::TokenTtl,
    Field::Connection,
    Field::Server,
];
