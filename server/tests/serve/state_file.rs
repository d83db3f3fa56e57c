//! State files that cannot be written: no change is lost silently.

use std::fs;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Server, TIMEOUT, connect, exchange, read_to_end, status};

#[test]
fn a_failed_write_is_retried_until_it_succeeds() {
    let folder = Folder::new("again");
    let mut server = folder.server();
    folder.hide();
    launch(server.console());
    while !server.stderr_line().contains(" ERROR cannot write state to ") {}
    // Each state of the launch is a change.
    let deadline = Instant::now() + TIMEOUT;
    while describe_instances(server.console()).contains("<name>pending</name>") {
        assert!(Instant::now() < deadline, "the instance does not run");
        thread::sleep(Duration::from_millis(20));
    }
    // The write for the last change fails too.
    thread::sleep(Duration::from_millis(100));
    folder.show();
    // The server retries without a further change.
    let deadline = Instant::now() + TIMEOUT;
    while !fs::read_to_string(folder.state()).is_ok_and(|state| state.contains(TAG)) {
        assert!(Instant::now() < deadline, "the state is not written");
        thread::sleep(Duration::from_millis(20));
    }
    server.signal("TERM");
    assert_eq!(server.end().0.code(), Some(0));
    assert_eq!(folder.files(), ["state.json"], "a temporary file is left");
}

#[test]
fn an_exit_without_a_written_state_is_an_error() {
    let folder = Folder::new("lost");
    let mut server = folder.server();
    folder.hide();
    launch(server.console());
    server.signal("TERM");
    let (exit, stderr) = server.end();
    assert_eq!(exit.code(), Some(1), "{stderr:?}");
    let last = stderr.last().unwrap();
    assert!(
        last.starts_with("imds: cannot write state to ") && last.ends_with(": No such file or directory"),
        "{last}"
    );
}

#[test]
fn changes_after_the_signal_are_written() {
    let folder = Folder::new("late");
    let mut server = folder.server();
    let request = request(server.console(), LAUNCH).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    let (head, form) = request.split_at(request.len() - LAUNCH.len());
    let mut stream = connect(server.console());
    stream.write_all(head.as_bytes()).unwrap();
    // The server now waits for the form.
    let mut interim = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut interim).unwrap();
    server.signal("TERM");
    server.wait_until_closed();
    stream.write_all(form.as_bytes()).unwrap();
    assert_eq!(status(&read_to_end(&mut stream)), "HTTP/1.1 200 OK");
    assert_eq!(server.end().0.code(), Some(0));
    assert!(fs::read_to_string(folder.state()).unwrap().contains(TAG), "the launch was answered but is lost");
}

/// Launches an instance with the tag [`TAG`].
fn launch(console: SocketAddr) {
    assert_eq!(status(&exchange(console, &request(console, LAUNCH))), "HTTP/1.1 200 OK");
}

fn describe_instances(console: SocketAddr) -> String {
    exchange(console, &request(console, "Action=DescribeInstances&Version=2016-11-15"))
}

fn request(console: SocketAddr, form: &str) -> String {
    let headers = "Connection: close\r\nContent-Type: application/x-www-form-urlencoded";
    format!("POST / HTTP/1.1\r\nHost: {console}\r\n{headers}\r\nContent-Length: {}\r\n\r\n{form}", form.len())
}

const LAUNCH: &str = "Action=RunInstances&Version=2016-11-15&ImageId=ami-0123456789abcdef0&MinCount=1&MaxCount=1\
    &TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=launched-by-this-test";
/// Appears in the state only with the launch, unlike the id, which the state may contain earlier.
const TAG: &str = "launched-by-this-test";

/// A temporary folder for a state file, deleted when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = Folder(std::env::temp_dir().join(format!("imds-state-{name}-{}", std::process::id())));
        fs::create_dir_all(&folder.0).unwrap();
        folder
    }

    fn server(&self) -> Server {
        Server::with_console(&["--state", self.state().to_str().unwrap()])
    }

    fn state(&self) -> PathBuf {
        self.0.join("state.json")
    }

    /// Renames the folder, so that the state file cannot be written.
    fn hide(&self) {
        fs::rename(&self.0, self.hidden()).unwrap();
    }

    fn show(&self) {
        fs::rename(self.hidden(), &self.0).unwrap();
    }

    fn hidden(&self) -> PathBuf {
        self.0.with_extension("hidden")
    }

    fn files(&self) -> Vec<String> {
        let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
        fs::read_dir(&self.0).unwrap().map(|entry| name(entry.unwrap())).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for folder in [Path::new(&self.0), &self.hidden()] {
            let _ = fs::remove_dir_all(folder);
        }
    }
}
