//! Random histories of a catalog on disks that fail, fill up and lose power, against plain maps.
//!
//! `PORTOLAN_FAULT_ROUNDS=50000 cargo test --lib faults` plays as many rounds in all, and
//! `PORTOLAN_FAULT_SEED=17` the one of that seed alone. `PORTOLAN_FAULT_FROM` is the first seed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use self::round::{Outcome, Round, Settings};
use self::step::Step;
use crate::store::fault::Choices;

mod damage;
mod full;
mod round;
mod step;
mod world;

/// How many rounds are played in all where the environment says nothing.
const ROUNDS: u64 = 2_000;
/// The rounds are split so that they run side by side.
const PARTS: u64 = 8;
/// How many shorter rounds are tried for a failing one.
const SHRINKS: usize = 600;

fn given(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn play(settings: Settings, steps: &[Step]) -> Outcome {
    let played = catch_unwind(AssertUnwindSafe(|| Round::run(settings, steps)));
    played.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(format!("panicked: {}", text.unwrap_or_default()))
    })
}

/// The same failure with as few steps as dropping one after the other gives.
fn shrink(settings: Settings, mut steps: Vec<Step>, mut what: String) -> (Vec<Step>, String) {
    let mut left = SHRINKS;
    loop {
        let before = steps.len();
        for at in (0..before).rev() {
            if left == 0 {
                return (steps, what);
            }
            left -= 1;
            let mut fewer = steps.clone();
            fewer.remove(at);
            if let Err(now) = play(settings, &fewer) {
                (steps, what) = (fewer, now);
            }
        }
        if steps.len() == before {
            return (steps, what);
        }
    }
}

fn round(seed: u64) {
    let mut choices = Choices::new(seed);
    let settings = Settings::choose(&mut choices);
    let steps = step::steps(&mut choices);
    let Err(what) = play(settings, &steps) else {
        return;
    };
    let count = steps.len();
    let (steps, shrunk) = shrink(settings, steps, what.clone());
    let steps: Vec<String> = (0..)
        .zip(&steps)
        .map(|(at, step): (u32, _)| format!("{at}: {step:?}"))
        .collect();
    panic!(
        "{what}\n{} of {count} steps: {shrunk}\n{settings:?}\n{}\nagain with PORTOLAN_FAULT_SEED={seed}",
        steps.len(),
        steps.join("\n"),
    );
}

fn rounds(part: u64) {
    if let Some(seed) = given("PORTOLAN_FAULT_SEED") {
        if part == 0 {
            round(seed);
        }
        return;
    }
    let total = given("PORTOLAN_FAULT_ROUNDS").unwrap_or(ROUNDS);
    let from = given("PORTOLAN_FAULT_FROM").unwrap_or(0);
    let step = usize::try_from(PARTS).unwrap();
    (from + part..from + total).step_by(step).for_each(round);
}

macro_rules! parts {
    ($($name:ident = $part:literal),*) => {
        $(#[test]
        fn $name() {
            rounds($part);
        })*
    };
}

parts!(
    nothing_is_lost_or_halved_1_of_8 = 0,
    nothing_is_lost_or_halved_2_of_8 = 1,
    nothing_is_lost_or_halved_3_of_8 = 2,
    nothing_is_lost_or_halved_4_of_8 = 3,
    nothing_is_lost_or_halved_5_of_8 = 4,
    nothing_is_lost_or_halved_6_of_8 = 5,
    nothing_is_lost_or_halved_7_of_8 = 6,
    nothing_is_lost_or_halved_8_of_8 = 7
);
