//! The latency of metadata while clients use the console of the same server.

use std::fs;
use std::io::{Error, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::load::text;

/// The clients of the console during a measurement.
#[derive(Clone, Copy)]
pub enum Beside {
    Nothing,
    /// Threads of this program that compute, without calls: the effect of the scheduler alone.
    BusyThreads,
    /// Calls with filters that use as many steps as a call may.
    Filters,
    /// Calls that launch an instance and terminate it.
    Launches,
    /// Calls with a long response.
    LongResponses,
}

impl Beside {
    pub const ALL: [(Beside, &'static str); 5] = [
        (Beside::Nothing, "nothing"),
        (Beside::BusyThreads, "2 threads of the client that compute"),
        (Beside::Filters, "2 clients with 200 filter values"),
        (Beside::Launches, "32 clients that launch and terminate"),
        (Beside::LongResponses, "4 clients that read long responses"),
    ];

    fn clients(self) -> usize {
        match self {
            Beside::Nothing => 0,
            Beside::BusyThreads | Beside::Filters => 2,
            Beside::Launches => 32,
            Beside::LongResponses => 4,
        }
    }
}

/// The results of a measurement.
pub struct Figures {
    /// The latencies, sorted.
    latencies: Vec<Duration>,
    pub calls: u64,
    pub took: Duration,
    /// The processes that were ready to run, or running, on average. This program's and the
    /// server's threads are among them.
    pub running: f64,
}

impl Figures {
    pub fn count(&self) -> usize {
        self.latencies.len()
    }

    /// The latency in milliseconds that this share of the requests does not exceed.
    pub fn quantile(&self, share: f64) -> f64 {
        let rank = (share * self.latencies.len() as f64).ceil() as usize;
        self.latencies[rank.clamp(1, self.latencies.len()) - 1].as_secs_f64() * 1000.0
    }
}

/// Launches the instances whose tags the filters match.
pub fn launch_tagged(console: SocketAddr) -> Result<(), String> {
    let mut form = format!("{RUN}&MinCount={TAGGED}&MaxCount={TAGGED}&TagSpecification.1.ResourceType=instance");
    for tag in 1..=imds::limits::TAGS {
        let value = "a".repeat(imds::limits::TAG_VALUE_CHARACTERS);
        form += &format!("&TagSpecification.1.Tag.{tag}.Key={tag}&TagSpecification.1.Tag.{tag}.Value={value}");
    }
    call(console, &form, "200").map(drop).map_err(text)
}

/// Sends GETs at a fixed rate while the clients use the console.
pub fn measure(metadata: SocketAddr, console: SocketAddr, beside: Beside) -> Result<Figures, String> {
    let (stop, calls) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        let clients: Vec<_> =
            (0..beside.clients()).map(|_| scope.spawn(|| use_console(console, beside, &stop, &calls))).collect();
        thread::sleep(WARM_UP);
        let before = calls.load(Ordering::Relaxed);
        let start = Instant::now();
        let measured = gets(metadata);
        let (took, made) = (start.elapsed(), calls.load(Ordering::Relaxed) - before);
        stop.store(true, Ordering::Relaxed);
        for client in clients {
            client
                .join()
                .map_err(|_| "a client panicked")?
                .map_err(|error| format!("a client of the console: {error}"))?;
        }
        let (mut latencies, running) = measured.map_err(|error| format!("GET: {error}"))?;
        latencies.sort_unstable();
        Ok(Figures { latencies, calls: made, took, running })
    })
}

/// Sends the GETs, a connection each, and returns their latencies and the average number of
/// processes that were ready to run.
///
/// If a GET takes longer than the interval, the latency of the next one counts from the time at
/// which it was due.
fn gets(metadata: SocketAddr) -> Result<(Vec<Duration>, f64), Error> {
    let mut latencies = Vec::with_capacity(GETS as usize);
    let mut running = Vec::new();
    let mut response = Vec::new();
    let start = Instant::now();
    for number in 0..GETS {
        let mut due = start + INTERVAL * number;
        if let Some(early) = due.checked_duration_since(Instant::now()) {
            thread::sleep(early);
            due = Instant::now();
        }
        exchange(metadata, GET, &mut response)?;
        if !response.starts_with(b"HTTP/1.1 200") {
            return Err(unexpected(&response));
        }
        latencies.push(due.elapsed());
        if number % 64 == 0 {
            running.extend(running_processes());
        }
    }
    let running_average = running.iter().sum::<f64>() / running.len().max(1) as f64;
    Ok((latencies, running_average))
}

/// The fourth field of `/proc/loadavg` begins with the number of processes that are ready to run.
fn running_processes() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').nth(3)?.split('/').next()?.parse().ok()
}

fn use_console(console: SocketAddr, beside: Beside, stop: &AtomicBool, calls: &AtomicU64) -> Result<(), Error> {
    let filters = filters();
    while !stop.load(Ordering::Relaxed) {
        let made = match beside {
            Beside::Nothing => return Ok(()),
            Beside::BusyThreads => {
                std::hint::spin_loop();
                continue;
            }
            Beside::Filters => {
                call(console, &filters, "400")?;
                1
            }
            Beside::Launches => {
                let launched = call(console, &format!("{RUN}&MinCount=1&MaxCount=1"), "200")?;
                let launched = String::from_utf8_lossy(&launched);
                let (_, id) = launched.split_once("<instanceId>").ok_or_else(|| unexpected(launched.as_bytes()))?;
                let id = id.split('<').next().unwrap_or_default();
                call(console, &format!("Action=TerminateInstances&Version=2016-11-15&InstanceId.1={id}"), "200")?;
                2
            }
            Beside::LongResponses => {
                call(console, "Action=DescribeInstances&Version=2016-11-15", "200")?;
                1
            }
        };
        calls.fetch_add(made, Ordering::Relaxed);
    }
    Ok(())
}

/// A call whose filters would use more steps than a call may.
fn filters() -> String {
    let mut form = String::from("Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=tag-value");
    for value in 1..=imds::limits::FILTER_VALUES {
        form += &format!("&Filter.1.Value.{value}=*{}b", "a".repeat(127));
    }
    form
}

/// Calls the EC2 API on a connection of its own.
fn call(console: SocketAddr, form: &str, expected: &str) -> Result<Vec<u8>, Error> {
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {console}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{form}",
        form.len()
    );
    let mut response = Vec::new();
    exchange(console, request.as_bytes(), &mut response)?;
    let status = response.get(9..12).and_then(|status| str::from_utf8(status).ok());
    match status {
        Some(status) if status == expected => Ok(response),
        _ => Err(unexpected(&response)),
    }
}

fn exchange(address: SocketAddr, request: &[u8], response: &mut Vec<u8>) -> Result<(), Error> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request)?;
    response.clear();
    stream.read_to_end(response)?;
    Ok(())
}

fn unexpected(response: &[u8]) -> Error {
    let start = String::from_utf8_lossy(&response[..response.len().min(300)]).into_owned();
    Error::new(ErrorKind::InvalidData, format!("unexpected response: {start:?}"))
}

const GET: &[u8] =
    b"GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nConnection: close\r\n\r\n";
const RUN: &str = "Action=RunInstances&Version=2016-11-15&ImageId=ami-0ce107ae7af2e92b5";
const TAGGED: u32 = 25;
/// The interval makes the rate low enough that the GETs alone do not load the processors.
const INTERVAL: Duration = Duration::from_millis(2);
const GETS: u32 = 3000;
const WARM_UP: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(30);
