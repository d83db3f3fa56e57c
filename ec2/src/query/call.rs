use alloc::string::String;
use alloc::vec::Vec;

use super::action::Action;
use super::error::Result;
use super::form::QueryForm;
use super::model::constants::VERSION;
use super::xml::{Sink, Xml};
use crate::fleet::Fleet;
use imds::time::Timestamp;

/// A call that can run again, with the same result.
#[derive(Clone)]
pub(super) struct Call {
    /// The fleet before the call.
    pub fleet: Fleet,
    pub now: Timestamp,
    pub action: &'static Action,
    pub form: QueryForm,
    pub request_id: String,
}

impl Call {
    /// Returns the document, if it was not sent and is short, and the fleet after the call.
    pub fn run<'s>(&self, send: Option<&'s mut Sink<'s>>) -> Result<(Option<Vec<u8>>, Fleet)> {
        let mut trial = self.fleet.clone();
        trial.handle_timeout(self.now);
        self.form.filter_steps().reset();
        let version = self.form.text("Version").unwrap_or(VERSION);
        let mut body = Xml::response(self.action.name, version, &self.request_id, send);
        (self.action.run)(&mut trial, self.now, &self.form, &mut body)?;
        self.form.filter_steps().check()?;
        Ok((body.finish(), trial))
    }

    /// Sends the document in chunks.
    pub fn send<'s>(&self, send: &'s mut Sink<'s>) {
        // The call has succeeded before, so it succeeds again.
        let _ = self.run(Some(send));
    }
}
