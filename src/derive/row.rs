//! What is read of one entity: an own property in place, or an expression.

use crate::error::Result;
use crate::model::{Compiled, Declared, Model};
use crate::query::exec::{Budget, Evaluator};
use crate::query::ir::{Expr, ExprKind, Read, RuleExpr, Slot};
use crate::state::{Record, State};
use crate::value::{Instant, NameId, Value};

use super::atom::is_data;

/// Where an own property of an entity is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// A stored property that is seen as it is stored.
    Stored(NameId),
    /// A derived property, or a stored one that is seen in another form.
    Seen(NameId),
    /// A column without a name.
    Column(usize),
}

/// A property of `this`, where the expression is one.
pub(super) fn own(model: &Model, compiled: &Compiled, expr: &Expr) -> Option<Source> {
    let ExprKind::Read { base, read } = &expr.kind else {
        return None;
    };
    if !matches!(base.kind, ExprKind::Slot(Slot(0))) {
        return None;
    }
    let id = match read {
        Read::Property(id) => id,
        Read::Column(column) => return Some(Source::Column(*column as usize)),
        Read::Meta(_)
        | Read::Relation(_)
        | Read::Level(_)
        | Read::Rules(_)
        | Read::RulePassed(..)
        | Read::Score(_) => return None,
    };
    match compiled.declared(model.names().text(*id))? {
        Declared::Property(property) if !property.is_instant() => Some(Source::Stored(*id)),
        Declared::Property(_)
        | Declared::Mirror(_)
        | Declared::Calculation(_)
        | Declared::Aggregation(_) => Some(Source::Seen(*id)),
        Declared::Relation(_) => None,
    }
}

impl Source {
    /// Hands the value of an entity's property to a function.
    pub(super) fn with<T>(
        self,
        state: &State,
        entity: Record<'_>,
        read: impl FnOnce(&Value) -> T,
    ) -> T {
        match self {
            Self::Stored(name) => read(&entity.property(name)),
            Self::Seen(name) => read(&state.value(entity.id, name)),
            Self::Column(column) => read(state.derived().column(column, entity.id)),
        }
    }
}

/// An expression over one entity, prepared for the case that it is a property of its own.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) rule: RuleExpr,
    source: Option<Source>,
}

impl Row {
    pub(super) fn new(model: &Model, compiled: &Compiled, rule: RuleExpr) -> Self {
        let source = own(model, compiled, &rule.expr);
        Self { rule, source }
    }

    /// The expression over one version.
    pub(super) fn over<'a>(&'a self, state: &'a State, budget: &'a Budget<'a>) -> RowOver<'a> {
        let space = (self.rule.slots, self.rule.locals);
        let evaluator = match self.source {
            Some(_) => None,
            None => Some(Evaluator::new(state, space, &[], state.time(), budget)),
        };
        RowOver {
            row: self,
            state,
            evaluator,
        }
    }
}

/// An expression over one version: what evaluation prepares is prepared once for all entities.
pub(super) struct RowOver<'a> {
    row: &'a Row,
    state: &'a State,
    evaluator: Option<Evaluator<'a>>,
}

impl RowOver<'_> {
    /// The value for an entity; null where the values at hand give none (a division by zero).
    ///
    /// # Errors
    /// Of a defect, or of what this release cannot do.
    pub(super) fn value(&mut self, entity: Record<'_>) -> Result<Value> {
        let (state, rule) = (self.state, &self.row.rule);
        match (&mut self.evaluator, self.row.source) {
            (Some(evaluator), _) => match evaluator.eval_for(rule, entity.id) {
                Err(error) if is_data(error.kind()) => Ok(Value::Null),
                other => other,
            },
            (None, Some(source)) => Ok(source.with(state, entity, Value::clone)),
            (None, None) => Ok(Value::Null),
        }
    }

    /// When the value that was computed last changes by the passing of time alone.
    pub(super) fn horizon(&self) -> Option<Instant> {
        self.evaluator.as_ref().and_then(Evaluator::horizon)
    }
}
