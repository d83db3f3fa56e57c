//! The command line, and the environment variables that stand in for it.

use std::env;
use std::ffi::OsString;
use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::{BoolishValueParser, PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand};
use imds::http::HopLimit;
use imds::record::{HttpTokens, MetadataOptionsChange, Toggle};
use imds::{Seed, Timestamp};

use crate::check;
use crate::console::HostName;
use crate::log::LogFormat;
use crate::tell;

/// Serves the EC2 instance metadata (IMDSv1 and IMDSv2) of a fake instance
#[derive(Parser)]
#[command(
    name = "imds",
    version,
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Options,
}

/// What is to be done.
#[derive(Subcommand)]
pub enum Command {
    /// Serve metadata; the same as no command at all
    #[command(after_help = EXAMPLES)]
    Serve(Box<Options>),

    /// Hold a metadata service against all that is known of EC2's
    #[command(after_help = check::EXAMPLES)]
    Check(check::Options),

    /// Print the checks and the recorded exchanges as JSON, for other languages
    Vectors,
}

/// What `imds serve` is asked to do.
#[derive(Args)]
pub struct Options {
    /// Where to listen: an IP address and a port
    ///
    /// Can be repeated; in the environment variable, addresses are separated by commas. An IPv6 address is written as
    /// [::1]:1338. With port 0 the system chooses a free port, which is printed.
    #[arg(long, env = "IMDS_LISTEN", hide_env_values = true, value_name = "ADDR", value_delimiter = ',')]
    #[arg(value_parser = address, default_value = DEFAULT_ADDRESS)]
    pub listen: Vec<SocketAddr>,

    /// Where the console listens: an IP address and a port, or `off`
    ///
    /// The console has the EC2 API, metrics and events. It alone can change what is served, and checks no signature: whoever
    /// reaches it is let in. With port 0 the system chooses a free port, which is printed.
    #[arg(long, env = "IMDS_CONSOLE", hide_env_values = true, value_name = "ADDR", value_parser = console)]
    #[arg(default_value = DEFAULT_CONSOLE)]
    pub console: ConsoleAddress,

    /// A further host name that the console answers to, as imds or imds:8080
    ///
    /// Can be repeated; in the environment variable, names are separated by commas. Without a port it is the console's own. A
    /// request whose Host is neither the console's address, localhost nor one of these names is refused.
    #[arg(long, env = "IMDS_CONSOLE_HOST", hide_env_values = true, value_name = "NAME", value_delimiter = ',')]
    pub console_host: Vec<HostName>,

    /// The instance to serve, a record in JSON [default: a t3.micro]
    #[arg(long, env = "IMDS_INSTANCE", hide_env_values = true, value_name = "FILE")]
    pub instance: Option<PathBuf>,

    /// The instances to serve, what launches begin with and the account's defaults, in JSON
    ///
    /// The first of its instances is served where --listen says, and each one at an address of its own: see --endpoints.
    #[arg(long, env = "IMDS_FLEET", hide_env_values = true, value_name = "FILE", conflicts_with = "instance")]
    pub fleet: Option<PathBuf>,

    /// Where the state is kept over restarts: all instances, with the keys of their tokens
    ///
    /// Written after every change, readable by its owner only. Where the file is there, the server goes on from it, and
    /// --instance, --fleet, --seed and the metadata options say nothing: the EC2 API changes those. Without it every start is a
    /// new generation.
    #[arg(long, env = "IMDS_STATE", hide_env_values = true, value_name = "FILE")]
    pub state: Option<PathBuf>,

    /// How the instances of a fleet are told apart
    ///
    /// `addresses`: each has an address of its own in 127.0.0.0/8, at the first port of --listen; 10.0.0.68 is served at
    /// 127.0.0.68. `ports`: each has a port of its own at 127.0.0.1.
    #[arg(long, env = "IMDS_ENDPOINTS", hide_env_values = true, value_name = "KIND", value_parser = endpoints())]
    #[arg(default_value = Endpoints::DEFAULT)]
    endpoints: Endpoints,

