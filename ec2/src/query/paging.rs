use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;

use super::error::{Error, Result};
use super::form::Form;
use crate::fleet::{Fleet, LaunchSeq};

/// Which part of all results is asked for.
pub(super) struct Page {
    size: Option<usize>,
    pub after: Option<Place>,
    parameter: Option<&'static str>,
}

/// Where a page begins: at an instance, and within it at a name.
///
/// Places stay what they are, whatever is launched, changed or forgotten between two pages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub order: LaunchSeq,
    pub name: String,
}

impl Page {
    pub fn read(fleet: &Fleet, form: &Form, action: &str) -> Result<Page> {
        let after = match form.text("NextToken") {
            // Seen: boto3#2673, where it was empty.
            Some(token) => Some(Place::of_token(fleet, action, token).ok_or_else(|| {
                Error::value(format!("Value ( {token} ) for parameter NextToken is invalid. The token is invalid."))
            })?),
            None => None,
        };
        let size = form.integer("MaxResults");
        let parameter = match (size, &after) {
            (Some(_), _) => Some("maxResults"),
            (None, Some(_)) => Some("nextToken"),
            (None, None) => None,
        };
        Ok(Page { size, after, parameter })
    }

    /// Which parameter asks for a page, as EC2 names it in its messages.
    pub fn parameter(&self) -> Option<&'static str> {
        self.parameter
    }

    /// The results of the page, and where the next one begins if there is one.
    pub fn cut<T>(
        &self,
        results: impl Iterator<Item = T>,
        place: impl Fn(&T) -> (LaunchSeq, String),
    ) -> (Vec<T>, Option<Place>) {
        let most = self.size.unwrap_or(usize::MAX);
        let mut page = Vec::new();
        for result in results {
            let (order, name) = place(&result);
            let place = Place { order, name };
            if self.after.as_ref().is_some_and(|after| place < *after) {
                continue;
            }
            if page.len() == most {
                return (page, Some(place));
            }
            page.push(result);
        }
        (page, None)
    }
}

impl Place {
    /// The place in a form that tells nothing and that only this fleet gives out.
    pub fn token(&self, fleet: &Fleet, action: &str) -> String {
        let mut bytes = seal(fleet, action, self.order, &self.name).to_vec();
        bytes.extend_from_slice(&self.order.get().to_le_bytes());
        bytes.extend_from_slice(self.name.as_bytes());
        URL_SAFE.encode(bytes)
    }

    fn of_token(fleet: &Fleet, action: &str, token: &str) -> Option<Place> {
        let bytes = URL_SAFE.decode(token).ok()?;
        let (given, place) = bytes.split_at_checked(SEAL)?;
        let (order, name) = place.split_first_chunk::<4>()?;
        let order = LaunchSeq::from(u32::from_le_bytes(*order));
        let name = core::str::from_utf8(name).ok()?;
        (given == seal(fleet, action, order, name)).then(|| Place { order, name: name.into() })
    }
}

fn seal(fleet: &Fleet, action: &str, order: LaunchSeq, name: &str) -> [u8; SEAL] {
    let parts = [action.as_bytes(), &order.get().to_le_bytes(), name.as_bytes()];
    fleet.derive("imds 2026 control page token v1", &parts)
}

const SEAL: usize = 16;
