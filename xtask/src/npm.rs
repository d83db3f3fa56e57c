//! Builds the npm package's module, and tests the package as published, in the hosts it supports.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::tools::{Setup, TaskError, cargo, root, target_folder};

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds `pkg/dist/`.
pub fn build(setup: Setup) -> Result<(), TaskError> {
    prepare(setup)?;
    compiler(setup)?;
    dist("build")
}

/// Builds the package `imds-debug`.
pub fn build_debug(setup: Setup) -> Result<(), TaskError> {
    prepare(setup)?;
    compiler(setup)?;
    dist("debug")
}

/// Tests the package `imds-debug` in Node, installed in place of `imds`.
pub fn debug(setup: Setup) -> Result<(), TaskError> {
    build_debug(setup)?;
    let folder = TestFolder::of(setup, &target_folder().join("npm/imds-debug"), "imds-debug")?;
    let vectors = folder.0.join("vectors.json");
    cargo(&format!("run --quiet --locked -p imds-pkg-build -- vectors {}", vectors.display()))?;
    folder.test(&["debug.test.mjs", "vectors.test.mjs"], &[("VECTORS", &vectors)])
}

/// Ensures a compiler for WebAssembly: the pinned toolchain, or Debian's if rustup cannot add the
/// target.
fn compiler(setup: Setup) -> Result<(), TaskError> {
    setup.target(TARGET).or_else(|error| setup.program("/usr/bin/rustc", "rustc-web rust-web-src").map_err(|_| error))
}

/// Checks `pkg/dist/` against its sources. In CI on x86-64 Linux, where the build is reproducible,
/// it rebuilds the module and compares the bytes.
pub fn check(setup: Setup) -> Result<(), TaskError> {
    prepare(setup)?;
    cargo("test --quiet --locked -p imds-pkg-build")?;
    let is_pinned_route = cfg!(all(target_os = "linux", target_arch = "x86_64"));
    if setup.is_ci() && is_pinned_route {
        setup.target(TARGET)?;
        return dist("check --rebuild");
    }
    dist("check")
}

/// Prints the size of each part of the module.
pub fn costs(setup: Setup) -> Result<(), TaskError> {
    prepare(setup)?;
    compiler(setup)?;
    dist("costs")
}

fn dist(arguments: &str) -> Result<(), TaskError> {
    cargo(&format!("run --quiet --locked -p imds-pkg-build -- {arguments}"))
}

/// Tests the package in Node: interface, contents, types, examples, and responses equal to the
/// native build's.
pub fn package(setup: Setup) -> Result<(), TaskError> {
    let folder = TestFolder::new(setup)?;
    let vectors = folder.0.join("vectors.json");
    let calls = folder.0.join("calls.txt");
    cargo(&format!("run --quiet --locked -p imds-pkg-build -- vectors {}", vectors.display()))?;
    cargo(&format!("run --quiet --locked -p imds-pkg-build -- calls {}", calls.display()))?;
    folder.run(
        "node",
        &[
            "node_modules/typescript/bin/tsc",
            "--strict",
            "--noEmit",
            "--module",
            "nodenext",
            "--target",
            "es2022",
            "--types",
            "node",
            "--lib",
            "es2023,dom,esnext.disposable",
            "consumer.ts",
        ],
        &[],
    )?;
    let tests = [
        "interface.test.mjs",
        "sockets.test.mjs",
        "pack.test.mjs",
        "readme.test.mjs",
        "vectors.test.mjs",
        "core.test.mjs",
    ];
    folder.test(&tests, &[("VECTORS", &vectors), ("CALLS", &calls), ("PACKED", &folder.0.join("packed.json"))])
}

/// Tests AWS's clients against the package's servers.
pub fn clients(setup: Setup) -> Result<(), TaskError> {
    TestFolder::new(setup)?.test(&["clients.test.mjs"], &[])
}

/// Tests the package in Bun, Deno and a Worker.
pub fn hosts(setup: Setup) -> Result<(), TaskError> {
    let folder = TestFolder::new(setup)?;
    let hosts = installed("pkg/test/hosts")?;
    folder.test(&["hosts.test.mjs"], &[("HOSTS", &hosts)])
}

