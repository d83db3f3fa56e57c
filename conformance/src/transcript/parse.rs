use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::steps::{Action, Fragment, Recipient, Step, Transcript, TranscriptError};
use imds::connection::KeepAlive;
use imds::record::read_json;
use imds::seed::Seed;
use imds::time::Timestamp;

impl Transcript {
    /// Parses a transcript.
    ///
    /// # Errors
    ///
    /// The first line that is not a step, a comment or an expected line.
    pub fn parse(text: &str) -> Result<Transcript, TranscriptError> {
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line)).peekable();
        let claim = match lines.peek() {
            Some((_, line)) if line.starts_with("# ") => line[2..].to_string(),
            _ => return Err(error(1, "expected the claim in the first line: `# …`")),
        };
        let mut steps: Vec<Step> = Vec::new();
        let mut limits = Vec::new();
        let mut source = String::new();
        while let Some((number, line)) = lines.next() {
            push_line(&mut source, line);
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let action = match word {
                "" | "#" => continue,
                "limit" => {
                    limits.push(rest.to_string());
                    continue;
                }
                ">" | ">-" => {
                    let mut fragments = Vec::new();
                    push_sent(line, number, &mut fragments)?;
                    while let Some((number, line)) = lines.next_if(|(_, line)| line.starts_with('>')) {
                        push_line(&mut source, line);
                        push_sent(line, number, &mut fragments)?;
                    }
                    Action::Send(fragments)
                }
                "instance" | "fleet" if rest.starts_with('{') => {
                    let mut json = rest.to_string();
                    while let Some((_, line)) =
                        lines.next_if(|(_, line)| !line.is_empty() && !line.starts_with(['=', '<']))
                    {
                        push_line(&mut source, line);
                        json.push('\n');
                        json.push_str(line);
                    }
                    if word == "fleet" { Action::Fleet(json) } else { Action::Instance(json) }
                }
                "ec2" => {
                    let mut form = rest.to_string();
                    while let Some((_, line)) = lines.next_if(|(_, line)| line.starts_with('&')) {
                        push_line(&mut source, line);
                        form.push_str(line);
                    }
                    Action::Call(form)
                }
                "<" | "=" => {
                    source.clear();
                    let step = steps.last_mut().ok_or_else(|| error(number, "expected a step before this line"))?;
                    step.expected.push(line.to_string());
                    continue;
                }
                _ => one_line_action(word, rest).map_err(|reason| TranscriptError { line: number, reason })?,
            };
            steps.push(Step { source: core::mem::take(&mut source), action, expected: Vec::new(), line: number });
        }
        Ok(Transcript { claim, steps, rest: source, limits })
    }
}

fn one_line_action(word: &str, rest: &str) -> Result<Action, String> {
    Ok(match (word, rest) {
        ("instance", name) => Action::NamedInstance(name.to_string()),
        ("fleet", name) => Action::NamedFleet(name.to_string()),
        ("at", recipient) => Action::At(match recipient.parse() {
            Ok(address) => Recipient::Address(address),
            Err(_) => Recipient::Id(recipient.to_string()),
        }),
        ("clock", time) => Action::Clock(Timestamp::parse_rfc3339(time).map_err(|error| error.to_string())?),
        ("wait", duration) => Action::Wait(millis(duration)?),
        ("seed", hex) => Action::Seed(Seed::parse_hex(hex).map_err(|error| error.to_string())?),
        ("keep-alive", "on") => Action::KeepAlive(KeepAlive::On),
        ("keep-alive", "off") => Action::KeepAlive(KeepAlive::Off),
        ("modify", change) => {
            let (json, after) = change.split_once(" after ").unwrap_or((change, "0ms"));
            let change = read_json(json).map_err(|error| error.to_string())?;
            Action::Modify { change, after_millis: millis(after)? }
        }
        ("restart", "") => Action::Restart,
        ("throttled", "") => Action::Throttled,
        ("connect", "") => Action::Connect,
        ("end", "") => Action::End,
        ("stall", "") => Action::Stall,
        _ => return Err(format!("unknown step `{word}` with the argument `{rest}`")),
    })
}

