//! EC2's API through botocore, with paginators and waiters, against the server binary; and the
//! metadata of launched instances at their addresses.

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

use std::ffi::OsString;
use std::path::PathBuf;
use std::{env, fs, process};

use imds_clients::{Ec2, Server};

/// Starts a server and a client of its API. `None` if botocore is not available.
fn begin(arguments: &[&str]) -> Option<(Server, Ec2)> {
    let server = Server::start_with_console(arguments);
    Ec2::of(&server).map(|ec2| (server, ec2))
}

/// A file in a temporary folder, deleted when dropped.
struct File(PathBuf);

impl File {
    fn absent(name: &str) -> File {
        let folder = env::temp_dir().join(format!("imds-ec2-api-{}-{name}", process::id()));
        fs::create_dir_all(&folder).expect("a temporary folder");
        File(folder.join(NAME))
    }

    fn of(name: &str, text: &str) -> File {
        let file = File::absent(name);
        fs::write(&file.0, text).expect("a temporary file");
        file
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a UTF-8 path")
    }

    /// The names of the files in its folder.
    fn folder(&self) -> Vec<OsString> {
        let entries = fs::read_dir(self.0.with_file_name("")).expect("its folder");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name()).collect();
        names.sort();
        names
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.0.with_file_name(""));
    }
}

const NAME: &str = "file.json";
/// The lock of a state file with this name.
const LOCK: &str = "file.json.lock";
