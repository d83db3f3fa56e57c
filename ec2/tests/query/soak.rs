//! Fleets whose instances are launched and terminated without end.

use imds_ec2::Fleet;

use crate::support::{Account, LAUNCH};

/// A terminated instance is described for an hour, so a fleet grows in its first hour only.
#[test]
fn the_memory_of_a_fleet_does_not_grow_after_the_first_hour() {
    for (name, parameters, limit) in LAUNCHES {
        let mut account = Account::new();
        // Creates what all instances share.
        account.launch("");
        let mut launched = 0;
        let [(first, first_length, count), (second, second_length, second_count)] = [(); 2].map(|()| {
            let memory = allocation_counter::measure(|| run_for_an_hour(&mut account, parameters, &mut launched));
            (memory.bytes_current, account.fleet.snapshot().len() as i64, account.fleet.len() as i64)
        });
        let (bytes, length) = (first / count, first_length / count);
        println!(
            "result: {name}: {count} instances after an hour, {bytes} bytes of memory and {length} of the snapshot each; \
             {second} more bytes of memory after two hours"
        );
        assert_eq!(second_count, count, "{name}: instances after two hours");
        assert!(bytes <= limit, "{name}: {bytes} bytes for each instance");
        assert!(second <= MAX_MORE, "{name}: {second} more bytes after two hours");
        // A hundredth, because the numbers of launches get longer.
        let longer = second_length - first_length;
        assert!(longer <= first_length / 100, "{name}: the snapshot is {longer} bytes longer after two hours");
    }
}

/// A server restores its fleet at the start.
#[test]
fn a_restored_fleet_takes_the_memory_of_the_stored_one() {
    for (name, parameters, _) in LAUNCHES {
        let (mut account, mut restored) = (None, None);
        let memory = allocation_counter::measure(|| {
            run_for_an_hour(account.insert(Account::new()), parameters, &mut 0);
        });
        let account = account.unwrap();
        let (snapshot, settings) = (account.fleet.snapshot(), *account.fleet.settings());
        let memory_restored = allocation_counter::measure(|| {
            restored = Some(Fleet::restore(&snapshot, settings, account.now).unwrap());
        });
        assert_eq!(restored.unwrap().len(), account.fleet.len(), "{name}");
        let (stored, restored) = (memory.bytes_current, memory_restored.bytes_current);
        println!("{name}: {stored} bytes, {restored} restored");
        assert!(restored <= stored + stored / 20, "{name}: {restored} bytes instead of {stored}");
    }
}

/// Launches an instance each twenty seconds, uses it for seven, and terminates it.
fn run_for_an_hour(account: &mut Account, parameters: &str, launched: &mut u32) {
    for _ in 0..180 {
        *launched += 1;
        let number = format!("{launched:08}");
        let id = account.launch(&parameters.replace("{number}", &number));
        account.ok(&format!("CreateTags&ResourceId.1={id}&Tag.1.Key=Turn&Tag.1.Value={number}"));
        account.ok(&format!("ModifyInstanceMetadataOptions&InstanceId={id}&HttpPutResponseHopLimit=3"));
        account.advance(1000);
        account.ok(&format!("StopInstances&InstanceId.1={id}"));
        account.advance(1000);
        account.ok(&format!("StartInstances&InstanceId.1={id}"));
        account.advance(4000);
        account.ok(&format!("TerminateInstances&InstanceId.1={id}"));
        assert_eq!(account.send(&format!("{LAUNCH}&InstanceType=none-{number}")).status, 400);
        account.advance(13_000);
        account.fleet.handle_timeout(account.now);
        while account.fleet.poll_event().is_some() {}
    }
}

/// Bytes of nodes of the maps, whose trees differ.
const MAX_MORE: i64 = 1024;
/// Parameters of launches, and the most bytes that each instance may take.
const LAUNCHES: [(&str, &str, i64); 2] = [
    // Half of it are the tags, which differ.
    ("launches that differ in the client token", "ClientToken=token-{number}", 1792),
    // 3.3 KB are the record and the values that follow from it, which no other instance shares.
    (
        "launches that differ in all parameters",
        "InstanceType=t3.micro&ClientToken=token-{number}&UserData={number}&KeyName=key-{number}\
         &TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name\
         &TagSpecification.1.Tag.1.Value=worker-{number}&TagSpecification.2.ResourceType=volume\
         &TagSpecification.2.Tag.1.Key=Name&TagSpecification.2.Tag.1.Value=disk-{number}\
         &BlockDeviceMapping.1.DeviceName=/dev/sdf&BlockDeviceMapping.1.Ebs.VolumeSize=8\
         &SecurityGroupId.1=sg-{number}&IamInstanceProfile.Name=role-{number}",
        8192,
    ),
];
