//! The Region, partition and domains of an availability zone.

use alloc::string::{String, ToString};

/// An AWS Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region<'a> {
    /// For example `ap-northeast-1`.
    pub name: &'a str,
}

impl<'a> Region<'a> {
    /// The Region of a zone: its name up to the first number. For example `us-west-2-lax-1a` is in
    /// `us-west-2`.
    pub fn of_zone(zone: &'a str) -> Region<'a> {
        let mut end = 0;
        for part in zone.split('-') {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            if digits > 0 {
                return Region { name: &zone[..end + digits] };
            }
            end += part.len() + 1;
        }
        Region { name: zone }
    }

    /// The partition, for example `aws`.
    pub fn partition(self) -> &'static str {
        self.row().1
    }

    /// The domain of the partition's services.
    pub fn domain(self) -> &'static str {
        self.row().2
    }

    /// The part of a private DNS name after the host. `us-east-1` has another form than the other
    /// Regions.
    pub fn private_suffix(self) -> [&'a str; 2] {
        if self.name == FIRST_REGION { ["ec2", ".internal"] } else { [self.name, ".compute.internal"] }
    }

    /// The part of a public DNS name after the host.
    pub fn public_suffix(self) -> [&'a str; 3] {
        if self.name == FIRST_REGION {
            ["compute-1", ".", self.domain()]
        } else {
            [self.name, ".compute.", self.domain()]
        }
    }

    fn row(self) -> (&'static str, &'static str, &'static str) {
        PARTITIONS.iter().copied().find(|(prefix, ..)| self.name.starts_with(prefix)).unwrap_or((
            "",
            "aws",
            "amazonaws.com",
        ))
    }
}

/// A zone's id, in the form of most of AWS's: `us-east-1a` has `use1-az1`, `us-west-2-lax-1a` has
/// `usw2-lax1-az1`. In AWS the number differs between accounts; here it is the index of the letter.
pub(crate) fn zone_id(zone: &str) -> String {
    let region = Region::of_zone(zone).name;
    let mut id: String = region.split('-').map(shortened).collect();
    let further = zone[region.len()..].trim_end_matches(|c: char| c.is_ascii_lowercase());
    if !further.is_empty() {
        id.push('-');
        id.extend(further.split('-'));
    }
    let letter = zone.bytes().last().filter(u8::is_ascii_lowercase).unwrap_or(b'a');
    id.push_str("-az");
    id.push_str(&(letter - b'a' + 1).to_string());
    id
}

fn shortened(part: &str) -> &str {
    match part {
        "gov" => "g",
        "north" => "n",
        "south" => "s",
        "east" => "e",
        "west" => "w",
        "central" => "c",
        "northeast" => "ne",
        "northwest" => "nw",
        "southeast" => "se",
        "southwest" => "sw",
        other => other,
    }
}

const FIRST_REGION: &str = "us-east-1";

/// The prefix of the Region's name, the partition and the domain.
const PARTITIONS: &[(&str, &str, &str)] = &[
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("eusc-", "aws-eusc", "amazonaws.eu"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
];
