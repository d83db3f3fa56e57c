//! What the command line says of itself, and what the program says at its start.

use crate::support::{Server, imds, run, status};

const FLAGS: [&str; 15] = [
    "--listen",
    "--console",
    "--console-host",
    "--instance",
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
    "--max-connections",
];

#[test]
fn help_names_each_flag_with_its_variable_and_shows_examples() {
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
fn help_shows_no_value_of_the_environment() {
    let mut command = imds(&["--help"]);
    command.env("IMDS_SEED", "c0ffee");
    assert!(!String::from_utf8(run(command).stdout).unwrap().contains("c0ffee"));
}

#[test]
fn serve_is_what_no_command_means() {
    let server = Server::start(&["serve", "--http-tokens", "required"]);
    assert_eq!(status(&server.get("/latest/")), "HTTP/1.1 401 Unauthorized");
}

#[test]
fn each_listener_has_a_line_with_its_real_port() {
    let server = Server::start(&["--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"]);
    let [one, other] = server.addresses[..] else { panic!("{:?}", server.addresses) };
    assert_ne!(one.port(), 0);
    assert_ne!(one.port(), other.port());
    for address in [one, other] {
        let answer = crate::support::exchange(address, &crate::support::get("/latest/meta-data/instance-id"));
        assert_eq!(status(&answer), "HTTP/1.1 200 OK");
    }
}

#[test]
fn an_address_that_is_not_loopback_is_warned_of() {
    let server = Server::start(&["--listen", "0.0.0.0:0"]);
    let port = server.address().port();
    assert_eq!(
        server.stderr_line(),
        format!("imds: warning: 0.0.0.0:{port} is not a loopback address: other machines may reach it")
    );
}

#[test]
fn the_options_can_be_switched() {
    let disabled = Server::start(&["--http-endpoint", "disabled"]);
    assert_eq!(status(&disabled.get("/latest/")), "HTTP/1.1 403 Forbidden");

    let tags = "/latest/meta-data/tags/instance/Name";
    assert_eq!(status(&Server::start(&[]).get(tags)), "HTTP/1.1 404 Not Found");
    let shown = Server::start(&["--instance-metadata-tags", "enabled"]);
    assert_eq!(status(&shown.get(tags)), "HTTP/1.1 200 OK");
}

#[test]
#[cfg(unix)]
fn nobody_needs_to_read_what_it_says() {
    // The readers of both streams are gone before the server writes, or while it does.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let mut command = imds(&["--listen", &address.to_string(), "--listen", "0.0.0.0:0"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut process = command.spawn().unwrap();
    drop((process.stdout.take(), process.stderr.take()));

    let given_up = std::time::Instant::now() + crate::support::PATIENCE;
    while std::net::TcpStream::connect(address).is_err() {
        assert!(std::time::Instant::now() < given_up, "the server does not listen");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    for _ in 0..3 {
        let answer = crate::support::exchange(address, &crate::support::get("/latest/meta-data/instance-id"));
        assert_eq!(status(&answer), "HTTP/1.1 200 OK");
    }
    process.kill().unwrap();
    process.wait().unwrap();
}
