//! Lists: elements, slices and comprehensions.

use std::sync::Arc;

use super::{Evaluator, expected};
use crate::error::Result;
use crate::query::ir::Expr;
use crate::value::Value;

impl<'a> Evaluator<'a> {
    /// The value of an expression as a list; `None` for null.
    pub(super) fn list_of(&mut self, expr: &'a Expr) -> Result<Option<Arc<[Value]>>> {
        match self.eval(expr)? {
            Value::Null => Ok(None),
            Value::List(values) => Ok(Some(values)),
            other => Err(expected("a list", &other, expr.span)),
        }
    }

    /// `base[at]`: an element of a list, counted from 0 or backwards from -1; a field of a map;
    /// a property of an entity by name.
    pub(super) fn eval_index(&mut self, base: &'a Expr, at: &'a Expr) -> Result<Value> {
        let (values, place) = (self.eval(base)?, self.eval(at)?);
        match (&values, &place) {
            (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
            (Value::List(values), Value::Int(place)) => Ok(position(*place, values.len())
                .and_then(|at| values.get(at))
                .cloned()
                .into()),
            (Value::Map(fields), Value::String(key)) => {
                Ok(fields.get(key).cloned().unwrap_or_default())
            }
            (Value::Entity(id), Value::String(key)) => Ok(self.named(*id, key)),
            (Value::List(_), other) => Err(expected("a whole number", other, at.span)),
            (Value::Map(_) | Value::Entity(_), other) => Err(expected("a string", other, at.span)),
            (other, _) => Err(expected("a list, map or entity", other, base.span)),
        }
    }

    /// `base[from..to]`, `to` not included; bounds beyond the ends mean the ends.
    pub(super) fn eval_slice(
        &mut self,
        base: &'a Expr,
        from: Option<&'a Expr>,
        to: Option<&'a Expr>,
    ) -> Result<Value> {
        let Some(values) = self.list_of(base)? else {
            return Ok(Value::Null);
        };
        let Some(from) = self.bound(from, 0, values.len())? else {
            return Ok(Value::Null);
        };
        let Some(to) = self.bound(to, values.len(), values.len())? else {
            return Ok(Value::Null);
        };
        Ok(Value::list(
            values.get(from..to).unwrap_or_default().iter().cloned(),
        ))
    }

    fn bound(
        &mut self,
        bound: Option<&'a Expr>,
        otherwise: usize,
        length: usize,
    ) -> Result<Option<usize>> {
        let Some(bound) = bound else {
            return Ok(Some(otherwise));
        };
        match self.eval(bound)? {
            Value::Null => Ok(None),
            Value::Int(at) => {
                let beyond = if at < 0 { 0 } else { length };
                Ok(Some(position(at, length).unwrap_or(beyond)))
            }
            other => Err(expected("a whole number", &other, bound.span)),
        }
    }

    pub(super) fn eval_comprehension(
        &mut self,
        local: u16,
        list: &'a Expr,
        filter: Option<&'a Expr>,
        map: Option<&'a Expr>,
    ) -> Result<Value> {
        let Some(values) = self.list_of(list)? else {
            return Ok(Value::Null);
        };
        let mut results = Vec::new();
        for value in values.iter() {
            self.budget.spend(1)?;
            self.set_local(local, value.clone());
            if let Some(filter) = filter
                && !self.holds(filter)?
            {
                continue;
            }
            results.push(map.map_or_else(|| Ok(value.clone()), |map| self.eval(map))?);
        }
        Ok(Value::list(results))
    }

    pub(super) fn eval_reduce(
        &mut self,
        (accumulator, start): (u16, &'a Expr),
        (local, list): (u16, &'a Expr),
        step: &'a Expr,
    ) -> Result<Value> {
        let mut held = self.eval(start)?;
        let Some(values) = self.list_of(list)? else {
            return Ok(Value::Null);
        };
        for value in values.iter() {
            self.budget.spend(1)?;
            self.set_local(accumulator, held);
            self.set_local(local, value.clone());
            held = self.eval(step)?;
        }
        Ok(held)
    }
}

/// A position counted from the start, or from the end where it is negative.
fn position(at: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let at = if at < 0 { at.checked_add(length)? } else { at };
    usize::try_from(at).ok().filter(|_| at < length)
}
