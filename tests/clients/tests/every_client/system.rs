//! Clients that belong to the system.

use imds_clients::curl::curl;
use imds_clients::host::{output, tried};

use crate::{INSTANCE, assert_temporary, parsed};

/// As in AWS's documentation.
#[test]
fn curl_gets_a_value_with_a_token() {
    if curl().is_none() {
        return;
    }
    tried("curl", |host| {
        let line = "TOKEN=`curl -sX PUT http://169.254.169.254/latest/api/token \
                    -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600'` && \
                    curl -s -H \"X-aws-ec2-metadata-token: $TOKEN\" http://169.254.169.254/latest/meta-data/$0";
        for (path, value) in [("instance-id", INSTANCE), ("tags/instance/Name", "my-instance")] {
            assert_eq!(output(host.command("bash").args(["-c", line, path])), value);
        }
        let role = output(host.command("bash").args(["-c", line, "iam/security-credentials/my-role"]));
        assert_temporary(&parsed(&role)["AccessKeyId"]);
    });
}

#[test]
fn wget_gets_a_value() {
    tried("wget", |host| {
        let url = "http://169.254.169.254/latest/meta-data/instance-id";
        assert_eq!(output(host.command("wget").args(["-qO-", url])), INSTANCE);
    });
}
