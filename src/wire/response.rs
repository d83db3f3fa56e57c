use alloc::vec::Vec;

use super::{Field, HopLimit, Profile, Shape, Status, StatusLine, header};
use crate::time::Timestamp;
use crate::write::push_decimal;

/// A field's name and what separates it from its value, as bytes.
macro_rules! label {
    ($name:expr) => {
        &const { join::<{ $name.len() + 2 }>(&[$name, ": "]) }
    };
}

/// A whole field line, as bytes.
macro_rules! line {
    ($name:expr, $value:expr) => {
        &const { join::<{ $name.len() + $value.len() + 4 }>(&[$name, ": ", $value, "\r\n"]) }
    };
}

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
        // The body first, for its length; then it makes room for the head.
        let start = out.len();
        self.write_body(out);
        let length = out.len() - start;
        if self.head_only {
            out.truncate(start);
        }
        let body = out.len() - start;
        self.write_head(persistence, length, out);
        if body > 0 {
            out.extend_from_within(start..start + body);
            out.copy_within(start + body.., start);
            out.truncate(out.len() - body);
        }
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
        out.extend_from_slice(self.status.code_text().as_bytes());
        out.extend_from_slice(b" ");
        out.extend_from_slice(self.profile.reason(self.status).as_bytes());
        out.extend_from_slice(b"\r\n");
        let order = match self.shape {
            Shape::Document => self.profile.document_order,
            Shape::Bare => self.profile.bare_order,
        };
        for &field in order {
            match field {
                Field::AcceptRanges if self.last_modified.is_some() => {
                    push_field(label!(header::ACCEPT_RANGES), self.profile.accept_ranges.as_bytes(), out);
                }
                Field::AcceptRanges => {}
                Field::Allow => {
                    if let Some(allow) = self.allow {
                        push_field(label!(header::ALLOW), allow.as_bytes(), out);
                    }
                }
                Field::Connection => match (persistence, minor) {
                    (Persistence::Close, _) => out.extend_from_slice(line!(header::CONNECTION, "close")),
                    (Persistence::KeepAlive, 0) => out.extend_from_slice(line!(header::CONNECTION, "keep-alive")),
                    (Persistence::KeepAlive, _) => {}
                },
                Field::ContentLength => push_number(label!(header::CONTENT_LENGTH), length as u64, out),
                Field::ContentType => {
                    push_field(label!(header::CONTENT_TYPE), self.content_type.value().as_bytes(), out)
                }
                Field::Date => push_field(label!(header::DATE), &self.date.http_date(), out),
                Field::LastModified => {
                    if let Some(modified) = self.last_modified {
                        push_field(label!(header::LAST_MODIFIED), &modified.http_date(), out);
                    }
                }
                Field::Server => out.extend_from_slice(line!(header::SERVER, header::SERVER_NAME)),
                Field::TokenTtl => {
                    if let Some(seconds) = self.token_ttl {
                        push_number(label!(header::TOKEN_TTL), seconds.into(), out);
                    }
                }
            }
        }
        out.extend_from_slice(b"\r\n");
    }
}

#[inline(always)]
fn push_field(label: &[u8], value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(label);
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

fn push_number(label: &[u8], number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(label);
    push_decimal(number, out);
    out.extend_from_slice(b"\r\n");
}

/// The error page of both generations: they differ in what stands before the document type's address.
fn push_page(profile: &Profile, status: Status, out: &mut Vec<u8>) {
    let title = |out: &mut Vec<u8>| {
        out.extend_from_slice(status.code_text().as_bytes());
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

const fn join<const N: usize>(parts: &[&str]) -> [u8; N] {
    let mut joined = [0; N];
    let (mut part, mut length) = (0, 0);
    while part < parts.len() {
        let bytes = parts[part].as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            joined[length] = bytes[at];
            length += 1;
            at += 1;
        }
        part += 1;
    }
    joined
}

const PAGE_BEFORE_INDENT: &[u8] = b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n\
    <!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\n";
const PAGE_BEFORE_TITLE: &[u8] = b"\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n\
    <html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n <head>\n  <title>";
const PAGE_BEFORE_HEADING: &[u8] = b"</title>\n </head>\n <body>\n  <h1>";
const PAGE_END: &[u8] = b"</h1>\n </body>\n</html>\n";