    /// Tell the instances of a fleet by the address of whoever asks, which is the instance's own
    ///
    /// For network namespaces, bridges and virtual machines. Whoever has no instance's address is not answered.
    #[arg(long, env = "IMDS_BY_PEER", hide_env_values = true, value_parser = BoolishValueParser::new())]
    #[arg(conflicts_with = "endpoints")]
    by_peer: bool,

    /// How long a change of metadata options is pending, in milliseconds
    #[arg(long, env = "IMDS_MODIFY_DELAY", hide_env_values = true, value_name = "MS", default_value_t = 1000)]
    pub modify_delay: u64,

    /// How long a launch, a start, a stop and a termination take, in milliseconds
    #[arg(long, env = "IMDS_TRANSITION_DELAY", hide_env_values = true, value_name = "MS", default_value_t = 0)]
    pub transition_delay: u32,

    /// HttpTokens: whether requests need a session token (IMDSv2 only)
    ///
    /// Overrides the record, where `optional` is the default.
    #[arg(long, env = "IMDS_HTTP_TOKENS", hide_env_values = true, value_name = "STATE", value_parser = tokens())]
    http_tokens: Option<HttpTokens>,

    /// HttpEndpoint: whether metadata is served at all
    ///
    /// Overrides the record, where `enabled` is the default. While it is disabled, each request is answered with 403.
    #[arg(long, env = "IMDS_HTTP_ENDPOINT", hide_env_values = true, value_name = "STATE", value_parser = toggle())]
    http_endpoint: Option<Toggle>,

    /// HttpPutResponseHopLimit: how many network hops a session token can travel, 1 to 64
    ///
    /// Overrides the record, where 1 is the default. It is the IP time to live (IPv6: the hop limit) of the answer to a PUT.
    #[arg(long, env = "IMDS_HOP_LIMIT", hide_env_values = true, value_name = "N", value_parser = hop_limit)]
    hop_limit: Option<HopLimit>,

    /// HttpProtocolIpv6: whether metadata is served over IPv6
    ///
    /// Overrides the record. Where the record does not say either, it is enabled if --listen has an IPv6 address. While it
    /// is disabled, connections over IPv6 are closed without an answer.
    #[arg(long, env = "IMDS_HTTP_PROTOCOL_IPV6", hide_env_values = true, value_name = "STATE", value_parser = toggle())]
    http_protocol_ipv6: Option<Toggle>,

    /// InstanceMetadataTags: whether the instance's tags are in the metadata
    ///
    /// Overrides the record, where `disabled` is the default.
    #[arg(long, env = "IMDS_INSTANCE_METADATA_TAGS", hide_env_values = true)]
    #[arg(value_name = "STATE", value_parser = toggle())]
    instance_metadata_tags: Option<Toggle>,

    /// Make tokens, credentials and ids from this seed, 2 to 64 hexadecimal digits [default: random]
    ///
    /// The same seed, record, clock and requests give the same answers. Whoever knows the seed can make tokens.
    #[arg(long, env = "IMDS_SEED", hide_env_values = true, value_name = "HEX", value_parser = Seed::parse_hex)]
    pub seed: Option<Seed>,

    /// The time at the start in RFC 3339, as 2020-09-26T14:45:29Z, or `system`
    ///
    /// From there on the clock runs as any other.
    #[arg(long, env = "IMDS_CLOCK", hide_env_values = true, value_name = "TIME", value_parser = start)]
    #[arg(default_value = SYSTEM)]
    pub clock: Start,

    /// Keep connections open for further requests
    ///
    /// EC2 closes each connection after one answer, and so does this server without the flag.
    #[arg(long, env = "IMDS_KEEP_ALIVE", hide_env_values = true, value_parser = BoolishValueParser::new())]
    pub keep_alive: bool,

    /// The form of the log, one line for each answer, on standard error
    #[arg(long, env = "IMDS_LOG", hide_env_values = true, value_name = "FORMAT", value_parser = log_format())]
    #[arg(default_value = LogFormat::Text.name())]
    pub log: LogFormat,

