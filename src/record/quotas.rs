//! The limits of EC2's API, which hold for records too.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;

use super::{NetworkInterface, Record, RecordError};
use crate::limits;

impl Record {
    /// Checks the numbers of items and the lengths of texts.
    pub(super) fn check_quotas(&self) -> Result<(), RecordError> {
        let text = self.user_data.as_ref().map_or(0, String::len);
        check(&"user_data", "bytes", text, limits::USER_DATA_BYTES)?;
        let encoded = self.user_data_base64.as_deref().map_or(0, decoded_len);
        check(&"user_data_base64", "bytes", encoded, limits::USER_DATA_BYTES)?;
        let is_volume = |name: &str| !matches!(name, "ami" | "root") && !name.starts_with("ephemeral");
        let volumes = self.block_device_mapping.iter().flat_map(|map| map.keys()).filter(|name| is_volume(name));
        check(&"block_device_mapping", "block devices", volumes.count(), limits::BLOCK_DEVICES)?;
        for (index, interface) in self.network_interfaces.iter().enumerate() {
            let groups = interface.security_groups.as_ref().map_or(0, Vec::len);
            let limit = limits::SECURITY_GROUPS;
            check(&format_args!("network_interfaces[{index}].security_groups"), "security groups", groups, limit)?;
        }
        Ok(())
    }
}

/// Checks the number of tags, and the lengths of their keys and values.
pub(super) fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), RecordError> {
    let own = tags.keys().filter(|key| !is_reserved_tag_key(key)).count();
    check(&"tags", "tags", own, limits::TAGS)?;
    for (key, value) in tags {
        for (unit, text, limit) in [
            ("characters of a key", key, limits::TAG_KEY_CHARACTERS),
            ("characters of a value", value, limits::TAG_VALUE_CHARACTERS),
        ] {
            check(&format_args!("tags.{key}"), unit, text.chars().count(), limit)?;
        }
    }
    Ok(())
}

/// Returns whether the key is one of AWS's own, which do not count towards the limit.
#[doc(hidden)]
pub fn is_reserved_tag_key(key: &str) -> bool {
    key.get(..RESERVED_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(RESERVED_PREFIX))
}

const RESERVED_PREFIX: &str = "aws:";

impl NetworkInterface {
    /// The numbers of its addresses and prefixes, of each family.
    #[doc(hidden)]
    pub fn address_counts(&self) -> [usize; 2] {
        [len(&self.local_ipv4s) + len(&self.ipv4_prefixes), len(&self.ipv6s) + len(&self.ipv6_prefixes)]
    }
}

/// Checks the numbers of addresses and prefixes, of each family, of the interface at this path.
pub(super) fn check_addresses(path: &dyn Display, ipv4s: usize, ipv6s: usize) -> Result<(), RecordError> {
    for (key, count) in [("local_ipv4s", ipv4s), ("ipv6s", ipv6s)] {
        check(&format_args!("{path}.{key}"), "addresses and prefixes", count, limits::INTERFACE_ADDRESSES)?;
    }
    Ok(())
}

pub(super) fn len<T>(list: &Option<Vec<T>>) -> usize {
    list.as_ref().map_or(0, Vec::len)
}

fn check(path: &dyn Display, unit: &str, count: usize, limit: usize) -> Result<(), RecordError> {
    if count > limit {
        Err(RecordError::new(&path.to_string(), format!("{count} {unit}: at most {limit} are allowed")))
    } else {
        Ok(())
    }
}

/// The number of bytes that a text in base64 stands for.
fn decoded_len(text: &str) -> usize {
    text.trim_end_matches('=').len() * 3 / 4
}
