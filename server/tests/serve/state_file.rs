//! The state file: an acknowledged change is in it, and no other server uses it.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Server, TIMEOUT, connect, exchange, imds, read_to_end, skipped, status};

#[test]
fn a_change_that_cannot_be_stored_is_undone_and_reported() {
    let folder = Folder::new("undone");
    let mut server = folder.server();
    folder.hide();
    let response = exchange(server.console(), &request(server.console(), LAUNCH));
    assert_eq!(status(&response), "HTTP/1.1 503 Service Unavailable");
    assert!(response.contains("<Code>Unavailable</Code>"), "{response}");
    while !server.stderr_line().contains(" ERROR cannot write state to ") {}
    assert!(!describe_instances(server.console()).contains(TAG), "an instance that was not launched is described");
    folder.show();
    launch(server.console());
    assert!(folder.text().contains(TAG), "the launch was acknowledged before it was stored");
    server.signal("TERM");
    assert_eq!(server.end().0.code(), Some(0));
    assert_eq!(folder.files(), ["state.json", "state.json.lock"], "a temporary file is left");
}

#[test]
fn an_acknowledged_change_survives_a_kill() {
    let folder = Folder::new("killed");
    let mut server = folder.server();
    launch(server.console());
    server.signal("KILL");
    server.end();
    let server = folder.server();
    assert!(describe_instances(server.console()).contains(TAG));
}

#[test]
fn a_timers_change_that_cannot_be_stored_is_stored_later() {
    let folder = Folder::new("again");
    let mut server = folder.server_with(&["--transition-delay", "500"]);
    launch(server.console());
    folder.hide();
    // The start of the instance is a change of a timer.
    while !server.stderr_line().contains(" ERROR cannot write state to ") {}
    let deadline = Instant::now() + TIMEOUT;
    while describe_instances(server.console()).contains("<name>pending</name>") {
        assert!(Instant::now() < deadline, "the instance does not run");
        thread::sleep(Duration::from_millis(20));
    }
    folder.show();
    while !server.stderr_line().contains(" INFO state is written to ") {}
    server.signal("TERM");
    assert_eq!(server.end().0.code(), Some(0));
}

#[test]
fn an_exit_without_a_written_state_is_an_error() {
    let folder = Folder::new("lost");
    let mut server = folder.server_with(&["--transition-delay", "500"]);
    launch(server.console());
    folder.hide();
    while !server.stderr_line().contains(" ERROR cannot write state to ") {}
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
fn a_second_server_cannot_use_the_state_file() {
    let folder = Folder::new("shared");
    let first = folder.server();
    launch(first.console());
    let reason = folder.rejected();
    assert!(reason.contains("another server uses it and has locked"), "{reason}");
    drop(first);
    folder.server();
}

#[test]
fn files_that_are_not_private_regular_files_are_rejected() {
    let folder = Folder::new("kinds");
    let state = folder.state();
    fs::create_dir(&state).unwrap();
    assert!(folder.rejected().contains("it is not a regular file"));
    fs::remove_dir(&state).unwrap();
    assert!(Command::new("mkfifo").arg(&state).status().unwrap().success());
    assert!(folder.rejected().contains("it is not a regular file"));
    fs::remove_file(&state).unwrap();
    drop(folder.server());
    for mode in [0o604, 0o602, 0o666] {
        fs::set_permissions(&state, Permissions::from_mode(mode)).unwrap();
        assert!(folder.rejected().contains("run chmod o= '"), "{mode:o}");
    }
    fs::set_permissions(&state, Permissions::from_mode(0o660)).unwrap();
    let server = folder.server();
    assert!(server.stderr_line().ends_with("its group has access"));
}

/// A container runtime mounts a single file in this way. It cannot be replaced.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_a_mount_point_is_rejected() {
    let folder = Folder::new("mounted");
    let (state, mounted) = (folder.state(), folder.0.join("mounted.json"));
    for file in [&state, &mounted] {
        fs::write(file, "").unwrap();
    }
    let in_namespace = |program: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", "mount --bind \"$0\" \"$1\" && shift && exec \"$@\""]);
        command.args([&mounted, &state]).args(program).output()
    };
    match in_namespace(&["true"]) {
        Ok(output) if output.status.success() => {}
        Ok(output) => return skipped(String::from_utf8_lossy(&output.stderr).trim()),
        Err(error) => return skipped(&format!("cannot run unshare: {error}")),
    }
    let arguments = ["--listen", "127.0.0.1:0", "--console", "off", "--state", state.to_str().unwrap()];
    let output = in_namespace(&[&[env!("CARGO_BIN_EXE_imds")], &arguments[..]].concat()).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), stderr.lines().count()), (Some(2), 1), "{stderr}");
    assert!(stderr.contains("it is a mount point and cannot be replaced: mount its folder"), "{stderr}");
}

#[test]
fn the_target_of_a_symbolic_link_is_written() {
    let folder = Folder::new("link");
    let target = folder.0.join("target.json");
    symlink("target.json", folder.state()).unwrap();
    let server = folder.server();
    launch(server.console());
    assert!(fs::read_to_string(&target).unwrap().contains(TAG));
    assert!(fs::symlink_metadata(folder.state()).unwrap().is_symlink());
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_damaged_file_is_rejected_and_kept() {
    let folder = Folder::new("damaged");
    let server = folder.server();
    launch(server.console());
    drop(server);
    let damaged = folder.text().replace(TAG, "launched-by-that-test");
    fs::write(folder.state(), &damaged).unwrap();
    assert!(folder.rejected().contains("the file is damaged: its checksum does not match"));
    assert_eq!(folder.text(), damaged);
}

#[test]
fn a_file_without_a_checksum_is_read() {
    let folder = Folder::new("old");
    let old = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../ec2/tests/snapshots/server_state.json")).unwrap();
    fs::write(folder.state(), old).unwrap();
    fs::set_permissions(folder.state(), Permissions::from_mode(0o600)).unwrap();
    let server = folder.server();
    assert!(describe_instances(server.console()).contains("<instanceId>"));
    assert!(folder.text().starts_with("{\"blake3\":"));
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
        self.server_with(&[])
    }

    fn server_with(&self, arguments: &[&str]) -> Server {
        Server::with_console(&[&["--state", self.state().to_str().unwrap()], arguments].concat())
    }

    /// Starts a server that must not start, and returns the line that says why.
    fn rejected(&self) -> String {
        let output = imds(&["--listen", "127.0.0.1:0", "--console", "off", "--state", self.state().to_str().unwrap()])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        stderr
    }

    fn text(&self) -> String {
        fs::read_to_string(self.state()).unwrap()
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
        let mut names: Vec<String> = fs::read_dir(&self.0).unwrap().map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for folder in [Path::new(&self.0), &self.hidden()] {
            let _ = fs::remove_dir_all(folder);
        }
    }
}
