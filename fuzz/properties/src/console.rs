//! The console's HTTP: any bytes of a connection, and any request that a page of another site can
//! make a browser send.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use imds_ec2::Fleet;
use imds_ec2::query::{self, VERSION};
use imds_server::InProcess;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex, split};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::Target;
use crate::seeds::{Inputs, distinct_by_outcome};

pub const TARGET: Target = Target {
    name: "console",
    property: "a connection to the console ends, whatever bytes it receives, and every response is whole and can be neither sniffed nor framed; a request that a page of another site can send changes nothing; memory is bounded by the bytes in and out",
    run,
    dictionary,
    seeds,
};

/// An input that begins with [`PAGE`] is a request of a page: see [`request_of_page`]. Any other
/// one is the bytes of a connection.
fn run(data: &[u8]) {
    let page = data.strip_prefix(PAGE).map(request_of_page);
    let received = page.as_deref().unwrap_or(data);
    let mut world = WORLD.lock().unwrap_or_else(PoisonError::into_inner);
    let World { runtime, console, fleet } = &mut *world;
    console.set_fleet(fleet.clone());
    let mut sent = Vec::new();
    let used = allocation_counter::measure(|| sent = runtime.block_on(exchange(console, received)));
    let bound = BYTES_AT_ONCE + BYTES_AT_ONCE_PER_BYTE * (received.len() + sent.len()) as u64;
    assert!(used.bytes_max <= bound, "{} bytes of memory are more than {bound}", used.bytes_max);

    let responses = read_responses(&sent);
    responses.iter().for_each(Response::assert_protected);
    let is_changed = !console.fleet().is_unchanged_from(fleet);
    assert!(!(is_changed && page.is_some()), "the page has changed the fleet: {}", String::from_utf8_lossy(received));
    let is_accepted = responses.iter().any(|response| response.status == 200);
    assert!(!is_changed || is_accepted, "only rejected requests have changed the fleet");
}

/// The console, and the runtime that it runs on. Its clock stands still while there is work, and
/// then goes to the next deadline at once.
struct World {
    runtime: Runtime,
    console: InProcess,
    /// The fleet before each input.
    fleet: Fleet,
}

static WORLD: LazyLock<Mutex<World>> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    let console = InProcess::new().expect("a console");
    let fleet = console.fleet();
    Mutex::new(World { runtime, console, fleet })
});

/// Sends bytes to the console, and returns what it sends until it closes the connection, or until
/// the time is over: an event stream has no end.
async fn exchange(console: &mut InProcess, received: &[u8]) -> Vec<u8> {
    let (client, server) = duplex(BUFFER_BYTES);
    let (mut reader, mut writer) = split(client);
    let mut sent = Vec::new();
    let client = async {
        // Fails if the console closes the connection first.
        let write = async { drop(writer.write_all(received).await) };
        let read = async {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer).await {
                sent.extend_from_slice(&buffer[..length]);
            }
        };
        tokio::join!(write, read);
    };
    let _ = timeout(LONG_ENOUGH, async { tokio::join!(client, console.serve(server)) }).await;
    sent
}

/// A request that a page of another site can make a browser send without a preflight, or the
/// preflight. The input is a line with a method and a target, a line with a content type, a line
/// with the headers that the browser adds, and the body.
fn request_of_page(data: &[u8]) -> Vec<u8> {
    let mut parts = data.splitn(4, |&byte| byte == b'\n');
    let mut line = || parts.next().unwrap_or_default();
    let (start, content_type, added, body) = (line(), line(), line(), line());
    let (method, target) = start.split_first().unwrap_or((&b'G', b""));
    let method = match method {
        b'P' => "POST",
        b'H' => "HEAD",
        b'O' => "OPTIONS",
        _ => "GET",
    };
    let is_text = |byte: &u8| matches!(byte, b'!'..=b'~');
    let mut request = format!("{method} /").into_bytes();
    request.extend(target.iter().copied().filter(is_text));
    request.extend(b" HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n");
    let is_rebound = added.contains(&b'r');
    let host = if is_rebound { "site.example:8080".to_owned() } else { InProcess::ADDRESS.to_string() };
    request.extend(format!("Host: {host}\r\n").bytes());
    for (letter, header) in ADDED {
        if added.contains(letter) {
            request.extend(header.bytes().chain(*b"\r\n"));
        }
    }
    if let Some((essence, parameters)) = content_type.split_first() {
        let essence = match essence {
            b't' => "text/plain",
            b'm' => "multipart/form-data",
            _ => "application/x-www-form-urlencoded",
        };
        request.extend(format!("Content-Type: {essence}").bytes());
        request.extend(parameters.iter().copied().filter(|byte| is_text(byte) || *byte == b' '));
        request.extend(b"\r\n");
    }
    if method == "POST" {
        request.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
        request.extend(body);
    } else {
        request.extend(b"\r\n");
    }
    request
}

