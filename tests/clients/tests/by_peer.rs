//! One server for many network namespaces, which selects the instance by the client's address:
//! three clients on a bridge, two of them with the addresses of instances.

use std::process::Output;

use imds_clients::Server;
use imds_clients::namespace::{BRIDGE, Bridged, Namespace, bridged};
use imds_clients::run::{printed, text};

const FLEET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/records/bridged-fleet.json");
const INSTANCES: [&str; 2] = ["i-0000000000000000b", "i-0000000000000000c"];
/// curl's exit statuses if the server closes the connection without a response: an empty reply, or
/// a reset.
const CLOSED: [Option<i32>; 2] = [Some(52), Some(56)];

#[test]
fn each_client_gets_the_instance_with_its_address() {
    let Some(network) = bridged(2) else { return };
    for host in BRIDGE {
        let server = serve(&network, host);
        for (client, id) in network.clients.iter().zip(INSTANCES) {
            let token = token(client, &server);
            assert_eq!(printed(&get(client, &server, "instance-id", &token)), id, "{host}");
            assert_eq!(text(&request(client, &server, "instance-id", "Accept: */*").stdout), id, "{host}");
        }
    }
}

#[test]
fn a_token_of_one_instance_is_rejected_by_another() {
    let Some(network) = bridged(2) else { return };
    for host in BRIDGE {
        let server = serve(&network, host);
        let [one, other] = [&network.clients[0], &network.clients[1]];
        let tokens = [token(one, &server), token(other, &server)];
        for (client, strange, own) in [(one, &tokens[1], &tokens[0]), (other, &tokens[0], &tokens[1])] {
            for (token, status) in [(strange, "401"), (own, "200")] {
                let header = format!("X-aws-ec2-metadata-token: {token}");
                let line = "curl -sg --max-time 20 -o /dev/null -w '%{http_code}' -H \"$1\" $0/latest/meta-data/";
                assert_eq!(printed(&client.bash(line, &[&server.url(), &header])), status, "{host}");
            }
        }
    }
}

#[test]
fn a_client_without_an_instances_address_is_disconnected_and_counted() {
    let Some(network) = bridged(3) else { return };
    for host in BRIDGE {
        let server = serve(&network, host);
        assert_eq!(rejected(&network, &server), "0", "{host}");
        for times in ["1", "2"] {
            let output = request(&network.clients[2], &server, "instance-id", "Accept: */*");
            assert!(CLOSED.contains(&output.status.code()) && output.stdout.is_empty(), "{host}: {output:?}");
            assert_eq!(rejected(&network, &server), times, "{host}");
        }
        // The bridge is no instance either.
        let output = request(&network.server, &server, "instance-id", "Accept: */*");
        assert!(CLOSED.contains(&output.status.code()), "{host}: {output:?}");
        assert_eq!(
            printed(&get(&network.clients[0], &server, "instance-id", &token(&network.clients[0], &server))),
            INSTANCES[0]
        );
        assert_eq!(rejected(&network, &server), "3", "{host}");
    }
}

#[test]
fn a_launched_instance_is_served_to_its_address_until_it_is_terminated() {
    let Some(network) = bridged(3) else { return };
    let server = serve(&network, BRIDGE[0]);
    let client = &network.clients[2];
    let instance_type = || text(&request(client, &server, "instance-type", "Accept: */*").stdout);
    let launch = "Action=RunInstances&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1&InstanceType=m5.large\
                  &PrivateIpAddress=10.84.0.13";
    assert_eq!(instance_type(), "");
    let launched = call(&network, &server, launch);
    let id = launched.split("<instanceId>").nth(1).and_then(|rest| rest.split('<').next()).expect("an id");
    assert_eq!(instance_type(), "m5.large");
    call(&network, &server, &format!("Action=TerminateInstances&InstanceId.1={id}"));
    assert_eq!(instance_type(), "");
}

fn serve(network: &Bridged, host: &str) -> Server {
    let address = if host.contains(':') { format!("[{host}]:1338") } else { format!("{host}:1338") };
    let arguments = ["--by-peer", "--fleet", FLEET, "--console", "127.0.0.1:1339"];
    Server::start_in(&network.server, &address, &arguments)
}

fn token(client: &Namespace, server: &Server) -> String {
    let line = "curl -sfg --max-time 20 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $0/latest/api/token";
    printed(&client.bash(line, &[&server.url()]))
}

fn get(client: &Namespace, server: &Server, path: &str, token: &str) -> Output {
    request(client, server, path, &format!("X-aws-ec2-metadata-token: {token}"))
}

fn request(client: &Namespace, server: &Server, path: &str, header: &str) -> Output {
    client.bash("curl -sg --max-time 20 -H \"$2\" $0/latest/meta-data/$1", &[&server.url(), path, header])
}

/// The console's count of connections that were closed because no instance has the client's
/// address.
fn rejected(network: &Bridged, server: &Server) -> String {
    let line = "curl -sf --max-time 20 http://$0/metrics";
    let metrics = printed(&network.server.bash(line, &[&server.console().to_string()]));
    let sample = "imds_connections_refused_total{reason=\"no_instance\"} ";
    let value = metrics.lines().find_map(|line| line.strip_prefix(sample));
    value.unwrap_or_else(|| panic!("{metrics}")).to_owned()
}

/// Requests a path of the console, which is reachable only in the server's network.
fn call(network: &Bridged, server: &Server, form: &str) -> String {
    let line = "curl -sf --max-time 20 -d \"Version=2016-11-15&$1\" http://$0/";
    printed(&network.server.bash(line, &[&server.console().to_string(), form]))
}
