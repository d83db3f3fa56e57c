use core::fmt;
use core::mem::MaybeUninit;

use super::header;
use crate::limits;

/// One request as it was read: what the line says, the fields that matter, and what is wrong with it.
///
/// A head that cannot be read is a request too, with a [`RequestFault`]: it is answered like any other. The values are borrowed
/// from the connection's buffer. `Debug` leaves out the token.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Why the head is refused as it stands.
    pub fault: Option<RequestFault>,
    /// The method; `GET` where the line could not be read.
    pub method: Method,
    /// The method as it was sent; empty where the line could not be read.
    pub method_text: &'a str,
    /// The path without scheme, authority and query, not decoded; empty where the line could not be read.
    pub path: &'a str,
    /// 1 for HTTP/1.1, 0 for HTTP/1.0; 1 where the line could not be read.
    pub minor_version: u8,
    /// The session token.
    pub token: FieldValue<'a>,
    /// The life asked for.
    pub ttl: FieldValue<'a>,
    /// Whether `X-Forwarded-For` is there, with any value.
    pub forwarded: bool,
    /// Whether `Expect` is there.
    pub expects: bool,
    /// The body that the head announces.
    pub body: Body,
    /// Whether the asker wants the connection kept.
    pub(crate) wants_keep_alive: bool,
    /// The whole head; empty if its headers could not be parsed.
    pub(crate) head: &'a [u8],
}

/// The methods that the service tells apart. Methods are case-sensitive: `get` is [`Method::Other`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `PUT`
    Put,
    /// `POST`
    Post,
    /// `OPTIONS`
    Options,
    /// Any other.
    Other,
}

/// A field that may be there once, several times, or not at all. The value is trimmed of blanks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum FieldValue<'a> {
    /// Not there.
    Absent,
    /// There once.
    One(&'a [u8]),
    /// There more than once, each time with this value.
    Repeated(&'a [u8]),
    /// There with different values.
    Different,
}

/// The body that a head announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// None, or `Content-Length: 0`.
    None,
    /// As many bytes, at most [`limits::BODY_BYTES`].
    Length(u64),
    /// More bytes than that.
    TooLarge,
    /// `Transfer-Encoding`: no length is announced.
    Encoded,
}

/// Why a head is refused as it stands. The first five make it unreadable; the others leave a request whose line is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestFault {
    /// The line is not a method, a target (`/…`, `http://…` or `*`) and a version.
    Line,
    /// The target is longer than [`limits::TARGET_BYTES`].
    TargetLength,
    /// The head is longer than [`limits::HEAD_BYTES`].
    HeadSize,
    /// More fields than [`limits::FIELDS`].
    FieldCount,
    /// `HTTP/x.y` other than 1.0 and 1.1.
    Version,
    /// A folded line, blanks before the colon, a bare CR, a NUL or another octet that no field may hold.
    FieldSyntax,
    /// HTTP/1.1 without `Host`.
    HostMissing,
    /// `Host` more than once.
    HostRepeated,
    /// `Content-Length` that is no number, or two that differ.
    ContentLength,
    /// `Content-Length` beside `Transfer-Encoding`: the pair that request smuggling is made of.
    LengthAndEncoding,
}