/// Headers that browsers add, each in some versions or situations. None is the console's own origin.
const ADDED: &[(&u8, &str)] = &[
    (&b'o', "Origin: http://site.example"),
    (&b'n', "Origin: null"),
    (&b'c', "Sec-Fetch-Site: cross-site"),
    (&b's', "Sec-Fetch-Site: same-site"),
    (&b'm', "Sec-Fetch-Mode: no-cors"),
    (&b'f', "Referer: http://site.example/"),
    (&b'a', "Accept: text/html"),
    (&b'l', "Accept-Language: en"),
    // Of a URL with a password.
    (&b'b', "Authorization: Basic YTpi"),
    (&b'p', "Access-Control-Request-Headers: x-amz-date"),
];

struct Response {
    status: u16,
    head: String,
    has_body: bool,
}

impl Response {
    fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// A response without a body, such as hyper's to a malformed head, has nothing to protect.
    fn assert_protected(&self) {
        if self.has_body {
            assert_eq!(self.header("x-content-type-options"), Some("nosniff"), "{}", self.head);
            let policy = self.header("content-security-policy").unwrap_or_default();
            assert!(policy.contains("frame-ancestors 'none'"), "{}", self.head);
        }
    }
}

/// Reads the responses of a connection.
///
/// # Panics
///
/// If one is malformed or incomplete. Only an event stream has no end.
fn read_responses(mut sent: &[u8]) -> Vec<Response> {
    let mut responses = Vec::new();
    while !sent.is_empty() {
        let shown = String::from_utf8_lossy(&sent[..sent.len().min(400)]);
        let end = sent.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("an incomplete head: {shown}"));
        let head = str::from_utf8(&sent[..end]).unwrap_or_else(|_| panic!("not text: {shown}")).to_owned();
        let status = head.strip_prefix("HTTP/1.1 ").or_else(|| head.strip_prefix("HTTP/1.0 "));
        let status = status.and_then(|rest| rest.get(..3)?.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status: {shown}"));
        sent = &sent[end + 4..];
        let mut response = Response { status, head, has_body: false };
        // The response to HEAD has the length of a body that does not follow.
        let is_without_body = sent.is_empty() || sent.starts_with(b"HTTP/1.") || matches!(status, 100..200 | 204 | 304);
        if !is_without_body {
            let (rest, length) = skip_body(&response, sent);
            response.has_body = length > 0;
            sent = rest;
        }
        responses.push(response);
    }
    responses
}

