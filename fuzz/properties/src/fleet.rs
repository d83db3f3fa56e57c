//! Many instances: whatever is done in whatever order, the fleet does what its model does.

use arbitrary::{Arbitrary, Result, Unstructured};

use crate::Target;
use crate::models::fleet::{Step, run as run_steps};
use crate::seeds::Inputs;

pub const TARGET: Target = Target {
    name: "fleet",
    property: "in any order of operations the fleet does what a model does that keeps everything: who answers, in whose session, under which options",
    run,
    dictionary: Vec::new,
    seeds,
};

fn run(data: &[u8]) {
    let mut data = Unstructured::new(data);
    run_steps(std::iter::from_fn(|| Step::arbitrary(&mut data).ok()).take(MOST_STEPS));
}

impl<'a> Arbitrary<'a> for Step {
    /// One byte says which step, so that the fuzzer can turn one into another.
    fn arbitrary(data: &mut Unstructured<'a>) -> Result<Step> {
        if data.is_empty() {
            return Err(arbitrary::Error::NotEnoughData);
        }
        let whom = |data: &mut Unstructured<'a>| data.int_in_range(0..=7);
        Ok(match u8::arbitrary(data)? % 16 {
            0 => Step::Launch { required: bool::arbitrary(data)? },
            1 | 2 => Step::Modify {
                whom: whom(data)?,
                required: Option::arbitrary(data)?,
                enabled: Option::arbitrary(data)?,
            },
            3 => Step::Stop(whom(data)?),
            4 => Step::Start(whom(data)?),
            5 => Step::Terminate(whom(data)?),
            6 => Step::Wait(*data.choose(&[1, 999, 1000, 59_999, 60_000, 3_599_999, 3_600_000])?),
            7 => Step::Wait(data.int_in_range(0..=3_000_000)?),
            8 | 9 => Step::IssueToken { whom: whom(data)?, ttl: *data.choose(&[1, 60, 3600, 21_599, 21_600])? },
            10 => Step::Restore,
            11 => Step::Aside(whom(data)?),
            12 => Step::Get {
                whom: whom(data)?,
                token: Some(whom(data)?),
                altered: Some((usize::from(u8::arbitrary(data)?), u8::arbitrary(data)?)),
            },
            13 => Step::Get { whom: whom(data)?, token: None, altered: None },
            _ => Step::Get { whom: whom(data)?, token: Some(whom(data)?), altered: None },
        })
    }
}

/// A whole life of an instance, and of each step one after it.
fn seeds(_: &Inputs) -> Vec<Vec<u8>> {
    let life = [0, 0, 8, 0, 1, 14, 0, 0, 1, 0, 1, 1, 0, 6, 2, 13, 0, 3, 0, 4, 0, 14, 0, 0];
    (0..16u8).map(|step| [&life[..], &[step, 0, 0, 0, 14, 0, 0, 13, 0]].concat()).collect()
}

const MOST_STEPS: usize = 64;
