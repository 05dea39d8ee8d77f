//! Random histories: after every commit everything derived equals the oracle.

use portolan::Catalog;
use proptest::collection::vec;
use proptest::prelude::*;

use super::compare::{assert_reasons, viewer};
use super::naive::{ENTITIES, FIELDS, SWITCHES, Step};
use super::runner::{Round, Runner, options};

/// How many histories are played where `PROPTEST_CASES` does not say.
const CASES: u32 = 192;

pub(super) fn config(cases: u32) -> ProptestConfig {
    let given = std::env::var("PROPTEST_CASES").ok();
    let given = given.and_then(|given| given.parse().ok());
    ProptestConfig {
        cases: given.unwrap_or(cases),
        max_shrink_iters: 4_000,
        ..ProptestConfig::default()
    }
}

/// Services and what belongs to them are written more often than what is above them.
fn blueprint() -> impl Strategy<Value = u8> {
    prop_oneof![
        2 => Just(0u8), 1 => Just(1), 1 => Just(2), 6 => Just(3), 1 => Just(4),
        4 => Just(5), 3 => Just(6), 2 => Just(7),
    ]
}

fn entity(blueprint: u8) -> impl Strategy<Value = u8> {
    0..ENTITIES[usize::from(blueprint)].1
}

pub(super) fn put() -> impl Strategy<Value = Step> {
    blueprint().prop_flat_map(|blueprint| {
        let fields = FIELDS[usize::from(blueprint)].len();
        (entity(blueprint), vec(any::<u8>(), fields))
            .prop_map(move |(entity, values)| Step::Put(blueprint, entity, values))
    })
}

pub(super) fn set() -> impl Strategy<Value = Step> {
    blueprint().prop_flat_map(|blueprint| {
        let fields = u8::try_from(FIELDS[usize::from(blueprint)].len()).unwrap();
        (entity(blueprint), 0..fields, any::<u8>())
            .prop_map(move |(entity, field, value)| Step::Set(blueprint, entity, field, value))
    })
}

fn delete() -> impl Strategy<Value = Step> {
    let of = |blueprint| entity(blueprint).prop_map(move |entity| Step::Delete(blueprint, entity));
    blueprint().prop_flat_map(of)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![8 => put(), 12 => set(), 3 => delete()]
}

fn round() -> impl Strategy<Value = Round> {
    let hours = prop_oneof![2 => Just(0i64), 2 => 0..48i64, 1 => 0..480i64];
    let pass = (hours, 0..2i64).prop_map(|(hours, second)| hours * 3_600 + second);
    (
        pass,
        proptest::option::weighted(0.12, 0..SWITCHES.len()),
        vec(step(), 0..6),
        prop::bool::weighted(0.1),
        any::<[bool; 2]>(),
    )
        .prop_map(
            |(pass, switch, steps, spoilt_first, [advances, asks])| Round {
                pass,
                switch,
                steps,
                advances,
                asks,
                spoilt_first,
            },
        )
}

/// One commit that writes something of everything.
fn opening() -> impl Strategy<Value = Round> {
    let of = |blueprint: u8| {
        let fields = FIELDS[usize::from(blueprint)].len();
        vec((entity(blueprint), vec(any::<u8>(), fields)), 1..5).prop_map(move |all| {
            let put = |(entity, values)| Step::Put(blueprint, entity, values);
            all.into_iter().map(put).collect::<Vec<Step>>()
        })
    };
    let all: Vec<_> = (0..8).map(of).collect();
    all.prop_map(|steps| Round {
        steps: steps.concat(),
        ..Round::default()
    })
}

proptest! {
    #![proptest_config(config(CASES))]

    #[test]
    fn derived_every_commit_of_a_history_equals_the_oracle(
        opening in opening(),
        rounds in vec(round(), 1..25),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.portolan");
        let mut runner = Runner::new(|options| Catalog::open_with(&path, options).unwrap());
        runner.play(&opening);
        for round in &rounds {
            runner.play(round);
        }
        let Runner { catalog, clock, base, model, since } = runner;
        catalog.close().unwrap();
        let catalog = Catalog::open_with(&path, options(&clock)).unwrap();
        let runner = Runner { catalog, clock, base, model, since };
        let everything = runner.check("after reopening");
        runner.check_since(&everything);
        assert_reasons(&runner.catalog.read(&viewer()), &everything);
        runner.check_loaded();
    }
}

proptest! {
    #![proptest_config(config(CASES / 4))]

    /// Blocks of more than one word, and batches large enough to be derived anew as a whole.
    #[test]
    fn derived_crowds_equal_the_oracle(
        opening in opening(),
        rounds in vec((any::<u8>(), 0u8..200, vec(step(), 0..4)), 1..6),
    ) {
        let mut runner = Runner::in_memory();
        runner.play(&opening);
        for (service, count, steps) in rounds {
            let crowd = Step::Crowd(service, count);
            let steps = steps.into_iter().chain([crowd]).collect();
            runner.play(&Round { pass: 3_600, steps, asks: true, ..Round::default() });
        }
    }
}
