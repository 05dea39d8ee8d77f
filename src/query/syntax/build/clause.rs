//! Statements, clauses and projections.

use std::sync::Arc;

use super::super::ast::{
    Clause, ClauseKind, Match, Name, Prefix, Projection, ProjectionItem, Query, SingleQuery,
    SortItem, Statement, Union,
};
use super::super::grammar::{Pair, Rule};
use super::{Builder, Children, only};
use crate::error::{Result, Span};
use crate::query::syntax::ast::Expr;

impl Builder<'_> {
    pub(super) fn statement(&self, pair: Pair<'_>) -> Result<Statement> {
        let inner = only(pair)?;
        if inner.as_rule() == Rule::query {
            return Ok(Statement {
                prefix: None,
                query: self.query(inner)?,
            });
        }
        let mut children = Children::of(inner);
        let keyword = children.next()?;
        let span = self.span(&keyword);
        let prefix = match only(keyword)?.as_rule() {
            Rule::kw_explain => Prefix::Explain,
            _ => Prefix::Profile,
        };
        // Options are accepted for the sake of other dialects; there is nothing to choose from yet.
        children.take(Rule::plan_options);
        Ok(Statement {
            prefix: Some((prefix, span)),
            query: self.query(children.next()?)?,
        })
    }

    fn query(&self, pair: Pair<'_>) -> Result<Query> {
        let mut children = Children::of(pair);
        let as_of = match children.take(Rule::as_of) {
            Some(clause) => self.last_expr(clause)?,
            None => None,
        };
        let first = self.single_query(children.next()?)?;
        let mut unions = Vec::new();
        while let Some(union) = children.take(Rule::union) {
            unions.push((self.union(union), self.single_query(children.next()?)?));
        }
        Ok(Query {
            as_of,
            first,
            unions,
        })
    }

    pub(super) fn union(&self, pair: Pair<'_>) -> Union {
        let span = self.span(&pair);
        Union {
            all: pair.into_inner().any(|word| word.as_rule() == Rule::kw_all),
            span,
        }
    }

    /// A `single_query` or the `sub_single` of a subquery that has clauses or a RETURN.
    pub(super) fn single_query(&self, pair: Pair<'_>) -> Result<SingleQuery> {
        let span = self.span(&pair);
        let mut clauses = Vec::new();
        let mut returns = None;
        for part in pair.into_inner() {
            if part.as_rule() == Rule::return_clause {
                let span = self.span(&part);
                let mut children = Children::of(part);
                children.next()?;
                returns = Some(self.projection(children.next()?, span)?);
            } else {
                clauses.push(self.clause(part)?);
            }
        }
        Ok(SingleQuery {
            clauses,
            returns,
            span,
        })
    }

    fn clause(&self, pair: Pair<'_>) -> Result<Clause> {
        let whole = self.span(&pair);
        let rule = pair.as_rule();
        let mut children = Children::of(pair);
        let mut span = self.span(&children.next()?);
        let kind = match rule {
            Rule::match_clause => {
                let second = children.take(Rule::kw_match);
                span = second
                    .as_ref()
                    .map_or(span, |keyword| span.to(self.span(keyword)));
                ClauseKind::Match(self.match_clause(second.is_some(), children)?)
            }
            Rule::unwind_clause => {
                let list = self.expr(children.next()?)?;
                children.next()?;
                ClauseKind::Unwind {
                    list,
                    variable: self.name(&children.next()?)?,
                }
            }
            Rule::for_clause => {
                let variable = self.name(&children.next()?)?;
                children.next()?;
                ClauseKind::For {
                    variable,
                    list: self.expr(children.next()?)?,
                }
            }
            Rule::let_clause => ClauseKind::Let(self.let_items(children)?),
            Rule::filter_clause => {
                children.take(Rule::kw_where);
                ClauseKind::Filter(self.expr(children.next()?)?)
            }
            _ => {
                let projection = self.projection(children.next()?, whole)?;
                ClauseKind::With {
                    projection,
                    filter: self.optional_filter(&mut children)?,
                }
            }
        };
        Ok(Clause { kind, span })
    }

    fn match_clause(&self, optional: bool, mut children: Children<'_>) -> Result<Match> {
        let mode = children.take(Rule::match_mode);
        let repeatable = mode.is_some_and(|mode| {
            mode.into_inner()
                .next()
                .is_some_and(|word| word.as_rule() == Rule::kw_repeatable)
        });
        let paths = self.paths(children.next()?)?;
        let filter = self.optional_filter(&mut children)?;
        Ok(Match {
            optional,
            repeatable,
            paths,
            filter,
        })
    }

    fn let_items(&self, children: Children<'_>) -> Result<Vec<(Name, Expr)>> {
        let item = |item| {
            let mut children = Children::of(item);
            let variable = self.name(&children.next()?)?;
            Ok((variable, self.expr(children.next()?)?))
        };
        children.0.map(item).collect()
    }

    /// The condition of the `WHERE` that comes next, if one does.
    pub(super) fn optional_filter(&self, children: &mut Children<'_>) -> Result<Option<Expr>> {
        match children
            .take(Rule::where_clause)
            .or_else(|| children.take(Rule::element_where))
        {
            Some(filter) => self.last_expr(filter),
            None => Ok(None),
        }
    }

    /// The expression that a pair ends in, after its keywords.
    pub(super) fn last_expr(&self, pair: Pair<'_>) -> Result<Option<Expr>> {
        let last = pair
            .into_inner()
            .rfind(|child| child.as_rule() == Rule::expr);
        last.map(|expr| self.expr(expr)).transpose()
    }

    fn projection(&self, pair: Pair<'_>, span: Span) -> Result<Projection> {
        let mut projection = Projection {
            distinct: false,
            star: None,
            items: Vec::new(),
            order: Vec::new(),
            skip: None,
            limit: None,
            span,
        };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::set_quantifier => projection.distinct = is_distinct(part),
                Rule::projection_items => self.projection_items(part, &mut projection)?,
                Rule::order_by => {
                    let items = part
                        .into_inner()
                        .filter(|part| part.as_rule() == Rule::sort_item);
                    projection.order = items
                        .map(|item| self.sort_item(item))
                        .collect::<Result<_>>()?;
                }
                Rule::skip => projection.skip = self.last_expr(part)?,
                _ => projection.limit = self.last_expr(part)?,
            }
        }
        Ok(projection)
    }

    fn projection_items(&self, pair: Pair<'_>, projection: &mut Projection) -> Result<()> {
        for item in pair.into_inner() {
            if item.as_rule() == Rule::star {
                projection.star = Some(self.span(&item));
                continue;
            }
            let mut children = Children::of(item);
            let expr = self.expr(children.next()?)?;
            let alias = match children.take(Rule::kw_as) {
                Some(_) => Some(self.name(&children.next()?)?),
                None => None,
            };
            let text: Arc<str> = self.shared(expr.span);
            projection.items.push(ProjectionItem { expr, alias, text });
        }
        Ok(())
    }

    fn sort_item(&self, pair: Pair<'_>) -> Result<SortItem> {
        let mut children = Children::of(pair);
        let expr = self.expr(children.next()?)?;
        let direction = children.take(Rule::sort_dir).map(only).transpose()?;
        let descending = direction
            .is_some_and(|word| matches!(word.as_rule(), Rule::kw_desc | Rule::kw_descending));
        let nulls = children.take(Rule::nulls_order);
        let nulls_first = nulls.map(|nulls| {
            nulls
                .into_inner()
                .any(|word| word.as_rule() == Rule::kw_first)
        });
        Ok(SortItem {
            expr,
            descending,
            nulls_first,
        })
    }
}

/// Whether a `set_quantifier` is `DISTINCT` rather than `ALL`.
pub(super) fn is_distinct(pair: Pair<'_>) -> bool {
    pair.into_inner()
        .any(|word| word.as_rule() == Rule::kw_distinct)
}
