//! Boolean expressions over atoms, and their compilation to straight-line word programs.
//!
//! Three-valued logic is compiled away here. What matters of a rule is whether it is TRUE; of a
//! negation, whether what it negates is FALSE. So negations are pushed down to the leaves, each
//! leaf becomes an atom for "is TRUE" or for "is FALSE", and over sets of such atoms AND is
//! intersection and OR is union: Kleene's tables (openCypher CIP2016-06-14) say that `a AND b` is
//! TRUE where both are, and FALSE where either is.

use std::collections::BTreeMap;

use crate::query::ir::{Expr, ExprKind};
use crate::state::LIVE;
use crate::value::Value;

/// A set of entities of a block: atoms by number, joined by AND and OR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Formula {
    All,
    None,
    Atom(u32),
    And(Vec<Formula>),
    Or(Vec<Formula>),
}

/// The set of entities for which an expression is what is wanted: true, or false. `atom` numbers
/// the leaves. The checker bounds the depth of expressions.
pub(super) fn normalise<E>(
    expr: &Expr,
    wanted: bool,
    atom: &mut impl FnMut(&Expr, bool) -> Result<u32, E>,
) -> Result<Formula, E> {
    if let ExprKind::Not(inner) = &expr.kind {
        return normalise(inner, !wanted, atom);
    }
    if let ExprKind::And(items) | ExprKind::Or(items) = &expr.kind {
        let parts = items.iter().map(|item| normalise(item, wanted, atom));
        let parts = parts.collect::<Result<Vec<_>, E>>()?;
        let all = matches!(expr.kind, ExprKind::And(_)) == wanted;
        return Ok(if all {
            Formula::And(parts)
        } else {
            Formula::Or(parts)
        });
    }
    let ExprKind::Literal(value) = &expr.kind else {
        return Ok(Formula::Atom(atom(expr, wanted)?));
    };
    Ok(if *value == Value::Bool(wanted) {
        Formula::All
    } else {
        Formula::None
    })
}

/// The number of a set within a [`Builder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Set {
    /// Nobody.
    Empty,
    /// A word that is given: who is live, or an atom.
    Given(u32),
    /// The result of an operation, by its place.
    Made(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    And,
    Or,
}

/// Collects operations over words; the same operation is done once.
#[derive(Debug, Default)]
pub(super) struct Builder {
    ops: Vec<(Kind, Set, Set)>,
    known: BTreeMap<(Kind, Set, Set), u32>,
}

/// Every entity that exists. Every set lies within it.
pub(super) const EVERYONE: Set = Set::Given(LIVE);

impl Builder {
    /// The set of a formula; `word` gives the word of an atom.
    pub(super) fn formula(&mut self, formula: &Formula, word: &impl Fn(u32) -> u32) -> Set {
        match formula {
            Formula::All => EVERYONE,
            Formula::None => Set::Empty,
            Formula::Atom(atom) => Set::Given(word(*atom)),
            Formula::And(parts) => self.join(Kind::And, EVERYONE, parts, word),
            Formula::Or(parts) => self.join(Kind::Or, Set::Empty, parts, word),
        }
    }

    fn join(
        &mut self,
        kind: Kind,
        start: Set,
        parts: &[Formula],
        word: &impl Fn(u32) -> u32,
    ) -> Set {
        let parts = parts.iter();
        parts.fold(start, |joined, part| {
            let part = self.formula(part, word);
            self.op(kind, joined, part)
        })
    }

    /// How many operations there are.
    pub(super) fn len(&self) -> usize {
        self.ops.len()
    }

    pub(super) fn and(&mut self, a: Set, b: Set) -> Set {
        self.op(Kind::And, a, b)
    }

    fn op(&mut self, kind: Kind, a: Set, b: Set) -> Set {
        let (a, b) = (a.min(b), a.max(b));
        match (kind, a, b) {
            _ if a == b => a,
            (Kind::And, Set::Empty, _) => Set::Empty,
            (Kind::Or, Set::Empty, _) | (Kind::And, EVERYONE, _) => b,
            (Kind::Or, EVERYONE, _) => EVERYONE,
            _ => {
                let ops = &mut self.ops;
                let at = self.known.entry((kind, a, b)).or_insert_with(|| {
                    ops.push((kind, a, b));
                    u32::try_from(ops.len() - 1).unwrap_or(u32::MAX)
                });
                Set::Made(*at)
            }
        }
    }

