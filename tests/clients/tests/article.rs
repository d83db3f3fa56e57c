//! The article, command by command, with the real AWS CLI and curl; and the same replay from the
//! README.
//!
//! The outputs are compared with the article's, except for values that differ between runs and for
//! members that EC2 added later.

use std::process::Output;

use imds_clients::Server;
use imds_clients::article::{LISTING, UNAUTHORIZED, V1, V2};
use imds_clients::aws::{Aws, both};
use imds_clients::run::{command, printed, run, text};
use serde_json::{Value, json};

/// Members of MetadataOptions that EC2 has added since 2020.
const ADDED_SINCE: [&str; 2] = ["HttpProtocolIpv6", "InstanceMetadataTags"];

const LAUNCH: &str = "aws ec2 run-instances \
--image-id ami-0ce107ae7af2e92b5 \
--instance-type t2.nano \
--key-name key_file \
--monitoring Enabled=false \
--placement AvailabilityZone=ap-northeast-1a \
--subnet-id subnet-03d74b8d6ab6c39f2 \
--associate-public-ip-address \
--security-group-ids sg-0a00ecb871bb15fb3 \
--tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=test_instance}]'";
const LOOK: &str = "aws ec2 describe-instances \
--filters \"Name=tag:Name,Values=test_instance\" \
--query Reservations[*].Instances[*].[MetadataOptions]";
const ID: &str = "aws ec2 describe-instances \
--filters \"Name=tag:Name,Values=test_instance\" \
--query Reservations[*].Instances[*].[InstanceId]";
const REQUIRE: &str = "aws ec2 modify-instance-metadata-options \
--instance-id i-034109c70aaa4b055 \
--http-tokens required \
--http-put-response-hop-limit 1 \
--http-endpoint enabled";

#[test]
fn every_step_of_the_article_gives_its_output() {
    for aws in both() {
        let article = Article::begin(aws);
        assert_eq!(article.on_cli_instance("curl http://169.254.169.254/latest/meta-data/instance-type/"), "t3.small");

        let launched = article.aws(LAUNCH);
        let instance = &launched["Instances"][0];
        assert_eq!(instance["InstanceId"], "i-034109c70aaa4b055");
        assert_eq!(instance["State"], json!({ "Code": 0, "Name": "pending" }));
        assert_eq!(instance["PrivateIpAddress"], "10.0.0.68");
        assert_eq!(instance["Tags"], json!([{ "Key": "Name", "Value": "test_instance" }]));

        let options = json!({
            "State": "applied", "HttpEndpoint": "enabled", "HttpTokens": "optional", "HttpPutResponseHopLimit": 1
        });
        assert_eq!(article.aws(LOOK), json!([[[options]]]));
        assert_eq!(article.on_test_instance(V1), LISTING);
        assert_listed(&article.run_on_test_instance(V2));

        assert_eq!(article.aws(ID), json!([[["i-034109c70aaa4b055"]]]));
        let required = |state: &str| {
            json!({
                "State": state, "HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 1
            })
        };
        let modified = json!({ "InstanceId": "i-034109c70aaa4b055", "InstanceMetadataOptions": required("pending") });
        assert_eq!(article.aws(REQUIRE), modified);
        article.wait_until(LOOK, &json!([[[required("applied")]]]));

        assert_eq!(article.on_test_instance(V1), UNAUTHORIZED);
        assert_listed(&article.run_on_test_instance(V2));
    }
}

#[test]
fn the_readmes_replay_runs_as_pasted() {
    for aws in both() {
        let server = Server::start_with_console(&[]);
        let readme = include_str!("../../../README.md");
        let (_, section) = readme.split_once("## Replay with the AWS CLI").expect("the README has the section");
        let (_, block) = section.split_once("```sh\n").expect("it has a block of commands");
        let (block, _) = block.split_once("```").expect("the block ends");
        let here = block
            .replace(":1339", &format!(":{}", server.console().port()))
            .replace(":1338", &format!(":{}", server.address().port()));
        let output =
            run(command("bash").args(["-e", "-o", "pipefail", "-c", &format!("{}\n{here}", aws.as_function())]));
        let shown = printed(&output);
        let parts = [
            "\"InstanceId\": \"i-034109c70aaa4b055\"",
            "\"HttpTokens\": \"optional\"",
            "ami-id\nami-launch-index\n",
            "\"State\": \"pending\"",
            "\"State\": \"applied\"",
            "401 - Unauthorized",
            "ami-id\nami-launch-index\n",
        ];
        let mut rest = shown.as_str();
        for part in parts {
            (_, rest) =
                rest.split_once(part).unwrap_or_else(|| panic!("{part} is missing or in another place:\n{shown}"));
        }
    }
}

