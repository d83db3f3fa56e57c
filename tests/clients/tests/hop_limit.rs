//! The hop limit on a real network: a client and a server in network namespaces, and one router
//! between them. A response needs a limit of 2 to cross it.

use std::process::Output;

use imds_clients::Server;
use imds_clients::namespace::{Routed, SERVERS, routed};
use imds_clients::run::{printed, text};

/// curl's exit status for a timeout. TCP has retransmitted a lost response about three times by
/// then.
const TIMED_OUT: Option<i32> = Some(28);
const SECONDS: &str = "3";
const INSTANCE: &str = "i-0abcdef1234567890";

#[test]
fn at_limit_1_only_get_responses_cross_the_router() {
    let Some(network) = routed() else { return };
    for host in SERVERS {
        let server = serve(&network, host, &["--hop-limit", "1"]);
        let output = put(&network, &server);
        assert_eq!((output.status.code(), &*text(&output.stdout)), (TIMED_OUT, ""), "{host}");
        assert_eq!(printed(&get(&network, &server)), INSTANCE, "{host}");
    }
}

#[test]
fn at_limit_2_put_and_get_responses_cross_the_router() {
    let Some(network) = routed() else { return };
    for host in SERVERS {
        let server = serve(&network, host, &["--hop-limit", "2"]);
        assert_eq!(printed(&put(&network, &server)).len(), 56, "{host}");
        assert_eq!(printed(&get(&network, &server)), INSTANCE, "{host}");
    }
}

#[test]
fn a_later_get_on_a_connection_does_not_raise_the_hop_limit_of_a_put() {
    let Some(network) = routed() else { return };
    for host in SERVERS {
        let server = serve(&network, host, &["--hop-limit", "1", "--keep-alive"]);
        assert_eq!(printed(&converse(&network, &server, "put; get")), "", "{host}");
    }
}

#[test]
fn an_earlier_get_on_a_connection_does_not_raise_the_hop_limit_of_a_put() {
    let Some(network) = routed() else { return };
    for host in SERVERS {
        let server = serve(&network, host, &["--hop-limit", "1", "--keep-alive"]);
        let received = printed(&converse(&network, &server, "get; put; get"));
        assert_eq!(received.matches("HTTP/1.1 200 OK").count(), 1, "{host}: {received}");
        assert!(received.ends_with("dynamic\nmeta-data\nuser-data"), "{host}: {received}");
    }
}

#[test]
fn at_limit_2_a_connection_stays_usable_after_a_put() {
    let Some(network) = routed() else { return };
    for host in SERVERS {
        let server = serve(&network, host, &["--hop-limit", "2", "--keep-alive"]);
        let received = printed(&converse(&network, &server, "put; get"));
        assert_eq!(received.matches("HTTP/1.1 200 OK").count(), 2, "{host}: {received}");
    }
}

fn serve(network: &Routed, host: &str, arguments: &[&str]) -> Server {
    let address = if host.contains(':') { format!("[{host}]:1338") } else { format!("{host}:1338") };
    Server::start_in(&network.server, &address, arguments)
}

fn put(network: &Routed, server: &Server) -> Output {
    let line = "curl -sfg --max-time $0 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $1/latest/api/token";
    network.client.bash(line, &[SECONDS, &server.url()])
}

fn get(network: &Routed, server: &Server) -> Output {
    network.client.bash("curl -sfg --max-time $0 $1/latest/meta-data/instance-id", &[SECONDS, &server.url()])
}

/// Sends requests on one connection, with a pause after each, and returns the responses that arrive
/// in time.
fn converse(network: &Routed, server: &Server, requests: &str) -> Output {
    let line = format!(
        "put() {{ printf 'PUT /latest/api/token HTTP/1.1\\r\\nHost: imds\\r\\n\
         X-aws-ec2-metadata-token-ttl-seconds: 60\\r\\n\\r\\n' >&3; sleep 0.3; }}
         get() {{ printf 'GET /latest/ HTTP/1.1\\r\\nHost: imds\\r\\n\\r\\n' >&3; sleep 0.3; }}
         exec 3<>/dev/tcp/$1/$2; {requests}; timeout $0 cat <&3 || test $? = 124"
    );
    let address = server.address();
    network.client.bash(&line, &[SECONDS, &address.ip().to_string(), &address.port().to_string()])
}
