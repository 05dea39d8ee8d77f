//! Filters that take filters: `map`, `select`, `sort_by`, `any`, `first`, `limit` and their kin.

use jaq_core::load::parse::Term;

use super::build::{Yield, bound, call, collected, literal, local, nothing, test, truth};
use super::refuse;
use super::root::Place;
use super::translate::{Out, Translator};
use crate::error::Result;
use crate::query::ir::{Expr, ExprKind, Generator, Taken};
use crate::value::Value;

/// Filters that let a value through by what it is.
const KINDS: [(&str, &str); 10] = [
    ("nulls", "null"),
    ("booleans", "boolean"),
    ("numbers", "number"),
    ("strings", "string"),
    ("arrays", "array"),
    ("objects", "object"),
    ("iterables", "iterable"),
    ("scalars", "scalar"),
    ("finites", "finite"),
    ("normals", "normal"),
];

/// Filters that go by a key, and their functions.
const KEYED: [(&str, &str); 5] = [
    ("sort_by", "jq_sort"),
    ("group_by", "jq_group"),
    ("unique_by", "jq_unique"),
    ("min_by", "jq_min"),
    ("max_by", "jq_max"),
];

const OTHERS: [&str; 28] = [
    "map",
    "map_values",
    "select",
    "values",
    "empty",
    "error",
    "any",
    "all",
    "first",
    "last",
    "nth",
    "limit",
    "skip",
    "isempty",
    "range",
    "add",
    "in",
    "IN",
    "INDEX",
    "with_entries",
    "sub",
    "gsub",
    "del",
    "to_entries",
    "paths",
    "leaf_paths",
    "path",
    "recurse",
];

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let tables = KINDS.iter().chain(&KEYED).map(|(name, _)| *name);
    tables.chain(OTHERS)
}

