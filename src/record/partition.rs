//! The Region, the partition, the domains and the id of an availability zone.

use alloc::format;
use alloc::string::String;

/// An AWS Region, with what depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region<'a> {
    /// For example `ap-northeast-1`.
    pub name: &'a str,
    /// The partition, for example `aws`.
    pub partition: &'a str,
    /// The domain of the partition's services, for example `amazonaws.com`.
    pub domain: &'a str,
}

impl<'a> Region<'a> {
    /// The Region of a zone.
    pub fn of_zone(zone: &'a str) -> Region<'a> {
        Region::named(region_of(zone))
    }

    /// The Region with this name. One that is not known is in the partition `aws`.
    pub fn named(name: &'a str) -> Region<'a> {
        let row = PARTITIONS.iter().find(|(prefix, ..)| name.starts_with(prefix));
        let (_, partition, domain) = row.unwrap_or(&("", "aws", "amazonaws.com"));
        Region { name, partition, domain }
    }

    /// The part of a private DNS name after the host. `us-east-1` has another form than the other
    /// Regions.
    pub fn private_suffix(self) -> [&'a str; 2] {
        if self.name == FIRST_REGION { ["ec2", ".internal"] } else { [self.name, ".compute.internal"] }
    }

    /// The part of a public DNS name after the host.
    pub fn public_suffix(self) -> [&'a str; 3] {
        if self.name == FIRST_REGION { ["compute-1", ".", self.domain] } else { [self.name, ".compute.", self.domain] }
    }
}

/// The name of a zone's Region: the zone's name up to the first number. For example
/// `us-west-2-lax-1a` is in `us-west-2`.
fn region_of(zone: &str) -> &str {
    let mut end = 0;
    for part in zone.split('-') {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            return &zone[..end + digits];
        }
        end += part.len() + 1;
    }
    zone
}

/// The id of a zone, by the kind of the zone:
///
/// | kind | name | id |
/// |---|---|---|
/// | availability zone | `us-east-1a` | `use1-az1` |
/// | Local Zone | `us-west-2-lax-1a` | `usw2-lax1-az1` |
/// | Wavelength Zone | `us-east-1-wl1-bos-wlz-1` | `use1-wl1-bos-wlz1` |
/// | Wavelength Zone | `eu-west-3-cmn-wlz-1a` | `euw3-cmn1-wlz1` |
///
/// In AWS's oldest Regions, the number differs between accounts; here it is the index of the
/// letter.
///
/// Source: AWS's lists of availability zones, Local Zones and Wavelength Zones.
pub(crate) fn zone_id(zone: &str) -> String {
    let region = region_of(zone);
    let mut id: String = region.split('-').map(shortened).collect();
    let (place, letter) = match &zone.as_bytes()[region.len()..] {
        [place @ .., letter] if letter.is_ascii_lowercase() => (place.len(), Some(*letter)),
        place => (place.len(), None),
    };
    let place = &zone[region.len()..region.len() + place];
    let (place, index) = place.strip_prefix('-').and_then(|place| place.rsplit_once('-')).unwrap_or_default();
    let Some(letter) = letter else {
        // A Wavelength Zone without a letter: the number is its own.
        return if place.is_empty() { format!("{id}-az1") } else { format!("{id}-{place}{index}") };
    };
    let (place, kind) = place.strip_suffix("-wlz").map_or((place, "az"), |place| (place, "wlz"));
    if !place.is_empty() {
        id.push_str(&format!("-{place}{index}"));
    }
    id.push_str(&format!("-{kind}{}", zone_number(region, letter)));
    id
}

/// The number of a zone, given its letter.
fn zone_number(region: &str, letter: u8) -> u8 {
    let index = letter - b'a';
    let row = ZONE_NUMBERS.iter().find(|(name, _)| *name == region);
    row.and_then(|(_, numbers)| numbers.get(usize::from(index)).copied()).unwrap_or(index + 1)
}

fn shortened(part: &str) -> &str {
    match part {
        "gov" => "g",
        "iso" => "i",
        "isob" => "ib",
        "isoe" => "ie",
        "isof" => "if",
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
///
/// Source: botocore's `partitions.json`.
const PARTITIONS: &[(&str, &str, &str)] = &[
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    ("eusc-", "aws-eusc", "amazonaws.eu"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
];

/// The Regions in which the numbers of the zones are the same for all accounts and not in the order
/// of the letters: the numbers of the zones a, b and c.
///
/// Source: the responses to `DescribeAvailabilityZones` that moto keeps.
const ZONE_NUMBERS: &[(&str, [u8; 3])] =
    &[("ap-south-1", [1, 3, 2]), ("eu-central-1", [2, 3, 1]), ("eu-west-2", [2, 3, 1])];
