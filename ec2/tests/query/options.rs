use imds::record::{Line, Record};
use imds_ec2::Fleet;
use imds_ec2::fleet::Image;

use crate::support::{Account, LAUNCH, Response};

const ELEMENTS: [&str; 6] =
    ["state", "httpTokens", "httpPutResponseHopLimit", "httpEndpoint", "httpProtocolIpv6", "instanceMetadataTags"];

#[test]
fn changed_options_are_pending_until_they_take_effect() {
    let mut account = Account::new();
    let id = account.launch("");
    let modify = format!("ModifyInstanceMetadataOptions&InstanceId={id}");
    // The change of the article that the example fleet is from.
    let change = format!("{modify}&HttpTokens=required&HttpPutResponseHopLimit=1&HttpEndpoint=enabled");
    let response = account.ok(&change);
    assert_eq!(response.text("instanceId"), id);
    let required = ["required", "1", "enabled", "disabled", "disabled"];
    assert_eq!(options(&response), with("pending", required));
    assert_eq!(described(&mut account, &id), with("pending", required));
    assert_eq!(account.status_of_v1(&id), 200);
    account.advance(999);
    assert_eq!(account.status_of_v1(&id), 200);
    account.advance(1);
    assert_eq!(described(&mut account, &id), with("applied", required));
    assert_eq!(account.status_of_v1(&id), 401);

    // moto resets the options that a change omits, and responds with `applied` at once.
    account.ok(&format!("{modify}&HttpProtocolIpv6=enabled&InstanceMetadataTags=enabled&HttpPutResponseHopLimit=2"));
    let response =
        account.ok(&format!("{modify}&HttpTokens=optional&HttpEndpoint=disabled&HttpPutResponseHopLimit=64"));
    assert_eq!(options(&response), with("pending", ["optional", "64", "disabled", "enabled", "enabled"]));
    let response = account.ok(&format!("{modify}&HttpEndpoint=enabled"));
    assert_eq!(options(&response), with("pending", ["optional", "64", "enabled", "enabled", "enabled"]));
    // A change without options changes nothing.
    assert_eq!(options(&account.ok(&modify))[1..], options(&response)[1..]);
}

#[test]
fn a_change_of_nothing_answers_pending_and_is_described_as_applied() {
    let mut account = Account::new();
    let id = account.launch("");
    let same = ["optional", "1", "enabled", "disabled", "disabled"];
    for parameters in ["", "&HttpTokens=optional", "&HttpEndpoint=enabled&HttpPutResponseHopLimit=1"] {
        let response = account.ok(&format!("ModifyInstanceMetadataOptions&InstanceId={id}{parameters}"));
        assert_eq!(options(&response), with("pending", same), "{parameters}");
        assert_eq!(described(&mut account, &id), with("applied", same), "{parameters}");
    }
    // It does not delay an earlier change either.
    account.ok(&format!("ModifyInstanceMetadataOptions&InstanceId={id}&HttpTokens=required"));
    account.advance(999);
    account.ok(&format!("ModifyInstanceMetadataOptions&InstanceId={id}&HttpTokens=required"));
    account.advance(1);
    assert_eq!(described(&mut account, &id)[0], "applied");
}

#[test]
fn a_change_of_a_stopped_instance_is_pending_until_its_start() {
    let mut account = Account::new();
    let id = account.launch("");
    account.ok(&format!("StopInstances&InstanceId.1={id}"));
    account.ok(&format!("ModifyInstanceMetadataOptions&InstanceId={id}&HttpTokens=required"));
    account.advance(3_600_000);
    let required = ["required", "1", "enabled", "disabled", "disabled"];
    assert_eq!(described(&mut account, &id), with("pending", required), "requested while it was stopping");
    let response = account.ok(&format!("ModifyInstanceMetadataOptions&InstanceId={id}&HttpPutResponseHopLimit=2"));
    let required = ["required", "2", "enabled", "disabled", "disabled"];
    assert_eq!(options(&response), with("pending", required));
    account.advance(3_600_000);
    assert_eq!(described(&mut account, &id), with("pending", required), "requested while it was stopped");
    let filter = "DescribeInstances&Filter.1.Name=metadata-options.state&Filter.1.Value.1=pending";
    assert_eq!(account.ok(filter).texts("instanceId"), [id.as_str()]);
    // Neither a restored snapshot nor a replaced record loses the change.
    let (snapshot, now) = (account.fleet.snapshot(), account.now);
    account.fleet = Fleet::restore(&snapshot, *account.fleet.settings(), now).unwrap();
    assert_eq!(account.fleet.snapshot(), snapshot);
    account.fleet.replace(now, &id, &Record::new(Line::try_from("t3.nano").unwrap())).unwrap();
    assert_eq!(described(&mut account, &id), with("pending", required));
    assert_eq!(account.fleet.poll_timeout(), None, "nothing happens before the start");

    account.ok(&format!("StartInstances&InstanceId.1={id}"));
    assert_eq!(described(&mut account, &id), with("applied", required));
    assert_eq!(account.status_of_v1(&id), 401);
    let events: Vec<_> = std::iter::from_fn(|| account.fleet.poll_event()).map(|event| event.kind.name()).collect();
    assert_eq!(events, ["replaced", "started", "applied"]);
}

