use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::action::Action;
use super::actions::ACTIONS;
use super::call::Call;
use super::error::{Error, MISSING_ACTION, NO_SUCH_VERSION, Result};
use super::form::QueryForm;
use super::model::constants::VERSIONS;
use super::model::ids::request_id;
use super::params;
use super::response::{Body, QueryResponse};
use super::xml::Xml;
use crate::fleet::Fleet;
use imds::Nonce;
use imds::time::Timestamp;

/// The names of all actions, sorted.
pub fn actions() -> impl Iterator<Item = &'static str> {
    ACTIONS.iter().map(|action| action.name)
}

/// The names of the parameters of an action, except `Action`, `Version` and `DryRun`. `N` stands for
/// the number of a list's item.
pub fn parameters(action: &str) -> impl Iterator<Item = &'static str> {
    let action = ACTIONS.iter().find(|known| known.name == action);
    action.into_iter().flat_map(|action| action.parameters).map(|parameter| parameter.name)
}

/// Returns whether a form has the parameter `Action`, for callers that serve other requests too.
pub fn has_action(form: &[u8]) -> bool {
    form_urlencoded::parse(form).any(|(name, _)| name == "Action")
}

/// Answers a request, given as `application/x-www-form-urlencoded`.
///
/// The id of the response derives from the nonce, which must be another one for each call.
pub fn handle(fleet: &mut Fleet, now: Timestamp, form: &[u8], nonce: Nonce) -> QueryResponse {
    let request_id = request_id(fleet, nonce);
    let (action, form) = match read(form) {
        Ok(request) => request,
        Err((action, error)) => return reject(&error, request_id, action.map(|action| action.name)),
    };
    let call = Call { fleet: fleet.clone(), now, action, form, request_id };
    let result = run(fleet, &call);
    let (steps, request_id, action) = (call.form.filter_steps().used(), call.request_id, Some(action.name));
    match result {
        Ok(body) => QueryResponse { status: 200, request_id, action, error: None, steps, body },
        Err(error) => QueryResponse { steps, ..reject(&error, request_id, action) },
    }
}

/// Returns `true` if the request cannot change the fleet, so that a clone of the fleet can answer it.
pub fn is_read_only(form: &[u8]) -> bool {
    QueryForm::parse(form).is_ok_and(|form| find_action(&form).is_ok_and(|action| action.is_read_only))
}

/// The response with `RequestLimitExceeded`, for callers that limit the rate of requests.
pub fn reject_over_limit(fleet: &Fleet, form: &[u8], nonce: Nonce) -> QueryResponse {
    let action = read(form).map_or_else(|(action, _)| action, |(action, _)| Some(action));
    reject(&Error::over_limit(), request_id(fleet, nonce), action.map(|action| action.name))
}

/// The XML document of an error, for callers that reject a request before they have its form: for
/// example, if the body is too large.
pub fn error_body(code: &str, message: &str, request_id: &str) -> Vec<u8> {
    Xml::error(code, message, request_id)
}

/// Reads and checks a form. The error comes with the action, if the form names one.
fn read(form: &[u8]) -> core::result::Result<(&'static Action, QueryForm), (Option<&'static Action>, Error)> {
    let mut form = QueryForm::parse(form).map_err(|error| (None, error))?;
    let action = find_action(&form).map_err(|error| (None, error))?;
    match check(&mut form, action) {
        Ok(()) => Ok((action, form)),
        Err(error) => Err((Some(action), error)),
    }
}

fn find_action(form: &QueryForm) -> Result<&'static Action> {
    let Some(name) = form.text("Action") else {
        return Err(Error::new(&MISSING_ACTION, "The request must contain the parameter Action"));
    };
    ACTIONS.iter().copied().find(|action| action.name == name).ok_or_else(|| Error::no_such_action(name))
}

fn check(form: &mut QueryForm, action: &Action) -> Result<()> {
    match form.text("Version") {
        // Observed: boto3#1138.
        Some(version) if !VERSIONS.contains(&version) => {
            let message = format!("The requested version ({version}) of service AmazonEC2 does not exist");
            Err(Error::new(&NO_SUCH_VERSION, message))
        }
        _ => params::check(form, action.parameters, action.is_read_only),
    }
}

/// Runs a call on a clone of the fleet, which replaces the fleet if the call succeeds.
fn run(fleet: &mut Fleet, call: &Call) -> Result<Body> {
    let (body, changed) = call.run(None)?;
    if call.form.boolean("DryRun") == Some(true) {
        return Err(Error::dry_run());
    }
    *fleet = changed;
    let again = || Body::of_call(Call { fleet: call.fleet.clone_without_keys(), ..call.clone() });
    Ok(body.map_or_else(again, Body::from))
}

fn reject(error: &Error, request_id: String, action: Option<&'static str>) -> QueryResponse {
    let body = Xml::error(error.code.name, &error.message, &request_id).into();
    QueryResponse { status: error.code.status, request_id, action, error: Some(error.code), steps: 0, body }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::ops::ControlFlow;
    use imds::Seed;

    #[test]
    fn a_call_that_runs_again_writes_the_same_document() {
        let mut fleet = Fleet::new(Seed::parse_hex("2a").unwrap());
        for form in [
            "Action=RunInstances&ImageId=ami-1&MinCount=3&MaxCount=3&ClientToken=a&KeyName=k",
            "Action=RunInstances&ImageId=ami-1&MinCount=3&MaxCount=3&ClientToken=a&KeyName=k",
            "Action=RunInstances&ImageId=ami-1&MinCount=1&MaxCount=1&Ipv6AddressCount=2",
            "Action=DescribeInstances&Filter.1.Name=key-name&Filter.1.Value.1=*",
            "Action=DescribeInstances&MaxResults=5",
            "Action=DescribeVolumes",
            "Action=ModifyInstanceMetadataDefaults&HttpTokens=required",
        ] {
            let (action, parsed) = read([form, "&Version=2016-11-15"].concat().as_bytes()).ok().unwrap();
            let request_id = request_id(&fleet, Nonce::new(1));
            let call = Call { fleet: fleet.clone(), now: Timestamp::EPOCH, action, form: parsed, request_id };
            let (whole, changed) = call.run(None).unwrap_or_else(|error| panic!("{form}: {error:?}"));
            let mut sent = Vec::new();
            call.send(&mut |chunk| {
                sent.extend_from_slice(chunk);
                ControlFlow::Continue(())
            });
            assert_eq!(whole, Some(sent), "{form}");
            fleet = changed;
        }
    }
}
