//! Expressions over one row.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::fold::fold;
use super::operator::{arithmetic, negate, some, test};
use super::{Naive, Row};
use crate::error::{Error, Result};
use crate::query::function::Context;
use crate::query::ir::{Blueprints, Expr, ExprKind, Quantifier, Taking};
use crate::value::{EntityId, Value};

fn failed() -> Error {
    Error::invalid("no value")
}

/// An element counted from the start, or from the end where negative.
fn place(at: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).unwrap();
    usize::try_from(if at < 0 { at + length } else { at }).ok()
}

impl Naive<'_> {
    pub(super) fn holds(&self, expr: &Expr, row: &Row) -> Result<bool> {
        Ok(self.truth(expr, row)? == Some(true))
    }

    /// A condition; `None` where it is unknown.
    fn truth(&self, expr: &Expr, row: &Row) -> Result<Option<bool>> {
        match self.eval(expr, row)? {
            Value::Bool(truth) => Ok(Some(truth)),
            Value::Null => Ok(None),
            _ => Err(failed()),
        }
    }

    fn truths(&self, all: &[Expr], row: &Row) -> Result<Vec<Option<bool>>> {
        all.iter().map(|expr| self.truth(expr, row)).collect()
    }

    fn evaluated(&self, all: &[Expr], row: &Row) -> Result<Vec<Value>> {
        all.iter().map(|expr| self.eval(expr, row)).collect()
    }

    pub(super) fn eval(&self, expr: &Expr, row: &Row) -> Result<Value> {
        self.spend()?;
        match &expr.kind {
            ExprKind::Literal(value) => Ok(value.clone()),
            ExprKind::Slot(slot) => Ok(row.slot(*slot).into()),
            ExprKind::Local(at) => Ok(row.locals[usize::from(*at)].clone()),
            ExprKind::Aggregate(at) => Ok(row.aggregates[*at].clone()),
            ExprKind::Column(at) => Ok(row.columns[*at].clone()),
            ExprKind::Read { base, read } => self.read_of(&self.eval(base, row)?, read),
            ExprKind::Key(base, key) => self.key_of(&self.eval(base, row)?, key),
            ExprKind::List(items) => Ok(Value::list(self.evaluated(items, row)?)),
            ExprKind::Map(fields) => {
                let fields = fields.iter();
                let fields =
                    fields.map(|(key, value)| Ok((Arc::clone(key), self.eval(value, row)?)));
                Ok(Value::Map(Arc::new(fields.collect::<Result<_>>()?)))
            }
            ExprKind::Index(base, at) => self.index(&self.eval(base, row)?, &self.eval(at, row)?),
            ExprKind::Slice(base, from, to) => self.slice(
                &self.eval(base, row)?,
                (from.as_deref(), to.as_deref()),
                row,
            ),
            ExprKind::Not(one) => Ok(self.truth(one, row)?.map(|truth| !truth).into()),
            ExprKind::And(all) => {
                let truths = self.truths(all, row)?.into_iter();
                let wrong = some(truths.map(|truth| truth.map(|truth| !truth)));
                Ok(wrong.map(|wrong| !wrong).into())
            }
            ExprKind::Or(all) => Ok(some(self.truths(all, row)?.into_iter()).into()),
            ExprKind::Xor(all) => {
                let truths = self
                    .truths(all, row)?
                    .into_iter()
                    .collect::<Option<Vec<bool>>>();
                Ok(truths
                    .map(|all| all.iter().filter(|one| **one).count() % 2 == 1)
                    .into())
            }
            ExprKind::Negate(one) => negate(&self.eval(one, row)?),
            ExprKind::Compare(operator, left, right) => {
                let (a, b) = (self.eval(left, row)?, self.eval(right, row)?);
                Ok(self.compare(*operator, (left, &a), (right, &b)).into())
            }
            ExprKind::Arithmetic(operator, left, right) => {
                arithmetic(*operator, &self.eval(left, row)?, &self.eval(right, row)?)
            }
            ExprKind::Test(kind, left, right) => {
                Ok(test(*kind, &self.eval(left, row)?, &self.eval(right, row)?)?.into())
            }
            ExprKind::IsNull(one) => Ok(self.eval(one, row)?.is_null().into()),
            ExprKind::IsEmpty(one) => Ok(self.eval(one, row)?.is_empty().into()),
            ExprKind::IsBlueprint(one, blueprints) => match self.eval(one, row)? {
                Value::Null => Ok(Value::Null),
                Value::Entity(id) => Ok(self.is_one_of(id, blueprints).into()),
                _ => Err(failed()),
            },
            ExprKind::Case { arms, otherwise } => {
                for (condition, value) in arms {
                    if self.holds(condition, row)? {
                        return self.eval(value, row);
                    }
                }
                otherwise
                    .as_ref()
                    .map_or(Ok(Value::Null), |value| self.eval(value, row))
            }
            ExprKind::Call(function, arguments) => {
                let context = Context {
                    state: self.state,
                    now: self.now,
                    draws: &std::cell::Cell::new(0),
                };
                (function.call)(&context, &self.evaluated(arguments, row)?)
            }
            ExprKind::Let { local, value, body } => {
                let value = self.eval(value, row)?;
                self.eval(body, &row.with_local(*local, value))
            }
            ExprKind::Comprehension {
                local,
                list,
                filter,
                map,
            } => {
                let Some(values) = self.list(list, row)? else {
                    return Ok(Value::Null);
                };
                let mut found = Vec::new();
                for value in values {
                    let row = row.with_local(*local, value.clone());
                    if filter
                        .as_ref()
                        .map_or(Ok(true), |filter| self.holds(filter, &row))?
                    {
                        found.push(map.as_ref().map_or(Ok(value), |map| self.eval(map, &row))?);
                    }
                }
                Ok(Value::list(found))
            }
            ExprKind::Quantified {
                quantifier,
                local,
                list,
                filter,
            } => {
                let Some(values) = self.list(list, row)? else {
                    return Ok(Value::Null);
                };
                let truths = values.into_iter();
                let truths = truths.map(|value| self.truth(filter, &row.with_local(*local, value)));
                Ok(quantified(*quantifier, &truths.collect::<Result<Vec<_>>>()?).into())
            }
            ExprKind::Reduce {
                accumulator,
                start,
                local,
                list,
                step,
            } => {
                let mut held = self.eval(start, row)?;
                let Some(values) = self.list(list, row)? else {
                    return Ok(Value::Null);
                };
                for value in values {
                    let row = row.with_local(*accumulator, held).with_local(*local, value);
                    held = self.eval(step, &row)?;
                }
                Ok(held)
            }
            ExprKind::Exists(body) => Ok((!self.matches(&body.matches, row)?.is_empty()).into()),
            ExprKind::Count(body, slot) => {
                let rows = self.matches(&body.matches, row)?;
                let count = match slot {
                    None => rows.len(),
                    Some(slot) => {
                        let found: BTreeSet<_> = rows.iter().map(|row| row.slot(*slot)).collect();
                        found.len()
                    }
                };
                Ok(Value::Int(i64::try_from(count).unwrap()))
            }
            ExprKind::Subquery(taking, query) => {
                let rows = self.union(query, row)?;
                let count = i64::try_from(rows.len()).unwrap();
                let firsts = rows
                    .into_iter()
                    .map(|row| row.into_iter().next().unwrap_or_default());
                match taking {
                    Taking::Exists => Ok((count > 0).into()),
                    Taking::Count => Ok(Value::Int(count)),
                    Taking::List => Ok(Value::list(firsts)),
                    Taking::Fold(function, distinct) => {
                        fold(function.fold, *distinct, firsts.collect())
                    }
                }
            }
            ExprKind::Parameter(_) | ExprKind::Elapsed { .. } | ExprKind::Outputs(..) => {
                Err(Error::internal("not in generated queries"))
            }
        }
    }

    fn is_one_of(&self, id: EntityId, blueprints: &Blueprints) -> bool {
        match blueprints {
            Blueprints::All => true,
            Blueprints::Some(set) => set.contains(&self.state.entity(id).unwrap().blueprint()),
        }
    }

    fn list(&self, expr: &Expr, row: &Row) -> Result<Option<Vec<Value>>> {
        match self.eval(expr, row)? {
            Value::Null => Ok(None),
            Value::List(values) => Ok(Some(values.to_vec())),
            _ => Err(failed()),
        }
    }

    fn index(&self, base: &Value, at: &Value) -> Result<Value> {
        match (base, at) {
            (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
            (Value::List(values), Value::Int(at)) => Ok(place(*at, values.len())
                .and_then(|at| values.get(at))
                .cloned()
                .into()),
            (Value::Map(_), Value::String(key)) => self.key_of(base, key),
            (Value::Entity(id), Value::String(key)) => Ok(self.named(*id, key)),
            _ => Err(failed()),
        }
    }

    fn slice(
        &self,
        base: &Value,
        (from, to): (Option<&Expr>, Option<&Expr>),
        row: &Row,
    ) -> Result<Value> {
        let values = match base {
            Value::Null => return Ok(Value::Null),
            Value::List(values) => values,
            _ => return Err(failed()),
        };
        let bound = |expr: Option<&Expr>, otherwise: usize| match expr {
            None => Ok(Some(otherwise)),
            Some(expr) => match self.eval(expr, row)? {
                Value::Null => Ok(None),
                Value::Int(at) => Ok(Some(place(at, values.len()).unwrap_or(0).min(values.len()))),
                _ => Err(failed()),
            },
        };
        let (Some(from), Some(to)) = (bound(from, 0)?, bound(to, values.len())?) else {
            return Ok(Value::Null);
        };
        Ok(Value::list(values.iter().take(to).skip(from).cloned()))
    }
}

fn quantified(quantifier: Quantifier, truths: &[Option<bool>]) -> Option<bool> {
    let any = some(truths.iter().copied());
    let hits = truths.iter().filter(|truth| **truth == Some(true)).count();
    match quantifier {
        Quantifier::Any => any,
        Quantifier::None => any.map(|any| !any),
        Quantifier::All => some(truths.iter().map(|one| one.map(|truth| !truth))).map(|any| !any),
        Quantifier::Single if hits > 1 => Some(false),
        Quantifier::Single if truths.contains(&None) => None,
        Quantifier::Single => Some(hits == 1),
    }
}
