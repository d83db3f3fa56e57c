//! One instance: its details, its metadata options over time, its tokens, and its answers to
//! requests.

mod answer;
mod context;
mod options;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;

use answer::Source;
pub use answer::{Answer, Metadata, Protocol, reaches};
pub use context::Context;
pub use options::OptionsState;
#[doc(hidden)]
pub use options::Timeline;

use crate::http::{ContentType, HeaderLayout, Method, Payload, Request, Response, Status};
use crate::metadata::{self, Delivery, ReadContext};
use crate::record::{
    Details, EventError, HttpTokens, InstanceEvent, Interface, MetadataOptions, MetadataOptionsChange, Name,
    PlannedEvent, Record, RecordError,
};
use crate::rules::{self, Endpoint, Facts, Outcome, TokenField, TtlField};
use crate::scratch::Scratch;
use crate::seed::Seed;
use crate::time::Timestamp;
use crate::token::{Authority, Nonce, Token, TokenFault, TokenMemo, Ttl};

/// An instance with its metadata service.
///
/// **Answering takes `&self`, keeps no state and allocates nothing** except the bytes of the
/// response. Any number of threads can answer at once.
#[derive(Clone)]
pub struct Instance {
    details: Details,
    options: Timeline,
    generation: u64,
    authority: Authority,
}

impl Instance {
    /// Launches the instance that a record describes.
    ///
    /// Values that the record omits are generated from the seed. The launch time is `now`, unless
    /// the record has one.
    ///
    /// # Errors
    ///
    /// [`RecordError`] names the value that is invalid or contradicts another.
    pub fn new(record: &Record, seed: &Seed, now: Timestamp) -> Result<Instance, RecordError> {
        metadata::check_extra(record)?;
        let details = Details::new(record, seed, now)?;
        Ok(Instance::launched(details, MetadataOptions::API_LAUNCH.with(&record.metadata_options)))
    }

    /// Launches an instance with these details and options.
    #[doc(hidden)]
    pub fn launched(details: Details, options: MetadataOptions) -> Instance {
        let timeline = Timeline::new(options, details.launch_time);
        Instance::resumed(details, timeline, 0)
    }

    /// An instance as a snapshot saved it.
    #[doc(hidden)]
    pub fn resumed(details: Details, options: Timeline, generation: u64) -> Instance {
        let mut instance = Instance { options, authority: authority(&details, generation), generation, details };
        instance.sign_identity();
        instance
    }

    /// Answers a request at this time.
    pub fn answer(&self, now: Timestamp, request: &Request<'_>, context: Context) -> Answer<'_> {
        self.decide(now, request, context, None)
    }

    /// Answers a request at this time, like [`Instance::answer`], with less work if the last valid
    /// token of the scratch is the one of the request.
    pub fn answer_with(
        &self,
        now: Timestamp,
        request: &Request<'_>,
        context: Context,
        scratch: &mut Scratch,
    ) -> Answer<'_> {
        self.decide(now, request, context, Some(&mut scratch.token))
    }

    fn decide(
        &self,
        now: Timestamp,
        request: &Request<'_>,
        context: Context,
        memo: Option<&mut TokenMemo>,
    ) -> Answer<'_> {
        let options = self.options.in_force(now);
        let profile = self.details.profile();
        let endpoint = self.endpoint(request.path);
        let method = Facts::effective_method(request, endpoint, profile.post_reads);
        let token = TokenField::of(request.token, |token| match memo {
            Some(memo) => memo.verify(&self.authority, now, token),
            None => self.authority.verify(now, token),
        });
        let session = match token {
            TokenField::Valid(session) => Some(session),
            _ => None,
        };
        let ttl =
            if method == Method::Put { TtlField::of(request.ttl, profile.shortest_ttl) } else { TtlField::Absent };
        let read = ReadContext {
            details: &self.details,
            now,
            tags_visible: options.instance_metadata_tags.is_enabled(),
            tags_changed: self.options.tags_changed(now),
            delivery: if session.is_some() { Delivery::V2 } else { Delivery::V1 },
        };
        let node = Cell::new(None);
        let facts = Facts {
            fault: request.fault,
            endpoint_enabled: options.http_endpoint.is_enabled(),
            throttled: context.throttled,
            forwarded: request.forwarded,
            expects: request.expects,
            method,
            endpoint,
            options_lists_methods: profile.options_lists_methods,
            forbids_methods: profile.rejected_method == Status::Forbidden,
            body: request.body,
            ttl,
            token,
            tokens_required: options.http_tokens == HttpTokens::Required,
            found: &|| {
                node.set(metadata::resolve(&read, request.path));
                node.get().is_some()
            },
        };
        let trace = rules::decide(&facts, &profile.check_order);
        let methods = if endpoint == Endpoint::Token { TOKEN_METHODS } else { profile.metadata_methods };
        // A rejection before the check of the token, and a 401, does not show the remaining TTL.
        let remaining = session.filter(|_| trace.is_authenticated()).map(|session| session.remaining);

