//! The environment variables of flags: names that no flag has, and values that are not UTF-8.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsStr;

use clap::{Command, ValueHint};
use imds::record::json::most_similar;

use crate::terminal;

/// Warns about variables that look like those of flags, but are none.
///
/// They are ignored and not rejected, like those of etcd and of Docker's registry: Kubernetes sets
/// variables with the name of each service in each container, and a service can be called `imds`.
pub fn warn_about_unknown(command: &Command) {
    let known = variables(command).map(|(name, _)| name).collect::<BTreeSet<_>>();
    let names: Vec<&str> = known.iter().copied().collect();
    for (name, value) in env::vars_os() {
        let name = name.to_string_lossy();
        if !name.starts_with(PREFIX) || known.contains(&*name) || is_of_kubernetes(&name, &value) {
            continue;
        }
        let hint = most_similar(&name, &names).map_or_else(
            || "`imds --help` lists those that are read".to_owned(),
            |similar| format!("did you mean {similar}?"),
        );
        terminal::warning(format_args!("the environment variable {name} is ignored: {hint}"));
    }
}

/// Returns the variable whose value is not UTF-8, with the offset of the wrong byte. Names of files
/// need not be UTF-8.
pub fn not_utf8(command: &Command) -> Option<(&str, usize)> {
    let mut texts = variables(command).filter(|(_, is_path)| !is_path);
    texts.find_map(|(name, _)| Some((name, invalid_byte(&env::var_os(name)?)?)))
}

/// Returns the offset of the first byte that is not UTF-8.
pub fn invalid_byte(text: &OsStr) -> Option<usize> {
    str::from_utf8(text.as_encoded_bytes()).err().map(|error| error.valid_up_to())
}

/// Returns the variables of all flags, each with whether its value is a path.
fn variables(command: &Command) -> impl Iterator<Item = (&str, bool)> {
    command.get_arguments().filter_map(|flag| {
        let is_path = matches!(flag.get_value_hint(), ValueHint::AnyPath);
        Some((flag.get_env()?.to_str()?, is_path))
    })
}

/// Returns whether Kubernetes sets the variable for a service, for example `IMDS_SERVICE_HOST` or
/// `IMDS_PORT=tcp://10.0.0.11:1338`.
fn is_of_kubernetes(name: &str, value: &OsStr) -> bool {
    let is_url = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.to_string_lossy().starts_with(scheme));
    let has_number = |(_, rest): (&str, &str)| rest.starts_with(|first: char| first.is_ascii_digit());
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.split_once("_PORT_").is_some_and(has_number)
        || name.ends_with("_PORT") && is_url
}

const PREFIX: &str = "IMDS_";
