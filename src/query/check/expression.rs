//! Expressions: each kind of the tree goes to the file of its family.

use super::checker::Checker;
use super::pattern::boolean;
use super::{labels, print, types};
use crate::error::{Error, Result, Span};
use crate::query::function;
use crate::query::ir::{Comparison, Expr, ExprKind, Test, Type};
use crate::query::syntax::ast;
use crate::value::Value;

impl Checker<'_> {
    pub(super) fn expression(&mut self, tree: &ast::Expr) -> Result<Expr> {
        if let Some(column) = self.column(tree) {
            return Ok(column);
        }
        let span = tree.span;
        match &tree.kind {
            ast::ExprKind::Literal(value) => {
                let ty = types::of_value(value);
                Ok(Expr {
                    kind: ExprKind::Literal(value.clone()),
                    ty,
                    span,
                })
            }
            ast::ExprKind::Parameter(name) => self.parameter(name, span),
            ast::ExprKind::Variable(name) => self.variable(name, span),
            ast::ExprKind::Property(..) => self.dots(tree),
            ast::ExprKind::List(items) => self.list(items, span),
            ast::ExprKind::Map(entries) => self.map(entries, span),
            ast::ExprKind::Index(base, index) => self.index(base, index, span),
            ast::ExprKind::Slice(base, from, until) => {
                self.slice(base, (from.as_deref(), until.as_deref()), span)
            }
            ast::ExprKind::Not(inner) => {
                let inner = self.condition(inner, "`NOT`")?;
                Ok(boolean(ExprKind::Not(Box::new(inner)), span))
            }
            ast::ExprKind::Negate(inner) => self.negate(inner, span),
            ast::ExprKind::And(all) => self.connected(all, "`AND`", ExprKind::And, span),
            ast::ExprKind::Or(all) => self.connected(all, "`OR`", ExprKind::Or, span),
            ast::ExprKind::Xor(all) => self.connected(all, "`XOR`", ExprKind::Xor, span),
            ast::ExprKind::Compare(comparison, a, b) => self.compare(*comparison, (a, b), span),
            ast::ExprKind::Arithmetic(operator, a, b) => self.arithmetic(*operator, (a, b), span),
            ast::ExprKind::Test(test, a, b) => self.test(*test, (a, b), span),
            ast::ExprKind::Between { value, low, high } => self.between((value, low, high), span),
            ast::ExprKind::IsNull(inner) => {
                let inner = self.expression(inner)?;
                Ok(boolean(ExprKind::IsNull(Box::new(inner)), span))
            }
            ast::ExprKind::IsEmpty(inner) => {
                let inner = self.expression(inner)?;
                Ok(boolean(ExprKind::IsEmpty(Box::new(inner)), span))
            }
            ast::ExprKind::HasLabels(inner, labels) => self.has_labels(inner, labels, span),
            ast::ExprKind::Case {
                operand,
                arms,
                otherwise,
            } => self.case(operand.as_deref(), arms, otherwise.as_deref(), span),
            ast::ExprKind::Call {
                name,
                distinct,
                arguments,
                filter,
            } => self.call((name, arguments), (*distinct, filter.as_deref()), span),
            ast::ExprKind::CountStar { filter } => self.count_star(filter.as_deref(), span),
            ast::ExprKind::Exists(body) => self.exists(body, span),
            ast::ExprKind::Aggregate {
                function,
                body,
                distinct,
                values,
            } => self.aggregate_subquery(function, body, (*distinct, values), span),
            ast::ExprKind::PatternPredicate(path) => self.pattern_predicate(path, span),
            ast::ExprKind::Comprehension {
                variable,
                list,
                filter,
                map,
            } => self.comprehension(variable, list, (filter.as_deref(), map.as_deref()), span),
            ast::ExprKind::Quantified {
                quantifier,
                variable,
                list,
                filter,
            } => self.quantified(*quantifier, (variable, list, filter), span),
            ast::ExprKind::Shape(base, items) => self.map_projection(base, items, span),
            ast::ExprKind::PatternComprehension { path, filter, map } => {
                self.pattern_comprehension(path, (filter.as_deref(), map), span)
            }
            ast::ExprKind::Reduce {
                accumulator,
                start,
                variable,
                list,
                step,
            } => self.reduce((accumulator, start), (variable, list), step, span),
        }
    }

    /// The column that an expression of a projection is, if it is one.
    pub(super) fn column(&self, tree: &ast::Expr) -> Option<Expr> {
        let projecting = self.projecting.as_ref()?;
        if projecting.columns.is_empty() {
            return None;
        }
        let text = print::expression(tree);
        let found = projecting.columns.iter().find(|(known, ..)| *known == text);
        let (_, at, ty) = found?;
        Some(Expr {
            kind: ExprKind::Column(*at),
            ty: ty.clone(),
            span: tree.span,
        })
    }

    fn connected(
        &mut self,
        all: &[ast::Expr],
        what: &str,
        kind: fn(Vec<Expr>) -> ExprKind,
        span: Span,
    ) -> Result<Expr> {
        let all: Result<Vec<_>> = all.iter().map(|part| self.condition(part, what)).collect();
        Ok(boolean(kind(all?), span))
    }

    fn has_labels(&mut self, inner: &ast::Expr, labels: &ast::Labels, span: Span) -> Result<Expr> {
        let inner = self.expression(inner)?;
        if inner.ty == Type::Relation {
            return self.is_called(inner, labels, span);
        }
        if !matches!(inner.ty, Type::Entity(_) | Type::Any | Type::Null) {
            let message = format!("{} has no label", types::described(&inner.ty));
            return Err(Error::syntax(message, inner.span));
        }
        let set = labels::blueprint_set(self.model, labels)?;
        Ok(boolean(ExprKind::IsBlueprint(Box::new(inner), set), span))
    }

    /// Whether a relation has one of the names that a label expression stands for.
    fn is_called(&self, relation: Expr, labels: &ast::Labels, span: Span) -> Result<Expr> {
        let Some(name) = function::find("type") else {
            return Err(Error::internal("there is no function `type`"));
        };
        let names = labels::relation_set(self.model, labels)?;
        let names = labels::explicit(self.model, names);
        let shared = |name| Value::String(self.model.names().shared(name));
        let literal = |kind, ty| Box::new(Expr { kind, ty, span });
        let names = Value::list(names.into_iter().map(shared));
        let names = literal(ExprKind::Literal(names), types::list_of(Type::String));
        let called = literal(ExprKind::Call(name, vec![relation]), Type::String);
        Ok(boolean(ExprKind::Test(Test::In, called, names), span))
    }

    /// `CASE`, with or without an operand; with one, each value becomes a comparison.
    fn case(
        &mut self,
        operand: Option<&ast::Expr>,
        arms: &[(Vec<ast::Expr>, ast::Expr)],
        otherwise: Option<&ast::Expr>,
        span: Span,
    ) -> Result<Expr> {
        let operand = operand
            .map(|operand| self.expression(operand))
            .transpose()?;
        let mut checked = Vec::with_capacity(arms.len());
        for (values, then) in arms {
            let tests: Result<Vec<_>> = values
                .iter()
                .map(|value| self.case_test(operand.as_ref(), value))
                .collect();
            checked.push((any_of(tests?, then.span), self.expression(then)?));
        }
        let otherwise = otherwise
            .map(|other| self.expression(other))
            .transpose()?
            .map(Box::new);
        let results = checked
            .iter()
            .map(|(_, then)| then)
            .chain(otherwise.as_deref());
        let ty = types::common_of(results.map(|then| then.ty.clone()));
        Ok(Expr {
            kind: ExprKind::Case {
                arms: checked,
                otherwise,
            },
            ty,
            span,
        })
    }

    fn case_test(&mut self, operand: Option<&Expr>, value: &ast::Expr) -> Result<Expr> {
        let Some(operand) = operand else {
            return self.condition(value, "`WHEN`");
        };
        let checked = (self.expression(value)?, Some(value));
        self.comparison(
            Comparison::Equal,
            (operand.clone(), None),
            checked,
            value.span,
        )
    }
}

fn any_of(mut tests: Vec<Expr>, span: Span) -> Expr {
    match (tests.pop(), tests.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            let span = tests.first().map_or(span, |first| first.span.to(last.span));
            tests.push(last);
            boolean(ExprKind::Or(tests), span)
        }
        (None, _) => boolean(ExprKind::Literal(Value::Bool(false)), span),
    }
}
