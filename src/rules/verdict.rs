named_enum! {
    /// What a rule concluded about a request.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Verdict {
        /// An earlier rule decided.
        NotReached = "not_reached",
        /// The rule is about other requests.
        DoesNotApply = "does_not_apply",
        /// The request conforms to the rule. The next rule is evaluated.
        Passes = "passes",
        /// The rule determines the response.
        Decides = "decides",
    }
}
