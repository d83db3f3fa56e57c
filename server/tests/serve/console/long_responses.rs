//! Long responses of the EC2 API.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use super::{FORM, post};
use crate::support::{Server, TIMEOUT, connect, header, status};

#[test]
fn a_long_response_is_sent_in_chunks() {
    let server = Server::with_console(&[]);
    for form in [long_launch().as_str(), DESCRIBE] {
        let response = post(&server, "", form);
        assert_eq!(status(&response), "HTTP/1.1 200 OK");
        assert_eq!(header(&response, "transfer-encoding"), Some("chunked"));
        assert_eq!(header(&response, "content-length"), None);
        assert!(response.len() > 1024 * 1024, "{} bytes", response.len());
        assert!(response.ends_with("Response>\r\n0\r\n\r\n"), "{}", &response[response.len() - 200..]);
        let request_id = header(&response, "x-amzn-requestid").unwrap();
        assert!(response.contains(&format!("<requestId>{request_id}</requestId>")));
    }
}

#[test]
fn clients_that_read_slowly_delay_no_other_call() {
    let server = Server::with_console(&[]);
    post(&server, "", &long_launch());
    let mut slow: Vec<TcpStream> = Vec::new();
    for readers in [2, 60] {
        slow.resize_with(readers, || start_to_read(&server));
        let mut stream = connect(server.console());
        // Less than the time after which the server closes the connections of slow readers.
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        stream.write_all(request(&server, DESCRIBE).as_bytes()).unwrap();
        let mut start = [0; "HTTP/1.1 200 OK".len()];
        stream.read_exact(&mut start).unwrap_or_else(|error| panic!("{readers} slow readers: {error}"));
        assert_eq!(&start, b"HTTP/1.1 200 OK", "{readers} slow readers");
    }
    // The slow readers had not lost their connections.
    for stream in &mut slow {
        stream.read_exact(&mut [0; 1000]).unwrap();
    }
}

#[test]
fn clients_that_leave_free_their_places() {
    let server = Server::with_console(&[]);
    post(&server, "", &long_launch());
    // More than the console has places.
    for _ in 0..100 {
        drop(start_to_read(&server));
    }
    assert_eq!(status(&post(&server, "", DESCRIBE)), "HTTP/1.1 200 OK");
}

/// Requests a long response and reads its status line. The rest does not fit into the buffers on its
/// way.
fn start_to_read(server: &Server) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(&server.console().into()).unwrap();
    let mut stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.write_all(request(server, DESCRIBE).as_bytes()).unwrap();
    let mut start = [0; "HTTP/1.1 200 OK".len()];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK");
    stream
}

fn request(server: &Server, form: &str) -> String {
    let (host, length) = (server.console(), form.len());
    format!("POST / HTTP/1.1\r\nHost: {host}\r\n{FORM}Content-Length: {length}\r\n\r\n{form}")
}

/// A call whose response, like the descriptions after it, has more than a megabyte.
fn long_launch() -> String {
    let mut launch = "Action=RunInstances&Version=2016-11-15&ImageId=ami-1&MinCount=100&MaxCount=100\
                      &TagSpecification.1.ResourceType=instance"
        .to_owned();
    for tag in 1..=50 {
        let value = "a".repeat(256);
        launch += &format!("&TagSpecification.1.Tag.{tag}.Key={tag}&TagSpecification.1.Tag.{tag}.Value={value}");
    }
    launch
}

const DESCRIBE: &str = "Action=DescribeInstances&Version=2016-11-15";
