use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use imds::http::header;

/// What came back on one connection.
#[derive(Clone)]
pub struct Reply {
    /// All bytes.
    pub bytes: Vec<u8>,
    /// Whether the other side ended the connection after them.
    pub closed: bool,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// This request was not answered, for a reason of a few words.
    Unanswered(String),
    /// None is asked any more: the run has used up its time, or its number of requests.
    Over(String),
}

/// A reply, read without any of the code that writes ours.
pub(super) struct Answer {
    pub version: String,
    pub status: u16,
    pub reason: String,
    pub fields: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub closed: bool,
    /// What is wrong with the body's length.
    pub fault: Option<&'static str>,
}

impl Reply {
    /// Whether these bytes are a whole answer to the request, so that only the end of the connection could follow; and then
    /// whether it says that this will.
    pub fn is_whole(request: &[u8], bytes: &[u8]) -> Option<bool> {
        let answer = Answer::of(request, &Reply { bytes: bytes.to_vec(), closed: false }).ok()?;
        if matches!(answer.fault, Some(SHORT | ENDLESS)) {
            return None;
        }
        let says_close = answer.field(header::CONNECTION).is_some_and(|value| value.eq_ignore_ascii_case("close"));
        Some(says_close || answer.version == "HTTP/1.0")
    }
}

impl Answer {
    /// Reads the answer to the request. An answer with a body whose end is not told ends with the connection.
    pub fn of(request: &[u8], reply: &Reply) -> Result<Answer, &'static str> {
        let end = reply.bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no head of an HTTP answer")?;
        let head = core::str::from_utf8(&reply.bytes[..end]).map_err(|_| "a head that is no text")?;
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().splitn(3, ' ');
        let version = words.next().filter(|version| version.starts_with("HTTP/1.")).ok_or("no HTTP/1 answer")?;
        let status = words.next().and_then(|status| status.parse().ok()).ok_or("a status that is no number")?;
        let reason = words.next().unwrap_or_default();
        let fields = lines.map(|line| line.split_once(':').map(|(name, value)| (name.into(), value.trim().into())));
        let mut answer = Answer {
            version: version.into(),
            status,
            reason: reason.into(),
            fields: fields.collect::<Option<_>>().ok_or("a field without a colon")?,
            body: reply.bytes[end + 4..].to_vec(),
            closed: reply.closed,
            fault: None,
        };
        let is_encoded = answer.field(header::TRANSFER_ENCODING).is_some_and(|value| value.contains("chunked"));
        let length = answer.field(header::CONTENT_LENGTH).map(|value| value.parse::<usize>());
        if request.starts_with(b"HEAD ") {
            // What comes behind the head is a body that must not be there.
            return Ok(answer);
        }
        if is_encoded {
            match unchunked(&answer.body) {
                Some(body) => answer.body = body,
                None => answer.fault = Some(SHORT),
            }
            return Ok(answer);
        }
        answer.fault = match length {
            Some(Err(_)) => Some("a Content-Length that is no number"),
            Some(Ok(length)) if answer.body.len() < length => Some(SHORT),
            Some(Ok(length)) if answer.body.len() > length => Some("a body longer than its Content-Length"),
            None if !reply.closed => Some(ENDLESS),
            Some(Ok(_)) | None => None,
        };
        Ok(answer)
    }

    /// The value of a field, by any case of its name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }

    /// The lines of a listing; none of a body that is no text.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        core::str::from_utf8(&self.body).unwrap_or_default().split('\n').filter(|line| !line.is_empty())
    }

    /// What may be told of it.
    pub fn summary(&self) -> String {
        format!("{} {}, {} bytes", self.status, shown(&self.reason), self.body.len())
    }
}

/// A word of the other side's, short and without what a terminal would obey.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|c| matches!(c, ' '..='~')).take(40).collect()
}

const SHORT: &str = "a body that is cut short";
const ENDLESS: &str = "a body without an end";

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let line = core::str::from_utf8(&rest[..end]).ok()?;
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            // No trailer is sent by anybody who is asked here.
            return rest.starts_with(b"\r\n").then_some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size.checked_add(2)?..)?;
    }
}
