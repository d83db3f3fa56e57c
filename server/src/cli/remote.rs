//! The arguments of `imds event` and `imds clock`.

use std::collections::BTreeMap;

use clap::builder::TypedValueParser;
use clap::{Args, Subcommand};
use imds::Timestamp;
use imds::record::{
    Delay, EventCode, InstanceEvent, InstanceEventKind, Line, Name, RebalanceEvent, ScheduledEvent, SpotAction,
    SpotInterruptionEvent, TagKey, Trigger,
};
use imds_ec2::fleet::InstanceSelector;

use super::values::{named, number_in, one_of};
use crate::check::Url;
use crate::control::{ClockRequest, PlanRequest};
use crate::remote::{RemoteCommand, RemoteConfig};

#[derive(Debug, Args)]
pub struct EventOptions {
    #[command(subcommand)]
    command: EventCommand,
    #[command(flatten)]
    console: ConsoleOption,
}

#[derive(Debug, Args)]
pub struct ClockOptions {
    #[command(subcommand)]
    command: ClockCommand,
    #[command(flatten)]
    console: ConsoleOption,
}

#[derive(Debug, Args)]
struct ConsoleOption {
    /// Address or URL of the running server's console
    #[arg(long, global = true, env = "IMDS_CONSOLE", hide_env_values = true, value_name = "ADDR")]
    #[arg(value_parser = console_url, default_value = "127.0.0.1:1339")]
    console: OffOrUrl,
}

/// `None` if the console is off, which only a command that uses it rejects: the value can be that of
/// a variable which a flag overrides.
type OffOrUrl = Option<Url>;

#[derive(Debug, Subcommand)]
enum EventCommand {
    /// Interrupt spot instances
    SpotInterruption {
        /// Action at the end of the notice
        #[arg(long, value_name = "ACTION", value_parser = spot_action(), default_value = "terminate")]
        action: SpotAction,

        /// Time until the interruption, 2m to 15m, with a rebalance recommendation at once
        ///
        /// The notice is two minutes before the interruption. Without this flag, the notice is at
        /// once, and there is no recommendation.
        #[arg(long = "in", value_name = "TIME")]
        within: Option<Delay>,

        #[command(flatten)]
        target: Target,
    },

    /// Recommend to replace spot instances
    RebalanceRecommendation {
        #[command(flatten)]
        target: Target,
    },

    /// Schedule a reboot, a stop, a retirement or maintenance
    ScheduledEvent {
        /// The kind of event
        #[arg(long, value_name = "CODE", value_parser = event_code())]
        code: EventCode,

        /// Time until the start of the event, for example 1h
        #[arg(long = "in", value_name = "TIME", required_unless_present = "not_before")]
        within: Option<Delay>,

        /// Start of the event, in RFC 3339
        #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "within")]
        not_before: Option<Timestamp>,

        /// Latest end of the event, in RFC 3339
        #[arg(long, value_name = "TIME", value_parser = time)]
        not_after: Option<Timestamp>,

        /// Description of the event
        #[arg(long, value_name = "TEXT", value_parser = line)]
        description: Option<Line>,

        #[command(flatten)]
        target: Target,
    },

    /// List the planned events with their steps, past and future
    List,

    /// Cancel an event that has not happened
    Cancel {
        /// The id of the event, which `imds event list` prints
        id: String,
    },
}

/// When an event happens, and to which instances.
#[derive(Debug, Args)]
struct Target {
    /// Time of the event, in RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "after")]
    at: Option<Timestamp>,

    /// Time of the event since the launch or the last start of the instance
    #[arg(long, value_name = "TIME")]
    after: Option<Delay>,

    /// Id of an instance; can be repeated [default: every instance]
    #[arg(long = "instance", value_name = "ID", value_parser = name)]
    instances: Vec<Name>,

    /// Tag that the instances have; can be repeated
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = tag)]
    tags: Vec<(String, String)>,

    /// Number of instances, drawn from the seed among those that match
    #[arg(long, value_name = "N", value_parser = number_in(1..=u32::MAX))]
    count: Option<u32>,
}

#[derive(Debug, Subcommand)]
enum ClockCommand {
    /// Print the time, and `paused` if the clock is paused
    Show,
    /// Advance the clock
    Advance {
        /// For example 2m or 1h30m
        time: Delay,
    },
    /// Set the clock to a time that is not in its past
    Set {
        /// The time in RFC 3339, for example 2026-01-01T00:00:00Z
        #[arg(value_parser = time)]
        time: Timestamp,
    },
    /// Pause the clock
    Pause,
    /// Resume the clock
    Resume,
}

