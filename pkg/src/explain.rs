//! What would turn a decision.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use imds::connection::KeepAlive;
use imds::explain::explain;
use imds::{Connection, Context, Nonce};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::Thrown;
use crate::service::{Service, asked, first_request, json, timestamp};

#[wasm_bindgen]
impl Service {
    /// What would turn the decision on the first request among so many bytes of the input, as JSON.
    pub fn explain(
        &self,
        bytes: usize,
        now: f64,
        whom: Option<String>,
        ipv6: bool,
        hops: Option<u8>,
        throttled: bool,
    ) -> Result<String, Thrown> {
        #[derive(Serialize)]
        struct Turn {
            change: &'static str,
            text: String,
            rule: &'static str,
            status: u16,
            reaches: bool,
        }
        let now = timestamp(now);
        let member = asked(&self.fleet, now, whom.as_deref(), ipv6)
            .ok_or_else(|| Thrown::new("no-such-instance", "no instance answers there"))?;
        let mut connection = Connection::new(now, KeepAlive::Off);
        let turns = first_request(&mut connection, now, self.bytes_in(bytes), |request| {
            let context = Context::new(Nonce::new(self.nonce)).throttled(throttled);
            explain(member.instance(), now, &request, context, hops)
        });
        let turns = turns.ok_or_else(|| Thrown::new("incomplete", "the request is not whole"))?;
        let turns = turns.iter().map(|turn| Turn {
            change: turn.change.id(),
            text: turn.change.to_string(),
            rule: turn.rule.id,
            status: turn.rule.status().code(),
            reaches: turn.reaches,
        });
        Ok(json(&turns.collect::<Vec<_>>()))
    }
}
