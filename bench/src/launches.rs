//! Launches through the EC2 API of a whole server, with and without a state file.

use std::io::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::load::{Server, text};

/// The numbers of callers of the table. Each waits for its response before its next call.
pub const CALLERS: [usize; 2] = [1, 32];

/// The results.
pub struct Figures {
    pub launches: usize,
    pub per_second: f64,
    /// The median and the longest time of a call, in milliseconds.
    pub milliseconds: (f64, f64),
}

/// Starts a server, with a new state file in `folder` if there is one, and launches instances for
/// some seconds.
pub fn measure(program: &str, folder: Option<&Path>, callers: usize) -> Result<Figures, String> {
    let state = folder.map(|folder| folder.join(format!("imds-bench-{}.json", std::process::id())));
    let arguments: Vec<String> =
        state.iter().flat_map(|state| ["--state".into(), state.display().to_string()]).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // The server is stopped before its files are removed.
    let figures = Server::start_with_console(program, &arguments).and_then(|(_server, console)| run(console, callers));
    if let Some(state) = &state {
        for file in [state.clone(), state.with_extension("json.lock")] {
            let _ = std::fs::remove_file(file);
        }
    }
    figures
}

fn run(console: SocketAddr, callers: usize) -> Result<Figures, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(text)?;
    runtime.block_on(async {
        let start = Instant::now();
        let calling: Vec<_> = (0..callers).map(|_| tokio::spawn(launch(console, start + DURATION))).collect();
        let mut times = Vec::new();
        for one in calling {
            times.extend(one.await.map_err(|error| error.to_string())?.map_err(text)?);
        }
        let seconds = start.elapsed().as_secs_f64();
        times.sort();
        let milliseconds = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1000.0);
        Ok(Figures {
            launches: times.len(),
            per_second: times.len() as f64 / seconds,
            milliseconds: (milliseconds(times.get(times.len() / 2)), milliseconds(times.last())),
        })
    })
}

/// Launches one instance after the other until a time, and returns the time of each call.
async fn launch(console: SocketAddr, until: Instant) -> Result<Vec<Duration>, Error> {
    let head = format!("POST / HTTP/1.1\r\nHost: {console}\r\nContent-Type: application/x-www-form-urlencoded");
    let request = format!("{head}\r\nContent-Length: {}\r\n\r\n{LAUNCH}", LAUNCH.len());
    let mut stream = TcpStream::connect(console).await?;
    stream.set_nodelay(true)?;
    let (mut times, mut response) = (Vec::new(), Vec::new());
    while Instant::now() < until {
        let start = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        response.clear();
        while length(&response).is_none_or(|length| response.len() < length) {
            if stream.read_buf(&mut response).await? == 0 {
                return Err(Error::other("the server closed the connection"));
            }
        }
        if !response.starts_with(b"HTTP/1.1 200") {
            return Err(Error::other(format!("unexpected response: {}", String::from_utf8_lossy(&response))));
        }
        times.push(start.elapsed());
    }
    Ok(times)
}

/// The length of a response, if its head is complete.
fn length(response: &[u8]) -> Option<usize> {
    let head = &response[..response.windows(4).position(|window| window == b"\r\n\r\n")? + 4];
    let text = std::str::from_utf8(head).ok()?.to_ascii_lowercase();
    let body: usize = text.split_once("content-length: ")?.1.lines().next()?.parse().ok()?;
    Some(head.len() + body)
}

const LAUNCH: &str = "Action=RunInstances&Version=2016-11-15&ImageId=ami-0123456789abcdef0&MinCount=1&MaxCount=1";
/// Long enough for hundreds of writes, short enough that the fleet and its file stay small.
const DURATION: Duration = Duration::from_secs(3);
