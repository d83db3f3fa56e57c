use imds::Nonce;
use imds::source::Certainty;
use imds_ec2::query::{self, ERROR_CODES, VERSION, VERSIONS};

use crate::support::{Account, LAUNCH};

#[test]
fn a_response_is_a_document_of_the_action_with_the_request_id() {
    let mut account = Account::new();
    let response = account.send("GetInstanceMetadataDefaults");
    let id = response.text("requestId");
    assert_eq!(
        response.xml,
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
    account.advance(1);
    assert_ne!(account.send("GetInstanceMetadataDefaults").text("requestId"), id);
}

#[test]
fn a_response_is_in_the_namespace_of_the_version_asked() {
    let mut account = Account::new();
    let newest = account.send("DescribeInstances").xml;
    for version in VERSIONS {
        let response = account.send_form(format!("Action=DescribeInstances&Version={version}").as_bytes());
        assert_eq!(response.status, 200, "{}", response.xml);
        let namespace = format!("http://ec2.amazonaws.com/doc/{version}/");
        assert!(
            response.xml.contains(&format!("<DescribeInstancesResponse xmlns=\"{namespace}\">")),
            "{}",
            response.xml
        );
        assert_eq!(response.xml.lines().count(), newest.lines().count());
    }
    assert!(VERSIONS.is_sorted() && VERSIONS.first() == Some(&"2014-02-01") && VERSIONS.last() == Some(&VERSION));
}

#[test]
fn a_version_that_ec2_never_had_is_rejected() {
    // The second and the third were seen: boto3#1138, ansible#37267.
    for version in ["2006-03-01", "2010-03-31", "2015-12-01", "2016-11-16", "2016-11-15/", "latest", ""] {
        let response = Account::new().rejected_form(format!("Action=DescribeTags&Version={version}").as_bytes());
        let message = format!("The requested version ({version}) of service AmazonEC2 does not exist");
        assert_eq!((response.text("Code"), response.text("Message")), ("NoSuchVersion".into(), message));
    }
}

#[test]
fn an_error_is_a_document_in_one_line() {
    let response = Account::new().rejected_form(b"Action=Do%3CIt%3E&Version=2016-11-15");
    let id = response.text("RequestID");
    assert_eq!(response.status, 400);
    assert_eq!(
        response.xml,
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Response><Errors><Error><Code>InvalidAction</Code>\
             <Message>The action Do&lt;It&gt; is not valid for this web service.</Message>\
             </Error></Errors><RequestID>{id}</RequestID></Response>"
        )
    );
}

#[test]
fn malformed_forms_and_unknown_actions_are_rejected() {
    let cases: &[(&[u8], &str, &str)] = &[
        (b"", "MissingAction", "The request must contain the parameter Action"),
        (b"Version=2016-11-15", "MissingAction", "The request must contain the parameter Action"),
        (b"Action=&Version=2016-11-15", "InvalidAction", "The action  is not valid for this web service."),
        (b"Action=LaunchRocket", "InvalidAction", "The action LaunchRocket is not valid for this web service."),
        (b"Action=DescribeTags", "MissingParameter", "The request must contain the parameter Version"),
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
        let response = Account::new().rejected_form(form);
        let text = String::from_utf8_lossy(form);
        assert_eq!(
            (response.status, response.text("Code"), response.text("Message")),
            (400, (*code).into(), (*message).into()),
            "{text}"
        );
    }
}

#[test]
fn the_error_for_an_unknown_parameter_names_its_first_unknown_member() {
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
        assert_eq!(Account::new().rejected(action), expected, "{action}");
    }
}

#[test]
fn a_value_of_the_wrong_type_is_rejected() {
    for (action, message) in [
        ("DescribeTags&DryRun=yes", "Value ( yes ) for parameter dryRun is invalid. The value must be true or false"),
        (
            "DescribeTags&MaxResults=many",
            "Value ( many ) for parameter maxResults is invalid. The value must be an integer",
        ),
        ("CreateTags&ResourceId.1=", "Value () for parameter resourceId is invalid. The value cannot be empty"),
        ("RunInstances&MinCount=1.5", "Value ( 1.5 ) for parameter minCount is invalid. The value must be an integer"),
        (
            "RunInstances&MinCount=9999999999",
            "Value ( 9999999999 ) for parameter minCount is invalid. The value must be an integer",
        ),
        (
            "RunInstances&Placement.Tenancy=mine",
            "A value of 'mine' is not valid for Tenancy. Specify 'default', 'dedicated' or 'host' and try again.",
        ),
        // Observed: terraform-provider-aws#25547.
        (
            "RunInstances&MetadataOptions.HttpEndpoint=",
            "A value of '' is not valid for HttpEndpoint. Specify either 'enabled' or 'disabled' and try again.",
        ),
    ] {
        assert_eq!(Account::new().rejected(action), ("InvalidParameterValue".into(), message.into()), "{action}");
    }
}

