//! Serves an EC2 instance's metadata from the module, with wasmi. docs/abi.md documents the calls.

mod imds;

use imds::Imds;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};
use wasmi::Val::{I32, I64};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("usage: imds-host imds-core.wasm")?;
    let mut imds = Imds::new(&std::fs::read(file)?)?;
    let mut random = [0; 40]; // A seed and a nonce, new in each run.
    std::fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
    let (seed, nonce) = random.split_at(32);
    let (at, nonce) = (imds.write(seed), i64::from_ne_bytes(nonce.try_into()?));
    // A record without bytes is the default one.
    if imds.call("imds_launch", &[now().into(), I64(nonce), I32(at), I32(32), I32(0), I32(0)]) < 0 {
        let reason = imds.call("imds_last_error", &[]);
        return Err(String::from_utf8(imds.bytes(reason))?.into());
    }
    let (imds, listener) = (Mutex::new(imds), TcpListener::bind("127.0.0.1:0")?);
    println!("http://{}", listener.local_addr()?);
    std::thread::scope(|threads| {
        for client in listener.incoming().flatten() {
            threads.spawn(|| {
                // -1: the number of hops is not known.
                let connection = imds.lock().unwrap().call("imds_open", &[now().into(), I32(0), I32(-1)]);
                let _ = serve(&imds, connection, client); // An error of the socket ends the connection.
                imds.lock().unwrap().call("imds_close", &[I32(connection)]);
            });
        }
    });
    Ok(())
}

fn serve(imds: &Mutex<Imds>, connection: i32, mut client: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        match imds.lock().unwrap().call("imds_state", &[I32(connection)]) {
            0 => {}
            1 => client.shutdown(Shutdown::Write)?,
            _ => return Ok(()),
        }
        client.set_read_timeout(until_timeout(&mut imds.lock().unwrap(), connection))?;
        let received = client.read(&mut buffer);
        let mut core = imds.lock().unwrap();
        match received {
            Ok(0) => core.call("imds_receive_eof", &[I32(connection)]),
            // Bytes that it does not take follow the only request that it answers.
            Ok(length) => {
                let at = core.write(&buffer[..length]);
                core.call("imds_receive", &[I32(connection), now().into(), I32(at), I32(length as i32)])
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                core.call("imds_handle_timeout", &[I32(connection), now().into()])
            }
            Err(error) => return Err(error),
        };
        core.call("imds_answer", &[I32(connection), now().into(), now().into(), I32(0)]);
        // A server outside of the instance sets the hop limit at offset 8 on the socket.
        let transmit = core.call("imds_poll_transmit", &[I32(connection)]);
        let response = core.bytes(transmit);
        core.call("imds_advance_transmit", &[I32(connection), now().into(), I32(response.len() as i32)]);
        drop(core); // While it waits for this client, it serves others.
        client.write_all(&response)?;
    }
}

fn now() -> f64 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_millis() as f64
}

/// The time until the connection's next timeout.
fn until_timeout(imds: &mut Imds, connection: i32) -> Option<Duration> {
    let at = imds.call("imds_poll_timeout", &[I32(connection)]);
    (at != 0).then(|| Duration::from_millis((f64::from_le_bytes(imds.read(at)) - now()).max(0.0) as u64 + 1))
}
