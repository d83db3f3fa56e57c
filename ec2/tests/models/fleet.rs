//! A fleet beside a model of it that keeps everything and computes nothing: whatever is done in whatever order, both say the
//! same of who answers, with what, and why. Proptest and the fuzzer bring the order.

use imds::connection::KeepAlive;
use imds::record::{HttpTokens, MetadataOptionsChange, Name, Toggle};
use imds::{Connection, Context, Nonce, Seed, Timestamp};
use imds_ec2::fleet::{Fleet, InstanceState, Launch, Settings};

/// What is done, or asked. `whom` and `token` count round what there is.
#[derive(Debug, Clone)]
pub enum Step {
    Launch {
        required: bool,
    },
    Modify {
        whom: usize,
        required: Option<bool>,
        enabled: Option<bool>,
    },
    Stop(usize),
    Start(usize),
    Terminate(usize),
    Wait(u64),
    IssueToken {
        whom: usize,
        ttl: u32,
    },
    /// `altered` puts another character of tokens at a place of this one.
    Get {
        whom: usize,
        token: Option<usize>,
        altered: Option<(usize, u8)>,
    },
    /// A clone is changed, which is nothing to the fleet.
    Aside(usize),
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

/// What tokens are made of.
const CHARACTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=";
/// 2026-01-01T12:00:00Z.
const NOON: Timestamp = Timestamp::saturating_from_millis(1_767_268_800_000);
const MODIFY_MILLIS: u64 = 1000;
/// EC2 shows a terminated instance for an hour.
const SHOWN_MILLIS: u64 = 3_600_000;

/// Does the steps to a fleet and to the model. Panics where they differ.
pub fn run(steps: impl IntoIterator<Item = Step>) {
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
                let id = fleet.launch(at(now), &Launch::new(record)).unwrap().remove(0);
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
                assert_eq!(done.is_ok(), modelled.state != InstanceState::Terminated);
                if done.is_ok() {
                    let (_, was_required, was_enabled) = *modelled.options.last().unwrap();
                    // What is still pending comes with the newer change, at its time.
                    modelled.options.retain(|(from, ..)| *from <= now);
                    let newest =
                        (now + MODIFY_MILLIS, required.unwrap_or(was_required), enabled.unwrap_or(was_enabled));
                    modelled.options.push(newest);
                }
            }
            Step::Stop(whom) => {
                let Some(modelled) = pick(&mut model, whom) else { continue };
                let done = fleet.stop(at(now), &modelled.id);
                assert_eq!(done.is_ok(), modelled.state != InstanceState::Terminated);
                if done.is_ok() {
                    modelled.state = InstanceState::Stopped;
                }
            }
            Step::Start(whom) => {
                let Some(modelled) = pick(&mut model, whom) else { continue };
                let done = fleet.start(at(now), &modelled.id);
                assert_eq!(done.is_ok(), modelled.state != InstanceState::Terminated);
                if modelled.state == InstanceState::Stopped {
                    modelled.state = InstanceState::Running;
                    modelled.generation += 1;
                }
            }
            Step::Terminate(whom) => {
                let Some(modelled) = pick(&mut model, whom) else { continue };
                let is_forgotten = modelled.ended.is_some_and(|ended| now >= ended + SHOWN_MILLIS);
                assert_eq!(fleet.terminate(at(now), &modelled.id).is_ok(), !is_forgotten);
                modelled.state = InstanceState::Terminated;
                modelled.ended.get_or_insert(now);
            }
            Step::Wait(millis) => {
                now += millis;
                fleet.handle_timeout(at(now));
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
                assert_eq!(answer.as_ref().map(|(status, _)| *status), expected);
                if let Some((200, text)) = answer {
                    let (id, generation) = (modelled.id.clone(), modelled.generation);
                    let whom = model.iter().position(|modelled| modelled.id == id).unwrap();
                    tokens.push(Issued { text, whom, generation, expires: now + u64::from(ttl) * 1000 });
                }
            }
            Step::Get { whom, token, altered } => {
                let count = model.len();
                let Some(modelled) = pick(&mut model, whom) else { continue };
                let token = token.filter(|_| !tokens.is_empty()).map(|token| &tokens[token % tokens.len()]);
                let text = token.map(|token| shown(&token.text, altered));
                let field = text.as_ref().map_or(String::new(), |text| format!("X-aws-ec2-metadata-token: {text}"));
                let answer = ask(&fleet, &modelled.id, now, 0, "GET /latest/meta-data/instance-id", &field);
                let (required, enabled) = in_force(modelled, now);
                let is_good = token.map(|token| {
                    token.whom == whom % count
                        && token.generation == modelled.generation
                        && now < token.expires
                        && text.as_ref() == Some(&token.text)
                });
                let expected = match (modelled.state, enabled, is_good) {
                    (InstanceState::Running, false, _) => Some(403),
                    (InstanceState::Running, true, Some(false)) => Some(401),
                    (InstanceState::Running, true, None) if required => Some(401),
                    (InstanceState::Running, true, _) => Some(200),
                    _ => None,
                };
                assert_eq!(answer.as_ref().map(|(status, _)| *status), expected);
                if let Some((200, body)) = answer {
                    assert_eq!(body.as_str(), &*modelled.id, "nobody is served another's metadata");
                }
            }
            Step::Aside(whom) => {
                let Some(modelled) = pick(&mut model, whom) else { continue };
                let mut clone = fleet.clone();
                // Whatever comes of it.
                let _ = clone.stop(at(now), &modelled.id);
                let _ = clone.start(at(now), &modelled.id);
                let _ = clone.terminate(at(now), &modelled.id);
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

fn pick(model: &mut [Modelled], whom: usize) -> Option<&mut Modelled> {
    let count = model.len();
    model.get_mut(whom.checked_rem(count)?)
}

/// The token as it is shown: as it was issued, or with another character at a place.
fn shown(token: &str, altered: Option<(usize, u8)>) -> String {
    let mut text: Vec<char> = token.chars().collect();
    if let Some((place, character)) = altered {
        let place = place % text.len();
        text[place] = char::from(CHARACTERS[usize::from(character) % CHARACTERS.len()]);
    }
    text.into_iter().collect()
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
    let instance = fleet.instance(id)?;
    let address = instance.instance().details().primary().local_ipv4s[0];
    let found = fleet.find_by_address(at(now), address.into()).filter(|found| **found.id() == *id)?;
    let mut connection = Connection::new(at(now), KeepAlive::Off);
    let field = if field.is_empty() { String::new() } else { format!("{field}\r\n") };
    connection.receive(at(now), format!("{line} HTTP/1.1\r\nHost: x\r\n{field}\r\n").as_bytes());
    let request = connection.poll_request(at(now)).expect("a whole head is a request");
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
