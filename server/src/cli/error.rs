//! Formats errors of the command line.

use std::env;
use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::environment::{self, invalid_byte};

/// Formats an error of the command as one line, without the usage.
pub fn one_line(mut error: clap::Error, command: &Command) -> String {
    if error.kind() == ErrorKind::InvalidUtf8
        && let Some(line) = not_utf8(command)
    {
        return line;
    }
    let source = variable_at_fault(&error).map(|name| format!("; from {name}")).unwrap_or_default();
    if context(&error, ContextKind::InvalidArg).is_some_and(|flag| flag.starts_with("--seed")) {
        // A mistyped seed still reveals most of the seed.
        error.insert(ContextKind::InvalidValue, ContextValue::String("…".to_owned()));
    }
    let text = error.to_string();
    let mut line = String::new();
    for part in text.lines().map(str::trim).filter(|part| !part.is_empty()) {
        if part.starts_with("Usage:") || part.starts_with("For more information") {
            break;
        }
        line.push_str(match part {
            _ if line.is_empty() => "",
            _ if part.starts_with("tip:") => "; ",
            _ => " ",
        });
        line.push_str(part);
    }
    line.push_str(&source);
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}

/// Names the variable or the argument that is not UTF-8. clap names none. The value can be a seed, so
/// it is not printed.
fn not_utf8(command: &Command) -> Option<String> {
    if let Some((variable, offset)) = environment::not_utf8(command) {
        return Some(format!(
            "the environment variable {variable} is not UTF-8 at byte {offset}: set it to another value"
        ));
    }
    let mut arguments = env::args_os().enumerate().skip(1);
    let (index, offset) = arguments.find_map(|(index, argument)| Some((index, invalid_byte(&argument)?)))?;
    Some(format!("argument {index} is not UTF-8 at byte {offset}: use another value"))
}

/// Returns the environment variable that contains the wrong value. clap's message names only the
/// flag.
fn variable_at_fault(error: &clap::Error) -> Option<String> {
    let flag = context(error, ContextKind::InvalidArg)?.split(' ').next()?.to_owned();
    let variable = flag.replace("--", "IMDS_").replace('-', "_").to_uppercase();
    let is_flag = |argument: OsString| argument.to_string_lossy().split('=').next() == Some(&flag);
    (env::var_os(&variable).is_some() && !env::args_os().any(is_flag)).then_some(variable)
}

fn context(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        _ => None,
    }
}
