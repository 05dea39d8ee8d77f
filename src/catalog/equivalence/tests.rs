//! As many random cases as there is time for.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{Outcome, check};

/// How many cases there are where the environment does not say otherwise.
const CASES: u32 = 2_500;

#[test]
fn plans_answer_as_trying_everything_does() {
    let cases = std::env::var("PORTOLAN_EQUIVALENCE_CASES");
    let cases = cases.ok().and_then(|cases| cases.parse().ok());
    let config = Config {
        cases: cases.unwrap_or(CASES),
        failure_persistence: None,
        max_shrink_iters: 4_000,
        ..Config::default()
    };
    let counts = Cell::new([0_u32; 4]);
    let bytes = |least, most| prop::collection::vec(any::<u8>(), least..most);
    let outcome =
        TestRunner::new(config).run(&(bytes(100, 200), bytes(0, 120)), |(world, query)| {
            let mut all = counts.get();
            all[check(&world, &query) as usize] += 1;
            counts.set(all);
            Ok(())
        });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let all = counts.get();
    let of = |outcome: Outcome| all[outcome as usize];
    let total: u32 = all.iter().sum();
    // What is generated must be worth the time.
    assert!(of(Outcome::Rows) * 3 > total, "with rows: {all:?}");
    assert!(of(Outcome::Refused) * 4 < total, "refused: {all:?}");
    assert!(of(Outcome::GivenUp) * 10 < total, "given up: {all:?}");
}
