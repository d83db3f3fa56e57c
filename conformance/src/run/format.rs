//! What values look like, as far as AWS says.

use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::json;

/// The form of a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// `prefix-` and 8 or 17 hexadecimal digits.
    Id(&'static str),
    Ipv4,
    Ipv4s,
    Ipv6,
    Mac,
    Cidr,
    Number,
    Json,
    OneOf(&'static [&'static str]),
}

/// Categories by their path below the version.
pub(super) const FORMS: &[(&str, Form)] = &[
    ("dynamic/instance-identity/document", Form::Json),
    ("meta-data/ami-id", Form::Id("ami")),
    ("meta-data/ami-launch-index", Form::Number),
    ("meta-data/events/maintenance/history", Form::Json),
    ("meta-data/events/maintenance/scheduled", Form::Json),
    ("meta-data/events/recommendations/rebalance", Form::Json),
    ("meta-data/iam/info", Form::Json),
    ("meta-data/iam/security-credentials/{role}", Form::Json),
    ("meta-data/identity-credentials/ec2/info", Form::Json),
    ("meta-data/identity-credentials/ec2/security-credentials/ec2-instance", Form::Json),
    ("meta-data/instance-id", Form::Id("i")),
    ("meta-data/instance-life-cycle", Form::OneOf(&["on-demand", "spot", "scheduled", "capacity-block"])),
    ("meta-data/ipv6", Form::Ipv6),
    ("meta-data/local-ipv4", Form::Ipv4),
    ("meta-data/mac", Form::Mac),
    ("meta-data/network/interfaces/macs/{mac}/device-number", Form::Number),
    ("meta-data/network/interfaces/macs/{mac}/interface-id", Form::Id("eni")),
    ("meta-data/network/interfaces/macs/{mac}/local-ipv4s", Form::Ipv4s),
    ("meta-data/network/interfaces/macs/{mac}/mac", Form::Mac),
    ("meta-data/network/interfaces/macs/{mac}/network-card", Form::Number),
    ("meta-data/network/interfaces/macs/{mac}/owner-id", Form::Number),
    ("meta-data/network/interfaces/macs/{mac}/public-ipv4s", Form::Ipv4s),
    ("meta-data/network/interfaces/macs/{mac}/subnet-id", Form::Id("subnet")),
    ("meta-data/network/interfaces/macs/{mac}/subnet-ipv4-cidr-block", Form::Cidr),
    ("meta-data/network/interfaces/macs/{mac}/vpc-id", Form::Id("vpc")),
    ("meta-data/network/interfaces/macs/{mac}/vpc-ipv4-cidr-block", Form::Cidr),
    ("meta-data/placement/partition-number", Form::Number),
    ("meta-data/public-ipv4", Form::Ipv4),
    ("meta-data/reservation-id", Form::Id("r")),
    ("meta-data/spot/instance-action", Form::Json),
    ("meta-data/system", Form::OneOf(&["nitro", "xen", "xen-on-nitro"])),
];

impl Form {
    pub fn fits(self, value: &str) -> bool {
        match self {
            Form::Id(prefix) => value.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')).is_some_and(|id| {
                matches!(id.len(), 8 | 17) && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            }),
            Form::Ipv4 => value.parse::<Ipv4Addr>().is_ok(),
            Form::Ipv4s => value.split('\n').all(|line| line.parse::<Ipv4Addr>().is_ok()),
            Form::Ipv6 => value.parse::<Ipv6Addr>().is_ok(),
            Form::Mac => {
                let is_byte =
                    |pair: &str| pair.len() == 2 && pair.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
                value.split(':').count() == 6 && value.split(':').all(is_byte)
            }
            Form::Cidr => value.split_once('/').is_some_and(|(address, bits)| {
                address.parse::<Ipv4Addr>().is_ok() && bits.parse::<u8>().is_ok_and(|bits| bits <= 32)
            }),
            Form::Number => !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()),
            Form::Json => json::members(value.as_bytes()).is_some(),
            Form::OneOf(values) => values.contains(&value),
        }
    }
}

/// Whether it is as `Sat, 26 Sep 2020 14:45:29 GMT`.
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
