//! `EXISTS { .. }`, `COUNT { .. }`, `COLLECT { .. }` and the other aggregates over a query, bare
//! patterns as conditions, and pattern comprehensions.

use super::checker::Checker;
use super::clause::plain_matches;
use super::pattern::{Written, boolean};
use super::{aggregate, types};
use crate::error::{Error, Result, Span};
use crate::query::function::{self, AggregateFunction, Fold};
use crate::query::ir::{
    Clause, Expr, ExprKind, Item, Match, Part, Projection, Slot, Subquery, Taking, Type, Union,
};
use crate::query::syntax::ast;

/// The body of a subquery: patterns alone, or a whole query.
enum Body {
    Patterns(Subquery),
    Query(Union),
}

impl Checker<'_> {
    pub(super) fn exists(&mut self, body: &ast::Subquery, span: Span) -> Result<Expr> {
        let kind = match self.body(body, span)? {
            Body::Patterns(patterns) => ExprKind::Exists(Box::new(patterns)),
            Body::Query(query) => ExprKind::Subquery(Taking::Exists, Box::new(query)),
        };
        Ok(boolean(kind, span))
    }

    /// A pattern that stands as a condition. Its variables must be bound outside (openCypher).
    pub(super) fn pattern_predicate(&mut self, path: &ast::Path, span: Span) -> Result<Expr> {
        let nodes = [&path.start]
            .into_iter()
            .chain(path.steps.iter().map(|(_, node)| node))
            .filter_map(|node| node.variable.as_ref());
        let relations = path.steps.iter();
        let relations = relations.filter_map(|(relation, _)| relation.variable.as_ref());
        for name in nodes.chain(relations) {
            if self.lookup(&name.text).is_none() {
                let help = "leave the name out, or write `EXISTS { .. }` to introduce variables";
                return Err(
                    Error::syntax(format!("`{}` is not defined", name.text), name.span)
                        .with_help(help),
                );
            }
        }
        let paths = std::slice::from_ref(path);
        let written = [Written {
            paths,
            filter: None,
            repeatable: false,
        }];
        let matches = self.within(span, |checker| checker.patterns(&written))?;
        Ok(boolean(
            ExprKind::Exists(Box::new(Subquery { matches })),
            span,
        ))
    }

    /// `COUNT { .. }`, `COLLECT { .. }`, `SUM { .. | value }` ..
    pub(super) fn aggregate_subquery(
        &mut self,
        function: &ast::Name,
        body: &ast::Subquery,
        (distinct, values): (bool, &[ast::Expr]),
        span: Span,
    ) -> Result<Expr> {
        let name = function.text.to_uppercase();
        let Some(aggregate) = function::find_aggregate(&function.text) else {
            return Err(Error::unsupported(
                format!("`{name} {{ .. }}`"),
                function.span,
            ));
        };
        if aggregate.fold.arguments() > 1 {
            let what = format!("`{name} {{ .. }}`");
            return Err(Error::unsupported(what, function.span)
                .with_help("collect the values and aggregate them in a `WITH`"));
        }
        if let [_, second, ..] = values {
            let message = format!("`{name} {{ .. }}` takes one value");
            return Err(Error::syntax(message, second.span));
        }
        match values.first() {
            Some(value) => self.fold_each((aggregate, distinct), body, value, span),
            None if aggregate.fold == Fold::Count => {
                let kind = match self.body(body, span)? {
                    Body::Patterns(patterns) => ExprKind::Count(Box::new(patterns), None),
                    Body::Query(query) => ExprKind::Subquery(Taking::Count, Box::new(query)),
                };
                Ok(number(kind, span))
            }
            None => self.fold_query(aggregate, body, span),
        }
    }

    /// An aggregate of what a whole query returns: its only column.
    fn fold_query(
        &mut self,
        aggregate: &'static AggregateFunction,
        body: &ast::Subquery,
        span: Span,
    ) -> Result<Expr> {
        let name = aggregate.name.to_uppercase();
        let missing = |what: &str| {
            let message = format!("`{name} {{ .. }}` {what}");
            let help =
                format!("write `{name} {{ pattern | value }}`, or end it with `RETURN value`");
            Err(Error::syntax(message, span).with_help(help))
        };
        let ast::Subquery::Query { .. } = body else {
            return missing("needs a value");
        };
        let query = self.whole(body, span)?;
        match query.parts.first().map(|part| &*part.projection.items) {
            Some([item]) => folded((aggregate, false), &item.expr.clone(), query, span),
            Some([]) | None => missing("needs a value"),
            Some(_) => missing("takes one column"),
        }
    }

    /// An aggregate of a value for each row of a pattern.
    fn fold_each(
        &mut self,
        (aggregate, distinct): (&'static AggregateFunction, bool),
        body: &ast::Subquery,
        value: &ast::Expr,
        span: Span,
    ) -> Result<Expr> {
        let ast::Subquery::Pattern { paths, filter } = body else {
            return Err(Error::syntax("a value after a whole query", value.span)
                .with_help("return it: `RETURN value`"));
        };
        let filter = filter.as_ref();
        let (matches, value) = self.each_match(paths, filter, value, span)?;
        if aggregate.fold == Fold::Count
            && let ExprKind::Slot(slot) = value.kind
        {
            // A variable of a pattern is never null: undistinguished ones count every row.
            let slot: Option<Slot> = distinct.then_some(slot);
            let kind = ExprKind::Count(Box::new(Subquery { matches }), slot);
            return Ok(number(kind, span));
        }
        self.refuse_in_rule(aggregate.name, span)?;
        let query = one_column(matches, value.clone());
        folded((aggregate, distinct), &value, query, span)
    }

    /// `[(a)-->(b) WHERE .. | value]`
    pub(super) fn pattern_comprehension(
        &mut self,
        path: &ast::Path,
        (filter, map): (Option<&ast::Expr>, &ast::Expr),
        span: Span,
    ) -> Result<Expr> {
        self.refuse_in_rule("a pattern comprehension", span)?;
        let paths = std::slice::from_ref(path);
        let (matches, value) = self.each_match(paths, filter, map, span)?;
        let ty = types::list_of(value.ty.clone());
        let query = one_column(matches, value);
        let kind = ExprKind::Subquery(Taking::List, Box::new(query));
        Ok(Expr { kind, ty, span })
    }

    fn each_match(
        &mut self,
        paths: &[ast::Path],
        filter: Option<&ast::Expr>,
        value: &ast::Expr,
        span: Span,
    ) -> Result<(Vec<Match>, Expr)> {
        let written = Written {
            paths,
            filter,
            repeatable: false,
        };
        self.within(span, |checker| {
            Ok((checker.patterns(&[written])?, checker.expression(value)?))
        })
    }

    fn body(&mut self, body: &ast::Subquery, span: Span) -> Result<Body> {
        match body {
            ast::Subquery::Pattern { paths, filter } => {
                let pattern = Written {
                    paths,
                    filter: filter.as_ref(),
                    repeatable: false,
                };
                let matches = self.within(span, |checker| checker.patterns(&[pattern]))?;
                Ok(Body::Patterns(Subquery { matches }))
            }
            ast::Subquery::Query { parts, .. } => {
                if let [part] = &**parts
                    && plain_matches(&part.clauses).len() == part.clauses.len()
                    && let Some(matches) = self.plain_query(part, span)?
                {
                    return Ok(Body::Patterns(Subquery { matches }));
                }
                Ok(Body::Query(self.whole(body, span)?))
            }
        }
    }

    /// The patterns of a query that has as many rows as these; `None` where what it returns
    /// matters.
    fn plain_query(&mut self, part: &ast::SingleQuery, span: Span) -> Result<Option<Vec<Match>>> {
        let written = plain_matches(&part.clauses);
        self.within(span, |checker| {
            let matches = checker.patterns(&written)?;
            let Some(returns) = &part.returns else {
                return Ok(Some(matches));
            };
            let projection = checker.projection(returns)?;
            Ok(projection.is_plain().then_some(matches))
        })
    }

    fn whole(&mut self, body: &ast::Subquery, span: Span) -> Result<Union> {
        self.refuse_in_rule("a whole query", span)?;
        let ast::Subquery::Query { parts, unions } = body else {
            return Err(Error::internal("a pattern is no whole query"));
        };
        let parts: Vec<&ast::SingleQuery> = parts.iter().collect();
        self.within(span, |checker| checker.union(&parts, unions))
    }

    fn refuse_in_rule(&self, what: &str, span: Span) -> Result<()> {
        if !self.in_rule {
            return Ok(());
        }
        Err(
            Error::unsupported(format!("`{what}` over a pattern in a rule"), span)
                .with_help("declare an aggregation property and read that"),
        )
    }

    /// Checks what has variables that go out of scope again.
    fn within<T>(&mut self, span: Span, check: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self
            .projecting
            .as_ref()
            .is_some_and(|projecting| projecting.grouped)
        {
            return Err(Error::unsupported("a subquery beside an aggregate", span)
                .with_help("return it as a column of its own"));
        }
        let outside = self.mark();
        let projecting = self.projecting.take();
        let base = std::mem::replace(&mut self.base, self.scope.len());
        let rows = std::mem::take(&mut self.rows);
        self.subqueries += 1;
        let checked = check(self)?;
        self.subqueries -= 1;
        (self.projecting, self.base, self.rows) = (projecting, base, rows);
        self.leave(outside);
        Ok(checked)
    }
}

fn folded(
    (aggregate, distinct): (&'static AggregateFunction, bool),
    value: &Expr,
    query: Union,
    span: Span,
) -> Result<Expr> {
    let ty = aggregate::result(aggregate, value)?;
    let kind = ExprKind::Subquery(Taking::Fold(aggregate, distinct), Box::new(query));
    Ok(Expr { kind, ty, span })
}

const fn number(kind: ExprKind, span: Span) -> Expr {
    Expr {
        kind,
        ty: Type::Number,
        span,
    }
}

/// The query that returns a value for each match.
fn one_column(matches: Vec<Match>, value: Expr) -> Union {
    let projection = Projection {
        items: vec![Item {
            name: "value".into(),
            expr: value,
            aggregated: false,
        }],
        ..Projection::of_rows()
    };
    Union {
        parts: vec![Part {
            clauses: vec![Clause::Match(matches)],
            projection,
        }],
        distinct: false,
    }
}
