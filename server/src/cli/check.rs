use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use imds::http::{PROFILES, Profile};

use super::endpoint::Url;
use super::level::Level;
use super::told::Format;

/// What `imds check` is asked to do.
#[derive(Args)]
pub struct Options {
    /// Where the service is, as http://127.0.0.1:1338
    pub url: Url,

    /// Which generation of EC2 to hold it against, or `detect`: whatever it looks most like
    #[arg(long, value_name = "NAME", value_parser = profiles(), default_value = DETECT)]
    profile: Detect,

    /// How certain a behaviour has to be for its absence to be a failure
    ///
    /// What fails below this level is told as `differs` and does not count.
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = Level::Documented)]
    pub level: Level,

    /// The form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Table)]
    pub format: Format,

    /// The Host to send [default: that of the URL]
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,

    /// Send what no client sends, too: malformed and large requests, one byte by byte, and 200 in a row
    ///
    /// Without it a run sends GET, HEAD and OPTIONS, a PUT of a token, and methods that are refused.
    #[arg(long)]
    pub intrusive: bool,
}

/// The generation that was named, if any was.
type Detect = Option<&'static Profile>;

impl Options {
    pub fn run(&self) -> imds_conformance::CheckOptions {
        imds_conformance::CheckOptions { profile: self.profile, intrusive: self.intrusive }
    }
}

fn profiles() -> impl TypedValueParser<Value = Detect> {
    let names = PROFILES.iter().map(|profile| profile.name).chain([DETECT]);
    PossibleValuesParser::new(names).map(|name| Profile::named(&name).ok())
}

const DETECT: &str = "detect";
pub const EXAMPLES: &str = "\
Exit status: 0 where nothing failed, 1 where something did, 2 where the service could not be asked.

Examples:
  Hold a server of your own against what was seen and what AWS documents:
    imds check http://127.0.0.1:1338

  Against all that is known and all that this project chose, odd bytes included:
    imds check http://127.0.0.1:1338 --level chosen --intrusive

  For a CI that reads JUnit's XML:
    imds check http://127.0.0.1:5000 --format junit > imds.xml

  On an instance: it reads, and issues tokens; it prints no token, credential or value:
    imds check http://169.254.169.254";
