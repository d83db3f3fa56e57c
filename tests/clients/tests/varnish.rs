//! No request is smuggled through Varnish.

use imds_clients::Server;
use imds_clients::proxy::Proxy;
use imds_clients::smuggling::{each_way, withstand};

#[test]
fn the_server_sees_the_requests_that_varnish_forwards() {
    each_way(|options| {
        let server = Server::start(options);
        let Some(proxy) = Proxy::varnish(server.address()) else { return };
        withstand(&server, proxy);
    });
}