impl Translator<'_> {
    /// A filter of this module; `None` of any other.
    pub(super) fn special(
        &mut self,
        name: &str,
        arguments: &[Term<&str>],
        input: &Place,
    ) -> Result<Option<Out>> {
        let out = match (name, arguments) {
            ("map", [f]) => {
                let each = self.mapped(f, input)?;
                collected(each, self.here)?.into()
            }
            ("select", [f]) => self.selected(f, input)?,
            ("empty", []) => nothing().into(),
            ("now", []) => Out::One(Place::Clock(self.here)),
            ("recurse", []) => self.descendants(input)?,
            ("error", []) => Generator::Throw(self.value(input)?).into(),
            ("error", [message]) => {
                let message = self.yields(message, input)?;
                self.with(message, |_, message| Ok(Generator::Throw(message).into()))?
            }
            ("values", []) => {
                let value = self.value(input)?;
                let null = literal(Value::Null, self.here);
                let there = test("jq_unequal", vec![value, null], self.here)?;
                self.kept(there, input)?
            }
            ("any" | "all", _) => self.quantified(name, arguments, input)?,
            ("first" | "last" | "nth" | "limit" | "skip" | "isempty", _) => {
                return self.counted(name, arguments, input);
            }
            ("range", _) => self.range(arguments, input)?,
            ("add", [f]) => {
                let all = self.yields(f, input)?;
                let all = collected(all, self.here)?;
                call("jq_sum", vec![all], self.here)?.into()
            }
            ("in", [f]) => {
                let value = self.value(input)?;
                let container = self.yields(f, input)?;
                self.with(container, |this, container| {
                    Ok(call("jq_has", vec![container, value], this.here)?.into())
                })?
            }
            ("IN" | "INDEX", _) => self.set_like(name, arguments, input)?,
            ("with_entries", [f]) => {
                let entries = call("jq_to_entries", vec![self.value(input)?], self.here)?;
                self.pipe(entries.into(), |this, entries| {
                    let each = this.mapped(f, entries)?;
                    let changed = collected(each, this.here)?;
                    Ok(call("jq_from_entries", vec![changed], this.here)?.into())
                })?
            }
            ("sub" | "gsub", _) => self.replacement(name, arguments, input)?,
            ("map_values" | "del" | "path" | "paths" | "leaf_paths", _) => {
                return self.by_path(name, arguments, input);
            }
            _ => return self.tabled(name, arguments, input),
        };
        Ok(Some(out))
    }

    fn tabled(
        &mut self,
        name: &str,
        arguments: &[Term<&str>],
        input: &Place,
    ) -> Result<Option<Out>> {
        let kind = KINDS.iter().find(|(known, _)| *known == name);
        if let (Some((_, kind)), []) = (kind, arguments) {
            let value = self.value(input)?;
            let condition = self.is(value, kind)?;
            return self.kept(condition, input).map(Some);
        }
        let keyed = KEYED.iter().find(|(known, _)| *known == name);
        if let (Some((_, function)), [f]) = (keyed, arguments) {
            return self.keyed(function, f, input).map(Some);
        }
        Ok(None)
    }

    /// `..`: the value, and all within.
    pub(super) fn descendants(&mut self, input: &Place) -> Result<Out> {
        let all = call("jq_descendants", vec![self.value(input)?], self.here)?;
        Ok(Generator::Each(all).into())
    }

    /// `.[] | f`.
    fn mapped(&mut self, f: &Term<&str>, input: &Place) -> Result<Yield> {
        let each = Generator::Each(self.value(input)?);
        let out = self.pipe(each.into(), |this, place| this.term(f, place))?;
        self.settle(out)
    }

    fn selected(&mut self, f: &Term<&str>, input: &Place) -> Result<Out> {
        let condition = self.yields(f, input)?;
        self.with_truth(condition, |this, condition| this.kept(condition, input))
    }

    /// The input where the condition holds, else nothing.
    fn kept(&self, condition: Expr, input: &Place) -> Result<Out> {
        Ok(Generator::Choose {
            condition,
            then: Box::new(Generator::One(self.value(input)?)),
            otherwise: Box::new(nothing()),
        }
        .into())
    }

    /// The keys of the elements go along as an array; a filter that yields other than one key
    /// gives an array of them.
    fn keyed(&mut self, function: &str, f: &Term<&str>, input: &Place) -> Result<Out> {
        let value = self.value(input)?;
        let each = Generator::Each(value.clone());
        let keys = self.pipe(each.into(), |this, place| {
            Ok(match this.yields(f, place)? {
                Yield::One(key) => key.into(),
                several @ Yield::Many(_) => collected(several, this.here)?.into(),
            })
        })?;
        let keys = collected(self.settle(keys)?, self.here)?;
        Ok(call(function, vec![value, keys], self.here)?.into())
    }

    /// `any` and `all` of the elements or of what a filter yields: asked until one decides.
    fn quantified(&mut self, name: &str, arguments: &[Term<&str>], input: &Place) -> Result<Out> {
        let (over, condition) = match arguments {
            [] => (Generator::Each(self.value(input)?), &Term::Id),
            [condition] => (Generator::Each(self.value(input)?), condition),
            [over, condition] => (self.yields(over, input)?.generator(), condition),
            _ => return Err(refuse::named(name, arguments.len(), self.here)),
        };
        let truths = self.pipe(over.into(), |this, place| this.term(condition, place))?;
        let truths = self.settle(truths)?;
        self.decided(truths, name == "any")
    }

    /// Whether some output is true (`any`), or all are.
    fn decided(&mut self, truths: Yield, any: bool) -> Result<Out> {
        let (at, here) = (self.new_local()?, self.here);
        let decides = Box::new(Generator::One(literal(any, here)));
        let (then, otherwise) = if any {
            (decides, Box::new(nothing()))
        } else {
            (Box::new(nothing()), decides)
        };
        let found = Generator::Choose {
            condition: truth(local(at, here))?,
            then,
            otherwise,
        };
        let found = bound(at, truths, Yield::Many(found), here).generator();
        let last = Generator::One(literal(!any, here));
        Ok(first_of(Generator::Chain(vec![found, last]), here).into())
    }

    fn counted(
        &mut self,
        name: &str,
        arguments: &[Term<&str>],
        input: &Place,
    ) -> Result<Option<Out>> {
        let here = self.here;
        let out = match (name, arguments) {
            ("first", []) => self.at(literal(0, here), input)?,
            ("last", []) => self.at(literal(-1, here), input)?,
            ("nth", [at]) => {
                let at = self.yields(at, input)?;
                self.with(at, |this, at| this.at(at, input))?
            }
            ("first", [f]) => {
                let all = self.yields(f, input)?.generator();
                Generator::Limit(literal(1, here), Box::new(all)).into()
            }
            ("last", [f]) => {
                let all = collected(self.yields(f, input)?, here)?;
                call("jq_index", vec![all, literal(-1, here)], here)?.into()
            }
            ("limit" | "skip" | "nth", [count, f]) => {
                let (count, all) = (self.yields(count, input)?, self.yields(f, input)?);
                let (limited, single) = (name == "limit", name == "nth");
                self.with(count, |_, count| {
                    if limited {
                        return Ok(Generator::Limit(count, Box::new(all.generator())).into());
                    }
                    let arguments = vec![collected(all, here)?, count, literal(Value::Null, here)];
                    let rest = Generator::Each(call("jq_slice", arguments, here)?);
                    Ok(if single {
                        Generator::Limit(literal(1, here), Box::new(rest)).into()
                    } else {
                        rest.into()
                    })
                })?
            }
            ("isempty", [f]) => {
                let (at, all) = (self.new_local()?, self.yields(f, input)?);
                let found = bound(at, all, Yield::One(literal(false, here)), here).generator();
                let none = Generator::One(literal(true, here));
                first_of(Generator::Chain(vec![found, none]), here).into()
            }
            _ => return Ok(None),
        };
        Ok(Some(out))
    }

    fn at(&self, place: Expr, input: &Place) -> Result<Out> {
        let arguments = vec![self.value(input)?, place];
        Ok(call("jq_index", arguments, self.here)?.into())
    }

    fn range(&mut self, arguments: &[Term<&str>], input: &Place) -> Result<Out> {
        let given = arguments.len();
        let mut parts = self.arguments(arguments, input)?;
        let constant = |number: i64| Yield::One(literal(number, self.here));
        match given {
            1 => parts.insert(0, constant(0)),
            2 | 3 => {}
            _ => return Err(refuse::named("range", given, self.here)),
        }
        if given < 3 {
            parts.push(constant(1));
        }
        self.combine(parts, |this, parts| {
            Ok(Generator::Each(call("jq_range", parts, this.here)?).into())
        })
    }

    /// `IN(values)`, `IN(of; values)`, `INDEX(key)`, `INDEX(of; key)`.
    fn set_like(&mut self, name: &str, arguments: &[Term<&str>], input: &Place) -> Result<Out> {
        match (name, arguments) {
            ("IN", [values]) => {
                let value = Yield::One(self.value(input)?);
                let values = self.yields(values, input)?;
                self.is_among(value, values)
            }
            ("IN", [of, values]) => {
                let (of, values) = (self.yields(of, input)?, self.yields(values, input)?);
                self.is_among(of, values)
            }
            ("INDEX", [of @ .., key]) if of.len() < 2 => {
                let all = match of {
                    [of] => collected(self.yields(of, input)?, self.here)?,
                    _ => self.value(input)?,
                };
                self.pipe(all.into(), |this, all| {
                    let keys = this.mapped(key, all)?;
                    let arguments = vec![collected(keys, this.here)?, this.value(all)?];
                    Ok(call("jq_index_by", arguments, this.here)?.into())
                })
            }
            _ => Err(refuse::named(name, arguments.len(), self.here)),
        }
    }

    fn is_among(&mut self, value: Yield, values: Yield) -> Result<Out> {
        let equal = self.combine(vec![values, value], |this, pair| {
            Ok(test("jq_equal", pair, this.here)?.into())
        })?;
        let equal = self.settle(equal)?;
        self.decided(equal, true)
    }
}

/// The first output of what always has one.
fn first_of(generator: Generator, span: crate::error::Span) -> Expr {
    super::build::boolean(ExprKind::Outputs(Taken::First, Box::new(generator)), span)
}
