//! A fleet and a simple model of it run the same steps and must give the same responses. Proptest
//! and the fuzzer choose the steps.

use imds::connection::KeepAlive;
use imds::limits;
use imds::record::{
    Delay, HttpTokens, InstanceEvent, InstanceEventKind, MetadataOptionsChange, Name, SpotAction,
    SpotInterruptionEvent, Toggle,
};
use imds::{Connection, Context, Nonce, Seed, Timestamp};
use imds_ec2::fleet::{Fleet, InstanceSelector, InstanceState, Launch, Settings};

/// A step. `instance` and `token` are indices modulo the number of instances and tokens.
#[derive(Debug, Clone)]
pub enum Step {
    Launch {
        required: bool,
    },
    Modify {
        instance: usize,
        required: Option<bool>,
        enabled: Option<bool>,
    },
    Stop(usize),
    Start(usize),
    Terminate(usize),
    Wait(u64),
    /// Plans a spot interruption that ends in this time, from 2 to 15 minutes.
    Interrupt {
        instance: usize,
        millis: u64,
        stops: bool,
    },
    IssueToken {
        instance: usize,
        ttl: u32,
    },
    /// `altered` replaces one character of the token: the position and the new character.
    Get {
        instance: usize,
        token: Option<usize>,
        altered: Option<(usize, u8)>,
    },
    /// Changes a clone, which must not change the fleet.
    ChangeClone(usize),
    Restore,
}

/// The model of an instance.
#[derive(Clone)]
struct InstanceModel {
    id: Name,
    state: InstanceState,
    /// The time of its termination.
    ended: Option<u64>,
    generation: u32,
    /// The start, `HttpTokens` `required` and `HttpEndpoint` `enabled` of each set of options, the
    /// newest last.
    options: Vec<(u64, bool, bool)>,
    /// The end of each interruption that is still to come, and whether it stops the instance.
    interruptions: Vec<(u64, bool)>,
}

impl InstanceModel {
    /// Makes the interruptions until `now`, in order of time.
    fn interrupt(&mut self, now: u64) {
        self.interruptions.sort_unstable();
        let due = self.interruptions.partition_point(|(end, _)| *end <= now);
        for (end, stops) in self.interruptions.drain(..due) {
            match self.state {
                InstanceState::Terminated => {}
                InstanceState::Running if stops => self.state = InstanceState::Stopped,
                _ if stops => {}
                _ => {
                    self.state = InstanceState::Terminated;
                    self.ended = Some(end);
                }
            }
        }
    }
}

struct Issued {
    text: String,
    instance: usize,
    generation: u32,
    expires: u64,
}

/// The characters of tokens.
const CHARACTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=";
/// 2026-01-01T12:00:00Z.
const NOON: Timestamp = Timestamp::saturating_from_millis(1_767_268_800_000);
const MODIFY_MILLIS: u64 = 1000;
/// The time of options that take effect at the next start.
const AT_START: u64 = u64::MAX;
/// EC2 shows a terminated instance for one hour.
const TERMINATED_MILLIS: u64 = 3_600_000;