impl<'a> Request<'a> {
    /// A request that could not be read.
    pub const fn unreadable(fault: RequestFault) -> Request<'a> {
        Request {
            fault: Some(fault),
            method: Method::Get,
            method_text: "",
            path: "",
            minor_version: 1,
            token: FieldValue::Absent,
            ttl: FieldValue::Absent,
            forwarded: false,
            expects: false,
            body: Body::None,
            wants_keep_alive: false,
            head: b"",
        }
    }

    /// Reads one whole head, the empty line at its end included. What follows it is not looked at.
    ///
    /// For bytes that come in pieces use [`Connection`](crate::Connection), which waits for the head's end.
    pub fn parse(head: &'a [u8]) -> Request<'a> {
        Request::parse_first(head).0
    }

    /// Reads the whole head that the bytes begin with, and says how long it is. At a fault its length is 0: what follows such a
    /// head cannot be told from it.
    pub(crate) fn parse_first(bytes: &'a [u8]) -> (Request<'a>, usize) {
        let head = &bytes[..bytes.len().min(limits::HEAD_BYTES)];
        let mut fields = [const { MaybeUninit::uninit() }; limits::FIELDS];
        let mut parsed = httparse::Request::new(&mut []);
        let outcome = parsed.parse_with_uninit_headers(head, &mut fields);
        let mut request = match line(&parsed, head) {
            Ok(request) => request,
            Err(fault) => return (Request::unreadable(fault), 0),
        };
        let mut length = 0;
        match outcome {
            Ok(httparse::Status::Complete(head)) => {
                length = head;
                request.head = &bytes[..length];
                request.read_fields(parsed.headers);
            }
            Ok(httparse::Status::Partial) if bytes.len() > head.len() => request.fault = Some(RequestFault::HeadSize),
            Err(httparse::Error::TooManyHeaders) => request.fault = Some(RequestFault::FieldCount),
            // The line was read up to its version; whether it ends there is left to see.
            Err(_) if !is_version(behind_target(&parsed, head)) => return (Request::unreadable(RequestFault::Line), 0),
            Ok(httparse::Status::Partial) | Err(_) => request.fault = Some(RequestFault::FieldSyntax),
        }
        (request, length)
    }

    /// Who asks, if the request says it. No answer depends on it, so it is looked for only when somebody wants to know.
    pub fn user_agent(&self) -> Option<&'a [u8]> {
        let fields = self.head.split(|&byte| byte == b'\n').skip(1);
        let named = fields.filter_map(|line| line.split_at_checked(header::USER_AGENT.len()));
        let mut values = named.filter(|(name, _)| name.eq_ignore_ascii_case(header::USER_AGENT.as_bytes()));
        values.find_map(|(_, rest)| rest.strip_prefix(b":")).map(<[u8]>::trim_ascii)
    }

    /// Whether the answer is a head alone.
    pub fn is_head(&self) -> bool {
        self.method == Method::Head
    }

    /// Whether what follows the head can be told apart from the next request.
    pub(crate) fn is_framed(&self) -> bool {
        self.fault.is_none() && matches!(self.body, Body::None | Body::Length(_))
    }

    fn read_fields(&mut self, fields: &[httparse::Header<'a>]) {
        let mut hosts = 0usize;
        let mut length = None;
        let mut encoded = false;
        let mut close = false;
        let mut keep = false;
        let mut fault = None;
        for field in fields {
            // There are no blanks around it any more.
            let value = field.value;
            // The length of a name tells the names apart, so that most fields cost one comparison of numbers.
            match field.name.len() {
                4 if is(field, header::HOST) => hosts += 1,
                6 if is(field, header::EXPECT) => self.expects = true,
                10 if is(field, header::CONNECTION) => {
                    for option in value.split(|&byte| byte == b',') {
                        close |= option.trim_ascii().eq_ignore_ascii_case(b"close");
                        keep |= option.trim_ascii().eq_ignore_ascii_case(b"keep-alive");
                    }
                }
                14 if is(field, header::CONTENT_LENGTH) => match (digits(value), length) {
                    (Some(new), Some(old)) if new != old => fault = Some(RequestFault::ContentLength),
                    (Some(new), _) => length = Some(new),
                    (None, _) => fault = Some(RequestFault::ContentLength),
                },
                15 if is(field, header::X_FORWARDED_FOR) => self.forwarded = true,
                17 if is(field, header::TRANSFER_ENCODING) => encoded = true,
                24 if is(field, header::TOKEN) => self.token = self.token.and(value),
                36 if is(field, header::TOKEN_TTL) => self.ttl = self.ttl.and(value),
                _ => {}
            }
        }
        self.body = match length.map(number) {
            _ if encoded => Body::Encoded,
            None | Some(0) => Body::None,
            Some(length) if length <= limits::BODY_BYTES => Body::Length(length),
            Some(_) => Body::TooLarge,
        };
        self.wants_keep_alive = !close && (self.minor_version == 1 || keep);
        // RFC 9112 section 3.2 and 6.3, in the order of the rules that refuse.
        self.fault = if hosts == 0 && self.minor_version == 1 {
            Some(RequestFault::HostMissing)
        } else if hosts > 1 {
            Some(RequestFault::HostRepeated)
        } else if fault.is_some() {
            fault
        } else if encoded && length.is_some() {
            Some(RequestFault::LengthAndEncoding)
        } else {
            None
        };
    }
}

impl RequestFault {
    /// Whether not even the request line can be relied on.
    pub const fn is_unreadable(self) -> bool {
        matches!(
            self,
            RequestFault::Line
                | RequestFault::TargetLength
                | RequestFault::HeadSize
                | RequestFault::FieldCount
                | RequestFault::Version
        )
    }
}

impl Method {
    fn of(text: &str) -> Method {
        match text {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "PUT" => Method::Put,
            "POST" => Method::Post,
            "OPTIONS" => Method::Options,
            _ => Method::Other,
        }
    }
}

