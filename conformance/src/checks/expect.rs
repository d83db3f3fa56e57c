use alloc::string::{String, ToString};
use alloc::vec::Vec;

use imds::http::FieldLayout;

/// What the answers to a check's requests must be.
#[derive(Debug, Clone, Copy)]
pub enum Expect {
    /// This status.
    Status(u16),
    /// The version that this generation claims, to a request of 1.1.
    Version,
    /// HTTP/1.0 on the status line.
    Http10,
    /// The reason phrase as this generation spells it.
    Reason,
    /// A field with this value.
    Field(&'static str, &'static str),
    /// A field, with any value.
    Has(&'static str),
    /// A field with a date as HTTP writes it.
    Date(&'static str),
    /// On metadata, what this generation says of ranges.
    AcceptRanges,
    /// No such field.
    Lacks(&'static str),
    /// The fields of this generation in its order and spelling, and no others.
    LaunchSeq(FieldLayout),
    /// An empty body.
    Empty,
    /// The page of this generation for its status, or an empty body where it has none.
    Page,
    /// A body that is not empty.
    Body,
    /// A token: 56 characters of padded URL-safe base64, the first of 40 bytes being this generation's version.
    Token,
    /// Names in order, a line feed between them and none at the end.
    Listing,
    /// Names of versions that are known, oldest first, then `latest`.
    Versions,
    /// These names, with nothing of the kind in front of or behind them.
    Lists(&'static [&'static str]),
    /// None of these names.
    Omits(&'static [&'static str]),
    /// What the first request brought: status and body.
    Same,
    /// To a POST, what the first request brought where this generation answers so, and else 405.
    Post,
    /// The first request's head, but for the time and what remains of the token's life; and no body.
    SameHead,
    /// So many seconds of the token's life, or up to a minute fewer.
    Remaining(u32),
    /// A member of a JSON document.
    Json(&'static [&'static str]),
    /// 200; or, where that was too soon, 503 with its page.
    Throttled,
    /// An end of the connection.
    Closes,
    /// Another body than the first request's.
    Differs,
}

impl Expect {
    /// What it is called, for other languages.
    pub fn name(&self) -> &'static str {
        match self {
            Expect::Status(_) => "status",
            Expect::Version => "version",
            Expect::Http10 => "http-1.0",
            Expect::Reason => "reason",
            Expect::Field(..) => "field",
            Expect::Has(_) => "has",
            Expect::Date(_) => "date",
            Expect::AcceptRanges => "accept-ranges",
            Expect::Lacks(_) => "lacks",
            Expect::LaunchSeq(_) => "order",
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
            Expect::SameHead => "same-head",
            Expect::Remaining(_) => "remaining",
            Expect::Json(_) => "json",
            Expect::Throttled => "throttled",
            Expect::Closes => "closes",
            Expect::Differs => "differs",
        }
    }

    /// What it is about, as texts.
    pub fn arguments(&self) -> Vec<String> {
        let owned = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        match self {
            Expect::Status(number) => owned(&[&number.to_string()]),
            Expect::Remaining(number) => owned(&[&number.to_string()]),
            Expect::Field(name, value) => owned(&[name, value]),
            Expect::Has(name) | Expect::Date(name) | Expect::Lacks(name) => owned(&[name]),
            Expect::LaunchSeq(FieldLayout::Document) => owned(&["document"]),
            Expect::LaunchSeq(FieldLayout::Bare) => owned(&["bare"]),
            Expect::Lists(names) | Expect::Omits(names) | Expect::Json(names) => owned(names),
            _ => Vec::new(),
        }
    }
}
