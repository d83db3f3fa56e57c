//! Pipelined token requests on persistent connections.

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::Instant;

use crate::client::{self, PUT, Response};
use crate::report::{Progress, Tally, check_memory, mebibytes};
use crate::server::Server;

pub fn run(count: usize, binary: &Path) -> Result<(), String> {
    let server = Server::start(binary, &["--keep-alive"])?;
    let connect = |_| client::connect(server.address).map(BufReader::new).map_err(|error| error.to_string());
    let mut streams = (0..CONNECTIONS).map(connect).collect::<Result<Vec<_>, _>>()?;

    let first = WARM_UP.min(count);
    let progress = Progress::new();
    let started = Instant::now();
    let mut tally = request_on_all(&mut streams, first, &progress);
    let warm = server.resident();
    tally.extend(request_on_all(&mut streams, count - first, &progress));
    let seconds = started.elapsed().as_secs_f64();
    let end = server.resident();
    drop(progress);

    println!(" requests  connections  errors  seconds  requests/s  RSS after {first:>6}  RSS at the end");
    println!(
        "{count:>9} {CONNECTIONS:>12} {:>7} {seconds:>8.1} {:>11.0} {:>17} {:>15}",
        tally.errors.len(),
        count as f64 / seconds,
        mebibytes(warm),
        mebibytes(end),
    );
    tally.check(count)?;
    check_memory(warm, end)
}

/// Requests `count` tokens, spread over all connections.
fn request_on_all(streams: &mut [BufReader<TcpStream>], count: usize, progress: &Progress) -> Tally {
    let (each, remainder) = (count / streams.len(), count % streams.len());
    let mut all = Tally::default();
    thread::scope(|scope| {
        let start = |(index, stream)| {
            scope.spawn(move || request_on_one(stream, each + usize::from(index < remainder), progress))
        };
        let workers: Vec<_> = streams.iter_mut().enumerate().map(start).collect();
        for worker in workers {
            all.extend(worker.join().expect("no worker panics"));
        }
    });
    all
}

/// Requests `count` tokens on one connection, until the first error.
fn request_on_one(stream: &mut BufReader<TcpStream>, count: usize, progress: &Progress) -> Tally {
    let requests = PUT.repeat(PIPELINED);
    let mut tally = Tally::default();
    let mut response = Response::default();
    let mut left = count;
    while left > 0 {
        let sent = left.min(PIPELINED);
        if let Err(error) = stream.get_mut().write_all(&requests[..sent * PUT.len()]) {
            tally.push(Err(error.to_string()));
            break;
        }
        for _ in 0..sent {
            if let Err(error) = response.read(stream) {
                tally.push(Err(error));
                return tally;
            }
            tally.push(response.nonce());
            progress.increment();
        }
        left -= sent;
    }
    tally
}

const CONNECTIONS: usize = 64;
/// Requests that are sent before their responses are read.
const PIPELINED: usize = 32;
/// Requests before the first measurement, in which the server allocates its working memory.
const WARM_UP: usize = 10_000;
