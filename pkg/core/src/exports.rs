//! The exported functions. docs/abi.md documents them.

use crate::fault::{Fault, IMDS_ERROR_HANDLE, Return};
#[cfg(feature = "explain")]
use crate::layout::Change;
use crate::layout::{Exchange, Options, Text, Timeout, Transmit};
use crate::memory::Export;
use crate::service::Service;

exports! {
    /// Memory for `length` bytes, in which a host of the WebAssembly module passes them.
    fn imds_input(service, length: usize) -> *mut u8 {
        service.input(length)
    }

    /// Launches the instance that a record describes, in place of an earlier one.
    fn imds_launch(service, now: f64, nonce: u64; seed + seed_length, record + record_length) -> i32 {
        service.launch(now, nonce, seed, record)
    }

    /// Sets the nonce of the next answer. Each answer increments it.
    fn imds_set_nonce(service, nonce: u64) -> i32 {
        service.set_nonce(nonce)
    }

    /// Makes the tokens of every other generation void.
    fn imds_set_generation(service, generation: u64) -> i32 {
        service.set_generation(generation)
    }

    /// Requests a change of the metadata options, as JSON, that takes effect at `effective`.
    fn imds_modify_options(service, now: f64, effective: f64; change + change_length) -> i32 {
        service.modify_options(now, effective, change)
    }

    /// The metadata options as last requested.
    fn imds_get_options(service, now: f64) -> *const Options {
        service.options(now, false)
    }

    /// The metadata options in force.
    fn imds_get_options_in_force(service, now: f64) -> *const Options {
        service.options(now, true)
    }

    /// Answers the first request in the bytes, as on a new connection.
    fn imds_handle(service, now: f64, flags: u32, hops: i32; bytes + length) -> *const Exchange {
        service.handle(now, flags, hops, bytes)
    }

    /// Finds the single changes that would turn the decision on a request, and returns how many.
    #[cfg(feature = "explain")]
    fn imds_explain(service, now: f64, flags: u32, hops: i32; bytes + length) -> i32 {
        service.explain(now, flags, hops, bytes)
    }

    /// The next change that `imds_explain` found; null if there is none.
    #[cfg(feature = "explain")]
    fn imds_poll_change(service) -> *const Change {
        Ok(service.changes.poll())
    }

    /// Opens a connection and returns its handle.
    fn imds_open(service, now: f64, flags: u32, hops: i32) -> u32 {
        service.open(now, flags, hops)
    }

    /// Frees a connection.
    fn imds_close(service, connection: u32) -> i32 {
        service.close(connection)
    }

    /// Takes received bytes and returns how many.
    fn imds_receive(service, connection: u32, now: f64; bytes + length) -> isize {
        service.receive(connection, now, bytes)
    }

    /// The client sends no more bytes.
    fn imds_receive_eof(service, connection: u32) -> i32 {
        service.receive_eof(connection)
    }

    /// Answers the next complete request; null if there is none. `wall` is the time of the wall clock.
    fn imds_answer(service, connection: u32, now: f64, wall: f64, flags: u32) -> *const Exchange {
        service.answer(connection, now, wall, flags)
    }

    /// The bytes to send; null if there are none, or if they would not reach the client.
    fn imds_poll_transmit(service, connection: u32) -> *const Transmit {
        service.poll_transmit(connection)
    }

    /// Marks the first `bytes` of the bytes to send as sent.
    fn imds_advance_transmit(service, connection: u32, now: f64, bytes: usize) -> i32 {
        service.advance_transmit(connection, now, bytes)
    }

    /// The next timeout; null if there is none.
    fn imds_poll_timeout(service, connection: u32) -> *const Timeout {
        service.poll_timeout(connection)
    }

    /// Handles the timeouts that are due.
    fn imds_handle_timeout(service, connection: u32, now: f64) -> i32 {
        service.handle_timeout(connection, now)
    }

    /// Answers the requests that have begun, then closes.
    fn imds_shut_down(service, connection: u32) -> i32 {
        service.shut_down(connection)
    }

    /// The state of a connection.
    fn imds_state(service, connection: u32) -> i32 {
        service.state(connection)
    }

    /// Why a connection closes; 0 if it stays open.
    fn imds_close_reason(service, connection: u32) -> i32 {
        service.close_reason(connection)
    }

    /// 1 if a connection has room for more bytes.
    fn imds_wants_read(service, connection: u32) -> i32 {
        service.wants_read(connection)
    }

    /// The id of the rule with this index.
    fn imds_rule_id(service, rule: u32) -> *const Text {
        service.rule_id(rule)
    }

    /// The name of a close reason.
    fn imds_close_reason_name(service, reason: u32) -> *const Text {
        service.close_reason_name(reason)
    }

    /// The name of a timer.
    fn imds_timer_name(service, timer: u32) -> *const Text {
        service.timer_name(timer)
    }
}
