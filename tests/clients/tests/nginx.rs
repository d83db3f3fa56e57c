//! No request is smuggled through nginx.

use imds_clients::Server;
use imds_clients::proxy::{Forwarding, Proxy};
use imds_clients::smuggling::{each_way, withstand};

#[test]
fn the_server_sees_the_requests_that_nginx_forwards_over_http_1_0() {
    forwards(Forwarding::Http10);
}

#[test]
fn the_server_sees_the_requests_that_nginx_forwards_after_their_bodies() {
    forwards(Forwarding::Buffered);
}

#[test]
fn the_server_sees_the_requests_that_nginx_forwards_with_their_bodies() {
    forwards(Forwarding::Unbuffered);
}

fn forwards(forwarding: Forwarding) {
    each_way(|options| {
        let server = Server::start(options);
        let Some(proxy) = Proxy::nginx(server.address(), forwarding) else { return };
        withstand(&server, proxy);
    });
}