#[test]
fn invalid_options_that_moto_accepts_are_rejected() {
    let mut account = Account::new();
    let id = account.launch("MetadataOptions.HttpTokens=required&MetadataOptions.HttpPutResponseHopLimit=2");
    let before = described(&mut account, &id);
    for (parameters, message) in [
        (
            "HttpPutResponseHopLimit=65",
            "A value of ‘65’ is not valid for http-put-response-hop-limit. Specify a value between 1 and 64, and try again.",
        ),
        (
            "HttpPutResponseHopLimit=0&HttpTokens=optional",
            "A value of ‘0’ is not valid for http-put-response-hop-limit. Specify a value between 1 and 64, and try again.",
        ),
        (
            "HttpPutResponseHopLimit=-1",
            "A value of ‘-1’ is not valid for http-put-response-hop-limit. Specify a value between 1 and 64, and try again.",
        ),
        (
            "HttpTokens=bogus",
            "A value of 'bogus' is not valid for HttpTokens. Specify either 'optional' or 'required' and try again.",
        ),
        (
            "HttpTokens=no-preference",
            "A value of 'no-preference' is not valid for HttpTokens. Specify either 'optional' or 'required' and try again.",
        ),
        (
            "HttpEndpoint=Enabled",
            "A value of 'Enabled' is not valid for HttpEndpoint. Specify either 'enabled' or 'disabled' and try again.",
        ),
    ] {
        let error = ("InvalidParameterValue".into(), message.into());
        assert_eq!(account.rejected(&format!("ModifyInstanceMetadataOptions&InstanceId={id}&{parameters}")), error);
        let of_launch: String = parameters.split('&').map(|option| format!("&MetadataOptions.{option}")).collect();
        assert_eq!(account.rejected(&format!("{LAUNCH}{of_launch}")), error);
        assert_eq!(described(&mut account, &id), before);
    }
}

#[test]
fn options_of_a_missing_or_terminated_instance_cannot_be_changed() {
    let mut account = Account::new();
    let id = account.launch("");
    account.ok(&format!("TerminateInstances&InstanceId.1={id}"));
    account.advance(1000);
    for (parameters, code, message) in [
        ("HttpTokens=required", "MissingParameter", "The request must contain the parameter InstanceId".to_owned()),
        ("InstanceId=i-1", "InvalidInstanceID.NotFound", "The instance ID 'i-1' does not exist".into()),
        ("InstanceId=ma1", "InvalidInstanceID.Malformed", "Invalid id: \"ma1\"".into()),
        (
            &format!("InstanceId={id}"),
            "IncorrectInstanceState",
            format!("The instance '{id}' is not in a valid state for this operation: it is terminated."),
        ),
    ] {
        let rejected = account.rejected(&format!("ModifyInstanceMetadataOptions&{parameters}"));
        assert_eq!(rejected, (code.into(), message), "{parameters}");
    }
}

#[test]
fn an_option_comes_from_the_launch_the_account_the_image_or_the_default() {
    let nothing = "";
    for (account, launch, options) in [
        (nothing, nothing, ["required", "2", "enabled", "disabled", "disabled"]),
        ("HttpTokens=optional", nothing, ["optional", "2", "enabled", "disabled", "disabled"]),
        ("HttpPutResponseHopLimit=3", nothing, ["required", "3", "enabled", "disabled", "disabled"]),
        (
            "HttpEndpoint=disabled&InstanceMetadataTags=enabled",
            nothing,
            ["required", "2", "disabled", "disabled", "enabled"],
        ),
        (
            "HttpTokens=required",
            "&MetadataOptions.HttpTokens=optional",
            ["optional", "2", "enabled", "disabled", "disabled"],
        ),
        (
            "HttpPutResponseHopLimit=3&InstanceMetadataTags=enabled",
            "&MetadataOptions.HttpPutResponseHopLimit=4&MetadataOptions.InstanceMetadataTags=disabled&MetadataOptions.HttpProtocolIpv6=enabled",
            ["required", "4", "enabled", "enabled", "disabled"],
        ),
    ] {
        let mut of_image = Account::with_defaults(account);
        let image = Line::try_from("ami-0ce107ae7af2e92b5").unwrap();
        of_image.fleet.set_image(image, Image::default().with_imds_support_v2(true));
        let response = of_image.ok(&format!("{LAUNCH}{launch}"));
        assert_eq!(self::options(&response), with("pending", options), "{account} {launch}");
        assert_eq!(
            described(&mut of_image, &response.text("instanceId")),
            with("applied", options),
            "{account} {launch}"
        );
    }
    let response = Account::new().ok(LAUNCH);
    assert_eq!(options(&response), with("pending", ["optional", "1", "enabled", "disabled", "disabled"]));
}

