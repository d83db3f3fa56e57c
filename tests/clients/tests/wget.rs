//! wget.

use std::process::{Command, Output};

use imds_clients::Server;
use imds_clients::run::{command, printed, reason, run};
use imds_clients::skip::or_skip;

const ID: &str = "/latest/meta-data/instance-id";
const INSTANCE: &str = "i-0abcdef1234567890";
/// wget's exit statuses for a 401 and for any other error.
const WRONG_PASSWORD: Option<i32> = Some(6);
const REFUSED: Option<i32> = Some(8);

#[test]
fn it_needs_no_token_where_none_is_required() {
    let Some(wget) = wget() else { return };
    let server = Server::start(&[]);
    assert_eq!(printed(&wget.ask(&server, ID, &[])), INSTANCE);
}

#[test]
fn it_reads_with_a_token_in_either_mode() {
    let Some(wget) = wget() else { return };
    for tokens in ["optional", "required"] {
        let server = Server::start(&["--http-tokens", tokens]);
        let token = wget.token(&server);
        assert_eq!(printed(&wget.ask_with(&server, ID, &token)), INSTANCE);
        assert_eq!(server.asked(), ["PUT /latest/api/token 200 v2", &format!("GET {ID} 200 v2")]);
    }
}

#[test]
fn with_an_old_token_it_is_refused_and_a_new_one_helps() {
    let Some(wget) = wget() else { return };
    let mut server = Server::start(&[]);
    let old = wget.token(&server);
    server.restart();
    assert_eq!(wget.ask_with(&server, ID, &old).status.code(), WRONG_PASSWORD);
    let new = wget.token(&server);
    assert_eq!(printed(&wget.ask_with(&server, ID, &new)), INSTANCE);
}

#[test]
fn it_takes_a_401_for_a_wrong_password_and_everything_else_for_an_error() {
    let Some(wget) = wget() else { return };
    let required = Server::start(&["--http-tokens", "required"]);
    let disabled = Server::start(&["--http-endpoint", "disabled"]);
    let optional = Server::start(&[]);
    for (server, path, status) in [
        (&required, ID, WRONG_PASSWORD),
        (&required, "/latest/api/token", REFUSED),
        (&disabled, ID, REFUSED),
        (&optional, "/latest/nothing", REFUSED),
    ] {
        assert_eq!(wget.ask(server, path, &[]).status.code(), status, "{path}");
    }
}

#[test]
fn it_looks_with_head() {
    let Some(wget) = wget() else { return };
    let server = Server::start(&[]);
    assert!(wget.ask(&server, ID, &["--spider"]).status.success());
    assert_eq!(server.asked(), [format!("HEAD {ID} 200 v1")]);
}

struct Wget;

fn wget() -> Option<Wget> {
    let found = Command::new("wget").arg("--version").output();
    or_skip("wget", found.map(|_| Wget).map_err(|error| reason(&error)))
}

impl Wget {
    fn ask(&self, server: &Server, path: &str, options: &[&str]) -> Output {
        let mut command = command("wget");
        command.args(["-q", "-O", "-", "--tries=1", "--timeout=20", "--no-config"]).args(options);
        run(command.arg(format!("{}{path}", server.url())))
    }

    fn ask_with(&self, server: &Server, path: &str, token: &str) -> Output {
        self.ask(server, path, &[&format!("--header=X-aws-ec2-metadata-token: {token}")])
    }

    fn token(&self, server: &Server) -> String {
        let ttl = "--header=X-aws-ec2-metadata-token-ttl-seconds: 21600";
        printed(&self.ask(server, "/latest/api/token", &["--method=PUT", ttl]))
    }
}
