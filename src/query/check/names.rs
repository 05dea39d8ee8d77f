//! What a name means on the entities of a set of blueprints: a property, a mirror or a relation.

use super::derived::Typing;
use super::{blueprints, types};
use crate::error::{Error, Result, did_you_mean};
use crate::model::{Compiled, Declared, Meta, Model, Property, PropertyType, Relation, Target};
use crate::query::ir::{Blueprints, Read, Type};
use crate::query::syntax::ast::Name;
use crate::value::{BlueprintId, NameId};

/// What is read under a name from an entity of some blueprints, and its type.
pub(super) fn resolve(model: &Model, set: &Blueprints, name: &Name) -> Result<(Read, Type)> {
    if name.text.starts_with('$') {
        let meta = meta(name)?;
        return Ok((Read::Meta(meta), meta_type(meta)));
    }
    let mut typing = Typing::new(model);
    let mut value: Option<(Type, &Compiled)> = None;
    let mut relation: Option<(Arrived, &Compiled)> = None;
    for known in blueprints::members(model, set) {
        match known.declared(&name.text) {
            Some(Declared::Relation(found)) => {
                let arrived = Arrived::of(model, found);
                relation = Some(match relation {
                    Some((before, first)) => (before.and(arrived), first),
                    None => (arrived, known),
                });
            }
            Some(found) => {
                let ty = typing.of(known, found);
                value = Some(match value {
                    Some((before, first)) => (types::common(before, ty), first),
                    None => (ty, known),
                });
            }
            None => {}
        }
    }
    match (value, relation) {
        (Some((ty, _)), None) => Ok((Read::Property(interned(model, name)?), ty)),
        (None, Some((arrived, _))) => {
            Ok((Read::Relation(interned(model, name)?), arrived.ty(name)?))
        }
        (Some((_, owner)), Some((_, other))) => Err(ambiguous(owner, other, name)),
        (None, None) => Err(unknown(model, set, name)),
    }
}

/// The relation of a name (`x.$relations.name`), whether or not a property has the same name.
pub(super) fn relation(model: &Model, set: &Blueprints, name: &Name) -> Result<(Read, Type)> {
    let declared = blueprints::members(model, set).filter_map(|b| b.blueprint.relation(&name.text));
    let arrived = declared
        .map(|found| Arrived::of(model, found))
        .reduce(Arrived::and);
    match arrived {
        Some(arrived) => Ok((Read::Relation(interned(model, name)?), arrived.ty(name)?)),
        None => Err(no_relation(model, set, name)),
    }
}

/// Where a relation leads.
pub(super) struct Arrived {
    pub(super) targets: Blueprints,
    pub(super) single: bool,
    pub(super) many: bool,
}

impl Arrived {
    pub(super) fn of(model: &Model, relation: &Relation) -> Self {
        let targets = target_set(model, &relation.target);
        Self {
            targets,
            single: !relation.many,
            many: relation.many,
        }
    }

    pub(super) fn and(
        mut self,
        Self {
            targets,
            single,
            many,
        }: Self,
    ) -> Self {
        self.targets = blueprints::union(&self.targets, &targets);
        self.single |= single;
        self.many |= many;
        self
    }

    fn ty(&self, name: &Name) -> Result<Type> {
        if self.single && self.many {
            let what = format!(
                "`{}`, which is one for some blueprints and many for others",
                name.text
            );
            return Err(
                Error::unsupported(what, name.span).with_help("narrow the variable with a label")
            );
        }
        let entity = Type::Entity(self.targets.clone());
        Ok(if self.many {
            types::list_of(entity)
        } else {
            entity
        })
    }
}

/// The blueprints that a relation may point to.
pub(super) fn target_set(model: &Model, target: &Target) -> Blueprints {
    match target {
        Target::Any => Blueprints::All,
        Target::Blueprints(known) => Blueprints::Some(
            known
                .iter()
                .filter_map(|name| model.blueprint_id(name))
                .collect(),
        ),
    }
}

/// The id of a name that some blueprint declares.
pub(super) fn interned(model: &Model, name: &Name) -> Result<NameId> {
    let unknown = || Error::internal(format!("`{}` is declared but has no id", name.text));
    model.names().id(&name.text).ok_or_else(unknown)
}

pub(super) fn meta(name: &Name) -> Result<Meta> {
    Meta::named(&name.text).ok_or_else(|| {
        let message = format!("there is no meta-property `{}`", name.text);
        let extra = ["$scorecards", "$relations"];
        let known = Meta::ALL.iter().map(|(known, _)| *known).chain(extra);
        let error = Error::syntax(message, name.span);
        let plain = name.text.trim_start_matches('$');
        let usual = USUAL_NAMES.iter().find(|(other, _)| *other == plain);
        match usual {
            Some((_, ours)) => error.with_help(format!("did you mean `{ours}`?")),
            None => suggest(error, &name.text, known),
        }
    })
}

pub(super) fn meta_type(meta: Meta) -> Type {
    match meta {
        Meta::Identifier
        | Meta::Title
        | Meta::Icon
        | Meta::Blueprint
        | Meta::CreatedBy
        | Meta::UpdatedBy => Type::String,
        Meta::CreatedAt | Meta::UpdatedAt => Type::Instant,
        Meta::Team => types::list_of(Type::String),
    }
}

/// The type of a property of one blueprint, stored or derived; null where there is none.
pub(super) fn property(model: &Model, blueprint: BlueprintId, name: NameId) -> Type {
    let owner = model.blueprint(blueprint);
    let declared = owner.and_then(|owner| {
        let declared = owner.declared(model.names().text(name))?;
        Some((owner, declared))
    });
    match declared {
        None | Some((_, Declared::Relation(_))) => Type::Null,
        Some((owner, declared)) => Typing::new(model).of(owner, declared),
    }
}

