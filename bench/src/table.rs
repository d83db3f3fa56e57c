//! The tables of results, in Markdown.

use crate::latency;
use crate::launches;
use crate::load::Figures;
use crate::stages::Stages;
use crate::tokens;

/// The results of a case.
pub struct Row {
    pub case: String,
    pub nanoseconds: f64,
    pub floor_nanoseconds: f64,
    pub instructions: Option<u64>,
    pub floor_instructions: Option<u64>,
    pub instructions_without_scratch: Option<u64>,
    pub allocations: u64,
}

pub fn header() {
    println!(
        "| answer | ns | floor | ratio | instructions | floor | ratio | without a scratch | allocations in 1000 |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
}

pub fn row(row: &Row) {
    let count = |count: Option<u64>| count.map_or("-".into(), |count| count.to_string());
    let ratio = match (row.instructions, row.floor_instructions) {
        (Some(ours), Some(floor)) => format!("{:.2}", ours as f64 / floor as f64),
        _ => "-".into(),
    };
    println!(
        "| {} | {:.0} | {:.0} | {:.2} | {} | {} | {} | {} | {} |",
        row.case,
        row.nanoseconds,
        row.floor_nanoseconds,
        row.nanoseconds / row.floor_nanoseconds,
        count(row.instructions),
        count(row.floor_instructions),
        ratio,
        count(row.instructions_without_scratch),
        row.allocations,
    );
}

pub fn fleet_header() {
    println!("| instances | lookup ns | lookup and answer ns | lookup instructions | lookup and answer instructions |");
    println!("|--:|--:|--:|--:|--:|");
}

pub fn fleet_row(size: u32, nanoseconds: [f64; 2], instructions: [Option<u64>; 2]) {
    let [find, ask] = instructions.map(|count| count.map_or("-".into(), |count| count.to_string()));
    println!("| {size} | {:.0} | {:.0} | {find} | {ask} |", nanoseconds[0], nanoseconds[1]);
}

pub fn server_header() {
    println!("| load | server | requests/s | CPU µs each | user instructions each | RSS KiB |");
    println!("|---|---|--:|--:|--:|--:|");
}

pub fn server_rows(load: &str, ours: &Figures, hyper: &Figures) {
    for (server, figures) in [("imds", ours), ("hyper", hyper)] {
        println!(
            "| {load} | {server} | {:.0} | {:.2} | {} | {} |",
            figures.requests_per_second,
            figures.cpu_micros,
            figures.instructions.map_or("-".into(), |count| count.to_string()),
            figures.resident_kib,
        );
    }
    let instructions = match (ours.instructions, hyper.instructions) {
        (Some(ours), Some(hyper)) => format!("{:.2}", ours as f64 / hyper as f64),
        _ => "-".into(),
    };
    println!(
        "| {load} | ratio | {:.2} | {:.2} | {instructions} | {:.2} |",
        ours.requests_per_second / hyper.requests_per_second,
        ours.cpu_micros / hyper.cpu_micros,
        ours.resident_kib as f64 / hyper.resident_kib as f64,
    );
}

pub fn stage_header() {
    println!("| answer | connection | parse | token | rules and lookup | write |");
    println!("|---|--:|--:|--:|--:|--:|");
}

pub fn stage_row(case: &str, stages: &Stages) {
    let Stages { connection, parse, token, rules_and_lookup, write } = stages;
    println!("| {case} | {connection} | {parse} | {token} | {rules_and_lookup} | {write} |");
}

pub fn token_header() {
    println!("| server | leaves/s | tokens requested | failed | tokens/s | RSS KiB before | after |");
    println!("|---|--:|--:|--:|--:|--:|--:|");
}

pub fn token_row(server: &str, figures: &tokens::Figures) {
    let tokens::Figures { asked, failed, per_second, leaves_per_second, resident: (before, after) } = figures;
    println!("| {server} | {leaves_per_second:.0} | {asked} | {failed} | {per_second:.0} | {before} | {after} |");
}

pub fn latency_header() {
    println!("| beside | GETs | p50 ms | p99 ms | max ms | calls/s | ready to run |");
    println!("|---|--:|--:|--:|--:|--:|--:|");
}

pub fn latency_row(beside: &str, figures: &latency::Figures) {
    let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| figures.quantile(share));
    let (calls, running) = (figures.calls as f64 / figures.took.as_secs_f64(), figures.running);
    println!("| {beside} | {} | {p50:.2} | {p99:.2} | {max:.2} | {calls:.0} | {running:.1} |", figures.count());
}

pub fn launch_header() {
    println!("| state file | callers | launches | launches/s | median ms | longest ms |");
    println!("|---|--:|--:|--:|--:|--:|");
}

pub fn launch_row(has_state: bool, callers: usize, figures: &launches::Figures) {
    let launches::Figures { launches, per_second, milliseconds: (median, longest) } = figures;
    let state = if has_state { "yes" } else { "no" };
    println!("| {state} | {callers} | {launches} | {per_second:.0} | {median:.2} | {longest:.1} |");
}
