//! Formats errors of the command line.

use std::env;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue};

/// Formats an error as one line, without the usage.
pub fn one_line(mut error: clap::Error) -> String {
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