    /// Answer at most N requests a second, the others with 503 [default: no limit]
    #[arg(long, env = "IMDS_THROTTLE", hide_env_values = true, value_name = "N")]
    pub throttle: Option<u32>,

    /// Take at most N calls of the EC2 API a second, refuse others with RequestLimitExceeded [default: no limit]
    #[arg(long, env = "IMDS_API_RATE", hide_env_values = true, value_name = "N")]
    pub api_rate: Option<u32>,

    /// Serve at most N connections at once
    ///
    /// Past it, 64 further connections are answered with 503, and all others wait to be accepted.
    #[arg(long, env = "IMDS_MAX_CONNECTIONS", hide_env_values = true, value_name = "N", default_value_t = 10_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=MOST_CONNECTIONS))]
    pub max_connections: u32,
}

/// How the instances of a fleet are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoints {
    /// By the address of the loopback network that was asked.
    Addresses,
    /// By the port that was asked.
    Ports,
    /// By the address of whoever asks.
    Peers,
}

impl Endpoints {
    /// Those that can be asked for by name.
    const NAMED: [(&str, Endpoints); 2] = [("addresses", Endpoints::Addresses), ("ports", Endpoints::Ports)];
    /// Only Linux lets one socket have the whole loopback network and nothing else.
    const DEFAULT: &str = if cfg!(target_os = "linux") { "addresses" } else { "ports" };
}

/// What the clock shows at the start.
#[derive(Clone, Copy)]
pub enum Start {
    /// What the system's clock shows.
    System,
    /// This.
    At(Timestamp),
}

/// Where the console listens, if there is one.
#[derive(Clone, Copy)]
pub enum ConsoleAddress {
    /// There is no console.
    Off,
    /// Here.
    At(SocketAddr),
}

impl ConsoleAddress {
    pub fn is_on(self) -> bool {
        matches!(self, ConsoleAddress::At(_))
    }
}

/// Reads the command line; or says what is to be said instead and gives the exit status.
pub fn parse() -> Result<Command, ExitCode> {
    match Cli::try_parse() {
        Ok(Cli { command, serve }) => Ok(command.unwrap_or_else(|| Command::Serve(Box::new(serve)))),
        Err(help) if matches!(help.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            // Nobody may be reading.
            let _ = help.print();
            Err(ExitCode::SUCCESS)
        }
        Err(error) => {
            tell::error(&one_line(error));
            Err(ExitCode::from(crate::CANNOT_START))
        }
    }
}

impl Options {
    /// How the instances of a fleet are told apart.
    pub fn endpoints(&self) -> Endpoints {
        if self.by_peer { Endpoints::Peers } else { self.endpoints }
    }

    /// The instance's options as far as the command line has them.
    pub fn metadata_options(&self) -> MetadataOptionsChange {
        MetadataOptionsChange {
            http_tokens: self.http_tokens,
            http_put_response_hop_limit: self.hop_limit,
            http_endpoint: self.http_endpoint,
            http_protocol_ipv6: self.http_protocol_ipv6,
            instance_metadata_tags: self.instance_metadata_tags,
        }
    }
}

/// clap's message without its usage lines.
fn one_line(mut error: clap::Error) -> String {
    let source = variable_at_fault(&error).map(|name| format!("; from {name}")).unwrap_or_default();
    if fault(&error, ContextKind::InvalidArg).is_some_and(|flag| flag.starts_with("--seed")) {
        // A seed with a typing error is still most of a seed.
        error.insert(ContextKind::InvalidValue, ContextValue::String("…".to_owned()));
    }
    let text = error.to_string();
    let mut line = String::new();
    for part in text.lines().map(str::trim).filter(|part| !part.is_empty()) {
        if part.starts_with("Usage:") || part.starts_with("For more information") {
            break;
        }
        line.push_str(match part {
            _ if line.is_empty() => "",
            _ if part.starts_with("tip:") => "; ",
            _ => " ",
        });
        line.push_str(part);
    }
    line.push_str(&source);
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}

