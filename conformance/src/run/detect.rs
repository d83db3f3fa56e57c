use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::evaluate::has_token_version;
use super::response::ParsedResponse;
use imds::http::{PROFILES, Profile, StatusLine, header};

/// The profile that most signs in the responses match, and the names of those signs. A tie selects
/// the first profile.
pub(super) fn detect_profile(listing: &ParsedResponse, token: Option<&str>) -> (&'static Profile, String) {
    let matching_signs = |profile: &Profile| -> Vec<&str> {
        let version = match profile.status_line {
            StatusLine::Echo => "HTTP/1.1",
            StatusLine::Http10 => "HTTP/1.0",
        };
        let signs = [
            ("the status line", listing.version == version),
            ("Accept-Ranges", listing.header(header::ACCEPT_RANGES) == Some(profile.accept_ranges)),
            ("the token's first bytes", token.is_some_and(|token| has_token_version(profile, token.as_bytes()))),
        ];
        signs.into_iter().filter(|(_, matches)| *matches).map(|(name, _)| name).collect()
    };
    let (mut best, mut evidence) = (&Profile::NITRO, Vec::new());
    for profile in PROFILES {
        let signs = matching_signs(profile);
        if signs.len() > evidence.len() {
            (best, evidence) = (profile, signs);
        }
    }
    let evidence = if evidence.is_empty() {
        "by default: no profile matches".to_string()
    } else {
        format!("by {}", evidence.join(", "))
    };
    (best, evidence)
}
