//! Clients in Python, and the AWS CLI.

use imds_clients::Dialogue;
use imds_clients::aws::{Aws, one, two};
use imds_clients::host::{output, tried};
use imds_clients::python::{python, python_with_more};
use serde_json::json;

use crate::api::tried_with_api;
use crate::{INSTANCE, USER_DATA, assert_temporary, parsed};

#[test]
fn aiobotocore_finds_the_role() {
    let Some(python) = python_with_more() else { return };
    tried("aiobotocore", |host| {
        let found = parsed(&output(&mut host.network.within(&python.client("aiobotocore_client.py", &[]))));
        assert_eq!((&found["method"], &found["region"]), (&json!("iam-role"), &json!("us-east-1")));
        assert_temporary(&found["access_key"]);
    });
}

#[test]
fn the_common_runtime_without_a_host_header_finds_the_role() {
    let Some(python) = python_with_more().and_then(|python| python.with_package("awscrt")) else { return };
    tried("aws-c-auth before 0.6.29, in awscrt", |host| {
        let found = parsed(&output(&mut host.network.within(&python.client("awscrt_client.py", &[]))));
        assert_temporary(&found["access_key"]);
        assert_eq!(found["token"], true);
    });
}

#[test]
fn both_aws_clis_find_the_role() {
    for (name, aws) in [("AWS CLI 1", one()), ("AWS CLI 2", two())] {
        let Some(aws) = aws else { continue };
        tried(name, |host| {
            let list = output(&mut host.network.within(&configure_list(&aws)));
            assert_eq!(list.matches("iam-role").count(), 2, "{list}");
        });
    }
}

#[test]
fn boto_2_reads_the_metadata_and_the_api() {
    let Some(python) = python_with_more().and_then(|python| python.with_package("boto")) else { return };
    tried_with_api("boto 2", |host, api| {
        let mut boto = python.client("boto_client.py", &[]);
        let found = parsed(&output(&mut host.network.within(boto.arg(api))));
        assert_temporary(&found["access_key"]);
        assert_eq!(found["metadata"]["instance-id"], INSTANCE);
        assert_eq!(found["metadata"]["placement"]["availability-zone"], "us-east-1a");
        assert_eq!(found["metadata"]["tags"]["instance"]["Name"], "my-instance");
        assert_eq!(found["identity"]["document"]["instanceId"], INSTANCE);
        assert_eq!(found["user_data"], USER_DATA);
        assert_eq!(found["instances"], json!([INSTANCE]));
        assert_eq!(found["tags"], json!({ "Name": "my-instance", "Environment": "test" }));
    });
}

#[test]
fn boto3_with_an_old_api_version_describes_the_instance() {
    let Some(python) = python_with_more() else { return };
    tried_with_api("boto3 with an old API version", |host, api| {
        let version = "2014-10-01";
        let mut boto3 = python.client("boto3_client.py", &[]);
        let found = parsed(&output(&mut host.network.within(boto3.args([api, version]))));
        assert_temporary(&found["access_key"]);
        assert_eq!(found["version"], version);
        assert_eq!(found["instances"], json!([INSTANCE]));
    });
}

#[test]
fn botocore_finds_the_role() {
    let Some(python) = python() else { return };
    tried("botocore", |host| {
        let mut botocore = Dialogue::with(host.network.within(&python.client("botocore_client.py", &[])));
        assert_eq!(botocore.run("credentials").unwrap()["role_name"], "my-role");
        assert_eq!(botocore.run("region").unwrap(), "us-east-1");
    });
}

#[test]
fn ec2_metadata_reads_all_of_its_properties() {
    let Some(python) = python() else { return };
    tried("ec2-metadata", |host| {
        let mut client = Dialogue::with(host.network.within(&python.client("ec2_metadata_client.py", &[])));
        let found = client.run("properties").unwrap();
        assert_eq!((&found["instance_id"], &found["tags"]["Name"]), (&json!(INSTANCE), &json!("my-instance")));
    });
}

fn configure_list(aws: &Aws) -> std::process::Command {
    aws.run(&["configure", "list"], &[])
}
