//! `cargo run --release -p bench`: the cost of an answer, compared with its floor.

mod cases;
mod fleet;
mod floor;
mod instructions;
mod latency;
mod launches;
mod load;
mod one_shot;
mod peer;
mod stages;
mod table;
mod tokens;

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use cases::{Case, Subject, cases};
use fleet::Crowd;
use floor::Floor;
use latency::Beside;
use load::{Pattern, Server};
use stages::{Stage, Stages};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => {
            answers();
            fleets();
            servers();
            tokens();
            latency();
            launches(&std::env::temp_dir());
        }
        ["answers"] => answers(),
        ["fleets"] => fleets(),
        ["servers"] => servers(),
        ["tokens"] => tokens(),
        ["latency"] => latency(),
        ["launches"] => launches(&std::env::temp_dir()),
        ["launches", folder] => launches(Path::new(folder)),
        ["one-shot"] => one_shot::print(),
        ["hyper", pattern] => {
            if let Err(error) = peer::serve(*pattern == "keep-alive") {
                fail(&format!("cannot serve: {error}"));
            }
        }
        ["repeat", what @ ("find" | "ask"), size, times] => repeat_crowd(what, number(size), number(times)),
        ["repeat", what, case, times] => repeat(what, number(case), number(times)),
        _ => {
            fail(
                "unknown arguments: use none for all tables, or one of `answers`, `fleets`, `servers`, `tokens`, \
                 `latency` and `launches [FOLDER]`",
            );
        }
    }
}

/// The table of answers.
fn answers() {
    let mut subject = Subject::new();
    let cases = cases(&mut subject);
    let counted = instructions::can_count();
    if !counted {
        println!("valgrind is not installed: instructions are not counted");
    }
    println!(
        "One answer with a scratch, from received bytes to sent bytes, and its floor (httparse, base64 and one BLAKE3 block or a comparison with the last token, a lookup, a copy)\n"
    );
    table::header();
    for (index, case) in cases.iter().enumerate() {
        let mut floor = Floor::of(&mut subject, case);
        let mut turns = 0u64..;
        let mut turn = || turns.next().unwrap_or_default();
        let count = |what: &str| counted.then(|| instructions::count(what, index)).flatten();
        table::row(&table::Row {
            case: format!("{}, {}", case.name, case.client),
            nanoseconds: nanoseconds(|| subject.ask(case)),
            floor_nanoseconds: nanoseconds(|| floor.ask(case, turn())),
            instructions: count("whole"),
            floor_instructions: count("floor"),
            instructions_without_scratch: count("plain"),
            allocations: allocations(&mut subject, case),
        });
    }
    if counted {
        println!("\nInstructions by part, without a scratch\n");
        table::stage_header();
        for (index, case) in cases.iter().enumerate() {
            let count = |what: &str| instructions::count(what, index).unwrap_or_default();
            table::stage_row(&format!("{}, {}", case.name, case.client), &Stages::of(count));
        }
    }
}

/// The table of fleets.
fn fleets() {
    println!("\nFleets: lookup by address, each time another instance, and a GET of a leaf without a token\n");
    table::fleet_header();
    let counted = instructions::can_count();
    for size in fleet::SIZES {
        let mut crowd = Crowd::new(size);
        let count = |what: &str| counted.then(|| instructions::count(what, size as usize)).flatten();
        table::fleet_row(
            size,
            [nanoseconds(|| crowd.find()), nanoseconds(|| crowd.ask())],
            [count("find"), count("ask")],
        );
    }
    println!();
    for (how, bytes) in fleet::bytes_for_each() {
        println!("A further instance takes {bytes} bytes, {how}.");
    }
}

fn repeat_crowd(what: &str, size: usize, times: usize) {
    let mut crowd = Crowd::new(size as u32);
    for _ in 0..times {
        black_box(if what == "find" { crowd.find() } else { crowd.ask() });
    }
}

/// The table of servers.
fn servers() {
    let (ours, hyper) = programs();
    let counted = instructions::can_count();

    println!("\nWhole servers on loopback, one thread each, the client on another; imds without log and console\n");
    table::server_header();
    for (pattern, name) in Pattern::ALL {
        let quiet = ["--listen", "127.0.0.1:0", "--log", "off", "--console", "off"];
        let mut command: Vec<String> = [ours.as_str()].into_iter().chain(quiet).map(String::from).collect();
        if pattern.keeps_alive() {
            command.push("--keep-alive".into());
        }
        let peer = if pattern.keeps_alive() { "keep-alive" } else { "close" };
        let peer = [hyper.as_str(), "hyper", peer].map(String::from);
        match (load::measure(&command, pattern, counted), load::measure(&peer, pattern, counted)) {
            (Ok(ours), Ok(hyper)) => table::server_rows(name, &ours, &hyper),
            (Err(reason), _) | (_, Err(reason)) => fail(&reason),
        }
    }
}