/// Runs the steps on a fleet and on the model.
///
/// # Panics
///
/// If their responses differ.
pub fn run(steps: impl IntoIterator<Item = Step>) {
    let mut fleet = Fleet::new(Seed::new([1; 32]));
    let mut model: Vec<InstanceModel> = Vec::new();
    let mut tokens: Vec<Issued> = Vec::new();
    let mut now = 0;
    let mut nonce = 0;
    for step in steps {
        match step {
            Step::Launch { required } => {
                let mut record = fleet.launch_template().clone();
                record.metadata_options.http_tokens = Some(tokens_option(required));
                let id = fleet.launch(at(now), &Launch::new(record)).unwrap().remove(0);
                let options = vec![(now, required, true)];
                model.push(InstanceModel {
                    id,
                    state: InstanceState::Running,
                    ended: None,
                    generation: 0,
                    options,
                    interruptions: Vec::new(),
                });
            }
            Step::Modify { instance, required, enabled } => {
                let Some(model_instance) = pick(&mut model, instance) else { continue };
                let change = MetadataOptionsChange {
                    http_tokens: required.map(tokens_option),
                    http_endpoint: enabled.map(|on| if on { Toggle::Enabled } else { Toggle::Disabled }),
                    ..MetadataOptionsChange::default()
                };
                let result = fleet.modify_options(at(now), &model_instance.id, &change);
                assert_eq!(result.is_ok(), model_instance.state != InstanceState::Terminated);
                if result.is_ok() {
                    let (_, was_required, was_enabled) = *model_instance.options.last().unwrap();
                    let (required, enabled) = (required.unwrap_or(was_required), enabled.unwrap_or(was_enabled));
                    if (required, enabled) == (was_required, was_enabled) {
                        continue;
                    }
                    // Options that are still pending take effect together with the newer change.
                    model_instance.options.retain(|(from, ..)| *from <= now);
                    let is_stopped = model_instance.state == InstanceState::Stopped;
                    let from = if is_stopped { AT_START } else { now + MODIFY_MILLIS };
                    model_instance.options.push((from, required, enabled));
                }
            }
            Step::Stop(instance) => {
                let Some(model_instance) = pick(&mut model, instance) else { continue };
                let result = fleet.stop(at(now), &model_instance.id);
                assert_eq!(result.is_ok(), model_instance.state != InstanceState::Terminated);
                if result.is_ok() {
                    model_instance.state = InstanceState::Stopped;
                }
            }
            Step::Start(instance) => {
                let Some(model_instance) = pick(&mut model, instance) else { continue };
                let result = fleet.start(at(now), &model_instance.id);
                assert_eq!(result.is_ok(), model_instance.state != InstanceState::Terminated);
                if model_instance.state == InstanceState::Stopped {
                    model_instance.state = InstanceState::Running;
                    model_instance.generation += 1;
                    for (from, ..) in model_instance.options.iter_mut().filter(|(from, ..)| *from == AT_START) {
                        *from = now;
                    }
                }
            }
            Step::Terminate(instance) => {
                let Some(model_instance) = pick(&mut model, instance) else { continue };
                let is_purged = model_instance.ended.is_some_and(|ended| now >= ended + TERMINATED_MILLIS);
                assert_eq!(fleet.terminate(at(now), &model_instance.id).is_ok(), !is_purged);
                model_instance.state = InstanceState::Terminated;
                model_instance.ended.get_or_insert(now);
            }
            Step::Wait(millis) => {
                now += millis;
                fleet.handle_timeout(at(now));
                for instance in &mut model {
                    instance.interrupt(now);
                }
            }
            Step::Interrupt { instance, millis, stops } => {
                let Some(model_instance) = pick(&mut model, instance) else { continue };
                let action = if stops { SpotAction::Stop } else { SpotAction::Terminate };
                let within = Delay::from_millis(millis).unwrap();
                let event = SpotInterruptionEvent::default().with_action(action).with_within(within);
                let event = InstanceEvent::new(InstanceEventKind::SpotInterruption(event));
                let planned = fleet.plan_event(at(now), &InstanceSelector::id(model_instance.id.clone()), &event);
                let has_room = model_instance.interruptions.len() < limits::EVENTS;
                assert_eq!(planned.is_ok(), has_room && model_instance.state != InstanceState::Terminated);
                if planned.is_ok() {
                    model_instance.interruptions.push((now + millis, stops));
                }
            }
            Step::IssueToken { instance, ttl } => {
                let Some(model_instance) = pick(&mut model, instance) else { continue };
                nonce += 1;
                let header = format!("X-aws-ec2-metadata-token-ttl-seconds: {ttl}");
                let answer = exchange(&fleet, &model_instance.id, now, nonce, "PUT /latest/api/token", &header);
                let (_, enabled) = applied_options(model_instance, now);
                let expected = match (model_instance.state, enabled) {
                    (InstanceState::Running, true) => Some(200),
                    (InstanceState::Running, false) => Some(403),
                    _ => None,
                };
                assert_eq!(answer.as_ref().map(|(status, _)| *status), expected);
                if let Some((200, text)) = answer {
                    let (id, generation) = (model_instance.id.clone(), model_instance.generation);
                    let instance = model.iter().position(|model_instance| model_instance.id == id).unwrap();
                    tokens.push(Issued { text, instance, generation, expires: now + u64::from(ttl) * 1000 });
                }
            }
            Step::Get { instance, token, altered } => {
                let count = model.len();
                let Some(model_instance) = pick(&mut model, instance) else { continue };
                let token = token.filter(|_| !tokens.is_empty()).map(|token| &tokens[token % tokens.len()]);
                let text = token.map(|token| alter(&token.text, altered));
                let header = text.as_ref().map_or(String::new(), |text| format!("X-aws-ec2-metadata-token: {text}"));
                let answer = exchange(&fleet, &model_instance.id, now, 0, "GET /latest/meta-data/instance-id", &header);
                let (required, enabled) = applied_options(model_instance, now);
                let is_valid = token.map(|token| {
                    token.instance == instance % count
                        && token.generation == model_instance.generation
                        && now < token.expires
                        && text.as_ref() == Some(&token.text)
                });
                let expected = match (model_instance.state, enabled, is_valid) {
                    (InstanceState::Running, false, _) => Some(403),
                    (InstanceState::Running, true, Some(false)) => Some(401),
                    (InstanceState::Running, true, None) if required => Some(401),
                    (InstanceState::Running, true, _) => Some(200),
                    _ => None,
                };
                assert_eq!(answer.as_ref().map(|(status, _)| *status), expected);
                if let Some((200, body)) = answer {
                    assert_eq!(body.as_str(), &*model_instance.id, "the response is of another instance");
                }
            }
            Step::ChangeClone(instance) => {
                let Some(model_instance) = pick(&mut model, instance) else { continue };
                let mut clone = fleet.clone();
                // Some of these fail.
                let _ = clone.stop(at(now), &model_instance.id);
                let _ = clone.start(at(now), &model_instance.id);
                let _ = clone.terminate(at(now), &model_instance.id);
                clone.handle_timeout(Timestamp::MAX);
            }
            Step::Restore => {
                let text = fleet.snapshot();
                fleet = Fleet::restore(&text, Settings::default(), at(now)).unwrap();
                assert_eq!(fleet.snapshot(), text);
            }
        }
    }
}

