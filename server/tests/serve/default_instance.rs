//! The default record: a t3.micro that responds like Nitro.

use crate::support::{Server, body, header, header_names, status};

#[test]
fn a_token_response_has_nitros_headers() {
    let server = Server::start(&[]);
    let put = "PUT /latest/api/token HTTP/1.1\r\nHost: imds\r\nX-aws-ec2-metadata-token-ttl-seconds: 600\r\n\r\n";
    let response = server.exchange(put);
    assert_eq!(status(&response), "HTTP/1.1 200 OK");
    assert_eq!(
        header_names(&response),
        ["X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "Content-Length", "Date", "Server", "Connection", "Content-Type"]
    );
    assert_eq!(header(&response, "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"), Some("600"));
    assert!(body(&response).starts_with("AQAEA"), "{response}");
}

/// Like EC2, the metadata port does not check Host, so DNS rebinding reaches it (see SECURITY.md).
#[test]
fn any_host_is_answered() {
    let server = Server::start(&[]);
    for host in ["169.254.169.254", "localhost:1338", "rebound.example", "rebound.example:1338", "x"] {
        let request = format!("GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let response = server.exchange(&request);
        assert_eq!((status(&response), body(&response)), ("HTTP/1.1 200 OK", "i-0abcdef1234567890"), "{host}");
    }
}

#[test]
fn curl_gets_the_same_listing_with_and_without_a_token() {
    let server = Server::start(&[]);
    let with = "TOKEN=`curl -s -X PUT 'http://169.254.169.254/latest/api/token' \
        -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600'` && \
        curl -s -i -H \"X-aws-ec2-metadata-token: $TOKEN\" http://169.254.169.254/latest/meta-data/";
    let output = server.bash(with);
    let with = str::from_utf8(&output.stdout).unwrap();
    assert_eq!(status(with), "HTTP/1.1 200 OK");
    assert_eq!(
        header_names(with),
        [
            "X-Aws-Ec2-Metadata-Token-Ttl-Seconds",
            "Content-Type",
            "Accept-Ranges",
            "Last-Modified",
            "Content-Length",
            "Date",
            "Server",
            "Connection"
        ]
    );
    let listing = body(with);
    assert!(listing.starts_with("ami-id\nami-launch-index\n") && listing.ends_with("\nsystem"), "{listing}");

    let output = server.bash("curl -s http://169.254.169.254/latest/meta-data/");
    assert_eq!(str::from_utf8(&output.stdout).unwrap(), listing);
}

#[test]
fn a_token_of_another_server_is_rejected() {
    let [one, other] = [Server::start(&[]), Server::start(&[])];
    let request = format!("GET /latest/ HTTP/1.1\r\nHost: imds\r\nX-aws-ec2-metadata-token: {}\r\n\r\n", one.token());
    assert_eq!(status(&one.exchange(&request)), "HTTP/1.1 200 OK");
    assert_eq!(status(&other.exchange(&request)), "HTTP/1.1 401 Unauthorized");
}

#[test]
fn the_same_seed_and_time_produce_the_same_credentials_and_tokens() {
    let credentials = "/latest/meta-data/iam/security-credentials/my-role";
    let run = || {
        let server = Server::start(&["--seed", "5eed", "--clock", "2026-01-01T00:00:00Z"]);
        let response = server.get(credentials);
        // The first bytes of a token contain the nonce; the rest depends on the exact time.
        (body(&response).to_owned(), server.token()[..20].to_owned())
    };
    let (credentials, token) = run();
    assert!(credentials.contains("AccessKeyId"), "{credentials}");
    assert_eq!((credentials, token), run());
}
