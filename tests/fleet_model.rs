//! A fleet beside a model of it that keeps everything and computes nothing: whatever is done in whatever order, both say the
//! same of who answers, with what, and why.

use imds::connection::KeepAlive;
use imds::fleet::{Fleet, InstanceState, Launch, Settings};
use imds::record::{HttpTokens, MetadataOptionsChange, Name, Toggle};
use imds::{Connection, Seed, Timestamp};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Launch { required: bool },
    Modify { whom: usize, required: Option<bool>, enabled: Option<bool> },
    Stop(usize),
    Start(usize),
    Terminate(usize),
    Wait(u64),
    IssueToken { whom: usize, ttl: u32 },
    Get { whom: usize, token: Option<usize> },
    Restore,
}

/// An instance as the model sees it: what was asked for, and when.
#[derive(Clone)]
struct Modelled {
    id: Name,
    state: InstanceState,
    /// When it was terminated.
    ended: Option<u64>,
    generation: u32,
    /// The options in force from each time on, the newest last.
    options: Vec<(u64, bool, bool)>,
}

struct Issued {
    text: String,
    whom: usize,
    generation: u32,
    expires: u64,
}

const MODIFY_MILLIS: u64 = 1000;
/// EC2 shows a terminated instance for an hour.
const SHOWN_MILLIS: u64 = 3_600_000;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_fleet_does_what_its_model_does(steps in prop::collection::vec(step(), 1..60)) {
        let mut fleet = Fleet::new(Seed::new([1; 32]));
        let mut model: Vec<Modelled> = Vec::new();
        let mut tokens: Vec<Issued> = Vec::new();
        let mut now = 0;
        let mut nonce = 0;
        for step in steps {
            match step {
                Step::Launch { required } => {
                    let mut record = fleet.launch_template().clone();
                    record.metadata_options.http_tokens = Some(tokens_option(required));
                    let id = fleet.launch(at(now), &Launch::of(record)).unwrap().remove(0);
                    let options = vec![(now, required, true)];
                    model.push(Modelled { id, state: InstanceState::Running, ended: None, generation: 0, options });
                }
                Step::Modify { whom, required, enabled } => {
                    let Some(modelled) = pick(&mut model, whom) else { continue };
                    let change = MetadataOptionsChange {
                        http_tokens: required.map(tokens_option),
                        http_endpoint: enabled.map(|on| if on { Toggle::Enabled } else { Toggle::Disabled }),
                        ..MetadataOptionsChange::default()
                    };
                    let done = fleet.modify_options(at(now), &modelled.id, &change);
                    prop_assert_eq!(done.is_ok(), modelled.state != InstanceState::Terminated);
                    if done.is_ok() {
                        let (_, was_required, was_enabled) = *modelled.options.last().unwrap();
                        // What is still pending comes with the newer change, at its time.
                        modelled.options.retain(|(from, ..)| *from <= now);
                        let newest = (now + MODIFY_MILLIS, required.unwrap_or(was_required), enabled.unwrap_or(was_enabled));
                        modelled.options.push(newest);
                    }
                }
                Step::Stop(whom) => {
                    let Some(modelled) = pick(&mut model, whom) else { continue };
                    let done = fleet.stop(at(now), &modelled.id);
                    prop_assert_eq!(done.is_ok(), modelled.state != InstanceState::Terminated);
                    if done.is_ok() {
                        modelled.state = InstanceState::Stopped;
                    }
                }
                Step::Start(whom) => {
                    let Some(modelled) = pick(&mut model, whom) else { continue };
                    let done = fleet.start(at(now), &modelled.id);
                    prop_assert_eq!(done.is_ok(), modelled.state != InstanceState::Terminated);
                    if modelled.state == InstanceState::Stopped {
                        modelled.state = InstanceState::Running;
                        modelled.generation += 1;
                    }
                }
                Step::Terminate(whom) => {
                    let Some(modelled) = pick(&mut model, whom) else { continue };
                    let is_forgotten = modelled.ended.is_some_and(|ended| now >= ended + SHOWN_MILLIS);
                    prop_assert_eq!(fleet.terminate(at(now), &modelled.id).is_ok(), !is_forgotten);
                    modelled.state = InstanceState::Terminated;
                    modelled.ended.get_or_insert(now);
                }
                Step::Wait(millis) => {
                    now += millis;
                    fleet.handle_deadline(at(now));
                }
                Step::IssueToken { whom, ttl } => {
                    let Some(modelled) = pick(&mut model, whom) else { continue };
                    nonce += 1;
                    let field = format!("X-aws-ec2-metadata-token-ttl-seconds: {ttl}");
                    let answer = ask(&fleet, &modelled.id, now, nonce, "PUT /latest/api/token", &field);
                    let (_, enabled) = in_force(modelled, now);
                    let expected = match (modelled.state, enabled) {
                        (InstanceState::Running, true) => Some(200),
                        (InstanceState::Running, false) => Some(403),
                        _ => None,
                    };
                    prop_assert_eq!(answer.as_ref().map(|(status, _)| *status), expected);
                    if let Some((200, text)) = answer {
                        let (id, generation) = (modelled.id.clone(), modelled.generation);
                        let whom = model.iter().position(|modelled| modelled.id == id).unwrap();
                        tokens.push(Issued { text, whom, generation, expires: now + u64::from(ttl) * 1000 });
                    }
                }
                Step::Get { whom, token } => {
                    let count = model.len();
                    let Some(modelled) = pick(&mut model, whom) else { continue };
                    let token = token.filter(|_| !tokens.is_empty()).map(|token| &tokens[token % tokens.len()]);
                    let field = token.map_or(String::new(), |token| format!("X-aws-ec2-metadata-token: {}", token.text));
                    let answer = ask(&fleet, &modelled.id, now, 0, "GET /latest/meta-data/instance-id", &field);
                    let (required, enabled) = in_force(modelled, now);
                    let is_good = token.map(|token| {
                        token.whom == whom % count && token.generation == modelled.generation && now < token.expires
                    });
                    let expected = match (modelled.state, enabled, is_good) {
                        (InstanceState::Running, false, _) => Some(403),
                        (InstanceState::Running, true, Some(false)) => Some(401),
                        (InstanceState::Running, true, None) if required => Some(401),
                        (InstanceState::Running, true, _) => Some(200),
                        _ => None,
                    };
                    prop_assert_eq!(answer.as_ref().map(|(status, _)| *status), expected);
                    if let Some((200, body)) = answer {
                        prop_assert_eq!(body.as_str(), &*modelled.id, "nobody is served another's metadata");
                    }
                }
                Step::Restore => {
                    let text = fleet.snapshot();
                    fleet = Fleet::restore(&text, Settings::default(), at(now)).unwrap();
                    prop_assert_eq!(fleet.snapshot(), text);
                }
            }
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let whom = 0..8usize;
    prop_oneof![
        2 => any::<bool>().prop_map(|required| Step::Launch { required }),
        3 => (whom.clone(), any::<Option<bool>>(), any::<Option<bool>>())
            .prop_map(|(whom, required, enabled)| Step::Modify { whom, required, enabled }),
        1 => whom.clone().prop_map(Step::Stop),
        2 => whom.clone().prop_map(Step::Start),
        1 => whom.clone().prop_map(Step::Terminate),
        4 => prop_oneof![Just(1), Just(999), Just(1000), 0..3_000_000u64].prop_map(Step::Wait),
        4 => (whom.clone(), prop_oneof![Just(1), Just(21_600), 1..21_600u32])
            .prop_map(|(whom, ttl)| Step::IssueToken { whom, ttl }),
        8 => (whom, any::<Option<usize>>()).prop_map(|(whom, token)| Step::Get { whom, token }),
        1 => Just(Step::Restore),
    ]
}

fn pick(model: &mut [Modelled], whom: usize) -> Option<&mut Modelled> {
    let count = model.len();
    model.get_mut(whom.checked_rem(count)?)
}

fn in_force(modelled: &Modelled, now: u64) -> (bool, bool) {
    let (_, required, enabled) = modelled.options.iter().rev().find(|(from, ..)| *from <= now).unwrap();
    (*required, *enabled)
}

fn tokens_option(required: bool) -> HttpTokens {
    if required { HttpTokens::Required } else { HttpTokens::Optional }
}

/// The answer's status and body; none where nobody answers, and none either where the instance has been forgotten.
fn ask(fleet: &Fleet, id: &str, now: u64, nonce: u64, line: &str, field: &str) -> Option<(u16, String)> {
    let member = fleet.member(id)?;
    let address = member.instance().details().primary().local_ipv4s[0];
    let found = fleet.at(at(now), address.into()).filter(|found| **found.id() == *id)?;
    let mut connection = Connection::new(at(now), KeepAlive::Off);
    let field = if field.is_empty() { String::new() } else { format!("{field}\r\n") };
    connection.receive(at(now), format!("{line} HTTP/1.1\r\nHost: x\r\n{field}\r\n").as_bytes());
    let request = connection.next_request(at(now)).expect("a whole head is a request");
    let answer = found.instance().answer(at(now), &request, nonce);
    let mut bytes = Vec::new();
    answer.write(&mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    Some((answer.rule().status().code(), body.to_owned()))
}

fn at(millis: u64) -> Timestamp {
    Timestamp::parse_rfc3339("2026-01-01T12:00:00Z").unwrap().saturating_add_millis(millis)
}
