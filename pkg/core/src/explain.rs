//! The changes that would turn a decision.

use alloc::collections::VecDeque;
use alloc::string::{String, ToString};
use core::ptr;

use imds::explain::Counterfactual;
use imds::rules::RULES;

use crate::layout::{Change, Text};

/// The changes that are not returned yet, and the last one that is.
pub struct Changes {
    found: VecDeque<Counterfactual>,
    text: String,
    change: Change,
}

impl Changes {
    pub const fn new() -> Changes {
        Changes { found: VecDeque::new(), text: String::new(), change: Change::EMPTY }
    }

    /// Replaces the changes, and returns how many there are.
    pub fn set(&mut self, found: impl Into<VecDeque<Counterfactual>>) -> i32 {
        self.found = found.into();
        self.found.len() as i32
    }

    /// The next change; null if there is none.
    pub fn poll(&mut self) -> *const Change {
        let Some(found) = self.found.pop_front() else { return ptr::null() };
        self.text = found.change.to_string();
        self.change = Change {
            id: Text::of(found.change.id()),
            text: Text::of(&self.text),
            rule: RULES.iter().position(|rule| ptr::eq(rule, found.rule)).unwrap_or_default() as u32,
            status: found.rule.status().code().into(),
            reaches: found.reaches.into(),
        };
        &self.change
    }
}
