//! The state file where it cannot be written: nothing that was changed is lost without a word.

use std::fs;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{PATIENCE, Server, connect, exchange, rest, status};

#[test]
fn what_could_not_be_written_is_written_when_it_can_be() {
    let folder = Folder::new("again");
    let mut server = folder.server();
    folder.hide();
    launch(server.console());
    while !server.stderr_line().contains(" ERROR cannot write state to ") {}
    // The instance is on its way for a while, and each step is a change.
    let given_up = Instant::now() + PATIENCE;
    while described(server.console()).contains("<name>pending</name>") {
        assert!(Instant::now() < given_up, "the instance never runs");
        thread::sleep(Duration::from_millis(20));
    }
    // What the last step made the server try has failed too.
    thread::sleep(Duration::from_millis(100));
    folder.show();
    // No further change is needed for it.
    let given_up = Instant::now() + PATIENCE;
    while !fs::read_to_string(folder.state()).is_ok_and(|state| state.contains(TAG)) {
        assert!(Instant::now() < given_up, "the state is not written again");
        thread::sleep(Duration::from_millis(20));
    }
    server.signal("TERM");
    assert_eq!(server.end().0.code(), Some(0));
    assert_eq!(folder.files(), ["state.json"], "nothing is left of what was begun");
}

#[test]
fn a_server_that_ends_without_having_written_says_so() {
    let folder = Folder::new("lost");
    let mut server = folder.server();
    folder.hide();
    launch(server.console());
    server.signal("TERM");
    let (ended, told) = server.end();
    assert_eq!(ended.code(), Some(1), "{told:?}");
    let last = told.last().unwrap();
    assert!(
        last.starts_with("imds: cannot write state to ") && last.ends_with(": No such file or directory"),
        "{last}"
    );
}

#[test]
fn what_is_changed_after_the_signal_is_written_too() {
    let folder = Folder::new("late");
    let mut server = folder.server();
    let request = request(server.console(), LAUNCH).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    let (head, form) = request.split_at(request.len() - LAUNCH.len());
    let mut stream = connect(server.console());
    stream.write_all(head.as_bytes()).unwrap();
    // The server is waiting for the form.
    let mut word = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut word).unwrap();
    server.signal("TERM");
    server.wait_until_deaf();
    stream.write_all(form.as_bytes()).unwrap();
    assert_eq!(status(&rest(&mut stream)), "HTTP/1.1 200 OK");
    assert_eq!(server.end().0.code(), Some(0));
    assert!(fs::read_to_string(folder.state()).unwrap().contains(TAG), "it was answered and is lost");
}

/// Launches an instance with the tag.
fn launch(console: SocketAddr) {
    assert_eq!(status(&exchange(console, &request(console, LAUNCH))), "HTTP/1.1 200 OK");
}

fn described(console: SocketAddr) -> String {
    exchange(console, &request(console, "Action=DescribeInstances&Version=2016-11-15"))
}

fn request(console: SocketAddr, form: &str) -> String {
    let fields = "Connection: close\r\nContent-Type: application/x-www-form-urlencoded";
    format!("POST / HTTP/1.1\r\nHost: {console}\r\n{fields}\r\nContent-Length: {}\r\n\r\n{form}", form.len())
}

const LAUNCH: &str = "Action=RunInstances&Version=2016-11-15&ImageId=ami-0123456789abcdef0&MinCount=1&MaxCount=1\
    &TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=launched-by-this-test";
/// In the state once the launch is: the id of what will be launched next may be there before.
const TAG: &str = "launched-by-this-test";

/// A folder of a test's own with a state in it, gone when dropped.
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

    /// Takes it away, so that nothing can be written into it.
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
