//! The same writes in one commit, in many, and in another order come to the same.

use proptest::collection::vec;
use proptest::prelude::*;

use super::compare::{assert_same, everything};
use super::histories::{config, set};
use super::naive::{ENTITIES, FIELDS, Step, Write, writes_of};
use super::runner::{Round, Runner, stage};

/// Every entity there can be, with nothing but what is required.
fn bare() -> Round {
    let blueprints = (0u8..).zip(ENTITIES);
    let all = blueprints.flat_map(|(blueprint, (_, count))| {
        let fields = FIELDS[usize::from(blueprint)].len();
        (0..count).map(move |entity| Step::Put(blueprint, entity, vec![0; fields]))
    });
    Round {
        steps: all.collect(),
        ..Round::default()
    }
}

fn prepared() -> Runner {
    let mut runner = Runner::in_memory();
    runner.play(&bare());
    runner
}

fn commit(runner: &mut Runner, writes: &[Write]) {
    let mut tx = runner.begin();
    for write in writes {
        stage(&mut tx, write);
        let now = super::naive::START;
        runner.base.apply(write, &runner.model, now);
    }
    tx.commit().unwrap();
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn derived_one_commit_equals_split_and_permuted_ones(
        steps in vec((set(), any::<u16>()), 1..60),
        size in 1usize..8,
    ) {
        let mut whole = prepared();
        let all: Vec<(Write, u16)> = steps
            .iter()
            .flat_map(|(step, order)| {
                let writes = writes_of(step, &whole.base);
                writes.into_iter().map(|write| (write, *order))
            })
            .collect();
        let writes: Vec<Write> = all.iter().map(|(write, _)| write.clone()).collect();
        commit(&mut whole, &writes);
        whole.check("in one commit");
        let expected = everything(&whole.catalog);

        let mut split = prepared();
        for part in writes.chunks(size) {
            commit(&mut split, part);
        }
        assert_same(&expected, &everything(&split.catalog), "in several commits");

        // Writes of one entity stay in order, entities change places.
        let mut permuted = all.clone();
        let name = |write: &Write| match write {
            Write::Upsert(of, document) | Write::Merge(of, document) => (*of, document["identifier"].to_string()),
            Write::Delete(of, identifier) => (*of, identifier.clone()),
        };
        let first = |of: &Write| all.iter().find(|(write, _)| name(write) == name(of)).map(|(_, order)| *order);
        permuted.sort_by_key(|(write, _)| (first(write), name(write)));
        let mut other = prepared();
        for part in permuted.chunks(size) {
            let part: Vec<Write> = part.iter().map(|(write, _)| write.clone()).collect();
            commit(&mut other, &part);
        }
        assert_same(&expected, &everything(&other.catalog), "in another order");
    }
}