impl<'a> FieldValue<'a> {
    fn and(self, value: &'a [u8]) -> FieldValue<'a> {
        match self {
            FieldValue::Absent => FieldValue::One(value),
            FieldValue::One(first) | FieldValue::Repeated(first) if first == value => FieldValue::Repeated(first),
            _ => FieldValue::Different,
        }
    }

    /// Whether the field is there at all.
    pub fn is_present(self) -> bool {
        self != FieldValue::Absent
    }
}

impl fmt::Debug for FieldValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FieldValue::Absent => "Absent",
            FieldValue::One(_) => "One(…)",
            FieldValue::Repeated(_) => "Repeated(…)",
            FieldValue::Different => "Different",
        })
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("fault", &self.fault)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("token", &self.token)
            .field("ttl", &self.ttl)
            .field("forwarded", &self.forwarded)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// Finds the end of a head in bytes that come in pieces, looking at each byte once.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeadScanner {
    /// `0 <= searched <= bytes given so far`: everything before it holds no end.
    searched: usize,
    /// Where the current line began: `line <= searched`.
    line: usize,
    /// Whether the request line has ended.
    past_line: bool,
}

impl HeadScanner {
    /// Whether the empty line that ends the head is in `bytes`, which always start with the head's first byte.
    pub(crate) fn is_in(&mut self, bytes: &[u8]) -> bool {
        // The common case, a request sent at once, is seen from the end of what came.
        if self.searched == 0 && bytes.ends_with(b"\r\n\r\n") {
            return true;
        }
        while let Some(at) = memchr::memchr(b'\n', &bytes[self.searched..]) {
            let end = self.searched + at;
            let empty = matches!(&bytes[self.line..end], b"" | b"\r");
            self.searched = end + 1;
            self.line = end + 1;
            if empty && self.past_line {
                return true;
            }
            self.past_line = true;
        }
        self.searched = bytes.len();
        false
    }

    /// What is wrong with a head of which more than [`limits::HEAD_BYTES`] came without an end.
    pub(crate) fn too_long(&self) -> RequestFault {
        if self.past_line { RequestFault::HeadSize } else { RequestFault::TargetLength }
    }
}

/// Whether that is the field's name, without regard to case; `name` is made of letters, digits and hyphens. Of the octets that a
/// field name may have no other becomes one of these when this bit is set, so eight can be compared at once.
fn is(field: &httparse::Header<'_>, name: &str) -> bool {
    const LOWER: u64 = u64::from_ne_bytes([0x20; 8]);
    let lower = |word: &[u8; 8]| u64::from_ne_bytes(*word) | LOWER;
    let (words, rest) = field.name.as_bytes().as_chunks();
    let (own_words, own_rest) = name.as_bytes().as_chunks();
    words.iter().map(lower).eq(own_words.iter().map(lower)) && rest.eq_ignore_ascii_case(own_rest)
}

/// The digits of a number, which is digits and nothing else, without zeros before it. Two numbers are the same where these are,
/// whatever type can hold them.
fn digits(value: &[u8]) -> Option<&[u8]> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(&value[value.iter().take_while(|digit| **digit == b'0').count()..])
}

/// A number past `u64` is as good as its largest.
fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0u64, |n, digit| n.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
}

fn line<'a>(parsed: &httparse::Request<'_, 'a>, head: &'a [u8]) -> Result<Request<'a>, RequestFault> {
    let (Some(method_text), Some(target)) = (parsed.method, parsed.path) else {
        return Err(RequestFault::Line);
    };
    if target.len() > limits::TARGET_BYTES {
        return Err(RequestFault::TargetLength);
    }
    let path = path(target).ok_or(RequestFault::Line)?;
    let Some(minor_version) = parsed.version else {
        return Err(if is_version(behind_target(parsed, head)) { RequestFault::Version } else { RequestFault::Line });
    };
    Ok(Request {
        fault: None,
        method: Method::of(method_text),
        method_text,
        path,
        minor_version,
        ..Request::unreadable(RequestFault::Line)
    })
}

/// What the first line holds behind the space that ends the target, without the line's end.
fn behind_target<'a>(parsed: &httparse::Request<'_, '_>, head: &'a [u8]) -> &'a [u8] {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let target_end = parsed.method.map_or(0, str::len) + 1 + parsed.path.map_or(0, str::len);
    line.get(target_end + 1..).unwrap_or_default()
}

/// `HTTP-version = HTTP-name "/" DIGIT "." DIGIT` (RFC 9112 section 2.3), and nothing behind it.
fn is_version(text: &[u8]) -> bool {
    matches!(text, [b'H', b'T', b'T', b'P', b'/', major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit())
}

/// The path of an origin-form, absolute-form or asterisk-form target (RFC 9112 section 3.2). The authority is ignored.
fn path(target: &str) -> Option<&str> {
    let path = if target.starts_with('/') || target == "*" {
        target
    } else {
        let scheme = target.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("http://"))?;
        let rest = &target[scheme.len()..];
        match rest.find(['/', '?']) {
            // RFC 9110 section 4.2.1: without a host it is invalid.
            Some(0) => return None,
            Some(at) if rest.as_bytes()[at] == b'/' => &rest[at..],
            _ if rest.is_empty() => return None,
            _ => "/",
        }
    };
    Some(memchr::memchr(b'?', path.as_bytes()).map_or(path, |query| &path[..query]))
}
