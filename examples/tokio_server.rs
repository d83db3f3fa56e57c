//! Serves one instance on tokio, with one task per connection, persistent connections and a limit
//! of 100 requests per second.
//!
//! ```sh
//! cargo run -p imds-examples --bin tokio_server
//! curl http://127.0.0.1:1338/latest/meta-data/instance-type
//! ```

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, error, io};

use imds::connection::{KeepAlive, State};
use imds::{Connection, Context, Instance, Nonce, Record, Seed, Throttle, Timestamp};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

struct Service {
    instance: Instance,
    throttle: Mutex<Throttle>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn error::Error>> {
    let listener = TcpListener::bind(env::args().nth(1).unwrap_or("127.0.0.1:1338".to_owned())).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let record = Record::from_json(r#"{ "instance_type": "t3.micro" }"#)?;
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let instance = Instance::new(&record, &Seed::new(seed), now())?;
    let throttle = Mutex::new(Throttle::new(100));
    let service = Arc::new(Service { instance, throttle });
    loop {
        let (stream, peer) = listener.accept().await?;
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            if let Err(error) = service.serve(stream).await {
                eprintln!("connection to {peer} lost: {error}");
            }
        });
    }
}

impl Service {
    async fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut connection = Connection::new(now(), KeepAlive::On);
        let mut buffer = [0; 4096];
        loop {
            match within(until_timeout(&connection), stream.read(&mut buffer)).await? {
                Some(0) => connection.receive_eof(),
                Some(length) => self.exchange(&mut connection, &mut stream, &buffer[..length]).await?,
                None => connection.handle_timeout(now()),
            }
            match connection.state() {
                State::Open => {}
                State::Draining => stream.shutdown().await?,
                State::Closed => return Ok(()),
            }
        }
    }

    /// Handles all requests in the input, and sends their responses.
    async fn exchange(&self, connection: &mut Connection, stream: &mut TcpStream, mut input: &[u8]) -> io::Result<()> {
        loop {
            let taken = connection.receive(now(), input);
            input = &input[taken..];
            if let Some(request) = connection.poll_request(now()) {
                let is_throttled = !self.throttle.lock().expect("no thread panics").admit(now());
                let context = Context::new(Nonce::new(getrandom::u64()?)).throttled(is_throttled);
                let answer = self.instance.answer(now(), &request, context);
                connection.respond(now(), &answer.response).map_err(io::Error::other)?;
            }
            let Some(transmit) = connection.poll_transmit() else {
                if input.is_empty() {
                    return Ok(());
                }
                continue;
            };
            // Not raised again, because the system may retransmit a token with the higher limit.
            if let Some(limit) = transmit.hop_limit {
                SockRef::from(&*stream).set_ttl_v4(limit.get().into())?;
            }
            match within(until_timeout(connection), stream.write(transmit.bytes)).await? {
                Some(sent) => connection.advance_transmit(now(), sent),
                None => connection.handle_timeout(now()),
            }
        }
    }
}

/// `None` if the time runs out first.
async fn within<T>(time: Duration, operation: impl Future<Output = io::Result<T>>) -> io::Result<Option<T>> {
    tokio::time::timeout(time, operation).await.ok().transpose()
}

fn until_timeout(connection: &Connection) -> Duration {
    connection.poll_timeout().map_or(Duration::MAX, |(at, _)| Duration::from_millis(at.millis_since(now())))
}

fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::saturating_from_millis(since_epoch.as_millis() as u64)
}
