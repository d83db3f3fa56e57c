//! EC2's API through botocore, with its paginators and its waiters, against the real binary; and the instances that it
//! launches, asked where it says that they are.

mod describing;
mod launching;
mod lifecycle;
mod model;
mod moto;
mod options;
mod ports;
mod refusals;
mod served;
mod state;
mod tagging;

use imds_clients::{Ec2, Server};

/// A server and a client of its API; or nothing, where botocore cannot be had.
fn begin(arguments: &[&str]) -> Option<(Server, Ec2)> {
    let server = Server::start_with_console(arguments);
    Ec2::of(&server).map(|ec2| (server, ec2))
}

/// A file of a test's own, gone when dropped.
struct File(std::path::PathBuf);

impl File {
    fn absent(name: &str) -> File {
        File(std::env::temp_dir().join(format!("imds-ec2-api-{}-{name}.json", std::process::id())))
    }

    fn of(name: &str, text: &str) -> File {
        let file = File::absent(name);
        std::fs::write(&file.0, text).expect("a file for a while");
        file
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a plain path")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
