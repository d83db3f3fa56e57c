use core::fmt;

use super::{CheckOrder, Status, header};
use crate::source::Source;

/// How one generation of the service looks on the wire, as data.
///
/// There are two: [`Profile::NITRO`] and [`Profile::XEN`]. The instance type selects one, and a
/// record may override it. Every difference between the generations is a field of this struct.
#[derive(Debug)]
#[non_exhaustive]
pub struct Profile {
    /// Stable name: `nitro` or `xen`.
    pub name: &'static str,
    /// The version on the status line.
    pub status_line: StatusLine,
    /// The order of the headers around metadata or an error page.
    pub document_order: &'static [ResponseHeader],
    /// The order of the headers around a token or an empty body.
    pub bare_order: &'static [ResponseHeader],
    /// The value of `Accept-Ranges`, which metadata has.
    pub accept_ranges: &'static str,
    /// The statuses with an XHTML page. Other errors have an empty body.
    pub pages: &'static [Page],
    /// The reason phrase of a 405.
    pub method_not_allowed: &'static str,
    /// The first four bytes of a token.
    pub token_version: [u8; 4],
    /// The token path is compared after slashes, dot segments and percent-encoding are resolved, as
    /// in metadata paths. Otherwise it is compared byte for byte.
    pub cleans_token_path: bool,
    /// The shortest TTL that a PUT may request, in seconds.
    pub shortest_ttl: u32,
    /// POST on a metadata path gets the response of GET.
    pub post_reads: bool,
    /// OPTIONS on a metadata path lists the methods.
    pub options_lists_methods: bool,
    /// The status of a method that a metadata path rejects. Only a 405 lists the methods.
    pub rejected_method: Status,
    /// The value of `Allow` on a metadata path.
    pub metadata_methods: &'static str,
    /// The order in which a request is checked.
    pub check_order: CheckOrder,
    /// A change of the instance's tags shows while the instance runs.
    pub live_tags: bool,
    /// The versions of the metadata tree that instances of this generation do not serve.
    pub absent_versions: &'static [&'static str],
    /// `block-device-mapping/ami` is the device of the root volume without `/dev/`.
    pub bare_ami_device: bool,
}

/// All profiles.
pub const PROFILES: &[&Profile] = &[&Profile::NITRO, &Profile::XEN];

impl Profile {
    /// Instances on the Nitro system (t3, m5 and later).
    pub const NITRO: Profile = Profile {
        name: "nitro",
        status_line: StatusLine::Echo,
        document_order: &[
            ResponseHeader::TokenTtl,
            ResponseHeader::ContentType,
            ResponseHeader::AcceptRanges,
            ResponseHeader::LastModified,
            ResponseHeader::ContentLength,
            ResponseHeader::Date,
            ResponseHeader::Server,
            ResponseHeader::Connection,
        ],
        bare_order: &[
            ResponseHeader::TokenTtl,
            ResponseHeader::Allow,
            ResponseHeader::ContentLength,
            ResponseHeader::Date,
            ResponseHeader::Server,
            ResponseHeader::Connection,
            ResponseHeader::ContentType,
        ],
        accept_ranges: "none",
        pages: &[Page::new(Status::NotFound, "\t\t "), Page::new(Status::ServiceUnavailable, "\t\t ")],
        method_not_allowed: "Not Allowed",
        token_version: [1, 0, 4, 0],
        cleans_token_path: true,
        shortest_ttl: 0,
        post_reads: false,
        options_lists_methods: true,
        rejected_method: Status::Forbidden,
        metadata_methods: "OPTIONS, GET, HEAD",
        check_order: CheckOrder::EC2,
        live_tags: true,
        absent_versions: &["2022-07-09"],
        bare_ami_device: true,
    };

    /// Instances on Xen (t2, m4, c4 and earlier).
    pub const XEN: Profile = Profile {
        name: "xen",
        status_line: StatusLine::Http10,
        document_order: XEN_ORDER,
        bare_order: XEN_ORDER,
        accept_ranges: "bytes",
        pages: &[
            Page::new(Status::BadRequest, "\t"),
            Page::new(Status::Unauthorized, "\t"),
            Page::new(Status::NotFound, "\t"),
            Page::new(Status::PayloadTooLarge, "\t"),
            Page::new(Status::UriTooLong, "\t"),
            Page::new(Status::ExpectationFailed, "         "),
            Page::new(Status::RequestHeaderFieldsTooLarge, "\t"),
            Page::new(Status::ServiceUnavailable, "\t"),
            Page::new(Status::VersionNotSupported, "\t"),
        ],
        method_not_allowed: "Method Not Allowed",
        token_version: [1, 0, 0, 0],
        cleans_token_path: false,
        shortest_ttl: 1,
        post_reads: true,
        options_lists_methods: false,
        rejected_method: Status::MethodNotAllowed,
        metadata_methods: "GET, HEAD",
        check_order: CheckOrder::EC2,
        live_tags: false,
        absent_versions: &[],
        bare_ami_device: false,
    };