#[test]
fn account_defaults_can_be_set_and_removed() {
    let mut account = Account::new();
    let members =
        ["httpTokens", "httpPutResponseHopLimit", "httpEndpoint", "instanceMetadataTags", "httpTokensEnforced"];
    for (change, expected) in [
        ("HttpTokens=required&HttpPutResponseHopLimit=2", ["required", "2", "", "", ""]),
        (
            "HttpEndpoint=enabled&InstanceMetadataTags=disabled&HttpTokensEnforced=enabled",
            ["required", "2", "enabled", "disabled", "enabled"],
        ),
        ("HttpTokens=no-preference&HttpPutResponseHopLimit=-1", ["", "", "enabled", "disabled", "enabled"]),
        ("HttpEndpoint=no-preference&InstanceMetadataTags=no-preference&HttpTokensEnforced=no-preference", [""; 5]),
        ("", [""; 5]),
    ] {
        let response = account.ok(format!("ModifyInstanceMetadataDefaults&{change}").trim_end_matches('&'));
        assert_eq!(response.text("return"), "true");
        let level = account.ok("GetInstanceMetadataDefaults").element("accountLevel");
        let description = members.map(|member| level.texts(member).pop().unwrap_or_default());
        assert_eq!(description, expected, "{change}");
    }
    let rejected = account.rejected("ModifyInstanceMetadataDefaults&HttpPutResponseHopLimit=0");
    let message = "A value of ‘0’ is not valid for http-put-response-hop-limit. Specify a value between 1 and 64, or -1, and try again.";
    assert_eq!(rejected, ("InvalidParameterValue".into(), message.into()));
    let rejected = account.rejected("ModifyInstanceMetadataDefaults&HttpTokens=never");
    let message = "A value of 'never' is not valid for HttpTokens. Specify 'optional', 'required' or 'no-preference' and try again.";
    assert_eq!(rejected, ("InvalidParameterValue".into(), message.into()));
}

#[test]
fn an_account_that_enforces_tokens_rejects_optional_tokens() {
    let mut account = Account::new();
    let id = account.launch("");
    account.ok("ModifyInstanceMetadataDefaults&HttpTokensEnforced=enabled");
    let message = "You can't launch instances with IMDSv1 because httpTokensEnforced is enabled for this account. Either \
                   launch the instance with httpTokens=required or contact your account owner to disable \
                   httpTokensEnforced using the ModifyInstanceMetadataDefaults API or the account settings in the EC2 \
                   console.";
    let modify = format!("ModifyInstanceMetadataOptions&InstanceId={id}");
    for action in [
        LAUNCH.to_owned(),
        format!("{LAUNCH}&MetadataOptions.HttpTokens=optional"),
        // AWS, EC2 user guide: the sentence is the same.
        format!("{modify}&HttpTokens=optional"),
    ] {
        assert_eq!(account.rejected(&action), ("UnsupportedOperation".into(), message.into()), "{action}");
    }
    account.ok(&format!("{LAUNCH}&MetadataOptions.HttpTokens=required"));
    // An instance that does not require tokens can keep that, and its other options can change.
    account.ok(&format!("{modify}&HttpEndpoint=disabled"));
}

fn described(account: &mut Account, id: &str) -> [String; 6] {
    options(&account.ok(&format!("DescribeInstances&InstanceId.1={id}")))
}

/// The options of a response, in the order of `ELEMENTS`.
fn options(response: &Response) -> [String; 6] {
    let within =
        if response.xml.contains("<instanceMetadataOptions>") { "instanceMetadataOptions" } else { "metadataOptions" };
    let options = response.element(within);
    ELEMENTS.map(|element| options.text(element))
}

fn with(state: &str, options: [&str; 5]) -> [String; 6] {
    let [a, b, c, d, e] = options;
    [state, a, b, c, d, e].map(str::to_owned)
}