impl EventOptions {
    pub fn into_config(self) -> RemoteConfig {
        let command = match self.command {
            EventCommand::SpotInterruption { action, within, target } => {
                let mut event = SpotInterruptionEvent::default().with_action(action);
                event.within = within;
                target.plan(InstanceEventKind::SpotInterruption(event))
            }
            EventCommand::RebalanceRecommendation { target } => {
                target.plan(InstanceEventKind::RebalanceRecommendation(RebalanceEvent::default()))
            }
            EventCommand::ScheduledEvent { code, within, not_before, not_after, description, target } => {
                let mut event = ScheduledEvent::new(code);
                (event.within, event.not_before, event.not_after) = (within, not_before, not_after);
                event.description = description;
                target.plan(InstanceEventKind::ScheduledEvent(event))
            }
            EventCommand::List => RemoteCommand::ListEvents,
            EventCommand::Cancel { id } => RemoteCommand::CancelEvent(id),
        };
        RemoteConfig { console: self.console.console, command }
    }
}

impl Target {
    fn plan(self, kind: InstanceEventKind) -> RemoteCommand {
        let trigger = match (self.at, self.after) {
            (Some(time), _) => Trigger::At(time),
            (None, Some(delay)) => Trigger::AfterLaunch(delay),
            (None, None) => Trigger::Now,
        };
        let mut instances = InstanceSelector::default().with_tags(BTreeMap::from_iter(self.tags));
        (instances.ids, instances.count) = (self.instances, self.count);
        RemoteCommand::PlanEvent(PlanRequest { event: InstanceEvent::new(kind).with_trigger(trigger), instances })
    }
}

impl ClockOptions {
    pub fn into_config(self) -> RemoteConfig {
        let change = |change: ClockRequest| RemoteCommand::ChangeClock(change);
        let command = match self.command {
            ClockCommand::Show => RemoteCommand::ShowClock,
            ClockCommand::Advance { time } => change(ClockRequest { advance: Some(time), ..ClockRequest::default() }),
            ClockCommand::Set { time } => change(ClockRequest { set: Some(time), ..ClockRequest::default() }),
            ClockCommand::Pause => change(ClockRequest { paused: Some(true), ..ClockRequest::default() }),
            ClockCommand::Resume => change(ClockRequest { paused: Some(false), ..ClockRequest::default() }),
        };
        RemoteConfig { console: self.console.console, command }
    }
}

/// Parses the value of `--console`: as for the server, or a URL.
fn console_url(text: &str) -> Result<OffOrUrl, &'static str> {
    if text == "off" {
        return Ok(None);
    }
    let url = if text.starts_with("http://") { text.to_owned() } else { format!("http://{text}") };
    url.parse().map(Some).map_err(|_| "expected an address and a port, for example 127.0.0.1:1339, or a URL")
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(text).map_err(|error| format!("not a time in RFC 3339: {error}"))
}

fn name(text: &str) -> Result<Name, String> {
    Name::try_from(text).map_err(|error| error.to_string())
}

fn line(text: &str) -> Result<Line, String> {
    Line::try_from(text).map_err(|error| error.to_string())
}

fn tag(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected a key, `=` and a value, for example Name=web")?;
    TagKey::try_from(key).map_err(|error| error.to_string())?;
    Ok((key.to_owned(), value.to_owned()))
}

fn spot_action() -> impl TypedValueParser<Value = SpotAction> {
    one_of([SpotAction::Terminate, SpotAction::Stop, SpotAction::Hibernate].map(|action| named(action.name(), action)))
}

fn event_code() -> impl TypedValueParser<Value = EventCode> {
    one_of(EventCode::CODES.map(|code| named(code.name(), code)))
}

pub const EVENT_EXAMPLES: &str = "\
Examples:
  Interrupt the instances of a running server: a recommendation and a notice at once, the end in 2 minutes:
    imds event spot-interruption --in 2m
    curl http://127.0.0.1:1338/latest/meta-data/spot/instance-action
    imds clock advance 2m

  Stop one of the instances with a tag, ten minutes after its launch:
    imds event spot-interruption --action stop --tag role=worker --count 1 --after 10m

  Schedule a reboot, and cancel it:
    imds event scheduled-event --code system-reboot --in 1h
    imds event list
    imds event cancel instance-event-0d59937288b749b32";
pub const CLOCK_EXAMPLES: &str = "\
Examples:
  Advance the clock of a running server by an hour, and print the new time:
    imds clock advance 1h

  Stop the time, to inspect the metadata:
    imds clock pause

The deadlines of connections and request rates do not depend on this clock. A state file keeps it.";
