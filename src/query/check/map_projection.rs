//! Map projections: `s {.*, .title, owner: s.owner.$title}`.

use std::sync::Arc;

use super::checker::Checker;
use super::types;
use crate::error::{Error, Result, Span};
use crate::query::function;
use crate::query::ir::{Expr, ExprKind, Type};
use crate::query::syntax::ast::{self, Name, ShapeItem};

impl Checker<'_> {
    /// A map made of an entity or map; a list of maps of a list of them, null of null.
    pub(super) fn map_projection(
        &mut self,
        base: &ast::Expr,
        items: &[ShapeItem],
        span: Span,
    ) -> Result<Expr> {
        let base = self.expression(base)?;
        let many = types::entities(&base.ty).is_some_and(|(_, many)| many);
        let ty = match (&base.ty, many) {
            (Type::List(element), true) => (**element).clone(),
            (Type::Entity(_) | Type::Map | Type::Any | Type::Null, _) => base.ty.clone(),
            (other, _) => {
                let message = format!("{} has no properties to pick", types::described(other));
                return Err(Error::syntax(message, base.span));
            }
        };
        let entity = self.may_be_entity(&base);
        // A name that cannot be written, so that it hides no variable.
        let hidden = Name {
            text: "".into(),
            span: base.span,
        };
        let (local, fields) = self.with_value(&hidden, ty.clone(), entity, |checker| {
            let index = checker.last_local();
            let this = Expr {
                kind: ExprKind::Local(index),
                ty,
                span: base.span,
            };
            checker.picked(&this, items, span)
        })?;
        let this = |ty| Expr {
            kind: ExprKind::Local(local),
            ty,
            span,
        };
        let map = Expr {
            kind: ExprKind::Case {
                arms: vec![(
                    Expr {
                        kind: ExprKind::IsNull(Box::new(this(Type::Any))),
                        ty: Type::Boolean,
                        span,
                    },
                    this(Type::Null),
                )],
                otherwise: Some(Box::new(fields)),
            },
            ty: Type::Map,
            span,
        };
        let kind = if many {
            ExprKind::Comprehension {
                local,
                list: Box::new(base),
                filter: None,
                map: Some(Box::new(map)),
            }
        } else {
            ExprKind::Let {
                local,
                value: Box::new(base),
                body: Box::new(map),
            }
        };
        let ty = if many {
            types::list_of(Type::Map)
        } else {
            Type::Map
        };
        Ok(Expr { kind, ty, span })
    }

    /// The map of the fields picked, later ones over earlier ones of the same name.
    fn picked(&mut self, this: &Expr, items: &[ShapeItem], span: Span) -> Result<Expr> {
        let mut parts: Vec<Expr> = Vec::new();
        let mut fields: Vec<(Arc<str>, Expr)> = Vec::new();
        for item in items {
            let (name, value) = match item {
                ShapeItem::AllProperties => {
                    parts.push(map_of(std::mem::take(&mut fields), span));
                    parts.push(call("properties", vec![this.clone()], span)?);
                    continue;
                }
                ShapeItem::Property(name) => (name, self.member(this.clone(), name)?),
                ShapeItem::Entry(name, value) => (name, self.expression(value)?),
                ShapeItem::Variable(name) => (name, self.variable(&name.text, name.span)?),
            };
            fields.retain(|(known, _)| *known != name.text);
            fields.push((Arc::clone(&name.text), value));
        }
        parts.push(map_of(fields, span));
        parts.retain(|part| !matches!(&part.kind, ExprKind::Map(fields) if fields.is_empty()));
        match parts.len() {
            0 => Ok(map_of(Vec::new(), span)),
            1 => Ok(parts.swap_remove(0)),
            _ => call("merge", parts, span),
        }
    }
}

fn map_of(fields: Vec<(Arc<str>, Expr)>, span: Span) -> Expr {
    Expr {
        kind: ExprKind::Map(fields),
        ty: Type::Map,
        span,
    }
}

fn call(name: &str, arguments: Vec<Expr>, span: Span) -> Result<Expr> {
    let function = function::find(name);
    let function = function.ok_or_else(|| Error::internal("a map function is missing"))?;
    Ok(Expr {
        kind: ExprKind::Call(function, arguments),
        ty: Type::Map,
        span,
    })
}
