//! EC2's Query API.

use alloc::string::String;

use imds::Nonce;
use imds_ec2::query;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::service::{Service, timestamp};

/// A response of the API.
#[wasm_bindgen]
pub struct Ec2Response(query::QueryResponse);

#[wasm_bindgen]
impl Ec2Response {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The request's id.
    pub fn request_id(&self) -> String {
        self.0.request_id.clone()
    }

    /// The name of the action, if it is supported.
    pub fn action(&self) -> Option<String> {
        self.0.action.map(Into::into)
    }

    /// The error code, if the request failed.
    pub fn error(&self) -> Option<String> {
        self.0.error.map(|code| code.name.into())
    }

    /// The XML.
    pub fn body(&self) -> String {
        String::from_utf8_lossy(&self.0.body.clone().into_bytes()).into_owned()
    }
}

#[wasm_bindgen]
impl Service {
    /// Handles an API request. The form is the first `bytes` bytes of the input.
    pub fn ec2(&mut self, bytes: usize, now: f64) -> Ec2Response {
        let form = &self.input[..bytes.min(self.input.len())];
        let response = query::handle(&mut self.fleet, timestamp(now), form, Nonce::new(self.nonce));
        self.nonce = self.nonce.wrapping_add(1);
        Ec2Response(response)
    }
}
