//! EC2's Query API: the response to any form is XML, and a rejected form changes nothing.

use std::sync::LazyLock;

use imds::{Nonce, Seed, Timestamp};
use imds_ec2::Fleet;
use imds_ec2::fleet::Settings;
use imds_ec2::query::{self, ERROR_CODES, QueryResponse, VERSION};
use roxmltree::Document;

use crate::Target;
use crate::models::cost;
use crate::models::tree::now;
use crate::seeds::{Inputs, distinct_by_outcome};

pub const TARGET: Target = Target {
    name: "control",
    property: "the response to any form is well-formed XML, either the action's or a known error; a rejected action and a Describe action change nothing; a snapshot restores completely; the steps, the response and the memory of a call are bounded by its form and the fleet",
    run,
    dictionary,
    seeds,
};

/// The input is one form per line. Each is sent a second after the previous one.
fn run(data: &[u8]) {
    let mut fleet = FLEET.clone();
    let mut at = now();
    for (nonce, form) in data.split(|&byte| byte == b'\n').take(MAX_FORMS).enumerate() {
        if launches_many(form) || fleet.len() > MAX_INSTANCES {
            return;
        }
        at = at.saturating_add_millis(1000);
        fleet.handle_timeout(at);
        call(&mut fleet, at, form, nonce as u64);
    }
    if fleet.is_unchanged_from(&FLEET) {
        return;
    }
    let snapshot = fleet.snapshot();
    let restored = Fleet::restore(&snapshot, SETTINGS, at).unwrap_or_else(|error| panic!("{error}\n{snapshot}"));
    assert_eq!(restored.snapshot(), snapshot);
}

fn call(fleet: &mut Fleet, at: Timestamp, form: &[u8], nonce: u64) {
    let before = fleet.clone();
    let (reply, _) = cost::handle(fleet, at, form, Nonce::new(nonce));
    assert_well_formed(&reply);
    let changes_nothing = reply.error.is_some() || reply.action.is_some_and(|action| action.starts_with("Describe"));
    if changes_nothing && !fleet.is_unchanged_from(&before) {
        assert_eq!(fleet.snapshot(), before.snapshot(), "{}", text(&reply));
    }
    if nonce == 0 {
        let mut copy = before;
        let again = query::handle(&mut copy, at, form, Nonce::new(nonce));
        assert_eq!((again.status, text(&again)), (reply.status, text(&reply)), "the response is not deterministic");
    }
}

fn text(reply: &QueryResponse) -> String {
    String::from_utf8(reply.body.clone().into_bytes()).expect("XML is UTF-8")
}

fn assert_well_formed(reply: &QueryResponse) {
    let text = text(reply);
    let document = Document::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let root = document.root_element();
    let child =
        |name: &str| root.descendants().find(|node| node.tag_name().name() == name).and_then(|node| node.text());
    match reply.error {
        None => {
            assert_eq!(reply.status, 200);
            let action = reply.action.expect("a successful action has a name");
            assert_eq!(root.tag_name().name(), format!("{action}Response"));
            assert_eq!(child("requestId"), Some(reply.request_id.as_str()));
        }
        Some(error) => {
            assert!(ERROR_CODES.iter().any(|known| known.name == error.name), "{}", error.name);
            assert_eq!((reply.status, root.tag_name().name()), (error.status, "Response"));
            assert_eq!((child("Code"), child("RequestID")), (Some(error.name), Some(reply.request_id.as_str())));
            assert!(child("Message").is_some(), "{text}");
        }
    }
}

/// Returns `true` if the form launches a hundred instances or more, which takes too long.
fn launches_many(form: &[u8]) -> bool {
    let mut counts = form.split(|&byte| byte == b'&').filter(|part| part.starts_with(b"MaxCount"));
    counts.any(|part| part.len() > "MaxCount=99".len())
}

fn dictionary() -> Vec<String> {
    let actions =
        query::actions().flat_map(|name| [format!("Action={name}&"), format!("\nAction={name}&Version={VERSION}&")]);
    actions.chain(FRAGMENTS.iter().map(|fragment| (*fragment).to_owned())).collect()
}

