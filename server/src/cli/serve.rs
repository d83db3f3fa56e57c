//! The arguments of `imds serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use clap::builder::TypedValueParser;
use imds::Seed;
use imds::connection::KeepAlive;
use imds_ec2::fleet::Settings;

use super::metadata_options::MetadataOptionFlags;
use super::values::{
    ConsoleAddress, SYSTEM_CLOCK, clock_start, console_address, named, number_in, on_or_off, one_of, socket_address,
};
use crate::app::initial_fleet::FleetConfig;
use crate::app::router::EndpointMode;
use crate::app::service::ServiceConfig;
use crate::clock::ClockStart;
use crate::console::{ConsoleConfig, HostName};
use crate::identity::KeyFiles;
use crate::serve::ServeConfig;
use crate::telemetry::log::LogFormat;

#[derive(Debug, Args)]
pub struct ServeOptions {
    /// Address and port for metadata
    ///
    /// Can be repeated; separate addresses in the environment variable by commas. Write an IPv6
    /// address as [::1]:1338. Port 0 selects a free port, which is printed.
    #[arg(long, env = "IMDS_LISTEN", hide_env_values = true, value_name = "ADDR", value_delimiter = ',')]
    #[arg(value_parser = socket_address, default_value = "127.0.0.1:1338")]
    listen: Vec<SocketAddr>,

    /// Address and port for the console, or `off`
    ///
    /// The console has the playground, the EC2 API, metrics and events. Only the console can change
    /// what is served, and it verifies no signatures: any program that can reach it can use it.
    /// Port 0 selects a free port, which is printed.
    #[arg(long, env = "IMDS_CONSOLE", hide_env_values = true, value_name = "ADDR", value_parser = console_address)]
    #[arg(default_value = "127.0.0.1:1339")]
    console: ConsoleAddress,

    /// Additional host name that the console accepts, for example imds or imds:8080
    ///
    /// Can be repeated; separate names in the environment variable by commas. A name without a port
    /// has the console's port. The console rejects requests whose Host is not its address,
    /// localhost or one of these names.
    #[arg(long, env = "IMDS_CONSOLE_HOST", hide_env_values = true, value_name = "NAME", value_delimiter = ',')]
    console_host: Vec<HostName>,

    /// JSON record of the instance to serve [default: a t3.micro]
    #[arg(long, env = "IMDS_INSTANCE", hide_env_values = true, value_name = "FILE")]
    instance: Option<PathBuf>,

    /// JSON file with the instances to serve, the record for launches and the account's defaults
    ///
    /// The first instance is served at --listen. Every instance has an endpoint of its own: see
    /// --endpoints.
    #[arg(long, env = "IMDS_FLEET", hide_env_values = true, value_name = "FILE", conflicts_with = "instance")]
    fleet: Option<PathBuf>,

    /// File that keeps the state between runs: all instances, and the keys of their tokens
    ///
    /// It is written after every change and readable only by its owner. If the file exists, the
    /// server loads it and ignores --instance, --fleet, --seed and the metadata options; use the
    /// EC2 API to change them. Without this flag, the server loses all changes when it exits.
    #[arg(long, env = "IMDS_STATE", hide_env_values = true, value_name = "FILE")]
    state: Option<PathBuf>,

    /// PEM file with the certificate of --identity-key
    #[arg(long, env = "IMDS_IDENTITY_CERTIFICATE", hide_env_values = true, value_name = "FILE")]
    #[arg(requires = "identity_key")]
    identity_certificate: Option<PathBuf>,

    /// PEM file with the RSA key that signs identity documents; `imds keygen` makes one [default:
    /// the documents are not signed]
    ///
    /// It signs for every instance whose record has no `identity`, those of --fleet and --state
    /// included. It is not written to the state file: use this flag in each run.
    #[arg(long, env = "IMDS_IDENTITY_KEY", hide_env_values = true, value_name = "FILE")]
    #[arg(requires = "identity_certificate")]
    identity_key: Option<PathBuf>,

