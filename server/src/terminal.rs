//! Messages for the person at the terminal, one line each.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Display;
use std::io::{self, Write as _};
use std::panic::{self, PanicHookInfo};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use crate::escape;
use crate::line_queue::LineQueue;

/// Prints an error that ends the program.
pub fn error(message: &str) {
    print_line(Stream::Error, "imds: ", message);
}

/// Prints a warning.
pub fn warning(message: impl Display) {
    print_line(Stream::Error, "imds: warning: ", &message.to_string());
}

/// Prints a status line, which other programs may read.
pub fn status(message: impl Display) {
    print_line(Stream::Output, "imds: ", &message.to_string());
}

/// From now on, messages and those of panics do not wait for the readers of their streams. A server
/// must serve and end although nothing reads what it prints.
///
/// # Errors
///
/// The system cannot start a thread.
pub fn stop_waiting_for_readers() -> io::Result<()> {
    let queues = [(); 2].map(|()| LineQueue::new(escape::plain));
    queues[Stream::Error as usize].start("stderr", io::stderr(), drop)?;
    queues[Stream::Output as usize].start("stdout", io::stdout(), drop)?;
    if QUEUES.set(queues).is_ok() {
        panic::set_hook(Box::new(panicked));
    }
    Ok(())
}

/// Waits until all messages are printed, at most [`FINISH_TIMEOUT`] for each stream.
pub fn finish() {
    for queue in QUEUES.get().into_iter().flatten() {
        queue.finish(FINISH_TIMEOUT);
    }
}

/// Prints the message of a panic, which is a bug.
fn panicked(panic: &PanicHookInfo<'_>) {
    let thread = thread::current();
    let name = thread.name().unwrap_or_default();
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    print_line(Stream::Error, "imds: ", &format!("thread {name} panicked at {place}: {}", text(panic.payload())));
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        backtrace.to_string().lines().for_each(|line| print_line(Stream::Error, "", line));
    }
    if name == "main" {
        // The program ends now.
        finish();
    }
}

fn text(payload: &dyn Any) -> &str {
    let literal = payload.downcast_ref::<&str>().copied();
    literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or_default()
}

/// Prints the output of a command. A closed pipe is not an error.
pub fn output(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write to standard output: {}", reason(&error)))
        }
        _ => Ok(()),
    }
}

/// Formats a system error without its number.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

#[derive(Clone, Copy)]
enum Stream {
    Error,
    Output,
}

/// In the order of [`Stream`].
static QUEUES: OnceLock<[LineQueue; 2]> = OnceLock::new();

/// Prints a line and ignores errors, because the stream may have no reader.
fn print_line(stream: Stream, prefix: &str, message: &str) {
    // File names and arguments can contain hidden characters.
    let line = [prefix, &escape::plain(message), "\n"].concat();
    let line = line.as_bytes();
    let _ = match (QUEUES.get(), stream) {
        (Some(queues), _) => (&queues[stream as usize]).write_all(line),
        (None, Stream::Error) => io::stderr().write_all(line),
        (None, Stream::Output) => io::stdout().write_all(line).and_then(|()| io::stdout().flush()),
    };
}

const FINISH_TIMEOUT: Duration = Duration::from_secs(1);
