//! Proxies in front of a server, from Debian's packages.

use std::fs;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

use crate::debian::{Package, package};
use crate::run::{TIMEOUT, command, printed, run, wait};
use crate::server::{lines, loopback};

/// How nginx forwards requests.
#[derive(Debug, Clone, Copy)]
pub enum Forwarding {
    /// As HTTP/1.0, nginx's default.
    Http10,
    /// As HTTP/1.1 on persistent connections, after the body has arrived.
    Buffered,
    /// As HTTP/1.1 on persistent connections, while the body arrives.
    Unbuffered,
}

/// A running proxy, killed when dropped.
pub struct Proxy {
    process: Child,
    address: SocketAddr,
    folder: PathBuf,
    output: Receiver<String>,
    log: Log,
}

/// Where a proxy writes its log.
enum Log {
    /// The file `access.log` in its folder.
    File,
    /// Standard output.
    Output,
    /// The shared memory of Varnish, which `varnishncsa` reads.
    Varnish(Package),
}

/// The requests that a proxy logged.
#[derive(Debug, Default)]
pub struct ProxyLog {
    /// The client's address and the status of each response.
    pub to_clients: Vec<(IpAddr, u16)>,
    /// The method, path and status of each request that the server answered.
    pub forwarded: Vec<String>,
    /// The method and path of each request that was sent and whose response was not read, because
    /// the server closed the connection before the whole body was sent.
    pub failed: Vec<String>,
    /// The proxy does not log the requests that it rejects with 400.
    pub omits_rejections: bool,
}

impl Proxy {
    /// Starts nginx.
    pub fn nginx(server: SocketAddr, forwarding: Forwarding) -> Option<Proxy> {
        let (package, address, folder) = (package("nginx")?, free_address(), folder());
        let persistent = "proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_pass http://imds;";
        let location = match forwarding {
            Forwarding::Http10 => format!("proxy_pass http://{server};"),
            Forwarding::Buffered => persistent.to_owned(),
            Forwarding::Unbuffered => format!("proxy_request_buffering off; {persistent}"),
        };
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let paths: String = paths.iter().map(|name| format!("{name}_temp_path {name};\n")).collect();
        let configuration = format!(
            "daemon off;\nmaster_process off;\npid nginx.pid;\nevents {{}}\nhttp {{\n{paths}\
             log_format exchanges '$remote_addr $request_method $request_uri $status $upstream_status';\n\
             access_log access.log exchanges;\n\
             upstream imds {{ server {server}; keepalive 1; }}\n\
             server {{ listen {address}; location / {{ {location} }} }}\n}}\n"
        );
        write(&folder.join("nginx.conf"), &configuration);
        let mut command = package.command("nginx");
        command.arg("-p").arg(&folder).args(["-c", "nginx.conf", "-e", "stderr"]);
        Some(Proxy::start(command, address, folder, Log::File))
    }

    /// Starts HAProxy.
    pub fn haproxy(server: SocketAddr) -> Option<Proxy> {
        let (package, address, folder) = (package("haproxy")?, free_address(), folder());
        let configuration = format!(
            "global\n  log stdout format raw local0\n\
             defaults\n  mode http\n  log global\n  option dontlognull\n  http-reuse always\n\
             \x20 timeout connect 10s\n  timeout client 10s\n  timeout server 10s\n\
             \x20 log-format \"%ci %HM %HU %ST %Tr\"\n\
             listen imds\n  bind {address}\n  server imds {server}\n"
        );
        write(&folder.join("haproxy.cfg"), &configuration);
        let mut command = package.command("haproxy");
        command.args(["-db", "-f"]).arg(folder.join("haproxy.cfg"));
        Some(Proxy::start(command, address, folder, Log::Output))
    }

    /// Starts Varnish. It forwards every request, and stores no response.
    pub fn varnish(server: SocketAddr) -> Option<Proxy> {
        let (package, address, folder) = (package("varnish")?, free_address(), folder());
        let (host, port) = (server.ip(), server.port());
        let configuration = format!(
            "vcl 4.1;\nbackend imds {{ .host = \"{host}\"; .port = \"{port}\"; }}\nsub vcl_recv {{ return (pass); }}\n"
        );
        write(&folder.join("imds.vcl"), &configuration);
        let mut command = package.command("varnishd");
        command.args(["-F", "-j", "none", "-S", "none", "-T", "none", "-s", "malloc,16m", "-p", "thread_pools=1"]);
        command.args(["-a", &address.to_string(), "-f"]).arg(folder.join("imds.vcl"));
        command.arg("-n").arg(folder.join("work"));
        Some(Proxy::start(command, address, folder, Log::Varnish(package)))
    }

