//! What an availability zone's name tells: region, partition, domains.

/// Where an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region<'a> {
    /// As `ap-northeast-1`.
    pub name: &'a str,
}

impl<'a> Region<'a> {
    /// The region of a zone: everything up to the number, a local or wavelength zone's further parts left out
    /// (`us-west-2-lax-1a` is in `us-west-2`).
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

    /// As `aws`.
    pub fn partition(self) -> &'static str {
        self.row().1
    }

    /// The domain of the partition's services.
    pub fn domain(self) -> &'static str {
        self.row().2
    }

    /// What follows the host part of a private name. The first region has a name of its own.
    pub fn private_suffix(self) -> [&'a str; 2] {
        if self.name == FIRST_REGION { ["ec2", ".internal"] } else { [self.name, ".compute.internal"] }
    }

    /// What follows the host part of a public name.
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

/// The start of a zone's id (`use1-az4`): the region's name, its directions shortened.
pub(crate) fn zone_id_prefix(region: &str) -> alloc::string::String {
    let mut id = alloc::string::String::new();
    for part in region.split('-') {
        id.push_str(match part {
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
        });
    }
    id
}

const FIRST_REGION: &str = "us-east-1";

/// Prefix of the region, partition, domain.
const PARTITIONS: &[(&str, &str, &str)] = &[
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
];
