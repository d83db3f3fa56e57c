//! Commands that end, and that know nothing of the machine they run on.

use std::env;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Long enough for a machine that does much else; a wait that ends well ends at once.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A command in an environment that holds where programs are and nothing else: no proxy, no key, no configuration.
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
    finish(command, PATIENCE).unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Runs a command to its end, if it comes to that; or says why it did not.
pub fn finish(command: &mut Command, patience: Duration) -> Result<Output, String> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| reason(&error))?;
    let (stdout, stderr) = (all_of(child.stdout.take()), all_of(child.stderr.take()));
    let status = wait(&mut child, patience).ok_or_else(|| format!("no end after {} s", patience.as_secs()))?;
    // What it started may hold its output and go on.
    let rest =
        |stream: Receiver<Vec<u8>>| stream.recv_timeout(PATIENCE).map_err(|_| "its output has no end".to_owned());
    Ok(Output { status, stdout: rest(stdout)?, stderr: rest(stderr)? })
}

/// The text of a stream.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The system's reason without its number.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// What a command printed that has to have succeeded.
#[track_caller]
pub fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}\n{}{}", output.status, text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// Waits so long for the end; past that, kills.
pub(crate) fn wait(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
    let given_up = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return Some(status);
        }
        if Instant::now() >= given_up {
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
