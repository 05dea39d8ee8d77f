//! Calls, and what is written like one: `all(x IN ..)`, `reduce(..)`, `count(*)`.

use super::super::ast::{Expr, ExprKind, Quantifier};
use super::super::grammar::{Pair, Rule};
use super::list::Contents;
use super::{Builder, Children};
use crate::error::{Error, Result, Span};

const QUANTIFIERS: [(&str, Quantifier); 4] = [
    ("all", Quantifier::All),
    ("any", Quantifier::Any),
    ("none", Quantifier::None),
    ("single", Quantifier::Single),
];

impl Builder<'_> {
    pub(super) fn call(&self, pair: Pair<'_>, span: Span) -> Result<ExprKind> {
        let mut children = Children::of(pair);
        let name = self.name(&children.next()?)?;
        let contents = Contents::of(children);
        let quantifier = QUANTIFIERS
            .iter()
            .find(|(word, _)| name.text.eq_ignore_ascii_case(word));
        if let (Some((word, quantifier)), Some(first)) = (quantifier, contents.single())
            && let Some((variable, list)) = self.variable_in(first)?
        {
            let Some(filter) = self.boxed(contents.filter)? else {
                return Err(Error::syntax(format!("`{word}` needs a condition"), span)
                    .with_help(format!("write `{word}(x IN list WHERE condition)`")));
            };
            let list = Box::new(list);
            return Ok(ExprKind::Quantified {
                quantifier: *quantifier,
                variable,
                list,
                filter,
            });
        }
        if name.text.eq_ignore_ascii_case("reduce") {
            return self.reduce(contents, span);
        }
        if let Some(extra) = contents.filter.or(contents.map) {
            let message = format!("`{}` takes no condition or mapping of a list", name.text);
            return Err(Error::syntax(message, self.span(&extra)).with_help(
                "all, any, none and single take `x IN list WHERE condition`; \
                 a list is filtered by `[x IN list WHERE condition]`",
            ));
        }
        let arguments = contents
            .exprs
            .into_iter()
            .map(|argument| self.expr(argument));
        Ok(ExprKind::Call {
            name,
            distinct: contents.distinct.is_some(),
            arguments: arguments.collect::<Result<_>>()?,
            filter: self.boxed(contents.agg_filter)?,
        })
    }

    fn reduce(&self, contents: Contents<'_>, span: Span) -> Result<ExprKind> {
        let malformed = || {
            Error::syntax("`reduce` is not written like this", span)
                .with_help("write `reduce(total = 0, x IN list | total + x)`")
        };
        let [first, second] = contents.exprs.as_slice() else {
            return Err(malformed());
        };
        let (Some((accumulator, start)), Some((variable, list)), Some(step), None) = (
            self.binding(first, Rule::op_eq)?,
            self.variable_in(second)?,
            self.boxed(contents.map)?,
            contents.filter,
        ) else {
            return Err(malformed());
        };
        let (start, list) = (Box::new(start), Box::new(list));
        Ok(ExprKind::Reduce {
            accumulator,
            start,
            variable,
            list,
            step,
        })
    }

    /// The condition of `count(*) FILTER (WHERE ..)`.
    pub(super) fn count_filter(&self, pair: Pair<'_>) -> Result<Option<Box<Expr>>> {
        let filter = pair
            .into_inner()
            .find(|part| part.as_rule() == Rule::agg_filter);
        self.boxed(filter)
    }
}
