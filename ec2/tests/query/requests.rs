use imds::Nonce;
use imds::source::Certainty;
use imds_ec2::query::{self, ERROR_CODES, VERSION};

use crate::support::{Account, LAUNCH};

#[test]
fn an_answer_is_a_document_of_the_action_with_its_request_id() {
    let mut account = Account::new();
    let answer = account.ask("GetInstanceMetadataDefaults");
    let id = answer.one("requestId");
    assert_eq!(
        answer.xml,
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <GetInstanceMetadataDefaultsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\n    \
             <requestId>{id}</requestId>\n    \
             <accountLevel>\n        \
             <managedBy>account</managedBy>\n    \
             </accountLevel>\n\
             </GetInstanceMetadataDefaultsResponse>"
        )
    );
    assert_eq!(id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    account.pass(1);
    assert_ne!(account.ask("GetInstanceMetadataDefaults").one("requestId"), id);
}

#[test]
fn a_refusal_is_a_document_of_its_own_in_one_line() {
    let answer = Account::new().refused_as_is(b"Action=Do%3CIt%3E&Version=2016-11-15");
    let id = answer.one("RequestID");
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.xml,
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Response><Errors><Error><Code>InvalidAction</Code>\
             <Message>The action Do&lt;It&gt; is not valid for this web service.</Message>\
             </Error></Errors><RequestID>{id}</RequestID></Response>"
        )
    );
}

#[test]
fn what_is_no_form_or_no_action_is_refused() {
    let cases: &[(&[u8], &str, &str)] = &[
        (b"", "MissingAction", "The request must contain the parameter Action"),
        (b"Version=2016-11-15", "MissingAction", "The request must contain the parameter Action"),
        (b"Action=&Version=2016-11-15", "InvalidAction", "The action  is not valid for this web service."),
        (b"Action=LaunchRocket", "InvalidAction", "The action LaunchRocket is not valid for this web service."),
        (b"Action=DescribeTags", "MissingParameter", "The request must contain the parameter Version"),
        (
            b"Action=DescribeTags&Version=2010-08-31",
            "NoSuchVersion",
            "The requested version (2010-08-31) of service AmazonEC2 does not exist",
        ),
        (
            b"Action=DescribeTags&Version=2016-11-15&Action=DescribeTags",
            "InvalidQueryParameter",
            "The parameter Action may be specified only once",
        ),
        (
            b"Action=TerminateInstances&Version=2016-11-15&InstanceId.1=i-1&InstanceId.1=i-2",
            "InvalidQueryParameter",
            "The parameter InstanceId.1 may be specified only once",
        ),
        (b"Action=Describe%", "MalformedQueryString", "The query string contains a malformed escape"),
        (b"Action=Describe%4", "MalformedQueryString", "The query string contains a malformed escape"),
        (b"Action=Describe%+1", "MalformedQueryString", "The query string contains a malformed escape"),
        (b"%gg=a", "MalformedQueryString", "The query string contains a malformed escape"),
        (b"Action=%C3", "MalformedQueryString", "The query string is not UTF-8"),
        (b"Action=\xff", "MalformedQueryString", "The query string is not UTF-8"),
        (b"Action=%ED%A0%80", "MalformedQueryString", "The query string is not UTF-8"),
        (b"Action=%00", "InvalidCharacter", "A specified character is invalid."),
        (b"Action=a&%1B=a", "InvalidCharacter", "A specified character is invalid."),
        (b"Action=%EF%BF%BE", "InvalidCharacter", "A specified character is invalid."),
    ];
    for (form, code, message) in cases {
        let answer = Account::new().refused_as_is(form);
        let shown = String::from_utf8_lossy(form);
        assert_eq!(
            (answer.status, answer.one("Code"), answer.one("Message")),
            (400, (*code).into(), (*message).into()),
            "{shown}"
        );
    }
}

#[test]
fn what_an_action_does_not_know_is_told_by_the_first_member_that_is_not_there() {
    for (action, unknown) in [
        ("DescribeInstances&Foo=1", "Foo"),
        ("DescribeInstances&instanceId.1=i-1", "instanceId"),
        ("DescribeInstances&InstanceId=i-1", "InstanceId"),
        ("DescribeInstances&InstanceId.01=i-1", "01"),
        ("DescribeInstances&Filter.1.Item.1=a", "Item"),
        ("DescribeInstances&Filter.1.Value=a", "Filter.1.Value"),
        ("DescribeInstances&ResourceId.1=i-1", "ResourceId"),
        ("StartInstances&Force=true", "Force"),
        ("ModifyInstanceMetadataOptions&InstanceId=i-1&HttpTokensEnforced=enabled", "HttpTokensEnforced"),
        ("RunInstances&MetadataOptions.HttpTokensEnforced=enabled", "HttpTokensEnforced"),
        ("RunInstances&NetworkInterface.1.Ipv6Address.1.Ipv6Address=a", "Ipv6Address"),
        ("RunInstances&Placement.1.Tenancy=a", "Tenancy"),
    ] {
        let expected = ("UnknownParameter".into(), format!("The parameter {unknown} is not recognized"));
        assert_eq!(Account::new().refused(action), expected, "{action}");
    }
}

