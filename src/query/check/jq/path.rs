//! Paths: `.a`, `.[0]`, `.[]`, `.[1:3]`, each perhaps with a `?`.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::Term;
use jaq_core::path::{Opt, Part};

use super::build::{Yield, call, literal, nothing};
use super::root::Place;
use super::translate::{Out, Translator};
use crate::error::Result;
use crate::query::ir::Generator;
use crate::value::Value;

/// The filters in a step of a path.
pub(super) fn terms<'p, 's>(
    part: &'p Part<Term<&'s str>>,
) -> impl Iterator<Item = &'p Term<&'s str>> {
    let (first, second) = match part {
        Part::Index(key) => (Some(key), None),
        Part::Range(from, to) => (from.as_ref(), to.as_ref()),
    };
    first.into_iter().chain(second)
}

/// The text of a string without interpolation.
pub(super) fn constant(term: &Term<&str>) -> Option<String> {
    let Term::Str(None, parts) = term else {
        return None;
    };
    let mut text = String::new();
    for part in parts {
        match part {
            StrPart::Str(part) => text.push_str(part),
            StrPart::Char(character) => text.push(*character),
            StrPart::Term(_) => return None,
        }
    }
    Some(text)
}

impl Translator<'_> {
    pub(super) fn path(
        &mut self,
        head: &Term<&str>,
        parts: &[(Part<Term<&str>>, Opt)],
        input: &Place,
    ) -> Result<Out> {
        let mut out = self.term(head, input)?;
        for (part, optional) in parts {
            out = self.step(out, part, *optional, input)?;
        }
        Ok(out)
    }

    fn step(
        &mut self,
        from: Out,
        part: &Part<Term<&str>>,
        optional: Opt,
        input: &Place,
    ) -> Result<Out> {
        if let (Out::One(place), Part::Index(key)) = (&from, part)
            && let Some(name) = constant(key)
        {
            let span = self.span(key).unwrap_or(self.here);
            if let Some(part) = self.root.part(place, &name, span)? {
                return Ok(Out::One(part));
            }
        }
        let keys = self.keys(part, input)?;
        let stepped = self.combine(keys, |this, keys| {
            // A single value goes straight into the step.
            if let Out::One(Place::Value(value)) = from {
                return this.taken(value, keys, optional);
            }
            let from = this.settle(from)?;
            this.pipe(from.into(), |this, place| {
                let value = this.value(place)?;
                this.taken(value, keys, optional)
            })
        })?;
        Ok(stepped)
    }

    /// What the filters in a step yield.
    fn keys(&mut self, part: &Part<Term<&str>>, input: &Place) -> Result<Vec<Yield>> {
        let mut key = |term: Option<&Term<&str>>| match term {
            Some(term) => self.yields(term, input),
            None => Ok(Yield::One(literal(Value::Null, self.here))),
        };
        match part {
            Part::Range(None, None) => Ok(Vec::new()),
            Part::Range(from, to) => Ok(vec![key(from.as_ref())?, key(to.as_ref())?]),
            Part::Index(at) => Ok(vec![key(Some(at))?]),
        }
    }

    /// One step from a value: every element, one, or a slice.
    fn taken(
        &mut self,
        value: crate::query::ir::Expr,
        keys: Vec<crate::query::ir::Expr>,
        optional: Opt,
    ) -> Result<Out> {
        let name = match keys.len() {
            0 => return self.optional(Generator::Each(value).into(), optional),
            1 => "jq_index",
            _ => "jq_slice",
        };
        let arguments = std::iter::once(value).chain(keys).collect();
        let taken = call(name, arguments, self.here)?;
        self.optional(taken.into(), optional)
    }

    fn optional(&mut self, out: Out, optional: Opt) -> Result<Out> {
        if matches!(optional, Opt::Essential) {
            return Ok(out);
        }
        let outputs = self.settle(out)?;
        Ok(Generator::Try {
            body: Box::new(outputs.generator()),
            local: self.new_local()?,
            catch: Box::new(nothing()),
        }
        .into())
    }
}
