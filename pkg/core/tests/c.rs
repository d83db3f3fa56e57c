//! C programs that are linked with the native library: the one of docs/abi.md, and
//! examples/hosts/c/server.c with curl as its client.

#![expect(clippy::disallowed_methods, reason = "the ban on file access applies to the core, not to this test")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

#[test]
fn the_program_of_the_page_prints_the_value() {
    let page = fs::read_to_string(root().join("docs/abi.md")).unwrap();
    let program = page.split_once("```c\n").unwrap().1.split_once("```").unwrap().0;
    let source = folder().join("page.c");
    fs::write(&source, program).unwrap();
    let output = Command::new(compile(&source, &[])).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert!(printed.starts_with("HTTP/1.1 200 OK\r\n"), "{printed}");
    assert!(printed.contains("X-Aws-Ec2-Metadata-Token-Ttl-Seconds: 59\r\n"), "{printed}");
    assert!(printed.ends_with("\r\n\r\nt3.micro\ndecided by serve.v2\n"), "{printed}");
}

#[test]
fn the_header_compiles_as_c_and_cpp() {
    for (language, standard) in [("c", "-std=c99"), ("c", "-std=c17"), ("c++", "-std=c++11")] {
        let source = folder().join(format!("header{standard}"));
        fs::write(&source, "#include \"imds.h\"\n#include \"imds.h\"\nint main(void) { return 0; }\n").unwrap();
        let mut compiler = Command::new("cc");
        compiler.args(WARNINGS).args(["-pedantic", "-fsyntax-only", "-x", language, standard]).arg("-I");
        run(compiler.arg(root().join("pkg/core/include")).arg(source));
    }
}

#[test]
fn the_example_serves_curl() {
    let server = Server::start(&compile(&root().join("examples/hosts/c/server.c"), &[]));
    let token = server.curl(&["-X", "PUT", "-H", "X-aws-ec2-metadata-token-ttl-seconds: 60"], "/latest/api/token");
    assert_eq!(token.len(), 56, "{token}");
    let header = format!("X-aws-ec2-metadata-token: {token}");
    assert_eq!(server.curl(&["-H", &header], "/latest/meta-data/instance-type"), "t3.micro");
    assert!(server.curl(&["-H", &header], "/latest/meta-data/").contains("\ninstance-id\n"));
    let status = ["-o", "/dev/null", "-w", "%{http_code}"];
    assert_eq!(server.curl(&status, "/latest/meta-data/instance-type"), "401");
    assert_eq!(server.curl(&[&status[..], &["-H", &header]].concat(), "/latest/meta-data/none"), "404");
    let large = "x".repeat(60_000);
    assert_eq!(server.curl(&[&status[..], &["-X", "PUT", "-d", &large]].concat(), "/latest/api/token"), "400");
}

const WARNINGS: [&str; 5] = ["-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wconversion"];

struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(program: &Path) -> Server {
        let mut process = Command::new(program).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Server { process, url }
    }

    fn curl(&self, arguments: &[&str], path: &str) -> String {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--max-time", "20", "--noproxy", "*"]).args(arguments).arg(format!("{}{path}", self.url));
        run(&mut curl)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Compiles a program and links it with the library.
fn compile(source: &Path, arguments: &[&str]) -> PathBuf {
    let program = folder().join(source.file_stem().unwrap());
    let mut compiler = Command::new("cc");
    compiler.args(WARNINGS).args(["-std=gnu11", "-O1"]).arg("-I").arg(root().join("pkg/core/include"));
    compiler.arg(source).arg(library()).args(arguments).arg("-o").arg(&program);
    run(&mut compiler);
    program
}

/// The native library, which Cargo builds in the folder above this test's.
fn library() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let library = test.parent().unwrap().join("libimds_core.a");
    assert!(library.is_file(), "{} is not built", library.display());
    library
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    printed
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
