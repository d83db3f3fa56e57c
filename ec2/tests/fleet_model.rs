//! The [model](model) of a fleet beside one, in orders that proptest brings. The fuzz target `fleet` brings others.

#[path = "models/fleet.rs"]
mod model;

use model::Step;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_fleet_does_what_its_model_does(steps in prop::collection::vec(step(), 1..60)) {
        model::run(steps);
    }
}

fn step() -> impl Strategy<Value = Step> {
    let whom = 0..8usize;
    prop_oneof![
        2 => any::<bool>().prop_map(|required| Step::Launch { required }),
        3 => (whom.clone(), any::<Option<bool>>(), any::<Option<bool>>())
            .prop_map(|(whom, required, enabled)| Step::Modify { whom, required, enabled }),
        1 => whom.clone().prop_map(Step::Stop),
        2 => whom.clone().prop_map(Step::Start),
        1 => whom.clone().prop_map(Step::Terminate),
        4 => prop_oneof![Just(1), Just(999), Just(1000), 0..3_000_000u64].prop_map(Step::Wait),
        4 => (whom.clone(), prop_oneof![Just(1), Just(21_600), 1..21_600u32])
            .prop_map(|(whom, ttl)| Step::IssueToken { whom, ttl }),
        8 => (whom.clone(), any::<Option<usize>>(), prop::option::weighted(0.1, any::<(usize, u8)>()))
            .prop_map(|(whom, token, altered)| Step::Get { whom, token, altered }),
        1 => whom.prop_map(Step::Aside),
        1 => Just(Step::Restore),
    ]
}
