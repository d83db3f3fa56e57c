use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::str::FromStr;

use axum::http::Uri;

use crate::terminal;

/// The URL of a service: `http://`, a host, and an optional port, 80 by default.
#[derive(Debug, Clone)]
pub struct Url {
    host: String,
    port: u16,
}

impl FromStr for Url {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Url, &'static str> {
        let uri: Uri = text.parse().map_err(|_| EXPECTED)?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or(EXPECTED)?;
        if uri.scheme_str() != Some("http") || uri.path() != "/" || uri.query().is_some() || authority.host().is_empty()
        {
            return Err(EXPECTED);
        }
        let port = match authority.port_u16() {
            Some(port) => port,
            None if authority.as_str() == authority.host() => 80,
            None => return Err(EXPECTED),
        };
        Ok(Url { host: authority.host().to_owned(), port })
    }
}

impl Url {
    /// Returns the value of Host that a client sends.
    pub fn authority(&self) -> String {
        match self.port {
            80 => self.host.clone(),
            port => format!("{}:{port}", self.host),
        }
    }

    /// Resolves the host.
    pub fn addresses(&self) -> Result<Vec<SocketAddr>, String> {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let addresses = (host, self.port).to_socket_addrs().map_err(|error| terminal::reason(&error))?;
        Ok(addresses.collect())
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.authority())
    }
}

const EXPECTED: &str =
    "expected http://, a host and an optional port, without a path, for example http://127.0.0.1:1338";
