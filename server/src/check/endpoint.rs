use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::str::FromStr;

use axum::http::Uri;

use crate::tell;

/// Where a service is: `http://`, a host, and a port where it is not 80.
#[derive(Clone)]
pub struct Url {
    host: String,
    port: u16,
}

impl FromStr for Url {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Url, &'static str> {
        let uri: Uri = text.parse().map_err(|_| FORM)?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or(FORM)?;
        if uri.scheme_str() != Some("http") || uri.path() != "/" || uri.query().is_some() || authority.host().is_empty()
        {
            return Err(FORM);
        }
        let port = match authority.port_u16() {
            Some(port) => port,
            None if authority.as_str() == authority.host() => 80,
            None => return Err(FORM),
        };
        Ok(Url { host: authority.host().to_owned(), port })
    }
}

impl Url {
    /// What a client sends as Host.
    pub fn authority(&self) -> String {
        match self.port {
            80 => self.host.clone(),
            port => format!("{}:{port}", self.host),
        }
    }

    pub fn addresses(&self) -> Result<Vec<SocketAddr>, String> {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let found = (host, self.port).to_socket_addrs().map_err(|error| tell::reason(&error))?;
        Ok(found.collect())
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.authority())
    }
}

const FORM: &str = "it is http://, a host and a port, and no path, as http://127.0.0.1:1338";