    fn start(mut command: Command, address: SocketAddr, folder: PathBuf, log: Log) -> Proxy {
        command.current_dir(&folder).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let output = lines(process.stdout.take().expect("a pipe"));
        let errors = lines(process.stderr.take().expect("a pipe"));
        let deadline = Instant::now() + TIMEOUT;
        while TcpStream::connect(address).is_err() {
            let ended = process.try_wait().expect("a child can be waited for");
            let waits = ended.is_none() && Instant::now() < deadline;
            assert!(waits, "{command:?} does not listen: {:?}", errors.try_iter().collect::<Vec<_>>());
            thread::sleep(Duration::from_millis(10));
        }
        Proxy { process, address, folder, output, log }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops the proxy and returns its log.
    pub fn stop(mut self) -> ProxyLog {
        let mut found = ProxyLog::default();
        if let Log::Varnish(package) = &self.log {
            found.omits_rejections = true;
            let exchanges = |options: &[&str]| {
                let mut command = package.command("varnishncsa");
                printed(&run(command.args(["-d", "-n"]).arg(self.folder.join("work")).args(options)))
            };
            let format = "%{VSL:ReqStart[1]}x %s";
            found.to_clients = exchanges(&["-F", format]).lines().filter_map(to_client).collect();
            let forwarded = exchanges(&["-b", "-F", "%m %U %s"]);
            for line in forwarded.lines() {
                let [method, target, status] = line.split(' ').collect::<Vec<_>>()[..] else { continue };
                // The server itself sends no 503.
                match status {
                    "503" => found.failed.push(exchange(method, target, "")),
                    _ => found.forwarded.push(exchange(method, target, status)),
                }
            }
        }
        printed(&run(command("sh").args(["-c", &format!("kill -TERM {}", self.process.id())])));
        wait(&mut self.process, TIMEOUT).expect("the proxy ends");
        let exchanges: Vec<String> = match self.log {
            Log::File => {
                let log = fs::read_to_string(self.folder.join("access.log")).expect("the log");
                log.lines().map(str::to_owned).collect()
            }
            Log::Output => self.output.iter().collect(),
            Log::Varnish(_) => Vec::new(),
        };
        for line in &exchanges {
            let [client, method, target, status, from_server] = line.split(' ').collect::<Vec<_>>()[..] else {
                continue;
            };
            found.to_clients.extend(to_client(&format!("{client} {status}")));
            // nginx logs the server's status, HAProxy the time until the response, or -1.
            match (&self.log, from_server) {
                (Log::File, "502") => found.failed.push(exchange(method, target, "")),
                (_, "-" | "-1") => {}
                _ => found.forwarded.push(exchange(method, target, status)),
            }
        }
        found
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn to_client(line: &str) -> Option<(IpAddr, u16)> {
    let (client, status) = line.split_once(' ')?;
    Some((client.parse().ok()?, status.parse().ok()?))
}

/// An exchange as the server logs it. The target is in origin-form or absolute-form; with another,
/// the server does not parse the request line.
fn exchange(method: &str, target: &str, status: &str) -> String {
    let target = target.split('?').next().unwrap_or_default();
    let path = target.split_once("://").map_or(target, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    match path {
        "" => format!("{method} / {status}"),
        "*" => format!("{method} * {status}"),
        _ if path.starts_with('/') => format!("{method} {path} {status}"),
        _ => format!("- - {status}"),
    }
}

/// An address that is free now. No other test uses its host.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind(loopback()).expect("a loopback address");
    listener.local_addr().expect("its address")
}

/// A new folder.
fn folder() -> PathBuf {
    let name = format!("imds-proxy-{}", free_address().to_string().replace(':', "-"));
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    folder
}

fn write(file: &Path, text: &str) {
    fs::write(file, text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}
