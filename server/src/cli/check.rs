//! The arguments of `imds check`.

use clap::Args;
use clap::builder::TypedValueParser;
use imds::http::{PROFILES, Profile};

use super::values::{described, named, one_of};
use crate::check::{CheckConfig, Format, Level, Url};

#[derive(Debug, Args)]
pub struct CheckOptions {
    /// The URL of the service, for example http://127.0.0.1:1338
    url: Url,

    /// The generation of EC2 to compare with, or `detect` for the one that matches best
    #[arg(long, value_name = "NAME", value_parser = profile(), default_value = DETECT)]
    profile: DetectOr,

    /// The certainty that a behaviour needs for a deviation to count as a failure
    ///
    /// Deviations below this level are reported as `differs`.
    #[arg(long, value_name = "LEVEL", value_parser = level(), default_value = Level::Documented.name())]
    level: Level,

    /// The format of the report
    #[arg(long, value_name = "FORMAT", value_parser = format(), default_value = Format::Table.name())]
    format: Format,

    /// The Host header to send [default: the URL's host and port]
    #[arg(long, value_name = "HOST")]
    host: Option<String>,

    /// Also send malformed and large requests, one of them byte by byte, and 200 requests in a row
    ///
    /// Without this flag, a run sends GET, HEAD and OPTIONS requests, a PUT for a token, and
    /// requests with methods that are rejected.
    #[arg(long)]
    intrusive: bool,
}

/// A named profile, or `None` to detect it.
type DetectOr = Option<&'static Profile>;

impl CheckOptions {
    pub fn into_config(self) -> CheckConfig {
        CheckConfig {
            url: self.url,
            host: self.host,
            profile: self.profile,
            intrusive: self.intrusive,
            level: self.level,
            format: self.format,
        }
    }
}

fn profile() -> impl TypedValueParser<Value = DetectOr> {
    let profiles = PROFILES.iter().map(|profile| named(profile.name, Some(*profile)));
    one_of(profiles.chain([named(DETECT, None)]))
}

fn level() -> impl TypedValueParser<Value = Level> {
    one_of(Level::ALL.map(|level| described(level.name(), level.description(), level)))
}

fn format() -> impl TypedValueParser<Value = Format> {
    one_of(Format::ALL.map(|format| described(format.name(), format.description(), format)))
}

const DETECT: &str = "detect";
pub const EXAMPLES: &str = "\
Exit status: 0 if no check failed, 1 if a check failed, 2 if the checks could not be run.

Examples:
  Compare a server with what was seen on EC2 and what AWS documents:
    imds check http://127.0.0.1:1338

  Compare it with everything that is known or that this project chose, with malformed requests:
    imds check http://127.0.0.1:1338 --level chosen --intrusive

  Write JUnit XML for CI:
    imds check http://127.0.0.1:5000 --format junit > imds.xml

  Check a real instance. It requests metadata and tokens, and prints no token, credential or value:
    imds check http://169.254.169.254";
