//! fuzz/oss-fuzz/build.sh puts every target into the folder from which OSS-Fuzz takes them.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use imds_fuzz::TARGETS;

/// Builds the programs that fuzz/Cargo.toml lists, as empty files, and prints dictionaries.
const CARGO: &str = r#"#!/bin/sh
case "$1 $2" in
"fuzz build")
    mkdir -p fuzz/target/x86_64-unknown-linux-gnu/release
    sed -n 's/^path = "fuzz_targets\/\(.*\)\.rs"$/\1/p' fuzz/Cargo.toml | while read -r name; do
        : > "fuzz/target/x86_64-unknown-linux-gnu/release/$name"
    done
    ;;
"run --quiet") echo "\"$*\"" ;;
*) exit 1 ;;
esac
"#;
/// Writes the names of the files into the archive.
const ZIP: &str = "#!/bin/sh\ncat > \"$3\"\n";

#[test]
fn the_script_provides_every_target_with_seeds_and_a_dictionary() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oss-fuzz");
    let _ = fs::remove_dir_all(&work);
    let [source, out, programs] = ["src/imds/fuzz", "out", "bin"].map(|folder| work.join(folder));
    for folder in [&source, &out, &programs] {
        fs::create_dir_all(folder).unwrap();
    }
    for part in ["fuzz_targets", "corpus", "regressions", "Cargo.toml"] {
        symlink(root.join("fuzz").join(part), source.join(part)).unwrap();
    }
    for (name, text) in [("cargo", CARGO), ("zip", ZIP)] {
        fs::write(programs.join(name), text).unwrap();
        fs::set_permissions(programs.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut script = Command::new("bash");
    script.arg("-eu").arg(root.join("fuzz/oss-fuzz/build.sh"));
    let status = script.env("PATH", path).env("SRC", work.join("src")).env("OUT", &out).status().unwrap();
    assert!(status.success(), "{status}");

    let expected: BTreeSet<String> = TARGETS
        .iter()
        .flat_map(|target| {
            [target.name.into(), format!("{}_seed_corpus.zip", target.name), format!("{}.dict", target.name)]
        })
        .collect();
    let found = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(found.collect::<BTreeSet<_>>(), expected);
    for target in TARGETS {
        let seeds = fs::read_to_string(out.join(format!("{}_seed_corpus.zip", target.name))).unwrap();
        assert!(seeds.lines().count() >= 5, "{}: {seeds}", target.name);
        assert!(seeds.lines().all(|file| file.split('/').nth(2) == Some(target.name)), "{}: {seeds}", target.name);
        let dictionary = fs::read_to_string(out.join(format!("{}.dict", target.name))).unwrap();
        assert!(dictionary.contains(&format!("dictionary {}", target.name)), "{dictionary}");
    }
}
