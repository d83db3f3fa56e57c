//! Fleets: after any sequence of operations, the fleet behaves like its model.

use arbitrary::{Arbitrary, Result, Unstructured};

use crate::Target;
use crate::models::fleet::{Step, run as run_steps};
use crate::seeds::Inputs;

pub const TARGET: Target = Target {
    name: "fleet",
    property: "for any sequence of operations the fleet behaves like a model that keeps all history: who is served, with which token, under which options",
    run,
    dictionary: Vec::new,
    seeds,
};

fn run(data: &[u8]) {
    let mut data = Unstructured::new(data);
    run_steps(std::iter::from_fn(|| Step::arbitrary(&mut data).ok()).take(MAX_STEPS));
}

impl<'a> Arbitrary<'a> for Step {
    /// The first byte selects the step, so that the fuzzer can change one step into another.
    fn arbitrary(data: &mut Unstructured<'a>) -> Result<Step> {
        if data.is_empty() {
            return Err(arbitrary::Error::NotEnoughData);
        }
        let instance = |data: &mut Unstructured<'a>| data.int_in_range(0..=7);
        Ok(match u8::arbitrary(data)? % 17 {
            0 => Step::Launch { required: bool::arbitrary(data)? },
            1 | 2 => Step::Modify {
                instance: instance(data)?,
                required: Option::arbitrary(data)?,
                enabled: Option::arbitrary(data)?,
            },
            3 => Step::Stop(instance(data)?),
            4 => Step::Start(instance(data)?),
            5 => Step::Terminate(instance(data)?),
            6 => Step::Wait(*data.choose(&[1, 999, 1000, 59_999, 60_000, 120_000, 3_599_999, 3_600_000])?),
            7 => Step::Wait(data.int_in_range(0..=3_000_000)?),
            8 | 9 => Step::IssueToken { instance: instance(data)?, ttl: *data.choose(&[1, 60, 3600, 21_599, 21_600])? },
            10 => Step::Restore,
            11 => Step::ChangeClone(instance(data)?),
            12 => Step::Get {
                instance: instance(data)?,
                token: Some(instance(data)?),
                altered: Some((usize::from(u8::arbitrary(data)?), u8::arbitrary(data)?)),
            },
            16 => Step::Interrupt {
                instance: instance(data)?,
                millis: data.int_in_range(120_000..=900_000)?,
                stops: bool::arbitrary(data)?,
            },
            13 => Step::Get { instance: instance(data)?, token: None, altered: None },
            _ => Step::Get { instance: instance(data)?, token: Some(instance(data)?), altered: None },
        })
    }
}

/// A launch, use and stop of an instance, followed by each step once.
fn seeds(_: &Inputs) -> Vec<Vec<u8>> {
    let lifecycle = [0, 0, 8, 0, 1, 14, 0, 0, 1, 0, 1, 1, 0, 6, 2, 13, 0, 3, 0, 4, 0, 14, 0, 0];
    (0..17u8).map(|step| [&lifecycle[..], &[step, 0, 0, 0, 14, 0, 0, 13, 0]].concat()).collect()
}

const MAX_STEPS: usize = 64;
