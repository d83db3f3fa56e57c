//! `GET /`: the playground for whoever comes with a browser, and what this is for whoever comes with curl.

use std::fmt::Write;
use std::net::SocketAddr;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::VARY;
use axum::response::{IntoResponse, Response};
use imds::Timestamp;
use imds_ec2::fleet::LaunchSeq;
use imds_ec2::{Fleet, query};

use super::{Shared, site};

/// Where the server listens.
pub struct Addresses {
    pub metadata: Vec<SocketAddr>,
    pub console: SocketAddr,
}

pub async fn page(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    if site::is_for_browser(&headers) {
        return site::index(&headers);
    }
    ([(VARY, site::VARIES)], text(&shared)).into_response()
}

fn text(shared: &Shared) -> String {
    let Addresses { metadata, console } = &*shared.addresses;
    let mut page = "imds: the EC2 instance metadata service (IMDSv1 and IMDSv2) of fake instances\n\n".to_owned();
    for address in metadata {
        // Writing to a string does not fail, here and below.
        let _ = writeln!(page, "  curl http://{address}/latest/meta-data/");
    }
    instances(&shared.service.fleet.now(), shared.service.clock.now(), &mut page);
    let _ = write!(
        page,
        "
This is the console. A browser finds the playground here, and a tutorial:
  http://{console}

  curl http://{console}/metrics     what was counted, for Prometheus
  curl -N http://{console}/events   what happens as it happens: decisions with the rules that were asked, instances
  curl http://{console}/healthz     whether it is up

Its POST / is EC2's API. To point the AWS CLI at it:
  export AWS_ENDPOINT_URL=http://{console} AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any
  aws ec2 describe-instances
No signature is verified: whoever reaches this address is let in. It knows these actions:
"
    );
    for action in query::actions() {
        let _ = writeln!(page, "  {action}");
    }
    page
}

/// The instances, the last ones first to go where there are many.
fn instances(fleet: &Fleet, now: Timestamp, page: &mut String) {
    page.push_str("\nInstances:\n");
    for member in fleet.members(LaunchSeq::FIRST).take(MOST_INSTANCES) {
        let state = member.state(now).name();
        let endpoint = member.endpoint().map(|endpoint| format!("  http://{endpoint}")).unwrap_or_default();
        let _ = writeln!(page, "  {}  {}  {state}{endpoint}", member.id(), member.instance().details().instance_type());
    }
    let further = fleet.len().saturating_sub(MOST_INSTANCES);
    if further > 0 {
        let _ = writeln!(page, "  and {further} more");
    }
}

const MOST_INSTANCES: usize = 50;
