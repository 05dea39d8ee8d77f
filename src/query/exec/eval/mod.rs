//! The evaluator: the value of an expression over one row, in three-valued logic.

mod arithmetic;
mod call;
mod compare;
mod generator;
mod horizon;
mod list;
mod logic;
mod pattern;
mod read;
mod subquery;
mod temporal;
mod test;

use std::cell::Cell;
use std::sync::Arc;

use super::limits::Budget;
use crate::error::{Error, Result, Span};
use crate::query::ir::{Expr, ExprKind, RuleExpr, Slot, Taken};
use crate::state::State;
use crate::value::{EntityId, Fields, Instant, Value};

/// The entity of a slot that nothing is bound to.
pub(crate) const UNBOUND: EntityId = EntityId(u32::MAX);

/// Evaluates expressions over a row that it holds. Reusing one for many rows keeps compiled
/// patterns and the plans of subqueries.
pub(crate) struct Evaluator<'a> {
    pub(super) state: &'a State,
    pub(super) now: Instant,
    pub(super) budget: &'a Budget<'a>,
    parameters: &'a [Value],
    slots: Vec<EntityId>,
    locals: Vec<Value>,
    /// Columns and aggregates of the group at hand, for what stands beside aggregates.
    pub(super) columns: Vec<Value>,
    pub(super) aggregates: Vec<Value>,
    patterns: pattern::Patterns,
    shapes: read::Shapes,
    subqueries: subquery::Subqueries<'a>,
    /// How many random numbers were drawn.
    draws: Cell<u64>,
    /// What an error that is on its way up carries for who catches it.
    thrown: Option<Value>,
    /// Whether a rule is evaluated, of which the next flip is asked for.
    pub(super) timed: bool,
    /// Whether every row is gone through, so that the steps of plans can tell how many they had.
    pub(super) by_rows: bool,
    horizon: Option<Instant>,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(
        state: &'a State,
        (slots, locals): (u16, u16),
        parameters: &'a [Value],
        now: Instant,
        budget: &'a Budget<'a>,
    ) -> Self {
        Self {
            state,
            now,
            budget,
            parameters,
            slots: vec![UNBOUND; usize::from(slots)],
            locals: vec![Value::Null; usize::from(locals)],
            columns: Vec::new(),
            aggregates: Vec::new(),
            patterns: pattern::Patterns::default(),
            shapes: read::Shapes::default(),
            subqueries: subquery::Subqueries::default(),
            draws: Cell::new(0),
            thrown: None,
            timed: false,
            by_rows: false,
            horizon: None,
        }
    }

    /// The value of a rule for one entity. The evaluator must have been made with the rule's
    /// slots and locals.
    pub(crate) fn eval_for(&mut self, rule: &'a RuleExpr, this: EntityId) -> Result<Value> {
        self.budget.reset();
        (self.timed, self.horizon) = (true, None);
        self.bind(Slot(0), this);
        self.eval(&rule.expr)
    }

    /// Puts an entity in a slot.
    #[inline]
    pub(crate) fn bind(&mut self, slot: Slot, id: EntityId) {
        if let Some(place) = self.slots.get_mut(usize::from(slot.0)) {
            *place = id;
        }
    }

    /// The entity in a slot.
    #[inline]
    pub(crate) fn slot(&self, slot: Slot) -> EntityId {
        self.slots
            .get(usize::from(slot.0))
            .copied()
            .unwrap_or(UNBOUND)
    }

    /// The entity that an expression is; unbound for null.
    pub(crate) fn entity(&mut self, expr: &'a Expr) -> Result<EntityId> {
        match self.eval(expr)? {
            Value::Entity(id) => Ok(id),
            Value::Null => Ok(UNBOUND),
            other => Err(expected("an entity", &other, expr.span)),
        }
    }

    /// Whether the expression is true, not false or unknown.
    pub(crate) fn holds(&mut self, expr: &'a Expr) -> Result<bool> {
        Ok(self.truth(expr)? == Some(true))
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// With the span of the part that could not be evaluated.
    pub(crate) fn eval(&mut self, expr: &'a Expr) -> Result<Value> {
        match &expr.kind {
            ExprKind::Literal(value) => Ok(value.clone()),
            ExprKind::Parameter(at) => self
                .parameters
                .get(usize::from(*at))
                .cloned()
                .ok_or_else(|| missing(expr.span)),
            ExprKind::Slot(slot) => Ok(match self.slot(*slot) {
                UNBOUND => Value::Null,
                id => Value::Entity(id),
            }),
            ExprKind::Local(at) => Ok(self.local(*at)),
            ExprKind::Aggregate(at) => Ok(self.aggregates.get(*at).cloned().unwrap_or_default()),
            ExprKind::Column(at) => Ok(self.columns.get(*at).cloned().unwrap_or_default()),
            ExprKind::Read { base, read } => self.eval_read(base, read),
            ExprKind::Key(base, key) => {
                let base = self.eval(base)?;
                self.eval_key(&base, key, expr.span)
            }
            ExprKind::Index(base, at) => self.eval_index(base, at),
            ExprKind::Slice(base, from, to) => {
                self.eval_slice(base, from.as_deref(), to.as_deref())
            }
            ExprKind::List(items) => {
                let values: Result<Vec<Value>> = items.iter().map(|item| self.eval(item)).collect();
                Ok(Value::list(values?))
            }
            ExprKind::Map(fields) => {
                let fields = fields.iter();
                let fields: Result<Fields> = fields
                    .map(|(key, value)| Ok((Arc::clone(key), self.eval(value)?)))
                    .collect();
                Ok(Value::Map(Arc::new(fields?)))
            }
            ExprKind::Not(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Xor(_)
            | ExprKind::Compare(..)
            | ExprKind::Test(..)
            | ExprKind::IsNull(_)
            | ExprKind::IsEmpty(_)
            | ExprKind::IsBlueprint(..)
            | ExprKind::Quantified { .. }
            | ExprKind::Exists(_) => Ok(self.truth(expr)?.into()),
            ExprKind::Negate(operand) => {
                let value = self.eval(operand)?;
                arithmetic::negate(&value).map_err(|error| error.with_span(expr.span))
            }
            ExprKind::Arithmetic(operator, left, right) => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                arithmetic::apply(*operator, &left, &right)
                    .map_err(|error| error.with_span(expr.span))
            }
            ExprKind::Case { arms, otherwise } => self.eval_case(arms, otherwise.as_deref()),
            ExprKind::Call(function, arguments) => self.eval_call(function, arguments, expr.span),
            ExprKind::Comprehension {
                local,
                list,
                filter,
                map,
            } => self.eval_comprehension(*local, list, filter.as_deref(), map.as_deref()),
            ExprKind::Let { local, value, body } => {
                let value = self.eval(value)?;
                self.set_local(*local, value);
                self.eval(body)
            }
            ExprKind::Reduce {
                accumulator,
                start,
                local,
                list,
                step,
            } => self.eval_reduce((*accumulator, start), (*local, list), step),
            ExprKind::Subquery(taking, query) => self.eval_subquery(taking, query),
            ExprKind::Elapsed { from, to, unit } => self.eval_elapsed(from, to, *unit),
            ExprKind::Outputs(Taken::First, generator) => {
                Ok(self.first_output(generator)?.unwrap_or_default())
            }
            ExprKind::Outputs(Taken::All, generator) => self.all_outputs(generator),
            ExprKind::Count(subquery, slot) => self.eval_count(subquery, *slot),
        }
    }

    fn eval_case(
        &mut self,
        arms: &'a [(Expr, Expr)],
        otherwise: Option<&'a Expr>,
    ) -> Result<Value> {
        for (condition, value) in arms {
            if self.holds(condition)? {
                return self.eval(value);
            }
        }
        otherwise.map_or(Ok(Value::Null), |value| self.eval(value))
    }

    pub(crate) fn local(&self, at: u16) -> Value {
        let found = self.locals.get(usize::from(at));
        found.cloned().unwrap_or_default()
    }

    pub(crate) fn set_local(&mut self, at: u16, value: Value) {
        if let Some(place) = self.locals.get_mut(usize::from(at)) {
            *place = value;
        }
    }
}

fn missing(span: Span) -> Error {
    Error::invalid("a parameter has no value").with_span(span)
}

/// The error of a value of the wrong kind.
fn expected(what: &str, found: &Value, span: Span) -> Error {
    Error::invalid(format!("expected {what}, found {}", found.kind())).with_span(span)
}