/// The paths of the server, which is built here, and of this program, which contains the peer on
/// hyper.
fn programs() -> (String, String) {
    let build = Command::new(std::env::var("CARGO").unwrap_or("cargo".into()))
        .args(["build", "--release", "--quiet", "--package", "imds-server"])
        .status();
    if !build.is_ok_and(|status| status.success()) {
        fail("cannot build imds-server");
    }
    let Ok(own) = std::env::current_exe() else { fail("cannot find this program") };
    let ours = own.with_file_name("imds").display().to_string();
    (ours, own.display().to_string())
}

/// The table of servers under requests for tokens.
fn tokens() {
    let (ours, hyper) = programs();
    println!("\nA leaf and tokens, a connection each, 16 at a time, at most a minute for tokens\n");
    table::token_header();
    let start = |command: &[&str]| Server::start(&command.iter().map(ToString::to_string).collect::<Vec<_>>());
    let row = |name: &str, server: Result<Server, String>| match server.and_then(|server| tokens::measure(&server)) {
        Ok(figures) => table::token_row(name, &figures),
        // A server that fails under load is a result too.
        Err(reason) => println!("| {name} | - | - | {reason} | - | - | - |"),
    };
    row("imds", start(&[&ours, "--listen", "127.0.0.1:0", "--log", "off", "--console", "off"]));
    row("hyper", start(&[&hyper, "hyper", "close"]));
    match tokens::moto() {
        Some(program) => row(
            "moto",
            Server::start_at_a_free_port(|port| {
                let mut command = Command::new(program);
                command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
                command
            }),
        ),
        None => println!("\nmoto is not installed: `cargo xtask scoreboard` installs it in the target folder"),
    }
}

/// The table of latencies of metadata beside clients of the console.
fn latency() {
    let (ours, _) = programs();
    println!("\nLatency of a GET of a leaf, a connection each, 500 a second, beside clients of the console\n");
    table::latency_header();
    for (beside, name) in Beside::ALL {
        let measured = Server::start_with_console(&ours, &[]).and_then(|(server, console)| {
            latency::launch_tagged(console)?;
            latency::measure(server.address(), console, beside)
        });
        match measured {
            Ok(figures) => table::latency_row(name, &figures),
            Err(reason) => fail(&format!("beside {name}: {reason}")),
        }
    }
}

/// The table of launches, without a state file and with one in a folder.
fn launches(folder: &Path) {
    if !folder.is_dir() {
        fail(&format!("{} is not a folder", folder.display()));
    }
    let (ours, _) = programs();
    println!(
        "\nLaunches of an instance through the EC2 API, the state file in {}; each launch is durable before its \
         response\n",
        folder.display()
    );
    table::launch_header();
    for folder in [None, Some(folder)] {
        for callers in launches::CALLERS {
            match launches::measure(&ours, folder, callers) {
                Ok(figures) => table::launch_row(folder.is_some(), callers, &figures),
                Err(reason) => fail(&reason),
            }
        }
    }
}

fn fail(reason: &str) -> ! {
    eprintln!("bench: {reason}");
    std::process::exit(2);
}

/// The median of several runs.
fn nanoseconds(mut call: impl FnMut() -> usize) -> f64 {
    let mut runs: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..CALLS {
                black_box(call());
            }
            start.elapsed().as_nanos() as f64 / CALLS as f64
        })
        .collect();
    runs.sort_by(f64::total_cmp);
    runs[RUNS / 2]
}

/// Allocations of a thousand answers, after the buffers have grown.
fn allocations(subject: &mut Subject, case: &Case) -> u64 {
    subject.ask(case);
    let counted = allocation_counter::measure(|| {
        for _ in 0..1000 {
            black_box(subject.ask(case));
        }
    });
    counted.count_total
}

/// The code that callgrind counts.
fn repeat(what: &str, case: usize, times: usize) {
    let mut subject = Subject::new();
    let cases = cases(&mut subject);
    let case = &cases[case];
    let mut floor = Floor::of(&mut subject, case);
    let mut stages = Stage::new();
    for turn in 0..times as u64 {
        black_box(match what {
            "floor" => floor.ask(case, turn),
            "whole" => subject.ask(case),
            "plain" => subject.ask_without_scratch(case),
            _ => stages.run(what, black_box(case.request(turn))),
        });
    }
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or_default()
}

const RUNS: usize = 21;
const CALLS: usize = 20_000;
