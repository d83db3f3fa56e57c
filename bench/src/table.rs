//! How the figures are printed.

/// One case.
pub struct Row {
    pub case: String,
    pub nanoseconds: f64,
    pub floor_nanoseconds: f64,
    pub instructions: Option<u64>,
    pub floor_instructions: Option<u64>,
    pub allocations: u64,
}

pub fn header() {
    println!("| answer | ns | floor | ratio | instructions | floor | ratio | allocations in 1000 |");
    println!("|---|--:|--:|--:|--:|--:|--:|--:|");
}

pub fn row(row: &Row) {
    let count = |count: Option<u64>| count.map_or("-".into(), |count| count.to_string());
    let ratio = match (row.instructions, row.floor_instructions) {
        (Some(ours), Some(floor)) => format!("{:.2}", ours as f64 / floor as f64),
        _ => "-".into(),
    };
    println!(
        "| {} | {:.0} | {:.0} | {:.2} | {} | {} | {} | {} |",
        row.case,
        row.nanoseconds,
        row.floor_nanoseconds,
        row.nanoseconds / row.floor_nanoseconds,
        count(row.instructions),
        count(row.floor_instructions),
        ratio,
        row.allocations,
    );
}
