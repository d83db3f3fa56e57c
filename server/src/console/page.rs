//! `GET /`: what this is, for whoever comes with a browser or curl.

use std::fmt::Write;
use std::net::SocketAddr;

use axum::extract::State;

use super::Shared;

/// Where the server listens.
pub struct Addresses {
    pub metadata: Vec<SocketAddr>,
    pub console: SocketAddr,
}

pub async fn page(State(shared): State<Shared>) -> String {
    let Addresses { metadata, console } = &*shared.addresses;
    let actions = imds::control::actions().collect::<Vec<_>>().join(", ");
    let mut page =
        "imds: the EC2 instance metadata service of a fake instance\n\nMetadata (IMDSv1 and IMDSv2):\n".to_owned();
    for address in metadata {
        // Writing to a string does not fail.
        let _ = writeln!(page, "  curl http://{address}/latest/meta-data/");
    }
    let _ = write!(
        page,
        "
This is the console:
  curl http://{console}/metrics     what was counted, for Prometheus
  curl -N http://{console}/events   each decision as it happens, with the rules that were asked
  curl http://{console}/healthz     whether it is up

Its POST / is the EC2 API: {actions}. To point the AWS CLI at it:
  export AWS_ENDPOINT_URL=http://{console} AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none
  aws --region us-east-1 ec2 describe-instances
No signature is verified: whoever reaches this address is let in.
"
    );
    page
}
