//! `GET /`: the playground for browsers, a description in plain text for other clients, and calls of
//! the EC2 API.

use std::fmt::Write;

use axum::extract::{Request, State};
use axum::http::header::VARY;
use axum::response::{IntoResponse, Response};
use imds::Timestamp;
use imds_ec2::fleet::LaunchSeq;
use imds_ec2::{Fleet, query};

use super::shared::{Addresses, Shared};
use super::{assets, call, ec2_query};
use crate::escape;

pub async fn index(State(shared): State<Shared>, request: Request) -> Response {
    if call::is_call(request.method(), request.uri()) {
        return ec2_query::ec2_query(State(shared), request).await;
    }
    if assets::is_from_browser(request.headers()) {
        return assets::index(request.headers());
    }
    ([(VARY, assets::VARY_BY)], text(&shared)).into_response()
}

fn text(shared: &Shared) -> String {
    let Addresses { metadata, console } = &*shared.addresses;
    let mut page = "imds: the EC2 instance metadata service (IMDSv1 and IMDSv2) of simulated instances\n\n".to_owned();
    for address in metadata {
        // Writing to a string does not fail, here and below.
        let _ = writeln!(page, "  curl http://{address}/latest/meta-data/");
    }
    list_instances(&shared.service.fleet.load(), shared.service.clock.now(), &mut page);
    let _ = write!(
        page,
        "
This is the console. In a browser it shows a playground and a tutorial:
  http://{console}

  curl http://{console}/metrics     metrics for Prometheus
  curl -N http://{console}/events   decisions with the evaluated rules, and instance changes, as they happen
  curl http://{console}/healthz     health check
  curl http://{console}/v1/events   planned events, which `imds event` plans and cancels
  curl http://{console}/v1/clock    the clock, which `imds clock` advances, sets and pauses

POST / and GET /?Action=... are the EC2 API. To use it from the AWS CLI:
  export AWS_ENDPOINT_URL=http://{console} AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any
  aws ec2 describe-instances
It does not verify signatures: any program that can reach this address can use it. Its actions:
"
    );
    for action in query::actions() {
        let _ = writeln!(page, "  {action}");
    }
    page
}

/// Lists the first [`MAX_INSTANCES`] instances.
fn list_instances(fleet: &Fleet, now: Timestamp, page: &mut String) {
    page.push_str("\nInstances:\n");
    for instance in fleet.instances(LaunchSeq::FIRST).take(MAX_INSTANCES) {
        let state = instance.state(now).name();
        let endpoint = instance.endpoint().map(|endpoint| format!("  http://{endpoint}")).unwrap_or_default();
        let instance_type = instance.instance().details().instance_type();
        let id = escape::plain(instance.id());
        let _ = writeln!(page, "  {id}  {instance_type}  {state}{endpoint}");
    }
    let rest = fleet.len().saturating_sub(MAX_INSTANCES);
    if rest > 0 {
        let _ = writeln!(page, "  and {rest} more");
    }
}

const MAX_INSTANCES: usize = 50;
