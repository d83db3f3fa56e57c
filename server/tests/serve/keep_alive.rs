//! One response per connection, unless `--keep-alive` is set.

use std::io::Write;

use crate::support::{ARTICLE, Server, body, get, header, read_response, read_to_end, status};

const TWO: [&str; 2] = ["/latest/meta-data/instance-id", "/latest/meta-data/instance-type"];

#[test]
fn the_connection_closes_after_one_response() {
    let server = Server::start(&[]);
    let mut stream = server.connect();
    stream.write_all(TWO.map(get).concat().as_bytes()).unwrap();
    let response = read_to_end(&mut stream);
    assert_eq!(header(&response, "Connection"), Some("close"));
    assert_eq!(body(&response), "i-0abcdef1234567890");
}

#[test]
fn keep_alive_answers_pipelined_requests_in_order() {
    let server = Server::start(&["--keep-alive"]);
    let mut stream = server.connect();
    stream.write_all(TWO.map(get).concat().as_bytes()).unwrap();
    let first = read_response(&mut stream);
    assert_eq!((header(&first, "Connection"), body(&first)), (None, "i-0abcdef1234567890"));
    assert_eq!(body(&read_response(&mut stream)), "t3.micro");

    let last = "GET /latest/ HTTP/1.1\r\nHost: imds\r\nConnection: close\r\n\r\n";
    stream.write_all(last.as_bytes()).unwrap();
    let last = read_to_end(&mut stream);
    assert_eq!((status(&last), header(&last, "Connection")), ("HTTP/1.1 200 OK", Some("close")));
}

#[test]
fn curl_reuses_a_connection_only_with_keep_alive() {
    for (arguments, connects) in [(&["--keep-alive"][..], "1\n0\n"), (&[], "1\n1\n"), (&ARTICLE, "1\n1\n")] {
        let server = Server::start(arguments);
        let url = "http://169.254.169.254/latest/";
        let output = server.bash(&format!("curl -s -o /dev/null -o /dev/null -w '%{{num_connects}}\\n' {url} {url}"));
        assert_eq!(str::from_utf8(&output.stdout), Ok(connects), "{arguments:?}");
    }
}
