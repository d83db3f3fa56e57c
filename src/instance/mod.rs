//! One instance: what is known of it, its options over time, its tokens; and the answer to a request.

mod answer;
mod context;
mod options;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use core::cell::Cell;
use core::fmt;

use answer::Source;
pub use answer::{Answer, Metadata, Protocol, reaches};
pub use context::Context;
pub use options::OptionsState;
#[doc(hidden)]
pub use options::Timeline;

use crate::http::{ContentType, FieldLayout, Method, Payload, Request, Response, Status};
use crate::metadata::{self, Delivery, ReadContext};
use crate::record::{Details, HttpTokens, Interface, MetadataOptions, MetadataOptionsChange, Record, RecordError};
use crate::rules::{self, Endpoint, Facts, Outcome, TokenField, TtlField};
use crate::seed::Seed;
use crate::time::Timestamp;
use crate::token::{Authority, Nonce, Token, TokenFault, Ttl};

/// One instance with its metadata service.
///
/// **Answering takes `&self`, remembers nothing and allocates nothing** but the bytes it appends: any number of threads
/// answer at once.
#[derive(Clone)]
pub struct Instance {
    details: Details,
    options: Timeline,
    generation: u64,
    authority: Authority,
}

impl Instance {
    /// Launches the instance of a record. What the record leaves out is made up from the seed; `now` is the time of the launch
    /// unless the record has one.
    pub fn new(record: &Record, seed: &Seed, now: Timestamp) -> Result<Instance, RecordError> {
        let details = Details::new(record, seed, now)?;
        Ok(Instance::launched(details, MetadataOptions::API_LAUNCH.with(&record.metadata_options)))
    }

    /// Launches an instance with these options.
    #[doc(hidden)]
    pub fn launched(details: Details, options: MetadataOptions) -> Instance {
        let timeline = Timeline::new(options, details.launch_time);
        Instance::resumed(details, timeline, 0)
    }

    /// An instance in the middle of its life.
    #[doc(hidden)]
    pub fn resumed(details: Details, options: Timeline, generation: u64) -> Instance {
        Instance { options, authority: authority(&details, generation), generation, details }
    }

    /// Answers a request at this time.
    pub fn answer(&self, now: Timestamp, request: &Request<'_>, context: Context) -> Answer<'_> {
        let options = self.options.in_force(now);
        let profile = self.details.profile();
        let target = Endpoint::of(request.path);
        let method = Facts::method_of(request, target, profile.post_reads);
        let reads = matches!(method, Method::Get | Method::Head);
        let token = if reads {
            TokenField::of(request.token, |token| self.authority.verify(now, token))
        } else {
            TokenField::Absent
        };
        let session = match token {
            TokenField::Good(session) => Some(session),
            _ => None,
        };
        let ttl = if method == Method::Put { TtlField::of(request.ttl) } else { TtlField::Absent };
        let view = ReadContext {
            details: &self.details,
            now,
            tags_visible: options.instance_metadata_tags.is_enabled(),
            tags_changed: self.options.tags_changed(now),
            delivery: if session.is_some() { Delivery::V2 } else { Delivery::V1 },
        };
        let node = Cell::new(None);
        let trace = rules::decide(&Facts {
            fault: request.fault,
            endpoint_enabled: options.http_endpoint.is_enabled(),
            throttled: context.throttled,
            forwarded: request.forwarded,
            expects: request.expects,
            method,
            target,
            body: request.body,
            ttl,
            token,
            tokens_required: options.http_tokens == HttpTokens::Required,
            found: &|| {
                node.set(metadata::resolve(&view, request.path));
                node.get().is_some()
            },
        });

        let mut answer = Answer {
            response: Response {
                profile,
                status: trace.rule().status(),
                shape: FieldLayout::Bare,
                minor_version: request.minor_version,
                date: now,
                content_type: ContentType::TextPlain,
                last_modified: None,
                token_ttl: None,
                allow: None,
                payload: Payload::Empty,
                head_only: request.is_head(),
                hop_limit: (method == Method::Put).then_some(options.http_put_response_hop_limit),
            },
            trace,
            session,
            protocol: if method == Method::Put || request.token.is_present() { Protocol::V2 } else { Protocol::V1 },
        };
        let response = &mut answer.response;
        match (trace.rule().outcome, node.get(), ttl) {
            (Outcome::Serve, Some(node), _) => {
                response.shape = FieldLayout::Document;
                response.last_modified = Some(node.last_modified(&view));
                response.token_ttl = session.map(|session| session.remaining);
                if node.is_binary() {
                    response.content_type = ContentType::OctetStream;
                }
                response.payload = Payload::Content(Metadata(Source::Tree(view, node)));
            }
            (Outcome::IssueToken, _, TtlField::Good(ttl)) => {
                response.token_ttl = Some(ttl.seconds());
                response.payload =
                    Payload::Content(Metadata(Source::Token(self.authority.issue(now, ttl, context.nonce))));
            }
            (Outcome::ListMethods, ..) => response.allow = Some(TOKEN_METHODS),
            (Outcome::Refuse(status), ..) => {
                if status == Status::MethodNotAllowed {
                    response.allow = Some(if target == Endpoint::Token { TOKEN_METHODS } else { TREE_METHODS });
                }
                if profile.pages.contains(&status) {
                    response.shape = FieldLayout::Document;
                    response.content_type = ContentType::TextHtml;
                    response.payload = Payload::Page;
                }
            }
            // The rules serve only what was found, and issue only for a good life: the table's order sees to it.
            (Outcome::Serve | Outcome::IssueToken, ..) => {}
        }
        answer
    }

    /// What is known of the instance.
    pub fn details(&self) -> &Details {
        &self.details
    }

    /// The private DNS name of one of its interfaces, if it has one.
    pub fn private_dns_name(&self, interface: &Interface) -> Option<String> {
        self.view_at_launch().private_dns_name(interface)
    }

    /// The public DNS name of one of its interfaces, if it has one.
    pub fn public_dns_name(&self, interface: &Interface) -> Option<String> {
        self.view_at_launch().public_dns_name(interface)
    }

    fn view_at_launch(&self) -> ReadContext<'_> {
        let launched = self.details.launch_time;
        ReadContext {
            details: &self.details,
            now: launched,
            tags_visible: false,
            tags_changed: launched,
            delivery: Delivery::V1,
        }
    }