/// Returns the bytes after the body, and the length of the body.
fn skip_body<'s>(response: &Response, sent: &'s [u8]) -> (&'s [u8], usize) {
    let head = &response.head;
    if let Some(length) = response.header("content-length") {
        let length: usize = length.parse().expect("a length");
        return (sent.get(length..).unwrap_or_else(|| panic!("an incomplete body: {head}")), length);
    }
    let is_chunked = response.header("transfer-encoding") == Some("chunked");
    if !is_chunked {
        // The body ends with the connection.
        return (&[], sent.len());
    }
    let (mut rest, mut total) = (sent, 0);
    loop {
        let chunk = (|| {
            let line = rest.windows(2).position(|bytes| bytes == b"\r\n")?;
            let size = usize::from_str_radix(str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
            Some((size, rest[line + 2..].get(size..)?.strip_prefix(b"\r\n")?))
        })();
        match chunk {
            Some((0, after)) => return (after, total),
            Some((size, after)) => (rest, total) = (after, total + size),
            None if response.header("content-type") == Some("text/event-stream") => return (&[], total + rest.len()),
            None => panic!("an incomplete body: {head}"),
        }
    }
}

fn dictionary() -> Vec<String> {
    let actions = query::actions().map(|name| format!("Action={name}&Version={VERSION}&"));
    actions.chain(FRAGMENTS.iter().map(|fragment| (*fragment).to_owned())).collect()
}

fn seeds(inputs: &Inputs) -> Vec<Vec<u8>> {
    let host = InProcess::ADDRESS;
    let form = |form: &str, headers: &str| {
        let length = form.len();
        format!(
            "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n{headers}\
             Content-Length: {length}\r\n\r\n{form}"
        )
    };
    let run = format!("Action=RunInstances&Version={VERSION}&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1");
    let describe = format!("Action=DescribeInstances&Version={VERSION}");
    let get = |target: &str, headers: &str| format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");
    let mut seeds = vec![
        form(&run, ""),
        form(&run, "User-Agent: Mozilla/5.0\r\n"),
        form(&run, "User-Agent: Mozilla/5.0\r\nX-Amz-Date: 20260101T000000Z\r\n"),
        form(&run, "Expect: 100-continue\r\n"),
        form(&run, "Accept-Encoding: gzip\r\n"),
        form(&run, "Connection: close\r\n") + &get("/healthz", ""),
        get("/", "") + &get("/healthz", "") + &form(&describe, "") + &get("/metrics", "Connection: close\r\n"),
        get(&format!("/?{describe}"), ""),
        get(&format!("/?{run}"), "Sec-Fetch-Site: same-origin\r\n"),
        get("/icon.svg", ""),
        get("/nothing", ""),
        get("/events", ""),
        get("/", "Accept: text/html\r\n"),
        get("/healthz", "Host: a\r\n"),
        get("http://site.example/", ""),
        get("/healthz", "").replace("1.1", "1.0"),
        get("/healthz", "").replace("GET", "HEAD") + &get("/healthz", ""),
        get("/", "").replace("GET", "DELETE"),
        get("/", "").replace(&host.to_string(), "site.example"),
        form("", "").replace("Content-Length: 0", "Transfer-Encoding: chunked") + "3\r\na=b\r\n0\r\n\r\n",
        form("", "").replace("Content-Length: 0", "Transfer-Encoding: chunked") + "x\r\n",
        form("", "").replace("Content-Length: 0", "Content-Length: 5") + "a",
        form("", "").replace("application/x-www-form-urlencoded", "text/plain"),
        "GET / HTTP/1.1\r\n".into(),
        "\0".into(),
    ];
    let page = String::from_utf8_lossy(PAGE).into_owned();
    for added in ["", "o", "c", "nm", "r", "bfal"] {
        seeds.push(format!("{page}P\nu\n{added}\n{run}"));
        seeds.push(format!("{page}G?{run}\n\n{added}\n"));
        seeds.push(format!("{page}P?{run}\nt;charset=utf-8\n{added}\n"));
        seeds.push(format!("{page}O\n\np{added}\n"));
    }
    let forms = inputs.forms.iter().filter(|form| form.len() < 400).map(|text| form(text, ""));
    seeds.extend(forms);
    let mut world = WORLD.lock().unwrap_or_else(PoisonError::into_inner);
    let World { runtime, console, fleet } = &mut *world;
    let seeds = seeds.into_iter().map(String::into_bytes);
    distinct_by_outcome(seeds, |data| {
        console.set_fleet(fleet.clone());
        let page = data.strip_prefix(PAGE).map(request_of_page);
        let sent = runtime.block_on(exchange(console, page.as_deref().unwrap_or(data)));
        let responses = read_responses(&sent).into_iter();
        let outcomes = responses.map(|response| (response.status, response.header("content-type").map(str::to_owned)));
        (page.is_some(), outcomes.collect::<Vec<_>>())
    })
}

/// The start of an input that is a request of a page.
const PAGE: &[u8] = b"page ";
const BUFFER_BYTES: usize = 64 * 1024;
/// Longer than every deadline of the console.
const LONG_ENOUGH: Duration = Duration::from_secs(100);
/// The buffers of a connection, a compressor, and a file of the page.
const BYTES_AT_ONCE: u64 = 2 * 1024 * 1024;
const BYTES_AT_ONCE_PER_BYTE: u64 = 32;
const FRAGMENTS: &[&str] = &[
    "GET / HTTP/1.1\r\n",
    "POST / HTTP/1.1\r\n",
    "HEAD ",
    "OPTIONS ",
    "Host: 127.0.0.1:8080\r\n",
    "Content-Type: application/x-www-form-urlencoded\r\n",
    "Content-Length: ",
    "Transfer-Encoding: chunked\r\n",
    "Expect: 100-continue\r\n",
    "Connection: close\r\n",
    "Accept-Encoding: gzip\r\n",
    "User-Agent: Mozilla/5.0\r\n",
    "X-Amz-Date: ",
    "Authorization: AWS4-HMAC-SHA256 ",
    "Origin: http://127.0.0.1:8080\r\n",
    "Sec-Fetch-Site: same-origin\r\n",
    "\r\n\r\n",
    "0\r\n\r\n",
    "/healthz",
    "/metrics",
    "/events",
    "/icon.svg",
    "page ",
];
