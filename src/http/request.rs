use core::fmt;
use core::mem::MaybeUninit;

use super::{Body, header};
use crate::limits;

/// A parsed request head: the request line, the headers that matter, and what is wrong with it.
///
/// A malformed head is a request too, with a [`RequestFault`]: it gets a response like any other.
/// The values borrow from the connection's buffer. `Debug` omits the token.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// What is wrong with the head, if anything.
    pub fault: Option<RequestFault>,
    /// The method. `GET` if the request line cannot be parsed.
    pub method: Method,
    /// The method as sent. Empty if the request line cannot be parsed.
    pub method_text: &'a str,
    /// The path without scheme, authority and query, not percent-decoded. Empty if the request line
    /// cannot be parsed.
    pub path: &'a str,
    /// 1 for HTTP/1.1, 0 for HTTP/1.0. 1 if the request line cannot be parsed.
    pub minor_version: u8,
    /// The [session token](header::TOKEN). If it is repeated, the last one counts.
    pub token: HeaderValue<'a>,
    /// The [requested TTL](header::TOKEN_TTL) of a token.
    pub ttl: HeaderValue<'a>,
    /// `X-Forwarded-For` is present, with any value.
    pub forwarded: bool,
    /// `Expect` is present, with any value.
    pub expects: bool,
    /// The body: as the head announces it, or as [`Connection`](crate::Connection) has read it.
    pub body: Body,
    /// The client wants to keep the connection open.
    pub(crate) wants_keep_alive: bool,
    /// The whole head. Empty if its headers cannot be parsed, because the start of the next request
    /// is then unknown.
    pub(crate) head: &'a [u8],
}

/// The methods that the service distinguishes. Methods are case-sensitive: `get` is
/// [`Method::Other`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
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
    /// Any other method.
    Other,
}

/// The value of a header that may be absent or repeated, without surrounding whitespace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum HeaderValue<'a> {
    /// The header is absent.
    Absent,
    /// The header is present once.
    One(&'a [u8]),
    /// The header is present more than once. This is its last value.
    Repeated(&'a [u8]),
}

/// What is wrong with a head.
///
/// The first five make the request line unusable. The others leave a request with a known line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestFault {
    /// The request line is not a method, a target (`/…`, `http://…` or `*`) and a version.
    Line,
    /// The target is longer than [`limits::TARGET_BYTES`].
    TargetLength,
    /// The head is longer than [`limits::HEAD_BYTES`].
    HeadSize,
    /// The head has more than [`limits::HEADERS`] headers.
    HeaderCount,
    /// The version is `HTTP/x.y`, but neither 1.0 nor 1.1.
    Version,
    /// A folded line, whitespace before the colon, or an octet that no header may contain, for
    /// example a bare CR or a NUL.
    HeaderSyntax,
    /// `Host` is present more than once.
    HostRepeated,
    /// `Content-Length` is not a number, or two values differ.
    ContentLength,
    /// Both `Content-Length` and `Transfer-Encoding` are present, as in request smuggling.
    LengthAndEncoding,
    /// `Transfer-Encoding` is not exactly `chunked`, or the version is HTTP/1.0.
    TransferEncoding,
}

