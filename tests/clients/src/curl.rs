//! curl, which people and scripts use.

use std::process::{Command, Output};

use crate::install::step;
use crate::run::{command, printed, run, text};
use crate::server::Server;
use crate::skip::or_skip;

/// The installed curl.
pub struct Curl(());

/// Finds curl.
pub fn curl() -> Option<Curl> {
    or_skip("curl", step(Command::new("curl").arg("--version"))).map(|_| Curl(()))
}

impl Curl {
    /// Requests a path.
    pub fn request(&self, server: &Server, path: &str, options: &[&str]) -> Output {
        // Without --globoff, curl reads the brackets of an IPv6 address as a pattern.
        let mut command = command("curl");
        command.args(["--silent", "--globoff", "--max-time", "20"]).args(options);
        run(command.arg(format!("{}{path}", server.url())))
    }

    /// Requests a path and returns the lines of the head, without line ends, and the body.
    pub fn show(&self, server: &Server, path: &str, options: &[&str]) -> (Vec<String>, String) {
        let output = self.request(server, path, &[&["-i"], options].concat());
        let all = text(&output.stdout);
        let (head, body) = all.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {output:?}"));
        (head.lines().map(str::to_owned).collect(), body.to_owned())
    }

    /// Reads the value at a path with a new token.
    pub fn get(&self, server: &Server, path: &str) -> String {
        let token = self.token(server, 21_600);
        self.get_with(server, path, &token)
    }

    /// Reads the value at a path with this token.
    #[track_caller]
    pub fn get_with(&self, server: &Server, path: &str, token: &str) -> String {
        printed(&self.request_with_token(server, path, token))
    }

    /// Requests a path with this token. curl fails if the response is an error.
    pub fn request_with_token(&self, server: &Server, path: &str, token: &str) -> Output {
        self.request(server, path, &["-f", "-H", &format!("X-aws-ec2-metadata-token: {token}")])
    }

    /// Requests a token with this TTL, in seconds.
    pub fn token(&self, server: &Server, seconds: u32) -> String {
        let header = format!("X-aws-ec2-metadata-token-ttl-seconds: {seconds}");
        printed(&self.request(server, "/latest/api/token", &["-f", "-X", "PUT", "-H", &header]))
    }
}
