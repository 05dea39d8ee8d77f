//! What `.` is at the start: the JSON document of an entity, read property by property.

use std::sync::Arc;

use super::build::{any, call, literal};
use crate::error::{Error, Result, Span};
use crate::model::{Compiled, Declared, Format, Meta, Model, Property, PropertyType};
use crate::query::ir::{Blueprints, Expr, ExprKind, Read, Slot, Type};
use crate::value::{BlueprintId, Value};

/// The document that a filter starts from.
#[derive(Clone, Debug)]
pub(super) struct Root<'m> {
    /// The blueprint of the entity that the document is of, in slot 0.
    entity: Option<(&'m Model, BlueprintId)>,
    pub(super) start: Place,
}

/// A value, or a part of the document of which only what is read of it matters.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Document,
    Properties,
    Relations,
    Value(Expr),
    /// The time, in seconds, read at this place.
    Clock(Span),
}

impl Place {
    /// Whether it may stand in many places without being computed in each.
    pub(super) fn is_cheap(&self) -> bool {
        let Self::Value(expr) = self else {
            return true;
        };
        match &expr.kind {
            ExprKind::Literal(_) | ExprKind::Local(_) => true,
            ExprKind::Read { base, .. } => matches!(base.kind, ExprKind::Slot(_)),
            _ => false,
        }
    }
}

/// The meta-properties by their names in the document, in the order of their names.
const METAS: [(&str, Meta); 9] = [
    ("blueprint", Meta::Blueprint),
    ("createdAt", Meta::CreatedAt),
    ("createdBy", Meta::CreatedBy),
    ("icon", Meta::Icon),
    ("identifier", Meta::Identifier),
    ("team", Meta::Team),
    ("title", Meta::Title),
    ("updatedAt", Meta::UpdatedAt),
    ("updatedBy", Meta::UpdatedBy),
];

impl<'m> Root<'m> {
    pub(super) const fn entity(model: &'m Model, blueprint: BlueprintId) -> Self {
        Self {
            entity: Some((model, blueprint)),
            start: Place::Document,
        }
    }

    /// Any document, as filters that are not of entities have it.
    #[cfg(test)]
    pub(super) const fn value(value: Expr) -> Self {
        Self {
            entity: None,
            start: Place::Value(value),
        }
    }

    /// A part of the document by its name; `None` of a value.
    pub(super) fn part(&self, place: &Place, name: &str, span: Span) -> Result<Option<Place>> {
        let value = match place {
            Place::Value(_) | Place::Clock(_) => return Ok(None),
            Place::Document => match name {
                "properties" => return Ok(Some(Place::Properties)),
                "relations" => return Ok(Some(Place::Relations)),
                _ => self.meta(name, span)?,
            },
            Place::Properties => self.property(name, span)?,
            Place::Relations => self.relation(name, span),
        };
        // The catalog that a filter comes from may have had what this one has not.
        let value = value.unwrap_or_else(|| literal(Value::Null, span));
        Ok(Some(Place::Value(value)))
    }

    /// The whole value of a place.
    pub(super) fn whole(&self, place: &Place, span: Span) -> Result<Expr> {
        match place {
            Place::Value(expr) => Ok(expr.clone()),
            Place::Clock(_) => Err(Error::internal("the clock is not in the document")),
            Place::Properties => {
                let names = self.compiled().map(stored_and_mirrored).unwrap_or_default();
                let all = self.fields(&names, span, Self::property)?;
                call("jq_present", vec![map(all, span)], span)
            }
            Place::Relations => {
                let relations = self.compiled().map(|own| &own.blueprint.relations);
                let names: Vec<Arc<str>> = relations
                    .into_iter()
                    .flatten()
                    .map(|relation| Arc::clone(&relation.name))
                    .collect();
                Ok(map(
                    self.fields(&names, span, |root, name, span| {
                        Ok(root.relation(name, span))
                    })?,
                    span,
                ))
            }
            Place::Document => {
                let names = METAS.map(|(name, _)| Arc::from(name));
                let mut all = self.fields(&names, span, Self::meta)?;
                for (name, part) in [
                    ("properties", Place::Properties),
                    ("relations", Place::Relations),
                ] {
                    all.push((name.into(), self.whole(&part, span)?));
                }
                Ok(map(all, span))
            }
        }
    }

