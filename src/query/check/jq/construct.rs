//! Strings with their interpolations and formats, arrays, objects.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::Term;

use super::build::{Yield, bound, call, collected, literal, local};
use super::path::constant;
use super::refuse;
use super::root::Place;
use super::translate::{Out, Translator};
use crate::error::Result;
use crate::query::ir::{Expr, ExprKind};
use crate::value::Value;

/// The function of each format.
pub(super) const FORMATS: [(&str, &str); 10] = [
    ("@text", "jq_to_string"),
    ("@json", "jq_to_json"),
    ("@csv", "jq_csv"),
    ("@tsv", "jq_tsv"),
    ("@html", "jq_html"),
    ("@uri", "jq_uri"),
    ("@sh", "jq_shell"),
    ("@base64", "jq_base64"),
    ("@base64d", "jq_from_base64"),
    ("tostring", "jq_to_string"),
];

impl Translator<'_> {
    pub(super) fn string(
        &mut self,
        format: Option<&str>,
        parts: &[StrPart<&str, Term<&str>>],
        input: &Place,
    ) -> Result<Out> {
        let format = format.unwrap_or("@text");
        let known = FORMATS.iter().find(|(name, _)| *name == format);
        let Some((_, function)) = known else {
            return Err(refuse::named(format, 0, self.here));
        };
        let mut pieces: Vec<(Yield, bool)> = Vec::new();
        let mut text = String::new();
        for part in parts {
            match part {
                StrPart::Str(part) => text.push_str(part),
                StrPart::Char(character) => text.push(*character),
                StrPart::Term(term) => {
                    let before = std::mem::take(&mut text);
                    pieces.push((Yield::One(literal(before, self.here)), false));
                    pieces.push((self.yields(term, input)?, true));
                }
            }
        }
        if pieces.is_empty() {
            return Ok(literal(text, self.here).into());
        }
        pieces.push((Yield::One(literal(text, self.here)), false));
        // The first interpolation changes first.
        pieces.reverse();
        let (parts, shown): (Vec<Yield>, Vec<bool>) = pieces.into_iter().unzip();
        self.combine(parts, |this, parts| {
            let mut all = Vec::new();
            for (part, shown) in parts.into_iter().zip(shown).rev() {
                if shown {
                    all.push(call(function, vec![part], this.here)?);
                } else if !is_empty(&part) {
                    all.push(part);
                }
            }
            Ok(call("jq_concatenate", all, this.here)?.into())
        })
    }

    pub(super) fn array(&mut self, inner: &Term<&str>, input: &Place) -> Result<Out> {
        let outputs = self.yields(inner, input)?;
        if let Yield::One(expr) = &outputs
            && let ExprKind::Literal(value) = &expr.kind
        {
            return Ok(literal(Value::list([value.clone()]), self.here).into());
        }
        Ok(collected(outputs, self.here)?.into())
    }

    pub(super) fn object(
        &mut self,
        fields: &[(Term<&str>, Option<Term<&str>>)],
        input: &Place,
    ) -> Result<Out> {
        let (mut parts, mut names) = (Vec::new(), Vec::new());
        for (key, value) in fields {
            let (key, value) = match (key, value) {
                (Term::Var(name), None) => {
                    let key = literal(name.trim_start_matches('$'), self.here);
                    (Yield::One(key), self.yields(&Term::Var(*name), input)?)
                }
                (key, Some(value)) => (self.yields(key, input)?, self.yields(value, input)?),
                (key, None) => self.shorthand(key, input, &mut names)?,
            };
            parts.extend([key, value]);
        }
        let mut out = self.combine(parts, |this, parts| {
            Ok(call("jq_object", parts, this.here)?.into())
        })?;
        for (at, name) in names.into_iter().rev() {
            let body = self.settle(out)?;
            out = bound(at, name, body, self.here).into();
        }
        Ok(out)
    }

    /// `{a}` is `{a: .a}`, `{"a\(b)"}` is `{"a\(b)": .["a\(b)"]}`.
    fn shorthand(
        &mut self,
        key: &Term<&str>,
        input: &Place,
        names: &mut Vec<(u16, Yield)>,
    ) -> Result<(Yield, Yield)> {
        if let Some(name) = constant(key)
            && let Some(part) = self.root.part(input, &name, self.here)?
        {
            let value = Yield::One(self.value(&part)?);
            return Ok((Yield::One(literal(name, self.here)), value));
        }
        let at = self.new_local()?;
        names.push((at, self.yields(key, input)?));
        let name = local(at, self.here);
        let arguments = vec![self.value(input)?, name.clone()];
        let value = call("jq_index", arguments, self.here)?;
        Ok((Yield::One(name), Yield::One(value)))
    }
}

fn is_empty(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Literal(Value::String(text)) if text.is_empty())
}