#[test]
fn a_value_of_another_kind_is_refused() {
    for (action, message) in [
        ("DescribeTags&DryRun=yes", "Value ( yes ) for parameter dryRun is invalid. The value must be true or false"),
        (
            "DescribeTags&MaxResults=many",
            "Value ( many ) for parameter maxResults is invalid. The value must be an integer",
        ),
        (
            "DescribeInstances&InstanceId.1=",
            "Value (  ) for parameter instanceId is invalid. The value cannot be empty",
        ),
        ("RunInstances&MinCount=1.5", "Value ( 1.5 ) for parameter minCount is invalid. The value must be an integer"),
        (
            "RunInstances&MinCount=9999999999",
            "Value ( 9999999999 ) for parameter minCount is invalid. The value must be an integer",
        ),
        (
            "RunInstances&Placement.Tenancy=mine",
            "A value of 'mine' is not valid for Tenancy. Specify 'default', 'dedicated' or 'host' and try again.",
        ),
        // Seen: terraform-provider-aws#25547.
        (
            "RunInstances&MetadataOptions.HttpEndpoint=",
            "A value of '' is not valid for HttpEndpoint. Specify either 'enabled' or 'disabled' and try again.",
        ),
    ] {
        assert_eq!(Account::new().refused(action), ("InvalidParameterValue".into(), message.into()), "{action}");
    }
}

#[test]
fn who_signed_a_request_is_of_no_account() {
    let mut account = Account::new();
    account.done(
        "DescribeTags&AWSAccessKeyId=AKIA&Signature=a&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=b\
         &Expires=c&SecurityToken=d&X-Amz-Algorithm=e&X-Amz-Signature=f",
    );
}

#[test]
fn a_dry_run_of_every_action_would_succeed_and_changes_nothing() {
    let mut account = Account::new();
    let id = account.launch("TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=a");
    let stopped = account.launch("");
    account.done(&format!("StopInstances&InstanceId.1={stopped}"));
    account.pass(1000);
    account.ask("DescribeTags");
    for action in query::actions() {
        let parameters = match action {
            "CreateTags" => format!("ResourceId.1={id}&Tag.1.Key=b"),
            "DeleteTags" => format!("ResourceId.1={id}&Tag.1.Key=a"),
            "DescribeInstanceAttribute" => format!("InstanceId={id}&Attribute=userData"),
            "ModifyInstanceMetadataDefaults" => "HttpTokens=required".into(),
            "ModifyInstanceMetadataOptions" => format!("InstanceId={id}&HttpTokens=required"),
            "RunInstances" => format!("{}&ClientToken=a", LAUNCH.split_once('&').unwrap().1),
            "StartInstances" => format!("InstanceId.1={stopped}"),
            "RebootInstances" | "StopInstances" | "TerminateInstances" => format!("InstanceId.1={id}"),
            "DescribeInstances" | "DescribeTags" | "GetInstanceMetadataDefaults" => "A=b".into(),
            other => panic!("{other} has no parameters here"),
        };
        let parameters = parameters.trim_start_matches("A=b");
        let form = format!("Action={action}&Version={VERSION}&DryRun=true&{parameters}");
        let answer = account.refused_as_is(form.as_bytes());
        assert_eq!(answer.status, 412, "{action}: {}", answer.xml);
        assert_eq!(answer.one("Code"), "DryRunOperation", "{action}");
        assert_eq!(answer.one("Message"), "Request would have succeeded, but DryRun flag is set.");
        account.done(&format!("{action}&DryRun=false&{parameters}"));
        account.pass(1000);
    }
    // What would be refused is refused for its own reason.
    assert_eq!(account.refused("StopInstances&InstanceId.1=i-1&DryRun=true").0, "InvalidInstanceID.NotFound");
}

#[test]
fn whoever_asks_too_often_is_told_so() {
    let mut account = Account::new();
    let reply = query::reject_over_limit(&account.fleet, b"Action=DescribeTags&Version=2016-11-15", Nonce::new(1));
    assert_eq!((reply.status, reply.action), (503, Some("DescribeTags")));
    assert_eq!(reply.error.map(|code| code.name), Some("RequestLimitExceeded"));
    account.done("DescribeTags");
}

#[test]
fn a_reply_names_its_action_and_its_error_and_keeps_its_body_out_of_logs() {
    let account = &mut Account::new();
    let mut reply = |form: &[u8]| query::handle(&mut account.fleet, account.now, form, Nonce::new(1));
    let good = reply(b"Action=DescribeTags&Version=2016-11-15");
    assert_eq!((good.action, good.error.is_none()), (Some("DescribeTags"), true));
    assert!(!format!("{good:?}").contains("tagSet"));
    let wrong = reply(b"Action=DescribeTags&Version=2016-11-15&A=b");
    assert_eq!((wrong.action, wrong.error.map(|code| code.name)), (Some("DescribeTags"), Some("UnknownParameter")));
    assert_eq!(reply(b"Action=Nothing").action, None);
}

#[test]
fn the_same_requests_at_the_same_times_give_the_same_bytes() {
    let run = || {
        let mut account = Account::new();
        let mut answers = vec![account.ask(&format!("{LAUNCH}&KeyName=a&UserData=YQ%3D%3D&ClientToken=1"))];
        let id = answers[0].one("instanceId");
        for action in [
            format!("ModifyInstanceMetadataOptions&InstanceId={id}&HttpTokens=required"),
            "StopInstances&InstanceId.1=i-1".into(),
            format!("StopInstances&InstanceId.1={id}"),
            "DescribeInstances".into(),
            format!("{LAUNCH}&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.Ipv6AddressCount=2"),
            "DescribeInstances&MaxResults=5".into(),
        ] {
            account.pass(1500);
            answers.push(account.ask(&action));
        }
        (answers, account.fleet.snapshot())
    };
    assert_eq!(run(), run());
}

#[test]
fn every_error_code_stands_once_in_the_table_in_its_order_and_with_its_source() {
    assert!(ERROR_CODES.is_sorted_by(|one, next| one.name < next.name));
    for code in ERROR_CODES {
        assert!((400..600).contains(&code.status), "{}", code.name);
        assert!(!code.source.reference.is_empty() && code.source.certainty != Certainty::Seen(0), "{}", code.name);
    }
}
