//! Clients in Debian's packages that read the whole tree.

use std::process::Command;

use imds_clients::debian_clients::{Debian, debian};
use imds_clients::host::{Host, output, tried};
use serde_json::json;

use crate::{INSTANCE, MAC, PROFILE, USER_DATA, assert_temporary, parsed};

#[test]
fn amazon_ec2_utils_prints_every_value() {
    let Some(debian) = debian() else { return };
    tried("amazon-ec2-utils", |host| {
        let printed = output(&mut debian.command(&host.network, "ec2-metadata"));
        for line in [
            &format!("instance-id: {INSTANCE}"),
            "placement: us-east-1a",
            "public-hostname: ec2-203-0-113-25.compute-1.amazonaws.com",
            "keyname:my-key",
            "format:openssh-key",
            "security-groups: my-group",
            "kernel-id: not available",
            "user-data: #!/bin/bash",
            "\t Name: my-instance",
        ] {
            assert!(printed.lines().any(|printed| printed == line), "{line:?} is not in\n{printed}");
        }
    });
}

#[test]
fn amazon_ec2_net_utils_configures_an_interface() {
    let Some(debian) = debian() else { return };
    tried("amazon-ec2-net-utils", |host| {
        let library = debian.file("usr/share/amazon-ec2-net-utils/lib.sh");
        let line = "
            set -eo pipefail
            ip link add ens5 type veth peer name peer && ip link set ens5 address $1
            logger() { :; }
            ether=$1 unitdir=$(mktemp -d) lockdir=/nonexistent reload_flag=/nonexistent
            . $0
            setup_interface ens5 $ether
            cat $unitdir/*/*
            ip link show dev ens5
            rm -r $unitdir";
        let printed = output(&mut bash(host, line, &[library.to_str().unwrap(), MAC]));
        for word in [&format!("MACAddress={MAC}"), "altname eni-0abcdef1234567890", "altname device-number-0"] {
            assert!(printed.contains(word), "{word} is not in\n{printed}");
        }
    });
}

#[test]
fn cloud_init_crawls_the_tree() {
    let Some(debian) = debian() else { return };
    tried("cloud-init", |host| {
        let script = script("python/cloud_init_source.py");
        // The system's Python, for which Debian's packages are.
        let found = parsed(&output(debian.command(&host.network, "/usr/bin/python3").arg(script)));
        let metadata = &found["metadata"];
        assert_eq!(found["instance_id"], INSTANCE);
        assert_eq!((&found["region"], &found["zone"]), (&json!("us-east-1"), &json!("us-east-1a")));
        assert_eq!(found["user_data"], USER_DATA);
        assert_eq!(found["identity"]["accountId"], "123456789012");
        assert_eq!(metadata["tags"]["instance"], json!({ "Name": "my-instance", "Environment": "test" }));
        assert_eq!(metadata["network"]["interfaces"]["macs"][MAC]["local-ipv4s"], "10.0.1.23");
        assert!(metadata["public-keys"]["my-key"][0].as_str().unwrap().starts_with("ssh-ed25519 "), "{metadata}");
    });
}

#[test]
fn facter_reads_the_tree() {
    let Some(debian) = debian() else { return };
    tried("facter", |host| {
        let found = parsed(&output(&mut ruby(debian, host, "facter.rb")));
        let metadata = &found["metadata"];
        assert_eq!(metadata["instance-id"], INSTANCE);
        assert_eq!(metadata["placement"]["region"], "us-east-1");
        assert_eq!(metadata["tags"]["instance"]["Environment"], "test");
        assert_eq!(metadata["network"]["interfaces"]["macs"][MAC]["subnet-ipv4-cidr-block"], "10.0.1.0/24");
        assert!(metadata["public-keys"]["0"]["openssh-key"].as_str().unwrap().starts_with("ssh-ed25519 "));
        assert_eq!(found["user_data"], USER_DATA.trim());
    });
}

#[test]
fn the_aws_sdk_for_ruby_finds_the_role() {
    let Some(debian) = debian() else { return };
    tried("AWS SDK for Ruby 3", |host| {
        crate::assert_read_by_sdk(&parsed(&output(&mut ruby(debian, host, "aws_sdk.rb"))));
    });
}

/// The console has the instance, with the API version that the module sends.
#[test]
fn vm_ec2_reads_the_metadata_and_the_api() {
    let Some(debian) = debian() else { return };
    crate::api::tried_with_api("VM::EC2", |host, api| {
        let mut perl = debian.command(&host.network, "perl");
        let found = parsed(&output(perl.arg(script("perl/vm_ec2.pl")).arg(api)));
        assert_temporary(&found["access_key"]);
        assert_eq!((&found["instance_id"], &found["region"]), (&json!(INSTANCE), &json!("us-east-1")));
        assert_eq!((&found["user_data"], &found["profile"]), (&json!(USER_DATA), &json!(PROFILE)));
        assert_eq!(found["keys"], json!(["my-key"]));
        assert_eq!(found["interfaces"][MAC]["subnetId"], "subnet-0abcdef1234567890");
        assert_eq!(found["instances"], json!([INSTANCE]));
        assert_eq!(found["tags"]["Name"], "my-instance");
    });
}

fn ruby(debian: &Debian, host: &Host, name: &str) -> Command {
    let mut ruby = debian.command(&host.network, "ruby");
    ruby.arg(script(&format!("ruby/{name}")));
    ruby
}

fn bash(host: &Host, line: &str, arguments: &[&str]) -> Command {
    let mut bash = host.command("bash");
    bash.args(["-c", line]).args(arguments);
    bash
}

pub fn script(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))
}