    /// How instances are addressed
    ///
    /// `addresses`: each instance has an address in 127.0.0.0/8, with the first port of --listen;
    /// for example, 10.0.0.68 is served at 127.0.0.68. `ports`: each instance has a port at
    /// 127.0.0.1.
    #[arg(long, env = "IMDS_ENDPOINTS", hide_env_values = true, value_name = "KIND", value_parser = endpoints())]
    #[arg(default_value = DEFAULT_ENDPOINTS)]
    endpoints: EndpointMode,

    /// Select the instance by the client's address
    ///
    /// For network namespaces, bridges and virtual machines that have their instance's address.
    /// Other clients get no response.
    #[arg(long, env = "IMDS_BY_PEER", hide_env_values = true, value_parser = on_or_off)]
    #[arg(conflicts_with = "endpoints")]
    by_peer: bool,

    /// How long a change of metadata options is pending, in milliseconds
    #[arg(long, env = "IMDS_MODIFY_DELAY", hide_env_values = true, value_name = "MS", default_value_t = 1000)]
    #[arg(value_parser = number_in(0..=u64::MAX))]
    modify_delay: u64,

    /// Duration of a launch, start, stop or termination, in milliseconds
    #[arg(long, env = "IMDS_TRANSITION_DELAY", hide_env_values = true, value_name = "MS", default_value_t = 0)]
    #[arg(value_parser = number_in(0..=u32::MAX))]
    transition_delay: u32,

    #[command(flatten)]
    metadata_options: MetadataOptionFlags,

    /// Generate tokens, credentials and ids from this seed, 2 to 64 hexadecimal digits [default:
    /// random]
    ///
    /// The same seed, record, clock and requests produce the same responses. Keep the seed secret:
    /// it suffices to generate valid tokens.
    #[arg(long, env = "IMDS_SEED", hide_env_values = true, value_name = "HEX", value_parser = Seed::parse_hex)]
    seed: Option<Seed>,

    /// Start time of the clock in RFC 3339, for example 2020-09-26T14:45:29Z, or `system`
    ///
    /// The clock advances from there.
    #[arg(long, env = "IMDS_CLOCK", hide_env_values = true, value_name = "TIME", value_parser = clock_start)]
    #[arg(default_value = SYSTEM_CLOCK)]
    clock: ClockStart,

    /// Keep connections open for further requests
    ///
    /// Without this flag, the server closes each connection after one response, like EC2.
    #[arg(long, env = "IMDS_KEEP_ALIVE", hide_env_values = true, value_parser = on_or_off)]
    keep_alive: bool,

    /// Format of the log, one line per response, on standard error
    #[arg(long, env = "IMDS_LOG", hide_env_values = true, value_name = "FORMAT", value_parser = log_format())]
    #[arg(default_value = LogFormat::Text.name())]
    log: LogFormat,

    /// Limit of requests per second; more are answered with 503 [default: no limit]
    #[arg(long, env = "IMDS_THROTTLE", hide_env_values = true, value_name = "N")]
    #[arg(value_parser = number_in(0..=u32::MAX))]
    throttle: Option<u32>,

    /// Limit of EC2 API calls per second; more get RequestLimitExceeded [default: no limit]
    #[arg(long, env = "IMDS_API_RATE", hide_env_values = true, value_name = "N")]
    #[arg(value_parser = number_in(0..=u32::MAX))]
    api_rate: Option<u32>,

    /// Limit of concurrent connections
    ///
    /// 64 connections over the limit are answered with 503; further ones wait to be accepted.
    #[arg(long, env = "IMDS_MAX_CONNECTIONS", hide_env_values = true, value_name = "N", default_value_t = 10_000)]
    #[arg(value_parser = number_in(1..=1_000_000_u32))]
    max_connections: u32,

