//! curl, as people and their scripts call it.

use std::thread::sleep;
use std::time::Duration;

use imds_clients::Server;
use imds_clients::curl::curl;
use imds_clients::run::{printed, text};
use imds_clients::server::{families, record};

const ID: &str = "/latest/meta-data/instance-id";
const INSTANCE: &str = "i-0abcdef1234567890";
const TOKEN: &str = "/latest/api/token";
const TTL: &str = "X-aws-ec2-metadata-token-ttl-seconds: 21600";
/// curl's exit status where `-f` finds an error.
const REFUSED: Option<i32> = Some(22);

#[test]
fn it_needs_no_token_where_none_is_required() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    assert_eq!(printed(&curl.ask(&server, ID, &["-f"])), INSTANCE);
    assert_eq!(server.asked(), [format!("GET {ID} 200 v1")]);
}

#[test]
fn it_reads_with_a_token_in_either_mode_and_family() {
    let Some(curl) = curl() else { return };
    for address in families() {
        for tokens in ["optional", "required"] {
            let server = Server::start_at(address, &["--http-tokens", tokens]);
            assert_eq!(curl.get(&server, ID), INSTANCE);
            assert_eq!(server.asked(), ["PUT /latest/api/token 200 v2", &format!("GET {ID} 200 v2")]);
        }
    }
}

#[test]
fn without_a_token_it_gets_an_empty_401_where_one_is_required() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&["--http-tokens", "required"]);
    let (head, body) = curl.show(&server, ID, &[]);
    assert_eq!((&*head[0], &*body), ("HTTP/1.1 401 Unauthorized", ""));
    assert_eq!(curl.ask(&server, ID, &["-f"]).status.code(), REFUSED);
}

#[test]
fn it_finds_one_server_field_in_each_answer_by_which_detectors_know_ec2() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    for (path, options) in [(TOKEN, &["-X", "PUT", "-H", TTL][..]), (ID, &[]), (ID, &["-I"])] {
        let (head, _) = curl.show(&server, path, options);
        let fields: Vec<_> = head.iter().filter(|line| line.to_lowercase().starts_with("server:")).collect();
        assert_eq!(fields, ["Server: EC2ws"]);
    }
}

#[test]
fn a_head_tells_it_a_length_that_no_body_follows() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    let (head, body) = curl.show(&server, ID, &["-I"]);
    assert_eq!((&*head[0], &*body), ("HTTP/1.1 200 OK", ""));
    assert!(head.contains(&format!("Content-Length: {}", INSTANCE.len())), "{head:?}");
    let (head, body) = curl.show(&server, "/latest/meta-data/nothing", &["-I"]);
    assert_eq!((&*head[0], &*body), ("HTTP/1.1 404 Not Found", ""));
}

#[test]
fn it_gets_a_page_for_what_is_not_there() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    let (head, page) = curl.show(&server, "/latest/meta-data/nothing", &[]);
    assert_eq!((&*head[0], page.len()), ("HTTP/1.1 404 Not Found", 339));
    assert!(page.contains("<h1>404 - Not Found</h1>"), "{page}");
    assert_eq!(curl.ask(&server, "/latest/meta-data/nothing", &["-f"]).status.code(), REFUSED);
}

#[test]
fn it_is_told_the_methods_that_a_token_is_asked_for_by() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    for options in [&[][..], &["-X", "POST"], &["-X", "DELETE"], &["-H", TTL]] {
        let (head, body) = curl.show(&server, TOKEN, options);
        assert_eq!((&*head[0], &*body), ("HTTP/1.1 405 Not Allowed", ""), "{options:?}");
        assert!(head.contains(&"Allow: OPTIONS, PUT".to_owned()), "{head:?}");
    }
}

#[test]
fn behind_a_proxy_it_gets_no_token() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    let proxied = ["-H", "X-Forwarded-For: 192.0.2.1"];
    let (head, body) = curl.show(&server, TOKEN, &[&["-X", "PUT", "-H", TTL], &proxied[..]].concat());
    assert_eq!((&*head[0], &*body), ("HTTP/1.1 403 Forbidden", ""));
    assert_eq!(printed(&curl.ask(&server, ID, &proxied)), INSTANCE);
}

#[test]
fn it_is_refused_a_life_that_no_token_has() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    for seconds in ["0", "21601", "6h", ""] {
        let field = format!("X-aws-ec2-metadata-token-ttl-seconds: {seconds}");
        let (head, _) = curl.show(&server, TOKEN, &["-X", "PUT", "-H", &field]);
        assert_eq!(head[0], "HTTP/1.1 400 Bad Request", "{field}");
    }
}

