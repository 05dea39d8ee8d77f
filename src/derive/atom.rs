//! An atom: one condition on one entity that a bit plane keeps the truth of.

use crate::error::{ErrorKind, Result};
use crate::model::{Compiled, Declared, Model};
use crate::query::exec::{Budget, Evaluator};
use crate::query::ir::{Comparison, Expr, ExprKind, Read, RuleExpr, Slot};
use crate::state::{Entity, State};
use crate::value::{NameId, Value, compare, equal};

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
}

/// A condition of an own property and constants.
#[derive(Debug)]
struct Quick {
    source: Source,
    test: Test,
}

#[derive(Debug)]
enum Source {
    /// A stored property that is seen as it is stored.
    Stored(NameId),
    /// A mirror, or a stored property that is seen in another form.
    Seen(NameId),
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
        }
    }

    /// Whether the condition needs no general evaluation.
    pub(super) const fn is_quick(&self) -> bool {
        self.quick.is_some()
    }

    /// The atom over one version, for many entities.
    pub(super) fn over<'a>(&'a self, state: &'a State, budget: &'a Budget<'a>) -> AtomOver<'a> {
        let space = (self.rule.slots, self.rule.locals);
        let how = match &self.quick {
            Some(quick) => How::Quick(quick),
            None => How::General(Evaluator::new(state, space, &[], state.time(), budget)),
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
    General(Evaluator<'a>),
}

impl AtomOver<'_> {
    /// Whether the condition is known and is what is wanted.
    ///
    /// An error of the expression (an overflow, a division by zero) makes it unknown.
    pub(super) fn holds(&mut self, entity: &Entity) -> Result<bool> {
        let truth = match &mut self.how {
            How::Quick(quick) => quick.truth(self.state, entity),
            How::General(evaluator) => truth(evaluator.eval_for(&self.atom.rule, entity.id))?,
        };
        Ok(truth == Some(self.atom.wanted))
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
    fn truth(&self, state: &State, entity: &Entity) -> Option<bool> {
        match &self.source {
            Source::Stored(name) => self.test.truth(entity.property(*name)),
            Source::Seen(name) => self.test.truth(&state.value(entity.id, *name)),
        }
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

/// A property of `this`, where the expression is one.
fn own(model: &Model, compiled: &Compiled, expr: &Expr) -> Option<Source> {
    let ExprKind::Read {
        base,
        read: Read::Property(id),
    } = &expr.kind
    else {
        return None;
    };
    if !matches!(base.kind, ExprKind::Slot(Slot(0))) {
        return None;
    }
    match compiled.declared(model.names().text(*id))? {
        Declared::Property(property) if !property.is_instant() => Some(Source::Stored(*id)),
        Declared::Property(_) | Declared::Mirror(_) => Some(Source::Seen(*id)),
        Declared::Relation(_) | Declared::Calculation | Declared::Aggregation => None,
    }
}
