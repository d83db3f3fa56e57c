//! Requests whose end readers could disagree about, sent through a proxy.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::panic::resume_unwind;
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::proxy::Proxy;
use crate::run::{TIMEOUT, text};
use crate::server::Server;

/// What an attacker sends on one connection.
pub struct Attack {
    /// The start of it, for messages.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Runs a test with the options of a server that closes each connection, and of one that keeps them
/// open, at the same time.
pub fn each_way(test: impl Fn(&[&str]) + Sync) {
    thread::scope(|scope| {
        let closing = scope.spawn(|| test(&[]));
        test(&["--keep-alive"]);
        if let Err(panic) = closing.join() {
            resume_unwind(panic);
        }
    });
}

/// Sends each attack through the proxy, and a valid request of another client after each. Asserts
/// that
///
/// * the server answered exactly the requests that the proxy logged as forwarded,
/// * each client got the responses that the proxy logged for its connection, and
/// * the other client got its own response each time.
pub fn withstand(server: &Server, proxy: Proxy) {
    let address = proxy.address();
    let received: Vec<_> = (1..).zip(attacks()).map(|(number, attack)| send(address, number, attack)).collect();
    let log = proxy.stop();
    let answered = server.requests();
    let without_protocol = |line: &String| line.rsplit_once(' ').map_or("", |(exchange, _)| exchange).to_owned();
    let answered: Vec<String> = answered.iter().map(without_protocol).collect();
    // A proxy logs a request when it has ended, which can be after the next one.
    let (mut forwarded, mut failed) = (log.forwarded, log.failed);
    for exchange in &answered {
        let (request, _) = exchange.rsplit_once(' ').unwrap_or_default();
        let take = |logged: &mut Vec<String>, wanted: &str| {
            let place = logged.iter().position(|logged| logged.trim_end() == wanted);
            place.map(|place| logged.swap_remove(place)).is_some()
        };
        let is_logged = take(&mut forwarded, exchange) || take(&mut failed, request);
        assert!(is_logged, "the server answered a request that the proxy did not forward: {exchange}");
    }
    assert_eq!(forwarded, [""; 0], "the proxy got responses that the server did not send");
    // Varnish adds X-Forwarded-For, so its PUT is rejected.
    let has_body = |exchange: &String| matches!(&**exchange, "PUT /latest/api/token 200" | "PUT /latest/api/token 403");
    assert!(answered.iter().any(has_body), "the proxy forwarded no request with a body");
    for (name, client, mut statuses) in received {
        let logged = log.to_clients.iter().filter(|(to, _)| *to == client).map(|(_, status)| *status);
        let mut logged: Vec<u16> = logged.collect();
        if log.omits_rejections {
            statuses.retain(|status| *status != 400);
            logged.retain(|status| *status != 400);
        }
        // The proxy also logs the status of a request whose client has gone.
        assert!(logged.starts_with(&statuses), "{name}: the client got {statuses:?}, the proxy logged {logged:?}");
    }
}

/// Sends an attack and the request of another client. Returns the attacker's address, which
/// depends on the number, and the statuses of the responses to the attacker.
fn send(proxy: SocketAddr, number: u32, attack: Attack) -> (String, IpAddr, Vec<u16>) {
    let client = IpAddr::from(Ipv4Addr::from_bits(Ipv4Addr::LOCALHOST.to_bits() + number));
    let mut attacker = connect(proxy, client);
    // The proxy may close the connection before it has read everything.
    let _ = attacker.write_all(&attack.bytes);
    let mut received = Vec::new();
    read(&mut attacker, SILENCE, &mut received);

    let mut victim = connect(proxy, Ipv4Addr::LOCALHOST.into());
    let request = format!("GET {VICTIM} HTTP/1.1\r\nHost: victim\r\nConnection: close\r\n\r\n");
    victim.write_all(request.as_bytes()).expect("the proxy reads");
    let mut response = Vec::new();
    victim.read_to_end(&mut response).expect("the proxy responds");
    let response = text(&response);
    assert!(
        response.starts_with("HTTP/1.1 200 ") && response.ends_with(&format!("\r\n\r\n{VICTIMS_VALUE}")),
        "{}: another client got {response:?}",
        attack.name
    );

    // The proxy has handled the attack: it answered a later request.
    read(&mut attacker, SILENCE / 4, &mut received);
    // A response to HTTP/0.9 is a body without a status.
    let is_http_0_9 = attack.bytes.split(|byte| *byte == b'\n').next().is_some_and(|line| !line.contains(&b'H'));
    if is_http_0_9 && !received.starts_with(b"HTTP/") {
        return (attack.name, client, Vec::new());
    }
    let statuses = statuses(&received).unwrap_or_else(|| panic!("{}: {:?}", attack.name, text(&received)));
    (attack.name, client, statuses)
}

/// Connects to the proxy from the client's address.
fn connect(proxy: SocketAddr, client: IpAddr) -> TcpStream {
    let socket = Socket::new(Domain::for_address(proxy), Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::new(client, 0).into()).expect("a loopback address");
    socket.connect_timeout(&proxy.into(), TIMEOUT).expect("the proxy listens");
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(TIMEOUT)).expect("a timeout");
    stream.set_write_timeout(Some(TIMEOUT)).expect("a timeout");
    stream
}

