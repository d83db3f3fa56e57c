use alloc::format;
use alloc::vec::Vec;

use super::describe::write_reservation;
use super::error::{Error, INSTANCE_LIMIT_EXCEEDED, Result};
use super::form::Form;
use super::launch::launch_of;
use super::parameters::is_signature;
use super::refusal::Doing;
use super::shown::InstanceView;
use super::xml::Xml;
use crate::fleet::{ClientToken, Fleet};
use imds::limits;
use imds::record::Line;
use imds::time::Timestamp;

/// `RunInstances`
pub(super) fn run(fleet: &mut Fleet, now: Timestamp, form: &Form, xml: &mut Xml) -> Result<()> {
    let count = count(form)?;
    let client_token = client_token(fleet, form)?;
    if let Some(token) = &client_token
        && let Some((digest, members)) = fleet.launched_with(&token.text)
    {
        if *digest != token.digest {
            return Err(Error::other_arguments());
        }
        let shown: Vec<_> = members.map(|member| InstanceView::new(member, now)).collect();
        if shown.iter().all(InstanceView::is_gone) {
            return Err(Error::client_token_of_terminated());
        }
        write_reservation(xml, &shown);
        return Ok(());
    }
    let mut launch = launch_of(fleet, form)?;
    launch.count = count;
    launch.client_token = client_token;
    let ids = fleet.launch(now, &launch).map_err(|error| Doing::Launch.refused(fleet, error))?;
    let launched = ids.iter().filter_map(|id| fleet.member(id));
    write_reservation(xml, &launched.map(|member| InstanceView::launched(member, now)).collect::<Vec<_>>());
    Ok(())
}

/// How many are launched. AWS: as many as can be, up to the most and not under the least.
fn count(form: &Form) -> Result<u32> {
    let number = |name: &str| {
        let given = form.integer::<u32>(name).filter(|count| *count > 0);
        let value = form.text(name).unwrap_or_default();
        given.ok_or_else(|| Error::value_of(name, value, "The value must be at least 1."))
    };
    let (least, most) = (number("MinCount")?, number("MaxCount")?);
    if least > most {
        return Err(Error::combination("The parameter minCount may not be greater than maxCount"));
    }
    if least > limits::LAUNCH_INSTANCES {
        let message = format!(
            "You have requested more instances ({least}) than your current instance limit of {} allows for the \
             specified instance type.",
            limits::LAUNCH_INSTANCES
        );
        return Err(Error::new(&INSTANCE_LIMIT_EXCEEDED, message));
    }
    Ok(most.min(limits::LAUNCH_INSTANCES))
}

/// The client token with a digest of everything else that is asked for.
fn client_token(fleet: &Fleet, form: &Form) -> Result<Option<ClientToken>> {
    let Some(text) = form.text("ClientToken").filter(|text| !text.is_empty()) else { return Ok(None) };
    let line = Line::try_from(text).ok().filter(|_| text.is_ascii() && text.len() <= limits::CLIENT_TOKEN_CHARACTERS);
    let Some(line) = line else {
        let reason = format!("A client token has at most {} ASCII characters.", limits::CLIENT_TOKEN_CHARACTERS);
        return Err(Error::value_of("ClientToken", text, &reason));
    };
    let parameters = form.iter().filter(|(name, _)| *name != "ClientToken" && *name != "DryRun" && !is_signature(name));
    let parts: Vec<&[u8]> = parameters.flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]).collect();
    Ok(Some(ClientToken { text: line, digest: fleet.derive("imds 2026 control launch digest v1", &parts) }))
}
