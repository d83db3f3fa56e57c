use alloc::vec::Vec;

use crate::http::{Content, HopLimit, Persistence, Response};
use crate::metadata::{Category, ReadContext, TreeNode};
use crate::rules::{Rule, Trace};
use crate::token::{Session, Token};

/// The response to a request, and the reason for it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Answer<'a> {
    /// What to pass to [`Connection::respond`](crate::Connection::respond).
    pub response: Response<Metadata<'a>>,
    /// The verdicts of the rules.
    pub trace: Trace,
    /// The session of the request's token, if it is valid.
    pub session: Option<Session>,
    /// The version of the protocol that the request used.
    pub protocol: Protocol,
}

named_enum! {
    /// A version of the protocol.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Protocol {
        /// IMDSv1: any request that is not IMDSv2.
        V1 = "v1",
        /// IMDSv2: a PUT, or a request with a token header, valid or not.
        V2 = "v2",
    }
}

/// A body that the instance produces: a token or metadata.
#[derive(Debug, Clone, Copy)]
pub struct Metadata<'a>(pub(super) Source<'a>);

#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    Token(Token),
    Tree(ReadContext<'a>, TreeNode),
}

impl Answer<'_> {
    /// The rule that decided.
    pub fn rule(&self) -> &'static Rule {
        self.trace.rule()
    }

    /// Returns `true` if the response reaches a client that is `hops` network hops away, or if
    /// `hops` is unknown.
    pub fn reaches(&self, hops: Option<u8>) -> bool {
        reaches(self.response.hop_limit, hops)
    }

    /// The category of the served metadata, if it is a value or a directory of values.
    pub fn category(&self) -> Option<Category> {
        match &self.response.payload {
            crate::http::Payload::Content(Metadata(Source::Tree(_, node))) => node.category(),
            _ => None,
        }
    }

    /// Appends the encoded response, with `Connection: close`.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.response.write(Persistence::Close, out);
    }
}

/// Returns `true` if packets with this hop limit travel `hops` network hops, or if either is
/// unknown.
pub fn reaches(limit: Option<HopLimit>, hops: Option<u8>) -> bool {
    match (limit, hops) {
        (Some(limit), Some(hops)) => hops <= limit.get(),
        _ => true,
    }
}

impl Content for Metadata<'_> {
    fn write_to(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Source::Token(token) => out.extend_from_slice(token.as_bytes()),
            Source::Tree(context, node) => node.write_to(context, out),
        }
    }
}
