//! Whole servers that are asked for tokens, a connection each: ours, the minimal one on hyper, and moto where it is installed.

use std::io::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::load::{Server, text};

/// What came of it.
pub struct Figures {
    pub asked: usize,
    /// Answers that are not 200, and connections without an answer.
    pub failed: usize,
    pub per_second: f64,
    /// Resident memory in KiB, once warm and at the end.
    pub resident: (u64, u64),
}

/// Asks for tokens until there were enough, or it has taken long enough.
pub fn measure(server: &Server) -> Result<Figures, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(text)?;
    let ask = |count: usize| {
        let until = Instant::now() + LONG_ENOUGH;
        runtime.block_on(async {
            let asking = (0..AT_ONCE).map(|_| tokio::spawn(ask(server.address(), count / AT_ONCE, until)));
            let asking: Vec<_> = asking.collect();
            let (mut asked, mut failed) = (0, 0);
            for one in asking {
                let (one_asked, one_failed) = one.await.map_err(|error| error.to_string())?;
                asked += one_asked;
                failed += one_failed;
            }
            Ok::<_, String>((asked, failed))
        })
    };
    ask(WARM_UP)?;
    let before = server.resident_kib()?;
    let start = Instant::now();
    let (asked, failed) = ask(PUTS)?;
    let per_second = asked as f64 / start.elapsed().as_secs_f64();
    Ok(Figures { asked, failed, per_second, resident: (before, server.resident_kib()?) })
}

/// moto's server, where the scoreboard has put it.
pub fn moto() -> Option<PathBuf> {
    let target = std::env::current_exe().ok()?;
    let program = target.ancestors().nth(2).unwrap_or(Path::new(".")).join("moto").join("bin").join("moto_server");
    program.exists().then_some(program)
}

async fn ask(address: SocketAddr, count: usize, until: Instant) -> (usize, usize) {
    let (mut asked, mut failed) = (0, 0);
    let mut answer = Vec::new();
    while asked < count && Instant::now() < until {
        asked += 1;
        answer.clear();
        match tokio::time::timeout(PATIENCE, put(address, &mut answer)).await {
            Ok(Ok(())) if answer.starts_with(b"HTTP/1.1 200") => {}
            _ => failed += 1,
        }
    }
    (asked, failed)
}

async fn put(address: SocketAddr, answer: &mut Vec<u8>) -> Result<(), Error> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(PUT).await?;
    stream.read_to_end(answer).await.map(drop)
}

const PUT: &[u8] = b"PUT /latest/api/token HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nConnection: close\r\n\
    X-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n";
const AT_ONCE: usize = 16;
const WARM_UP: usize = 1_600;
const PUTS: usize = 100_000;
const LONG_ENOUGH: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(10);
