//! Programs that sign requests to S3 with the credentials of the instance.

use std::env;
use std::fs::{self, File};
use std::process::{self, Command};

use imds_clients::api::Api;
use imds_clients::debian_clients::debian;
use imds_clients::host::{Host, output, tried};
use imds_clients::object_store::object_store;
use imds_clients::run::{reason, run};
use imds_clients::skip::or_skip;

#[test]
fn object_store_signs_with_the_roles_credentials() {
    let Some(program) = object_store() else { return };
    tried("object_store", |host| {
        let api = Api::start_in(&host.network);
        let printed = output(host.command(program).arg(api.url()));
        assert!(printed.contains("AccessDenied"), "{printed}");
        api.assert_signed("us-east-1");
    });
}

#[test]
fn rclone_signs_with_the_roles_credentials() {
    assert_signs("rclone", |url| {
        let remote = format!(":s3,provider=Other,env_auth=true,endpoint='{url}',region=us-east-1:bucket");
        let arguments = ["--config=", "--retries=1", "--low-level-retries=1", "lsf", &remote];
        ("rclone", arguments.map(str::to_owned).into(), vec![])
    });
}

#[test]
fn restic_signs_with_the_roles_credentials() {
    assert_signs("restic", |url| {
        let arguments = ["-r", &format!("s3:{url}/bucket"), "--no-cache", "-o", "s3.region=us-east-1", "snapshots"];
        ("restic", arguments.map(str::to_owned).into(), vec![("RESTIC_PASSWORD", "password")])
    });
}

/// s3fs 1.90 sends its request for a token with `Expect` and a chunked body, and goes on without a
/// token after the 417, as on EC2 (s3fs-fuse#1765).
#[test]
fn s3fs_signs_with_the_roles_credentials() {
    let fuse = File::options().read(true).write(true).open("/dev/fuse");
    if or_skip("s3fs: /dev/fuse", fuse.map_err(|error| reason(&error))).is_none() {
        return;
    }
    let folder = env::temp_dir().join(format!("imds-s3fs-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let mount = folder.to_str().unwrap();
    assert_signs("s3fs", |url| {
        let options = format!("iam_role=auto,url={url},use_path_request_style,endpoint=us-east-1,retries=1");
        ("s3fs", ["bucket", mount, "-f", "-o", &options].map(str::to_owned).into(), vec![])
    });
    fs::remove_dir(&folder).unwrap();
}

type Run = (&'static str, Vec<String>, Vec<(&'static str, &'static str)>);

/// Runs a program that sends a request to S3, which is denied.
fn assert_signs(name: &str, run_of: impl Fn(&str) -> Run) {
    let Some(debian) = debian() else { return };
    tried(name, |host: &Host| {
        let api = Api::start_in(&host.network);
        let (program, arguments, environment) = run_of(&api.url());
        let mut command: Command = debian.command(&host.network, program);
        run(command.args(arguments).envs(environment));
        api.assert_signed("us-east-1");
    });
}
