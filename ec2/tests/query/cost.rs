//! The cost of a call is bounded by its form and by the fleet.

use imds::Nonce;
use imds_ec2::query::VERSION;
use proptest::prelude::*;
use proptest::sample::{Index, select};

#[path = "../models/cost.rs"]
mod model;

use crate::support::{Account, LAUNCH};

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_cost_of_a_call_is_bounded_by_its_form_and_the_fleet(
        launches in prop::collection::vec(launch(), 0..3),
        calls in prop::collection::vec(call(), 1..6),
    ) {
        let mut account = Account::new();
        let mut nonce = 0;
        let launches = launches.into_iter().map(Call::Launch);
        for call in launches.chain(calls) {
            nonce += 1;
            let form = call.form(&account);
            model::handle(&mut account.fleet, account.now, form.as_bytes(), Nonce::new(nonce));
            account.advance(700);
        }
    }
}

#[test]
fn the_largest_calls_keep_the_bounds() {
    let mut account = Account::new();
    let tags: String =
        (1..=50).map(|tag| format!("{TAG}{tag}.Key={tag}{TAG}{tag}.Value={}", "a".repeat(256))).collect();
    let launch = format!("{LAUNCH}&TagSpecification.1.ResourceType=instance{tags}").replace("Count=1", "Count=25");
    let id = account.launch("");
    let pattern = format!("*{}b", "a".repeat(127));
    let filters: String = (1..=200).map(|value| format!("&Filter.1.Value.{value}={pattern}")).collect();
    let same: String = (1..=1000).map(|item| format!("&InstanceId.{item}={id}")).collect();
    for (call, is_accepted) in [
        // The fleet has one instance.
        (format!("DescribeInstances{same}"), true),
        (format!("StopInstances{same}"), true),
        (format!("DescribeInstances{}", same.replace("=i-", "=i-f")), false),
        (launch, true),
        (format!("DescribeInstances&Filter.1.Name=tag-value{filters}"), false),
        ("DescribeInstances".into(), true),
        ("DescribeRegions".into(), true),
        (format!("DescribeRegions&Filter.1.Name=region-name{filters}"), true),
        ("DescribeAvailabilityZones".into(), true),
        (LAUNCH.replace("Count=1", "Count=500"), true),
        ("DescribeInstances&MaxResults=1000".into(), true),
        ("DescribeVolumes".into(), true),
    ] {
        let form = format!("Version={VERSION}&Action={call}");
        let (response, cost) = model::handle(&mut account.fleet, account.now, form.as_bytes(), Nonce::new(1));
        println!(
            "result: {}, a form of {} bytes: {} steps, {} bytes out, {} bytes at once",
            call.split('&').next().unwrap_or_default(),
            form.len(),
            cost.steps,
            cost.bytes_out,
            cost.bytes_at_once
        );
        assert_eq!(response.error.is_none(), is_accepted, "{form:.60}: {response:?}");
    }
}

#[derive(Debug, Clone)]
enum Call {
    Launch(Launch),
    /// An action on instances.
    Change {
        action: &'static str,
        list: &'static str,
        ids: Vec<Id>,
        further: String,
    },
    Describe {
        action: &'static str,
        ids: Vec<Id>,
        filters: Vec<Filter>,
        page: Option<u32>,
    },
}

#[derive(Debug, Clone)]
struct Launch {
    count: u32,
    tags: Vec<(String, String)>,
    parameters: Vec<String>,
}

#[derive(Debug, Clone)]
enum Id {
    /// Of an instance of the fleet.
    Known(Index),
    Text(String),
}

#[derive(Debug, Clone)]
struct Filter {
    name: &'static str,
    values: Vec<String>,
}

impl Call {
    fn form(&self, account: &Account) -> String {
        let known: Vec<String> = account
            .fleet
            .instances(imds_ec2::fleet::LaunchSeq::FIRST)
            .map(|instance| instance.id().to_string())
            .collect();
        let id = |id: &Id| match id {
            Id::Known(index) if !known.is_empty() => known[index.index(known.len())].clone(),
            Id::Known(_) => "i-1".into(),
            Id::Text(text) => text.clone(),
        };
        let list = |name: &str, ids: &[Id]| -> String {
            ids.iter().zip(1..).map(|(text, item)| format!("&{name}.{item}={}", id(text))).collect()
        };
        let call = match self {
            Call::Launch(launch) => launch.form(),
            Call::Change { action, list: name, ids, further } => format!("{action}{}{further}", list(name, ids)),
            Call::Describe { action, ids, filters, page } => {
                let mut form = format!("{action}{}", list("InstanceId", ids));
                for (filter, item) in filters.iter().zip(1..) {
                    form += &format!("&Filter.{item}.Name={}", filter.name);
                    for (value, index) in filter.values.iter().zip(1..) {
                        form += &format!("&Filter.{item}.Value.{index}={value}");
                    }
                }
                form + &page.map(|size| format!("&MaxResults={size}")).unwrap_or_default()
            }
        };
        format!("Version={VERSION}&Action={call}")
    }
}

