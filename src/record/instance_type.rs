//! What an instance type's name tells.

use crate::http::Profile;

/// The generation of the service that serves an instance type.
///
/// Source: AWS's list of Xen-based types; all others are on Nitro, and so is every bare-metal type.
pub(super) fn profile(instance_type: &str) -> &'static Profile {
    let (family, size) = instance_type.split_once('.').unwrap_or((instance_type, ""));
    if XEN_FAMILIES.contains(&family) && size != "metal" { &Profile::XEN } else { &Profile::NITRO }
}

/// `arm64` or `x86_64`, or what EC2 calls them on a Mac.
///
/// A Graviton family has a `g` among the letters after its number (`t4g`, `c7gn`, `im4gn`); `a1` is the first of them.
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
