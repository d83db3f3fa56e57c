//! The cost of a call of the Query API, and its bounds. The tests of `query` and the fuzz target
//! `control` share them.

use std::ops::ControlFlow;

use imds::{Nonce, Timestamp, limits};
use imds_ec2::Fleet;
use imds_ec2::query::{self, QueryResponse};
use serde_json::Value;

/// What a call has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// The steps in which it compared values with filters.
    pub steps: u64,
    /// Bytes of the response.
    pub bytes_out: u64,
    /// Bytes of memory, at most at one time.
    pub bytes_at_once: u64,
}

impl Cost {
    /// The largest cost of a call with a form of `bytes_in` bytes. `size` is the [`size`] of the
    /// fleet after the call. A rejected call describes nothing of the fleet.
    pub fn bound(bytes_in: u64, size: u64, is_rejected: bool) -> Cost {
        let described = if is_rejected { 0 } else { size };
        Cost {
            steps: limits::FILTER_STEPS.min(STEPS_PER_BYTE_IN * bytes_in * size),
            bytes_out: BYTES_OUT + BYTES_OUT_PER_BYTE_IN * bytes_in + BYTES_OUT_PER_SIZE * described,
            bytes_at_once: BYTES_AT_ONCE + BYTES_AT_ONCE_PER_BYTE_IN * bytes_in + BYTES_AT_ONCE_PER_SIZE * size,
        }
    }

    fn is_within(&self, bound: &Cost) -> bool {
        self.steps <= bound.steps && self.bytes_out <= bound.bytes_out && self.bytes_at_once <= bound.bytes_at_once
    }
}

/// Makes a call, reads its response without keeping it, and returns both with the cost.
///
/// # Panics
///
/// If the cost is larger than its bound.
pub fn handle(fleet: &mut Fleet, now: Timestamp, form: &[u8], nonce: Nonce) -> (QueryResponse, Cost) {
    let mut bytes_out = 0;
    let mut response = None;
    let used = allocation_counter::measure(|| {
        let answer = query::handle(fleet, now, form, nonce);
        answer.body.send(|chunk| {
            bytes_out += chunk.len() as u64;
            ControlFlow::Continue(())
        });
        response = Some(answer);
    });
    let response = response.expect("the closure has run");
    let cost = Cost { steps: response.steps, bytes_out, bytes_at_once: used.bytes_max };
    let bound = |size| Cost::bound(form.len() as u64, size, response.error.is_some());
    // Most calls cost less than the bound for an empty fleet, and the size takes long to compute.
    if !cost.is_within(&bound(TABLES)) {
        let size = size(fleet);
        assert!(
            cost.is_within(&bound(size)),
            "{cost:?} is more than {:?}: {} bytes of form, a fleet of size {size}, {response:?}\n{:.400}",
            bound(size),
            form.len(),
            String::from_utf8_lossy(form)
        );
    }
    (response, cost)
}

/// The size of a fleet: the bytes of its snapshot, if every instance had its own copy of what
/// instances share, and the bytes of the tables that all fleets share.
pub fn size(fleet: &Fleet) -> u64 {
    let snapshot = fleet.snapshot();
    let json: Value = serde_json::from_str(&snapshot).expect("a snapshot is JSON");
    let items = |list: &str| json[list].as_array().expect("a snapshot has this list");
    let lengths = |list: &str| items(list).iter().map(|item| item.to_string().len()).collect::<Vec<_>>();
    let shared = [("template", "templates"), ("notes", "notes"), ("tags", "tags")];
    let shared = shared.map(|(key, list)| (key, lengths(list)));
    let of_instance = |instance: &Value| -> usize {
        let index = |key: &str| instance[key].as_u64().and_then(|index| usize::try_from(index).ok());
        shared.iter().map(|(key, lengths)| lengths[index(key).expect("an instance has this index")]).sum()
    };
    let copies: usize = items("members").iter().map(of_instance).sum();
    (snapshot.len() + copies) as u64 + TABLES
}

/// Bytes of the tables of regions and zones.
const TABLES: u64 = 4096;
/// A filter value of n bytes takes at most 1 + n / 64 steps for each character that it is compared
/// with. Its parameter has at least as many bytes, and each character is in the fleet.
const STEPS_PER_BYTE_IN: u64 = 1;
/// The elements of a response, and the longest text of an error.
const BYTES_OUT: u64 = 1024;
/// A byte of the form is escaped as at most 5 bytes, and an error repeats it at most twice.
const BYTES_OUT_PER_BYTE_IN: u64 = 10;
/// A value that takes 4 bytes of JSON, such as a product code, is an item of 4 lines, each indented.
const BYTES_OUT_PER_SIZE: u64 = 40;
/// A chunk of the response, and the vector that grows to hold it.
const BYTES_AT_ONCE: u64 = 256 * 1024;
/// The form as a sorted map, its lists and its filters.
const BYTES_AT_ONCE_PER_BYTE_IN: u64 = 32;
/// The versions of the fleet before and after the call.
const BYTES_AT_ONCE_PER_SIZE: u64 = 4;
