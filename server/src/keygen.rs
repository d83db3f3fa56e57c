//! `imds keygen`: writes a key that signs identity documents, and its certificate.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::clock::{Clock, ClockStart};
use crate::identity::{NewKey, VALID_DAYS};
use crate::terminal;

/// The configuration of the command.
pub struct KeygenConfig {
    pub folder: PathBuf,
    /// Whether existing files are replaced.
    pub force: bool,
}

/// Writes the two files and prints their names.
///
/// # Errors
///
/// One line: a file exists or cannot be written, or the system has no random bytes.
pub fn run(config: &KeygenConfig) -> Result<ExitCode, String> {
    let (certificate, private_key) = (config.folder.join(CERTIFICATE), config.folder.join(PRIVATE_KEY));
    let existing = [&certificate, &private_key].into_iter().find(|file| fs::symlink_metadata(file).is_ok());
    if let Some(file) = existing.filter(|_| !config.force) {
        return Err(format!(
            "{} exists: choose another folder with --out, or replace the key with --force",
            file.display()
        ));
    }
    fs::create_dir_all(&config.folder).map_err(|error| cannot_write(&config.folder, &error))?;
    let key = NewKey::generate(Clock::start(ClockStart::System).now())
        .map_err(|error| format!("cannot make a key: {error}"))?;
    write(&private_key, &key.private_key, 0o600)?;
    write(&certificate, &key.certificate, 0o644).inspect_err(|_| {
        // A key without its certificate cannot be used.
        let _ = fs::remove_file(&private_key);
    })?;
    terminal::output(&format!(
        "{}: the certificate, valid for {VALID_DAYS} days\n\
         {}: the private key; keep it secret\n\
         To sign with it:\n  imds --identity-certificate {} --identity-key {}\n",
        certificate.display(),
        private_key.display(),
        argument(&certificate),
        argument(&private_key)
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a new file with this mode. An old one is removed first, because it can have another mode
/// or be a link.
fn write(file: &Path, text: &str, mode: u32) -> Result<(), String> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let write = || -> io::Result<()> {
        match fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        options.open(file)?.write_all(text.as_bytes())
    };
    write().map_err(|error| cannot_write(file, &error))
}

fn cannot_write(file: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {}", file.display(), terminal::reason(error))
}

/// A file name as an argument for a shell.
fn argument(file: &Path) -> String {
    let name = file.to_string_lossy();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:@%".contains(&byte);
    if name.bytes().all(is_plain) { name.into_owned() } else { format!("'{}'", name.replace('\'', r"'\''")) }
}

pub const CERTIFICATE: &str = "identity-certificate.pem";
pub const PRIVATE_KEY: &str = "identity-key.pem";
