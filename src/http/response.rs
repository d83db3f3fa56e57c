use alloc::vec::Vec;

use super::head::{ContentType, Head, NumberPlace, NumberPlaces, Persistence};
use super::kept::{HeadValues, KeptHead, KeptHeads};
use super::{HeaderLayout, HopLimit, Page, Profile, ResponseHeader, Status, StatusLine, header};
use crate::time::Timestamp;

/// A response: its status, the values of its headers and its body. [`Response::write`] encodes it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Response<C> {
    /// The generation of the service that encodes it.
    pub profile: &'static Profile,
    /// The status.
    pub status: Status,
    /// The order of the headers.
    #[doc(hidden)]
    pub layout: HeaderLayout,
    /// The version of the request, which the status line may echo: 1 for HTTP/1.1, 0 for HTTP/1.0.
    pub minor_version: u8,
    /// `Date`.
    pub date: Timestamp,
    /// `Content-Type`.
    pub content_type: ContentType,
    /// `Last-Modified`. A response with it has `Accept-Ranges` too.
    pub last_modified: Option<Timestamp>,
    /// The granted or remaining TTL of the token, in seconds.
    pub token_ttl: Option<u32>,
    /// `Allow`: the methods of the path.
    pub allow: Option<&'static str>,
    /// The body.
    pub payload: Payload<C>,
    /// The response is to HEAD: `Content-Length` announces the body, which is not sent.
    pub head_only: bool,
    /// How many hops the packets of this response may travel. `None`: the system's default.
    pub hop_limit: Option<HopLimit>,
}

/// The body of a response.
#[derive(Debug, Clone, Copy)]
pub enum Payload<C> {
    /// No bytes.
    Empty,
    /// The XHTML page of the status (see [`Profile::pages`]).
    Page,
    /// Bytes that are produced when the response is written.
    Content(C),
}

/// Produces the bytes of a body.
pub trait Content {
    /// Appends the body's bytes.
    fn write_to(&self, out: &mut Vec<u8>);
}

impl<C> Response<C> {
    /// A response with the default of each header: HTTP/1.1, `text/plain`, no TTL and no hop limit.
    pub fn new(profile: &'static Profile, status: Status, date: Timestamp, payload: Payload<C>) -> Response<C> {
        Response {
            profile,
            status,
            layout: HeaderLayout::Bare,
            minor_version: 1,
            date,
            content_type: ContentType::TextPlain,
            last_modified: None,
            token_ttl: None,
            allow: None,
            payload,
            head_only: false,
            hop_limit: None,
        }
    }
}

impl<C: Content> Response<C> {
    /// Appends the encoded response.
    pub fn write(&self, persistence: Persistence, out: &mut Vec<u8>) {
        self.write_with(persistence, None, out);
    }

    /// Appends the encoded response, the same bytes as [`Response::write`].
    ///
    /// With a kept head, a GET of a value costs 700 instructions less, and a PUT 550.
    pub(crate) fn write_with(&self, persistence: Persistence, heads: Option<&mut KeptHeads>, out: &mut Vec<u8>) {
        let start = out.len();
        let mut kept = heads.map(|heads| heads.of(self.layout));
        let known = kept
            .as_deref_mut()
            .and_then(|kept| kept.as_mut()?.head_of(&self.head_values(persistence)?, self.token_ttl));
        if let Some((head, mut length)) = known {
            out.extend_from_slice(head);
            self.write_body(start, &mut length, out);
            return;
        }
        let mut places = self.write_head(persistence, out);
        let head = self.write_body(start, &mut places.content_length, out);
        if let Some(kept) = kept {
            let values = self.head_values(persistence);
            *kept = values.and_then(|values| KeptHead::new(values, &out[start..head], places));
        }
    }

    /// The values that the head depends on, besides the numbers. `None` if it has `Allow`, which few
    /// heads have.
    #[inline(always)]
    fn head_values(&self, persistence: Persistence) -> Option<HeadValues> {
        self.allow.is_none().then_some(HeadValues {
            profile: self.profile,
            status: self.status,
            content_type: self.content_type,
            minor_version: self.minor_version,
            persistence,
            date_seconds: self.date.seconds(),
            last_modified: self.last_modified,
        })
    }

    /// Appends the body and writes its length into the head, which starts at `start`. Returns the
    /// end of the head.
    fn write_body(&self, start: usize, length: &mut NumberPlace, out: &mut Vec<u8>) -> usize {
        let body = out.len();
        self.push_body(out);
        let number = (out.len() - body) as u64;
        if self.head_only {
            out.truncate(body);
        }
        let before = length.digits;
        if number != length.number {
            replace_number(number, start, length, out);
        }
        body + length.digits - before
    }

    fn push_body(&self, out: &mut Vec<u8>) {
        match &self.payload {
            Payload::Empty => {}
            Payload::Page => {
                if let Some(page) = self.profile.page_of(self.status) {
                    self.profile.push_page(page, out);
                }
            }
            Payload::Content(content) => content.write_to(out),
        }
    }