    /// Limit of concurrent connections from one address [default: no limit]
    ///
    /// At most 32 further connections are answered with 503; all others are closed. Clients on this
    /// machine, or behind a proxy or NAT, share an address. The IPv6 addresses with the same first 64
    /// bits count as one.
    #[arg(long, env = "IMDS_MAX_CONNECTIONS_PER_PEER", hide_env_values = true, value_name = "N")]
    #[arg(value_parser = number_in(1..=1_000_000_u32))]
    max_connections_per_peer: Option<u32>,
}

impl ServeOptions {
    pub fn into_config(self) -> ServeConfig {
        let console = match self.console {
            ConsoleAddress::Off => None,
            ConsoleAddress::At(address) => Some(ConsoleConfig { address, host_names: self.console_host }),
        };
        // The loopback port is set when the socket is bound.
        let settings =
            Settings::new().with_modify_millis(self.modify_delay).with_transition_millis(self.transition_delay);
        let fleet = FleetConfig {
            state: self.state,
            fleet: self.fleet,
            instance: self.instance,
            metadata_options: self.metadata_options.change(),
            has_ipv6_listener: self.listen.iter().any(SocketAddr::is_ipv6),
            settings,
            identity: self
                .identity_certificate
                .zip(self.identity_key)
                .map(|(certificate, private_key)| KeyFiles { certificate, private_key }),
        };
        let service = ServiceConfig {
            fleet,
            seed: self.seed,
            clock: self.clock,
            endpoint_mode: if self.by_peer { EndpointMode::Peers } else { self.endpoints },
            keep_alive: if self.keep_alive { KeepAlive::On } else { KeepAlive::Off },
            request_rate: self.throttle,
            api_rate: self.api_rate,
            has_console: console.is_some(),
        };
        ServeConfig {
            service,
            listen: self.listen,
            console,
            log: self.log,
            max_connections: self.max_connections,
            max_connections_of_peer: self.max_connections_per_peer,
        }
    }
}

fn endpoints() -> impl TypedValueParser<Value = EndpointMode> {
    one_of([named(ADDRESSES, EndpointMode::Addresses), named(PORTS, EndpointMode::Ports)])
}

fn log_format() -> impl TypedValueParser<Value = LogFormat> {
    one_of(LogFormat::ALL.map(|format| named(format.name(), format)))
}

const ADDRESSES: &str = "addresses";
const PORTS: &str = "ports";
/// Only Linux can bind one socket to all of 127.0.0.0/8 and to nothing else.
const DEFAULT_ENDPOINTS: &str = if cfg!(target_os = "linux") { ADDRESSES } else { PORTS };
pub const EXAMPLES: &str = "\
Examples:
  Serve a t3.micro at 127.0.0.1:1338 and request its metadata:
    imds
    curl http://127.0.0.1:1338/latest/meta-data/

  Require IMDSv2 and send a token:
    imds --http-tokens required
    TOKEN=$(curl -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600' \\
      http://127.0.0.1:1338/latest/api/token)
    curl -H \"X-aws-ec2-metadata-token: $TOKEN\" http://127.0.0.1:1338/latest/meta-data/

  Serve your own instance, with the same tokens and dates in every run:
    imds --instance article.json --seed 00 --clock 2020-09-26T14:45:29Z

  Follow the server's decisions:
    curl -N http://127.0.0.1:1339/events

  Listen on free ports over IPv4 and IPv6, and log in JSON:
    imds --listen 127.0.0.1:0 --listen '[::1]:0' --console 127.0.0.1:0 --log json

  Launch an instance; the description of its network interface contains its metadata URL:
    export AWS_ENDPOINT_URL=http://127.0.0.1:1339 AWS_DEFAULT_REGION=us-east-1
    export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any
    aws ec2 run-instances --image-id ami-0abcdef1234567890 --instance-type t3.micro

  Let the AWS CLI or an AWS SDK read its credentials from the server:
    AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1338/ aws configure list";
