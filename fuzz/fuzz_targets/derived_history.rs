//! Any history of writes, changes of the model and of the time: after every commit everything
//! derived is what a naive recomputation says, and at the end what a catalog derives that is
//! loaded with the result.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/behaviour/derived/compare.rs"]
mod compare;
#[path = "../../tests/behaviour/derived/naive/mod.rs"]
mod naive;
#[path = "../../tests/behaviour/derived/runner.rs"]
mod runner;

use compare::{assert_reasons, everything, viewer};
use naive::{ENTITIES, FIELDS, Step};
use runner::{Round, Runner};

/// No more commits than this of one input.
const ROUNDS: usize = 40;

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Bytes(bytes);
    let mut runner = Runner::in_memory();
    for _ in 0..ROUNDS {
        let (round, last) = bytes.round();
        runner.play(&round);
        if last {
            break;
        }
    }
    runner.check_loaded();
    let snapshot = runner.catalog.read(&viewer());
    assert_reasons(&snapshot, &everything(&runner.catalog));
});

/// What is left of an input; reads as zeros beyond its end.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// One commit, and whether it is the last.
    fn round(&mut self) -> (Round, bool) {
        let mut round = Round::default();
        while !self.0.is_empty() {
            match self.next() % 16 {
                0..4 => {
                    let (blueprint, entity) = (self.next(), self.next());
                    let fields = FIELDS[usize::from(blueprint) % ENTITIES.len()].len();
                    let values = (0..fields).map(|_| self.next()).collect();
                    round.steps.push(Step::Put(blueprint, entity, values));
                }
                4..10 => {
                    let [blueprint, entity, field, value] = [(); 4].map(|()| self.next());
                    round.steps.push(Step::Set(blueprint, entity, field, value));
                }
                10 => round.steps.push(Step::Delete(self.next(), self.next())),
                11 => round.steps.push(Step::Crowd(self.next(), self.next())),
                12 => round.switch = Some(self.next().into()),
                13 => round.spoilt_first = true,
                _ => {
                    round.pass = i64::from(self.next()) * 1_800;
                    let how = self.next();
                    (round.advances, round.asks) = (how & 1 == 1, how & 2 == 2);
                    return (round, false);
                }
            }
        }
        (round, true)
    }
}