#[test]
fn what_it_expects_is_refused_before_it_waits_for_it() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    // An upload of unknown length expects to be let, of curl's own accord.
    for options in [["-X", "PUT", "-H", "Expect: 100-continue"], ["-T", "-", "-H", "Accept: */*"]] {
        let (head, _) = curl.show(&server, TOKEN, &[&["-H", TTL], &options[..]].concat());
        assert_eq!(head[0], "HTTP/1.1 417 Expectation Failed");
    }
}

#[test]
fn it_is_answered_in_the_version_that_it_speaks() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    let offer = ["-H", "Connection: Upgrade, HTTP2-Settings", "-H", "Upgrade: h2c", "-H", "HTTP2-Settings: AAMAAABk"];
    for (options, status) in
        [(&["--http1.0"][..], "HTTP/1.0 200 OK"), (&["--http1.1"], "HTTP/1.1 200 OK"), (&offer, "HTTP/1.1 200 OK")]
    {
        assert_eq!(curl.show(&server, ID, options).0[0], status);
    }
}

#[test]
fn with_an_old_token_it_is_refused_and_a_new_one_helps() {
    let Some(curl) = curl() else { return };
    let mut server = Server::start(&[]);
    let [short, long] = [curl.token(&server, 1), curl.token(&server, 21_600)];
    sleep(Duration::from_millis(1_050));
    assert_eq!(curl.ask_with(&server, ID, &short).status.code(), REFUSED);
    assert_eq!(curl.get_with(&server, ID, &long), INSTANCE);
    server.restart();
    assert_eq!(curl.ask_with(&server, ID, &long).status.code(), REFUSED);
    assert_eq!(curl.get(&server, ID), INSTANCE);
}

#[test]
fn it_gets_user_data_as_it_is() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    assert_eq!(curl.get(&server, "/latest/user-data"), "#!/bin/bash\necho 'user data of a fake instance'\n");
}

#[test]
fn as_the_script_ec2_metadata_calls_it_it_is_answered() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&["--http-tokens", "required", "--instance-metadata-tags", "enabled"]);
    let token = curl.token(&server, 900);
    // No blank after the colon.
    let field = format!("X-aws-ec2-metadata-token:{token}");
    let get = |path: &str| printed(&curl.ask(&server, path, &["-f", "-H", &field]));
    assert_eq!(get("/latest//meta-data/reservation-id"), "r-0abcdef1234567890");
    assert_eq!(get("/latest/meta-data/public-keys/"), "0=my-key");
    assert_eq!(get("/latest/meta-data/public-keys/0/"), "openssh-key");
    assert!(get("/latest/meta-data/public-keys/0/openssh-key").starts_with("ssh-ed25519 "));
    assert_eq!(get("/latest/meta-data/block-device-mapping/"), "ami\nroot");
    assert_eq!(get("/latest/meta-data/tags/instance/"), "Environment\nName");
    assert_eq!(curl.ask_with(&server, "/latest/meta-data/kernel-id", &token).status.code(), REFUSED);
}

#[test]
fn as_ec2_instance_connect_calls_it_it_finds_a_users_keys() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&["--instance", &record("managed-ssh-keys")]);
    let token = curl.token(&server, 5);
    let field = format!("X-aws-ec2-metadata-token: {token}");
    let status = |user: &str| {
        let path = format!("/latest/meta-data/managed-ssh-keys/active-keys/{user}/");
        let options = ["-f", "-I", "-o", "/dev/null", "-w", "%{http_code}", "-H", &field];
        text(&curl.ask(&server, &path, &options).stdout)
    };
    assert_eq!([status("ec2-user"), status("nobody")], ["200", "404"]);
    let certificate = curl.get_with(&server, "/latest/meta-data/managed-ssh-keys/signer-cert/", &token);
    assert!(certificate.starts_with("-----BEGIN CERTIFICATE-----"), "{certificate}");
}

#[test]
fn the_extended_credentials_that_newer_sdks_probe_for_are_not_there() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    let token = curl.token(&server, 60);
    for path in ["", "/", "/my-role"] {
        let path = format!("/latest/meta-data/iam/security-credentials-extended{path}");
        curl.ask_with(&server, &path, &token);
        assert_eq!(server.asked().last(), Some(&format!("GET {path} 404 v2")));
    }
}

#[test]
fn it_is_refused_everything_where_the_endpoint_is_disabled() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&["--http-endpoint", "disabled"]);
    for options in [&[][..], &["-I"], &["-X", "PUT", "-H", TTL]] {
        for path in [ID, TOKEN, "/"] {
            let (head, body) = curl.show(&server, path, options);
            assert_eq!((&*head[0], &*body), ("HTTP/1.1 403 Forbidden", ""), "{options:?} {path}");
        }
    }
}
