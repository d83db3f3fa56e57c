//! A signal lets requests in progress finish.

use std::fs;
use std::io::{BufRead, BufReader, Write, pipe};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::console::post;
use crate::log::send_requests;
use crate::support::{Server, TIMEOUT, body, connect, exchange, get, header, imds, read_response, read_to_end, status};

#[test]
fn an_idle_server_exits_at_once() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&["--log", "off"]);
        let mut idle = server.connect();
        // Once a later connection is answered, the server has accepted this one; otherwise the
        // system would reset it.
        server.get("/latest/");
        let signalled = Instant::now();
        server.signal(signal);
        assert_eq!(read_to_end(&mut idle), "");
        let (status, stderr) = server.end();
        assert_eq!(status.code(), Some(0), "{stderr:?}");
        assert!(signalled.elapsed() < Duration::from_secs(4), "{:?}", signalled.elapsed());
        assert_eq!(stderr, [""; 0]);
    }
}

#[test]
fn a_request_in_progress_is_answered() {
    let mut server = Server::start(&["--keep-alive"]);
    let mut stream = server.connect();
    // One complete request and the start of another: once the first is answered, the server has
    // read the second.
    let request = get("/latest/meta-data/instance-type");
    let (start, end) = request.split_at(20);
    stream.write_all((get("/latest/meta-data/instance-id") + start).as_bytes()).unwrap();
    assert_eq!(body(&read_response(&mut stream)), "i-0abcdef1234567890");

    server.signal("TERM");
    server.wait_until_closed();
    stream.write_all(end.as_bytes()).unwrap();
    let last = read_to_end(&mut stream);
    assert_eq!((header(&last, "Connection"), body(&last)), (Some("close"), "t3.micro"));
    assert_eq!(server.end().0.code(), Some(0));
}

#[test]
fn an_incomplete_request_is_cut_off_after_the_grace_period() {
    let mut server = Server::start(&["--keep-alive"]);
    let mut stream = server.connect();
    stream.write_all((get("/") + "GET /").as_bytes()).unwrap();
    read_response(&mut stream);
    server.stderr_line();
    server.signal("TERM");
    let (status, stderr) = server.end();
    assert_eq!(status.code(), Some(0));
    assert!(
        stderr[0].ends_with(" WARN shutdown: closing connections that did not finish within 5 seconds: 1"),
        "{stderr:?}"
    );
}

#[test]
fn a_second_signal_exits_at_once() {
    let mut server = Server::start(&["--keep-alive"]);
    let mut stream = server.connect();
    stream.write_all((get("/") + "GET /").as_bytes()).unwrap();
    read_response(&mut stream);
    server.signal("TERM");
    server.wait_until_closed();
    let signalled = Instant::now();
    server.signal("INT");
    assert_eq!(server.end().0.code(), Some(130));
    assert!(signalled.elapsed() < Duration::from_secs(4), "{:?}", signalled.elapsed());
}

#[test]
fn a_full_log_and_a_failing_state_file_do_not_delay_the_end() {
    let folder = std::env::temp_dir().join(format!("imds-shutdown-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let state = folder.join("state.json");
    let arguments = ["--console", "127.0.0.1:0", "--state", state.to_str().unwrap(), "--modify-delay", "500"];
    let (mut server, _stderr) = Server::start_unread(&[&arguments[..], &["--keep-alive"]].concat());
    // More lines than fit into the pipe.
    send_requests(&server, 1_000);

    let host = server.console();
    let mut events = connect(host);
    write!(events, "GET /events HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
    let mut events = BufReader::new(events).lines().map(Result::unwrap);
    assert_eq!(events.next().unwrap(), "HTTP/1.0 200 OK");
    let modify =
        "Action=ModifyInstanceMetadataOptions&Version=2016-11-15&InstanceId=i-0abcdef1234567890&HttpTokens=required";
    assert_eq!(status(&post(&server, "", modify)), "HTTP/1.1 200 OK");
    fs::remove_dir_all(&folder).unwrap();
    // A change that the state file does not have.
    events.find(|line| line.contains(r#""event":"applied""#)).unwrap();

    server.signal("TERM");
    assert_eq!(server.end().0.code(), Some(1));
}

#[test]
fn a_server_whose_output_is_not_read_serves_and_ends() {
    let [stdout, stderr] = [(); 2].map(|()| {
        let (reader, mut writer) = pipe().unwrap();
        // As much as fits into a pipe.
        writer.write_all(&[b'\n'; 64 * 1024]).unwrap();
        (reader, writer)
    });
    // Nothing shows the port that the server would choose.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = imds(&["--listen", &free.to_string(), "--listen", "0.0.0.0:0"]);
    let mut server = command.stdout(stdout.1).stderr(stderr.1).spawn().unwrap();
    let deadline = Instant::now() + TIMEOUT;
    while TcpStream::connect(free).is_err() {
        assert!(Instant::now() < deadline, "the server does not listen");
    }
    assert_eq!(status(&exchange(free, &get("/latest/"))), "HTTP/1.1 200 OK");

    let kill = std::process::Command::new("kill").arg(server.id().to_string()).status().unwrap();
    assert!(kill.success());
    while server.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "the server is still running");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(server.wait().unwrap().code(), Some(0));
    drop((stdout.0, stderr.0));
}
