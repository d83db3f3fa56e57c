//! Reads the map in ARCHITECTURE.md: a section for each crate, with a table of its parts.

/// The folder of each section with a table of parts, and the parts.
pub fn sections(page: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for section in page.split("\n### `").skip(1) {
        let (folder, text) = section.split_once('`').unwrap_or((section, ""));
        if let Some((_, table)) = text.split_once("| part | content |\n|---|---|\n") {
            let rows = table.lines().take_while(|line| line.starts_with("| `"));
            let part = |row: &str| row.split('`').nth(1).unwrap_or_default().to_owned();
            found.push((folder.to_owned(), rows.map(part).collect()));
        }
    }
    found
}

/// Parts that are missing in the table, and rows without a part.
pub fn differences(folder: &str, listed: &[String], present: &[String]) -> Vec<String> {
    let is_root = |part: &str| part == "lib.rs" || part == "main.rs";
    let missing = present.iter().filter(|part| !is_root(part) && !listed.contains(part));
    let missing = missing.map(|part| format!("ARCHITECTURE.md does not list {folder}{part}"));
    let gone = listed.iter().filter(|part| !present.contains(part));
    missing.chain(gone.map(|part| format!("ARCHITECTURE.md lists {folder}{part}, which does not exist"))).collect()
}