#[test]
fn signature_parameters_are_ignored() {
    let mut account = Account::new();
    account
        .ok("DescribeTags&AWSAccessKeyId=AKIA&Signature=a&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=b\
         &Expires=c&SecurityToken=d&X-Amz-Algorithm=e&X-Amz-Signature=f");
}

#[test]
fn a_dry_run_of_every_action_succeeds_and_changes_nothing() {
    let mut account = Account::new();
    let id = account.launch("TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=a");
    let stopped = account.launch("");
    account.ok(&format!("StopInstances&InstanceId.1={stopped}"));
    account.advance(1000);
    account.send("DescribeTags");
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
            _ => "A=b".into(),
        };
        let parameters = parameters.trim_start_matches("A=b");
        let form = format!("Action={action}&Version={VERSION}&DryRun=true&{parameters}");
        let response = account.rejected_form(form.as_bytes());
        assert_eq!(response.status, 412, "{action}: {}", response.xml);
        assert_eq!(response.text("Code"), "DryRunOperation", "{action}");
        assert_eq!(response.text("Message"), "Request would have succeeded, but DryRun flag is set.");
        account.ok(&format!("{action}&DryRun=false&{parameters}"));
        account.advance(1000);
    }
    // A request that would be rejected is rejected with its own error.
    assert_eq!(account.rejected("StopInstances&InstanceId.1=i-1&DryRun=true").0, "InvalidInstanceID.NotFound");
}

#[test]
fn a_request_over_the_rate_limit_is_rejected_with_503() {
    let mut account = Account::new();
    let response = query::reject_over_limit(&account.fleet, b"Action=DescribeTags&Version=2016-11-15", Nonce::new(1));
    assert_eq!((response.status, response.action), (503, Some("DescribeTags")));
    assert_eq!(response.error.map(|code| code.name), Some("RequestLimitExceeded"));
    account.ok("DescribeTags");
}

#[test]
fn a_response_has_its_action_and_error_and_debug_omits_its_body() {
    let account = &mut Account::new();
    let mut handle = |form: &[u8]| query::handle(&mut account.fleet, account.now, form, Nonce::new(1));
    let good = handle(b"Action=DescribeTags&Version=2016-11-15");
    assert_eq!((good.action, good.error.is_none()), (Some("DescribeTags"), true));
    assert!(!format!("{good:?}").contains("tagSet"));
    let wrong = handle(b"Action=DescribeTags&Version=2016-11-15&A=b");
    assert_eq!((wrong.action, wrong.error.map(|code| code.name)), (Some("DescribeTags"), Some("UnknownParameter")));
    assert_eq!(handle(b"Action=Nothing").action, None);
}

#[test]
fn the_same_requests_at_the_same_times_give_the_same_bytes() {
    let run = || {
        let mut account = Account::new();
        let mut responses = vec![account.send(&format!("{LAUNCH}&KeyName=a&UserData=YQ%3D%3D&ClientToken=1"))];
        let id = responses[0].text("instanceId");
        for action in [
            format!("ModifyInstanceMetadataOptions&InstanceId={id}&HttpTokens=required"),
            "StopInstances&InstanceId.1=i-1".into(),
            format!("StopInstances&InstanceId.1={id}"),
            "DescribeInstances".into(),
            format!("{LAUNCH}&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.Ipv6AddressCount=2"),
            "DescribeInstances&MaxResults=5".into(),
        ] {
            account.advance(1500);
            responses.push(account.send(&action));
        }
        (responses, account.fleet.snapshot())
    };
    assert_eq!(run(), run());
}

#[test]
fn the_error_codes_are_unique_sorted_and_have_sources() {
    assert!(ERROR_CODES.is_sorted_by(|one, next| one.name < next.name));
    for code in ERROR_CODES {
        assert!((400..600).contains(&code.status), "{}", code.name);
        assert!(!code.source.reference.is_empty() && code.source.certainty != Certainty::Seen(0), "{}", code.name);
    }
}
