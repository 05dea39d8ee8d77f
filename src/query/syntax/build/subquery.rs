//! Subqueries: `EXISTS { .. }`, `COUNT { .. }`, `SUM { .. | value }`.

use super::super::ast::{Clause, ClauseKind, Expr, ExprKind, SingleQuery, Subquery};
use super::super::grammar::{Pair, Rule};
use super::{Builder, Children};
use crate::error::{Error, Result};

impl Builder<'_> {
    /// A `sub_body`. A lone `MATCH` without RETURN is the same as its bare pattern.
    pub(super) fn subquery(&self, pair: Pair<'_>) -> Result<Subquery> {
        let span = self.span(&pair);
        let (mut parts, mut unions) = (Vec::new(), Vec::new());
        let mut bare = None;
        for part in pair.into_inner() {
            if part.as_rule() == Rule::union {
                unions.push(self.union(part));
                continue;
            }
            let first = part.clone().into_inner().next();
            if first.is_some_and(|first| first.as_rule() == Rule::pattern_list) {
                let mut children = Children::of(part);
                let paths = self.paths(children.next()?)?;
                let filter = self.optional_filter(&mut children)?;
                bare = Some(Subquery::Pattern { paths, filter });
            } else {
                parts.push(self.single_query(part)?);
            }
        }
        match bare {
            Some(pattern) if unions.is_empty() => Ok(pattern),
            Some(_) => Err(
                Error::syntax("UNION needs whole queries on both sides", span)
                    .with_help("write `MATCH .. RETURN ..` in place of the bare pattern"),
            ),
            None => Ok(match parts.pop() {
                Some(SingleQuery {
                    mut clauses,
                    returns: None,
                    ..
                }) if parts.is_empty() && is_plain_match(&clauses) => {
                    match clauses.pop().map(|clause| clause.kind) {
                        Some(ClauseKind::Match(only)) => Subquery::Pattern {
                            paths: only.paths,
                            filter: only.filter,
                        },
                        _ => return Err(Error::internal("a subquery without clauses")),
                    }
                }
                last => {
                    parts.extend(last);
                    Subquery::Query { parts, unions }
                }
            }),
        }
    }

    /// `SUM { body | DISTINCT value, value }`
    pub(super) fn aggregate(&self, pair: Pair<'_>) -> Result<ExprKind> {
        let mut children = Children::of(pair);
        let mut function = self.name(&children.next()?)?;
        function.text = function.text.to_lowercase().into();
        let body = Box::new(self.subquery(children.next()?)?);
        let (mut distinct, mut values) = (false, Vec::<Expr>::new());
        if let Some(value) = children.take(Rule::agg_value) {
            for part in value.into_inner() {
                if part.as_rule() == Rule::kw_distinct {
                    distinct = true;
                } else {
                    values.push(self.expr(part)?);
                }
            }
        }
        Ok(ExprKind::Aggregate {
            function,
            body,
            distinct,
            values,
        })
    }
}

fn is_plain_match(clauses: &[Clause]) -> bool {
    match clauses {
        [only] => matches!(&only.kind, ClauseKind::Match(m) if !m.optional && !m.repeatable),
        _ => false,
    }
}
