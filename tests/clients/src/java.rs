//! A program in Java that uses the AWS SDK for Java.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::install::{once, step};
use crate::namespace::Namespace;
use crate::skip::or_skip;

/// The folder of the compiled program of `java/` and its libraries.
pub struct Java(PathBuf);

/// Returns the compiled program, or compiles it.
pub fn java() -> Option<&'static Java> {
    static JAVA: OnceLock<Result<Java, String>> = OnceLock::new();
    or_skip("Java's client", JAVA.get_or_init(Java::build).as_ref().map_err(String::clone))
}

impl Java {
    fn build() -> Result<Java, String> {
        let version = step(Command::new("javac").arg("-version"))?;
        let folder = once("java", &[&version, PROJECT, CLIENT], |folder| {
            let write = |name: &str, text: &str| {
                let file = folder.join(name);
                fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))
            };
            write("pom.xml", PROJECT)?;
            write("Client.java", CLIENT)?;
            let mut maven = Command::new("mvn");
            maven.args(["--batch-mode", "--quiet", "dependency:copy-dependencies", "-DincludeScope=runtime"]);
            step(maven.arg("-DoutputDirectory=lib").current_dir(folder))?;
            let mut javac = Command::new("javac");
            step(javac.args(["-cp", "lib/*", "Client.java"]).current_dir(folder)).map(drop)
        })?;
        Ok(Java(folder))
    }

    /// Runs the program in the namespace.
    pub fn command(&self, namespace: &Namespace) -> Command {
        let mut command = namespace.command("java");
        // The client VM starts faster.
        command.args(["-XX:TieredStopAtLevel=1", "-cp", "lib/*:.", "Client"]).current_dir(&self.0);
        command
    }
}

/// The pinned versions.
pub(crate) const PROJECT: &str = include_str!("../java/pom.xml");
const CLIENT: &str = include_str!("../java/Client.java");
