//! JSON documents in the format of EC2: two spaces of indent, ` : ` between key and value, no final
//! line feed.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::context::ReadContext;
use super::credentials::Secrets;
use crate::record::{EventState, Line, MaintenanceEvent, Role, SpotAction};
use crate::time::Timestamp;
use crate::write::{push_escaped, push_ipv4};

/// Writes an object.
struct Object<'a> {
    out: &'a mut Vec<u8>,
    indent: &'static [u8],
    empty: bool,
}

impl<'a> Object<'a> {
    fn open(indent: &'static [u8], out: &'a mut Vec<u8>) -> Object<'a> {
        out.push(b'{');
        Object { out, indent, empty: true }
    }

    /// Starts a member. The caller writes its value to the returned buffer.
    fn key(&mut self, key: &str) -> &mut Vec<u8> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        self.out.push(b'\n');
        self.out.extend_from_slice(self.indent);
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\" : ");
        self.out
    }

    fn text(&mut self, key: &str, value: &str) {
        push_string(value, self.key(key));
    }

    /// A string that `push` writes, without characters that need an escape.
    fn plain(&mut self, key: &str, push: impl FnOnce(&mut Vec<u8>)) {
        let out = self.key(key);
        out.push(b'"');
        push(out);
        out.push(b'"');
    }

    fn time(&mut self, key: &str, value: Timestamp) {
        self.plain(key, |out| value.push_rfc3339_seconds(out));
    }

    fn text_or_null(&mut self, key: &str, value: Option<&Line>) {
        match value {
            Some(value) => self.text(key, value),
            None => self.key(key).extend_from_slice(b"null"),
        }
    }

    fn list_or_null(&mut self, key: &str, values: &[Line]) {
        let out = self.key(key);
        if values.is_empty() {
            out.extend_from_slice(b"null");
            return;
        }
        out.extend_from_slice(b"[ ");
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                out.extend_from_slice(b", ");
            }
            push_string(value, out);
        }
        out.extend_from_slice(b" ]");
    }

    fn close(self, indent: &[u8]) {
        self.out.push(b'\n');
        self.out.extend_from_slice(indent);
        self.out.push(b'}');
    }
}

pub(super) fn push_iam_info(context: &ReadContext<'_>, role: &Role, out: &mut Vec<u8>) {
    let details = context.details;
    let mut object = Object::open(INDENT, out);
    object.text("Code", SUCCESS);
    object.time("LastUpdated", context.credential_epoch().start);
    let out = object.key("InstanceProfileArn");
    out.push(b'"');
    for part in details.template.instance_profile_arn(role) {
        push_escaped(part, out);
    }
    out.push(b'"');
    object.text("InstanceProfileId", &details.template.instance_profile_id);
    object.close(b"");
}

pub(super) fn push_account_info(context: &ReadContext<'_>, out: &mut Vec<u8>) {
    let mut object = Object::open(INDENT, out);
    object.text("Code", SUCCESS);
    object.time("LastUpdated", context.credential_epoch().start);
    object.text("AccountId", &context.details.template.account_id);
    object.close(b"");
}

pub(super) fn push_role_credentials(context: &ReadContext<'_>, role: &Role, out: &mut Vec<u8>) {
    let Some(failure) = &role.failure else {
        return push_credentials(context, &role.name, out);
    };
    let mut object = Object::open(INDENT, out);
    object.text("Code", failure);
    if **failure == *CANNOT_ASSUME {
        let out = object.key("Message");
        out.push(b'"');
        for part in ["EC2 cannot assume the role ", &role.name, CANNOT_ASSUME_HELP] {
            push_escaped(part, out);
        }
        out.push(b'"');
    }
    object.time("LastUpdated", context.credential_times().last_updated);
    object.close(b"");
}

pub(super) fn push_credentials(context: &ReadContext<'_>, role: &str, out: &mut Vec<u8>) {
    let times = context.credential_times();
    let secrets = Secrets::of(context.details, role, context.credential_epoch(), context.delivery);
    let mut object = Object::open(INDENT, out);
    object.text("Code", SUCCESS);
    object.time("LastUpdated", times.last_updated);
    object.text("Type", "AWS-HMAC");
    object.plain("AccessKeyId", |out| secrets.push_access_key_id(out));
    object.plain("SecretAccessKey", |out| secrets.push_secret_access_key(out));
    object.plain("Token", |out| secrets.push_token(out));
    object.time("Expiration", times.expiration);
    object.close(b"");
}

