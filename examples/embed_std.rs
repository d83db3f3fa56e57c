//! Serves one instance on blocking sockets, with one thread per connection.
//!
//! ```sh
//! cargo run -p imds-examples --bin embed_std
//! curl http://127.0.0.1:1338/latest/meta-data/instance-type
//! ```

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, error, thread};

use imds::connection::{KeepAlive, State};
use imds::{Connection, Context, Instance, Nonce, Record, Seed, Timestamp};

fn main() -> Result<(), Box<dyn error::Error>> {
    let listener = TcpListener::bind(env::args().nth(1).unwrap_or("127.0.0.1:1338".to_owned()))?;
    println!("listening on http://{}", listener.local_addr()?);
    let record = Record::from_json(r#"{ "instance_type": "t3.micro" }"#)?;
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let instance = Instance::new(&record, &Seed::new(seed), now())?;
    thread::scope(|scope| {
        for stream in listener.incoming() {
            let instance = &instance;
            scope.spawn(move || stream.and_then(|stream| serve(instance, stream)));
        }
    });
    Ok(())
}

fn serve(instance: &Instance, mut stream: TcpStream) -> io::Result<()> {
    let mut connection = Connection::new(now(), KeepAlive::Off);
    let mut buffer = [0; 4096];
    while connection.state() != State::Closed {
        if let Some((deadline, _)) = connection.poll_timeout() {
            // A timeout of zero would mean none.
            stream.set_read_timeout(Some(Duration::from_millis(deadline.millis_since(now()).max(1))))?;
        }
        match stream.read(&mut buffer) {
            Ok(0) => connection.receive_eof(),
            // With keep-alive off, bytes that do not fit follow the only request and are not
            // needed.
            Ok(length) => _ = connection.receive(now(), &buffer[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
        connection.handle_timeout(now());
        if let Some(request) = connection.poll_request(now()) {
            let nonce = Nonce::new(getrandom::u64()?);
            let answer = instance.answer(now(), &request, Context::new(nonce));
            connection.respond(now(), &answer.response).map_err(io::Error::other)?;
        }
        while let Some(transmit) = connection.poll_transmit() {
            if let Some(limit) = transmit.hop_limit {
                stream.set_ttl(limit.get().into())?;
            }
            let sent = stream.write(transmit.bytes)?;
            connection.advance_transmit(now(), sent);
        }
        if connection.state() == State::Draining {
            stream.shutdown(Shutdown::Write)?;
        }
    }
    Ok(())
}

fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::saturating_from_millis(since_epoch.as_millis() as u64)
}
