use alloc::vec::Vec;

use crate::http::{Content, HopLimit, Persistence, Response};
use crate::metadata::{Category, ReadContext, TreeNode};
use crate::rules::{Rule, Trace};
use crate::token::{Session, Token};

/// The answer to one request: the response, and why it is this one.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// What is sent.
    pub response: Response<Metadata<'a>>,
    /// The rules that were asked, and the one that decided.
    pub trace: Trace,
    /// The session that the request's token opened.
    pub session: Option<Session>,
    /// Which version of the protocol the request spoke.
    pub protocol: Protocol,
}

/// The two versions of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// A request that neither shows a token nor asks for one.
    V1,
    /// A PUT, or a request with a token field, good or bad.
    V2,
}

/// A body that comes from the instance.
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

    /// Whether the answer reaches an asker so many network hops away; one whose distance is not known it does.
    pub fn reaches(&self, hops: Option<u8>) -> bool {
        reaches(self.response.hop_limit, hops)
    }

    /// The kind of metadata that is served, if it is a value or a directory of values.
    pub fn category(&self) -> Option<Category> {
        match &self.response.payload {
            crate::http::Payload::Content(Metadata(Source::Tree(_, node))) => node.category(),
            _ => None,
        }
    }

    /// Appends the response's bytes, as a connection that closes would send them.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.response.write(Persistence::Close, out);
    }
}

/// Whether packets of this hop limit travel so many network hops. Either may be unknown; then they do.
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
            Source::Tree(view, node) => node.write_to(view, out),
        }
    }
}
