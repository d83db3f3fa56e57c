use alloc::string::{String, ToString};
use alloc::vec::Vec;

use imds::http::HeaderLayout;

/// A condition that the responses to a check's requests must satisfy.
///
/// "The first response" is the response to the first request of the check. "The profile's" values
/// are those of the generation that the endpoint is checked against.
#[derive(Debug, Clone, Copy)]
pub enum Expect {
    /// This status.
    Status(u16),
    /// The profile's HTTP version, in response to an HTTP/1.1 request.
    Version,
    /// HTTP/1.0 in the status line.
    Http10,
    /// The profile's reason phrase.
    Reason,
    /// A header with this value.
    Header(&'static str, &'static str),
    /// A header with any value.
    Has(&'static str),
    /// A header whose value is an HTTP date.
    Date(&'static str),
    /// The profile's value of `Accept-Ranges` for metadata.
    AcceptRanges,
    /// This header is absent.
    Lacks(&'static str),
    /// The profile's headers in its order and spelling, and no others.
    HeaderOrder(HeaderLayout),
    /// An empty body.
    Empty,
    /// The profile's error page for the status, or an empty body if it has none.
    Page,
    /// A body that is not empty.
    Body,
    /// A token: 56 characters of padded URL-safe base64 for 40 bytes that begin with the profile's
    /// token version.
    Token,
    /// A sorted list of names, separated by line feeds, without one at the end.
    Listing,
    /// Known version names, oldest first, then `latest`.
    Versions,
    /// The listing contains these lines.
    Lists(&'static [&'static str]),
    /// The listing contains none of these lines.
    Omits(&'static [&'static str]),
    /// The status and body of the first response.
    Same,
    /// For a POST: as the first response if the profile answers POST like GET, otherwise as
    /// [`Expect::RejectedMethod`].
    Post,
    /// The profile's status for a method that metadata does not allow, with `Allow` if it is 405,
    /// and no body.
    RejectedMethod,
    /// For OPTIONS: 200 with the profile's methods of metadata and no body if it lists them,
    /// otherwise as [`Expect::RejectedMethod`].
    MetadataMethods,
    /// For a PUT to another spelling of the token path: a token if the profile accepts it, otherwise
    /// an empty 403.
    TokenPath,
    /// For a PUT with a TTL of 0: a token with this TTL if the profile accepts it, otherwise 400.
    ZeroTtl,
    /// The head of the first response except for `Date` and the remaining TTL, and no body.
    SameHead,
    /// A token TTL of this number of seconds, or at most a minute less.
    Remaining(u32),
    /// A JSON document with these members.
    Json(&'static [&'static str]),
    /// 200, or 503 with its page if the client was throttled.
    Throttled,
    /// The connection is closed after the response.
    Closes,
    /// A body other than that of the first response.
    Differs,
}

impl Expect {
    /// Stable name, for tools in other languages.
    pub fn name(&self) -> &'static str {
        match self {
            Expect::Status(_) => "status",
            Expect::Version => "version",
            Expect::Http10 => "http-1.0",
            Expect::Reason => "reason",
            Expect::Header(..) => "field",
            Expect::Has(_) => "has",
            Expect::Date(_) => "date",
            Expect::AcceptRanges => "accept-ranges",
            Expect::Lacks(_) => "lacks",
            Expect::HeaderOrder(_) => "order",
            Expect::Empty => "empty",
            Expect::Page => "page",
            Expect::Body => "body",
            Expect::Token => "token",
            Expect::Listing => "listing",
            Expect::Versions => "versions",
            Expect::Lists(_) => "lists",
            Expect::Omits(_) => "omits",
            Expect::Same => "same",
            Expect::Post => "post",
            Expect::RejectedMethod => "rejected-method",
            Expect::MetadataMethods => "metadata-methods",
            Expect::TokenPath => "token-path",
            Expect::ZeroTtl => "zero-ttl",
            Expect::SameHead => "same-head",
            Expect::Remaining(_) => "remaining",
            Expect::Json(_) => "json",
            Expect::Throttled => "throttled",
            Expect::Closes => "closes",
            Expect::Differs => "differs",
        }
    }

    /// The arguments as text, in the order of the variant's fields.
    pub fn arguments(&self) -> Vec<String> {
        let owned = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        match self {
            Expect::Status(number) => owned(&[&number.to_string()]),
            Expect::Remaining(number) => owned(&[&number.to_string()]),
            Expect::Header(name, value) => owned(&[name, value]),
            Expect::Has(name) | Expect::Date(name) | Expect::Lacks(name) => owned(&[name]),
            Expect::HeaderOrder(HeaderLayout::Document) => owned(&["document"]),
            Expect::HeaderOrder(HeaderLayout::Bare) => owned(&["bare"]),
            Expect::Lists(names) | Expect::Omits(names) | Expect::Json(names) => owned(names),
            _ => Vec::new(),
        }
    }
}
