//! What is told to the person at the terminal, one line each.

use std::fmt::{Display, Write as _};
use std::io::{self, Write as _};

/// Says that the program cannot go on, and why.
pub fn error(message: &str) {
    line(io::stderr(), "imds: ", message);
}

/// Says what the person may not have meant.
pub fn warning(message: impl Display) {
    line(io::stderr(), "imds: warning: ", &message.to_string());
}

/// Says what the person, or a program that reads along, waits for.
pub fn news(message: impl Display) {
    line(io::stdout(), "imds: ", &message.to_string());
}

/// Prints what was asked for. Whoever stops reading has read enough.
pub fn output(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// The system's reason without its number.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// Nobody may be reading: what cannot be written is not.
fn line(mut out: impl io::Write, prefix: &str, message: &str) {
    let mut line = prefix.to_owned();
    for character in message.chars() {
        // A file's name can hold a line feed, and an argument anything.
        let _ = match character.is_control() {
            true => write!(line, "{}", character.escape_default()),
            false => line.write_char(character),
        };
    }
    line.push('\n');
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
}
