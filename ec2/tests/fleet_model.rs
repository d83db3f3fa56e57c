//! Runs the [model](model) of a fleet with steps from proptest. The fuzz target `fleet` runs it
//! with others.

#[path = "models/fleet.rs"]
mod model;

use model::Step;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_fleet_behaves_like_its_model(steps in prop::collection::vec(step(), 1..60)) {
        model::run(steps);
    }
}

fn step() -> impl Strategy<Value = Step> {
    let instance = 0..8usize;
    prop_oneof![
        2 => any::<bool>().prop_map(|required| Step::Launch { required }),
        3 => (instance.clone(), any::<Option<bool>>(), any::<Option<bool>>())
            .prop_map(|(instance, required, enabled)| Step::Modify { instance, required, enabled }),
        1 => instance.clone().prop_map(Step::Stop),
        2 => instance.clone().prop_map(Step::Start),
        1 => instance.clone().prop_map(Step::Terminate),
        4 => prop_oneof![Just(1), Just(999), Just(1000), 0..3_000_000u64].prop_map(Step::Wait),
        2 => (instance.clone(), 120_000..=900_000u64, any::<bool>())
            .prop_map(|(instance, millis, stops)| Step::Interrupt { instance, millis, stops }),
        4 => (instance.clone(), prop_oneof![Just(1), Just(21_600), 1..21_600u32])
            .prop_map(|(instance, ttl)| Step::IssueToken { instance, ttl }),
        8 => (instance.clone(), any::<Option<usize>>(), prop::option::weighted(0.1, any::<(usize, u8)>()))
            .prop_map(|(instance, token, altered)| Step::Get { instance, token, altered }),
        1 => instance.prop_map(Step::ChangeClone),
        1 => Just(Step::Restore),
    ]
}
