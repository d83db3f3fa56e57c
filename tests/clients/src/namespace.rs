//! Networks for one test.

use std::ffi::OsStr;
use std::io;
use std::net::TcpListener;
use std::panic::resume_unwind;
use std::process::{self, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use crate::run::{TIMEOUT, command, finish, run, text};
use crate::skip::or_skip;

/// A network namespace, deleted when dropped. Processes in it must have ended before.
pub struct Namespace(String);

/// A client and a server with one router between them.
pub struct Routed {
    pub client: Namespace,
    pub server: Namespace,
    _router: Namespace,
}

/// Clients and a server on one bridge.
pub struct Bridged {
    pub clients: Vec<Namespace>,
    pub server: Namespace,
}

/// A network with the link-local addresses of the metadata service on its loopback device.
pub fn link_local() -> Option<Namespace> {
    or_skip("a network namespace", make_link_local())
}

/// A network of a client, a router and a server.
pub fn routed() -> Option<Routed> {
    or_skip("network namespaces", make_routed())
}

/// A network of this number of clients on a bridge, which is also the server, as a host is for its
/// virtual machines. The first client is 10.84.0.11 and fd84::11, and the others count up.
pub fn bridged(clients: u8) -> Option<Bridged> {
    or_skip("network namespaces", make_bridged(clients))
}

/// The addresses of the server in a bridged network.
pub const BRIDGE: [&str; 2] = ["10.84.0.1", "fd84::1"];

/// The addresses of the server in a routed network.
pub const SERVERS: [&str; 2] = ["10.83.2.2", "fd83:2::2"];

fn make_link_local() -> Result<Namespace, String> {
    let namespace = Namespace::new()?;
    namespace.ip("address add 169.254.169.254/32 dev lo")?;
    namespace.ip("address add fd00:ec2::254/128 dev lo nodad")?;
    Ok(namespace)
}

fn make_routed() -> Result<Routed, String> {
    let [client, router, server] = [Namespace::new()?, Namespace::new()?, Namespace::new()?];
    for (number, host) in [(1, &client), (2, &server)] {
        router.ip(&format!("link add host{number} type veth peer name router netns {}", host.0))?;
        for (namespace, device, last) in [(&router, &*format!("host{number}"), 1), (host, "router", 2)] {
            namespace.ip(&format!("address add 10.83.{number}.{last}/24 dev {device}"))?;
            namespace.ip(&format!("address add fd83:{number}::{last}/64 dev {device} nodad"))?;
            namespace.ip(&format!("link set {device} up"))?;
        }
        host.ip(&format!("route add default via 10.83.{number}.1"))?;
        host.ip(&format!("-6 route add default via fd83:{number}::1"))?;
    }
    router.forward()?;
    Ok(Routed { client, server, _router: router })
}

fn make_bridged(count: u8) -> Result<Bridged, String> {
    let server = Namespace::new()?;
    server.ip("link add bridge type bridge")?;
    server.address("bridge", 1)?;
    let mut clients = Vec::new();
    for number in 11..11 + count {
        let client = Namespace::new()?;
        server.ip(&format!("link add port{number} type veth peer name eth0 netns {}", client.0))?;
        server.ip(&format!("link set port{number} master bridge up"))?;
        client.address("eth0", number)?;
        clients.push(client);
    }
    Ok(Bridged { clients, server })
}

impl Namespace {
    /// Creates a network that contains only the loopback device.
    fn new() -> Result<Namespace, String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("imds-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        ip(&format!("netns add {name}"))?;
        let namespace = Namespace(name);
        namespace.ip("link set lo up")?;
        Ok(namespace)
    }

    /// A command that runs in the namespace.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = command("ip");
        command.args(["netns", "exec", &self.0]).arg(program);
        command
    }

    /// The same command, run in the namespace.
    pub fn within(&self, command: &Command) -> Command {
        let mut inner = self.command(command.get_program());
        inner.args(command.get_args()).envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(folder) = command.get_current_dir() {
            inner.current_dir(folder);
        }
        inner
    }

    /// Listens in the namespace, at an address with port 0.
    pub fn listen(&self, address: &'static str) -> TcpListener {
        self.inside(move || TcpListener::bind(address)).unwrap_or_else(|error| panic!("{}: {error}", self.0))
    }

    /// Runs a function in a thread that is in the namespace. Its sockets stay there.
    pub fn inside<T: Send + 'static>(&self, function: impl FnOnce() -> T + Send + 'static) -> T {
        let path = format!("/run/netns/{}", self.0);
        let thread = thread::spawn(move || {
            enter(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            function()
        });
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Runs a line of bash in the namespace, with `$0`, `$1` and so on from the arguments.
    pub fn bash(&self, line: &str, arguments: &[&str]) -> process::Output {
        run(self.command("bash").args(["-c", line]).args(arguments))
    }

    /// Adds the addresses of a device in a bridged network.
    fn address(&self, device: &str, number: u8) -> Result<(), String> {
        self.ip(&format!("address add 10.84.0.{number}/24 dev {device}"))?;
        self.ip(&format!("address add fd84::{number}/64 dev {device} nodad"))?;
        self.ip(&format!("link set {device} up"))
    }

    fn ip(&self, arguments: &str) -> Result<(), String> {
        ip(&format!("-netns {} {arguments}", self.0))
    }

    fn forward(&self) -> Result<(), String> {
        let output = self.bash("cd /proc/sys/net && echo 1 >ipv4/ip_forward && echo 1 >ipv6/conf/all/forwarding", &[]);
        if output.status.success() { Ok(()) } else { Err(text(&output.stderr)) }
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = ip(&format!("netns delete {}", self.0));
    }
}

/// Moves this thread to a network namespace.
#[cfg(target_os = "linux")]
fn enter(path: &str) -> io::Result<()> {
    use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
    use std::os::fd::AsFd;

    let namespace = std::fs::File::open(path)?;
    Ok(move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?)
}

#[cfg(not(target_os = "linux"))]
fn enter(_: &str) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn ip(arguments: &str) -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("only Linux has network namespaces".to_owned());
    }
    let output = finish(command("ip").args(arguments.split(' ')), TIMEOUT).map_err(|error| format!("ip: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("ip {arguments}: {}", text(&output.stderr).trim()))
}