/// The type of a stored property's values.
pub(super) fn property_type(property: &Property) -> Type {
    match property.kind {
        PropertyType::String if property.is_instant() => Type::Instant,
        PropertyType::String => Type::String,
        PropertyType::Number => Type::Number,
        PropertyType::Boolean => Type::Boolean,
        PropertyType::Object => Type::Map,
        PropertyType::Array => types::list_of(match property.items {
            Some((PropertyType::String, None)) => Type::String,
            Some((PropertyType::Number, _)) => Type::Number,
            Some((PropertyType::Boolean, _)) => Type::Boolean,
            Some((PropertyType::Object, _)) => Type::Map,
            Some((PropertyType::String | PropertyType::Array, _)) | None => Type::Any,
        }),
    }
}

/// The only values that a stored property takes on the blueprints of a set, where each that
/// declares it lists them.
pub(super) fn enumeration(
    model: &Model,
    set: &Blueprints,
    name: NameId,
) -> Option<Vec<crate::Value>> {
    let mut values = Vec::new();
    for known in blueprints::members(model, set) {
        match known.declared(model.names().text(name)) {
            Some(Declared::Property(property)) if property.kind != PropertyType::Array => {
                let listed = property.enumeration.as_ref()?;
                values.extend(listed.iter().map(crate::Value::from_json));
            }
            Some(_) => return None,
            None => {}
        }
    }
    (!values.is_empty()).then_some(values)
}

fn ambiguous(owner: &Compiled, other: &Compiled, name: &Name) -> Error {
    let (owner, other) = (&owner.blueprint.identifier, &other.blueprint.identifier);
    let name_text = &name.text;
    let message = format!("`{name_text}` is a property of `{owner}` and a relation of `{other}`");
    Error::syntax(message, name.span).with_help(format!(
        "narrow the variable with a label, or write `$relations.{name_text}`"
    ))
}

/// `service` has no .., none of `service` or `api` has a .., no blueprint has a ..
pub(super) fn nobody_has(model: &Model, set: &Blueprints, what: &str) -> String {
    match set {
        Blueprints::Some(ids) if ids.len() == 1 => {
            format!(
                "{} has no {what}",
                blueprints::shown(model, set).unwrap_or_default()
            )
        }
        Blueprints::Some(_) => {
            format!(
                "none of {} has a {what}",
                blueprints::shown(model, set).unwrap_or_default()
            )
        }
        Blueprints::All => format!("no blueprint has a {what}"),
    }
}

fn unknown(model: &Model, set: &Blueprints, name: &Name) -> Error {
    let message = nobody_has(model, set, &format!("property or relation `{}`", name.text));
    let mut known: Vec<&str> = Vec::new();
    for member in blueprints::members(model, set) {
        let blueprint = &member.blueprint;
        known.extend(blueprint.properties.iter().map(|p| &*p.name));
        known.extend(blueprint.mirrors.iter().map(|m| &*m.name));
        known.extend(blueprint.relations.iter().map(|r| &*r.name));
        known.extend(blueprint.calculations.iter().map(|c| &*c.name));
        known.extend(blueprint.aggregations.iter().map(|a| &*a.name));
    }
    known.extend(Meta::ALL.iter().map(|(known, _)| *known));
    let error = Error::syntax(message, name.span);
    let usual = |(other, _): &&(&str, &str)| other.eq_ignore_ascii_case(&name.text);
    if let Some((_, ours)) = USUAL_NAMES.iter().find(usual) {
        return error.with_help(format!("did you mean `{ours}`?"));
    }
    if model
        .scorecards()
        .any(|(_, card)| *card.identifier == *name.text)
    {
        return error.with_help(format!(
            "it is a scorecard: read `$scorecards.{}.level`",
            name.text
        ));
    }
    suggest(error, &name.text, known)
}

/// What other catalogs call the meta-properties.
const USUAL_NAMES: [(&str, &str); 9] = [
    ("id", "$identifier"),
    ("uid", "$identifier"),
    ("name", "$title"),
    ("label", "$title"),
    ("kind", "$blueprint"),
    ("type", "$blueprint"),
    ("created_at", "$createdAt"),
    ("updated_at", "$updatedAt"),
    ("teams", "$team"),
];

pub(super) fn no_relation(model: &Model, set: &Blueprints, name: &Name) -> Error {
    let message = nobody_has(model, set, &format!("relation `{}`", name.text));
    let error = Error::syntax(message, name.span);
    let declares = |known: &Compiled| known.declared(&name.text).is_some();
    if let Some(owner) = blueprints::members(model, set).find(|known| declares(known)) {
        let (owner, text) = (&owner.blueprint.identifier, &name.text);
        return error.with_help(format!(
            "it is a property of `{owner}`: test it with `({{{text}: ..}})`, read it with `.{text}`"
        ));
    }
    let known = || blueprints::members(model, set).flat_map(|b| &b.blueprint.relations);
    let names: std::collections::BTreeSet<&str> = known().map(|r| &*r.name).collect();
    if did_you_mean(&name.text, names.iter().copied()).is_none()
        && (1..=MOST_LISTED).contains(&names.len())
    {
        let listed = blueprints::listed(names, "and");
        return error.with_help(format!("there are {listed}"));
    }
    suggest(error, &name.text, known().map(|r| &*r.name))
}

/// How many names a message lists.
const MOST_LISTED: usize = 8;

/// Adds the nearest known name as help.
pub(super) fn suggest<'a>(
    error: Error,
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Error {
    match did_you_mean(wrong, known) {
        Some(help) => error.with_help(help),
        None => error,
    }
}
