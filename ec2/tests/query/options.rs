use imds::record::Line;
use imds_ec2::fleet::Image;

use crate::support::{Account, Answer, LAUNCH};

const MEMBERS: [&str; 6] =
    ["state", "httpTokens", "httpPutResponseHopLimit", "httpEndpoint", "httpProtocolIpv6", "instanceMetadataTags"];

#[test]
fn a_change_answers_pending_and_is_pending_until_it_takes_effect_and_the_old_options_rule_until_then() {
    let mut account = Account::new();
    let id = account.launch("");
    let modify = format!("ModifyInstanceMetadataOptions&InstanceId={id}");
    // As the article's.
    let change = format!("{modify}&HttpTokens=required&HttpPutResponseHopLimit=1&HttpEndpoint=enabled");
    let answer = account.done(&change);
    assert_eq!(answer.one("instanceId"), id);
    let required = ["required", "1", "enabled", "disabled", "disabled"];
    assert_eq!(options(&answer), with("pending", required));
    assert_eq!(described(&mut account, &id), with("pending", required));
    assert_eq!(account.status_of_v1(&id), 200);
    account.pass(999);
    assert_eq!(account.status_of_v1(&id), 200);
    account.pass(1);
    assert_eq!(described(&mut account, &id), with("applied", required));
    assert_eq!(account.status_of_v1(&id), 401);

    // moto loses what a change leaves out, and answers `applied` at once.
    account.done(&format!("{modify}&HttpProtocolIpv6=enabled&InstanceMetadataTags=enabled&HttpPutResponseHopLimit=2"));
    let answer =
        account.done(&format!("{modify}&HttpTokens=optional&HttpEndpoint=disabled&HttpPutResponseHopLimit=64"));
    assert_eq!(options(&answer), with("pending", ["optional", "64", "disabled", "enabled", "enabled"]));
    let answer = account.done(&format!("{modify}&HttpEndpoint=enabled"));
    assert_eq!(options(&answer), with("pending", ["optional", "64", "enabled", "enabled", "enabled"]));
    // Nothing asked for, nothing changed.
    assert_eq!(options(&account.done(&modify))[1..], options(&answer)[1..]);
}

#[test]
fn moto_takes_these_and_they_are_refused() {
    let mut account = Account::new();
    let id = account.launch("MetadataOptions.HttpTokens=required&MetadataOptions.HttpPutResponseHopLimit=2");
    let before = described(&mut account, &id);
    for (parameters, message) in [
        (
            "HttpPutResponseHopLimit=65",
            "A value of '65' is not valid for HttpPutResponseHopLimit. Specify an integer between 1 and 64 and try again.",
        ),
        (
            "HttpPutResponseHopLimit=0&HttpTokens=optional",
            "A value of '0' is not valid for HttpPutResponseHopLimit. Specify an integer between 1 and 64 and try again.",
        ),
        (
            "HttpPutResponseHopLimit=-1",
            "A value of '-1' is not valid for HttpPutResponseHopLimit. Specify an integer between 1 and 64 and try again.",
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
        let refusal = ("InvalidParameterValue".into(), message.into());
        assert_eq!(account.refused(&format!("ModifyInstanceMetadataOptions&InstanceId={id}&{parameters}")), refusal);
        let of_launch: String = parameters.split('&').map(|option| format!("&MetadataOptions.{option}")).collect();
        assert_eq!(account.refused(&format!("{LAUNCH}{of_launch}")), refusal);
        assert_eq!(described(&mut account, &id), before);
    }
}

#[test]
fn whose_options_are_changed_must_be_an_instance_that_is_there() {
    let mut account = Account::new();
    let id = account.launch("");
    account.done(&format!("TerminateInstances&InstanceId.1={id}"));
    account.pass(1000);
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
        let refused = account.refused(&format!("ModifyInstanceMetadataOptions&{parameters}"));
        assert_eq!(refused, (code.into(), message), "{parameters}");
    }
}

#[test]
fn each_option_is_decided_by_the_launch_then_the_account_then_the_image_then_the_default() {
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
        let answer = of_image.done(&format!("{LAUNCH}{launch}"));
        assert_eq!(self::options(&answer), with("pending", options), "{account} {launch}");
        assert_eq!(described(&mut of_image, &answer.one("instanceId")), with("applied", options), "{account} {launch}");
    }
    let answer = Account::new().done(LAUNCH);
    assert_eq!(options(&answer), with("pending", ["optional", "1", "enabled", "disabled", "disabled"]));
}

#[test]
fn an_account_has_the_defaults_that_were_set_and_no_others() {
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
        let answer = account.done(format!("ModifyInstanceMetadataDefaults&{change}").trim_end_matches('&'));
        assert_eq!(answer.one("return"), "true");
        let level = account.done("GetInstanceMetadataDefaults").within("accountLevel");
        let shown = members.map(|member| level.all(member).pop().unwrap_or_default());
        assert_eq!(shown, expected, "{change}");
    }
    let refused = account.refused("ModifyInstanceMetadataDefaults&HttpPutResponseHopLimit=0");
    let message = "A value of '0' is not valid for HttpPutResponseHopLimit. Specify an integer between 1 and 64, or -1 and try again.";
    assert_eq!(refused, ("InvalidParameterValue".into(), message.into()));
    let refused = account.refused("ModifyInstanceMetadataDefaults&HttpTokens=never");
    let message = "A value of 'never' is not valid for HttpTokens. Specify 'optional', 'required' or 'no-preference' and try again.";
    assert_eq!(refused, ("InvalidParameterValue".into(), message.into()));
}

#[test]
fn an_account_that_enforces_tokens_launches_and_makes_nothing_optional() {
    let mut account = Account::new();
    let id = account.launch("");
    account.done("ModifyInstanceMetadataDefaults&HttpTokensEnforced=enabled");
    for launch in [LAUNCH.to_owned(), format!("{LAUNCH}&MetadataOptions.HttpTokens=optional")] {
        let (code, message) = account.refused(&launch);
        assert_eq!(code, "UnsupportedOperation");
        assert!(message.starts_with(
            "You can't launch instances with IMDSv1 because httpTokensEnforced is enabled for this account. "
        ));
    }
    account.done(&format!("{LAUNCH}&MetadataOptions.HttpTokens=required"));
    let modify = format!("ModifyInstanceMetadataOptions&InstanceId={id}");
    let message = "You can't set httpTokens to 'optional' because httpTokensEnforced is enabled for this account.";
    assert_eq!(
        account.refused(&format!("{modify}&HttpTokens=optional")),
        ("UnsupportedOperation".into(), message.into())
    );
    // The instance that was optional before may stay so, and be anything else.
    account.done(&format!("{modify}&HttpEndpoint=disabled"));
}

fn described(account: &mut Account, id: &str) -> [String; 6] {
    options(&account.done(&format!("DescribeInstances&InstanceId.1={id}")))
}

/// The options of an answer, in the order of the members above.
fn options(answer: &Answer) -> [String; 6] {
    let within =
        if answer.xml.contains("<instanceMetadataOptions>") { "instanceMetadataOptions" } else { "metadataOptions" };
    let options = answer.within(within);
    MEMBERS.map(|member| options.one(member))
}

fn with(state: &str, options: [&str; 5]) -> [String; 6] {
    let [a, b, c, d, e] = options;
    [state, a, b, c, d, e].map(str::to_owned)
}