    /// Returns the profile with this name.
    ///
    /// # Errors
    ///
    /// [`ProfileError`] if no profile has the name.
    pub fn from_name(name: &str) -> Result<&'static Profile, ProfileError> {
        PROFILES.iter().copied().find(|profile| profile.name == name).ok_or(ProfileError)
    }

    /// The reason phrase that this generation sends.
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

/// An XHTML page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The status of the responses with the page.
    pub status: Status,
    /// The whitespace before the system identifier in the document type.
    pub doctype_indent: &'static str,
}

impl Page {
    const fn new(status: Status, doctype_indent: &'static str) -> Page {
        Page { status, doctype_indent }
    }
}

/// The version on a status line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusLine {
    /// The version of the request, 1.0 or 1.1.
    Echo,
    /// Always HTTP/1.0.
    Http10,
}

/// Which of a profile's two header orders a response has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderLayout {
    /// Metadata, or an error page.
    Document,
    /// A token, the allowed methods, or an error with an empty body.
    Bare,
}

/// A response header. A response has it if it has a value for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseHeader {
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

impl ResponseHeader {
    /// The name as sent.
    pub const fn name(self) -> &'static str {
        match self {
            ResponseHeader::AcceptRanges => header::ACCEPT_RANGES,
            ResponseHeader::Allow => header::ALLOW,
            ResponseHeader::Connection => header::CONNECTION,
            ResponseHeader::ContentLength => header::CONTENT_LENGTH,
            ResponseHeader::ContentType => header::CONTENT_TYPE,
            ResponseHeader::Date => header::DATE,
            ResponseHeader::LastModified => header::LAST_MODIFIED,
            ResponseHeader::Server => header::SERVER,
            ResponseHeader::TokenTtl => header::TOKEN_TTL,
        }
    }
}

/// No [`Profile`] has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProfileError;

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown profile: use one of")?;
        for profile in PROFILES {
            write!(f, " `{}`", profile.name)?;
        }
        Ok(())
    }
}

impl core::error::Error for ProfileError {}

/// A field of [`Profile`], and how its value is known for each generation.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ProfileField {
    /// The field's name in [`Profile`].
    pub name: &'static str,
    /// What the field determines.
    pub description: &'static str,
    /// How the value of Nitro is known.
    pub nitro: Source,
    /// How the value of Xen is known.
    pub xen: Source,
}

