//! A network in which a program finds the metadata service as on an instance.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::process::Command;

use crate::Server;
use crate::catalogue::{compare, rule_of};
use crate::namespace::{Namespace, link_local};
use crate::run::{printed, run};
use crate::server::record;

/// A network with a server at 169.254.169.254.
pub struct Host {
    pub network: Namespace,
    pub generation: Generation,
}

/// A generation of instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    Nitro,
    Xen,
}

/// Tries a client on both generations, with tags in the metadata. `check` runs it and compares its
/// output. Its requests to Nitro are compared with docs/clients.md.
///
/// Does nothing if there is no network for it.
pub fn tried(name: &str, check: impl Fn(&Host)) {
    tried_with(name, &[], check);
}

/// Like [`tried`], with further arguments of the server.
pub fn tried_with(name: &str, arguments: &[&str], check: impl Fn(&Host)) {
    let mut rejections = Vec::new();
    for generation in [Generation::Xen, Generation::Nitro] {
        let Some(network) = link_local() else { return };
        let record = record("xen");
        let instance: &[&str] = if generation == Generation::Xen { &["--instance", &record] } else { &[] };
        let arguments = [instance, &["--instance-metadata-tags", "enabled"], arguments].concat();
        let server = Server::start_in(&network, ADDRESS, &arguments);
        let host = Host { network, generation };
        check(&host);
        let requests = server.requests_in(&host.network);
        assert!(!requests.is_empty(), "{name} sent no request");
        let rules: BTreeSet<_> = requests.iter().filter_map(|request| rule_of(request)).map(str::to_owned).collect();
        rejections.push(rules);
        if generation == Generation::Nitro {
            // docs/clients.md has the rejections on Nitro.
            assert_eq!(rejections[0], rejections[1], "{name} meets other rules on Xen than on Nitro");
            compare(name, once_each(requests));
        }
    }
}

impl Host {
    /// A command in the network. Its environment has only the path.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        self.network.command(program)
    }
}

/// Runs a command that must succeed, and returns its standard output.
#[track_caller]
pub fn output(command: &mut Command) -> String {
    printed(&run(command))
}

/// Joins consecutive equal requests to one line with their number.
fn once_each(requests: Vec<String>) -> Vec<String> {
    let mut joined: Vec<(String, usize)> = Vec::new();
    for request in requests {
        match joined.last_mut() {
            Some((last, times)) if *last == request => *times += 1,
            _ => joined.push((request, 1)),
        }
    }
    let line = |(request, times)| if times == 1 { request } else { format!("{times} × {request}") };
    joined.into_iter().map(line).collect()
}

const ADDRESS: &str = "169.254.169.254:80";
