//! wget.

use std::process::{Command, Output};

use imds_clients::Server;
use imds_clients::run::{command, printed, reason, run};
use imds_clients::skip::or_skip;

const ID: &str = "/latest/meta-data/instance-id";
const INSTANCE: &str = "i-0abcdef1234567890";
/// wget's exit statuses for a 401 and for any other error response.
const WRONG_PASSWORD: Option<i32> = Some(6);
const REJECTED: Option<i32> = Some(8);

#[test]
fn no_token_is_needed_when_tokens_are_optional() {
    let Some(wget) = wget() else { return };
    let server = Server::start(&[]);
    assert_eq!(printed(&wget.request(&server, ID, &[])), INSTANCE);
}

#[test]
fn reads_use_a_token_in_both_modes() {
    let Some(wget) = wget() else { return };
    for tokens in ["optional", "required"] {
        let server = Server::start(&["--http-tokens", tokens]);
        let token = wget.token(&server);
        assert_eq!(printed(&wget.request_with_token(&server, ID, &token)), INSTANCE);
        assert_eq!(server.requests(), ["PUT /latest/api/token 200 v2", &format!("GET {ID} 200 v2")]);
    }
}

#[test]
fn an_old_token_is_rejected_and_a_new_one_works() {
    let Some(wget) = wget() else { return };
    let mut server = Server::start(&[]);
    let old = wget.token(&server);
    server.restart();
    assert_eq!(wget.request_with_token(&server, ID, &old).status.code(), WRONG_PASSWORD);
    let new = wget.token(&server);
    assert_eq!(printed(&wget.request_with_token(&server, ID, &new)), INSTANCE);
}

#[test]
fn a_401_is_an_authentication_failure_and_other_statuses_are_server_errors() {
    let Some(wget) = wget() else { return };
    let required = Server::start(&["--http-tokens", "required"]);
    let disabled = Server::start(&["--http-endpoint", "disabled"]);
    let optional = Server::start(&[]);
    for (server, path, status) in [
        (&required, ID, WRONG_PASSWORD),
        (&required, "/latest/api/token", REJECTED),
        (&disabled, ID, REJECTED),
        (&optional, "/latest/nothing", REJECTED),
    ] {
        assert_eq!(wget.request(server, path, &[]).status.code(), status, "{path}");
    }
}

#[test]
fn spider_mode_sends_head() {
    let Some(wget) = wget() else { return };
    let server = Server::start(&[]);
    assert!(wget.request(&server, ID, &["--spider"]).status.success());
    assert_eq!(server.requests(), [format!("HEAD {ID} 200 v1")]);
}

struct Wget;

fn wget() -> Option<Wget> {
    let found = Command::new("wget").arg("--version").output();
    or_skip("wget", found.map(|_| Wget).map_err(|error| reason(&error)))
}

impl Wget {
    fn request(&self, server: &Server, path: &str, options: &[&str]) -> Output {
        let mut command = command("wget");
        command.args(["-q", "-O", "-", "--tries=1", "--timeout=20", "--no-config"]).args(options);
        run(command.arg(format!("{}{path}", server.url())))
    }

    fn request_with_token(&self, server: &Server, path: &str, token: &str) -> Output {
        self.request(server, path, &[&format!("--header=X-aws-ec2-metadata-token: {token}")])
    }

    fn token(&self, server: &Server) -> String {
        let ttl = "--header=X-aws-ec2-metadata-token-ttl-seconds: 21600";
        printed(&self.request(server, "/latest/api/token", &["--method=PUT", ttl]))
    }
}
