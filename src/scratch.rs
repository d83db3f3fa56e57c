//! Results of earlier answers that make the next one cheaper.

use core::fmt;

use crate::http::KeptHeads;
use crate::token::TokenMemo;

/// Results of earlier answers, which the caller owns: the last response heads, and the last token
/// that was valid.
///
/// **Answers are the same with any scratch and without one.** So one scratch can serve any
/// instances and connections, for example all those of a thread. It has a fixed size and allocates
/// nothing. `Debug` does not show its content, because that includes a token and its key.
///
/// ```
/// use imds::connection::KeepAlive;
/// use imds::{Connection, Context, Instance, Nonce, Record, Scratch, Seed, Timestamp};
///
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z")?;
/// let instance = Instance::new(&Record::from_json(r#"{ "instance_type": "t3.micro" }"#)?, &Seed::parse_hex("2a")?, now)?;
/// let mut scratch = Scratch::new();
/// let mut connection = Connection::new(now, KeepAlive::On);
/// for nonce in 0..2 {
///     connection.receive(now, b"GET /latest/meta-data/instance-type HTTP/1.1\r\nHost: x\r\n\r\n");
///     let request = connection.poll_request(now).ok_or("the request is whole")?;
///     let answer = instance.answer_with(now, &request, Context::new(Nonce::new(nonce)), &mut scratch);
///     connection.respond_with(now, &answer.response, &mut scratch)?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Scratch {
    pub(crate) heads: KeptHeads,
    pub(crate) token: TokenMemo,
}

impl Scratch {
    /// An empty scratch.
    pub const fn new() -> Scratch {
        Scratch { heads: KeptHeads::NONE, token: TokenMemo::NONE }
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch").finish_non_exhaustive()
    }
}
