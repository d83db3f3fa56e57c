//! Signed identity documents, verified with openssl.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Server, TIMEOUT, body, exchange, get, imds, run};

/// The paths of the signatures, each with the base64 of a PKCS #7 structure or a signature alone.
const PKCS7: [&str; 2] = ["pkcs7", "rsa2048"];
const SIGNATURES: [&str; 3] = ["pkcs7", "rsa2048", "signature"];

#[test]
fn openssl_verifies_the_signatures_of_a_new_key() {
    let folder = Folder::new("verified");
    let (certificate, key) = folder.keygen();
    let server = Server::start(&["--identity-certificate", &certificate, "--identity-key", &key]);
    assert_verified(&folder, &certificate, &|path| server.get(path));
}

/// As AWS describes the verification, with the commands of the README.
#[test]
fn the_commands_of_the_readme_verify_the_signatures() {
    const README: &str = include_str!("../../../README.md");
    let block = README.split("```sh\n").find(|block| block.starts_with("imds keygen")).unwrap();
    let (commands, _) = block.split_once("```").unwrap();
    let folder = Folder::new("readme");
    let (certificate, key) = folder.keygen();
    let server = Server::start(&["--identity-certificate", &certificate, "--identity-key", &key]);
    let (setup, rest) = commands.split_once(" &\n").unwrap();
    let expected = "imds keygen --out keys\n\
        imds --identity-certificate keys/identity-certificate.pem --identity-key keys/identity-key.pem";
    assert_eq!(setup, expected);
    let script = format!("set -eo pipefail\n{}", rest.replace("127.0.0.1:1338", &server.address().to_string()));
    let mut bash = Command::new("bash");
    bash.arg("-c").arg(script).current_dir(&folder.0);
    let output = run(bash);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    assert!(stderr.contains("Verification successful"), "{stderr}");
    assert!(stdout.contains("Verified OK"), "{stdout}");
}

#[test]
fn a_key_of_the_record_signs_and_a_restart_with_its_state_signs_again() {
    let folder = Folder::new("record");
    let (certificate, key) = folder.keygen();
    let state = folder.path("state.json");
    let record = folder.file("record.json", &record(&certificate, &key));
    let server = Server::start(&["--instance", &record, "--state", &state]);
    assert_verified(&folder, &certificate, &|path| server.get(path));
    let before = SIGNATURES.map(|name| value(&server.get(&path(name))));
    drop(server);
    let server = Server::start(&["--state", &state]);
    assert_eq!(SIGNATURES.map(|name| value(&server.get(&path(name)))), before);
}

