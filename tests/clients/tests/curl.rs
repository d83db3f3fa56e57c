//! curl, with the options that people and scripts use.

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
/// curl's exit status for an error response with `-f`.
const REJECTED: Option<i32> = Some(22);

#[test]
fn no_token_is_needed_when_tokens_are_optional() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    assert_eq!(printed(&curl.request(&server, ID, &["-f"])), INSTANCE);
    assert_eq!(server.requests(), [format!("GET {ID} 200 v1")]);
}

#[test]
fn reads_use_a_token_in_both_modes_and_families() {
    let Some(curl) = curl() else { return };
    for address in families() {
        for tokens in ["optional", "required"] {
            let server = Server::start_at(address, &["--http-tokens", tokens]);
            assert_eq!(curl.get(&server, ID), INSTANCE);
            assert_eq!(server.requests(), ["PUT /latest/api/token 200 v2", &format!("GET {ID} 200 v2")]);
        }
    }
}

#[test]
fn a_request_without_a_required_token_gets_an_empty_401() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&["--http-tokens", "required"]);
    let (head, body) = curl.show(&server, ID, &[]);
    assert_eq!((&*head[0], &*body), ("HTTP/1.1 401 Unauthorized", ""));
    assert_eq!(curl.request(&server, ID, &["-f"]).status.code(), REJECTED);
}

#[test]
fn every_response_has_the_server_header_that_detectors_look_for() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    for (path, options) in [(TOKEN, &["-X", "PUT", "-H", TTL][..]), (ID, &[]), (ID, &["-I"])] {
        let (head, _) = curl.show(&server, path, options);
        let headers: Vec<_> = head.iter().filter(|line| line.to_lowercase().starts_with("server:")).collect();
        assert_eq!(headers, ["Server: EC2ws"]);
    }
}

#[test]
fn head_has_the_content_length_and_no_body() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    let (head, body) = curl.show(&server, ID, &["-I"]);
    assert_eq!((&*head[0], &*body), ("HTTP/1.1 200 OK", ""));
    assert!(head.contains(&format!("Content-Length: {}", INSTANCE.len())), "{head:?}");
    let (head, body) = curl.show(&server, "/latest/meta-data/nothing", &["-I"]);
    assert_eq!((&*head[0], &*body), ("HTTP/1.1 404 Not Found", ""));
}

#[test]
fn an_unknown_path_gets_the_404_page() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    let (head, page) = curl.show(&server, "/latest/meta-data/nothing", &[]);
    assert_eq!((&*head[0], page.len()), ("HTTP/1.1 404 Not Found", 339));
    assert!(page.contains("<h1>404 - Not Found</h1>"), "{page}");
    assert_eq!(curl.request(&server, "/latest/meta-data/nothing", &["-f"]).status.code(), REJECTED);
}

#[test]
fn options_lists_the_methods_of_the_token_path() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    for options in [&[][..], &["-X", "POST"], &["-X", "DELETE"], &["-H", TTL]] {
        let (head, body) = curl.show(&server, TOKEN, options);
        assert_eq!((&*head[0], &*body), ("HTTP/1.1 405 Not Allowed", ""), "{options:?}");
        assert!(head.contains(&"Allow: OPTIONS, PUT".to_owned()), "{head:?}");
    }
}

#[test]
fn a_forwarding_proxy_gets_no_token() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    let proxied = ["-H", "X-Forwarded-For: 192.0.2.1"];
    let (head, body) = curl.show(&server, TOKEN, &[&["-X", "PUT", "-H", TTL], &proxied[..]].concat());
    assert_eq!((&*head[0], &*body), ("HTTP/1.1 403 Forbidden", ""));
    assert_eq!(printed(&curl.request(&server, ID, &proxied)), INSTANCE);
}

#[test]
fn a_ttl_out_of_range_is_rejected() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    for seconds in ["-1", "21601", "6h", ""] {
        let header = format!("X-aws-ec2-metadata-token-ttl-seconds: {seconds}");
        let (head, _) = curl.show(&server, TOKEN, &["-X", "PUT", "-H", &header]);
        assert_eq!(head[0], "HTTP/1.1 400 Bad Request", "{header}");
    }
}

#[test]
fn a_token_with_ttl_0_is_issued_and_void_at_once() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    let header = "X-aws-ec2-metadata-token-ttl-seconds: 0";
    let (head, token) = curl.show(&server, TOKEN, &["-X", "PUT", "-H", header]);
    assert_eq!(head[0], "HTTP/1.1 200 OK");
    let (head, _) = curl.show(&server, ID, &["-H", &format!("X-aws-ec2-metadata-token: {token}")]);
    assert_eq!(head[0], "HTTP/1.1 401 Unauthorized");
}

