//! One request on its own connection, as the npm package's `handle` answers it. The benchmark of
//! the package compares itself with these figures.

use std::hint::black_box;

use imds::connection::KeepAlive;
use imds::{Connection, Context, Nonce, Scratch};

use crate::cases::{Case, ResponseKind, Subject, cases};
use crate::nanoseconds;

/// Prints a line for each case with curl's headers: nanoseconds, name, and the request in
/// hexadecimal.
pub fn print() {
    let mut subject = Subject::new();
    let cases = cases(&mut subject);
    let mut nonce = 0;
    let mut scratch = Scratch::new();
    let mut connection = Connection::new(subject.now, KeepAlive::Off);
    // The token is always the same.
    let repeats = |case: &&Case| case.client == "curl" && case.kind != ResponseKind::Metadata { token_is_known: false };
    for case in cases.iter().filter(repeats) {
        let request = case.request(0);
        let time = nanoseconds(|| {
            connection.reset(subject.now, KeepAlive::Off);
            connection.receive(subject.now, black_box(request));
            let request = connection.poll_request(subject.now).expect("the request is whole");
            nonce += 1;
            let context = Context::new(Nonce::new(nonce));
            let answer = subject.instance.answer_with(subject.now, &request, context, &mut scratch);
            connection.respond_with(subject.now, &answer.response, &mut scratch).expect("a request is outstanding");
            connection.poll_transmit().map_or(0, |transmit| black_box(transmit.bytes).len())
        });
        let hex: String = request.iter().map(|byte| format!("{byte:02x}")).collect();
        println!("{time:.0}\t{}\t{hex}", case.name);
    }
}
