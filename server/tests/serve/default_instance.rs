//! Without a record, a t3.micro answers, as Nitro does.

use crate::support::{Server, body, field, names, status};

#[test]
fn a_token_comes_under_the_fields_of_nitro() {
    let server = Server::start(&[]);
    let put = "PUT /latest/api/token HTTP/1.1\r\nHost: imds\r\nX-aws-ec2-metadata-token-ttl-seconds: 600\r\n\r\n";
    let answer = server.exchange(put);
    assert_eq!(status(&answer), "HTTP/1.1 200 OK");
    assert_eq!(
        names(&answer),
        ["X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "Content-Length", "Date", "Server", "Connection", "Content-Type"]
    );
    assert_eq!(field(&answer, "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"), Some("600"));
    assert!(body(&answer).starts_with("AQAEA"), "{answer}");
}

/// As EC2 answers any: a page reaches it by DNS rebinding, which SECURITY.md says.
#[test]
fn any_host_is_answered() {
    let server = Server::start(&[]);
    for host in ["169.254.169.254", "localhost:1338", "rebound.example", "rebound.example:1338", "x"] {
        let request = format!("GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let answer = server.exchange(&request);
        assert_eq!((status(&answer), body(&answer)), ("HTTP/1.1 200 OK", "i-0abcdef1234567890"), "{host}");
    }
}

#[test]
fn curl_gets_the_listing_with_a_token_and_without() {
    let server = Server::start(&[]);
    let with = "TOKEN=`curl -s -X PUT 'http://169.254.169.254/latest/api/token' \
        -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600'` && \
        curl -s -i -H \"X-aws-ec2-metadata-token: $TOKEN\" http://169.254.169.254/latest/meta-data/";
    let output = server.bash(with);
    let with = str::from_utf8(&output.stdout).unwrap();
    assert_eq!(status(with), "HTTP/1.1 200 OK");
    assert_eq!(
        names(with),
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
fn a_token_of_another_server_is_refused() {
    let [one, other] = [Server::start(&[]), Server::start(&[])];
    let ask = format!("GET /latest/ HTTP/1.1\r\nHost: imds\r\nX-aws-ec2-metadata-token: {}\r\n\r\n", one.token());
    assert_eq!(status(&one.exchange(&ask)), "HTTP/1.1 200 OK");
    assert_eq!(status(&other.exchange(&ask)), "HTTP/1.1 401 Unauthorized");
}

#[test]
fn a_seed_and_a_time_make_the_same_credentials_and_tokens_again() {
    let credentials = "/latest/meta-data/iam/security-credentials/my-role";
    let play = || {
        let server = Server::start(&["--seed", "5eed", "--clock", "2026-01-01T00:00:00Z"]);
        let answer = server.get(credentials);
        // The last bytes of a token seal its expiry to the millisecond, the first hold the nonce.
        (body(&answer).to_owned(), server.token()[..20].to_owned())
    };
    let (credentials, token) = play();
    assert!(credentials.contains("AccessKeyId"), "{credentials}");
    assert_eq!((credentials, token), play());
}
