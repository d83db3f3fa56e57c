//! Recorded exchanges as text: parsed, replayed against the `imds` crate, and printed again.
//!
//! The first line is the transcript's claim. Steps follow, each with the lines that it is expected
//! to produce:
//!
//! ```text
//! # A token is requested with PUT.
//! instance default                        launches a record by name, or from JSON that ends before
//!                                         an empty line or the expected lines
//! fleet article-fleet                     launches a fleet, likewise
//! at 10.0.0.68                            selects the instance of the next connections by address or
//!                                         id; the default is the one that was launched first
//! ec2 Action=TerminateInstances           calls EC2's Query API; lines that begin with & continue
//!                                         the form
//! clock 2026-01-01T00:00:00Z              sets the time
//! wait 250ms                              lets time pass: ms, s, min or h
//! seed 2a                                 sets the seed of the next instance
//! keep-alive on                           for the next connections: on or off
//! modify {"http_tokens":"required"} after 2s
//!                                         changes the metadata options; they apply after this time
//! restart                                 stops and starts the instance
//! throttled                               the next request is answered as throttled
//! connect                                 opens a connection; sending opens one if none is open
//! end                                     the client closes its side of the connection
//! stall                                   the client stops reading
//! limit head-bytes                        names a limit that the transcript covers
//! > GET /{a*100} HTTP/1.1                 sends a line; consecutive lines are sent at once
//! > X-Aws-Ec2-Metadata-Token: {token}     sends the token that was issued last
//! >- GET                                  sends without a line end
//! < HTTP/1.1 200 OK                       expects a line of the response
//! = rule serve.v1                         expects the rule that decided the response
//! = hop-limit 1                           expects the hop limit of the response's packets
//! = close Answered                        expects the connection to close, for this reason
//! = drain Unframed                        expects it to close after the remaining input is dropped
//! = silence                               expects no response
//! = event launched i-034109c70aaa4b055    expects an event of the fleet
//! ```
//!
//! Sent lines end with CR LF. `\r`, `\n`, `\t`, `\\`, `\{` and `\xHH` stand for one byte. Expected
//! lines contain the response head line by line, an empty line, and the body with a new line after
//! each line feed, so the text determines every byte. In them, `{token}` matches any token and a
//! line `< {body}` matches any body. Lines that begin with `#` are comments.

mod parse;
mod run;
mod steps;

pub use run::{Chunking, Difference, Run};
#[doc(hidden)]
pub use steps::{Action, Fragment, Recipient, Step, concat};
pub use steps::{Input, Transcript, TranscriptError};
