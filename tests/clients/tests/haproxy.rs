//! No request is smuggled through HAProxy.

use imds_clients::Server;
use imds_clients::proxy::Proxy;
use imds_clients::smuggling::{each_way, withstand};

#[test]
fn the_server_sees_the_requests_that_haproxy_forwards() {
    each_way(|options| {
        let server = Server::start(options);
        let Some(proxy) = Proxy::haproxy(server.address()) else { return };
        withstand(&server, proxy);
    });
}
