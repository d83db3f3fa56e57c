use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::fleet::Fleet;
use crate::query::error::{Error, ErrorCode, Result};
use crate::query::form::QueryForm;
use imds::Nonce;
use imds::record::{Line, resource_id};
use imds::write::hex;

/// The instance that a request names.
pub fn instance_id(fleet: &Fleet, form: &QueryForm) -> Result<String> {
    let id = form.text("InstanceId").unwrap_or_default();
    check_instances(fleet, &[id])?;
    Ok(id.into())
}

/// The instances that a request names, without duplicates. All of them exist.
pub fn instance_ids<'f>(fleet: &Fleet, form: &'f QueryForm) -> Result<Vec<&'f str>> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut ids = form.texts("InstanceId");
    ids.retain(|id| seen.insert(id));
    check_instances(fleet, &ids)?;
    Ok(ids)
}

/// Checks that all instances exist. EC2's error lists all that do not.
pub fn check_instances(fleet: &Fleet, ids: &[&str]) -> Result<()> {
    let missing: Vec<&str> = ids.iter().copied().filter(|id| fleet.instance(id).is_none()).collect();
    match missing.iter().find(|id| !is_id("i", id)) {
        Some(id) => Err(Error::malformed_instance_id(id)),
        None if missing.is_empty() => Ok(()),
        None => Err(Error::no_such_instances(&missing)),
    }
}

/// Returns whether the text is a well-formed id with this prefix. EC2 accepts trailing white space
/// as well-formed and then does not find the resource (observed: boto3#567).
pub fn is_id(prefix: &str, id: &str) -> bool {
    let digits = id.trim_end().strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
    digits.is_some_and(|digits| {
        (1..=LONG_ID_DIGITS).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

/// Checks that an id is well-formed.
pub fn checked_id(prefix: &str, id: &str, code: &'static ErrorCode) -> Result<Line> {
    let malformed = || Error::new(code, format!("Invalid id: \"{id}\" (expecting \"{prefix}-...\")"));
    Line::try_from(id).ok().filter(|id| is_id(prefix, id)).ok_or_else(malformed)
}

/// Generates the id of a resource that a request names in another way. The same name gets the same
/// id.
pub fn generate_id(fleet: &Fleet, prefix: &str, name: &str) -> Line {
    let bytes = fleet.derive("imds 2026 control made-up id v1", &[prefix.as_bytes(), name.as_bytes()]);
    Line::generated(&resource_id(prefix, bytes))
}

/// The id of a request: a UUID that derives from the nonce, so that a rejected request leaves the
/// fleet's random values unchanged.
pub fn request_id(fleet: &Fleet, nonce: Nonce) -> String {
    let mut id: [u8; 16] = fleet.derive("imds 2026 control request id v1", &[&nonce.get().to_le_bytes()]);
    id[6] = id[6] & 0x0f | 0x40;
    id[8] = id[8] & 0x3f | 0x80;
    let parts = [&id[..4], &id[4..6], &id[6..8], &id[8..10], &id[10..]];
    parts.map(hex).join("-")
}

/// AWS: ids have 8 or 17 digits.
const LONG_ID_DIGITS: usize = 17;