    fn order(&self) -> &'static [ResponseHeader] {
        match self.layout {
            HeaderLayout::Document => self.profile.document_order,
            HeaderLayout::Bare => self.profile.bare_order,
        }
    }

    /// An upper bound of the head's length: as if each line were as long as the longest.
    fn longest_head(&self) -> usize {
        let open = self.profile.accept_ranges.len().max(self.allow.map_or(0, str::len));
        let line = LONGEST_LINE.max(LONGEST_LABEL + open + 2);
        STATUS_LINE + self.profile.reason(self.status).len() + self.order().len() * line
    }

    /// The `Content-Length` until the body is written. Most lengths have as many digits, so few
    /// bodies move.
    fn expected_length(&self) -> u64 {
        match self.payload {
            Payload::Empty => 0,
            Payload::Page => 339,
            Payload::Content(_) => 56,
        }
    }

    /// Appends the head, with the expected length of the body.
    fn write_head(&self, persistence: Persistence, out: &mut Vec<u8>) -> NumberPlaces {
        let start = out.len();
        out.resize(start + self.longest_head(), 0);
        let mut head = Head::new(&mut out[start..]);
        let mut places = NumberPlaces::default();
        let minor = match self.profile.status_line {
            StatusLine::Echo => self.minor_version,
            StatusLine::Http10 => 0,
        };
        head.push(if minor == 0 { b"HTTP/1.0 " } else { b"HTTP/1.1 " });
        head.push(self.status.code_text().as_bytes());
        head.push(b" ");
        head.push(self.profile.reason(self.status).as_bytes());
        head.push(b"\r\n");
        for &header in self.order() {
            match header {
                ResponseHeader::AcceptRanges if self.last_modified.is_some() => {
                    head.push_header(header::ACCEPT_RANGES, self.profile.accept_ranges.as_bytes());
                }
                ResponseHeader::AcceptRanges => {}
                ResponseHeader::Allow => {
                    if let Some(allow) = self.allow {
                        head.push_header(header::ALLOW, allow.as_bytes());
                    }
                }
                ResponseHeader::Connection => match (persistence, minor) {
                    (Persistence::Close, _) => head.push_header(header::CONNECTION, b"close"),
                    (Persistence::KeepAlive, 0) => head.push_header(header::CONNECTION, b"keep-alive"),
                    (Persistence::KeepAlive, _) => {}
                },
                ResponseHeader::ContentLength => {
                    places.content_length = head.push_number(header::CONTENT_LENGTH, self.expected_length());
                }
                ResponseHeader::ContentType => {
                    head.push_header(header::CONTENT_TYPE, self.content_type.value().as_bytes())
                }
                ResponseHeader::Date => head.push_header(header::DATE, &self.date.http_date()),
                ResponseHeader::LastModified => {
                    if let Some(modified) = self.last_modified {
                        head.push_header(header::LAST_MODIFIED, &modified.http_date());
                    }
                }
                ResponseHeader::Server => head.push_header(header::SERVER, header::SERVER_NAME.as_bytes()),
                ResponseHeader::TokenTtl => {
                    if let Some(seconds) = self.token_ttl {
                        places.token_ttl = head.push_number(header::TOKEN_TTL, seconds.into());
                    }
                }
            }
        }
        head.push(b"\r\n");
        let end = start + head.length();
        out.truncate(end);
        places
    }
}

/// Replaces a number of the head that starts at `start`. If the new one has another count of digits,
/// what follows moves.
fn replace_number(number: u64, start: usize, place: &mut NumberPlace, out: &mut Vec<u8>) {
    let mut text = itoa::Buffer::new();
    let text = text.format(number).as_bytes();
    let at = start + place.at;
    if text.len() != place.digits {
        move_end(out, at + place.digits, at + text.len());
        place.digits = text.len();
    }
    out[at..at + text.len()].copy_from_slice(text);
    place.number = number;
}

/// Moves the bytes from `from` on to `to`.
#[inline(never)]
fn move_end(out: &mut Vec<u8>, from: usize, to: usize) {
    let end = out.len();
    out.resize(end.max(end + to - from), 0);
    out.copy_within(from..end, to);
    out.truncate(end + to - from);
}

impl Profile {
    /// The XHTML page that responses of this status have as their body, if they have one.
    pub fn page(&self, status: Status) -> Option<Vec<u8>> {
        self.page_of(status).map(|page| {
            let mut bytes = Vec::new();
            self.push_page(page, &mut bytes);
            bytes
        })
    }

    pub(crate) fn page_of(&self, status: Status) -> Option<&'static Page> {
        self.pages.iter().find(|page| page.status == status)
    }

    fn push_page(&self, page: &Page, out: &mut Vec<u8>) {
        let title = |out: &mut Vec<u8>| {
            out.extend_from_slice(page.status.code_text().as_bytes());
            out.extend_from_slice(b" - ");
            out.extend_from_slice(self.reason(page.status).as_bytes());
        };
        out.extend_from_slice(PAGE_BEFORE_INDENT);
        out.extend_from_slice(page.doctype_indent.as_bytes());
        out.extend_from_slice(PAGE_BEFORE_TITLE);
        title(out);
        out.extend_from_slice(PAGE_BEFORE_HEADING);
        title(out);
        out.extend_from_slice(PAGE_END);
    }
}

/// The longest header name, a colon and a space.
const LONGEST_LABEL: usize = header::TOKEN_TTL.len() + 2;
/// The longest line. Its value is a number of at most ten digits. A date is longer than that, but
/// not by as much as the name of its header is shorter.
const LONGEST_LINE: usize = LONGEST_LABEL + 10 + 2;
const _: () = assert!(header::LAST_MODIFIED.len() + 2 + 29 + 2 <= LONGEST_LINE);
/// `HTTP/1.1 200 `, the line ending after the reason phrase, and the empty line after the headers.
const STATUS_LINE: usize = 13 + 2 + 2;

const PAGE_BEFORE_INDENT: &[u8] = b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n\
    <!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\n";
const PAGE_BEFORE_TITLE: &[u8] = b"\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n\
    <html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n <head>\n  <title>";
const PAGE_BEFORE_HEADING: &[u8] = b"</title>\n </head>\n <body>\n  <h1>";
const PAGE_END: &[u8] = b"</h1>\n </body>\n</html>\n";
