//! The help and the messages at startup.

use crate::support::{Server, imds, run, status};

const FLAGS: [&str; 25] = [
    "--listen",
    "--console",
    "--console-host",
    "--instance",
    "--fleet",
    "--state",
    "--identity-certificate",
    "--identity-key",
    "--endpoints",
    "--by-peer",
    "--modify-delay",
    "--transition-delay",
    "--http-tokens",
    "--http-endpoint",
    "--hop-limit",
    "--http-protocol-ipv6",
    "--instance-metadata-tags",
    "--seed",
    "--clock",
    "--keep-alive",
    "--log",
    "--throttle",
    "--api-rate",
    "--max-connections",
    "--max-connections-per-peer",
];

#[test]
fn help_lists_every_flag_with_its_variable_and_examples() {
    for arguments in [&["--help"][..], &["serve", "--help"]] {
        let output = run(imds(arguments));
        assert!(output.status.success());
        let help = String::from_utf8(output.stdout).unwrap();
        for flag in FLAGS {
            let variable = format!("IMDS_{}", flag[2..].replace('-', "_").to_uppercase());
            assert!(help.contains(&format!("      {flag}")), "{flag} is not in {help}");
            assert!(help.contains(&format!("[env: {variable}]")), "{variable} is not in {help}");
        }
        assert!(help.contains("Examples:\n"), "{help}");
        assert!(help.lines().all(|line| line.len() <= 100), "{help}");
    }
}

#[test]
fn help_of_keygen_lists_its_flags_and_examples() {
    let output = run(imds(&["keygen", "--help"]));
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    for part in ["      --out <DIR>", "      --force", "Examples:\n", "identity-key.pem"] {
        assert!(help.contains(part), "{part} is not in {help}");
    }
    assert!(help.lines().all(|line| line.len() <= 100), "{help}");
}

#[test]
fn help_shows_no_environment_values() {
    let mut command = imds(&["--help"]);
    command.env("IMDS_SEED", "c0ffee");
    assert!(!String::from_utf8(run(command).stdout).unwrap().contains("c0ffee"));
}

#[test]
fn serve_is_the_default_command() {
    let server = Server::start(&["serve", "--http-tokens", "required"]);
    assert_eq!(status(&server.get("/latest/")), "HTTP/1.1 401 Unauthorized");
}

#[test]
fn each_listener_is_announced_with_its_actual_port() {
    let server = Server::start(&["--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"]);
    let [one, other] = server.addresses[..] else { panic!("{:?}", server.addresses) };
    assert_ne!(one.port(), 0);
    assert_ne!(one.port(), other.port());
    for address in [one, other] {
        let response = crate::support::exchange(address, &crate::support::get("/latest/meta-data/instance-id"));
        assert_eq!(status(&response), "HTTP/1.1 200 OK");
    }
}

#[test]
fn a_non_loopback_address_is_warned_about() {
    let server = Server::start(&["--listen", "0.0.0.0:0"]);
    let port = server.address().port();
    assert_eq!(
        server.stderr_line(),
        format!("imds: warning: 0.0.0.0:{port} is not a loopback address: other machines may reach it")
    );
}

#[test]
fn flags_set_metadata_options() {
    let disabled = Server::start(&["--http-endpoint", "disabled"]);
    assert_eq!(status(&disabled.get("/latest/")), "HTTP/1.1 403 Forbidden");

    let tags = "/latest/meta-data/tags/instance/Name";
    assert_eq!(status(&Server::start(&[]).get(tags)), "HTTP/1.1 404 Not Found");
    let shown = Server::start(&["--instance-metadata-tags", "enabled"]);
    assert_eq!(status(&shown.get(tags)), "HTTP/1.1 200 OK");
}

#[test]
#[cfg(unix)]
fn the_server_runs_without_readers_of_its_output() {
    // Both streams are closed before or while the server writes to them.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let mut command = imds(&["--listen", &address.to_string(), "--listen", "0.0.0.0:0"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut process = command.spawn().unwrap();
    drop((process.stdout.take(), process.stderr.take()));

    let deadline = std::time::Instant::now() + crate::support::TIMEOUT;
    while std::net::TcpStream::connect(address).is_err() {
        assert!(std::time::Instant::now() < deadline, "the server does not listen");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    for _ in 0..3 {
        let response = crate::support::exchange(address, &crate::support::get("/latest/meta-data/instance-id"));
        assert_eq!(status(&response), "HTTP/1.1 200 OK");
    }
    process.kill().unwrap();
    process.wait().unwrap();
}
