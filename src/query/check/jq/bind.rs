//! Variables: `as`, patterns, `reduce`, `foreach`.

use std::sync::Arc;

use jaq_core::load::parse::{Pattern, Term};

use super::build::{Yield, bound, call, first, literal, local};
use super::refuse;
use super::root::Place;
use super::translate::{Out, Translator};
use crate::error::Result;
use crate::query::ir::{Expr, Generator};

impl Translator<'_> {
    pub(super) fn variable(&mut self, name: &str) -> Result<Out> {
        let found = self.scope.iter().rev().find(|(known, _)| **known == *name);
        match found {
            Some((_, place)) => Ok(Out::One(place.clone())),
            None => Err(refuse::named(name, 0, self.here)),
        }
    }

    /// `from as pattern | body`: the body sees the input of the whole, and the variables.
    pub(super) fn binding(
        &mut self,
        from: &Term<&str>,
        pattern: &Pattern<&str>,
        input: &Place,
        body: impl FnOnce(&mut Self) -> Result<Out>,
    ) -> Result<Out> {
        let from = self.term(from, input)?;
        let mark = self.scope.len();
        let out = self.pipe(from, |this, place| {
            this.destructured(place, pattern, input, body)
        });
        self.scope.truncate(mark);
        out
    }

    /// Brings the variables of a pattern into scope, then goes on.
    pub(super) fn destructured(
        &mut self,
        value: &Place,
        pattern: &Pattern<&str>,
        input: &Place,
        body: impl FnOnce(&mut Self) -> Result<Out>,
    ) -> Result<Out> {
        let mut bindings = Vec::new();
        self.variables(value, pattern, input, &mut bindings)?;
        let mut out = body(self)?;
        for (at, from) in bindings.into_iter().rev() {
            let body = self.settle(out)?;
            out = bound(at, Yield::One(from), body, self.here).into();
        }
        Ok(out)
    }

    /// Walks a pattern: what is read on the way goes into locals, in order.
    fn variables(
        &mut self,
        value: &Place,
        pattern: &Pattern<&str>,
        input: &Place,
        bindings: &mut Vec<(u16, Expr)>,
    ) -> Result<()> {
        match pattern {
            Pattern::Var(name) => {
                self.scope.push((Arc::from(*name), value.clone()));
                Ok(())
            }
            Pattern::Arr(parts) => {
                for (at, part) in (0_i64..).zip(parts) {
                    let key = literal(at, self.here);
                    self.element(value, key, part, input, bindings)?;
                }
                Ok(())
            }
            Pattern::Obj(parts) => {
                for (key, part) in parts {
                    let Yield::One(key) = self.yields(key, input)? else {
                        let what = "a key with several values in a pattern";
                        return Err(refuse::construct(what, self.here));
                    };
                    self.element(value, key, part, input, bindings)?;
                }
                Ok(())
            }
        }
    }

    fn element(
        &mut self,
        value: &Place,
        key: Expr,
        pattern: &Pattern<&str>,
        input: &Place,
        bindings: &mut Vec<(u16, Expr)>,
    ) -> Result<()> {
        let found = call("jq_index", vec![self.value(value)?, key], self.here)?;
        let at = self.new_local()?;
        bindings.push((at, found));
        let place = Place::Value(local(at, self.here));
        self.variables(&place, pattern, input, bindings)
    }

    /// `reduce over as pattern (start; update)`, `foreach .. (start; update; each)`.
    pub(super) fn fold(
        &mut self,
        name: &str,
        over: &Term<&str>,
        pattern: &Pattern<&str>,
        arguments: &[Term<&str>],
        input: &Place,
    ) -> Result<Out> {
        let (start, update, each) = match (name, arguments) {
            ("reduce", [start, update]) => (start, update, None),
            ("foreach", [start, update]) => (start, update, Some(&Term::Id)),
            ("foreach", [start, update, each]) => (start, update, Some(each)),
            _ => return Err(refuse::named(name, arguments.len(), self.here)),
        };
        let over = self.yields(over, input)?.generator();
        let start = self.yields(start, input)?;
        let (item, state) = (self.new_local()?, self.new_local()?);
        let (item_place, state_place) = (
            Place::Value(local(item, self.here)),
            Place::Value(local(state, self.here)),
        );
        let step = |this: &mut Self, term: &Term<&str>| -> Result<Box<Generator>> {
            let mark = this.scope.len();
            let out = this.destructured(&item_place, pattern, input, |this| {
                this.term(term, &state_place)
            });
            this.scope.truncate(mark);
            let outputs = this.settle(out?)?;
            Ok(Box::new(outputs.generator()))
        };
        let update = step(self, update)?;
        let each = each.map(|each| step(self, each)).transpose()?;
        let single = each.is_none();
        let fold = Generator::Fold {
            over: Box::new(over),
            item,
            state,
            update,
            each,
        };
        Ok(self.started(state, start, fold, single))
    }

    /// A fold for every start; one start gives one result where it yields the last state only.
    pub(super) fn started(&self, state: u16, start: Yield, fold: Generator, single: bool) -> Out {
        let one = single && matches!(start, Yield::One(_));
        let bind = Generator::Bind {
            local: state,
            from: Box::new(start.generator()),
            body: Box::new(fold),
        };
        if one {
            first(bind, self.here).into()
        } else {
            bind.into()
        }
    }
}