impl<'a> Request<'a> {
    /// A request whose head cannot be parsed.
    pub const fn unreadable(fault: RequestFault) -> Request<'a> {
        Request {
            fault: Some(fault),
            method: Method::Get,
            method_text: "",
            path: "",
            minor_version: 1,
            token: HeaderValue::Absent,
            ttl: HeaderValue::Absent,
            forwarded: false,
            expects: false,
            body: Body::None,
            wants_keep_alive: false,
            head: b"",
        }
    }

    /// Parses the whole head at the start of `bytes`, including the empty line at its end. Bytes
    /// after it are ignored.
    ///
    /// For bytes that arrive in pieces use [`Connection`](crate::Connection), which waits for the
    /// end of the head.
    pub fn parse(bytes: &'a [u8]) -> Request<'a> {
        let head = &bytes[..bytes.len().min(limits::HEAD_BYTES)];
        let mut headers = [const { MaybeUninit::uninit() }; limits::HEADERS];
        let mut parsed = httparse::Request::new(&mut []);
        let outcome = parsed.parse_with_uninit_headers(head, &mut headers);
        let mut request = match parse_line(&parsed, head) {
            Ok(request) => request,
            Err(fault) => return Request::unreadable(fault),
        };
        match outcome {
            Ok(httparse::Status::Complete(head)) => {
                request.head = &bytes[..head];
                request.read_headers(parsed.headers);
            }
            Ok(httparse::Status::Partial) if bytes.len() > head.len() => request.fault = Some(RequestFault::HeadSize),
            Err(httparse::Error::TooManyHeaders) => request.fault = Some(RequestFault::HeaderCount),
            // httparse reads the line up to its version only. More may follow on the line.
            Err(_) if !is_version(after_target(&parsed, head)) => return Request::unreadable(RequestFault::Line),
            Ok(httparse::Status::Partial) | Err(_) => request.fault = Some(RequestFault::HeaderSyntax),
        }
        request
    }

    /// The value of the first `User-Agent` header. No response depends on it.
    pub fn user_agent(&self) -> Option<&'a [u8]> {
        let lines = self.head.split(|&byte| byte == b'\n').skip(1);
        let named = lines.filter_map(|line| line.split_at_checked(header::USER_AGENT.len()));
        let mut values = named.filter(|(name, _)| name.eq_ignore_ascii_case(header::USER_AGENT.as_bytes()));
        values.find_map(|(_, rest)| rest.strip_prefix(b":")).map(<[u8]>::trim_ascii)
    }

    /// Returns `true` if the response has no body because the method is HEAD.
    pub fn is_head(&self) -> bool {
        self.method == Method::Head
    }

    /// Returns `true` if the end of the body is known, and so the start of the next request.
    pub(crate) fn is_framed(&self) -> bool {
        self.fault.is_none() && self.body.is_framed()
    }

    fn read_headers(&mut self, headers: &[httparse::Header<'a>]) {
        let mut hosts = 0usize;
        let mut length = None;
        let mut encoding = HeaderValue::Absent;
        let mut close = false;
        let mut keep = false;
        let mut fault = None;
        for read in headers {
            // httparse has trimmed it.
            let value = read.value;
            // Most headers have another length than these, so one comparison of numbers skips them.
            match read.name.len() {
                4 if is_named(read, header::HOST) => hosts += 1,
                6 if is_named(read, header::EXPECT) => self.expects = true,
                10 if is_named(read, header::CONNECTION) => {
                    for option in value.split(|&byte| byte == b',') {
                        close |= option.trim_ascii().eq_ignore_ascii_case(b"close");
                        keep |= option.trim_ascii().eq_ignore_ascii_case(b"keep-alive");
                    }
                }
                14 if is_named(read, header::CONTENT_LENGTH) => match (digits(value), length) {
                    (Some(new), Some(old)) if new != old => fault = Some(RequestFault::ContentLength),
                    (Some(new), _) => length = Some(new),
                    (None, _) => fault = Some(RequestFault::ContentLength),
                },
                15 if is_named(read, header::X_FORWARDED_FOR) => self.forwarded = true,
                17 if is_named(read, header::TRANSFER_ENCODING) => encoding = encoding.and(value),
                24 if is_named(read, header::TOKEN) => self.token = self.token.and(value),
                36 if is_named(read, header::TOKEN_TTL) => self.ttl = self.ttl.and(value),
                _ => {}
            }
        }
        self.body = match length.map(saturating_number) {
            _ if encoding.is_present() => Body::Chunked,
            None | Some(0) => Body::None,
            Some(length) if length <= limits::BODY_BYTES => Body::Length(length),
            Some(_) => Body::TooLarge,
        };
        self.wants_keep_alive = !close && (self.minor_version == 1 || keep);
        // RFC 9112 sections 3.2 and 6.3. The order is the order of the rules that reject. A request
        // without Host is served.
        self.fault = if hosts > 1 {
            Some(RequestFault::HostRepeated)
        } else if fault.is_some() {
            fault
        } else if !encoding.is_present() {
            None
        } else if length.is_some() {
            Some(RequestFault::LengthAndEncoding)
        } else if self.minor_version == 0 || !is_chunked(encoding) {
            Some(RequestFault::TransferEncoding)
        } else {
            None
        };
    }
}

impl RequestFault {
    /// Returns `true` if the request line is unusable.
    pub const fn is_unreadable(self) -> bool {
        matches!(
            self,
            RequestFault::Line
                | RequestFault::TargetLength
                | RequestFault::HeadSize
                | RequestFault::HeaderCount
                | RequestFault::Version
        )
    }
}

