//! A connection for each token.

use std::io::{BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::{self, Answer, Nonce, PUT};
use crate::report::{Progress, Tally, is_flat, mebibytes};
use crate::server::Server;

pub fn run(count: usize, binary: &Path) -> Result<(), String> {
    let server = Server::start(binary, &[])?;
    let first = WARM_UP.min(count);
    let progress = Progress::new();
    let started = Instant::now();
    let mut tally = ask(server.address, first, started, &progress);
    let warm = server.resident();
    tally.add(ask(server.address, count - first, started, &progress));
    let seconds = started.elapsed().as_secs_f64();
    let end = server.resident();
    drop(progress);

    println!(" requests  errors  seconds  requests/s  RSS after {first:>5}  RSS at the end");
    println!(
        "{count:>9} {:>7} {seconds:>8.1} {:>11.0} {:>16} {:>15}",
        tally.errors.len(),
        count as f64 / seconds,
        mebibytes(warm),
        mebibytes(end),
    );
    tally.holds(count)?;
    is_flat(warm, end)
}

/// Asks so many times, some at a time.
fn ask(server: SocketAddr, count: usize, started: Instant, progress: &Progress) -> Tally {
    let begun = AtomicUsize::new(0);
    let worker = || {
        let mut tally = Tally::default();
        while begun.fetch_add(1, Ordering::Relaxed) < count {
            tally.note(if started.elapsed() < TIME_LIMIT {
                ask_once(server)
            } else {
                Err(format!("not sent within {} s", TIME_LIMIT.as_secs()))
            });
            progress.note();
        }
        tally
    };
    let mut all = Tally::default();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_A_TIME).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            all.add(worker.join().expect("no worker panics"));
        }
    });
    all
}

fn ask_once(server: SocketAddr) -> Result<Nonce, String> {
    let mut stream = client::connect(server).map_err(|error| error.to_string())?;
    stream.write_all(PUT).map_err(|error| error.to_string())?;
    let mut stream = BufReader::with_capacity(1024, stream);
    let mut answer = Answer::default();
    answer.read(&mut stream)?;
    client::ends(&mut stream)?;
    answer.nonce()
}

const AT_A_TIME: usize = 64;
/// How many requests the server may use to take up the memory that it works in.
const WARM_UP: usize = 1_000;
const TIME_LIMIT: Duration = Duration::from_secs(600);
