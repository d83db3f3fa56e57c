use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;

use super::error::{Error, Result};
use super::form::QueryForm;
use crate::fleet::{Fleet, LaunchSeq};

/// The page of all results that a request asks for.
pub(super) struct Page {
    size: Option<usize>,
    pub start: Option<PageStart>,
    parameter: Option<&'static str>,
}

/// The first result of a page: an instance, and a name within it.
///
/// It stays the same if instances are launched, changed or removed between two pages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PageStart {
    pub launch_seq: LaunchSeq,
    pub name: String,
}

impl Page {
    pub fn read(fleet: &Fleet, form: &QueryForm, action: &str) -> Result<Page> {
        let start = match form.text("NextToken") {
            // Observed with an empty token: boto3#2673.
            Some(token) => Some(PageStart::from_token(fleet, action, token).ok_or_else(|| {
                Error::value(format!("Value ( {token} ) for parameter NextToken is invalid. The token is invalid."))
            })?),
            None => None,
        };
        let size = form.integer("MaxResults");
        let parameter = match (size, &start) {
            (Some(_), _) => Some("maxResults"),
            (None, Some(_)) => Some("nextToken"),
            (None, None) => None,
        };
        Ok(Page { size, start, parameter })
    }

    /// The parameter that asks for a page, as EC2's messages name it.
    pub fn parameter(&self) -> Option<&'static str> {
        self.parameter
    }

    /// The results of the page, and the start of the next page if there is one. `key` returns the
    /// position of a result. Without a page size, the results are not collected.
    pub fn cut<'r, T: 'r>(
        &'r self,
        results: impl Iterator<Item = T> + 'r,
        key: impl Fn(&T) -> (LaunchSeq, String) + 'r,
    ) -> (Box<dyn Iterator<Item = T> + 'r>, Option<PageStart>) {
        let Some(size) = self.size else {
            let is_on_page = move |result: &T| {
                self.start.as_ref().is_none_or(|start| {
                    let (launch_seq, name) = key(result);
                    PageStart { launch_seq, name } >= *start
                })
            };
            return (Box::new(results.filter(is_on_page)), None);
        };
        let mut page = Vec::new();
        for result in results {
            let (launch_seq, name) = key(&result);
            let position = PageStart { launch_seq, name };
            if self.start.as_ref().is_some_and(|start| position < *start) {
                continue;
            }
            if page.len() == size {
                return (Box::new(page.into_iter()), Some(position));
            }
            page.push(result);
        }
        (Box::new(page.into_iter()), None)
    }
}

impl PageStart {
    /// The start as an opaque token that only this fleet can create.
    pub fn token(&self, fleet: &Fleet, action: &str) -> String {
        let mut bytes = tag(fleet, action, self.launch_seq, &self.name).to_vec();
        bytes.extend_from_slice(&self.launch_seq.get().to_le_bytes());
        bytes.extend_from_slice(self.name.as_bytes());
        URL_SAFE.encode(bytes)
    }

    fn from_token(fleet: &Fleet, action: &str, token: &str) -> Option<PageStart> {
        let bytes = URL_SAFE.decode(token).ok()?;
        let (received, position) = bytes.split_at_checked(TAG_BYTES)?;
        let (launch_seq, name) = position.split_first_chunk::<4>()?;
        let launch_seq = LaunchSeq::from(u32::from_le_bytes(*launch_seq));
        let name = core::str::from_utf8(name).ok()?;
        (received == tag(fleet, action, launch_seq, name)).then(|| PageStart { launch_seq, name: name.into() })
    }
}

/// The authentication tag of a token.
fn tag(fleet: &Fleet, action: &str, launch_seq: LaunchSeq, name: &str) -> [u8; TAG_BYTES] {
    let parts = [action.as_bytes(), &launch_seq.get().to_le_bytes(), name.as_bytes()];
    fleet.derive("imds 2026 control page token v1", &parts)
}

const TAG_BYTES: usize = 16;