/// Reads until the connection closes or nothing arrives for a while.
fn read(stream: &mut TcpStream, silence: Duration, received: &mut Vec<u8>) {
    stream.set_read_timeout(Some(silence)).expect("a timeout");
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => received.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// The statuses of the responses, or `None` if the bytes are not whole responses. No request is a
/// HEAD.
fn statuses(received: &[u8]) -> Option<Vec<u16>> {
    let mut statuses = Vec::new();
    let mut rest = received;
    while !rest.is_empty() {
        let end = rest.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let head = std::str::from_utf8(&rest[..end]).ok()?;
        rest = &rest[end..];
        let status: u16 = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.trim().parse().ok()?;
        if status == 100 {
            continue;
        }
        statuses.push(status);
        let value = |name: &str| {
            let mut headers = head.lines().filter_map(|line| line.split_once(':'));
            headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
        };
        rest = match (value("Content-Length"), value("Transfer-Encoding")) {
            (Some(length), None) => rest.get(length.parse().ok()?..)?,
            (None, None) => b"",
            _ => return None,
        };
    }
    Some(statuses)
}

fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    let mut add = |bytes: String| {
        let name: String = bytes.chars().take(300).collect();
        attacks.push(Attack { name: format!("{name:?}"), bytes: bytes.into_bytes() });
    };
    // A second request in a body that other readers would end earlier.
    let in_chunk = format!("{:x}\r\n{SMUGGLED}\r\n0\r\n\r\n", SMUGGLED.len());
    let behind_chunk = format!("0\r\n\r\n{SMUGGLED}");
    for coding in CODINGS {
        let length = behind_chunk.len();
        add(format!("{PUT}Content-Length: {length}\r\n{coding}\r\n\r\n{behind_chunk}"));
        add(format!("{PUT}{coding}\r\nContent-Length: 4\r\n\r\n{in_chunk}"));
        add(format!("{PUT}{coding}\r\n\r\n{behind_chunk}"));
        add(format!("{GET}{coding}\r\n\r\n{in_chunk}"));
    }
    for length in LENGTHS {
        add(format!("{PUT}{length}\r\n\r\nhello{SMUGGLED}"));
        add(format!("{GET}{length}\r\n\r\n{SMUGGLED}"));
    }
    for body in CHUNKED {
        add(format!("{PUT}Transfer-Encoding: chunked\r\n\r\n{body}{SMUGGLED}"));
    }
    for size in [65_536, 65_537] {
        let data = "a".repeat(size);
        add(format!("{PUT}Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n{data}\r\n0\r\n\r\n{SMUGGLED}"));
        add(format!("{PUT}Content-Length: {size}\r\n\r\n{data}{SMUGGLED}"));
    }
    for head in HEADS {
        add(format!("{head}\r\n{SMUGGLED}"));
    }
    add(format!("{GET}X-Long: {}\r\n\r\n{SMUGGLED}", "a".repeat(20_000)));
    add(format!("{GET}\r\n").replace("\r\n", "\n") + SMUGGLED);
    add(format!("{GET}\r\n").repeat(3) + SMUGGLED);
    attacks
}