/// Tests the package in Chromium and Firefox.
pub fn browsers(setup: Setup) -> Result<(), TaskError> {
    setup.program("chromium", "chromium")?;
    setup.program("firefox-esr", "firefox-esr")?;
    TestFolder::new(setup)?.test(&["browsers.test.mjs"], &[])
}

/// Tests the page: its modules in Node, and how it is served in Chromium and Firefox, in a network
/// namespace that has only the loopback device.
pub fn page(setup: Setup) -> Result<(), TaskError> {
    test_page(setup, "--test-concurrency=2 *.test.mjs")
}

/// Tests every lesson, view and link of the page in Chromium.
pub fn page_browsers(setup: Setup) -> Result<(), TaskError> {
    test_page(setup, "--test-concurrency=2 *.long.mjs")
}

/// Measures how fast the page responds to input. Runs alone, because it measures time.
pub fn page_inputs(setup: Setup) -> Result<(), TaskError> {
    test_page(setup, "browser-inputs.thorough.mjs")
}

/// Checks each view of the page with axe.
pub fn page_axe(setup: Setup) -> Result<(), TaskError> {
    test_page(setup, "browser-axe.thorough.mjs")
}

/// Lets pages of other origins send calls to the console in Chromium.
pub fn console_browser(setup: Setup) -> Result<(), TaskError> {
    test_page(setup, "browser-console.thorough.mjs")
}

/// Takes pictures of the named screens of the page, by default of all, in
/// `target/page-screenshots/`.
pub fn screenshots(setup: Setup, screens: &[String]) -> Result<(), TaskError> {
    in_page(setup, "browser-screenshots.mjs", screens)
}

/// Runs tests of the page: options and files for `node --test`.
fn test_page(setup: Setup, tests: &str) -> Result<(), TaskError> {
    in_page(setup, &format!("--test --test-reporter=spec --test-timeout=300000 {tests}"), &[])
}

/// Runs Node in `www/test/`, in a network namespace that has only the loopback device. The shell
/// expands the patterns in `command`, and passes `arguments` unchanged.
fn in_page(setup: Setup, command: &str, arguments: &[String]) -> Result<(), TaskError> {
    prepare(setup)?;
    for (program, package) in [
        ("chromium", "chromium"),
        ("firefox-esr", "firefox-esr"),
        ("curl", "curl"),
        ("unshare", "util-linux"),
        ("ip", "iproute2"),
    ] {
        setup.program(program, package)?;
    }
    let namespace = namespace()?;
    cargo("build --quiet --locked -p imds-server")?;
    let binary = target_folder().join("debug").join("imds");
    let folder = root().join("www/test");
    install(&folder)?;
    let script = format!("ip link set lo up && exec node {command} \"$@\"");
    let arguments: Vec<&str> = namespace
        .iter()
        .copied()
        .chain(["sh", "-c", &script, "sh"])
        .chain(arguments.iter().map(String::as_str))
        .collect();
    TestFolder(folder).run("unshare", &arguments, &[("IMDS_BIN", &binary)])
}

/// The options with which `unshare` can create a network namespace here: as root, or inside a user
/// namespace.
pub fn namespace() -> Result<&'static [&'static str], TaskError> {
    let options: [&[&str]; 2] = [&["--net"], &["--map-root-user", "--net"]];
    let works = |option: &&&[&str]| {
        let mut probe = Command::new("unshare");
        probe.args(**option).args(["ip", "link", "set", "lo", "up"]).stdin(Stdio::null()).stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    };
    options.iter().find(works).copied().ok_or_else(|| {
        TaskError::CannotRun(
            "unshare cannot create a network namespace, neither with --net nor with --map-root-user --net".into(),
        )
    })
}

/// Installs the packages of a folder's lockfile, unless that lockfile is already installed.
fn install(folder: &Path) -> Result<(), TaskError> {
    let lock = fs::read(folder.join("package-lock.json")).map_err(|error| failed("package-lock.json", error))?;
    let done = folder.join("node_modules").join(".lockfile");
    if fs::read(&done).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("$ npm ci --ignore-scripts");
    output(npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder))?;
    fs::write(done, lock).map_err(|error| failed("node_modules", error))
}

/// Measures the cost of a call from JavaScript.
pub fn measure(setup: Setup) -> Result<(), TaskError> {
    let folder = TestFolder::new(setup)?;
    cargo("build --quiet --locked --release -p bench")?;
    let native = target_folder().join("release").join("bench");
    folder.run("node", &["bench.mjs"], &[("BENCH", &native)])
}

