#!/bin/bash -eu
# Builds the fuzz targets, and puts into $OUT what OSS-Fuzz expects of each target: the program, its
# seeds and its dictionary. OSS-Fuzz sets SRC, OUT and the flags of the compilers.

cd "$SRC/imds"

# A sanitizer needs nightly Rust, and rust-toolchain.toml names a stable version.
export RUSTUP_TOOLCHAIN="${RUSTUP_TOOLCHAIN:-nightly}"

cargo fuzz build --fuzz-dir fuzz --target-dir fuzz/target -O
programs=fuzz/target/x86_64-unknown-linux-gnu/release

for file in fuzz/fuzz_targets/*.rs; do
    target=$(basename "$file" .rs)
    cp "$programs/$target" "$OUT/"
    # Some targets have no regressions.
    find "fuzz/corpus/$target" "fuzz/regressions/$target" -type f 2> /dev/null \
        | zip -q -j "$OUT/${target}_seed_corpus.zip" -@
    # The flags are for the targets: this program runs here.
    env -u RUSTFLAGS -u CFLAGS -u CXXFLAGS \
        cargo run --quiet --locked --package imds-fuzz -- dictionary "$target" > "$OUT/$target.dict"
done