/// The request that a client sends after each attack, and its value.
const VICTIM: &str = "/latest/meta-data/placement/availability-zone";
const VICTIMS_VALUE: &str = "us-east-1a";
const SMUGGLED: &str = "GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: x\r\n\r\n";
const GET: &str = "GET /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: x\r\n";
const PUT: &str = "PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n";
/// A response of a proxy on this machine takes less. If it does not, fewer responses are compared.
const SILENCE: Duration = Duration::from_millis(40);

const CODINGS: &[&str] = &[
    "Transfer-Encoding: chunked",
    "tRANSFER-eNCODING: cHUNKED",
    "Transfer-Encoding:\tchunked",
    "Transfer-Encoding:chunked ",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: ,chunked",
    "Transfer-Encoding: identity",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: \"chunked\"",
    "Transfer-Encoding: chunked;a=b",
    "Transfer-Encoding:",
    "Transfer-Encoding:: chunked",
    "Transfer-Encoding : chunked",
    " Transfer-Encoding: chunked",
    "Transfer-Encoding: \x0bchunked",
    "Transfer-Encoding: chunked\x0b",
    "Transfer-Encoding:\r\n chunked",
    "Transfer-Encoding\r\n : chunked",
    "X: y\nTransfer-Encoding: chunked",
    "X: y\rTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\rX: y",
    "Transfer_Encoding: chunked",
    "Transfer-Encoding-: chunked",
    "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked",
    "TE: chunked, trailers\r\nTransfer-Encoding: chunked",
];

const LENGTHS: &[&str] = &[
    "Content-Length: 5",
    "content-length:5 ",
    "Content-Length: 5\r\nContent-Length: 5",
    "Content-Length: 5\r\nContent-Length: 6",
    "Content-Length: 0\r\nContent-Length: 5",
    "Content-Length: 5, 5",
    "Content-Length: 05",
    "Content-Length: +5",
    "Content-Length: -5",
    "Content-Length: 0x5",
    "Content-Length: 5;a",
    "Content-Length: 5 5",
    "Content-Length: \"5\"",
    "Content-Length:",
    "Content-Length: 5\x0b",
    "Content-Length : 5",
    " Content-Length: 5",
    "Content-Length:\r\n 5",
    "X: y\nContent-Length: 5",
    "X: y\rContent-Length: 5",
    "Content_Length: 5",
    "Connection: Content-Length\r\nContent-Length: 5",
    "Connection: close, Content-Length\r\nContent-Length: 5",
    "Content-Length: 18446744073709551621",
    "Content-Length: 4294967301",
];

