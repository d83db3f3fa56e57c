//! Runs each example and compares its bytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

#[test]
fn embed_std_serves_the_metadata() {
    let server = Server::start(env!("CARGO_BIN_EXE_embed_std"));
    assert_session(&server);
    assert_eq!(
        without_dates(&server.exchange(b"GET /latest/meta-data/nothing HTTP/1.1\r\nHost: x\r\n\r\n")),
        NOT_FOUND
    );
    assert_eq!(server.exchange_truncated(b"GET /latest/meta-data HTTP/1.1\r\nHo"), "");
}

#[test]
fn tokio_server_serves_the_metadata_on_one_connection() {
    let server = Server::start(env!("CARGO_BIN_EXE_tokio_server"));
    assert_session(&server);

    let twice = [GET, "\r\n", GET, "Connection: close\r\n\r\n"].concat();
    let responses = without_dates(&server.exchange(twice.as_bytes()));
    let kept = VALUE.replace("Connection: close\r\n", "");
    assert_eq!(responses, [&kept, VALUE].concat());
}

#[test]
fn tokio_server_rejects_requests_past_its_rate() {
    let server = Server::start(env!("CARGO_BIN_EXE_tokio_server"));
    let many = [GET, "\r\n"].concat().repeat(2500);
    let responses = server.exchange([&many, GET, "Connection: close\r\n\r\n"].concat().as_bytes());
    let count = |status: &str| responses.matches(&format!("HTTP/1.1 {status}\r\n")).count();
    assert!(count("200 OK") >= 100, "{} served", count("200 OK"));
    assert!(count("503 Service Unavailable") >= 1, "none rejected");
    assert_eq!(count("200 OK") + count("503 Service Unavailable"), 2501);
}

#[test]
fn axum_service_serves_the_metadata() {
    let server = Server::start(env!("CARGO_BIN_EXE_axum_service"));
    let exchange = |head: &str| server.exchange(format!("{head}Connection: close\r\n\r\n").as_bytes());
    let response = exchange(&format!("{PUT}X-aws-ec2-metadata-token-ttl-seconds: 60\r\n"));
    let (head, token) = split(&response);
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("\r\nx-aws-ec2-metadata-token-ttl-seconds: 60\r\n"), "{head}");

    let response = exchange(&format!("{GET}X-aws-ec2-metadata-token: {token}\r\n"));
    let (head, value) = split(&response);
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("\r\nserver: EC2ws\r\n"), "{head}");
    assert_eq!(value, "t3.micro");
    let response = exchange(&format!("{GET}X-aws-ec2-metadata-token: wrong\r\n"));
    assert!(response.starts_with("HTTP/1.1 401 Unauthorized\r\n"), "{response}");
}

#[test]
fn virtio_vmm_answers_its_guest() {
    assert_eq!(output(env!("CARGO_BIN_EXE_virtio_vmm")), include_str!("virtio_vmm.txt"));
}

#[test]
fn launch_fleet_launches_and_changes_instances() {
    assert_eq!(output(env!("CARGO_BIN_EXE_launch_fleet")), include_str!("launch_fleet.txt"));
}

/// Requests a token, and a value with it, with a wrong token and without one.
fn assert_session(server: &Server) {
    let put = format!("{PUT}Connection: close\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n");
    let response = server.exchange(put.as_bytes());
    let (head, token) = split(&response);
    assert_eq!(without_dates(head), TOKEN_HEAD);
    assert_eq!(token.len(), 56);

    let get =
        |token: &str| without_dates(&server.exchange(format!("{GET}Connection: close\r\n{token}\r\n").as_bytes()));
    let with_token = get(&format!("X-aws-ec2-metadata-token: {token}\r\n"));
    let (before, rest) =
        with_token.split_once("X-Aws-Ec2-Metadata-Token-Ttl-Seconds: ").expect("a response to a token has its TTL");
    let (seconds, after) = rest.split_once("\r\n").expect("a line ends");
    assert!((30..=60).contains(&seconds.parse().unwrap()), "{seconds}");
    assert_eq!([before, after].concat(), VALUE);
    assert_eq!(get(""), VALUE);
    assert!(get("X-aws-ec2-metadata-token: wrong\r\n").starts_with("HTTP/1.1 401 Unauthorized\r\n"));
}

/// A running example, killed when dropped.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    fn start(binary: &str) -> Server {
        let mut process = Command::new(binary).arg("127.0.0.1:0").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://").map(str::parse);
        let address = address.unwrap_or_else(|| panic!("{line}")).unwrap();
        Server { process, address }
    }

    /// Sends the bytes and reads to the end of the stream.
    fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut output = stream.try_clone().unwrap();
        let bytes = bytes.to_vec();
        // On a thread of its own, because a server stops reading while its responses are not read.
        let sender = thread::spawn(move || output.write_all(&bytes).unwrap());
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        sender.join().unwrap();
        response
    }

    /// Sends the bytes and ends the stream, and returns the response.
    fn exchange_truncated(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(bytes).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn output(binary: &str) -> String {
    let output = Command::new(binary).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().replace('\r', "")
}

fn split(response: &str) -> (&str, &str) {
    response.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head in {response:?}"))
}

/// The text without the values of `Date` and `Last-Modified`, which depend on the clock.
fn without_dates(text: &str) -> String {
    let lines = text.split_inclusive("\r\n").map(|line| match line.split_once(": ") {
        Some((name @ ("Date" | "Last-Modified"), _)) => format!("{name}: …\r\n"),
        _ => line.to_owned(),
    });
    lines.collect()
}

const PUT: &str = "PUT /latest/api/token HTTP/1.1\r\nHost: x\r\n";
const GET: &str = "GET /latest/meta-data/instance-type HTTP/1.1\r\nHost: x\r\n";
const TOKEN_HEAD: &str = "HTTP/1.1 200 OK\r
X-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60\r
Content-Length: 56\r
Date: …\r
Server: EC2ws\r
Connection: close\r
Content-Type: text/plain";
const VALUE: &str = "HTTP/1.1 200 OK\r
Content-Type: text/plain\r
Accept-Ranges: none\r
Last-Modified: …\r
Content-Length: 8\r
Date: …\r
Server: EC2ws\r
Connection: close\r
\r
t3.micro";
const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r
Content-Type: text/html\r
Content-Length: 339\r
Date: …\r
Server: EC2ws\r
Connection: close\r
\r
<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>
<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"
\t\t \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">
<html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">
 <head>
  <title>404 - Not Found</title>
 </head>
 <body>
  <h1>404 - Not Found</h1>
 </body>
</html>
";
