//! The outputs of generators, in order: as many as are wanted, and those before an error.

use super::{Evaluator, expected};
use crate::error::{Error, ErrorKind, Result};
use crate::query::function::{LIST_LIMIT, check_size, is_true, too_long_list};
use crate::query::ir::{Expr, Generator};
use crate::value::Value;

impl<'a> Evaluator<'a> {
    /// The first output; `None` where there is none.
    pub(super) fn first_output(&mut self, generator: &'a Generator) -> Result<Option<Value>> {
        match generator {
            Generator::One(expr) => self.eval(expr).map(Some),
            Generator::Bind { local, from, body } if let Generator::One(from) = &**from => {
                let value = self.eval(from)?;
                self.set_local(*local, value);
                self.first_output(body)
            }
            Generator::Choose {
                condition,
                then,
                otherwise,
            } => {
                let chosen = self.holds(condition)?;
                self.first_output(if chosen { then } else { otherwise })
            }
            Generator::Alternative { first, otherwise } if let Generator::One(first) = &**first => {
                let value = self.eval(first)?;
                if is_true(&value) {
                    return Ok(Some(value));
                }
                self.first_output(otherwise)
            }
            _ => {
                let mut outputs = Vec::new();
                self.outputs(generator, 1, &mut outputs)?;
                Ok(outputs.pop())
            }
        }
    }

    /// All outputs, as a list of a size that can still be handled.
    pub(super) fn all_outputs(&mut self, generator: &'a Generator) -> Result<Value> {
        let mut outputs = Vec::new();
        self.outputs(generator, usize::MAX, &mut outputs)?;
        let list = Value::list(outputs);
        check_size(&list)?;
        Ok(list)
    }

    /// Appends outputs until `wanted` are there, or no more come. After an error, those before it
    /// are there.
    fn outputs(
        &mut self,
        generator: &'a Generator,
        wanted: usize,
        out: &mut Vec<Value>,
    ) -> Result<()> {
        match generator {
            Generator::One(expr) => {
                let value = self.eval(expr)?;
                self.put(value, out)
            }
            Generator::Each(expr) => self.each(expr, wanted, out),
            Generator::Chain(all) => {
                for part in all {
                    if out.len() < wanted {
                        self.outputs(part, wanted, out)?;
                    }
                }
                Ok(())
            }
            Generator::Bind { local, from, body } => {
                let single = matches!(**body, Generator::One(_));
                let most = if single {
                    wanted - out.len()
                } else {
                    usize::MAX
                };
                let (values, end) = self.gather(from, most);
                for value in values {
                    self.set_local(*local, value);
                    self.outputs(body, wanted, out)?;
                    if out.len() >= wanted {
                        return Ok(());
                    }
                }
                end
            }
            Generator::Choose {
                condition,
                then,
                otherwise,
            } => {
                let chosen = self.holds(condition)?;
                self.outputs(if chosen { then } else { otherwise }, wanted, out)
            }
            Generator::Try { body, local, catch } => {
                self.thrown = None;
                match self.outputs(body, wanted, out) {
                    Err(error) if error.kind() == ErrorKind::Invalid => {
                        let message = || Value::string(error.message());
                        let thrown = self.thrown.take().unwrap_or_else(message);
                        self.set_local(*local, thrown);
                        self.outputs(catch, wanted, out)
                    }
                    settled => settled,
                }
            }
            Generator::Alternative { first, otherwise } => {
                self.alternative(first, otherwise, wanted, out)
            }
            Generator::Limit(count, body) => {
                let most = self.count(count)?.min(wanted - out.len());
                if most == 0 {
                    return Ok(());
                }
                self.outputs(body, out.len() + most, out)
            }
            Generator::Fold { .. } => self.fold(generator, wanted, out),
            Generator::Throw(expr) => {
                let value = self.eval(expr)?;
                let error = Error::invalid(value.to_string()).with_span(expr.span);
                self.thrown = Some(value);
                Err(error)
            }
        }
    }

    fn put(&mut self, value: Value, out: &mut Vec<Value>) -> Result<()> {
        self.budget.spend(1)?;
        if out.len() >= LIST_LIMIT {
            return Err(too_long_list());
        }
        out.push(value);
        Ok(())
    }

    /// Outputs on their own, with how they ended.
    fn gather(&mut self, generator: &'a Generator, wanted: usize) -> (Vec<Value>, Result<()>) {
        let mut values = Vec::new();
        let end = self.outputs(generator, wanted, &mut values);
        (values, end)
    }

    fn each(&mut self, expr: &'a Expr, wanted: usize, out: &mut Vec<Value>) -> Result<()> {
        let container = self.eval(expr)?;
        let values: &mut dyn Iterator<Item = &Value> = match &container {
            Value::List(values) => &mut values.iter(),
            Value::Map(fields) => &mut fields.values(),
            other => return Err(expected("a list or map", other, expr.span)),
        };
        for value in values {
            if out.len() >= wanted {
                break;
            }
            self.put(value.clone(), out)?;
        }
        Ok(())
    }

    fn alternative(
        &mut self,
        first: &'a Generator,
        otherwise: &'a Generator,
        wanted: usize,
        out: &mut Vec<Value>,
    ) -> Result<()> {
        let (values, end) = self.gather(first, usize::MAX);
        let mut found = false;
        for value in values.into_iter().filter(is_true) {
            found = true;
            self.put(value, out)?;
            if out.len() >= wanted {
                return Ok(());
            }
        }
        end?;
        if found {
            return Ok(());
        }
        self.outputs(otherwise, wanted, out)
    }

    fn count(&mut self, expr: &'a Expr) -> Result<usize> {
        match self.eval(expr)? {
            Value::Int(count) => Ok(usize::try_from(count).unwrap_or(0)),
            // So many that one more is begun.
            Value::Float(count) => Ok((0..LIST_LIMIT)
                .find(|whole| f64::from(u32::try_from(*whole).unwrap_or(u32::MAX)) >= count)
                .unwrap_or(usize::MAX)),
            other => Err(expected("a number", &other, expr.span)),
        }
    }

    fn fold(
        &mut self,
        generator: &'a Generator,
        wanted: usize,
        out: &mut Vec<Value>,
    ) -> Result<()> {
        let Generator::Fold {
            over,
            item,
            state,
            update,
            each,
        } = generator
        else {
            return Ok(());
        };
        let (items, end) = self.gather(over, usize::MAX);
        for value in items {
            self.set_local(*item, value);
            let (states, settled) = self.gather(update, usize::MAX);
            if states.is_empty() && each.is_none() {
                self.set_local(*state, Value::Null);
            }
            for value in states {
                self.set_local(*state, value);
                if let Some(each) = each {
                    self.outputs(each, wanted, out)?;
                    if out.len() >= wanted {
                        return Ok(());
                    }
                }
            }
            settled?;
        }
        end?;
        if each.is_some() {
            return Ok(());
        }
        let last = self.local(*state);
        self.put(last, out)
    }
}
