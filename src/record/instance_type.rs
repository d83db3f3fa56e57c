//! The form of instance types, and what a record's defaults take from the type.

use alloc::format;

use super::{Line, Name};
use crate::http::Profile;

/// Whether the text has the form of an instance type: a family and a size of lower-case letters,
/// digits and hyphens, for example `u7in-16tb.224xlarge`.
///
/// Types that are not known are allowed, because EC2 often gets new ones.
pub fn is_instance_type(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    text.split_once('.').is_some_and(|(family, size)| is_part(family) && is_part(size))
}

/// The names and devices in `block-device-mapping/` of the instance store volumes. Only volumes that
/// are not NVMe are there.
pub fn instance_store_devices(instance_type: &str) -> impl Iterator<Item = (Name, Line)> + use<> {
    let row = INSTANCE_STORE.iter().find(|(prefix, _)| instance_type.starts_with(prefix));
    (0..row.map_or(0, |(_, volumes)| *volumes)).map(|number| {
        let device = format!("sd{}", char::from(b'b' + number));
        (Name::generated(&format!("ephemeral{number}")), Line::generated(&device))
    })
}

/// The profile of an instance type.
///
/// Source: AWS's list of Xen-based types. All others and all bare-metal types are on Nitro.
pub(super) fn profile(instance_type: &str) -> &'static Profile {
    let (family, size) = instance_type.split_once('.').unwrap_or((instance_type, ""));
    if XEN_FAMILIES.contains(&family) && size != "metal" { &Profile::XEN } else { &Profile::NITRO }
}

/// The architecture of an instance type: `arm64`, `x86_64`, or EC2's names for them on a Mac.
///
/// A Graviton family has a `g` among the letters after its number (`t4g`, `c7gn`, `im4gn`). `a1`
/// was the first.
pub(super) fn architecture(instance_type: &str) -> &'static str {
    let family = instance_type.split('.').next().unwrap_or_default();
    let after_number =
        family.trim_start_matches(|c: char| !c.is_ascii_digit()).trim_start_matches(|c: char| c.is_ascii_digit());
    if family.starts_with("mac") {
        return if family == "mac1" { "x86_64_mac" } else { "arm64_mac" };
    }
    if family == "a1" || after_number.contains('g') { "arm64" } else { "x86_64" }
}

const XEN_FAMILIES: &[&str] = &[
    "c1", "c3", "c4", "cc1", "cc2", "cg1", "cr1", "d2", "f1", "g2", "g3", "g3s", "h1", "hi1", "hs1", "i2", "i3", "m1",
    "m2", "m3", "m4", "p2", "p3", "r3", "r4", "t1", "t2", "x1", "x1e",
];

/// The start of an instance type, and the number of its instance store volumes that are not NVMe.
/// The first row that matches counts.
///
/// Source: AWS, instance store volume limits, and the same page of 2014 for types that it no longer
/// has.
const INSTANCE_STORE: &[(&str, u8)] = &[
    ("c1.medium", 1),
    ("c1.", 4),
    ("c3.", 2),
    ("cc2.", 4),
    ("cg1.", 2),
    ("cr1.", 2),
    ("d2.xlarge", 3),
    ("d2.2xlarge", 6),
    ("d2.4xlarge", 12),
    ("d2.8xlarge", 24),
    ("g2.2xlarge", 1),
    ("g2.8xlarge", 2),
    ("h1.2xlarge", 1),
    ("h1.4xlarge", 2),
    ("h1.8xlarge", 4),
    ("h1.16xlarge", 8),
    ("hi1.", 2),
    ("hs1.", 24),
    ("i2.xlarge", 1),
    ("i2.2xlarge", 2),
    ("i2.4xlarge", 4),
    ("i2.8xlarge", 8),
    ("m1.xlarge", 4),
    ("m1.large", 2),
    ("m1.", 1),
    ("m2.4xlarge", 2),
    ("m2.", 1),
    ("m3.xlarge", 2),
    ("m3.2xlarge", 2),
    ("m3.", 1),
    ("r3.8xlarge", 2),
    ("r3.", 1),
    ("x1.32xlarge", 2),
    ("x1.", 1),
    ("x1e.32xlarge", 2),
    ("x1e.", 1),
];