impl Launch {
    fn form(&self) -> String {
        let mut form = LAUNCH.replace("Count=1", &format!("Count={}", self.count));
        if !self.tags.is_empty() {
            form += "&TagSpecification.1.ResourceType=instance";
        }
        for ((key, value), tag) in self.tags.iter().zip(1..) {
            form += &format!("{TAG}{tag}.Key={key}{TAG}{tag}.Value={value}");
        }
        form + &self.parameters.concat()
    }
}

fn call() -> impl Strategy<Value = Call> {
    let changes = select(vec![
        ("StartInstances", "InstanceId", ""),
        ("StopInstances", "InstanceId", ""),
        ("TerminateInstances", "InstanceId", ""),
        ("RebootInstances", "InstanceId", ""),
        ("CreateTags", "ResourceId", "&Tag.1.Key=a&Tag.1.Value=b"),
        ("DeleteTags", "ResourceId", "&Tag.1.Key=a"),
    ]);
    let change = (changes, prop::collection::vec(id(), 0..40));
    let change =
        change.prop_map(|((action, list, further), ids)| Call::Change { action, list, ids, further: further.into() });
    let describe = select(vec![
        "DescribeInstances",
        "DescribeTags",
        "DescribeVolumes",
        "DescribeRegions",
        "DescribeAvailabilityZones",
        "DescribeInstanceCreditSpecifications",
    ]);
    let ids = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(id(), 1..40)];
    let filters = prop::collection::vec(filter(), 0..4);
    let page = prop::option::of(5..1000u32);
    let describe = (describe, ids, filters, page);
    let describe = describe.prop_map(|(action, ids, filters, page)| Call::Describe { action, ids, filters, page });
    prop_oneof![1 => launch().prop_map(Call::Launch), 2 => change, 4 => describe]
}

fn launch() -> impl Strategy<Value = Launch> {
    let tags = prop::collection::vec(("[a-z]{1,20}", text(256)), 0..8);
    let parameters = prop::collection::vec(
        prop_oneof![
            (1..100u32).prop_map(|size| format!(
                "&BlockDeviceMapping.1.DeviceName=/dev/sdb&BlockDeviceMapping.1.Ebs.VolumeSize={size}"
            )),
            text(100).prop_map(|name| format!("&KeyName={name}")),
            (1..30usize)
                .prop_map(|groups| (1..=groups).map(|group| format!("&SecurityGroup.{group}=g{group}")).collect()),
            (0..8u32).prop_map(|count| (0..count)
                .map(|index| format!("&NetworkInterface.{index}.DeviceIndex={index}"))
                .collect()),
            text(3000).prop_map(|data| format!("&UserData={data}")),
            Just("&ClientToken=a".to_owned()),
        ],
        0..3,
    );
    (1..30u32, tags, parameters).prop_map(|(count, tags, parameters)| Launch { count, tags, parameters })
}

fn id() -> impl Strategy<Value = Id> {
    prop_oneof![
        4 => any::<Index>().prop_map(Id::Known),
        1 => "i-[0-9a-f]{1,17}".prop_map(Id::Text),
        1 => text(40).prop_map(Id::Text),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let names = vec![
        "tag-value",
        "tag-key",
        "tag:a",
        "value",
        "key",
        "instance-id",
        "private-dns-name",
        "region-name",
        "zone-name",
        "size",
    ];
    (select(names), prop::collection::vec(text(255), 0..60)).prop_map(|(name, values)| Filter { name, values })
}

/// A text whose characters a form does not encode. Some are escaped in XML, and some are wildcards.
fn text(longest: usize) -> impl Strategy<Value = String> {
    let any = prop::string::string_regex("[a-z<>\"'*?\r]{0,20}").expect("a pattern");
    prop_oneof![3 => any, 1 => (select(vec!["a", "<", "*a", "?"]), 0..=longest).prop_map(move |(part, count)| part.repeat(count / part.len()))]
}

const TAG: &str = "&TagSpecification.1.Tag.";
