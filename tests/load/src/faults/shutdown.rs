//! SIGTERM while many ask.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::Seen;
use crate::client::{self, Answer, GET};
use crate::server::Server;

/// Stops a server that is being asked: what it began to answer it answers whole.
pub fn under_load(_: usize, binary: &Path) -> Result<Seen, String> {
    let mut server = Server::start(binary, &[])?;
    let address = server.address;
    let over = AtomicBool::new(false);
    let mut memory = (None, None);
    let mut took = Duration::ZERO;
    let asked = thread::scope(|scope| {
        let asking: Vec<_> = (0..ASKING).map(|_| scope.spawn(|| ask_until(address, &over))).collect();
        thread::sleep(BEFORE / 2);
        memory.0 = server.resident();
        thread::sleep(BEFORE / 2);
        memory.1 = server.resident();
        let started = Instant::now();
        let ended = server.stop();
        took = started.elapsed();
        over.store(true, Ordering::Relaxed);
        let mut asked = Asked::default();
        for one in asking {
            let one = one.join().expect("no worker panics")?;
            asked.whole += one.whole;
            asked.unheard += one.unheard;
            asked.slowest = asked.slowest.max(one.slowest);
        }
        match ended?.code() {
            Some(0) => Ok(asked),
            code => Err(format!("it ended with {code:?}")),
        }
    })?;
    Ok(Seen {
        tried: format!("{ASKING} askers, {} answers before the end", asked.whole),
        did: format!("it ended with 0 after {:.0} ms; no answer was cut", took.as_secs_f64() * 1000.0),
        slowest: asked.slowest,
        memory,
        kept: 0,
    })
}

#[derive(Default)]
struct Asked {
    whole: usize,
    /// Connections that ended before an answer began.
    unheard: usize,
    slowest: Duration,
}

/// Asks until the server is not there any more. An answer that begins has to be whole.
fn ask_until(address: SocketAddr, over: &AtomicBool) -> Result<Asked, String> {
    let mut asked = Asked::default();
    while !over.load(Ordering::Relaxed) {
        let started = Instant::now();
        let Ok(mut stream) = client::connect(address) else {
            asked.unheard += 1;
            thread::sleep(Duration::from_millis(1));
            continue;
        };
        let sent = stream.write_all(GET);
        let mut stream = BufReader::new(stream);
        if sent.is_err() || stream.fill_buf().map_or(true, <[u8]>::is_empty) {
            asked.unheard += 1;
            continue;
        }
        let mut answer = Answer::default();
        answer.read(&mut stream)?;
        answer.is_leaf()?;
        asked.whole += 1;
        asked.slowest = asked.slowest.max(started.elapsed());
    }
    Ok(asked)
}

const ASKING: usize = 16;
const BEFORE: Duration = Duration::from_millis(600);
