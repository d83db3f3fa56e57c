//! Parsers of flag values.

use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use imds::Timestamp;
use imds::http::HopLimit;

use crate::clock::ClockStart;

/// Returns a parser of one of the named values, at least one.
pub fn one_of<T: Clone + Send + Sync + 'static>(
    values: impl IntoIterator<Item = (PossibleValue, T)>,
) -> impl TypedValueParser<Value = T> {
    let values: Vec<(PossibleValue, T)> = values.into_iter().collect();
    let names: Vec<PossibleValue> = values.iter().map(|(name, _)| name.clone()).collect();
    // The inner parser has already rejected other names.
    PossibleValuesParser::new(names).try_map(move |name| {
        let value = values.iter().find(|(known, _)| known.get_name() == name).map(|(_, value)| value.clone());
        value.ok_or("unknown value")
    })
}

/// Returns a value for [`one_of`] without a help text.
pub fn named<T>(name: &'static str, value: T) -> (PossibleValue, T) {
    (PossibleValue::new(name), value)
}

/// Returns a value for [`one_of`] with a help text.
pub fn described<T>(name: &'static str, help: &'static str, value: T) -> (PossibleValue, T) {
    (PossibleValue::new(name).help(help), value)
}

pub fn socket_address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "expected an IP address and a port, for example 127.0.0.1:1338 or [::1]:1338")
}

/// Where the console listens.
#[derive(Debug, Clone, Copy)]
pub enum ConsoleAddress {
    Off,
    At(SocketAddr),
}

pub fn console_address(text: &str) -> Result<ConsoleAddress, &'static str> {
    match text {
        "off" => Ok(ConsoleAddress::Off),
        _ => match socket_address(text) {
            Ok(address) => Ok(ConsoleAddress::At(address)),
            Err(_) => Err("expected an IP address and a port, for example 127.0.0.1:1339, or `off`"),
        },
    }
}

pub fn hop_limit(text: &str) -> Result<HopLimit, &'static str> {
    let hops: Option<u64> = text.parse().ok();
    hops.and_then(|hops| HopLimit::try_from(hops).ok()).ok_or("expected a number from 1 to 64")
}

/// Returns a parser of a number in the range.
pub fn number_in<T>(range: RangeInclusive<T>) -> impl Fn(&str) -> Result<T, String> + Clone
where
    T: FromStr + PartialOrd + Display + Clone,
{
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| format!("expected a number from {} to {}", range.start(), range.end()))
    }
}

/// Parses the value of the variable of a flag without a value.
pub fn on_or_off(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" | "t" | "true" | "on" | "1" => Ok(true),
        "n" | "no" | "f" | "false" | "off" | "0" => Ok(false),
        _ => Err("expected true or false"),
    }
}

/// The value of `--clock` for the system clock.
pub const SYSTEM_CLOCK: &str = "system";

pub fn clock_start(text: &str) -> Result<ClockStart, String> {
    match text {
        SYSTEM_CLOCK => Ok(ClockStart::System),
        _ => match Timestamp::parse_rfc3339(text) {
            Ok(time) => Ok(ClockStart::At(time)),
            Err(error) => Err(format!("neither `system` nor a time in RFC 3339: {error}")),
        },
    }
}
