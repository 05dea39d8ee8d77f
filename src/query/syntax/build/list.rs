//! What stands in square brackets: a list, a list comprehension or a pattern comprehension.

use super::super::ast::{Expr, ExprKind, Name, Path};
use super::super::grammar::{Pair, Rule};
use super::{Builder, Children, only};
use crate::error::{Error, Result, Span};

/// The parts of a `bracket` or of the parentheses of a call.
pub(super) struct Contents<'t> {
    pub(super) distinct: Option<Span>,
    pub(super) exprs: Vec<Pair<'t>>,
    pub(super) filter: Option<Pair<'t>>,
    pub(super) map: Option<Pair<'t>>,
    pub(super) agg_filter: Option<Pair<'t>>,
}

impl<'t> Contents<'t> {
    pub(super) fn of(children: Children<'t>) -> Self {
        let mut contents = Contents {
            distinct: None,
            exprs: Vec::new(),
            filter: None,
            map: None,
            agg_filter: None,
        };
        for part in children.0 {
            match part.as_rule() {
                Rule::expr => contents.exprs.push(part),
                Rule::element_where => contents.filter = Some(part),
                Rule::list_map => contents.map = Some(part),
                Rule::agg_filter => contents.agg_filter = Some(part),
                _ => {
                    let span = Span::new(part.as_span().start(), part.as_span().end());
                    let is_distinct = super::clause::is_distinct(part);
                    contents.distinct = is_distinct.then_some(span);
                }
            }
        }
        contents
    }

    /// The only expression, if it is the only one.
    pub(super) fn single(&self) -> Option<&Pair<'t>> {
        match self.exprs.as_slice() {
            [single] => Some(single),
            _ => None,
        }
    }
}

impl Builder<'_> {
    pub(super) fn bracket(&self, pair: Pair<'_>) -> Result<ExprKind> {
        let span = self.span(&pair);
        let mut contents = Contents::of(Children::of(pair));
        if let Some(first) = contents.single().cloned() {
            if let Some((variable, list)) = self.variable_in(&first)? {
                return Ok(ExprKind::Comprehension {
                    variable,
                    list: Box::new(list),
                    filter: self.boxed(contents.filter)?,
                    map: self.boxed(contents.map)?,
                });
            }
            if let Some(path) = self.whole_path(&first)? {
                return self.path_in_brackets(path, &mut contents, span);
            }
        }
        if let Some(extra) = contents.filter.or(contents.map) {
            return Err(Error::syntax(
                "a comprehension starts with `variable IN list` or a pattern",
                self.span(&extra),
            )
            .with_help("write `[x IN list WHERE condition | value]`"));
        }
        let values = contents.exprs.into_iter().map(|value| self.expr(value));
        Ok(ExprKind::List(values.collect::<Result<_>>()?))
    }

    /// A pattern comprehension, or a list of one pattern predicate.
    fn path_in_brackets(
        &self,
        path: Path,
        contents: &mut Contents<'_>,
        span: Span,
    ) -> Result<ExprKind> {
        let (filter, map) = (
            self.boxed(contents.filter.take())?,
            self.boxed(contents.map.take())?,
        );
        let bare = filter.is_none() && path.variable.is_none();
        let (path_span, path) = (path.span, Box::new(path));
        match map {
            Some(map) => Ok(ExprKind::PatternComprehension { path, filter, map }),
            None if bare => {
                let kind = ExprKind::PatternPredicate(path);
                Ok(ExprKind::List(vec![Expr {
                    kind,
                    span: path_span,
                }]))
            }
            None => Err(
                Error::syntax("a pattern comprehension needs `| value`", span)
                    .with_help("write `[(a)-[:relation]->(b) WHERE condition | b.name]`"),
            ),
        }
    }

    pub(super) fn boxed(&self, pair: Option<Pair<'_>>) -> Result<Option<Box<Expr>>> {
        Ok(pair
            .map(|pair| self.last_expr(pair))
            .transpose()?
            .flatten()
            .map(Box::new))
    }

    /// `variable IN list`, where the whole expression is that.
    pub(super) fn variable_in(&self, expr: &Pair<'_>) -> Result<Option<(Name, Expr)>> {
        self.binding(expr, Rule::op_in)
    }

    /// A variable, the operator, and everything after it as one expression.
    pub(super) fn binding(&self, expr: &Pair<'_>, operator: Rule) -> Result<Option<(Name, Expr)>> {
        let items: Vec<Pair<'_>> = expr.clone().into_inner().collect();
        let [variable, found, rest @ ..] = items.as_slice() else {
            return Ok(None);
        };
        if variable.as_rule() != Rule::variable || found.as_rule() != operator {
            return Ok(None);
        }
        let span = self.span(expr);
        let span = rest
            .first()
            .map_or(span, |first| Span::new(first.as_span().start(), span.end));
        Ok(Some((self.name(variable)?, self.run(rest, span)?)))
    }

    /// A pattern, or `p = pattern`, where the whole expression is that.
    fn whole_path(&self, expr: &Pair<'_>) -> Result<Option<Path>> {
        let items: Vec<Pair<'_>> = expr.clone().into_inner().collect();
        let (variable, pattern) = match items.as_slice() {
            [pattern] => (None, pattern),
            [variable, equal, pattern]
                if variable.as_rule() == Rule::variable && equal.as_rule() == Rule::op_eq =>
            {
                (Some(variable), pattern)
            }
            _ => return Ok(None),
        };
        if pattern.as_rule() != Rule::pattern_predicate {
            return Ok(None);
        }
        let span = self.span(pattern);
        let inner = Children::of(only(pattern.clone())?);
        let mut path = self.deeper(1, span, || self.simple_path(inner, span))?;
        if let Some(variable) = variable {
            path.variable = Some(self.name(variable)?);
            path.span = self.span(expr);
        }
        Ok(Some(path))
    }
}
