//! Lists and maps: literals, index, slice, comprehensions and quantifiers.

use std::sync::Arc;

use super::checker::{Binding, Checker};
use super::pattern::boolean;
use super::types;
use crate::error::{Error, Result, Span};
use crate::query::ir::{Expr, ExprKind, Quantifier, Type};
use crate::query::syntax::ast::{self, Name};
use crate::value::{Fields, Value};

impl Checker<'_> {
    /// A list; one of constants is a constant.
    pub(super) fn list(&mut self, items: &[ast::Expr], span: Span) -> Result<Expr> {
        let items: Vec<Expr> = items
            .iter()
            .map(|item| self.expression(item))
            .collect::<Result<_>>()?;
        let ty = types::list_of(types::common_of(items.iter().map(|item| item.ty.clone())));
        let constants: Option<Vec<Value>> = items.iter().map(constant).collect();
        let kind = match constants {
            Some(values) => ExprKind::Literal(Value::list(values)),
            None => ExprKind::List(items),
        };
        Ok(Expr { kind, ty, span })
    }

    /// A map; one of constants is a constant.
    pub(super) fn map(&mut self, entries: &[(Name, ast::Expr)], span: Span) -> Result<Expr> {
        let mut checked: Vec<(Arc<str>, Expr)> = Vec::with_capacity(entries.len());
        for (name, value) in entries {
            if checked.iter().any(|(known, _)| *known == name.text) {
                return Err(Error::syntax(
                    format!("the key `{}` twice", name.text),
                    name.span,
                ));
            }
            checked.push((Arc::clone(&name.text), self.expression(value)?));
        }
        let constants: Option<Fields> = checked
            .iter()
            .map(|(name, value)| Some((Arc::clone(name), constant(value)?)))
            .collect();
        let kind = match constants {
            Some(fields) => ExprKind::Literal(Value::Map(fields.into())),
            None => ExprKind::Map(checked),
        };
        Ok(Expr {
            kind,
            ty: Type::Map,
            span,
        })
    }

    pub(super) fn index(
        &mut self,
        base: &ast::Expr,
        index: &ast::Expr,
        span: Span,
    ) -> Result<Expr> {
        let (base, index) = (self.expression(base)?, self.expression(index)?);
        let ty = match &base.ty {
            Type::List(element) => (**element).clone(),
            Type::Entity(_) if self.in_rule => {
                let what = "reading a property by a computed name in a rule";
                return Err(Error::unsupported(what, span).with_help("write `.name`"));
            }
            Type::Map | Type::Any | Type::Null | Type::Entity(_) => Type::Any,
            other => {
                let message = format!("{} has no elements", types::described(other));
                return Err(Error::syntax(message, base.span));
            }
        };
        let expected = if matches!(base.ty, Type::List(_)) {
            Type::Number
        } else {
            Type::String
        };
        let known = !types::is_open(&base.ty) && !types::is_open(&index.ty);
        if known && index.ty != expected {
            let (wanted, found) = (types::described(&expected), types::described(&index.ty));
            let of = types::described(&base.ty);
            let message = format!("an index of {of} is {wanted}, not {found}");
            return Err(Error::syntax(message, index.span));
        }
        Ok(Expr {
            kind: ExprKind::Index(Box::new(base), Box::new(index)),
            ty,
            span,
        })
    }

    pub(super) fn slice(
        &mut self,
        base: &ast::Expr,
        (from, until): (Option<&ast::Expr>, Option<&ast::Expr>),
        span: Span,
    ) -> Result<Expr> {
        let base = self.expression(base)?;
        let Some(element) = types::element(&base.ty) else {
            let message = format!("{} cannot be sliced", types::described(&base.ty));
            return Err(Error::syntax(message, base.span));
        };
        let from = from.map(|bound| self.slice_bound(bound)).transpose()?;
        let until = until.map(|bound| self.slice_bound(bound)).transpose()?;
        let kind = ExprKind::Slice(Box::new(base), from, until);
        Ok(Expr {
            kind,
            ty: types::list_of(element),
            span,
        })
    }

    fn slice_bound(&mut self, bound: &ast::Expr) -> Result<Box<Expr>> {
        let bound = self.expression(bound)?;
        if bound.ty == Type::Number || types::is_open(&bound.ty) {
            return Ok(Box::new(bound));
        }
        let message = format!(
            "a slice goes by numbers, not by {}",
            types::described(&bound.ty)
        );
        Err(Error::syntax(message, bound.span))
    }

    pub(super) fn comprehension(
        &mut self,
        variable: &Name,
        list: &ast::Expr,
        (filter, map): (Option<&ast::Expr>, Option<&ast::Expr>),
        span: Span,
    ) -> Result<Expr> {
        let list = self.listed(list, "a list comprehension")?;
        let (local, (filter, map)) = self.with_local(variable, &list, |checker| {
            let filter = filter
                .map(|filter| checker.condition(filter, "`WHERE`"))
                .transpose()?;
            let map = map.map(|map| checker.expression(map)).transpose()?;
            Ok((filter.map(Box::new), map.map(Box::new)))
        })?;
        let element = types::element(&list.ty).unwrap_or(Type::Any);
        let ty = types::list_of(map.as_ref().map_or(element, |map| map.ty.clone()));
        let kind = ExprKind::Comprehension {
            local,
            list: Box::new(list),
            filter,
            map,
        };
        Ok(Expr { kind, ty, span })
    }

    pub(super) fn quantified(
        &mut self,
        quantifier: Quantifier,
        (variable, list, filter): (&Name, &ast::Expr, &ast::Expr),
        span: Span,
    ) -> Result<Expr> {
        let list = self.listed(list, "a quantifier")?;
        let (local, filter) = self.with_local(variable, &list, |checker| {
            checker.condition(filter, "`WHERE`")
        })?;
        let (list, filter) = (Box::new(list), Box::new(filter));
        Ok(boolean(
            ExprKind::Quantified {
                quantifier,
                local,
                list,
                filter,
            },
            span,
        ))
    }

    fn listed(&mut self, list: &ast::Expr, what: &str) -> Result<Expr> {
        let list = self.expression(list)?;
        if types::element(&list.ty).is_some() {
            return Ok(list);
        }
        let message = format!(
            "{what} goes over a list, not over {}",
            types::described(&list.ty)
        );
        Err(Error::syntax(message, list.span))
    }

    /// `reduce(total = start, x IN list | step)`
    pub(super) fn reduce(
        &mut self,
        (accumulator, start): (&Name, &ast::Expr),
        (variable, list): (&Name, &ast::Expr),
        step: &ast::Expr,
        span: Span,
    ) -> Result<Expr> {
        let start = self.expression(start)?;
        let list = self.listed(list, "`reduce`")?;
        // What the steps make of it shows only when they run.
        let (held, (local, step)) = self.with_value(accumulator, Type::Any, true, |checker| {
            checker.with_local(variable, &list, |checker| checker.expression(step))
        })?;
        let kind = ExprKind::Reduce {
            accumulator: held,
            start: Box::new(start),
            local,
            list: Box::new(list),
            step: Box::new(step),
        };
        Ok(Expr {
            kind,
            ty: Type::Any,
            span,
        })
    }

    /// Checks what a list variable is in scope of.
    fn with_local<T>(
        &mut self,
        variable: &Name,
        list: &Expr,
        then: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<(u16, T)> {
        let ty = types::element(&list.ty).unwrap_or(Type::Any);
        let entity = self.may_be_entity(list);
        self.with_value(variable, ty, entity, then)
    }

    /// Checks what a variable of an expression is in scope of.
    pub(super) fn with_value<T>(
        &mut self,
        variable: &Name,
        ty: Type,
        entity: bool,
        then: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<(u16, T)> {
        let index = self.new_local(Arc::clone(&variable.text), variable.span)?;
        let shadows = self.lookup(&variable.text).is_some();
        let outer = self.projecting.clone();
        if let Some(projecting) = &mut self.projecting {
            projecting.closed = true;
            if shadows {
                // The same text means something else in here.
                projecting.columns.clear();
            }
        }
        self.scope.push((
            Arc::clone(&variable.text),
            Binding::Local { index, ty, entity },
        ));
        let checked = then(self)?;
        self.scope.pop();
        self.projecting = outer;
        Ok((index, checked))
    }
}

fn constant(expr: &Expr) -> Option<Value> {
    if let ExprKind::Literal(value) = &expr.kind {
        Some(value.clone())
    } else {
        None
    }
}
