//! The memory of a call.

use std::ops::ControlFlow;

use imds::Nonce;
use imds_ec2::query;

use crate::support::{Account, LAUNCH};

/// Bytes that a call may use at once, besides the fleet.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// Bytes of a response that shows that it is not in memory.
const LONG: u64 = 2 * MAX_BYTES;
/// Bytes of the largest form that the server accepts.
const MAX_FORM_BYTES: usize = 1024 * 1024;
/// Bytes that a call with the largest form may use at once.
const MAX_BYTES_OF_LARGEST: u64 = 16 * 1024 * 1024;

/// Sends a call and reads its response. Returns the bytes of the response.
fn call(account: &mut Account, form: &str) -> u64 {
    let response = query::handle(&mut account.fleet, account.now, form.as_bytes(), Nonce::new(1));
    let mut bytes = 0;
    response.body.send(|chunk| {
        bytes += chunk.len() as u64;
        ControlFlow::Continue(())
    });
    let error = response.error.map(|error| error.name);
    assert_eq!((response.status, error), (200, None), "{form:.200}");
    bytes
}

/// A launch with as many block devices, groups and tags of instances as are allowed.
fn largest_launch(count: u32) -> String {
    let mut form = format!("Version=2016-11-15&Action={LAUNCH}").replace("Count=1", &format!("Count={count}"));
    for device in 1..=128 {
        form += &format!(
            "&BlockDeviceMapping.{device}.DeviceName=/dev/sd{device}&BlockDeviceMapping.{device}.Ebs.VolumeSize=1"
        );
    }
    for interface in 0..50 {
        form += &format!("&NetworkInterface.{interface}.DeviceIndex={interface}");
        for group in 1..=16 {
            form += &format!("&NetworkInterface.{interface}.SecurityGroupId.{group}=sg-{interface:02}{group:02}");
        }
    }
    for (index, (resource, tags)) in [("instance", 50), ("volume", 5), ("network-interface", 5)].iter().enumerate() {
        form += &format!("&TagSpecification.{index}.ResourceType={resource}");
        for tag in 1..=*tags {
            let value = "a".repeat(256);
            form += &format!(
                "&TagSpecification.{index}.Tag.{tag}.Key={tag}&TagSpecification.{index}.Tag.{tag}.Value={value}"
            );
        }
    }
    form
}

#[test]
fn a_call_uses_bounded_memory_besides_the_fleet_however_long_its_response_is() {
    let mut account = Account::new();
    let launch = largest_launch(30);
    for form in [
        launch.as_str(),
        "Version=2016-11-15&Action=DescribeInstances",
        "Version=2016-11-15&Action=DescribeInstances&MaxResults=1000",
        "Version=2016-11-15&Action=DescribeVolumes",
        "Version=2016-11-15&Action=DescribeTags",
    ] {
        let mut bytes = 0;
        let used = allocation_counter::measure(|| bytes = call(&mut account, form));
        let peak = used.bytes_max;
        let kept = used.bytes_current;
        println!(
            "{form:.60}: {} bytes of form, {bytes} bytes of response, {peak} bytes at once, {kept} kept",
            form.len()
        );
        assert!(bytes > LONG, "{form:.60}: {bytes} bytes of response");
        assert!(peak < MAX_BYTES + kept.unsigned_abs(), "{form:.60}: {peak} bytes at once");
    }
}

#[test]
fn the_largest_form_uses_bounded_memory() {
    let mut account = Account::new();
    let id = account.launch("");
    let items = |start: &str, item: &dyn Fn(usize) -> String| {
        let mut form = format!("Version=2016-11-15&Action={start}");
        let mut next = (1..).map(item);
        while form.len() < MAX_FORM_BYTES - 64 {
            form += &next.next().unwrap();
        }
        form
    };
    for form in [
        items("DescribeInstances", &|index| format!("&InstanceId.{index}=i-{index:x}")),
        items("TerminateInstances", &|index| format!("&InstanceId.{index}=i-{index:x}")),
        items("DescribeVolumes", &|index| format!("&VolumeId.{index}=v{index}")),
        items("DescribeRegions", &|index| format!("&RegionName.{index}=r{index}")),
        items("DescribeTags&Filter.1.Name=key", &|index| format!("&Filter.1.Value.{index}=*")),
        items("DescribeTags", &|index| format!("&Filter.{index}.Name=key")),
        items(&format!("DeleteTags&ResourceId.1={id}"), &|index| format!("&Tag.{index}.Key={index}")),
        items(&format!("CreateTags&ResourceId.1={id}"), &|index| {
            format!("&Tag.{index}.Key={index}&Tag.{index}.Value=")
        }),
        items(LAUNCH, &|index| format!("&BlockDeviceMapping.{index}.DeviceName=d{index}")),
        items(LAUNCH, &|index| format!("&NetworkInterface.{index}.DeviceIndex={index}")),
        items(LAUNCH, &|index| format!("&SecurityGroup.{index}=g")),
        items(&format!("{LAUNCH}&KeyName="), &|_| "a".into()),
        items(&format!("{LAUNCH}&UserData="), &|_| "aaaa".into()),
        items("Nothing", &|index| format!("&{index}=")),
        items("DescribeTags", &|_| "&".into()),
    ] {
        let used = allocation_counter::measure(|| {
            let response = query::handle(&mut account.fleet, account.now, form.as_bytes(), Nonce::new(1));
            response.body.send(|_| ControlFlow::Continue(()));
        });
        println!("{:.60}: {} bytes at once", form, used.bytes_max);
        assert!(used.bytes_max < MAX_BYTES_OF_LARGEST, "{form:.60}: {} bytes at once", used.bytes_max);
    }
}

#[test]
fn a_reader_that_leaves_ends_a_long_response() {
    let mut account = Account::new();
    let form = largest_launch(2);
    let response = query::handle(&mut account.fleet, account.now, form.as_bytes(), Nonce::new(1));
    assert!(response.body.in_memory().is_none());
    let mut chunks = 0;
    response.body.send(|_| {
        chunks += 1;
        if chunks == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(chunks, 2);
    let whole = String::from_utf8(response.body.clone().into_bytes()).unwrap();
    assert!(whole.ends_with("\n</RunInstancesResponse>"), "{whole:.100}");
    assert_eq!(whole.matches("<instanceId>").count(), 2);
    assert_eq!(response.body.into_bytes(), whole.as_bytes());
    roxmltree::Document::parse(&whole).unwrap();
}
