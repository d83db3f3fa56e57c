//! Replays the calls of every transcript, which `imds-pkg-build calls` writes.

#[path = "../src/imds.rs"]
mod imds;

use imds::Imds;
use wasmi::Val::{self, I32, I64};

#[test]
fn every_transcript_has_its_native_results() {
    let file = |name| std::fs::read(std::env::var_os(name).unwrap_or_else(|| panic!("{name} is not set"))).unwrap();
    let calls = String::from_utf8(file("IMDS_CALLS")).unwrap();
    let mut replay = Replay { imds: Imds::new(&file("IMDS_CORE")).unwrap(), connection: 0 };
    let (mut transcript, mut transcripts) = ("", 0);
    for line in calls.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        if let ["transcript", path] = words[..] {
            (transcript, transcripts) = (path, transcripts + 1);
            continue;
        }
        let expected = match words[0] {
            "answer" => words[3..].join(" "),
            "receive" => words[3].to_owned(),
            "transmit" | "timeout" | "state" => words[1..].join(" "),
            _ => "0".to_owned(),
        };
        assert_eq!(replay.call(&words), expected, "{transcript}: {line}");
    }
    assert!(transcripts >= 20, "{transcripts} transcripts");
}

struct Replay {
    imds: Imds,
    connection: i32,
}

impl Replay {
    /// Makes the call of a line and returns its result.
    fn call(&mut self, words: &[&str]) -> String {
        let connection = I32(self.connection);
        let result = match *words {
            ["launch", now, nonce, seed, record] => {
                let (seed, record) = (bytes(seed), bytes(record));
                let at = self.imds.write(&[&seed[..], &record].concat());
                let nonce = I64(nonce.parse::<u64>().unwrap() as i64);
                let (seed, end) = (seed.len() as i32, at + seed.len() as i32);
                let arguments = [millis(now), nonce, I32(at), I32(seed), I32(end), I32(record.len() as i32)];
                self.imds.call("imds_launch", &arguments)
            }
            ["modify", now, effective, change] => {
                let change = self.write(change);
                self.imds.call("imds_modify_options", &[&[millis(now), millis(effective)], &change[..]].concat())
            }
            ["open", now, flags] => {
                self.connection = self.imds.call("imds_open", &[millis(now), number(flags), I32(-1)]);
                if self.connection == 0 { -1 } else { 0 }
            }
            ["receive", now, received, _] => {
                let received = self.write(received);
                self.imds.call("imds_receive", &[&[connection, millis(now)], &received[..]].concat())
            }
            ["eof"] => self.imds.call("imds_receive_eof", &[connection]),
            ["answer", now, flags, ..] => {
                let at = self.imds.call("imds_answer", &[connection, millis(now), millis(now), number(flags)]);
                return self.exchange(at);
            }
            ["transmit", ..] => {
                let at = self.imds.call("imds_poll_transmit", &[connection]);
                return format!("{} {}", self.word(at + 4), self.word(at + 8));
            }
            ["advance", now, length] => {
                self.imds.call("imds_advance_transmit", &[connection, millis(now), number(length)])
            }
            ["timeout", ..] => {
                let at = self.imds.call("imds_poll_timeout", &[connection]);
                if at == 0 {
                    return "none".to_owned();
                }
                let due = f64::from_le_bytes(self.imds.read(at));
                let timer = self.word(at + 8);
                return format!("{due} {}", self.name("imds_timer_name", timer));
            }
            ["handle-timeout", now] => self.imds.call("imds_handle_timeout", &[connection, millis(now)]),
            ["state", ..] => {
                let connection = [connection];
                let state = self.imds.call("imds_state", &connection);
                let reason = match self.imds.call("imds_close_reason", &connection) {
                    0 => "none".to_owned(),
                    reason => self.name("imds_close_reason_name", reason as u32),
                };
                return format!("{state} {reason}");
            }
            ["close"] => self.imds.call("imds_close", &[connection]),
            _ => panic!("unknown call {words:?}"),
        };
        result.to_string()
    }

    fn exchange(&mut self, at: i32) -> String {
        if at == 0 {
            return "none".to_owned();
        }
        let [status, rule, hop_limit] = [20, 24, 28].map(|offset| self.word(at + offset));
        let response: String = self.imds.bytes(at + 8).iter().map(|byte| format!("{byte:02x}")).collect();
        let response = if response.is_empty() { "-" } else { &response };
        format!("{status} {} {hop_limit} {response}", self.name("imds_rule_id", rule))
    }

    /// Copies hexadecimal bytes to the module and returns their address and length.
    fn write(&mut self, hexadecimal: &str) -> [Val; 2] {
        let bytes = bytes(hexadecimal);
        [I32(self.imds.write(&bytes)), I32(bytes.len() as i32)]
    }

    fn name(&mut self, function: &str, number: u32) -> String {
        let at = self.imds.call(function, &[I32(number as i32)]);
        String::from_utf8(self.imds.bytes(at)).unwrap()
    }

    fn word(&self, at: i32) -> u32 {
        u32::from_le_bytes(self.imds.read(at))
    }
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.trim_matches('-');
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn number(text: &str) -> Val {
    I32(text.parse().unwrap())
}

fn millis(text: &str) -> Val {
    text.parse::<f64>().unwrap().into()
}