        let mut answer = Answer {
            response: Response {
                minor_version: request.minor_version,
                head_only: request.is_head(),
                hop_limit: (method == Method::Put).then_some(options.http_put_response_hop_limit),
                ..Response::new(profile, trace.rule().status(), now, Payload::Empty)
            },
            trace,
            session,
            protocol: if method == Method::Put || request.token.is_present() { Protocol::V2 } else { Protocol::V1 },
        };
        let response = &mut answer.response;
        match (trace.rule().outcome, node.get(), ttl) {
            (Outcome::Serve, Some(node), _) => {
                response.layout = HeaderLayout::Document;
                response.last_modified = Some(node.last_modified(&read));
                response.token_ttl = remaining;
                if node.is_binary() {
                    response.content_type = ContentType::OctetStream;
                }
                response.payload = Payload::Content(Metadata(Source::Tree(read, node)));
            }
            (Outcome::IssueToken, _, TtlField::Valid(ttl)) => {
                response.token_ttl = Some(ttl.seconds());
                response.payload =
                    Payload::Content(Metadata(Source::Token(self.authority.issue(now, ttl, context.nonce))));
            }
            (Outcome::ListMethods, ..) => {
                response.allow = Some(methods);
                response.token_ttl = remaining;
            }
            (Outcome::Reject(status), ..) => {
                match status {
                    Status::MethodNotAllowed => response.allow = Some(methods),
                    Status::NotFound | Status::Forbidden => response.token_ttl = remaining,
                    _ => {}
                }
                if profile.page_of(status).is_some() {
                    response.layout = HeaderLayout::Document;
                    response.content_type = ContentType::TextHtml;
                    response.payload = Payload::Page;
                }
            }
            // Unreachable by the order of the rules: they serve only a path that was found, and
            // issue a token only for a valid TTL.
            (Outcome::Serve | Outcome::IssueToken, ..) => {}
        }
        answer
    }

    /// What a path names. No other version leads to the token path. On some profiles other
    /// spellings do (see [`Profile::cleans_token_path`](crate::http::Profile::cleans_token_path)).
    #[doc(hidden)]
    #[inline(always)]
    pub fn endpoint(&self, path: &str) -> Endpoint {
        let leads_there = |path| self.details.profile().cleans_token_path && metadata::is_token_path(path);
        if path == Endpoint::TOKEN_PATH || leads_there(path) { Endpoint::Token } else { Endpoint::Tree }
    }

    /// The validated record with all defaults.
    pub fn details(&self) -> &Details {
        &self.details
    }

    /// The private DNS name of an interface, if it has one.
    pub fn private_dns_name(&self, interface: &Interface) -> Option<String> {
        self.context_at_launch().private_dns_name(interface)
    }

    /// The public DNS name of an interface, if it has one.
    pub fn public_dns_name(&self, interface: &Interface) -> Option<String> {
        self.context_at_launch().public_dns_name(interface)
    }

    fn context_at_launch(&self) -> ReadContext<'_> {
        let launched = self.details.launch_time;
        ReadContext {
            details: &self.details,
            now: launched,
            tags_visible: false,
            tags_changed: launched,
            delivery: Delivery::V1,
        }
    }

    /// The metadata options in force.
    pub fn options(&self, now: Timestamp) -> MetadataOptions {
        *self.options.in_force(now)
    }

    /// The metadata options as last requested, and whether they are in force.
    pub fn requested_options(&self, now: Timestamp) -> (MetadataOptions, OptionsState) {
        (self.options.requested(), self.options.state(now))
    }

    /// Requests a change of the metadata options that takes effect at `effective`, or at the next
    /// start if that is [`Timestamp::MAX`]. Returns the requested options.
    pub fn modify_options(
        &mut self,
        now: Timestamp,
        change: &MetadataOptionsChange,
        effective: Timestamp,
    ) -> MetadataOptions {
        self.options.modify(now, change, effective)
    }

    /// Makes the tokens of every other generation void. A virtual machine that is restored from a
    /// snapshot draws a generation, so that tokens from before are not valid.
    pub fn set_generation(&mut self, generation: u64) {
        self.generation = generation;
        self.authority = authority(&self.details, generation);
    }

    /// Starts a stopped instance with these tags. Tokens of every other generation are void.
    #[doc(hidden)]
    pub fn restart(&mut self, now: Timestamp, tags: Arc<BTreeMap<String, String>>, generation: u64) {
        self.set_generation(generation);
        self.details.launch_time = now.truncate_to_second();
        self.options.start(now);
        if let Some(plan) = &mut self.details.plan {
            Arc::make_mut(plan).restart(now);
        }
        self.sign_identity();
        if *self.details.tags != *tags {
            self.set_tags(now, tags);
        }
    }

    /// Signs the identity document again. Every function that changes a value of the document
    /// calls it.
    fn sign_identity(&mut self) {
        let Some(signer) = &self.details.template.identity_signer else { return };
        let signatures = signer.sign(&self.identity_document(), self.details.launch_time);
        self.details.identity = signatures.map_or_else(|| self.details.template.identity.clone(), Arc::new);
    }

    /// The bytes of `dynamic/instance-identity/document`.
    pub fn identity_document(&self) -> Vec<u8> {
        let mut document = Vec::new();
        metadata::push_identity_document(&self.context_at_launch(), &mut document);
        document
    }

    /// Replaces the tags.
    #[doc(hidden)]
    pub fn set_tags(&mut self, now: Timestamp, tags: Arc<BTreeMap<String, String>>) {
        self.details.tags = tags;
        self.options.touch_tags(now);
    }

    /// Replaces the record. Tokens stay valid, and planned events stay as they are.
    #[doc(hidden)]
    pub fn replace_details(&mut self, details: Details) {
        let plan = self.details.plan.take();
        self.details = Details { plan, ..details };
        self.authority = authority(&self.details, self.generation);
        self.sign_identity();
    }

    /// Plans an event, and fixes its times. The id must be one that no other event of the instance
    /// has. Returns the planned event.
    ///
    /// The metadata shows the event by the time of each request. Its other consequences, for
    /// example the stop of an instance, are the task of the caller: [`PlannedEvent::steps`] has the
    /// times.
    ///
    /// # Errors
    ///
    /// If a time is not allowed, or the instance has too many events. The error has the path of the
    /// key.
    pub fn plan_event(&mut self, now: Timestamp, id: Name, event: &InstanceEvent) -> Result<PlannedEvent, RecordError> {
        let planned = event.plan(now, self.details.launch_time, id)?;
        let plan = self.details.plan.get_or_insert_default();
        Arc::make_mut(plan).add(now, planned.clone()).map_err(|error| RecordError::new(".", error))?;
        Ok(planned)
    }

    /// Cancels a planned event. A scheduled event that is shown moves to the history.
    ///
    /// # Errors
    ///
    /// If there is no event with this id, or it is over, or the notice of an interruption is in the
    /// metadata.
    pub fn cancel_event(&mut self, now: Timestamp, id: &str) -> Result<(), EventError> {
        let plan = self.details.plan.as_mut().ok_or(EventError::NotFound)?;
        Arc::make_mut(plan).cancel(now, id)
    }

    /// The planned events, past ones among them, in the order in which they were planned.
    pub fn planned_events(&self) -> &[PlannedEvent] {
        self.details.plan.as_ref().map_or(&[], |plan| plan.events())
    }

    /// Removes the planned events.
    #[doc(hidden)]
    pub fn drop_events(&mut self) {
        self.details.plan = None;
    }

    /// The planned events, to mark their steps.
    #[doc(hidden)]
    pub fn planned_events_mut(&mut self) -> &mut [PlannedEvent] {
        self.details.plan.as_mut().map_or(&mut [], |plan| Arc::make_mut(plan).events_mut())
    }

    /// A copy of the instance with these options in force.
    pub(crate) fn with_options(&self, options: MetadataOptions) -> Instance {
        let timeline = Timeline::new(options, self.details.launch_time);
        Instance { options: timeline, ..self.clone() }
    }

    /// A token to try requests with.
    pub(crate) fn issue_token(&self, now: Timestamp, ttl: Ttl) -> Token {
        self.authority.issue(now, ttl, Nonce::new(0))
    }

    /// The nearest times at which the answer to a request may differ: on the other side of its
    /// token's expiry, and on the other side of the pending change of the options.
    pub(crate) fn turning_points(&self, now: Timestamp, request: &Request<'_>) -> impl Iterator<Item = Timestamp> {
        let verified = TokenField::of(request.token, |token| self.authority.verify(now, token));
        let token = match verified {
            TokenField::Valid(session) => Some(session.expires),
            TokenField::Invalid(TokenFault::Expired { since }) => Some(since.saturating_sub_millis(1)),
            _ => None,
        };
        let pending = self.options.effective().map(|at| if now < at { at } else { at.saturating_sub_millis(1) });
        token.into_iter().chain(pending)
    }

    /// Returns `true` if the options as last requested are in force.
    #[doc(hidden)]
    pub fn is_applied(&self, now: Timestamp) -> bool {
        self.options.state(now) == OptionsState::Applied
    }

    #[doc(hidden)]
    pub fn timeline(&self) -> &Timeline {
        &self.options
    }

    /// A number that each start draws anew; 0 until the first stop. Tokens of another generation
    /// are void.
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance")
            .field("instance_id", &self.details.instance_id)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

fn authority(details: &Details, generation: u64) -> Authority {
    Authority::new(&details.template.seed, details.profile().token_version, &details.instance_id, generation)
}

const TOKEN_METHODS: &str = "OPTIONS, PUT";
