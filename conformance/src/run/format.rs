//! The formats of values, as far as AWS documents them.

use alloc::vec::Vec;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::json;

/// The format of a value.
#[derive(Clone, Copy)]
pub(super) enum ValueFormat {
    /// This prefix, `-`, and 8 or 17 hexadecimal digits.
    Id(&'static str),
    Ipv4,
    /// IPv4 addresses, one a line.
    Ipv4s,
    Ipv6,
    Mac,
    /// An IPv4 block.
    Cidr,
    /// Decimal digits.
    Number,
    Json,
    OneOf(&'static [&'static str]),
}

/// The formats of categories, by the path below the version.
pub(super) const VALUE_FORMATS: &[(&str, ValueFormat)] = &[
    ("dynamic/instance-identity/document", ValueFormat::Json),
    ("meta-data/ami-id", ValueFormat::Id("ami")),
    ("meta-data/ami-launch-index", ValueFormat::Number),
    ("meta-data/events/maintenance/history", ValueFormat::Json),
    ("meta-data/events/maintenance/scheduled", ValueFormat::Json),
    ("meta-data/events/recommendations/rebalance", ValueFormat::Json),
    ("meta-data/iam/info", ValueFormat::Json),
    ("meta-data/iam/security-credentials/{role}", ValueFormat::Json),
    ("meta-data/identity-credentials/ec2/info", ValueFormat::Json),
    ("meta-data/identity-credentials/ec2/security-credentials/ec2-instance", ValueFormat::Json),
    ("meta-data/instance-id", ValueFormat::Id("i")),
    ("meta-data/instance-life-cycle", ValueFormat::OneOf(&["on-demand", "spot", "scheduled", "capacity-block"])),
    ("meta-data/ipv6", ValueFormat::Ipv6),
    ("meta-data/local-ipv4", ValueFormat::Ipv4),
    ("meta-data/mac", ValueFormat::Mac),
    ("meta-data/network/interfaces/macs/{mac}/device-number", ValueFormat::Number),
    ("meta-data/network/interfaces/macs/{mac}/interface-id", ValueFormat::Id("eni")),
    ("meta-data/network/interfaces/macs/{mac}/local-ipv4s", ValueFormat::Ipv4s),
    ("meta-data/network/interfaces/macs/{mac}/mac", ValueFormat::Mac),
    ("meta-data/network/interfaces/macs/{mac}/network-card", ValueFormat::Number),
    ("meta-data/network/interfaces/macs/{mac}/owner-id", ValueFormat::Number),
    ("meta-data/network/interfaces/macs/{mac}/public-ipv4s", ValueFormat::Ipv4s),
    ("meta-data/network/interfaces/macs/{mac}/subnet-id", ValueFormat::Id("subnet")),
    ("meta-data/network/interfaces/macs/{mac}/subnet-ipv4-cidr-block", ValueFormat::Cidr),
    ("meta-data/network/interfaces/macs/{mac}/vpc-id", ValueFormat::Id("vpc")),
    ("meta-data/network/interfaces/macs/{mac}/vpc-ipv4-cidr-block", ValueFormat::Cidr),
    ("meta-data/placement/partition-number", ValueFormat::Number),
    ("meta-data/public-ipv4", ValueFormat::Ipv4),
    ("meta-data/reservation-id", ValueFormat::Id("r")),
    ("meta-data/spot/instance-action", ValueFormat::Json),
    ("meta-data/tag-sets/instance", ValueFormat::Json),
    ("meta-data/system", ValueFormat::OneOf(&["nitro", "xen", "xen-on-nitro"])),
];

impl ValueFormat {
    pub fn matches(self, value: &str) -> bool {
        match self {
            ValueFormat::Id(prefix) => {
                value.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')).is_some_and(|id| {
                    matches!(id.len(), 8 | 17) && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
                })
            }
            ValueFormat::Ipv4 => value.parse::<Ipv4Addr>().is_ok(),
            ValueFormat::Ipv4s => value.split('\n').all(|line| line.parse::<Ipv4Addr>().is_ok()),
            ValueFormat::Ipv6 => value.parse::<Ipv6Addr>().is_ok(),
            ValueFormat::Mac => {
                let is_byte =
                    |pair: &str| pair.len() == 2 && pair.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
                value.split(':').count() == 6 && value.split(':').all(is_byte)
            }
            ValueFormat::Cidr => value.split_once('/').is_some_and(|(address, bits)| {
                address.parse::<Ipv4Addr>().is_ok() && bits.parse::<u8>().is_ok_and(|bits| bits <= 32)
            }),
            ValueFormat::Number => !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()),
            ValueFormat::Json => json::members(value.as_bytes()).is_some(),
            ValueFormat::OneOf(values) => values.contains(&value),
        }
    }
}

impl fmt::Display for ValueFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValueFormat::Id(prefix) => write!(f, "`{prefix}-` and 8 or 17 hexadecimal digits"),
            ValueFormat::Ipv4 => f.write_str("an IPv4 address"),
            ValueFormat::Ipv4s => f.write_str("IPv4 addresses, one a line"),
            ValueFormat::Ipv6 => f.write_str("an IPv6 address"),
            ValueFormat::Mac => f.write_str("a MAC address in lower case"),
            ValueFormat::Cidr => f.write_str("an IPv4 block"),
            ValueFormat::Number => f.write_str("a decimal number"),
            ValueFormat::Json => f.write_str("JSON"),
            ValueFormat::OneOf(values) => write!(f, "one of {}", values.join(", ")),
        }
    }
}

/// Returns `true` for an HTTP date, for example `Sat, 26 Sep 2020 14:45:29 GMT`.
pub(super) fn is_http_date(value: &str) -> bool {
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let is_number = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((day, rest)) = value.split_once(", ") else { return false };
    let parts: Vec<&str> = rest.split(' ').collect();
    let &[date, month, year, time, "GMT"] = parts.as_slice() else { return false };
    days.contains(&day)
        && is_number(date, 2)
        && months.contains(&month)
        && is_number(year, 4)
        && time.split(':').count() == 3
        && time.split(':').all(|part| is_number(part, 2))
}