    /// The options in force.
    pub fn options(&self, now: Timestamp) -> MetadataOptions {
        *self.options.in_force(now)
    }

    /// The options as they were last asked for, and whether they are in force.
    pub fn wanted_options(&self, now: Timestamp) -> (MetadataOptions, OptionsState) {
        (self.options.wanted(), self.options.state(now))
    }

    /// Asks for other options, in force from `effective`. Until then the old ones rule. Gives back what was asked for.
    pub fn modify_options(
        &mut self,
        now: Timestamp,
        change: &MetadataOptionsChange,
        effective: Timestamp,
    ) -> MetadataOptions {
        self.options.modify(now, change, effective)
    }

    /// Begins a new life, as a stop and start does: every token of the one before is void.
    pub fn begin_generation(&mut self, generation: u64) {
        self.generation = generation;
        self.authority = authority(&self.details, generation);
    }

    /// Stops and starts it: a new generation, launched now, that shows these tags.
    #[doc(hidden)]
    pub fn restart(&mut self, now: Timestamp, tags: Arc<BTreeMap<String, String>>) {
        self.begin_generation(self.generation + 1);
        self.details.launch_time = now.truncate_to_second();
        if *self.details.tags != *tags {
            self.set_tags(now, tags);
        }
    }

    /// Shows these tags from here on.
    #[doc(hidden)]
    pub fn set_tags(&mut self, now: Timestamp, tags: Arc<BTreeMap<String, String>>) {
        self.details.tags = tags;
        self.options.touch_tags(now);
    }

    /// Shows another record from here on, under the same tokens.
    #[doc(hidden)]
    pub fn replace_details(&mut self, details: Details) {
        self.details = details;
        self.authority = authority(&self.details, self.generation);
    }

    /// The same instance with these options in force.
    pub(crate) fn with_options(&self, options: MetadataOptions) -> Instance {
        let timeline = Timeline::new(options, self.details.launch_time);
        Instance { options: timeline, ..self.clone() }
    }

    /// A token of its own, for whoever asks what would be with one.
    pub(crate) fn issue_token(&self, now: Timestamp, ttl: Ttl) -> Token {
        self.authority.issue(now, ttl, Nonce::new(0))
    }

    /// The times nearest to this one at which the answer to a request may turn: before and after its token's end, and when the
    /// options that are pending take effect.
    pub(crate) fn turning_points(&self, now: Timestamp, request: &Request<'_>) -> impl Iterator<Item = Timestamp> {
        let verified = TokenField::of(request.token, |token| self.authority.verify(now, token));
        let token = match verified {
            TokenField::Good(session) => Some(session.expires),
            TokenField::RequestFault(TokenFault::Expired { since }) => Some(since.saturating_sub_millis(1)),
            _ => None,
        };
        let pending = self.options.effective().map(|at| if now < at { at } else { at.saturating_sub_millis(1) });
        token.into_iter().chain(pending)
    }

    /// Whether the options as they were last asked for are in force.
    #[doc(hidden)]
    pub fn is_applied(&self, now: Timestamp) -> bool {
        self.options.state(now) == OptionsState::Applied
    }

    #[doc(hidden)]
    pub fn timeline(&self) -> &Timeline {
        &self.options
    }

    /// The lives that this instance had before.
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
const TREE_METHODS: &str = "GET, HEAD";
