//! Runs commands with a time limit and without the environment of this machine.

use std::env;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Allows for a busy machine. A successful wait ends earlier.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// A command whose environment has only the path: no proxy, no key and no configuration.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", "/nonexistent").env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    if let Some(path) = env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Output {
    finish(command, TIMEOUT).unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Runs a command to its end, or returns the reason why it did not start or end.
pub fn finish(command: &mut Command, timeout: Duration) -> Result<Output, String> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| reason(&error))?;
    let (stdout, stderr) = (all_of(child.stdout.take()), all_of(child.stderr.take()));
    let status = wait(&mut child, timeout).ok_or_else(|| format!("no end after {} s", timeout.as_secs()))?;
    // A child process may keep the output open.
    let rest = |stream: Receiver<Vec<u8>>| stream.recv_timeout(TIMEOUT).map_err(|_| "its output has no end".to_owned());
    Ok(Output { status, stdout: rest(stdout)?, stderr: rest(stderr)? })
}

/// The text of a stream.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The system's error text without the error number.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// The output of a command that must have succeeded.
#[track_caller]
pub fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}\n{}{}", output.status, text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// Waits for the end of a process, and kills it after the timeout.
pub(crate) fn wait(child: &mut Child, timeout: Duration) -> Option<ExitStatus> {
    let deadline = Instant::now() + timeout;
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return Some(status);
        }
        if Instant::now() >= deadline {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        thread::sleep(Duration::from_millis(3));
    }
}

fn all_of(stream: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut bytes);
        }
        send.send(bytes)
    });
    receive
}