#[test]
fn launched_instances_are_signed() {
    let folder = Folder::new("launched");
    let (certificate, key) = folder.keygen();
    let fleet = format!(r#"{{ "launch_template": {} }}"#, record(&certificate, &key));
    let by_fleet = folder.file("fleet.json", &fleet);
    let by_record = folder.file("record.json", &record(&certificate, &key));
    for arguments in [
        &["--fleet", &by_fleet][..],
        &["--instance", &by_record],
        &["--identity-certificate", &certificate, "--identity-key", &key],
    ] {
        let server = Server::with_console(&[arguments, &["--endpoints", "ports"]].concat());
        let launched = ec2(&server, "Action=RunInstances&ImageId=ami-1&MinCount=1&MaxCount=1");
        let address = launched_at(&server, element(&launched, "instanceId"));
        assert_verified(&folder, &certificate, &|path| exchange(address, &get(path)));
    }
}

#[test]
fn a_restarted_instance_has_another_document_and_is_signed() {
    let folder = Folder::new("restarted");
    let (certificate, key) = folder.keygen();
    let server = Server::with_console(&["--identity-certificate", &certificate, "--identity-key", &key]);
    let before = value(&server.get(&path("document")));
    let id = value(&server.get("/latest/meta-data/instance-id"));
    // The launch time is in seconds.
    thread::sleep(Duration::from_millis(1100));
    ec2(&server, &format!("Action=StopInstances&InstanceId.1={id}"));
    ec2(&server, &format!("Action=StartInstances&InstanceId.1={id}"));
    assert_ne!(value(&server.get(&path("document"))), before);
    assert_verified(&folder, &certificate, &|path| server.get(path));
}

#[test]
fn without_a_key_the_signatures_are_asn1_that_says_that_it_is_none() {
    let server = Server::start(&[]);
    for name in SIGNATURES {
        let text = value(&server.get(&path(name)));
        assert_base64(name, &text);
        let parsed = openssl(&["asn1parse", "-inform", "DER"], &decode(&text));
        assert!(parsed.status.success(), "{name}: {}", self::text(&parsed.stderr));
        let parsed = self::text(&parsed.stdout);
        assert!(parsed.contains("imds: not "), "{name}: {parsed}");
    }
}

#[test]
fn a_signature_of_the_record_is_served_in_place_of_a_signed_one() {
    let folder = Folder::new("texts");
    let (certificate, key) = folder.keygen();
    let record = folder.file("record.json", r#"{ "instance_type": "t3.micro", "identity": { "pkcs7": "UDc=" } }"#);
    let server =
        Server::start(&["--instance", &record, "--identity-certificate", &certificate, "--identity-key", &key]);
    assert_eq!(value(&server.get(&path("pkcs7"))), "UDc=");
}

#[test]
fn keygen_writes_a_private_key_for_its_owner_and_the_next_command() {
    let folder = Folder::new("keygen");
    let out = folder.path("new/keys");
    let output = run(imds(&["keygen", "--out", &out]));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let expected = format!(
        "{out}/identity-certificate.pem: the certificate, valid for 3650 days\n\
         {out}/identity-key.pem: the private key; keep it secret\n\
         To sign with it:\n  \
         imds --identity-certificate {out}/identity-certificate.pem --identity-key {out}/identity-key.pem\n"
    );
    assert_eq!(text(&output.stdout), expected);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(format!("{out}/identity-key.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn keygen_replaces_files_only_if_forced() {
    let folder = Folder::new("force");
    let out = folder.path("");
    for existing in ["identity-certificate.pem", "identity-key.pem"] {
        let file = folder.file(existing, "mine");
        let output = run(imds(&["keygen", "--out", &out]));
        assert_eq!(output.status.code(), Some(2));
        let expected =
            format!("imds: {file} exists: choose another folder with --out, or replace the key with --force\n");
        assert_eq!(text(&output.stderr).replace("//", "/"), expected);
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "another file is written");
        fs::remove_file(&file).unwrap();
    }
    let (_, key) = folder.keygen();
    let out = folder.path("keys");
    let before = fs::read_to_string(&key).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    }
    assert!(run(imds(&["keygen", "--out", &out, "--force"])).status.success());
    assert_ne!(fs::read_to_string(&key).unwrap(), before);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn each_private_key_format_is_read() {
    let folder = Folder::new("formats");
    for (name, arguments) in [
        ("pkcs1", &["genrsa", "-traditional", "2048"][..]),
        ("pkcs8", &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
        ("longest", &["genrsa", "4096"]),
    ] {
        let key = folder.file(name, &text(&made(arguments)));
        // With a description before the PEM, as `-text` writes it.
        let certificate = self_signed(&key, &["-text"]);
        let certificate = folder.file("certificate.pem", &certificate);
        let server = Server::start(&["--identity-certificate", &certificate, "--identity-key", &key]);
        assert_verified(&folder, &certificate, &|path| server.get(path));
    }
}

#[test]
fn a_key_that_cannot_sign_is_rejected_without_its_text() {
    let folder = Folder::new("rejected");
    let (certificate, key) = folder.keygen();
    let (certificate_text, key_text) = (fs::read_to_string(&certificate).unwrap(), fs::read_to_string(&key).unwrap());
    let other = text(&made(&["genrsa", "2048"]));
    let short = text(&made(&["genrsa", "1024"]));
    let elliptic = text(&made(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]));
    let encrypted = text(&made(&["genrsa", "-aes128", "-passout", "pass:secret", "2048"]));
    let encrypted_pkcs1 = text(&made(&["genrsa", "-traditional", "-aes128", "-passout", "pass:secret", "2048"]));
    let middle = key_text.len() / 2;
    let damaged = format!("{}{}", &key_text[..middle], &key_text[middle + 1..]);
    let truncated = key_text[..middle].to_owned();
    let damaged_certificate = certificate_text.replacen("MII", "MIX", 1);
    let two = certificate_text.repeat(2);
    let (crt, prv) = ("certificate", "private_key");
    let cases: &[(&str, &str, &str, &str)] = &[
        ("", &key_text, crt, "has no certificate: expected PEM"),
        ("MIIB", &key_text, crt, "has no certificate: expected PEM"),
        (&key_text, &key_text, crt, "has a private key: expected a certificate alone"),
        (&two, &key_text, crt, "has several blocks: expected the certificate of the key alone"),
        (&damaged_certificate, &key_text, crt, "has a certificate that cannot be read"),
        (&certificate_text, "", prv, "has no private key: expected PEM"),
        (&certificate_text, &certificate_text, prv, "has no private key: expected PEM"),
        (&certificate_text, &damaged, prv, "has an RSA key that cannot be read"),
        (&certificate_text, &truncated, prv, "has an RSA key that cannot be read"),
        (&certificate_text, &other, prv, "is not the private key of the certificate"),
        (&certificate_text, &short, prv, "is an RSA key of a size that is not allowed: use one of 2048 to 4096 bits"),
        (&certificate_text, &elliptic, prv, "is not an RSA key: make one with `imds keygen`"),
        (&certificate_text, &encrypted, prv, "is encrypted: decrypt it with `openssl pkey"),
        (&certificate_text, &encrypted_pkcs1, prv, "is encrypted: decrypt it with `openssl pkey"),
    ];
    for (certificate_text, key_text, part, reason) in cases {
        let files = [folder.file("crt.pem", certificate_text), folder.file("key.pem", key_text)];
        let identity = serde_json::json!({ "certificate": certificate_text, "private_key": key_text }).to_string();
        let record = format!(r#"{{ "instance_type": "t3.micro", "identity": {identity} }}"#);
        let instance = folder.file("record.json", &record);
        let fleet = folder.file("fleet.json", &format!(r#"{{ "instances": [{record}] }}"#));
        let template = folder.file("template.json", &format!(r#"{{ "launch_template": {record} }}"#));
        let file = if *part == "certificate" { &files[0] } else { &files[1] };
        for (arguments, place) in [
            (&["--identity-certificate", &files[0], "--identity-key", &files[1]][..], file.clone()),
            (&["--instance", &instance], format!("{instance}: identity.{part}")),
            (&["--fleet", &fleet], format!("{fleet}: instances[0].identity.{part}")),
            (&["--fleet", &template], format!("{template}: launch_template.identity.{part}")),
        ] {
            let error = error_of(arguments);
            assert!(error.starts_with(&format!("{place}: {reason}")), "{error}");
        }
    }
}

#[test]
fn a_key_in_another_format_is_rejected_with_the_remedy() {
    let folder = Folder::new("format");
    let (certificate, key) = folder.keygen();
    let der =
        [made(&["x509", "-in", &certificate, "-outform", "DER"]), made(&["pkey", "-in", &key, "-outform", "DER"])];
    let pem = [&certificate, &key].map(|file| fs::read_to_string(file).unwrap());
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let convert =
        |command: &str| format!("it is DER: convert it with `openssl {command} -inform DER -in FILE -out NEW_FILE`");
    for (place, command) in [(0, "x509"), (1, "pkey")] {
        for (bytes, reason) in [
            (der[place].clone(), convert(command)),
            (
                format!("\u{feff}{}", pem[place]).into_bytes(),
                "it begins with a byte order mark (U+FEFF): save it as UTF-8 without one".to_owned(),
            ),
            (utf16(&pem[place]), "it is UTF-16: save it as UTF-8".to_owned()),
            (utf16(&format!("\u{feff}{}", pem[place])), "it is UTF-16: save it as UTF-8".to_owned()),
            (
                [b"name: \xe9\n", pem[place].as_bytes()].concat(),
                "it is not UTF-8 at byte 6, in line 1: save it as UTF-8".to_owned(),
            ),
        ] {
            let mut files = [certificate.clone(), key.clone()];
            files[place] = folder.path("other.pem");
            fs::write(&files[place], bytes).unwrap();
            let error = error_of(&["--identity-certificate", &files[0], "--identity-key", &files[1]]);
            assert_eq!(error, format!("{}: {reason}", files[place]));
        }
    }
}

#[test]
fn half_a_key_and_a_key_beside_a_signature_are_rejected() {
    let folder = Folder::new("half");
    for (identity, error) in [
        (r#"{ "certificate": "C" }"#, "identity.private_key: missing: `certificate` needs its private key"),
        (r#"{ "private_key": "K" }"#, "identity.certificate: missing: `private_key` needs its certificate"),
        (
            r#"{ "certificate": "C", "private_key": "K", "rsa2048": "R" }"#,
            "identity.rsa2048: conflicts with `certificate`, whose key makes this signature: remove one of them",
        ),
        (
            r#""-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----""#,
            "identity: expected an object, found a private key",
        ),
    ] {
        let record = format!(r#"{{ "instance_type": "t3.micro", "identity": {identity} }}"#);
        let file = folder.file("record.json", &record);
        assert_eq!(error_of(&["--instance", &file]), format!("{file}: {error}"));
    }
    for (flag, missing) in
        [("--identity-certificate", "--identity-key <FILE>"), ("--identity-key", "--identity-certificate <FILE>")]
    {
        let error = error_of(&[flag, "file.pem"]);
        assert!(error.starts_with("the following required arguments were not provided:"), "{error}");
        assert!(error.contains(missing), "{error}");
    }
}

#[test]
fn the_private_key_is_in_no_output() {
    let folder = Folder::new("secret");
    let (certificate, key) = folder.keygen();
    let record = folder.file("record.json", &record(&certificate, &key));
    let server = Server::with_console(&["--instance", &record, "--log", "json"]);
    let mut outputs = vec![ec2(&server, "Action=RunInstances&ImageId=ami-1&MinCount=1&MaxCount=1")];
    for action in ["DescribeInstances", "DescribeInstanceAttribute&Attribute=userData", "Unknown"] {
        outputs.push(ec2(&server, &format!("Action={action}")));
    }
    for route in ["/", "/metrics", "/healthz"] {
        outputs.push(exchange(
            server.console(),
            &get(route).replace("Host: imds", &format!("Host: {}", server.console())),
        ));
    }
    for name in SIGNATURES.iter().chain(&["document"]) {
        outputs.push(server.get(&path(name)));
        outputs.push(server.stderr_line());
    }
    let lines = fs::read_to_string(&key).unwrap();
    let secrets: Vec<&str> = lines.lines().filter(|line| !line.starts_with('-')).collect();
    assert!(secrets.len() > 20);
    for output in outputs {
        let found = secrets.iter().find(|line| output.contains(**line));
        assert_eq!(found, None, "{output}");
    }
}

/// Verifies the signatures with openssl, as AWS describes it.
fn assert_verified(folder: &Folder, certificate: &str, read: &dyn Fn(&str) -> String) {
    let document = value(&read(&path("document")));
    for name in PKCS7 {
        let text = value(&read(&path(name)));
        assert_base64(name, &text);
        let signed = folder.file(name, &format!("-----BEGIN PKCS7-----\n{text}\n-----END PKCS7-----\n"));
        let verify = ["smime", "-verify", "-in", &signed, "-inform", "PEM", "-certfile", certificate];
        // Without a check of the certificate, and with one.
        for options in [&["-noverify"][..], &["-CAfile", certificate]] {
            let output = openssl(&[&verify[..], options].concat(), b"");
            assert!(output.status.success(), "{name} {options:?}: {}", self::text(&output.stderr));
            assert_eq!(self::text(&output.stdout), document, "{name}");
        }
        let changed = format!("{}\n", text.replacen("ewog", "ewoh", 1));
        assert_ne!(changed.trim_end(), text);
        let signed = folder.file(name, &format!("-----BEGIN PKCS7-----\n{changed}-----END PKCS7-----\n"));
        let verify = ["smime", "-verify", "-in", &signed, "-inform", "PEM", "-certfile", certificate, "-noverify"];
        assert!(!openssl(&verify, b"").status.success(), "{name}: a changed document is verified");
    }
    let text = value(&read(&path("signature")));
    assert_base64("signature", &text);
    let signature = folder.path("signature");
    fs::write(&signature, decode(&text)).unwrap();
    let key = folder.file("key", &self::text(&made(&["x509", "-in", certificate, "-pubkey", "-noout"])));
    let verify = ["dgst", "-sha256", "-verify", &key, "-signature", &signature];
    assert!(openssl(&verify, document.as_bytes()).status.success());
    assert!(!openssl(&verify, b"another document").status.success());
}

/// Asserts that a text is base64 in lines of 76 characters, without a final line feed.
fn assert_base64(name: &str, text: &str) {
    let lines: Vec<&str> = text.split('\n').collect();
    let (last, full) = lines.split_last().unwrap();
    assert!(full.iter().all(|line| line.len() == 76), "{name}: {text}");
    assert!((1..=76).contains(&last.len()), "{name}: {text}");
}

fn path(name: &str) -> String {
    format!("/latest/dynamic/instance-identity/{name}")
}

/// The body of a response with the status 200.
fn value(response: &str) -> String {
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
    body(response).to_owned()
}

fn record(certificate: &str, key: &str) -> String {
    let [certificate, private_key] = [certificate, key].map(|file| fs::read_to_string(file).unwrap());
    serde_json::json!({
        "instance_type": "t3.micro",
        "identity": { "certificate": certificate, "private_key": private_key },
    })
    .to_string()
}

fn ec2(server: &Server, form: &str) -> String {
    let (console, form) = (server.console(), format!("{form}&Version=2016-11-15"));
    let headers = "Connection: close\r\nContent-Type: application/x-www-form-urlencoded";
    let length = form.len();
    exchange(
        console,
        &format!("POST / HTTP/1.1\r\nHost: {console}\r\n{headers}\r\nContent-Length: {length}\r\n\r\n{form}"),
    )
}

/// Waits until an instance has a port, and returns its address.
fn launched_at(server: &Server, id: &str) -> SocketAddr {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let described = ec2(server, &format!("Action=DescribeInstances&InstanceId.1={id}"));
        if let Some((_, port)) = described.split_once("http://127.0.0.1:") {
            let port: String = port.chars().take_while(char::is_ascii_digit).collect();
            return format!("127.0.0.1:{port}").parse().unwrap();
        }
        assert!(Instant::now() < deadline, "the instance has no port: {described}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name}: {xml}"));
    rest.split('<').next().unwrap()
}

/// The error of a server that cannot start, without its prefix.
fn error_of(arguments: &[&str]) -> String {
    let output = run(imds(arguments));
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    let no_key = stderr.replace("-----BEGIN PRIVATE KEY-----`", "").replace("-----BEGIN CERTIFICATE-----`", "");
    assert!(!no_key.contains("-----") && !no_key.contains("MII"), "the error contains a part of the key: {stderr}");
    stderr.trim_end().strip_prefix("imds: ").unwrap().to_owned()
}

fn self_signed(key: &str, options: &[&str]) -> String {
    let request = ["req", "-x509", "-key", key, "-subj", "/CN=test", "-days", "2"];
    text(&made(&[&request[..], options].concat()))
}

fn made(arguments: &[&str]) -> Vec<u8> {
    let output = openssl(arguments, b"");
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    output.stdout
}

fn openssl(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new("openssl");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("openssl is installed");
    // Fails if openssl does not read its input.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn decode(base64: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in base64.bytes().filter(|byte| !b"\n=".contains(byte)) {
        let digit = alphabet.iter().position(|digit| *digit == byte).expect("a digit of base64") as u32;
        (bits, count) = (bits << 6 | digit, count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    bytes
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A temporary folder, deleted when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = Folder(std::env::temp_dir().join(format!("imds-identity-{name}-{}", std::process::id())));
        fs::create_dir_all(&folder.0).unwrap();
        folder
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().trim_end_matches('/').to_owned()
    }

    fn file(&self, name: &str, text: &str) -> String {
        fs::write(self.0.join(name), text).unwrap();
        self.path(name)
    }

    /// Copies of the files of one key, which `imds keygen` makes once.
    fn keygen(&self) -> (String, String) {
        static KEY: LazyLock<[String; 2]> = LazyLock::new(|| {
            let folder = Folder::new("new");
            let output = run(imds(&["keygen", "--out", &folder.path("")]));
            assert!(output.status.success(), "{}", text(&output.stderr));
            ["identity-certificate.pem", "identity-key.pem"].map(|name| read(&folder.0.join(name)))
        });
        fs::create_dir_all(self.0.join("keys")).unwrap();
        let [certificate, key] = &*KEY;
        (self.file("keys/identity-certificate.pem", certificate), self.file("keys/identity-key.pem", key))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}
