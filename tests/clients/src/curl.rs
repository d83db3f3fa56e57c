//! curl, which people and their scripts ask with.

use std::process::{Command, Output};

use crate::install::step;
use crate::run::{command, printed, run, text};
use crate::server::Server;
use crate::skip::or_skip;

/// This machine's curl.
pub struct Curl(());

/// The one of this machine.
pub fn curl() -> Option<Curl> {
    or_skip("curl", step(Command::new("curl").arg("--version"))).map(|_| Curl(()))
}

impl Curl {
    /// Asks for a path.
    pub fn ask(&self, server: &Server, path: &str, options: &[&str]) -> Output {
        // Without --globoff, the brackets of an IPv6 address are a pattern.
        let mut command = command("curl");
        command.args(["--silent", "--globoff", "--max-time", "20"]).args(options);
        run(command.arg(format!("{}{path}", server.url())))
    }

    /// Asks for a path and gives the status and the fields, without line ends, and the body.
    pub fn show(&self, server: &Server, path: &str, options: &[&str]) -> (Vec<String>, String) {
        let output = self.ask(server, path, &[&["-i"], options].concat());
        let all = text(&output.stdout);
        let (head, body) = all.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {output:?}"));
        (head.lines().map(str::to_owned).collect(), body.to_owned())
    }

    /// Gets a path's value with a token of its own.
    pub fn get(&self, server: &Server, path: &str) -> String {
        let token = self.token(server, 21_600);
        self.get_with(server, path, &token)
    }

    /// Gets a path's value with this token.
    #[track_caller]
    pub fn get_with(&self, server: &Server, path: &str, token: &str) -> String {
        printed(&self.ask_with(server, path, token))
    }

    /// Asks for a path with this token, and fails where that is refused.
    pub fn ask_with(&self, server: &Server, path: &str, token: &str) -> Output {
        self.ask(server, path, &["-f", "-H", &format!("X-aws-ec2-metadata-token: {token}")])
    }

    /// Gets a token of so many seconds.
    pub fn token(&self, server: &Server, seconds: u32) -> String {
        let field = format!("X-aws-ec2-metadata-token-ttl-seconds: {seconds}");
        printed(&self.ask(server, "/latest/api/token", &["-f", "-X", "PUT", "-H", &field]))
    }
}
