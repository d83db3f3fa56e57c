//! docs/clients.md as a whole.

use std::fs;

use imds_clients::catalogue::{CLIENTS, Trial, compare, compare_page};

#[test]
fn the_page_is_printed_from_its_tables() {
    compare_page();
}

#[test]
fn every_transcript_of_a_client_is_on_the_page() {
    for client in CLIENTS {
        if let Trial::Transcript(file, _) = client.trial {
            let path = format!("{}/../transcripts/clients/{file}.txt", env!("CARGO_MANIFEST_DIR"));
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            compare(client.name, requests(&text));
        }
    }
}

/// The requests of a transcript, each with its status and the rule of an error.
fn requests(transcript: &str) -> Vec<String> {
    let mut requests = Vec::new();
    let mut sent = false;
    for line in transcript.lines() {
        let is_sent = line.starts_with('>');
        if let Some(line) = line.strip_prefix("> ").filter(|_| !sent) {
            requests.push(line.trim_end_matches(" HTTP/1.1").to_owned());
        } else if let Some(status) = line.strip_prefix("< HTTP/1.1 ") {
            let last = requests.last_mut().expect("a request precedes its response");
            last.push(' ');
            last.push_str(&status[..3]);
        } else if let Some(rule) = line.strip_prefix("= rule ").filter(|rule| !rule.starts_with("serve.")) {
            let last = requests.last_mut().expect("a request precedes its rule");
            last.push(' ');
            last.push_str(rule);
        }
        sent = is_sent;
    }
    requests
}
