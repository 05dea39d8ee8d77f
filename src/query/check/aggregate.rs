//! Aggregates of a projection.

use super::checker::{Checker, Projecting};
use super::{types, walk};
use crate::error::{Error, Result, Span};
use crate::query::function::{self, AggregateFunction, Fold};
use crate::query::ir::{Aggregate, Expr, ExprKind, Type};
use crate::query::syntax::ast;

impl Checker<'_> {
    pub(super) fn count_star(&mut self, filter: Option<&ast::Expr>, span: Span) -> Result<Expr> {
        let Some(function) = function::find_aggregate("count") else {
            return Err(Error::internal("there is no aggregate `count`"));
        };
        let outer = self.enter_aggregate("count", span)?;
        let filter = self.aggregate_filter(filter)?;
        let aggregate = Aggregate {
            function,
            argument: None,
            distinct: false,
            filter,
        };
        Ok(self.leave_aggregate(outer, aggregate, Type::Number, span))
    }

    pub(super) fn aggregate(
        &mut self,
        function: &'static AggregateFunction,
        arguments: &[ast::Expr],
        (distinct, filter): (bool, Option<&ast::Expr>),
        span: Span,
    ) -> Result<Expr> {
        let outer = self.enter_aggregate(function.name, span)?;
        let (wanted, given) = (function.fold.arguments(), arguments.len());
        let Some(first) = arguments.first().filter(|_| given == wanted) else {
            let plural = if wanted == 1 { "" } else { "s" };
            let message = format!(
                "`{}` takes {wanted} argument{plural}, not {given}",
                function.name
            );
            return Err(Error::syntax(message, span).with_help(function.signature));
        };
        if let Some(random) = arguments.iter().find(|part| walk::holds(part, is_random)) {
            let message = format!("`{}` of what differs each time", function.name);
            return Err(Error::syntax(message, random.span)
                .with_help("draw the numbers in a `WITH` before"));
        }
        let first = self.expression(first)?;
        let ty = result(function, &first)?;
        let argument = match arguments.get(1) {
            None => first,
            Some(share) => {
                let share = self.expression(share)?;
                if share.ty != Type::Number && !types::is_open(&share.ty) {
                    let found = types::described(&share.ty);
                    let message = format!("the percentile is a number, not {found}");
                    return Err(Error::syntax(message, share.span));
                }
                let (ty, span) = (types::list_of(Type::Any), first.span);
                let kind = ExprKind::List(vec![first, share]);
                Expr { kind, ty, span }
            }
        };
        let filter = self.aggregate_filter(filter)?;
        let aggregate = Aggregate {
            function,
            argument: Some(argument),
            distinct,
            filter,
        };
        Ok(self.leave_aggregate(outer, aggregate, ty, span))
    }

    /// Within an aggregate every row is seen, and no other aggregate may stand.
    fn enter_aggregate(&mut self, name: &str, span: Span) -> Result<Projecting> {
        let (message, help) = match self.projecting.take() {
            Some(projecting) if projecting.closed => (
                format!("the aggregate `{name}` cannot stand within a list expression"),
                "return it as a column of its own",
            ),
            Some(projecting) if projecting.aggregating => return Ok(projecting),
            Some(_) => (
                format!("the aggregate `{name}` orders rows, but `RETURN` holds no aggregate"),
                "return the aggregate too, or order by a `COUNT { .. }` of each row",
            ),
            None => (
                format!(
                    "the aggregate `{name}` can stand only in `RETURN`, `WITH` and `ORDER BY`, \
                     and not within another"
                ),
                "filter groups by `WITH .. WHERE ..`; count the matches of one row by `COUNT { .. }`",
            ),
        };
        Err(Error::syntax(message, span).with_help(help))
    }

    fn aggregate_filter(&mut self, filter: Option<&ast::Expr>) -> Result<Option<Expr>> {
        filter
            .map(|filter| self.condition(filter, "`FILTER`"))
            .transpose()
    }

    fn leave_aggregate(
        &mut self,
        mut outer: Projecting,
        aggregate: Aggregate,
        ty: Type,
        span: Span,
    ) -> Expr {
        let at = outer.aggregates.len();
        outer.aggregates.push(aggregate);
        self.projecting = Some(outer);
        Expr {
            kind: ExprKind::Aggregate(at),
            ty,
            span,
        }
    }
}

fn is_random(expr: &ast::Expr) -> bool {
    let ast::ExprKind::Call { name, .. } = &expr.kind else {
        return false;
    };
    function::find(&name.text).is_some_and(|function| function.random)
}

/// The type of an aggregate's result.
pub(super) fn result(function: &AggregateFunction, argument: &Expr) -> Result<Type> {
    let ty = &argument.ty;
    match function.fold {
        Fold::Count => Ok(Type::Number),
        Fold::Min | Fold::Max | Fold::DiscretePercentile => Ok(ty.clone()),
        Fold::Collect => Ok(types::list_of(ty.clone())),
        Fold::Deviation | Fold::PopulationDeviation if *ty == Type::Duration => {
            let message = format!("`{}` needs numbers, not a duration", function.name);
            Err(Error::syntax(message, argument.span))
        }
        Fold::Sum
        | Fold::Average
        | Fold::Median
        | Fold::Deviation
        | Fold::PopulationDeviation
        | Fold::ContinuousPercentile => match ty {
            Type::Number | Type::Duration => Ok(ty.clone()),
            Type::Any | Type::Null => Ok(Type::Any),
            other => {
                let found = types::described(other);
                let message = format!("`{}` needs numbers, not {found}", function.name);
                Err(Error::syntax(message, argument.span))
            }
        },
    }
}
