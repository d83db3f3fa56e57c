//! The `imds` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    imds_server::main()
}
