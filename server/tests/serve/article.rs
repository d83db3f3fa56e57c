//! The commands of AWS's article on IMDSv2 produce the output that the article shows.

use std::process::Output;

use crate::support::{ARTICLE, Server};

const V1: &str = "curl http://169.254.169.254/latest/meta-data/";
const V2: &str = "TOKEN=`curl -X PUT \"http://169.254.169.254/latest/api/token\" \
    -H \"X-aws-ec2-metadata-token-ttl-seconds: 21600\"` && \
    curl -H \"X-aws-ec2-metadata-token: $TOKEN\" -v http://169.254.169.254/latest/meta-data/";

#[test]
fn the_imdsv1_listing_has_313_bytes() {
    let server = Server::start(&ARTICLE);
    assert_eq!(stdout(&server.bash(V1)), LISTING);
    assert_eq!(LISTING.len(), 313);
}

#[test]
fn a_leaf_can_be_requested_with_a_trailing_slash() {
    let server = Server::start(&ARTICLE);
    // The article sends this request to its other host, a t3.small.
    let output = server.bash("curl http://169.254.169.254/latest/meta-data/instance-type/");
    assert_eq!(stdout(&output), "t2.nano");
}

#[test]
fn the_imdsv2_listing_is_the_same_with_the_articles_headers() {
    let server = Server::start(&ARTICLE);
    let output = server.bash(V2);
    assert_eq!(stdout(&output), LISTING);
    assert_headers(&output);
}

#[test]
fn imdsv1_gets_the_articles_401_page_if_tokens_are_required() {
    let server = Server::start(&[&ARTICLE[..], &["--http-tokens", "required"]].concat());
    assert_eq!(stdout(&server.bash(V1)), UNAUTHORIZED);
    assert_eq!(UNAUTHORIZED.len(), 343);

    let output = server.bash(V2);
    assert_eq!(stdout(&output), LISTING);
    assert_headers(&output);
}

/// Checks the lines that curl marks as received. The clock advances, so the date is compared up to
/// the tens of minutes.
fn assert_headers(output: &Output) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let received: Vec<_> = stderr.lines().filter_map(|line| line.strip_prefix("< ")).map(str::trim_end).collect();
    let [before @ .., date, modified, ttl, connection, server, end] = &received[..] else { panic!("{stderr}") };
    assert_eq!(
        before,
        ["HTTP/1.0 200 OK", "Accept-Ranges: bytes", "Content-Length: 313", "Content-Type: text/plain"],
        "{stderr}"
    );
    assert!(date.starts_with("Date: Sat, 26 Sep 2020 14:4"), "{stderr}");
    assert_eq!(*modified, "Last-Modified: Sat, 26 Sep 2020 14:28:58 GMT");
    let seconds = ttl.strip_prefix("X-Aws-Ec2-Metadata-Token-Ttl-Seconds: ").unwrap();
    assert!((21_570..=21_600).contains(&seconds.parse::<u32>().unwrap()), "{stderr}");
    assert_eq!([*connection, *server, *end], ["Connection: close", "Server: EC2ws", ""]);

    let sent = stderr.lines().find_map(|line| line.strip_prefix("> X-aws-ec2-metadata-token: ")).unwrap().trim_end();
    assert_eq!(sent.len(), 56);
    assert!(sent.starts_with("AQAAA"), "{sent}");
}

fn stdout(output: &Output) -> &str {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    str::from_utf8(&output.stdout).unwrap()
}

const LISTING: &str = "ami-id
ami-launch-index
ami-manifest-path
block-device-mapping/
events/
hostname
identity-credentials/
instance-action
instance-id
instance-life-cycle
instance-type
local-hostname
local-ipv4
mac
metrics/
network/
placement/
profile
public-hostname
public-ipv4
public-keys/
reservation-id
security-groups
services/";

const UNAUTHORIZED: &str = r#"<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
	"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>401 - Unauthorized</title>
 </head>
 <body>
  <h1>401 - Unauthorized</h1>
 </body>
</html>
"#;
