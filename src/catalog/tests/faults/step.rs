//! The steps of a round, each with all the chance that it needs, so that any of them can be left out.

use crate::commit::Durability;
use crate::store::fault::{Choices, Fault, Operation};

#[derive(Clone, Debug)]
pub(super) enum Step {
    /// One transaction of so many changes.
    Write {
        seed: u64,
        changes: u64,
        durability: Option<Durability>,
    },
    /// Another model, and a change under it.
    Model {
        seed: u64,
    },
    /// So many days pass.
    Advance {
        days: u64,
    },
    /// Lines of JSON: so many, one of them wrong.
    Load {
        seed: u64,
        rows: u64,
    },
    Checkpoint,
    /// Forgets all but so many commits.
    Trim {
        kept: u64,
    },
    Compact,
    Sync,
    Check,
    Backup,
    /// Asks what led to something.
    Ask {
        seed: u64,
    },
    /// Keeps a snapshot to the end.
    Hold,
    /// From here on the disk counts to its fault.
    Fault {
        fault: Fault,
        full: bool,
    },
    /// From here on the file may grow by so many bytes.
    Room {
        bytes: u64,
    },
    /// The catalog goes and comes back, after as many attempts that fail in their turn.
    End {
        how: End,
        seed: u64,
        attempts: Vec<Fault>,
    },
}

/// How a catalog goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Close,
    /// As closing, and nobody hears of what goes wrong.
    Drop,
    Kill,
    PowerCut,
}

type Chooser = fn(&mut Choices) -> Step;

/// What can be done, and how often it is, in relation to each other.
const STEPS: [(u64, Chooser); 15] = [
    (24, |choices| Step::Write {
        seed: choices.below(u64::MAX),
        changes: choices.below(4) + 1,
        durability: [
            None,
            None,
            Some(Durability::Synced),
            Some(Durability::Deferred),
        ][usize::try_from(choices.below(4)).unwrap()],
    }),
    (4, |choices| Step::Model {
        seed: choices.below(u64::MAX),
    }),
    (3, |choices| Step::Advance {
        days: choices.below(40),
    }),
    (4, |choices| Step::Load {
        seed: choices.below(u64::MAX),
        rows: choices.below(3) + 1,
    }),
    (4, |choices| Step::Load {
        seed: choices.below(u64::MAX),
        rows: choices.below(20) + 12,
    }),
    (5, |_| Step::Checkpoint),
    (3, |choices| Step::Trim {
        kept: choices.below(4),
    }),
    (1, |_| Step::Compact),
    (3, |_| Step::Sync),
    (1, |_| Step::Check),
    (3, |choices| Step::Ask {
        seed: choices.below(u64::MAX),
    }),
    (3, |_| Step::Hold),
    (10, |choices| Step::Fault {
        fault: fault(choices, 30),
        full: choices.below(3) == 0,
    }),
    (2, |choices| Step::Room {
        bytes: choices.below(64) << 10,
    }),
    (9, |choices| Step::End {
        how: [
            End::Close,
            End::Drop,
            End::Kill,
            End::PowerCut,
            End::PowerCut,
        ][usize::try_from(choices.below(5)).unwrap()],
        seed: choices.below(u64::MAX),
        attempts: match choices.below(3) {
            0 => (0..choices.below(3)).map(|_| fault(choices, 12)).collect(),
            _ => Vec::new(),
        },
    }),
];

fn fault(choices: &mut Choices, within: u64) -> Fault {
    let operation = match choices.below(8) {
        0 => Some(Operation::Read),
        1 | 2 => Some(Operation::Write),
        3 | 4 => Some(Operation::Sync),
        _ => None,
    };
    let after = match operation {
        // There are fewer of them.
        Some(Operation::Sync) => choices.below(within / 5 + 1),
        _ => choices.below(within),
    };
    Fault {
        operation,
        after,
        lasting: choices.below(2) == 0,
    }
}

/// The steps of a round; a few rounds in a hundred make backups, which are files of the machine.
pub(super) fn steps(choices: &mut Choices) -> Vec<Step> {
    let total: u64 = STEPS.iter().map(|(weight, _)| weight).sum();
    let backup = (choices.below(50) == 0).then(|| choices.below(12));
    let count = choices.below(14) + 6;
    let one = |at| {
        if backup == Some(at) {
            return Step::Backup;
        }
        let mut left = choices.below(total);
        let chosen = STEPS.iter().find(|(weight, _)| {
            let found = left < *weight;
            left = left.saturating_sub(*weight);
            found
        });
        chosen.unwrap().1(choices)
    };
    (0..count).map(one).collect()
}