impl Method {
    fn from_text(text: &str) -> Method {
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

impl<'a> HeaderValue<'a> {
    fn and(self, value: &'a [u8]) -> HeaderValue<'a> {
        match self {
            HeaderValue::Absent => HeaderValue::One(value),
            HeaderValue::One(_) | HeaderValue::Repeated(_) => HeaderValue::Repeated(value),
        }
    }

    /// Returns `true` unless the header is absent.
    pub fn is_present(self) -> bool {
        self != HeaderValue::Absent
    }
}

impl fmt::Debug for HeaderValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HeaderValue::Absent => "Absent",
            HeaderValue::One(_) => "One(…)",
            HeaderValue::Repeated(_) => "Repeated(…)",
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

/// Finds the end of a head that arrives in pieces. It searches each byte once.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeadScanner {
    /// The end of the head is not in `bytes[..searched]`.
    searched: usize,
    /// Where the current line starts: `line_start <= searched`.
    line_start: usize,
    /// The request line has ended.
    past_request_line: bool,
}

impl HeadScanner {
    /// Returns `true` if `bytes` contains the empty line that ends the head. `bytes` always starts
    /// with the first byte of the head.
    pub(crate) fn finds_end(&mut self, bytes: &[u8]) -> bool {
        // The common case: the whole head arrives at once, and nothing after it.
        if self.searched == 0 && bytes.ends_with(b"\r\n\r\n") {
            return true;
        }
        while let Some(at) = memchr::memchr(b'\n', &bytes[self.searched..]) {
            let end = self.searched + at;
            let empty = matches!(&bytes[self.line_start..end], b"" | b"\r");
            self.searched = end + 1;
            self.line_start = end + 1;
            if empty && self.past_request_line {
                return true;
            }
            self.past_request_line = true;
        }
        self.searched = bytes.len();
        false
    }

    /// The fault of a head that did not end within [`limits::HEAD_BYTES`].
    pub(crate) fn too_long(&self) -> RequestFault {
        if self.past_request_line { RequestFault::HeadSize } else { RequestFault::TargetLength }
    }
}

/// Compares a header's name without regard to case. `name` consists of letters, digits and hyphens.
///
/// Setting bit 5 lowers a letter's case and leaves digits and hyphens as they are. It makes no
/// other octet that a header name may contain equal to one of these, so eight octets are compared
/// at once.
fn is_named(header: &httparse::Header<'_>, name: &str) -> bool {
    const LOWER: u64 = u64::from_ne_bytes([0x20; 8]);
    let lower = |word: &[u8; 8]| u64::from_ne_bytes(*word) | LOWER;
    let (words, rest) = header.name.as_bytes().as_chunks();
    let (name_words, name_rest) = name.as_bytes().as_chunks();
    words.iter().map(lower).eq(name_words.iter().map(lower)) && rest.eq_ignore_ascii_case(name_rest)
}

/// Returns `true` for the only transfer coding that is read. A second header would be a second
/// coding (RFC 9110 section 5.3).
fn is_chunked(encoding: HeaderValue<'_>) -> bool {
    matches!(encoding, HeaderValue::One(coding) if coding.eq_ignore_ascii_case(b"chunked"))
}

/// The digits of a decimal number without leading zeros. Equal numbers have equal digits, even
/// numbers that no integer type can hold.
fn digits(value: &[u8]) -> Option<&[u8]> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(&value[value.iter().take_while(|digit| **digit == b'0').count()..])
}

fn saturating_number(digits: &[u8]) -> u64 {
    digits.iter().fold(0u64, |n, digit| n.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
}

fn parse_line<'a>(parsed: &httparse::Request<'_, 'a>, head: &'a [u8]) -> Result<Request<'a>, RequestFault> {
    let (Some(method_text), Some(target)) = (parsed.method, parsed.path) else {
        return Err(RequestFault::Line);
    };
    if target.len() > limits::TARGET_BYTES {
        return Err(RequestFault::TargetLength);
    }
    let path = target_path(target).ok_or(RequestFault::Line)?;
    let Some(minor_version) = parsed.version else {
        return Err(if is_version(after_target(parsed, head)) { RequestFault::Version } else { RequestFault::Line });
    };
    Ok(Request {
        fault: None,
        method: Method::from_text(method_text),
        method_text,
        path,
        minor_version,
        ..Request::unreadable(RequestFault::Line)
    })
}

/// The rest of the request line after the space that ends the target, without the line ending.
fn after_target<'a>(parsed: &httparse::Request<'_, '_>, head: &'a [u8]) -> &'a [u8] {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let target_end = parsed.method.map_or(0, str::len) + 1 + parsed.path.map_or(0, str::len);
    line.get(target_end + 1..).unwrap_or_default()
}

/// `HTTP-version = HTTP-name "/" DIGIT "." DIGIT` (RFC 9112 section 2.3), and nothing after it.
fn is_version(text: &[u8]) -> bool {
    matches!(text, [b'H', b'T', b'T', b'P', b'/', major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit())
}

/// The path of a target in origin-form, absolute-form or asterisk-form (RFC 9112 section 3.2). The
/// authority is ignored.
fn target_path(target: &str) -> Option<&str> {
    let path = if target.starts_with('/') || target == "*" {
        target
    } else {
        let scheme = target.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("http://"))?;
        let rest = &target[scheme.len()..];
        match rest.find(['/', '?']) {
            // RFC 9110 section 4.2.1: an http URI without a host is invalid.
            Some(0) => return None,
            Some(at) if rest.as_bytes()[at] == b'/' => &rest[at..],
            _ if rest.is_empty() => return None,
            _ => "/",
        }
    };
    Some(memchr::memchr(b'?', path.as_bytes()).map_or(path, |query| &path[..query]))
}
