//! Connections that stay, each asking for many tokens at once.

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::Instant;

use crate::client::{self, Answer, PUT};
use crate::report::{Progress, Tally, is_flat, mebibytes};
use crate::server::Server;

pub fn run(count: usize, binary: &Path) -> Result<(), String> {
    let server = Server::start(binary, &["--keep-alive"])?;
    let connect = |_| client::connect(server.address).map(BufReader::new).map_err(|error| error.to_string());
    let mut streams = (0..CONNECTIONS).map(connect).collect::<Result<Vec<_>, _>>()?;

    let first = WARM_UP.min(count);
    let progress = Progress::new();
    let started = Instant::now();
    let mut tally = ask(&mut streams, first, &progress);
    let warm = server.resident();
    tally.add(ask(&mut streams, count - first, &progress));
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
    tally.holds(count)?;
    is_flat(warm, end)
}

/// Asks so many times, on all connections at once.
fn ask(streams: &mut [BufReader<TcpStream>], count: usize, progress: &Progress) -> Tally {
    let (each, over) = (count / streams.len(), count % streams.len());
    let mut all = Tally::default();
    thread::scope(|scope| {
        let start = |(index, stream)| scope.spawn(move || ask_on(stream, each + usize::from(index < over), progress));
        let workers: Vec<_> = streams.iter_mut().enumerate().map(start).collect();
        for worker in workers {
            all.add(worker.join().expect("no worker panics"));
        }
    });
    all
}

/// Asks so many times on one connection, and stops where it fails.
fn ask_on(stream: &mut BufReader<TcpStream>, count: usize, progress: &Progress) -> Tally {
    let requests = PUT.repeat(PIPELINED);
    let mut tally = Tally::default();
    let mut answer = Answer::default();
    let mut left = count;
    while left > 0 {
        let sent = left.min(PIPELINED);
        if let Err(error) = stream.get_mut().write_all(&requests[..sent * PUT.len()]) {
            tally.note(Err(error.to_string()));
            break;
        }
        for _ in 0..sent {
            if let Err(error) = answer.read(stream) {
                tally.note(Err(error));
                return tally;
            }
            tally.note(answer.nonce());
            progress.note();
        }
        left -= sent;
    }
    tally
}

const CONNECTIONS: usize = 64;
/// How many requests are sent before their answers are read.
const PIPELINED: usize = 32;
/// How many requests the server may use to take up the memory that it works in.
const WARM_UP: usize = 10_000;
