use alloc::vec::Vec;

use super::{Field, HopLimit, Profile, Shape, Status, StatusLine, header};
use crate::time::Timestamp;
use crate::write::push_decimal;

/// One response: status, the values of its fields, its body. No bytes yet: [`Response::write`] makes them.
#[derive(Debug, Clone, Copy)]
pub struct Response<C> {
    /// How this generation of the service spells it.
    pub profile: &'static Profile,
    /// The status.
    pub status: Status,
    /// The order of the fields.
    pub shape: Shape,
    /// The request's version, 1 for HTTP/1.1, which the status line may echo.
    pub minor_version: u8,
    /// `Date`.
    pub date: Timestamp,
    /// `Content-Type`.
    pub content_type: ContentType,
    /// `Last-Modified`, and with it `Accept-Ranges`.
    pub last_modified: Option<Timestamp>,
    /// The token's granted or remaining seconds.
    pub token_ttl: Option<u32>,
    /// The methods that the path takes.
    pub allow: Option<&'static str>,
    /// The body.
    pub payload: Payload<C>,
    /// Whether the body is left out, its length announced all the same (HEAD).
    pub head_only: bool,
    /// How far the packets of this response may travel; `None` for as far as the system likes.
    pub hop_limit: Option<HopLimit>,
}

/// What a body is made of.
#[derive(Debug, Clone, Copy)]
pub enum Payload<C> {
    /// Nothing.
    Empty,
    /// The XHTML page of the status.
    Page,
    /// Something that can write itself.
    Content(C),
}

/// A body that writes itself.
pub trait Content {
    /// Appends the body's bytes.
    fn write_to(&self, out: &mut Vec<u8>);
}

/// The content of a response that has none.
#[derive(Debug, Clone, Copy)]
pub enum Empty {}

impl Content for Empty {
    fn write_to(&self, _: &mut Vec<u8>) {
        match *self {}
    }
}

/// The content types that the service sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentType {
    /// Everything but the two below; JSON documents too.
    TextPlain,
    /// Error pages.
    TextHtml,
    /// User data.
    OctetStream,
}

impl ContentType {
    /// The field's value.
    pub const fn value(self) -> &'static str {
        match self {
            ContentType::TextPlain => "text/plain",
            ContentType::TextHtml => "text/html",
            ContentType::OctetStream => "application/octet-stream",
        }
    }
}

/// Whether the connection goes on after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// `Connection: close`, and the connection ends.
    Close,
    /// The connection goes on: the field is left out on HTTP/1.1 and says `keep-alive` on HTTP/1.0.
    KeepAlive,
}

impl<C: Content> Response<C> {
    /// Appends the response's bytes.
    pub fn write(&self, persistence: Persistence, out: &mut Vec<u8>) {
        // The body first, for its length; then the head moves in before it.
        let start = out.len();
        self.write_body(out);
        let length = out.len() - start;
        if self.head_only {
            out.truncate(start);
        }
        let body = out.len() - start;
        self.write_head(persistence, length, out);
        out[start..].rotate_left(body);
    }

    fn write_body(&self, out: &mut Vec<u8>) {
        match &self.payload {
            Payload::Empty => {}
            Payload::Page => push_page(self.profile, self.status, out),
            Payload::Content(content) => content.write_to(out),
        }
    }

    fn write_head(&self, persistence: Persistence, length: usize, out: &mut Vec<u8>) {
        let minor = match self.profile.status_line {
            StatusLine::Echo => self.minor_version,
            StatusLine::Http10 => 0,
        };
        out.extend_from_slice(if minor == 0 { b"HTTP/1.0 " } else { b"HTTP/1.1 " });
        push_decimal(self.status.code().into(), out);
        out.push(b' ');
        out.extend_from_slice(self.profile.reason(self.status).as_bytes());
        out.extend_from_slice(b"\r\n");
        let order = match self.shape {
            Shape::Document => self.profile.document_order,
            Shape::Bare => self.profile.bare_order,
        };
        for &field in order {
            let start = out.len();
            out.extend_from_slice(field.name().as_bytes());
            out.extend_from_slice(b": ");
            if self.write_value(field, persistence, minor, length, out) {
                out.extend_from_slice(b"\r\n");
            } else {
                out.truncate(start);
            }
        }
        out.extend_from_slice(b"\r\n");
    }

    /// Whether the response has a value for the field.
    fn write_value(&self, field: Field, persistence: Persistence, minor: u8, length: usize, out: &mut Vec<u8>) -> bool {
        let text = match field {
            Field::AcceptRanges if self.last_modified.is_some() => self.profile.accept_ranges,
            Field::Allow => match self.allow {
                Some(allow) => allow,
                None => return false,
            },
            Field::Connection => match (persistence, minor) {
                (Persistence::Close, _) => "close",
                (Persistence::KeepAlive, 0) => "keep-alive",
                (Persistence::KeepAlive, _) => return false,
            },
            Field::ContentType => self.content_type.value(),
            Field::Server => header::SERVER_NAME,
            Field::ContentLength => {
                push_decimal(length as u64, out);
                return true;
            }
            Field::Date => {
                self.date.push_http_date(out);
                return true;
            }
            Field::LastModified => {
                let Some(modified) = self.last_modified else { return false };
                modified.push_http_date(out);
                return true;
            }
            Field::TokenTtl => {
                let Some(seconds) = self.token_ttl else { return false };
                push_decimal(seconds.into(), out);
                return true;
            }
            Field::AcceptRanges => return false,
        };
        out.extend_from_slice(text.as_bytes());
        true
    }
}

/// The error page of both generations: they differ in what stands before the document type's address.
fn push_page(profile: &Profile, status: Status, out: &mut Vec<u8>) {
    let title = |out: &mut Vec<u8>| {
        push_decimal(status.code().into(), out);
        out.extend_from_slice(b" - ");
        out.extend_from_slice(profile.reason(status).as_bytes());
    };
    out.extend_from_slice(PAGE_BEFORE_INDENT);
    out.extend_from_slice(profile.doctype_indent.as_bytes());
    out.extend_from_slice(PAGE_BEFORE_TITLE);
    title(out);
    out.extend_from_slice(PAGE_BEFORE_HEADING);
    title(out);
    out.extend_from_slice(PAGE_END);
}

const PAGE_BEFORE_INDENT: &[u8] = b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n\
    <!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\n";
const PAGE_BEFORE_TITLE: &[u8] = b"\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n\
    <html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n <head>\n  <title>";
const PAGE_BEFORE_HEADING: &[u8] = b"</title>\n </head>\n <body>\n  <h1>";
const PAGE_END: &[u8] = b"</h1>\n </body>\n</html>\n";
