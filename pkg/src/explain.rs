//! Changes that would turn a decision.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use imds::connection::KeepAlive;
use imds::explain::explain;
use imds::{Connection, Context, Nonce};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::ImdsError;
use crate::service::{Service, find_instance, first_request, json, timestamp};

#[wasm_bindgen]
impl Service {
    /// The single changes that would turn the decision on the first request in the input, as JSON.
    ///
    /// # Errors
    /// `no-such-instance` if no instance answers, `incomplete` if the request is not complete.
    pub fn explain(
        &self,
        bytes: usize,
        now: f64,
        target: Option<String>,
        ipv6: bool,
        hops: Option<u8>,
        throttled: bool,
    ) -> Result<String, ImdsError> {
        #[derive(Serialize)]
        struct Turn {
            change: &'static str,
            text: String,
            rule: &'static str,
            status: u16,
            reaches: bool,
        }
        let now = timestamp(now);
        let instance = find_instance(&self.fleet, now, target.as_deref(), ipv6).ok_or_else(|| {
            let target = target.as_deref().unwrap_or("the default target");
            ImdsError::new("no-such-instance", format!("no running instance answers at {target}"))
        })?;
        let mut connection = Connection::new(now, KeepAlive::Off);
        let turns = first_request(&mut connection, now, self.input(bytes), |request| {
            let context = Context::new(Nonce::new(self.nonce)).throttled(throttled);
            explain(instance.instance(), now, &request, context, hops)
        });
        let turns = turns.ok_or_else(|| {
            ImdsError::new("incomplete", "the request is incomplete: end its head with an empty line")
        })?;
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
