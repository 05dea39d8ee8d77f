//! The filters that search with regular expressions.

use jaq_core::load::parse::Term;

use super::build::{Yield, call, collected, literal, local};
use super::refuse;
use super::root::Place;
use super::translate::{Out, Translator};
use crate::error::{Error, Result};
use crate::query::function;
use crate::query::ir::{Expr, ExprKind, Generator};
use crate::value::Value;

/// A filter that searches: what it calls, whether it finds all, and whether what is found are its
/// outputs, one by one.
struct Search {
    name: &'static str,
    function: &'static str,
    global: bool,
    each: bool,
}

const fn search(name: &'static str, function: &'static str, global: bool, each: bool) -> Search {
    Search {
        name,
        function,
        global,
        each,
    }
}

/// `split` without flags goes by a text, not a pattern.
const SEARCHES: [Search; 6] = [
    search("test", "jq_test", false, false),
    search("match", "jq_matches", false, true),
    search("capture", "jq_captures", false, true),
    search("scan", "jq_scan", true, true),
    search("splits", "jq_split_by", true, true),
    search("split", "jq_split_by", true, false),
];

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let searches = SEARCHES.iter().map(|search| search.name);
    searches.chain(["sub", "gsub"])
}

impl Translator<'_> {
    /// `test("^a"; "i")` and its kin; `None` of any other filter.
    pub(super) fn search(
        &mut self,
        name: &str,
        arguments: &[Term<&str>],
        input: &Place,
    ) -> Result<Option<Out>> {
        let known = SEARCHES.iter().find(|search| search.name == name);
        let (Some(search), 1..=2) = (known, arguments.len()) else {
            return Ok(None);
        };
        let parts = arguments.iter().map(|term| self.yields(term, input));
        let parts = parts.collect::<Result<Vec<Yield>>>()?;
        let found = self.combine(parts, |this, parts| {
            let call = this.searching(search.function, parts, search.global, input)?;
            Ok(if search.each {
                Generator::Each(call).into()
            } else {
                call.into()
            })
        })?;
        Ok(Some(found))
    }

    /// The call that searches for a pattern, with flags or without.
    fn searching(
        &self,
        function: &str,
        parts: Vec<Expr>,
        global: bool,
        input: &Place,
    ) -> Result<Expr> {
        let mut arguments = vec![self.value(input)?];
        arguments.extend(parts);
        let flags = if arguments.len() > 2 {
            arguments.pop()
        } else {
            None
        };
        arguments.push(self.flags(flags, global)?);
        self.check(&arguments)?;
        call(function, arguments, self.here)
    }

    fn flags(&self, flags: Option<Expr>, global: bool) -> Result<Expr> {
        let all = if global { "g" } else { "" };
        match flags {
            None => Ok(literal(all, self.here)),
            Some(flags) => match &flags.kind {
                ExprKind::Literal(Value::Null) => Ok(literal(all, self.here)),
                ExprKind::Literal(Value::String(more)) => {
                    Ok(literal(format!("{all}{more}"), self.here))
                }
                _ if global => call("jq_add", vec![literal(all, self.here), flags], self.here),
                _ => Ok(flags),
            },
        }
    }

    /// Refuses a pattern that is known and not supported.
    fn check(&self, arguments: &[Expr]) -> Result<()> {
        let text = |at: usize| match arguments.get(at).map(|argument| &argument.kind) {
            Some(ExprKind::Literal(Value::String(text))) => Some(text),
            _ => None,
        };
        let (Some(pattern), Some(flags)) = (text(1), text(2)) else {
            return Ok(());
        };
        function::check_pattern(pattern, flags).map_err(|error| {
            let what = format!("the pattern `{pattern}`");
            Error::unsupported(what, self.here).with_help(error.message())
        })
    }

    /// `sub` and `gsub`: the filter that makes the replacement gets the named groups of a match.
    pub(super) fn replacement(
        &mut self,
        name: &str,
        arguments: &[Term<&str>],
        input: &Place,
    ) -> Result<Out> {
        let (pattern, by, flags) = match arguments {
            [pattern, by] => (pattern, by, None),
            [pattern, by, flags] => (pattern, by, Some(flags)),
            _ => return Err(refuse::named(name, arguments.len(), self.here)),
        };
        let pattern = self.term(pattern, input)?;
        let flags = match flags {
            Some(flags) => self.term(flags, input)?,
            None => literal("", self.here).into(),
        };
        let global = name == "gsub";
        self.pipe(pattern, |this, pattern| {
            let pattern = this.value(pattern)?;
            this.pipe(flags, |this, flags| {
                let parts = vec![pattern, this.value(flags)?];
                this.replaced(name, parts, by, global, input)
            })
        })
    }

    /// The pattern and the flags are cheap: they are searched for twice.
    fn replaced(
        &mut self,
        name: &str,
        parts: Vec<Expr>,
        by: &Term<&str>,
        global: bool,
        input: &Place,
    ) -> Result<Out> {
        let found = self.searching("jq_captures", parts, global, input)?;
        let at = self.new_local()?;
        let groups = Place::Value(local(at, self.here));
        let Yield::One(text) = self.yields(by, &groups)? else {
            let what = format!("several replacements in `{name}`");
            return Err(refuse::construct(&what, self.here));
        };
        let texts = Generator::Bind {
            local: at,
            from: Box::new(Generator::Each(found.clone())),
            body: Box::new(Generator::One(text)),
        };
        let texts = collected(Yield::Many(texts), self.here)?;
        let ExprKind::Call(_, mut arguments) = found.kind else {
            return Err(Error::internal("a search that is not a call"));
        };
        arguments.push(texts);
        Ok(call("jq_replace", arguments, self.here)?.into())
    }
}
