//! Debian's packages of clients, unpacked below the target folder.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::debian::with_lists;
use crate::install::{once, step};
use crate::namespace::Namespace;
use crate::skip::or_skip;

/// The root of the unpacked packages.
pub struct Debian(PathBuf);

/// Returns the unpacked packages, or downloads them.
pub fn debian() -> Option<&'static Debian> {
    static DEBIAN: OnceLock<Result<Debian, String>> = OnceLock::new();
    or_skip("Debian's clients", DEBIAN.get_or_init(Debian::install).as_ref().map_err(String::clone))
}

impl Debian {
    fn install() -> Result<Debian, String> {
        let release = fs::read_to_string("/etc/debian_version").map_err(|error| format!("not Debian: {error}"))?;
        once("debian", &[&[&*release], PACKAGES].concat(), |folder| {
            with_lists(folder, |options| {
                let mut apt = Command::new("apt-get");
                apt.args(options).args(["-q", "download"]).args(PACKAGES).current_dir(folder);
                step(&mut apt).map(drop)
            })?;
            let root = folder.join("root");
            for package in packages(folder)? {
                step(Command::new("dpkg").arg("-x").arg(&package).arg(&root))?;
            }
            Ok(())
        })
        .map(Debian)
    }

    /// The upstream version of a package: without the epoch, Debian's revision and suffixes.
    pub fn version(&self, package: &str) -> String {
        let packages = packages(&self.0).unwrap_or_default();
        let names = packages.iter().filter_map(|file| file.file_stem()?.to_str());
        let version = names.filter_map(|name| name.strip_prefix(package)?.strip_prefix('_')).next();
        // For example `1.60.1+dfsg-2+b5_amd64`, with `%3a` for the colon of an epoch.
        let version = version.unwrap_or_else(|| panic!("{package} is not in the list of packages"));
        let upstream = version.rsplit("%3a").next().unwrap_or(version);
        upstream.split(['-', '+', '_']).next().unwrap_or(upstream).to_owned()
    }

    /// A file of a package, by its path in the installed system.
    pub fn file(&self, path: &str) -> PathBuf {
        self.0.join("root").join(path)
    }

    /// A command in the namespace that runs a program of a package, or a program of the system,
    /// with the packages' libraries.
    pub fn command(&self, namespace: &Namespace, program: &str) -> Command {
        let unpacked = self.file("usr/bin").join(program);
        let mut command = match unpacked.is_file() {
            true => namespace.command(unpacked),
            false => namespace.command(program),
        };
        for (variable, folders) in LIBRARIES {
            let folders = folders.iter().flat_map(|folder| self.folders(folder));
            command.env(variable, env::join_paths(folders).expect("no colon in the path"));
        }
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    /// The folders of the packages at a path in which `*` stands for any name.
    fn folders(&self, path: &str) -> Vec<PathBuf> {
        let mut folders = vec![self.0.join("root")];
        for name in path.split('/') {
            folders = match name {
                "*" => folders
                    .iter()
                    .filter_map(|folder| fs::read_dir(folder).ok())
                    .flatten()
                    .filter_map(|entry| Some(entry.ok()?.path()))
                    .collect(),
                name => folders.iter().map(|folder| folder.join(name)).filter(|folder| folder.is_dir()).collect(),
            };
        }
        folders.sort();
        folders
    }
}

fn packages(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(paths.filter(|path| path.extension().is_some_and(|extension| extension == "deb")).collect())
}

/// The folders of libraries, for the dynamic linker and the interpreters.
const LIBRARIES: [(&str, &[&str]); 4] = [
    ("LD_LIBRARY_PATH", &["lib/*", "usr/lib/*"]),
    ("PERL5LIB", &["usr/share/perl5", "usr/lib/*/perl5/*"]),
    ("PYTHONPATH", &["usr/lib/python3/dist-packages"]),
    ("RUBYLIB", &["usr/lib/ruby/vendor_ruby", "usr/share/rubygems-integration/all/gems/*/lib"]),
];
/// The clients, and the packages that they load and that not every Debian system has.
const PACKAGES: &[&str] = &[
    "amazon-ec2-net-utils",
    "amazon-ec2-utils",
    // cloud-init and its Python packages.
    "cloud-init",
    "python3-certifi",
    "python3-chardet",
    "python3-charset-normalizer",
    "python3-configobj",
    "python3-idna",
    "python3-jinja2",
    "python3-markupsafe",
    "python3-requests",
    "python3-urllib3",
    "python3-yaml",
    // facter and its Ruby packages.
    "facter",
    "ruby-hocon",
    "ruby-thor",
    "prometheus",
    "rclone",
    "restic",
    // The AWS SDK for Ruby.
    "ruby-aws-eventstream",
    "ruby-aws-partitions",
    "ruby-aws-sdk-core",
    "ruby-aws-sigv4",
    "ruby-jmespath",
    // s3fs and its library.
    "s3fs",
    "libfuse2",
    // VM::EC2 and its Perl packages.
    "libvm-ec2-perl",
    "libanyevent-cachedns-perl",
    "libanyevent-http-perl",
    "libanyevent-perl",
    "libclone-perl",
    "libcommon-sense-perl",
    "libencode-locale-perl",
    "libhtml-parser-perl",
    "libhtml-tagset-perl",
    "libhttp-date-perl",
    "libhttp-message-perl",
    "libio-html-perl",
    "libjson-perl",
    "liblwp-mediatypes-perl",
    "libnet-http-perl",
    "libregexp-ipv6-perl",
    "libstring-approx-perl",
    "libtimedate-perl",
    "libtry-tiny-perl",
    "liburi-perl",
    "libwww-perl",
    "libxml-namespacesupport-perl",
    "libxml-sax-base-perl",
    "libxml-sax-perl",
    "libxml-simple-perl",
];