fn pick(model: &mut [InstanceModel], instance: usize) -> Option<&mut InstanceModel> {
    let count = model.len();
    model.get_mut(instance.checked_rem(count)?)
}

/// The token, with one character replaced if `altered` says so.
fn alter(token: &str, altered: Option<(usize, u8)>) -> String {
    let mut text: Vec<char> = token.chars().collect();
    if let Some((position, character)) = altered {
        let position = position % text.len();
        text[position] = char::from(CHARACTERS[usize::from(character) % CHARACTERS.len()]);
    }
    text.into_iter().collect()
}

fn applied_options(model_instance: &InstanceModel, now: u64) -> (bool, bool) {
    let (_, required, enabled) = model_instance.options.iter().rev().find(|(from, ..)| *from <= now).unwrap();
    (*required, *enabled)
}

fn tokens_option(required: bool) -> HttpTokens {
    if required { HttpTokens::Required } else { HttpTokens::Optional }
}

/// The status and body of the response; `None` if the instance does not answer or was purged.
fn exchange(fleet: &Fleet, id: &str, now: u64, nonce: u64, line: &str, header: &str) -> Option<(u16, String)> {
    let instance = fleet.instance(id)?;
    let address = instance.instance().details().primary().local_ipv4s[0];
    let found = fleet.find_by_address(at(now), address.into()).filter(|found| **found.id() == *id)?;
    let mut connection = Connection::new(at(now), KeepAlive::Off);
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    connection.receive(at(now), format!("{line} HTTP/1.1\r\nHost: x\r\n{header}\r\n").as_bytes());
    let request = connection.poll_request(at(now)).expect("a complete head is a request");
    let answer = found.instance().answer(at(now), &request, Context::new(Nonce::new(nonce)));
    let mut bytes = Vec::new();
    answer.write(&mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    Some((answer.rule().status().code(), body.to_owned()))
}

fn at(millis: u64) -> Timestamp {
    NOON.saturating_add_millis(millis)
}
