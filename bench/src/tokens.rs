//! Whole servers under requests for a leaf and for tokens, a connection each: imds, the minimal
//! server on hyper, and moto if it is installed.

use std::io::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::load::{Server, text};

/// The results.
pub struct Figures {
    pub asked: usize,
    /// Responses other than 200, and connections without a response.
    pub failed: usize,
    pub per_second: f64,
    /// Responses to GET of a leaf per second.
    pub leaves_per_second: f64,
    /// Resident memory in KiB, after the warm-up and at the end.
    pub resident: (u64, u64),
}

/// Requests leaves and then tokens, up to a number and a time.
pub fn measure(server: &Server) -> Result<Figures, String> {
    run(server, GET, LEAVES, LONG_ENOUGH / 6)?;
    let leaves = run(server, GET, LEAVES, LONG_ENOUGH / 6)?;
    let before = server.resident_kib()?;
    let tokens = run(server, PUT, PUTS, LONG_ENOUGH)?;
    Ok(Figures {
        asked: tokens.asked,
        failed: tokens.failed,
        per_second: tokens.per_second(),
        leaves_per_second: leaves.per_second(),
        resident: (before, server.resident_kib()?),
    })
}

/// The results of some requests.
struct Run {
    asked: usize,
    failed: usize,
    took: Duration,
}

impl Run {
    fn per_second(&self) -> f64 {
        (self.asked - self.failed) as f64 / self.took.as_secs_f64()
    }
}

fn run(server: &Server, request: &'static [u8], count: usize, long_enough: Duration) -> Result<Run, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(text)?;
    let (address, start) = (server.address(), Instant::now());
    runtime.block_on(async {
        let each = count / AT_ONCE;
        let asking = (0..AT_ONCE).map(|_| tokio::spawn(ask(address, request, each, start + long_enough)));
        let asking: Vec<_> = asking.collect();
        let mut run = Run { asked: 0, failed: 0, took: Duration::ZERO };
        for one in asking {
            let (asked, failed) = one.await.map_err(|error| error.to_string())?;
            run.asked += asked;
            run.failed += failed;
        }
        run.took = start.elapsed();
        Ok(run)
    })
}

/// moto's server, if `cargo xtask scoreboard` has installed it.
pub fn moto() -> Option<PathBuf> {
    let target = std::env::current_exe().ok()?;
    let program = target.ancestors().nth(2).unwrap_or(Path::new(".")).join("moto").join("bin").join("moto_server");
    program.exists().then_some(program)
}

async fn ask(address: SocketAddr, request: &[u8], count: usize, until: Instant) -> (usize, usize) {
    let (mut asked, mut failed) = (0, 0);
    let mut answer = Vec::new();
    while asked < count && Instant::now() < until {
        asked += 1;
        answer.clear();
        match tokio::time::timeout(PATIENCE, exchange(address, request, &mut answer)).await {
            Ok(Ok(())) if answer.starts_with(b"HTTP/1.1 200") => {}
            _ => failed += 1,
        }
    }
    (asked, failed)
}

async fn exchange(address: SocketAddr, request: &[u8], answer: &mut Vec<u8>) -> Result<(), Error> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request).await?;
    stream.read_to_end(answer).await.map(drop)
}

const GET: &[u8] =
    b"GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nConnection: close\r\n\r\n";
const PUT: &[u8] = b"PUT /latest/api/token HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nConnection: close\r\n\
    X-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n";
const AT_ONCE: usize = 16;
const LEAVES: usize = 20_000;
const PUTS: usize = 100_000;
const LONG_ENOUGH: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(10);
