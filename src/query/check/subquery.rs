//! `EXISTS { .. }`, `COUNT { .. }` and bare patterns as conditions.

use super::checker::Checker;
use super::pattern::{Written, boolean};
use super::{refuse, statement};
use crate::error::{Error, Result, Span};
use crate::query::ir::{Expr, ExprKind, Slot, Subquery, Type};
use crate::query::syntax::ast;

impl Checker<'_> {
    pub(super) fn exists(&mut self, body: &ast::Subquery, span: Span) -> Result<Expr> {
        let (subquery, ()) = self.subquery(body, span, |_| Ok(()))?;
        Ok(boolean(ExprKind::Exists(Box::new(subquery)), span))
    }

    /// A pattern that stands as a condition. Its variables must be bound outside (openCypher).
    pub(super) fn pattern_predicate(&mut self, path: &ast::Path, span: Span) -> Result<Expr> {
        let nodes = [&path.start]
            .into_iter()
            .chain(path.steps.iter().map(|(_, node)| node));
        for name in nodes.filter_map(|node| node.variable.as_ref()) {
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
        let (subquery, ()) = self.within(&written, span, |_| Ok(()))?;
        Ok(boolean(ExprKind::Exists(Box::new(subquery)), span))
    }

    /// `COUNT { .. }`; the other aggregates over subqueries are refused.
    pub(super) fn count_subquery(
        &mut self,
        function: &ast::Name,
        body: &ast::Subquery,
        (distinct, values): (bool, &[ast::Expr]),
        span: Span,
    ) -> Result<Expr> {
        if &*function.text != "count" {
            let what = format!("`{} {{ .. }}`", function.text.to_uppercase());
            return Err(Error::unsupported(what, function.span));
        }
        let (subquery, slot) =
            self.subquery(body, span, |checker| checker.counted(distinct, values))?;
        let kind = ExprKind::Count(Box::new(subquery), slot);
        Ok(Expr {
            kind,
            ty: Type::Number,
            span,
        })
    }

    /// What is counted: rows, or the distinct entities of a variable.
    fn counted(&mut self, distinct: bool, values: &[ast::Expr]) -> Result<Option<Slot>> {
        match values {
            [] => Ok(None),
            [value] => match self.expression(value)?.kind {
                // A variable of a pattern is never null, so this counts every row.
                ExprKind::Slot(_) if !distinct => Ok(None),
                ExprKind::Slot(slot) => Ok(Some(slot)),
                _ => Err(
                    Error::unsupported("`COUNT { .. }` of something computed", value.span)
                        .with_help("count a variable of the pattern: `| DISTINCT x`"),
                ),
            },
            [_, second, ..] => Err(Error::syntax("`COUNT { .. }` takes one value", second.span)),
        }
    }

    fn subquery<T>(
        &mut self,
        body: &ast::Subquery,
        span: Span,
        then: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<(Subquery, T)> {
        match body {
            ast::Subquery::Pattern { paths, filter } => {
                let pattern = Written {
                    paths,
                    filter: filter.as_ref(),
                    repeatable: false,
                };
                self.within(&[pattern], span, then)
            }
            ast::Subquery::Query {
                parts,
                unions,
                span: body_span,
            } => {
                let [part] = &**parts else {
                    let at = unions.first().map_or(*body_span, |union| union.span);
                    return refuse::expression("`UNION` in a subquery", at);
                };
                if let Some(returns) = &part.returns {
                    return Err(Error::unsupported("`RETURN` in a subquery", returns.span)
                        .with_help("leave it out"));
                }
                self.within(&statement::written(&part.clauses)?, span, then)
            }
        }
    }

    /// Checks patterns whose variables go out of scope again; `then` still sees them.
    fn within<T>(
        &mut self,
        written: &[Written<'_>],
        span: Span,
        then: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<(Subquery, T)> {
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
        self.subqueries += 1;
        let matches = self.patterns(written)?;
        let more = then(self)?;
        self.subqueries -= 1;
        self.projecting = projecting;
        self.leave(outside);
        Ok((Subquery { matches }, more))
    }
}
