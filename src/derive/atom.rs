//! An atom: one condition on one entity that a bit plane keeps the truth of.

use crate::error::{ErrorKind, Result};
use crate::model::{Compiled, Model};
use crate::query::exec::{Budget, Evaluator};
use crate::query::ir::{Comparison, Expr, ExprKind, RuleExpr};
use crate::state::{Record, State};
use crate::value::{Instant, Value, compare, equal};

use super::reads::reads_clock;
use super::row::{Source, own};

/// A condition without AND, OR and NOT around it. Its bit is set where the condition is known
/// and is what is wanted.
#[derive(Debug)]
pub(super) struct Atom {
    pub(super) text: String,
    /// True for "is true", false for "is known and not true".
    pub(super) wanted: bool,
    pub(super) rule: RuleExpr,
    /// The same condition where it needs no general evaluation.
    quick: Option<Quick>,
    /// Its number among what reads the clock, where it does.
    pub(super) clock: Option<u32>,
}

/// A condition of an own property and constants.
#[derive(Debug)]
struct Quick {
    source: Source,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Compare(Comparison, Value),
    IsNull,
    IsEmpty,
    IsTrue,
}

impl Atom {
    pub(super) fn new(
        model: &Model,
        compiled: &Compiled,
        text: String,
        rule: RuleExpr,
        wanted: bool,
    ) -> Self {
        let quick = quick(model, compiled, &rule.expr);
        Self {
            text,
            wanted,
            rule,
            quick,
            clock: None,
        }
    }

    pub(super) fn reads_clock(&self) -> bool {
        reads_clock(&self.rule.expr)
    }

    /// Whether the condition needs no general evaluation.
    pub(super) const fn is_quick(&self) -> bool {
        self.quick.is_some()
    }

    /// The atom over one version, for many entities.
    pub(super) fn over<'a>(&'a self, state: &'a State, budget: &'a Budget<'a>) -> AtomOver<'a> {
        let space = (self.rule.slots, self.rule.locals);
        let how = if let Some(quick) = &self.quick {
            How::Quick(quick)
        } else {
            let evaluator = Evaluator::new(state, space, &[], state.time(), budget);
            How::General(Box::new(evaluator))
        };
        AtomOver {
            atom: self,
            state,
            how,
        }
    }
}

/// An atom over one version: what evaluation prepares, patterns and the plans of subqueries, is
/// prepared once for all entities.
pub(super) struct AtomOver<'a> {
    atom: &'a Atom,
    state: &'a State,
    how: How<'a>,
}

enum How<'a> {
    Quick(&'a Quick),
    General(Box<Evaluator<'a>>),
}

impl AtomOver<'_> {
    /// Whether the condition is known and is what is wanted.
    ///
    /// An error of the expression (an overflow, a division by zero) makes it unknown.
    pub(super) fn holds(&mut self, entity: Record<'_>) -> Result<bool> {
        let truth = match &mut self.how {
            How::Quick(quick) => quick.truth(self.state, entity),
            How::General(evaluator) => truth(evaluator.eval_for(&self.atom.rule, entity.id))?,
        };
        Ok(truth == Some(self.atom.wanted))
    }

    /// When the truth that was found last changes by the passing of time alone.
    pub(super) fn horizon(&self) -> Option<Instant> {
        match &self.how {
            How::Quick(_) => None,
            How::General(evaluator) => evaluator.horizon(),
        }
    }
}

/// The truth of what a condition evaluates to; `None` where it is unknown.
pub(super) fn truth(value: Result<Value>) -> Result<Option<bool>> {
    match value {
        Ok(Value::Bool(truth)) => Ok(Some(truth)),
        Ok(_) => Ok(None),
        Err(error) if is_data(error.kind()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether an error comes of the values at hand, and not of a defect or of something that the
/// release cannot do: only the former may count as "unknown".
pub(super) fn is_data(kind: ErrorKind) -> bool {
    !matches!(
        kind,
        ErrorKind::Internal | ErrorKind::Unsupported | ErrorKind::Closed
    )
}

impl Quick {
    fn truth(&self, state: &State, entity: Record<'_>) -> Option<bool> {
        self.source
            .with(state, entity, |value| self.test.truth(value))
    }
}

impl Test {
    fn truth(&self, value: &Value) -> Option<bool> {
        match self {
            Self::IsNull => Some(value.is_null()),
            Self::IsEmpty => Some(value.is_empty()),
            Self::IsTrue => {
                if let Value::Bool(truth) = value {
                    Some(*truth)
                } else {
                    None
                }
            }
            Self::Compare(op, constant) => match op {
                Comparison::Equal => equal(value, constant),
                Comparison::NotEqual => equal(value, constant).map(|equal| !equal),
                Comparison::Less => compare(value, constant).map(std::cmp::Ordering::is_lt),
                Comparison::LessOrEqual => compare(value, constant).map(std::cmp::Ordering::is_le),
                Comparison::Greater => compare(value, constant).map(std::cmp::Ordering::is_gt),
                Comparison::GreaterOrEqual => {
                    compare(value, constant).map(std::cmp::Ordering::is_ge)
                }
            },
        }
    }
}

/// The comparison that says the same with its sides exchanged.
const fn turned(op: Comparison) -> Comparison {
    match op {
        Comparison::Equal | Comparison::NotEqual => op,
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
    }
}

fn quick(model: &Model, compiled: &Compiled, expr: &Expr) -> Option<Quick> {
    let source = |expr: &Expr| own(model, compiled, expr);
    if let Some(source) = source(expr) {
        return Some(Quick {
            source,
            test: Test::IsTrue,
        });
    }
    if let ExprKind::IsNull(inner) = &expr.kind {
        return Some(Quick {
            source: source(inner)?,
            test: Test::IsNull,
        });
    }
    if let ExprKind::IsEmpty(inner) = &expr.kind {
        return Some(Quick {
            source: source(inner)?,
            test: Test::IsEmpty,
        });
    }
    let ExprKind::Compare(op, a, b) = &expr.kind else {
        return None;
    };
    let (op, inner, constant) = match (&a.kind, &b.kind) {
        (_, ExprKind::Literal(constant)) => (*op, a, constant),
        (ExprKind::Literal(constant), _) => (turned(*op), b, constant),
        _ => return None,
    };
    Some(Quick {
        source: source(inner)?,
        test: Test::Compare(op, constant.clone()),
    })
}
