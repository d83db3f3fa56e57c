//! `imds keygen`: writes a key that signs identity documents, and its certificate.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tempfile::NamedTempFile;

use crate::clock::{Clock, ClockStart};
use crate::file_operations::{FileOperations, System};
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
    let new_folders = config.folder.ancestors().take_while(|folder| !folder.exists()).count();
    fs::create_dir_all(&config.folder).map_err(|error| {
        let folder = config.folder.display();
        format!("cannot make the folder {folder}: {}; choose another one with --out", terminal::reason(&error))
    })?;
    let key = NewKey::generate(Clock::start(ClockStart::System).now())
        .map_err(|error| format!("cannot make a key: {error}"))?;
    write(&mut System, [(&private_key, &key.private_key, 0o600), (&certificate, &key.certificate, 0o644)])?;
    sync_folders(&mut System, &config.folder, new_folders)?;
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

/// Writes two files with their modes, and replaces existing ones. Both are on the disk before the first
/// gets its name, and an old file is replaced, not changed: it can be a link or have another mode.
fn write(operations: &mut impl FileOperations, files: [(&PathBuf, &String, u32); 2]) -> Result<(), String> {
    let written = files.map(|(file, text, mode)| {
        let written = write_temporary(operations, file, text, mode);
        written.map(|temporary| (file, temporary)).map_err(|error| cannot_write(file, &error))
    });
    let [first, second] = written;
    let ((first, first_temporary), (second, second_temporary)) = (first?, second?);
    operations.rename(first_temporary, first).map_err(|error| cannot_write(first, &error))?;
    operations.rename(second_temporary, second).map_err(|error| {
        // A key without its certificate cannot be used.
        let _ = fs::remove_file(first);
        cannot_write(second, &error)
    })
}

/// Writes a file under a temporary name. It is deleted when dropped.
fn write_temporary(
    operations: &mut impl FileOperations,
    file: &Path,
    text: &str,
    mode: u32,
) -> io::Result<NamedTempFile> {
    // Not readable by others from its first byte.
    let mut temporary = operations.create(parent(file), ".", ".new")?;
    operations.write(&mut temporary, text.as_bytes())?;
    #[cfg(unix)]
    temporary.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    #[cfg(not(unix))]
    let _ = mode;
    operations.sync(&temporary)?;
    Ok(temporary)
}

/// Makes the names in a folder durable, and the names of the folder and its parents if they are new.
fn sync_folders(operations: &mut impl FileOperations, folder: &Path, new_folders: usize) -> Result<(), String> {
    for folder in folder.ancestors().take(new_folders + 1) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        operations.sync_folder(folder).map_err(|error| cannot_write(folder, &error))?;
    }
    Ok(())
}

fn parent(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_and_all_names_are_synced() {
        let folder = tempfile::tempdir().unwrap();
        let (parent, folder) = (folder.path(), folder.path().join("new"));
        fs::create_dir(&folder).unwrap();
        let (key, certificate) = (folder.join(PRIVATE_KEY), folder.join(CERTIFICATE));
        let mut log = Log::default();
        write(&mut log, [(&key, &"key".to_owned(), 0o600), (&certificate, &"certificate".to_owned(), 0o644)]).unwrap();
        sync_folders(&mut log, &folder, 1).unwrap();
        let place = |file: &Path| file.strip_prefix(parent).unwrap().display().to_string();
        let expected = [
            "sync key".to_owned(),
            "sync certificate".to_owned(),
            format!("rename to {}", place(&key)),
            format!("rename to {}", place(&certificate)),
            "sync names in new".to_owned(),
            "sync names in ".to_owned(),
        ];
        let logged = log.0.iter().map(|line| line.replace(&format!("{}/", parent.display()), ""));
        let logged = logged.map(|line| line.replace(&parent.display().to_string(), ""));
        assert_eq!(logged.collect::<Vec<_>>(), expected);
        assert_eq!(fs::read_to_string(&certificate).unwrap(), "certificate");
    }

    /// The operations that make a file durable, in their order.
    #[derive(Default)]
    struct Log(Vec<String>);

    impl FileOperations for Log {
        fn sync(&mut self, file: &NamedTempFile) -> io::Result<()> {
            self.0.push(format!("sync {}", fs::read_to_string(file.path())?));
            Ok(())
        }

        fn rename(&mut self, file: NamedTempFile, target: &Path) -> io::Result<()> {
            self.0.push(format!("rename to {}", target.display()));
            System.rename(file, target)
        }

        fn sync_folder(&mut self, folder: &Path) -> io::Result<()> {
            self.0.push(format!("sync names in {}", folder.display()));
            Ok(())
        }
    }
}
