//! `ModifyInstanceMetadataOptions`, and the account's defaults

use std::time::{Duration, Instant};

use imds_clients::ec2::list;
use imds_clients::metadata::Metadata;
use imds_clients::run::TIMEOUT;
use serde_json::{Map, Value, json};

use crate::{File, begin};

/// The options, with the values to request. All but two may be the current value.
fn choices() -> [(&'static str, [Value; 2]); 5] {
    let toggle = || [json!("enabled"), json!("disabled")];
    [
        ("HttpTokens", [json!("optional"), json!("required")]),
        ("HttpPutResponseHopLimit", [json!(1), json!(64)]),
        ("HttpEndpoint", toggle()),
        ("HttpProtocolIpv6", toggle()),
        ("InstanceMetadataTags", toggle()),
    ]
}

/// The options at launch: none has its default.
fn beginning() -> Value {
    json!({
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 2,
        "HttpEndpoint": "disabled",
        "HttpProtocolIpv6": "enabled",
        "InstanceMetadataTags": "enabled",
    })
}

#[test]
fn any_combination_of_options_is_pending_before_it_is_in_force() {
    for_each_combination("3600000", "pending", &beginning());
}

#[test]
fn any_combination_of_options_is_applied_once_in_force() {
    for_each_combination("0", "applied", &json!({}));
}

/// Changes a new instance for each combination of requested and omitted options. The options in
/// force are the requested ones, overridden by these.
fn for_each_combination(delay: &str, state: &str, in_force: &Value) {
    let Some((_server, mut ec2)) = begin(&["--modify-delay", delay]) else { return };
    let changes = combinations();
    assert_eq!(changes.len(), 3_usize.pow(5));
    let tags = json!([{ "ResourceType": "instance", "Tags": [{ "Key": "a", "Value": "b" }] }]);
    let count = u32::try_from(changes.len()).unwrap();
    let ids = ec2.launch(count, json!({ "MetadataOptions": beginning(), "TagSpecifications": tags }));
    let mut wanted = Vec::new();
    for (id, change) in ids.iter().zip(&changes) {
        let response = ec2.call("ModifyInstanceMetadataOptions", over(change, &json!({ "InstanceId": id })));
        assert_eq!(response["InstanceId"], json!(id));
        let options = over(change, &beginning());
        let pending = over(&json!({ "State": "pending" }), &options);
        assert_eq!(response["InstanceMetadataOptions"], pending, "{change}");
        wanted.push(options);
    }
    let described = ec2.found(json!({ "InstanceIds": ids }));
    for ((instance, wanted), change) in described.iter().zip(&wanted).zip(&changes) {
        // A change that changes nothing is applied at once.
        let state = if *wanted == beginning() { "applied" } else { state };
        assert_eq!(instance["MetadataOptions"], over(&json!({ "State": state }), wanted), "{change}");
        assert_rules(Metadata::named_by(instance), &over(in_force, wanted));
    }
}

/// Checks that the metadata service behaves as the options specify, except for the hop limit.
fn assert_rules(metadata: Metadata, options: &Value) {
    let without_token = match (&options["HttpEndpoint"], &options["HttpTokens"]) {
        (endpoint, _) if endpoint == "disabled" => Err(403),
        (_, tokens) if tokens == "required" => Err(401),
        _ => Ok("t3.micro".to_owned()),
    };
    assert_eq!(metadata.get_v1("meta-data/instance-type"), Some(without_token), "{options}");
    let tag = match (&options["HttpEndpoint"], &options["InstanceMetadataTags"]) {
        (endpoint, _) if endpoint == "disabled" => Err(403),
        (_, tags) if tags == "disabled" => Err(404),
        _ => Ok("b".to_owned()),
    };
    assert_eq!(metadata.get("meta-data/tags/instance/a"), Some(tag), "{options}");
}

#[test]
fn a_change_of_options_is_pending_before_it_is_applied() {
    let Some((_server, mut ec2)) = begin(&["--modify-delay", "1500"]) else { return };
    let id = ec2.launch(1, json!({})).remove(0);
    let metadata = Metadata::named_by(&ec2.described(&id));
    assert!(metadata.get_v1("meta-data/").unwrap().is_ok());
    let asked = Instant::now();
    ec2.call("ModifyInstanceMetadataOptions", json!({ "InstanceId": id, "HttpTokens": "required" }));
    let deadline = asked + TIMEOUT;
    loop {
        let before = ec2.described(&id)["MetadataOptions"]["State"].take();
        let rejected = metadata.get_v1("meta-data/") == Some(Err(401));
        let after = ec2.described(&id)["MetadataOptions"]["State"].take();
        assert!(rejected || before == "pending", "described as {before}, the old options rule");
        assert!(!rejected || after == "applied", "described as {after}, the new options rule");
        if rejected {
            break;
        }
        assert!(Instant::now() < deadline, "it stays {after}");
    }
    assert!(asked.elapsed() >= Duration::from_millis(1500));
}

#[test]
fn an_option_comes_from_the_launch_then_the_account_then_the_image() {
    let image = "ami-0123456789abcdef0";
    let fleet = format!(r#"{{ "images": {{ "{image}": {{ "imds_support_v2": true }} }} }}"#);
    let file = File::of("images", &fleet);
    let Some((_server, mut ec2)) = begin(&["--fleet", file.path()]) else { return };
    let nothing = json!({});
    let account = json!({ "HttpTokens": "optional", "HttpPutResponseHopLimit": 3, "InstanceMetadataTags": "enabled" });
    let launch = json!({ "HttpTokens": "required", "HttpPutResponseHopLimit": 4, "HttpProtocolIpv6": "enabled" });
    for (defaults, asked, described) in [
        (&nothing, &nothing, ["required", "2", "enabled", "disabled", "disabled"]),
        (&nothing, &launch, ["required", "4", "enabled", "enabled", "disabled"]),
        (&account, &nothing, ["optional", "3", "enabled", "disabled", "enabled"]),
        (&account, &launch, ["required", "4", "enabled", "enabled", "enabled"]),
    ] {
        ec2.call("ModifyInstanceMetadataDefaults", defaults.clone());
        let id = ec2.launch(1, json!({ "ImageId": image, "MetadataOptions": asked })).remove(0);
        let options = ec2.described(&id)["MetadataOptions"].take();
        let shown = choices().map(|(name, _)| options[name].to_string().trim_matches('"').to_owned());
        assert_eq!((shown.as_slice(), &options["State"]), (&described.map(str::to_owned)[..], &json!("applied")));
    }
    // `no-preference` removes the account's default.
    ec2.call(
        "ModifyInstanceMetadataDefaults",
        json!({ "HttpTokens": "no-preference", "HttpPutResponseHopLimit": -1, "InstanceMetadataTags": "no-preference" }),
    );
    let plain = ec2.launch(1, json!({})).remove(0);
    let options = ec2.described(&plain)["MetadataOptions"].take();
    assert_eq!((&options["HttpTokens"], &options["HttpPutResponseHopLimit"]), (&json!("optional"), &json!(1)));
}

#[test]
fn account_defaults_keep_values_that_a_change_omits() {
    let Some((_server, mut ec2)) = begin(&[]) else { return };
    let none = json!({ "ManagedBy": "account" });
    assert_eq!(ec2.call("GetInstanceMetadataDefaults", json!({}))["AccountLevel"], none);
    let mut expected = none.clone();
    let steps = [
        json!({ "HttpTokens": "required", "HttpPutResponseHopLimit": 2 }),
        json!({ "HttpEndpoint": "enabled", "InstanceMetadataTags": "disabled" }),
        json!({ "HttpTokensEnforced": "enabled" }),
        json!({ "HttpPutResponseHopLimit": 64 }),
    ];
    for change in steps {
        assert_eq!(ec2.call("ModifyInstanceMetadataDefaults", change.clone())["Return"], true);
        expected = over(&change, &expected);
        assert_eq!(ec2.call("GetInstanceMetadataDefaults", json!({}))["AccountLevel"], expected, "{change}");
    }
    let names = ["HttpTokens", "HttpEndpoint", "InstanceMetadataTags", "HttpTokensEnforced"];
    let mut away: Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), json!("no-preference"))).collect();
    away.insert("HttpPutResponseHopLimit".into(), json!(-1));
    ec2.call("ModifyInstanceMetadataDefaults", Value::Object(away));
    assert_eq!(ec2.call("GetInstanceMetadataDefaults", json!({}))["AccountLevel"], none);
}

