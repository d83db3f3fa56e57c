use crate::support::{Account, LAUNCH};

#[test]
fn tags_are_set_removed_and_described() {
    let mut account = Account::new();
    let one = account.launch(
        "TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=one",
    );
    let other = account.launch("");
    let both = format!("ResourceId.1={one}&ResourceId.2={other}");
    assert_eq!(account.ok(&format!("CreateTags&{both}&Tag.1.Key=a&Tag.1.Value=1&Tag.2.Key=b")).text("return"), "true");
    account.ok(&format!("CreateTags&ResourceId.1={other}&Tag.1.Key=a&Tag.1.Value=2"));
    assert_eq!(tags(&mut account, ""), ["Name=one", "a=1", "b=", "a=2", "b="]);
    for (filter, found) in [
        ("Filter.1.Name=key&Filter.1.Value.1=a", &["a=1", "a=2"][..]),
        ("Filter.1.Name=value&Filter.1.Value.1=?", &["a=1", "b=", "a=2", "b="]),
        ("Filter.1.Name=value&Filter.1.Value.1=on?", &["Name=one"]),
        ("Filter.1.Name=tag:a&Filter.1.Value.1=2", &["a=2"]),
        ("Filter.1.Name=resource-type&Filter.1.Value.1=volume", &[]),
        ("Filter.1.Name=resource-type&Filter.1.Value.1=instance&Filter.2.Name=key&Filter.2.Value.1=N*", &["Name=one"]),
        (&format!("Filter.1.Name=resource-id&Filter.1.Value.1={other}"), &["a=2", "b="]),
    ] {
        assert_eq!(tags(&mut account, filter), found, "{filter}");
    }
    for (parameters, left) in [
        // With another value, without a value, and with its value.
        (format!("{both}&Tag.1.Key=a&Tag.1.Value=1"), &["Name=one", "b=", "a=2", "b="][..]),
        (format!("{both}&Tag.1.Key=b&Tag.1.Value="), &["Name=one", "a=2"]),
        (format!("{both}&Tag.1.Key=nothing&Tag.2.Key=a&Tag.2.Value=2&Tag.3.Key=a&Tag.3.Value=3"), &["Name=one"]),
        (both.clone(), &[]),
    ] {
        assert_eq!(account.ok(&format!("DeleteTags&{parameters}")).text("return"), "true");
        assert_eq!(tags(&mut account, ""), left, "{parameters}");
    }
}

#[test]
fn any_tag_text_is_returned_unchanged() {
    let mut account = Account::new();
    let id = account.launch("");
    account.ok(&format!(
        "CreateTags&ResourceId.1={id}&Tag.1.Key=%3Ca%26b%3E&Tag.1.Value=%22%27]]%3E+%2B%0D%0A%0D%09%E2%82%AC%F0%9F%90%99"
    ));
    let response = account.ok("DescribeTags");
    let read = roxmltree::Document::parse(&response.xml).unwrap();
    let text = |name: &str| read.descendants().find(|node| node.has_tag_name(name)).and_then(|node| node.text());
    let text = |name: &str| text(name).map(str::to_owned);
    assert_eq!(text("key").as_deref(), Some("<a&b>"));
    assert_eq!(text("value").as_deref(), Some("\"']]> +\r\n\r\t€🐙"));
}

#[test]
fn tags_in_the_metadata_must_have_keys_that_are_allowed_there() {
    let mut account = Account::new();
    let id = account.launch("MetadataOptions.InstanceMetadataTags=enabled");
    let listing = |account: &Account| account.metadata(&id, "/latest/meta-data/tags/instance/");
    account.ok(&format!("CreateTags&ResourceId.1={id}&Tag.1.Key=Name&Tag.1.Value=x"));
    assert_eq!(listing(&account), "Name");
    for key in ["a b", "a/b", "..", "_index"] {
        let message = format!(
            "'{key}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\\\-_+=,.@:]{{1,255}}), and must not be \
             a reserved name ('.', '..', '_index')"
        );
        let error = ("InvalidParameterValue".into(), message);
        let form = key.replace(' ', "+");
        assert_eq!(account.rejected(&format!("CreateTags&ResourceId.1={id}&Tag.1.Key={form}")), error);
        let launch = format!(
            "{LAUNCH}&MetadataOptions.InstanceMetadataTags=enabled&TagSpecification.1.ResourceType=instance\
             &TagSpecification.1.Tag.1.Key={form}"
        );
        assert_eq!(account.rejected(&launch), error);
        let other =
            account.launch(&format!("TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key={form}"));
        let modify = format!("ModifyInstanceMetadataOptions&InstanceId={other}&InstanceMetadataTags=enabled");
        assert_eq!(account.rejected(&modify), error);
    }
    account.ok(&format!("DeleteTags&ResourceId.1={id}&Tag.1.Key=Name"));
    assert_eq!(listing(&account), "404");
}