const CHUNKED: &[&str] = &[
    "0\r\n\r\n",
    "000\r\n\r\n",
    "5\r\nhello\r\n0\r\n\r\n",
    "1\r\na\r\n1\r\nb\r\n0\r\n\r\n",
    "5;a=b\r\nhello\r\n0;a=\"b\"\r\n\r\n",
    "5;a=\"\\\"0\"\r\nhello\r\n0\r\n\r\n",
    "5 ;a\r\nhello\r\n0\r\n\r\n",
    "5\t;\ta\r\nhello\r\n0\r\n\r\n",
    "0\r\nX: y\r\n\r\n",
    "0\r\nContent-Length: 57\r\nTransfer-Encoding: chunked\r\nHost: y\r\n\r\n",
    "5\r\n0\r\n\r\n\r\n0\r\n\r\n",
    "00000000000000005\r\nhello\r\n0\r\n\r\n",
    "0000000000000000000000000000000000000005\r\nhello\r\n0\r\n\r\n",
    "10000000000000005\r\nhello\r\n0\r\n\r\n",
    "100000005\r\nhello\r\n0\r\n\r\n",
    "ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "7fffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n",
    "+5\r\nhello\r\n0\r\n\r\n",
    "-5\r\nhello\r\n0\r\n\r\n",
    " 5\r\nhello\r\n0\r\n\r\n",
    "5 \r\nhello\r\n0\r\n\r\n",
    "5,5\r\nhello\r\n0\r\n\r\n",
    "\r\nhello\r\n0\r\n\r\n",
    "5\nhello\r\n0\r\n\r\n",
    "5\r\nhello\n0\r\n\r\n",
    "5\r\nhello0\r\n\r\n",
    "5\r\nhello!\r\n0\r\n\r\n",
    "5\r\nhello\r0\r\n\r\n",
    "5\rhello\r\n0\r\n\r\n",
    "5;a\nhello\r\n0\r\n\r\n",
    "5;\r\nhello\r\n0\r\n\r\n",
    "5;a=\"\r\nhello\r\n0\r\n\r\n",
    "5;a\rb\r\nhello\r\n0\r\n\r\n",
    "0\n\r\n",
    "0\r\n\n",
    "0\n\n",
    "0\r\nX: y\n\r\n",
    "0\r\nX: y\n\n",
    "0\r\nX : y\r\n\r\n",
    "0\r\n X: y\r\n\r\n",
    "0\r\nX\r\n\r\n",
    "0\r\n",
    "0\r\nX: y\r\n",
];

/// Heads without the empty line at their end.
const HEADS: &[&str] = &[
    "GET http://other/latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: x\r\n",
    "GET http://other:80?a HTTP/1.1\r\nHost: x\r\n",
    "GET /latest/meta-data/ami-launch-index?a=/latest/user-data HTTP/1.1\r\nHost: x\r\n",
    "GET //latest//meta-data/ami-launch-index HTTP/1.1\r\nHost: x\r\n",
    "GET /latest/meta-data/%61mi-launch-index HTTP/1.1\r\nHost: x\r\n",
    "GET /latest/meta-data/a%0d%0aTransfer-Encoding:%20chunked HTTP/1.1\r\nHost: x\r\n",
    "GET /latest/meta-data/ami-launch-index#a HTTP/1.1\r\nHost: x\r\n",
    "GET /latest/meta-data/ami launch index HTTP/1.1\r\nHost: x\r\n",
    "GET  /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: x\r\n",
    "GET\t/latest/meta-data/ami-launch-index\tHTTP/1.1\r\nHost: x\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.1 \r\nHost: x\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.1\rHost: x\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/2.0\r\nHost: x\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.10\r\nHost: x\r\n",
    "GET /latest/meta-data/ami-launch-index http/1.1\r\nHost: x\r\n",
    "GET /latest/meta-data/ami-launch-index\r\n",
    "get /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: x\r\n",
    "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: x\r\n",
    "TRACE /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: x\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: x\r\nHost: y\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost : x\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: x, y\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: \r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.1\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.1\r\n Host: x\r\nHost: x\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: x\r\nX: y\r\n z\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: x\r\nX\0: y\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: x\r\n: y\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: x\r\nX\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: x\r\nConnection: close\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.0\r\nConnection: keep-alive\r\n",
    "GET /latest/meta-data/ami-launch-index HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
    "PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    "PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
    "\r\n\r\nGET /latest/meta-data/ami-launch-index HTTP/1.1\r\nHost: x\r\n",
];