#[test]
fn expect_100_continue_is_rejected_at_once() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    // curl sends `Expect: 100-continue` with an upload of unknown length.
    for options in [["-X", "PUT", "-H", "Expect: 100-continue"], ["-T", "-", "-H", "Accept: */*"]] {
        let (head, _) = curl.show(&server, TOKEN, &[&["-H", TTL], &options[..]].concat());
        assert_eq!(head[0], "HTTP/1.1 417 Expectation Failed");
    }
}

#[test]
fn an_upload_of_unknown_length_gets_a_token_in_both_generations() {
    let Some(curl) = curl() else { return };
    let xen = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/article.json");
    for (options, status) in [(&[][..], "HTTP/1.1 200 OK"), (&["--instance", xen], "HTTP/1.0 200 OK")] {
        let server = Server::start(options);
        // Without Expect, curl sends the chunked body at once, as s3fs 1.90 and 1.91 do.
        let (head, token) = curl.show(&server, TOKEN, &["-T", "-", "-H", "Expect:", "-H", TTL]);
        assert_eq!(head[0], status);
        printed(&curl.request_with_token(&server, ID, &token));
        assert_eq!(server.requests(), ["PUT /latest/api/token 200 v2", &format!("GET {ID} 200 v2")]);
    }
}

#[test]
fn a_response_has_the_http_version_of_the_request() {
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
fn an_old_token_is_rejected_and_a_new_one_works() {
    let Some(curl) = curl() else { return };
    let mut server = Server::start(&[]);
    let [short, long] = [curl.token(&server, 1), curl.token(&server, 21_600)];
    sleep(Duration::from_millis(1_050));
    assert_eq!(curl.request_with_token(&server, ID, &short).status.code(), REJECTED);
    assert_eq!(curl.get_with(&server, ID, &long), INSTANCE);
    server.restart();
    assert_eq!(curl.request_with_token(&server, ID, &long).status.code(), REJECTED);
    assert_eq!(curl.get(&server, ID), INSTANCE);
}

#[test]
fn user_data_is_served_unchanged() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    assert_eq!(curl.get(&server, "/latest/user-data"), "#!/bin/bash\necho 'user data of a fake instance'\n");
}

#[test]
fn the_commands_of_the_script_ec2_metadata_work() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&["--http-tokens", "required", "--instance-metadata-tags", "enabled"]);
    let token = curl.token(&server, 900);
    // There is no blank after the colon.
    let header = format!("X-aws-ec2-metadata-token:{token}");
    let get = |path: &str| printed(&curl.request(&server, path, &["-f", "-H", &header]));
    assert_eq!(get("/latest//meta-data/reservation-id"), "r-0abcdef1234567890");
    assert_eq!(get("/latest/meta-data/public-keys/"), "0=my-key");
    assert_eq!(get("/latest/meta-data/public-keys/0/"), "openssh-key");
    assert!(get("/latest/meta-data/public-keys/0/openssh-key").starts_with("ssh-ed25519 "));
    assert_eq!(get("/latest/meta-data/block-device-mapping/"), "ami\nroot");
    assert_eq!(get("/latest/meta-data/tags/instance/"), "Environment\nName");
    assert_eq!(curl.request_with_token(&server, "/latest/meta-data/kernel-id", &token).status.code(), REJECTED);
}

#[test]
fn the_commands_of_ec2_instance_connect_find_a_users_keys() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&["--instance", &record("managed-ssh-keys")]);
    let token = curl.token(&server, 5);
    let header = format!("X-aws-ec2-metadata-token: {token}");
    let status = |user: &str| {
        let path = format!("/latest/meta-data/managed-ssh-keys/active-keys/{user}/");
        let options = ["-f", "-I", "-o", "/dev/null", "-w", "%{http_code}", "-H", &header];
        text(&curl.request(&server, &path, &options).stdout)
    };
    assert_eq!([status("ec2-user"), status("nobody")], ["200", "404"]);
    let certificate = curl.get_with(&server, "/latest/meta-data/managed-ssh-keys/signer-cert/", &token);
    assert!(certificate.starts_with("-----BEGIN CERTIFICATE-----"), "{certificate}");
}

#[test]
fn the_extended_credentials_path_of_newer_sdks_is_a_404() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&[]);
    let token = curl.token(&server, 60);
    for path in ["", "/", "/my-role"] {
        let path = format!("/latest/meta-data/iam/security-credentials-extended{path}");
        curl.request_with_token(&server, &path, &token);
        assert_eq!(server.requests().last(), Some(&format!("GET {path} 404 v2")));
    }
}

#[test]
fn a_disabled_endpoint_rejects_every_request() {
    let Some(curl) = curl() else { return };
    let server = Server::start(&["--http-endpoint", "disabled"]);
    for options in [&[][..], &["-I"], &["-X", "PUT", "-H", TTL]] {
        for path in [ID, TOKEN, "/"] {
            let (head, body) = curl.show(&server, path, options);
            assert_eq!((&*head[0], &*body), ("HTTP/1.1 403 Forbidden", ""), "{options:?} {path}");
        }
    }
}