fn seeds(inputs: &Inputs) -> Vec<Vec<u8>> {
    let forms =
        inputs.forms.iter().filter(|form| !launches_many(form.as_bytes())).map(|form| form.clone().into_bytes());
    let mut fleet = FLEET.clone();
    let mut nonce = 0;
    let all = inputs.forms.iter().filter(|form| !launches_many(form.as_bytes())).take(MAX_FORMS);
    let all = all.map(String::as_str).collect::<Vec<_>>().join("\n").into_bytes();
    let mut seeds = distinct_by_outcome(forms, |form| {
        nonce += 1;
        let reply = query::handle(&mut fleet, now().saturating_add_millis(nonce), form, Nonce::new(nonce));
        (reply.action, reply.error.map(|error| error.name))
    });
    for action in query::actions() {
        for parameters in
            ["", "&InstanceId.1=i-0c11a7e9b2d04f3a6", "&InstanceId=i-0c11a7e9b2d04f3a6&DryRun=true", "&Unknown.1=a"]
        {
            seeds.push(format!("Action={action}&Version={VERSION}{parameters}").into_bytes());
        }
    }
    seeds.push(all);
    let mut fleet = FLEET.clone();
    distinct_by_outcome(seeds, |forms| {
        let last = forms.split(|&byte| byte == b'\n').next_back().unwrap_or_default();
        let reply = query::handle(&mut fleet, now(), last, Nonce::new(1));
        (reply.action, reply.error.map(|error| error.name), forms.contains(&b'\n'))
    })
}

static FLEET: LazyLock<Fleet> = LazyLock::new(|| {
    let json = include_str!("../../../examples/article-fleet.json");
    Fleet::from_json(json, SETTINGS, Seed::new([7; 32]), now()).expect("the article's fleet")
});
const SETTINGS: Settings = Settings::new().with_transition_millis(1000).with_loopback_port(Some(1338));
const MAX_FORMS: usize = 6;
const MAX_INSTANCES: usize = 64;
const FRAGMENTS: &[&str] = &[
    "&InstanceId=",
    "&InstanceId.1=",
    "&ResourceId.1=",
    "&Filter.1.Name=",
    "&Filter.1.Value.1=",
    "&Tag.1.Key=",
    "&Tag.1.Value=",
    "&MaxResults=5",
    "&NextToken=",
    "&MinCount=1",
    "&MaxCount=2",
    "&ImageId=ami-0ce107ae7af2e92b5",
    "&InstanceType=t3.micro",
    "&KeyName=",
    "&ClientToken=a",
    "&DryRun=true",
    "&UserData=YQ%3D%3D",
    "&SubnetId=",
    "&PrivateIpAddress=10.0.0.9",
    "&NetworkInterface.1.DeviceIndex=0",
    "&NetworkInterface.1.Ipv6AddressCount=1",
    "&NetworkInterface.1.Ipv6Addresses.1.Ipv6Address=2001:db8::1",
    "&BlockDeviceMapping.1.DeviceName=/dev/xvda",
    "&BlockDeviceMapping.1.VirtualName=ephemeral0",
    "&TagSpecification.1.ResourceType=instance",
    "&TagSpecification.1.Tag.1.Key=a",
    "&IamInstanceProfile.Name=a",
    "&IamInstanceProfile.Arn=",
    "&MetadataOptions.HttpTokens=required",
    "&MetadataOptions.HttpEndpoint=disabled",
    "&HttpTokens=required",
    "&HttpEndpoint=disabled",
    "&HttpPutResponseHopLimit=2",
    "&InstanceMetadataTags=enabled",
    "&Attribute=userData",
    "&Placement.AvailabilityZone=",
    "i-0c11a7e9b2d04f3a6",
    "tag:a",
    "tag-key",
    "instance-state-name",
    "*",
    "%00",
    "%3C",
    "%26",
    "%F0%9F%90%99",
    "%EF%BF%BE",
    "&",
    "=",
    "+",
];