fn prepare(setup: Setup) -> Result<(), TaskError> {
    setup.program("node", "nodejs")?;
    setup.program("npm", "npm")
}

/// A folder that contains the packed and installed package and everything its tests need.
struct TestFolder(PathBuf);

impl TestFolder {
    fn new(setup: Setup) -> Result<TestFolder, TaskError> {
        TestFolder::of(setup, &root().join("pkg"), "imds")
    }

    /// Installs a package from its folder in place of `imds`.
    fn of(setup: Setup, package: &Path, name: &str) -> Result<TestFolder, TaskError> {
        prepare(setup)?;
        let folder = TestFolder(installed("pkg/test")?);
        let mut pack = npm(&["pack", "--json", "--ignore-scripts", "--pack-destination"]);
        let packed = output(pack.arg(&folder.0).current_dir(package))?;
        write(&folder.0.join("packed.json"), &packed)?;
        let modules = folder.0.join("node_modules");
        let _ = fs::remove_dir_all(modules.join("imds"));
        let version = env!("CARGO_PKG_VERSION");
        let mut unpack = Command::new("tar");
        unpack.arg("-xzf").arg(folder.0.join(format!("{name}-{version}.tgz"))).arg("-C").arg(&modules);
        output(&mut unpack)?;
        fs::rename(modules.join("package"), modules.join("imds"))
            .map_err(|error| failed("node_modules/imds", error))?;
        let own = root().join("pkg/test");
        for entry in fs::read_dir(&own).map_err(|error| failed("pkg/test", error))? {
            let entry = entry.map_err(|error| failed("pkg/test", error))?;
            let is_script =
                entry.path().extension().is_some_and(|own| ["mjs", "cjs", "ts"].iter().any(|it| own == *it));
            if is_script {
                fs::copy(entry.path(), folder.0.join(entry.file_name())).map_err(|error| failed("pkg/test", error))?;
            }
        }
        Ok(folder)
    }

    fn test(&self, files: &[&str], variables: &[(&str, &Path)]) -> Result<(), TaskError> {
        let arguments: Vec<&str> =
            ["--test", "--test-reporter=spec", "--test-timeout=300000"].iter().chain(files).copied().collect();
        self.run("node", &arguments, variables)
    }

    fn run(&self, program: &str, arguments: &[&str], variables: &[(&str, &Path)]) -> Result<(), TaskError> {
        println!("$ {program} {}", arguments.join(" "));
        let mut command = Command::new(program);
        command.args(arguments).envs(variables.iter().copied()).current_dir(&self.0).stdin(Stdio::null());
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(TaskError::Failed(format!("{program} {}: {status}", arguments[0]))),
            Err(error) => Err(TaskError::CannotRun(format!("{program}: {error}"))),
        }
    }
}

/// Installs the packages of the package.json in `from` in a folder below the target folder, one for
/// each state of its lockfile, and returns that folder.
fn installed(from: &str) -> Result<PathBuf, TaskError> {
    let from = root().join(from);
    let lock = fs::read(from.join("package-lock.json")).map_err(|error| failed("package-lock.json", error))?;
    let mut hasher = DefaultHasher::new();
    lock.hash(&mut hasher);
    let name = from.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = target_folder().join("npm").join(format!("{name}-{:016x}", hasher.finish()));
    fs::create_dir_all(&folder).map_err(|error| failed("target/npm", error))?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(from.join(name), folder.join(name)).map_err(|error| failed(name, error))?;
    }
    install(&folder)?;
    Ok(folder)
}

fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(arguments);
    command
}

/// Runs a command that must succeed and returns its standard output. A failure is `CannotRun`: the
/// command needs the network or a tool, and does not test the package.
fn output(command: &mut Command) -> Result<String, TaskError> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            let last = words.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no error message");
            Err(TaskError::CannotRun(format!("{name}: {last}")))
        }
        Err(error) => Err(TaskError::CannotRun(format!("{name}: {error}"))),
    }
}

fn write(file: &Path, text: &str) -> Result<(), TaskError> {
    fs::write(file, text).map_err(|error| failed(&file.display().to_string(), error))
}

fn failed(what: &str, error: std::io::Error) -> TaskError {
    TaskError::CannotRun(format!("{what}: {error}"))
}