/// The article's two hosts, with a shell on each.
struct Article {
    server: Server,
    aws: Aws,
}

impl Article {
    fn begin(aws: Aws) -> Article {
        let fleet = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/article-fleet.json");
        let server = Server::start_with_console(&["--fleet", fleet, "--clock", "2020-09-26T14:28:58Z"]);
        Article { server, aws }
    }

    /// Runs a line on a host. A loopback address replaces its 169.254.169.254.
    fn bash(&self, host: &str, line: &str) -> Output {
        let endpoint = format!("{host}:{}", self.server.address().port());
        let line = format!("{}\n{}", self.aws.as_function(), line.replace("169.254.169.254", &endpoint));
        let mut bash = command("bash");
        bash.args(["-c", &line]).env("AWS_ENDPOINT_URL", format!("http://{}", self.server.console()));
        bash.env("AWS_DEFAULT_REGION", "ap-northeast-1").env("AWS_PAGER", "");
        run(bash.env("AWS_ACCESS_KEY_ID", "fake").env("AWS_SECRET_ACCESS_KEY", "fake"))
    }

    fn on_cli_instance(&self, line: &str) -> String {
        printed(&self.bash("127.0.0.74", line))
    }

    fn on_test_instance(&self, line: &str) -> String {
        printed(&self.run_on_test_instance(line))
    }

    fn run_on_test_instance(&self, line: &str) -> Output {
        self.bash("127.0.0.68", line)
    }

    /// The output of the AWS CLI, without the members that EC2 added later.
    fn aws(&self, line: &str) -> Value {
        let mut shown = serde_json::from_str(&self.on_cli_instance(line)).expect("the AWS CLI prints JSON");
        remove_newer_members(&mut shown);
        shown
    }

    /// Repeats a command until it has the expected output: a change of options takes a second, and
    /// the AWS CLI takes about as long to start.
    fn wait_until(&self, line: &str, expected: &Value) {
        let mut shown = Value::Null;
        for _ in 0..20 {
            shown = self.aws(line);
            if shown == *expected {
                return;
            }
        }
        assert_eq!(shown, *expected);
    }
}

fn remove_newer_members(shown: &mut Value) {
    match shown {
        Value::Array(items) => items.iter_mut().for_each(remove_newer_members),
        Value::Object(members) => {
            members.retain(|name, _| !ADDED_SINCE.contains(&name.as_str()));
            members.values_mut().for_each(remove_newer_members);
        }
        _ => {}
    }
}

/// The listing is on standard output, and the response headers, without times, are on standard
/// error.
fn assert_listed(output: &Output) {
    assert_eq!(printed(output), LISTING);
    let log = text(&output.stderr);
    let received: Vec<_> = log.lines().filter_map(|line| line.strip_prefix("< ")).map(str::trim_end).collect();
    let timeless: Vec<_> = received
        .iter()
        .map(|line| TIMES.iter().find(|name| line.starts_with(**name)).copied().unwrap_or(line))
        .collect();
    assert_eq!(timeless, HEADERS);
    let sent = log.lines().find_map(|line| line.strip_prefix("> X-aws-ec2-metadata-token: ")).expect("a token is sent");
    assert!(sent.trim_end().len() == 56 && sent.starts_with("AQAAA"), "{sent}");
}

const TIMES: [&str; 3] = ["Date: ", "Last-Modified: ", "X-Aws-Ec2-Metadata-Token-Ttl-Seconds: "];
const HEADERS: [&str; 10] = [
    "HTTP/1.0 200 OK",
    "Accept-Ranges: bytes",
    "Content-Length: 313",
    "Content-Type: text/plain",
    TIMES[0],
    TIMES[1],
    TIMES[2],
    "Connection: close",
    "Server: EC2ws",
    "",
];
