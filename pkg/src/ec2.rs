//! EC2's Query API.

use alloc::string::String;

use imds::Nonce;
use imds_ec2::query;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::service::{Service, timestamp};

/// What `ec2` gives.
#[wasm_bindgen]
pub struct Reply(query::QueryResponse);

#[wasm_bindgen]
impl Reply {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The request's id.
    pub fn request_id(&self) -> String {
        self.0.request_id.clone()
    }

    /// The action, where there is one of that name.
    pub fn action(&self) -> Option<String> {
        self.0.action.map(Into::into)
    }

    /// The error's code, where it is refused.
    pub fn error(&self) -> Option<String> {
        self.0.error.map(|code| code.name.into())
    }

    /// The XML.
    pub fn body(&self) -> String {
        String::from_utf8_lossy(&self.0.body).into_owned()
    }
}

#[wasm_bindgen]
impl Service {
    /// EC2's API: so many bytes of the input are the form.
    pub fn ec2(&mut self, bytes: usize, now: f64) -> Reply {
        let form = &self.input[..bytes.min(self.input.len())];
        let reply = query::handle(&mut self.fleet, timestamp(now), form, Nonce::new(self.nonce));
        self.nonce = self.nonce.wrapping_add(1);
        Reply(reply)
    }
}
