//! Clients of EC2's API that find their credentials, and some their region, in the metadata.

use std::fs;

use imds_clients::debian_clients::debian;
use imds_clients::host::{Host, output, tried_with};

use crate::INSTANCE;

/// Tries a client against a console in the network. `check` has the console's address.
pub fn tried_with_api(name: &str, check: impl Fn(&Host, &str)) {
    tried_with(name, &["--console", CONSOLE], |host| check(host, CONSOLE));
}

#[test]
fn prometheus_discovers_the_instance() {
    let Some(debian) = debian() else { return };
    tried_with_api("Prometheus' ec2_sd", |host, console| {
        let file = std::env::temp_dir().join(format!("imds-prometheus-{}.yml", std::process::id()));
        let job = format!("job_name: ec2\n  ec2_sd_configs:\n  - endpoint: http://{console}\n    port: 9100");
        fs::write(&file, format!("scrape_configs:\n- {job}\n")).unwrap();
        let mut promtool = debian.command(&host.network, "promtool");
        let printed = output(promtool.args(["check", "service-discovery", "--timeout=10s"]).arg(&file).arg("ec2"));
        fs::remove_file(&file).unwrap();
        for label in [
            format!("\"__meta_ec2_instance_id\": \"{INSTANCE}\""),
            "\"__meta_ec2_tag_Name\": \"my-instance\"".to_owned(),
            "\"__meta_ec2_region\": \"us-east-1\"".to_owned(),
            "\"__address__\": \"10.0.1.23:9100\"".to_owned(),
        ] {
            assert!(printed.contains(&label), "{label} is not in\n{printed}");
        }
    });
}

const CONSOLE: &str = "127.0.0.1:1339";