    /// The program, with the word of each output; an output that is a given word stays there.
    /// The first `given` words of a block are given, the others are made.
    pub(super) fn finish(self, given: u32, outputs: &[Set]) -> (Program, Vec<Option<u32>>) {
        let mut kept = BTreeMap::new();
        for output in outputs {
            if let Set::Made(op) = output {
                let next = u32::try_from(kept.len()).unwrap_or(u32::MAX);
                kept.entry(*op).or_insert(given.saturating_add(next));
            }
        }
        let mut next = given.saturating_add(u32::try_from(kept.len()).unwrap_or(u32::MAX));
        let words = next;
        let mut registers = Vec::new();
        for op in 0..u32::try_from(self.ops.len()).unwrap_or(u32::MAX) {
            registers.push(kept.get(&op).copied().unwrap_or_else(|| {
                next = next.saturating_add(1);
                next - 1
            }));
        }
        let register = |set: Set| match set {
            Set::Empty => None,
            Set::Given(word) => Some(word),
            Set::Made(op) => registers.get(op as usize).copied(),
        };
        let ops = self
            .ops
            .iter()
            .zip(&registers)
            .filter_map(|((kind, a, b), to)| {
                Some(Op {
                    kind: *kind,
                    to: *to,
                    a: register(*a)?,
                    b: register(*b)?,
                })
            });
        let program = Program {
            ops: ops.collect(),
            given,
            words,
            registers: next,
        };
        (
            program,
            outputs.iter().map(|output| register(*output)).collect(),
        )
    }
}

#[derive(Clone, Copy, Debug)]
struct Op {
    kind: Kind,
    to: u32,
    a: u32,
    b: u32,
}

/// A straight-line program over the words of one block: 64 entities at a time.
#[derive(Debug, Default)]
pub(super) struct Program {
    ops: Vec<Op>,
    /// How many words are given: who is live, and the atoms.
    pub(super) given: u32,
    /// How many words a block has.
    pub(super) words: u32,
    registers: u32,
}

impl Program {
    /// Makes words of a block from the given ones, in place, with the first so many operations.
    pub(super) fn run(&self, words: &mut Vec<u64>, operations: usize) {
        words.resize(self.registers as usize, 0);
        let read = |words: &[u64], at: u32| words.get(at as usize).copied().unwrap_or(0);
        for op in self.ops.iter().take(operations) {
            let (a, b) = (read(words, op.a), read(words, op.b));
            let made = match op.kind {
                Kind::And => a & b,
                Kind::Or => a | b,
            };
            if let Some(to) = words.get_mut(op.to as usize) {
                *to = made;
            }
        }
        words.truncate(self.words as usize);
    }

    /// How many operations a block costs.
    pub(super) fn len(&self) -> usize {
        self.ops.len()
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "the test makes what it looks up")]
mod tests {
    use proptest::prelude::*;

    use super::{Builder, EVERYONE, Formula, Set};

    /// What a formula means for one entity.
    fn meaning(formula: &Formula, live: bool, atoms: &[bool]) -> bool {
        match formula {
            Formula::All => live,
            Formula::None => false,
            Formula::Atom(at) => live && atoms[*at as usize],
            Formula::And(parts) => live && parts.iter().all(|part| meaning(part, live, atoms)),
            Formula::Or(parts) => parts.iter().any(|part| meaning(part, live, atoms)),
        }
    }

    fn formulas() -> impl Strategy<Value = Formula> {
        let leaf = prop_oneof![
            1 => Just(Formula::All),
            1 => Just(Formula::None),
            6 => (0u32..5).prop_map(Formula::Atom),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let parts = || prop::collection::vec(inner.clone(), 0..4);
            prop_oneof![
                parts().prop_map(Formula::And),
                parts().prop_map(Formula::Or)
            ]
        })
    }

    proptest! {
        #[test]
        fn programs_mean_what_their_formulas_mean(
            formulas in prop::collection::vec(formulas(), 1..6),
            given in prop::array::uniform6(any::<u64>()),
        ) {
            let mut builder = Builder::default();
            let mut sets: Vec<Set> =
                formulas.iter().map(|formula| builder.formula(formula, &|atom| atom + 1)).collect();
            sets.push(EVERYONE);
            let (program, outputs) = builder.finish(6, &sets);
            // Atoms lie within the live entities.
            let mut words = given.map(|word| word & given[0]).to_vec();
            words[0] = given[0];
            let atoms = words[1..].to_vec();
            program.run(&mut words, program.len());
            prop_assert_eq!(words.len(), program.words as usize);
            for (formula, output) in formulas.iter().zip(&outputs) {
                for bit in 0..64 {
                    let bools: Vec<bool> = atoms.iter().map(|word| word >> bit & 1 == 1).collect();
                    let expected = meaning(formula, given[0] >> bit & 1 == 1, &bools);
                    let word = output.map_or(0, |output| words[output as usize]);
                    prop_assert_eq!(word >> bit & 1 == 1, expected);
                }
            }
            prop_assert_eq!(outputs.last(), Some(&Some(0)));
        }
    }

    #[test]
    fn shared_parts_are_computed_once() {
        let both = Formula::And(vec![Formula::Atom(0), Formula::Atom(1)]);
        let mut builder = Builder::default();
        let first = builder.formula(&both, &|atom| atom + 1);
        let again = builder.formula(&both, &|atom| atom + 1);
        let all = Formula::And(vec![both, Formula::Atom(2), Formula::All]);
        let wider = builder.formula(&all, &|atom| atom + 1);
        let (program, outputs) = builder.finish(4, &[first, again, wider]);
        assert_eq!(outputs, [Some(4), Some(4), Some(5)]);
        assert_eq!((program.len(), program.words), (2, 6));
    }
}