fn millis(duration: &str) -> Result<u64, String> {
    let invalid = || format!("invalid duration `{duration}`; use for example 250ms, 2s, 1min or 6h");
    let digits = duration.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = duration.split_at(digits);
    let factor = match unit {
        "ms" => 1,
        "s" => 1000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(invalid()),
    };
    let number: u64 = number.parse().map_err(|_| invalid())?;
    Ok(number.saturating_mul(factor))
}

fn push_sent(line: &str, number: usize, fragments: &mut Vec<Fragment>) -> Result<(), TranscriptError> {
    let (text, has_line_end) = match line.strip_prefix(">-") {
        Some(rest) => (rest.strip_prefix(' ').unwrap_or(rest), false),
        None => (line[1..].strip_prefix(' ').unwrap_or(&line[1..]), true),
    };
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        match first {
            '\\' => {
                let (byte, length) = escape(rest)
                    .ok_or_else(|| error(number, "invalid escape; use \\r, \\n, \\t, \\\\, \\{ or \\xHH"))?;
                bytes.push(byte);
                rest = &rest[length..];
            }
            '{' => {
                let (inside, after) = rest.split_once('}').ok_or_else(|| error(number, "`{` without `}`"))?;
                rest = after;
                if inside == "token" {
                    fragments.push(Fragment::Bytes(core::mem::take(&mut bytes)));
                    fragments.push(Fragment::Token);
                } else {
                    let (text, times) = repetition(inside)
                        .ok_or_else(|| error(number, "invalid braces; use `{token}` or `{text*times}`"))?;
                    bytes.extend_from_slice(text.repeat(times).as_bytes());
                }
            }
            other => bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    if has_line_end {
        bytes.extend_from_slice(b"\r\n");
    }
    fragments.push(Fragment::Bytes(bytes));
    Ok(())
}

fn repetition(inside: &str) -> Option<(&str, usize)> {
    let (text, times) = inside.rsplit_once('*')?;
    let times = times.parse().ok().filter(|times| *times <= MAX_REPETITIONS)?;
    Some((text, times))
}

/// The byte of an escape, and the length of the escape without its backslash.
fn escape(text: &str) -> Option<(u8, usize)> {
    Some(match text.as_bytes() {
        [b'r', ..] => (b'\r', 1),
        [b'n', ..] => (b'\n', 1),
        [b't', ..] => (b'\t', 1),
        [byte @ (b'\\' | b'{'), ..] => (*byte, 1),
        [b'x', ..] => {
            // `from_str_radix` also accepts a sign.
            let digits = text.get(1..3).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
            (u8::from_str_radix(digits, 16).ok()?, 3)
        }
        _ => return None,
    })
}

fn push_line(source: &mut String, line: &str) {
    source.push_str(line);
    source.push('\n');
}

fn error(line: usize, reason: &str) -> TranscriptError {
    TranscriptError { line, reason: reason.to_string() }
}

/// Bounds the memory that a transcript can request.
const MAX_REPETITIONS: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::Transcript;
    use crate::transcript::Input;

    #[test]
    fn hex_escapes_are_two_hexadecimal_digits() {
        let parse = |escape| Transcript::parse(&format!("# A claim.\n>- {escape}\n"));
        for (escape, byte) in [("\\x0f", 0x0f), ("\\xF0", 0xf0)] {
            let transcript = parse(escape).unwrap();
            assert!(transcript.inputs("").eq([Input::Bytes([byte].into())]), "{escape}");
        }
        for escape in ["\\x+f", "\\x-1", "\\x f", "\\xf", "\\x", "\\xfg"] {
            let error = parse(escape).unwrap_err();
            assert_eq!((error.line, error.reason.starts_with("invalid escape")), (2, true), "{escape}");
        }
    }
}