pub(crate) fn push_identity_document(context: &ReadContext<'_>, out: &mut Vec<u8>) {
    let details = context.details;
    let template = &details.template;
    let mut object = Object::open(INDENT, out);
    object.text("accountId", &template.account_id);
    object.text("architecture", &template.architecture);
    object.text("availabilityZone", &template.availability_zone);
    object.list_or_null("billingProducts", &context.record().billing_products);
    object.list_or_null("devpayProductCodes", &[]);
    object.list_or_null("marketplaceProductCodes", &context.record().product_codes);
    object.text("imageId", &template.ami_id);
    object.text("instanceId", &details.instance_id);
    object.text("instanceType", &context.record().instance_type);
    object.text_or_null("kernelId", context.record().kernel_id.as_ref());
    object.time("pendingTime", details.launch_time);
    match details.primary().local_ipv4s.first() {
        Some(address) => object.plain("privateIp", |out| push_ipv4(*address, b'.', out)),
        None => object.key("privateIp").extend_from_slice(b"null"),
    }
    object.text_or_null("ramdiskId", context.record().ramdisk_id.as_ref());
    object.text("region", &template.region);
    object.text("version", "2017-09-30");
    object.close(b"");
}

/// `{"action": "terminate", "time": "2017-09-18T08:22:00Z"}`
pub(super) fn push_spot_action(action: SpotAction, time: Timestamp, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"action\": \"");
    out.extend_from_slice(action.name().as_bytes());
    out.extend_from_slice(b"\", \"time\": \"");
    time.push_rfc3339_seconds(out);
    out.extend_from_slice(b"\"}");
}

/// `{"noticeTime": "2020-11-05T08:22:00Z"}`
pub(super) fn push_rebalance(notice_time: Timestamp, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"noticeTime\": \"");
    notice_time.push_rfc3339_seconds(out);
    out.extend_from_slice(b"\"}");
}

/// `{"Environment":"test","Name":"my-instance"}`. No tag is `{}`. EC2's spacing is not known: the
/// format of the other documents has `{ }` for an empty object, so it is not that one.
pub(super) fn push_tag_set(tags: &BTreeMap<String, String>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, (key, value)) in tags.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_string(key, out);
        out.push(b':');
        push_string(value, out);
    }
    out.push(b'}');
}

/// The scheduled events that are active, or those that are not. No event is `[]`.
///
/// The description of a planned event starts with its state once it is in the history. The record
/// has complete descriptions.
pub(super) fn push_events(context: &ReadContext<'_>, active: bool, out: &mut Vec<u8>) {
    out.push(b'[');
    for event in &context.record().maintenance_events {
        if (event.state == EventState::Active) == active {
            push_event(event, event.state, "", out);
        }
    }
    if let Some(plan) = &context.details.plan {
        for (event, state) in plan.scheduled(context.now) {
            if (state == EventState::Active) == active {
                let prefix = match state {
                    EventState::Active => "",
                    EventState::Completed => "[Completed] ",
                    EventState::Canceled => "[Canceled] ",
                };
                push_event(event, state, prefix, out);
            }
        }
    }
    if out.last() == Some(&b'}') {
        out.push(b' ');
    }
    out.push(b']');
}

/// Appends an event to a list that is open.
fn push_event(event: &MaintenanceEvent, state: EventState, prefix: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(if out.last() == Some(&b'[') { b" " } else { b", " });
    let date = |object: &mut Object<'_>, key, time: Timestamp| object.plain(key, |out| time.push_event_date(out));
    let mut object = Object::open(INDENT, out);
    date(&mut object, "NotBefore", event.not_before);
    object.text("Code", &event.code);
    let out = object.key("Description");
    out.push(b'"');
    out.extend_from_slice(prefix.as_bytes());
    push_escaped(&event.description, out);
    out.push(b'"');
    object.text("EventId", &event.event_id);
    if let Some(time) = event.not_after {
        date(&mut object, "NotAfter", time);
    }
    if let Some(time) = event.not_before_deadline {
        date(&mut object, "NotBeforeDeadline", time);
    }
    object.text("State", state.name());
    object.close(b"");
}

fn push_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    push_escaped(text, out);
    out.push(b'"');
}

const INDENT: &[u8] = b"  ";
const SUCCESS: &str = "Success";
/// The one code whose message is known.
const CANNOT_ASSUME: &str = "AssumeRoleUnauthorizedAccess";
/// The end of its message, with two spaces as EC2 sends them.
const CANNOT_ASSUME_HELP: &str = ".  Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/\
    troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc.";