/// All fields of [`Profile`] that can be observed on the wire.
pub const PROFILE_FIELDS: &[ProfileField] = &[
    ProfileField {
        name: "status_line",
        description: "HTTP version in the status line",
        nitro: Source::seen(15, "1.1 for 1.1 requests in 15 exchanges, 1.0 for 1.0 in one"),
        xen: Source::seen(8, "1.0 for 1.1 requests; a variant of 2023-01 sent 1.1 once"),
    },
    ProfileField {
        name: "document_order",
        description: "Header order of responses with metadata or a page",
        nitro: Source::seen(6, "with a token on 2023-10-02, without one on 2022-05-05 and in four more"),
        xen: Source::seen(6, "the article and five more: by name, then Connection and Server"),
    },
    ProfileField {
        name: "bare_order",
        description: "Header order of responses with a token or an empty body",
        nitro: Source::seen(7, "the PUT of 2025-07-30, four 401s, two 405s"),
        xen: Source::seen(3, "405 of 2019-11-20, OPTIONS of 2020-03-02, 403 of 2023-01-27; PUT is inferred"),
    },
    ProfileField {
        name: "accept_ranges",
        description: "Value of Accept-Ranges",
        nitro: Source::seen(10, "`none` in every exchange"),
        xen: Source::seen(6, "`bytes` in every exchange"),
    },
    ProfileField {
        name: "pages",
        description: "Statuses with an XHTML page, and the whitespace before the address in its document type",
        nitro: Source::seen(
            9,
            "404 has a page with two tabs and a space, 339 bytes; 400, 401, 403 and 405 have none; 503 has a page of 359 bytes, others are chosen",
        ),
        xen: Source::seen(
            10,
            "401 and 404 have a page with a tab, 343 bytes in the article; 403 and 405 have none; 417 has a page with nine spaces (s3fs-fuse#1605; that it is Xen is inferred); 400 is inferred, others are chosen like the 400",
        ),
    },
    ProfileField {
        name: "method_not_allowed",
        description: "Reason phrase of a 405",
        nitro: Source::seen(2, "`Not Allowed`, 2020-04 and 2023-03"),
        xen: Source::seen(1, "`Method Not Allowed`, 2019-11"),
    },
    ProfileField {
        name: "token_version",
        description: "First four bytes of a token",
        nitro: Source::seen(10, "01 00 04 00"),
        xen: Source::seen(5, "01 00 00 00"),
    },
    ProfileField {
        name: "cleans_token_path",
        description: "Whether other spellings of the token path lead to it",
        nitro: Source::seen(
            1,
            "a PUT with a slash at the end gets a token, recorded 2026-09-26 on a t3.nano (radkawar/stackd); that other spellings lead to it, as in metadata paths, is chosen",
        ),
        xen: Source::chosen("aws-beam/aws_credentials#47: 403 to a slash at the end, from a variant with keep-alive"),
    },
    ProfileField {
        name: "shortest_ttl",
        description: "The shortest TTL of a token",
        nitro: Source::seen(
            1,
            "a TTL of 0 gets a token that is rejected with 401 at once, recorded 2026-09-26 on a t3.nano (radkawar/stackd)",
        ),
        xen: Source::documented("AWS: one second to six hours"),
    },
    ProfileField {
        name: "post_reads",
        description: "Whether POST on a metadata path is answered like GET",
        nitro: Source::seen(2, "403 to two POST requests, recorded 2026-09-26 on a t3.nano (radkawar/stackd)"),
        xen: Source::seen(1, "2022-07, with a JSON body"),
    },
    ProfileField {
        name: "options_lists_methods",
        description: "Whether OPTIONS on a metadata path lists its methods",
        nitro: Source::seen(1, "recorded 2026-09-26 on a t3.nano (radkawar/stackd)"),
        xen: Source::chosen("AWS: \"HTTP GET and HEAD methods are allowed\""),
    },
    ProfileField {
        name: "rejected_method",
        description: "Status of other methods on a metadata path",
        nitro: Source::seen(
            3,
            "403 without Allow to two POST requests and a DELETE, recorded 2026-09-26 on a t3.nano (radkawar/stackd)",
        ),
        xen: Source::chosen("405, like the token path"),
    },
    ProfileField {
        name: "metadata_methods",
        description: "Methods in Allow on a metadata path",
        nitro: Source::seen(1, "recorded 2026-09-26 on a t3.nano (radkawar/stackd)"),
        xen: Source::chosen("AWS: \"HTTP GET and HEAD methods are allowed\""),
    },
    ProfileField {
        name: "check_order",
        description: "The order in which a request is checked",
        nitro: Source::seen(
            2,
            "tokens required: 401 comes before an unknown version, an unknown path and a PUT elsewhere, recorded 2026-09-26 on a t3.nano (radkawar/stackd); the rest is chosen",
        ),
        xen: Source::chosen("as on Nitro"),
    },
    ProfileField {
        name: "live_tags",
        description: "Whether changed tags are visible while the instance runs",
        nitro: Source::documented("AWS: an instance on Nitro sees its tags change at once"),
        xen: Source::documented("AWS: a Xen instance sees them after a stop and start"),
    },
    ProfileField {
        name: "absent_versions",
        description: "Versions of the tree that are not served",
        nitro: Source::seen(5, "2022-07-09 in no list, the newest recorded 2026-09-26 on a t3.nano (radkawar/stackd)"),
        xen: Source::seen(1, "none in the list of flaws.cloud, 2024-08-31; 2025-10-04 and 2026-04-15 are chosen"),
    },
    ProfileField {
        name: "bare_ami_device",
        description: "Whether `block-device-mapping/ami` lacks the `/dev/` of `root`",
        nitro: Source::seen(2, "`xvda` and `/dev/xvda`: 2021, and radkawar/stackd of 2026-09"),
        xen: Source::chosen("both forms are known; the default is the one of `root`"),
    },
];

/// Sorted by name, then the two headers that lighttpd appends.
const XEN_ORDER: &[ResponseHeader] = &[
    ResponseHeader::AcceptRanges,
    ResponseHeader::Allow,
    ResponseHeader::ContentLength,
    ResponseHeader::ContentType,
    ResponseHeader::Date,
    ResponseHeader::LastModified,
    ResponseHeader::TokenTtl,
    ResponseHeader::Connection,
    ResponseHeader::Server,
];