    fn fields(
        &self,
        names: &[Arc<str>],
        span: Span,
        read: impl Fn(&Self, &str, Span) -> Result<Option<Expr>>,
    ) -> Result<Vec<(Arc<str>, Expr)>> {
        let mut fields = Vec::new();
        for name in names {
            if let Some(value) = read(self, name, span)? {
                fields.push((Arc::clone(name), value));
            }
        }
        Ok(fields)
    }

    fn compiled(&self) -> Option<&Compiled> {
        let (model, blueprint) = self.entity?;
        model.blueprint(blueprint).map(AsRef::as_ref)
    }

    fn read(&self, read: Read, span: Span) -> Expr {
        let blueprint = self.entity.map(|(_, blueprint)| [blueprint].into());
        let blueprint = blueprint.map_or(Blueprints::All, Blueprints::Some);
        let base = Box::new(Expr {
            kind: ExprKind::Slot(Slot(0)),
            ty: Type::Entity(blueprint),
            span,
        });
        any(ExprKind::Read { base, read }, span)
    }

    fn meta(&self, name: &str, span: Span) -> Result<Option<Expr>> {
        let Some((_, meta)) = METAS.iter().find(|(known, _)| *known == name) else {
            return Ok(None);
        };
        let read = self.read(Read::Meta(*meta), span);
        match meta {
            Meta::CreatedAt | Meta::UpdatedAt => call("jq_time_stamp", vec![read], span).map(Some),
            _ => Ok(Some(read)),
        }
    }

    fn property(&self, name: &str, span: Span) -> Result<Option<Expr>> {
        let (Some((model, _)), Some(own)) = (self.entity, self.compiled()) else {
            return Ok(None);
        };
        let Some(id) = model.names().id(name) else {
            return Ok(None);
        };
        let read = || self.read(Read::Property(id), span);
        match own.declared(name) {
            None | Some(Declared::Relation(_)) => Ok(None),
            Some(Declared::Property(property)) if is_json(property) => Ok(Some(read())),
            Some(_) => call("jq_document", vec![read()], span).map(Some),
        }
    }

    /// The identifiers of the entities related.
    fn relation(&self, name: &str, span: Span) -> Option<Expr> {
        let (model, _) = self.entity?;
        self.compiled()?.blueprint.relation(name)?;
        let relation = model.names().id(name)?;
        let base = Box::new(self.read(Read::Relation(relation), span));
        let read = Read::Meta(Meta::Identifier);
        Some(any(ExprKind::Read { base, read }, span))
    }
}

/// A calculation is not among the properties that it sees as a whole: Port has none in there, and
/// one would be of itself.
fn stored_and_mirrored(own: &Compiled) -> Vec<Arc<str>> {
    let blueprint = &own.blueprint;
    let stored = blueprint.properties.iter().map(|property| &property.name);
    let mirrors = blueprint.mirrors.iter().map(|mirror| &mirror.name);
    let aggregations = blueprint.aggregations.iter().map(|a| &a.name);
    stored.chain(mirrors).chain(aggregations).cloned().collect()
}

/// Whether every value of a property is JSON as it is.
fn is_json(property: &Property) -> bool {
    match property.kind {
        PropertyType::Number | PropertyType::Boolean => true,
        PropertyType::String => !matches!(property.format, Some(Format::DateTime | Format::Timer)),
        PropertyType::Array | PropertyType::Object => false,
    }
}

fn map(fields: Vec<(Arc<str>, Expr)>, span: Span) -> Expr {
    any(ExprKind::Map(fields), span)
}