#[test]
fn invalid_tags_are_rejected() {
    let long = |count: usize| "k".repeat(count);
    let fifty: String = (1..=50).map(|at| format!("&Tag.{at}.Key={at}")).collect();
    let value = "InvalidParameterValue";
    for (parameters, code, message) in [
        (String::new(), "MissingParameter", "The request must contain the parameter Tag".to_owned()),
        ("&Tag.1.Value=a".into(), "MissingParameter", "The request must contain the parameter Tag.1.Key".into()),
        ("&Tag.1.Key=".into(), value, "Value () for parameter key is invalid. The value cannot be empty".into()),
        ("&Tag.1.Key=a&Tag.2.Key=a".into(), value, "Duplicate tag key 'a' specified.".into()),
        ("&Tag.1.Key=AWS:a".into(), value, "Tag keys starting with 'aws:' are reserved for internal use".into()),
        (format!("&Tag.1.Key={}", long(129)), value, "Tag key exceeds the maximum length of 128 characters".into()),
        (
            format!("&Tag.1.Key=a&Tag.1.Value={}", long(257)),
            value,
            "Tag value exceeds the maximum length of 256 characters".into(),
        ),
        (
            format!("{fifty}&Tag.51.Key=51"),
            "TagLimitExceeded",
            "The maximum number of Tags for a resource has been reached.".into(),
        ),
        ("&Tag.1.Key=a&ResourceId.2=vol-1".into(), "InvalidID", "The ID 'vol-1' is not valid".into()),
        (
            "&Tag.1.Key=a&ResourceId.2=i-1".into(),
            "InvalidInstanceID.NotFound",
            "The instance ID 'i-1' does not exist".into(),
        ),
    ] {
        let mut account = Account::new();
        let id = account.launch("");
        let request = format!("CreateTags&ResourceId.1={id}{parameters}");
        assert_eq!(account.rejected(&request), (code.into(), message), "{parameters}");
        // The limits themselves are accepted.
        account.ok(&format!("CreateTags&ResourceId.1={id}&Tag.1.Key={}&Tag.1.Value={}", long(128), long(256)));
        account.ok(&format!("DeleteTags&ResourceId.1={id}"));
        account.ok(&format!("CreateTags&ResourceId.1={id}{fifty}"));
        account.ok(&format!("CreateTags&ResourceId.1={id}&Tag.1.Key=7&Tag.1.Value=again"));
    }
}

#[test]
fn tags_are_described_in_pages() {
    let mut account = Account::new();
    let tags: String = (1..=4).map(|at| format!("&Tag.{at}.Key=k{at}")).collect();
    for _ in 0..3 {
        let id = account.launch("");
        account.ok(&format!("CreateTags&ResourceId.1={id}{tags}"));
    }
    let all = self::tags(&mut account, "");
    assert_eq!(all.len(), 12);
    let (mut paged, mut next) = (Vec::new(), String::new());
    loop {
        let response = account.ok(&format!("DescribeTags&MaxResults=5{next}"));
        paged.extend(response.texts("key").into_iter().map(|key| format!("{key}=")));
        let Some(token) = response.texts("nextToken").pop() else { break };
        next = format!("&NextToken={token}");
    }
    assert_eq!(paged, all);
}

/// The key and the value of each described tag.
fn tags(account: &mut Account, filter: &str) -> Vec<String> {
    let response = account.ok(format!("DescribeTags&{filter}").trim_end_matches('&'));
    response.texts("key").iter().zip(response.texts("value")).map(|(key, value)| format!("{key}={value}")).collect()
}