/// The environment variable that a wrong value comes from, which clap's message takes for the flag.
fn variable_at_fault(error: &clap::Error) -> Option<String> {
    let flag = fault(error, ContextKind::InvalidArg)?.split(' ').next()?.to_owned();
    let variable = flag.replace("--", "IMDS_").replace('-', "_").to_uppercase();
    let is_flag = |argument: OsString| argument.to_string_lossy().split('=').next() == Some(&flag);
    (env::var_os(&variable).is_some() && !env::args_os().any(is_flag)).then_some(variable)
}

fn fault(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        _ => None,
    }
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "an address is an IP address and a port, as 127.0.0.1:1338 or [::1]:1338")
}

fn console(text: &str) -> Result<ConsoleAddress, &'static str> {
    match text {
        OFF => Ok(ConsoleAddress::Off),
        _ => address(text).map(ConsoleAddress::At),
    }
}

fn tokens() -> impl TypedValueParser<Value = HttpTokens> {
    PossibleValuesParser::new(["optional", "required"]).map(|state| match state.as_str() {
        "required" => HttpTokens::Required,
        _ => HttpTokens::Optional,
    })
}

fn toggle() -> impl TypedValueParser<Value = Toggle> {
    PossibleValuesParser::new(["enabled", "disabled"]).map(|state| match state.as_str() {
        "enabled" => Toggle::Enabled,
        _ => Toggle::Disabled,
    })
}

fn endpoints() -> impl TypedValueParser<Value = Endpoints> {
    let is_named = |name: &str| Endpoints::NAMED.into_iter().find(|(known, _)| *known == name);
    PossibleValuesParser::new(Endpoints::NAMED.map(|(name, _)| name))
        .map(move |name| is_named(&name).map_or(Endpoints::Addresses, |(_, kind)| kind))
}

fn log_format() -> impl TypedValueParser<Value = LogFormat> {
    PossibleValuesParser::new(LogFormat::ALL.map(LogFormat::name))
        .map(|name| LogFormat::ALL.into_iter().find(|format| format.name() == name).unwrap_or(LogFormat::Text))
}

fn hop_limit(text: &str) -> Result<HopLimit, String> {
    let hops: u64 = text.parse().map_err(|_| "it is a number from 1 to 64")?;
    HopLimit::try_from(hops).map_err(explain)
}

fn start(text: &str) -> Result<Start, String> {
    match text {
        SYSTEM => Ok(Start::System),
        _ => Timestamp::parse_rfc3339(text).map(Start::At).map_err(explain),
    }
}

fn explain(error: impl Display) -> String {
    error.to_string()
}

const DEFAULT_ADDRESS: &str = "127.0.0.1:1338";
const DEFAULT_CONSOLE: &str = "127.0.0.1:1339";
const OFF: &str = "off";
const SYSTEM: &str = "system";
const MOST_CONNECTIONS: i64 = 1_000_000;
const EXAMPLES: &str = "\
Examples:
  Serve a t3.micro at 127.0.0.1:1338, and ask it:
    imds
    curl http://127.0.0.1:1338/latest/meta-data/

  Accept IMDSv2 only, and ask with a token:
    imds --http-tokens required
    TOKEN=$(curl -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600' \\
      http://127.0.0.1:1338/latest/api/token)
    curl -H \"X-aws-ec2-metadata-token: $TOKEN\" http://127.0.0.1:1338/latest/meta-data/

  Serve an instance of your own, with the same tokens and dates at each start:
    imds --instance article.json --seed 00 --clock 2020-09-26T14:45:29Z

  Watch each decision as it happens:
    curl -N http://127.0.0.1:1339/events

  Listen on free ports over IPv4 and IPv6, and log for programs:
    imds --listen 127.0.0.1:0 --listen '[::1]:0' --console 127.0.0.1:0 --log json

  Launch an instance, and ask it: the address is in its interface's description:
    export AWS_ENDPOINT_URL=http://127.0.0.1:1339 AWS_DEFAULT_REGION=us-east-1
    export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any
    aws ec2 run-instances --image-id ami-0abcdef1234567890 --instance-type t3.micro

  Let an AWS SDK or the AWS CLI take its credentials from it:
    AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1338/ aws configure list";
