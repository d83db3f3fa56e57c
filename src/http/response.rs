use alloc::vec::Vec;

use super::head::Head;
use super::{Field, FieldLayout, HopLimit, Profile, Status, StatusLine, header};
use crate::time::Timestamp;
use crate::write::Decimal;

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
    pub shape: FieldLayout,
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

    const fn line(self) -> &'static [u8] {
        match self {
            ContentType::TextPlain => line!(header::CONTENT_TYPE, ContentType::TextPlain.value()),
            ContentType::TextHtml => line!(header::CONTENT_TYPE, ContentType::TextHtml.value()),
            ContentType::OctetStream => line!(header::CONTENT_TYPE, ContentType::OctetStream.value()),
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
        // The body first, for its length, behind room for the head; then it moves up to where the head ends.
        let start = out.len();
        let room = self.head_room();
        out.resize(start + room, 0);
        self.write_body(out);
        let length = out.len() - start - room;
        if self.head_only {
            out.truncate(start + room);
        }
        let left = self.write_head(persistence, length, &mut out[start..start + room]);
        out.copy_within(start + room.., start + room - left);
        out.truncate(out.len() - left);
    }

    fn write_body(&self, out: &mut Vec<u8>) {
        match &self.payload {
            Payload::Empty => {}
            Payload::Page => push_page(self.profile, self.status, out),
            Payload::Content(content) => content.write_to(out),
        }
    }

    fn order(&self) -> &'static [Field] {
        match self.shape {
            FieldLayout::Document => self.profile.document_order,
            FieldLayout::Bare => self.profile.bare_order,
        }
    }

    /// At least as many bytes as the head has: every line is taken to be as long as the longest can be.
    fn head_room(&self) -> usize {
        let open = self.profile.accept_ranges.len().max(self.allow.map_or(0, str::len));
        let line = LONGEST_LINE.max(LONGEST_LABEL + open + 2);
        STATUS_LINE + self.profile.reason(self.status).len() + self.order().len() * line
    }

    /// Writes the head to the beginning of `room` and says how much of it is left.
    fn write_head(&self, persistence: Persistence, length: usize, room: &mut [u8]) -> usize {
        let mut head = Head::new(room);
        let minor = match self.profile.status_line {
            StatusLine::Echo => self.minor_version,
            StatusLine::Http10 => 0,
        };
        head.push(if minor == 0 { b"HTTP/1.0 " } else { b"HTTP/1.1 " });
        head.push(self.status.code_text().as_bytes());
        head.push(b" ");
        head.push(self.profile.reason(self.status).as_bytes());
        head.push(b"\r\n");
        for &field in self.order() {
            match field {
                Field::AcceptRanges if self.last_modified.is_some() => {
                    head.push_field(label!(header::ACCEPT_RANGES), self.profile.accept_ranges.as_bytes());
                }
                Field::AcceptRanges => {}
                Field::Allow => {
                    if let Some(allow) = self.allow {
                        head.push_field(label!(header::ALLOW), allow.as_bytes());
                    }
                }
                Field::Connection => match (persistence, minor) {
                    (Persistence::Close, _) => head.push(line!(header::CONNECTION, "close")),
                    (Persistence::KeepAlive, 0) => head.push(line!(header::CONNECTION, "keep-alive")),
                    (Persistence::KeepAlive, _) => {}
                },
                Field::ContentLength => {
                    head.push_field(label!(header::CONTENT_LENGTH), Decimal::of(length as u64).as_bytes());
                }
                Field::ContentType => head.push(self.content_type.line()),
                Field::Date => head.push_field(label!(header::DATE), &self.date.http_date()),
                Field::LastModified => {
                    if let Some(modified) = self.last_modified {
                        head.push_field(label!(header::LAST_MODIFIED), &modified.http_date());
                    }
                }
                Field::Server => head.push(line!(header::SERVER, header::SERVER_NAME)),
                Field::TokenTtl => {
                    if let Some(seconds) = self.token_ttl {
                        head.push_field(label!(header::TOKEN_TTL), Decimal::of(seconds.into()).as_bytes());
                    }
                }
            }
        }
        head.push(b"\r\n");
        head.left()
    }
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

/// The longest name of a field, and what separates it from its value.
const LONGEST_LABEL: usize = header::TOKEN_TTL.len() + 2;
/// The longest name has a value of at most ten digits. A date is longer, and its field's name shorter by more than that.
const LONGEST_LINE: usize = LONGEST_LABEL + 10 + 2;
const _: () = assert!(header::LAST_MODIFIED.len() + 2 + 29 + 2 <= LONGEST_LINE);
/// `HTTP/1.1 200 `, the end of that line behind the reason, and the empty line.
const STATUS_LINE: usize = 13 + 2 + 2;

const PAGE_BEFORE_INDENT: &[u8] = b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n\
    <!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\n";
const PAGE_BEFORE_TITLE: &[u8] = b"\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n\
    <html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n <head>\n  <title>";
const PAGE_BEFORE_HEADING: &[u8] = b"</title>\n </head>\n <body>\n  <h1>";
const PAGE_END: &[u8] = b"</h1>\n </body>\n</html>\n";
