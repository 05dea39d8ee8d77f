//! Filters as paths: what `=`, `|=` and their kin change, and what `del` takes away.
//!
//! A path is followed as a pair of how one got there and what is there; each place that a filter
//! denotes is such a pair. What jq does with paths is then a fold over them.

use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::path::{Opt, Part};

use super::build::{Yield, call, collected, first, literal, local, nothing, truth};
use super::operator::arithmetic;
use super::refuse;
use super::root::Place;
use super::translate::{Out, Translator};
use crate::error::Result;
use crate::query::ir::{Expr, Generator};
use crate::value::Value;

impl Translator<'_> {
    pub(super) fn assignment(
        &mut self,
        path: &Term<&str>,
        operator: &BinaryOp<&str>,
        right: &Term<&str>,
        input: &Place,
    ) -> Result<Out> {
        if matches!(operator, BinaryOp::Update) {
            return self.update(path, right, input);
        }
        let new = self.yields(right, input)?;
        self.with(new, |this, new| {
            this.pipe(new.into(), |this, new| {
                let new = this.value(new)?;
                this.set(path, input, |this, old| match operator {
                    BinaryOp::UpdateMath(operator) => {
                        call(arithmetic(*operator), vec![old, new], this.here)
                    }
                    BinaryOp::UpdateAlt => {
                        match this.alternative(Yield::One(old), Yield::One(new)) {
                            Yield::One(expr) => Ok(expr),
                            Yield::Many(generator) => Ok(first(generator, this.here)),
                        }
                    }
                    _ => Ok(new),
                })
            })
        })
    }

    /// Puts a value, which may depend on the old one, at every place of a path.
    fn set(
        &mut self,
        path: &Term<&str>,
        input: &Place,
        new: impl FnOnce(&mut Self, Expr) -> Result<Expr>,
    ) -> Result<Out> {
        let paths = self.paths_of(path, input)?;
        let (item, state) = (self.new_local()?, self.new_local()?);
        let (path, whole) = (local(item, self.here), local(state, self.here));
        let old = call("jq_get_path", vec![whole.clone(), path.clone()], self.here)?;
        let new = new(self, old)?;
        let update = call("jq_set_path", vec![whole, path, new], self.here)?;
        let start = Yield::One(self.value(input)?);
        let fold = fold(paths, (item, state), update);
        Ok(self.started(state, start, fold, true))
    }

    /// `|=`: the first output of the filter, of the old value, is put in its place; where there is
    /// none the place goes away.
    fn update(&mut self, path: &Term<&str>, f: &Term<&str>, input: &Place) -> Result<Out> {
        let here = self.here;
        let old = self.new_local()?;
        let new = self.yields(f, &Place::Value(local(old, here)))?;
        if let Yield::One(new) = new {
            return self.set(path, input, |_, value| {
                let new = super::build::bound(old, Yield::One(value), Yield::One(new), here);
                Ok(first(new.generator(), here))
            });
        }
        let paths = self.paths_of(path, input)?;
        let (item, state) = (self.new_local()?, self.new_local()?);
        let (path, both) = (local(item, here), local(state, here));
        let whole = call("jq_index", vec![both.clone(), literal(0, here)], here)?;
        let value = call("jq_get_path", vec![whole, path.clone()], here)?;
        let new = Generator::Limit(literal(1, here), Box::new(new.generator()));
        let new = super::build::bound(old, Yield::One(value), Yield::Many(new), here);
        let update = call("jq_update", vec![both, path, collected(new, here)?], here)?;
        let none = literal(Value::list([]), here);
        let start = call("jq_array", vec![self.value(input)?, none], here)?;
        let fold = fold(paths, (item, state), update);
        let done = self.started(state, Yield::One(start), fold, true);
        self.pipe(done, |this, both| {
            let part = |at: i64| {
                let both = this.value(both)?;
                call("jq_index", vec![both, literal(at, here)], here)
            };
            Ok(call("jq_delete_paths", vec![part(0)?, part(1)?], here)?.into())
        })
    }

    /// Filters that take paths; `None` of any other.
    pub(super) fn by_path(
        &mut self,
        name: &str,
        arguments: &[Term<&str>],
        input: &Place,
    ) -> Result<Option<Out>> {
        let here = self.here;
        let out = match (name, arguments) {
            ("map_values", [f]) => {
                let each = (Part::Range(None, None), Opt::Essential);
                let each = Term::Path(Box::new(Term::Id), jaq_core::path::Path(vec![each]));
                self.update(&each, f, input)?
            }
            ("del", [path]) => {
                let paths = collected(Yield::Many(self.paths_of(path, input)?), here)?;
                let arguments = vec![self.value(input)?, paths];
                call("jq_delete_paths", arguments, here)?.into()
            }
            ("path", [path]) => self.paths_of(path, input)?.into(),
            ("paths", []) => {
                Generator::Each(call("jq_paths", vec![self.value(input)?], here)?).into()
            }
            ("leaf_paths", []) => {
                self.paths_where(input, |this, value| this.is(value, "scalar"))?
            }
            ("paths", [f]) => self.paths_where(input, |this, value| {
                match this.yields(f, &Place::Value(value))? {
                    Yield::One(condition) => truth(condition),
                    Yield::Many(_) => Err(refuse::construct(
                        "several conditions in `paths`",
                        this.here,
                    )),
                }
            })?,
            _ => return Ok(None),
        };
        Ok(Some(out))
    }

    fn paths_where(
        &mut self,
        input: &Place,
        condition: impl FnOnce(&mut Self, Expr) -> Result<Expr>,
    ) -> Result<Out> {
        let whole = self.value(input)?;
        let all = Generator::Each(call("jq_paths", vec![whole.clone()], self.here)?);
        self.pipe(all.into(), |this, path| {
            let path = this.value(path)?;
            let value = call("jq_get_path", vec![whole, path.clone()], this.here)?;
            this.pipe(value.into(), |this, value| {
                let value = this.value(value)?;
                Ok(Generator::Choose {
                    condition: condition(this, value)?,
                    then: Box::new(Generator::One(path)),
                    otherwise: Box::new(nothing()),
                }
                .into())
            })
        })
    }

    /// The paths that a filter denotes.
    fn paths_of(&mut self, path: &Term<&str>, input: &Place) -> Result<Generator> {
        let none = literal(Value::list([]), self.here);
        let start = call("jq_array", vec![none, self.value(input)?], self.here)?;
        let pairs = self.pipe(start.into(), |this, pair| this.places(path, pair, input))?;
        let paths = self.pipe(pairs, |this, pair| {
            let arguments = vec![this.value(pair)?, literal(0, this.here)];
            Ok(call("jq_index", arguments, this.here)?.into())
        })?;
        Ok(self.settle(paths)?.generator())
    }

    /// The pairs that a filter leads to from a pair.
    fn places(&mut self, term: &Term<&str>, pair: &Place, input: &Place) -> Result<Out> {
        match term {
            Term::Id => Ok(Out::One(pair.clone())),
            Term::Path(head, path) => {
                let mut out = self.places(head, pair, input)?;
                for (part, optional) in &path.0 {
                    out = self.pipe(out, |this, place| this.place(place, part, *optional, pair))?;
                }
                Ok(out)
            }
            Term::BinOp(left, BinaryOp::Pipe(None), right) => {
                let left = self.places(left, pair, input)?;
                self.pipe(left, |this, place| this.places(right, place, input))
            }
            Term::BinOp(left, BinaryOp::Comma, right) => {
                let mut all = Vec::new();
                for side in [left, right] {
                    let side = self.places(side, pair, input)?;
                    all.push(self.settle(side)?.generator());
                }
                Ok(Generator::Chain(all).into())
            }
            Term::TryCatch(body, None) => {
                let body = self.places(body, pair, input)?;
                Ok(Generator::Try {
                    body: Box::new(self.settle(body)?.generator()),
                    local: self.new_local()?,
                    catch: Box::new(nothing()),
                }
                .into())
            }
            Term::Call(name, arguments) => self.place_named(name, arguments, pair, input),
            _ => {
                let span = self.span(term).unwrap_or(self.here);
                Err(refuse::construct(
                    "what is not a path, where a path is needed,",
                    span,
                ))
            }
        }
    }

    /// What is at the place of a pair.
    fn there(&self, pair: &Place) -> Result<Expr> {
        let arguments = vec![self.value(pair)?, literal(1, self.here)];
        call("jq_index", arguments, self.here)
    }

    /// One step of a path: keys are of the value that the whole path starts from.
    fn place(
        &mut self,
        at: &Place,
        part: &Part<Term<&str>>,
        optional: Opt,
        start: &Place,
    ) -> Result<Out> {
        let from = self.value(at)?;
        let out = match part {
            Part::Range(None, None) => {
                Generator::Each(call("jq_path_each", vec![from], self.here)?).into()
            }
            Part::Range(..) => {
                return Err(refuse::construct("a change of a slice", self.here));
            }
            Part::Index(key) => {
                let value = self.there(start)?;
                self.pipe(value.into(), |this, value| {
                    let key = this.yields(key, value)?;
                    this.with(key, |this, key| {
                        Ok(call("jq_path_step", vec![from, key], this.here)?.into())
                    })
                })?
            }
        };
        if matches!(optional, Opt::Essential) {
            return Ok(out);
        }
        Ok(Generator::Try {
            body: Box::new(self.settle(out)?.generator()),
            local: self.new_local()?,
            catch: Box::new(nothing()),
        }
        .into())
    }

    fn place_named(
        &mut self,
        name: &str,
        arguments: &[Term<&str>],
        pair: &Place,
        input: &Place,
    ) -> Result<Out> {
        let here = self.here;
        let step = |this: &Self, function: &str, key: Expr| -> Result<Out> {
            Ok(call(function, vec![this.value(pair)?, key], this.here)?.into())
        };
        match (name, arguments) {
            ("empty", []) => Ok(nothing().into()),
            ("first", []) => step(self, "jq_path_step", literal(0, here)),
            ("last", []) => step(self, "jq_path_step", literal(-1, here)),
            ("first", [f]) => {
                let all = self.places(f, pair, input)?;
                let all = self.settle(all)?.generator();
                Ok(Generator::Limit(literal(1, here), Box::new(all)).into())
            }
            ("getpath", [path]) => {
                let value = self.there(pair)?;
                self.pipe(value.into(), |this, value| {
                    let path = this.yields(path, value)?;
                    this.with(path, |this, path| {
                        let arguments = vec![this.value(pair)?, path];
                        Ok(call("jq_path_at", arguments, this.here)?.into())
                    })
                })
            }
            ("select", [f]) => {
                let value = self.there(pair)?;
                self.pipe(value.into(), |this, value| {
                    let condition = this.yields(f, value)?;
                    this.with_truth(condition, |this, condition| {
                        Ok(Generator::Choose {
                            condition,
                            then: Box::new(Generator::One(this.value(pair)?)),
                            otherwise: Box::new(nothing()),
                        }
                        .into())
                    })
                })
            }
            _ => {
                let what = format!("`{name}`, which is not a path, where a path is needed,");
                Err(refuse::construct(&what, here))
            }
        }
    }
}

fn fold(over: Generator, (item, state): (u16, u16), update: Expr) -> Generator {
    Generator::Fold {
        over: Box::new(over),
        item,
        state,
        update: Box::new(Generator::One(update)),
        each: None,
    }
}
