use super::Input;
use crate::http::Status;
use crate::source::Source;

/// A rule about requests.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// The stable name for logs, tests and tools.
    pub id: &'static str,
    /// A short description of a request that the rule decides.
    pub name: &'static str,
    /// The question that the rule answers.
    pub question: &'static str,
    /// What happens to a request that the rule decides.
    pub outcome: Outcome,
    /// How the behaviour is known.
    pub source: Source,
    pub(super) inputs: &'static [Input],
}

/// What happens to a request that a rule decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The request is rejected with this status.
    Reject(Status),
    /// A token is issued.
    IssueToken,
    /// The methods of the path are listed.
    ListMethods,
    /// The metadata is served.
    Serve,
}

impl Rule {
    /// The status of a response that this rule decides.
    pub const fn status(&self) -> Status {
        match self.outcome {
            Outcome::Reject(status) => status,
            Outcome::IssueToken | Outcome::ListMethods | Outcome::Serve => Status::Ok,
        }
    }

    /// What the rule looks at. As long as no earlier rule decides, no single change of anything
    /// else changes the verdict.
    ///
    /// A rule that serves also lists what determines the response.
    pub const fn inputs(&self) -> &'static [Input] {
        self.inputs
    }
}
