//! The profile and the architecture of an instance type.

use crate::http::Profile;

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
