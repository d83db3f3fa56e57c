//! Token requests, each on its own connection.

use std::io::{BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::{self, Nonce, PUT, Response};
use crate::report::{Progress, Tally, check_memory, mebibytes};
use crate::server::Server;

pub fn run(count: usize, binary: &Path) -> Result<(), String> {
    let server = Server::start(binary, &[])?;
    let first = WARM_UP.min(count);
    let progress = Progress::new();
    let started = Instant::now();
    let mut tally = request_many(server.address, first, started, &progress);
    let warm = server.resident();
    tally.extend(request_many(server.address, count - first, started, &progress));
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
    tally.check(count)?;
    check_memory(warm, end)
}

/// Requests `count` tokens on [`CONCURRENCY`] threads.
fn request_many(server: SocketAddr, count: usize, started: Instant, progress: &Progress) -> Tally {
    let sent = AtomicUsize::new(0);
    let worker = || {
        let mut tally = Tally::default();
        while sent.fetch_add(1, Ordering::Relaxed) < count {
            tally.push(if started.elapsed() < TIME_LIMIT {
                request_one(server)
            } else {
                Err(format!("not sent within {} s", TIME_LIMIT.as_secs()))
            });
            progress.increment();
        }
        tally
    };
    let mut all = Tally::default();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..CONCURRENCY).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            all.extend(worker.join().expect("no worker panics"));
        }
    });
    all
}

fn request_one(server: SocketAddr) -> Result<Nonce, String> {
    let mut stream = client::connect(server).map_err(|error| error.to_string())?;
    stream.write_all(PUT).map_err(|error| error.to_string())?;
    let mut stream = BufReader::with_capacity(1024, stream);
    let mut response = Response::default();
    response.read(&mut stream)?;
    client::expect_end(&mut stream)?;
    response.nonce()
}

const CONCURRENCY: usize = 64;
/// Requests before the first measurement, in which the server allocates its working memory.
const WARM_UP: usize = 1_000;
const TIME_LIMIT: Duration = Duration::from_secs(600);
