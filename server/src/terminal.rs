//! Messages for the person at the terminal, one line each.

use std::fmt::{Display, Write as _};
use std::io::{self, Write as _};

/// Prints an error that ends the program.
pub fn error(message: &str) {
    print_line(io::stderr(), "imds: ", message);
}

/// Prints a warning.
pub fn warning(message: impl Display) {
    print_line(io::stderr(), "imds: warning: ", &message.to_string());
}

/// Prints a status line, which other programs may read.
pub fn status(message: impl Display) {
    print_line(io::stdout(), "imds: ", &message.to_string());
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

/// Prints a line and ignores errors, because the stream may have no reader.
fn print_line(mut out: impl io::Write, prefix: &str, message: &str) {
    let mut line = prefix.to_owned();
    for character in message.chars() {
        // File names and arguments can contain control characters.
        let _ = match character.is_control() {
            true => write!(line, "{}", character.escape_default()),
            false => line.write_char(character),
        };
    }
    line.push('\n');
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
}