#[test]
fn an_account_that_enforces_tokens_rejects_optional_tokens() {
    let Some((_server, mut ec2)) = begin(&["--modify-delay", "0"]) else { return };
    let before = ec2.launch(1, json!({})).remove(0);
    ec2.call("ModifyInstanceMetadataDefaults", json!({ "HttpTokensEnforced": "enabled" }));
    let launch = |options: Value| json!({ "ImageId": "ami-0ce107ae7af2e92b5", "MinCount": 1, "MaxCount": 1, "MetadataOptions": options });
    let modify = |change: Value| over(&change, &json!({ "InstanceId": before }));
    for (operation, parameters) in [
        ("RunInstances", launch(json!({}))),
        ("RunInstances", launch(json!({ "HttpTokens": "optional" }))),
        ("ModifyInstanceMetadataOptions", modify(json!({ "HttpTokens": "optional" }))),
    ] {
        assert_eq!(ec2.error(operation, parameters), ("UnsupportedOperation".into(), 400), "{operation}");
    }
    ec2.call("RunInstances", launch(json!({ "HttpTokens": "required" })));
    // An existing instance with optional tokens keeps them until a change.
    ec2.call("ModifyInstanceMetadataOptions", modify(json!({ "HttpPutResponseHopLimit": 2 })));
    assert_eq!(ec2.described(&before)["MetadataOptions"]["HttpTokens"], "optional");
    ec2.call("ModifyInstanceMetadataOptions", modify(json!({ "HttpTokens": "required" })));
    assert_eq!(ec2.described(&before)["MetadataOptions"]["HttpTokens"], "required");
}

/// Every combination of requested and omitted options.
fn combinations() -> Vec<Value> {
    let mut all = vec![json!({})];
    for (name, values) in choices() {
        let with = |value: &Value| all.iter().map(|change| over(&json!({ name: value }), change)).collect::<Vec<_>>();
        let more = list(&json!(values)).iter().flat_map(with).collect::<Vec<_>>();
        all.extend(more);
    }
    all
}

/// One object, overridden by the members of another.
fn over(one: &Value, other: &Value) -> Value {
    let members = [other, one].into_iter().flat_map(|value| value.as_object().cloned().unwrap_or_default());
    Value::Object(members.collect())
}
