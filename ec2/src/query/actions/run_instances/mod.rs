mod launch;
mod network;
mod parameters;
mod shown;
mod storage;

use alloc::format;
use alloc::vec::Vec;

use crate::fleet::{ClientToken, Fleet};
use crate::query::action::Action;
use crate::query::error::{Error, INSTANCE_LIMIT_EXCEEDED, Result};
use crate::query::form::QueryForm;
use crate::query::model::instance_view::InstanceView;
use crate::query::model::instance_xml::write_reservation;
use crate::query::operation::Operation;
use crate::query::params::is_signature;
use crate::query::xml::Xml;
use imds::limits;
use imds::record::Line;
use imds::time::Timestamp;

pub static ACTION: Action =
    Action { name: "RunInstances", parameters: parameters::PARAMETERS, is_read_only: false, run };

fn run(fleet: &mut Fleet, now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    let count = count(form)?;
    let client_token = client_token(fleet, form)?;
    if let Some(token) = &client_token
        && let Some((digest, instances)) = fleet.find_by_client_token(&token.text)
    {
        if *digest != token.digest {
            return Err(Error::parameter_mismatch());
        }
        let views: Vec<_> = instances.map(|instance| InstanceView::new(instance, now)).collect();
        if views.iter().all(InstanceView::is_terminated) {
            return Err(Error::terminated_client_token());
        }
        write_reservation(xml, &views);
        return Ok(());
    }
    let launch = launch::read(fleet, form)?.with_count(count).with_client_token(client_token);
    let ids = fleet.launch(now, &launch).map_err(|error| Operation::Launch.error(fleet, error))?;
    let launched = ids.iter().filter_map(|id| fleet.instance(id));
    if form.has("CreditSpecification")
        && let Some(instance) =
            launched.clone().find(|instance| InstanceView::new(instance, now).cpu_credits().is_none())
    {
        let instance_type = instance.instance().details().instance_type();
        let message = format!("The parameter CpuCredits is not supported for the instance type {instance_type}");
        return Err(Error::combination(message));
    }
    write_reservation(xml, &launched.map(|instance| InstanceView::launched(instance, now)).collect::<Vec<_>>());
    Ok(())
}

/// The number of instances. AWS: as many as possible, from the minimum to the maximum.
fn count(form: &QueryForm) -> Result<u32> {
    let number = |name: &str| {
        let count = form.integer::<u32>(name).filter(|count| *count > 0);
        let value = form.text(name).unwrap_or_default();
        count.ok_or_else(|| Error::value_of(name, value, "The value must be at least 1."))
    };
    let (min, max) = (number("MinCount")?, number("MaxCount")?);
    if min > max {
        return Err(Error::combination("The parameter minCount may not be greater than maxCount"));
    }
    if min > limits::LAUNCH_INSTANCES {
        let message = format!(
            "You have requested more instances ({min}) than your current instance limit of {} allows for the \
             specified instance type.",
            limits::LAUNCH_INSTANCES
        );
        return Err(Error::new(&INSTANCE_LIMIT_EXCEEDED, message));
    }
    Ok(max.min(limits::LAUNCH_INSTANCES))
}

/// The client token with a digest of the request's other parameters.
fn client_token(fleet: &Fleet, form: &QueryForm) -> Result<Option<ClientToken>> {
    let Some(text) = form.text("ClientToken").filter(|text| !text.is_empty()) else { return Ok(None) };
    let line = Line::try_from(text).ok().filter(|_| text.is_ascii() && text.len() <= limits::CLIENT_TOKEN_CHARACTERS);
    let Some(line) = line else {
        let reason = format!("A client token has at most {} ASCII characters.", limits::CLIENT_TOKEN_CHARACTERS);
        return Err(Error::value_of("ClientToken", text, &reason));
    };
    let parameters = form.iter().filter(|(name, _)| *name != "ClientToken" && *name != "DryRun" && !is_signature(name));
    let parts: Vec<&[u8]> = parameters.flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]).collect();
    Ok(Some(ClientToken::new(line, fleet.derive("imds 2026 control launch digest v1", &parts))))
}
