//! Dots: properties, mirrors, relations and meta-properties of entities, keys of maps.

use std::sync::Arc;

use super::checker::{Binding, Checker};
use super::names::suggest;
use super::{names, types};
use crate::error::{Error, Result};
use crate::query::function::{self, Holder, components};
use crate::query::ir::{Blueprints, Expr, ExprKind, Read, Slot, Type};
use crate::query::syntax::ast::{self, Name};
use crate::value::Value;

impl Checker<'_> {
    /// A chain of dots, `root.a.b.c`; taken as a whole, because `$scorecards` and `$relations`
    /// take the names after them.
    pub(super) fn dots(&mut self, tree: &ast::Expr) -> Result<Expr> {
        let mut steps = Vec::new();
        let mut root = tree;
        while let ast::ExprKind::Property(base, name) = &root.kind {
            steps.push(name);
            root = base;
            if self.column(root).is_some() {
                break;
            }
        }
        steps.reverse();
        let namespace = self.namespace(root);
        let mut expr = match &namespace {
            Some(_) => self.slot_expr(Slot(0), root.span),
            None => self.expression(root)?,
        };
        let steps: Vec<&Name> = namespace.iter().chain(steps).collect();
        let mut rest = &*steps;
        while let [first, after @ ..] = rest {
            (expr, rest) = match &*first.text {
                "$scorecards" => self.scorecard(expr, first, after)?,
                "$relations" => match after {
                    [name, after @ ..] => (self.forced_relation(expr, name)?, after),
                    [] => {
                        return Err(Error::syntax("`$relations` needs a relation", first.span)
                            .with_help("write `$relations.name`"));
                    }
                },
                _ => (self.member(expr, first)?, after),
            };
        }
        Ok(expr)
    }

    /// In a rule a bare `$scorecards` or `$relations` is that of `this`.
    fn namespace(&self, root: &ast::Expr) -> Option<Name> {
        let ast::ExprKind::Parameter(name) = &root.kind else {
            return None;
        };
        let found = self.in_rule && matches!(&**name, "scorecards" | "relations");
        found.then(|| Name {
            text: format!("${name}").into(),
            span: root.span,
        })
    }

    /// One name read from whatever the base is.
    pub(super) fn member(&mut self, base: Expr, name: &Name) -> Result<Expr> {
        if let Some((set, _)) = types::entities(&base.ty) {
            let (read, ty) = names::resolve(self.model, set, name)?;
            return Ok(read_from(base, read, ty, name));
        }
        let span = base.span.to(name.span);
        match base.ty {
            Type::Null => Ok(Expr {
                kind: ExprKind::Literal(Value::Null),
                ty: Type::Null,
                span,
            }),
            Type::Any
                if self.in_rule && (self.may_be_entity(&base) || name.text.starts_with('$')) =>
            {
                let what = format!(
                    "`.{}` of something whose kind only shows when it runs",
                    name.text
                );
                Err(Error::unsupported(what, span)
                    .with_help("match the entity with a variable of its own"))
            }
            Type::Map | Type::Any => {
                let kind = ExprKind::Key(Box::new(base), Arc::clone(&name.text));
                Ok(Expr {
                    kind,
                    ty: Type::Any,
                    span,
                })
            }
            Type::Date => component(base, Holder::Date, name),
            Type::Instant => component(base, Holder::Instant, name),
            Type::Duration => component(base, Holder::Duration, name),
            ref ty => {
                let what = types::described(ty);
                let error =
                    Error::syntax(format!("{what} has no property `{}`", name.text), name.span);
                Err(match ty {
                    _ if function::find(&name.text).is_some() => {
                        error.with_help(format!("write `{0}(..)`: `{0}` is a function", name.text))
                    }
                    Type::Relation => {
                        error.with_help("model what a relation carries as a blueprint")
                    }
                    Type::List(_) => {
                        error.with_help(format!("write `[x IN .. | x.{}]`", name.text))
                    }
                    _ => error,
                })
            }
        }
    }

    fn forced_relation(&mut self, base: Expr, name: &Name) -> Result<Expr> {
        let (read, ty) = names::relation(self.model, entities_of(&base, "$relations")?, name)?;
        Ok(read_from(base, read, ty, name))
    }

    /// Whether an expression of unknown type may yield an entity, from which a key is not read
    /// as from a map.
    pub(super) fn may_be_entity(&self, expr: &Expr) -> bool {
        let mut todo = vec![expr];
        while let Some(expr) = todo.pop() {
            if types::entities(&expr.ty).is_some() {
                return true;
            }
            match &expr.kind {
                ExprKind::Call(_, all) | ExprKind::List(all) => todo.extend(all),
                ExprKind::Index(base, _) | ExprKind::Slice(base, ..) => todo.push(base),
                ExprKind::Case { arms, otherwise } => {
                    todo.extend(arms.iter().map(|(_, then)| then));
                    todo.extend(otherwise.as_deref());
                }
                ExprKind::Comprehension { list, map, .. } => {
                    todo.extend([&**list].into_iter().chain(map.as_deref()));
                }
                ExprKind::Local(local) => {
                    let is_it = |binding: &Binding| matches!(binding, Binding::Local { index, entity: true, .. } if index == local);
                    if self.scope.iter().any(|(_, binding)| is_it(binding)) {
                        return true;
                    }
                }
                ExprKind::Let { body, .. } => todo.push(body),
                ExprKind::Reduce {
                    start, list, step, ..
                } => todo.extend([&**start, &**list, &**step]),
                // A column or aggregate may hold anything that a row holds.
                ExprKind::Column(_) | ExprKind::Aggregate(_) => return true,
                _ => {}
            }
        }
        false
    }
}

/// The blueprints of an entity or a list of entities; an error for anything else.
pub(super) fn entities_of<'e>(base: &'e Expr, what: &str) -> Result<&'e Blueprints> {
    types::entities(&base.ty)
        .map(|(set, _)| set)
        .ok_or_else(|| {
            let message = format!("{} has no `{what}`", types::described(&base.ty));
            Error::syntax(message, base.span)
        })
}

/// A part of a date, a point in time or a duration.
fn component(base: Expr, holder: Holder, name: &Name) -> Result<Expr> {
    let found = components(holder).find(|known| *known.name == *name.text);
    let Some(found) = found else {
        let what = types::described(&base.ty);
        let message = format!("{what} has no part `{}`", name.text);
        let known = components(holder).map(|known| known.name);
        return Err(suggest(
            Error::syntax(message, name.span),
            &name.text,
            known,
        ));
    };
    let span = base.span.to(name.span);
    Ok(Expr {
        kind: ExprKind::Key(Box::new(base), Arc::clone(&name.text)),
        ty: if found.text {
            Type::String
        } else {
            Type::Number
        },
        span,
    })
}

/// A read from an entity, or from each of a list.
pub(super) fn read_from(base: Expr, read: Read, ty: Type, name: &Name) -> Expr {
    let many = types::entities(&base.ty).is_some_and(|(_, many)| many);
    let ty = if many { types::flattened(ty) } else { ty };
    let span = base.span.to(name.span);
    Expr {
        kind: ExprKind::Read {
            base: Box::new(base),
            read,
        },
        ty,
        span,
    }
}
