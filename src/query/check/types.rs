//! What the checker knows of values: names of types, the common type of several, element types.

use super::blueprints;
use crate::query::ir::{Blueprints, Type};
use crate::value::Value;

/// A type as an error names it.
pub(super) const fn described(ty: &Type) -> &'static str {
    match ty {
        Type::Any => "a value",
        Type::Null => "null",
        Type::Boolean => "a boolean",
        Type::Number => "a number",
        Type::String => "a string",
        Type::Instant => "a date-time",
        Type::Date => "a date",
        Type::Duration => "a duration",
        Type::Level(_) => "a level",
        Type::List(_) => "a list",
        Type::Map => "a map",
        Type::Entity(_) => "an entity",
        Type::Relation => "a relation",
        Type::Path => "a path",
    }
}

pub(super) fn list_of(element: Type) -> Type {
    Type::List(Box::new(element))
}

/// The type of what reading from each element of a list gives: lists are flattened.
pub(super) fn flattened(of_each: Type) -> Type {
    if let Type::List(_) = of_each {
        of_each
    } else {
        list_of(of_each)
    }
}

/// The type that covers both.
pub(super) fn common(a: Type, b: Type) -> Type {
    match (a, b) {
        (a, b) if a == b => a,
        (Type::Null, other) | (other, Type::Null) => other,
        (Type::Entity(a), Type::Entity(b)) => Type::Entity(blueprints::union(&a, &b)),
        (Type::List(a), Type::List(b)) => list_of(common(*a, *b)),
        _ => Type::Any,
    }
}

/// The type that covers all; null for none.
pub(super) fn common_of(types: impl IntoIterator<Item = Type>) -> Type {
    types.into_iter().fold(Type::Null, common)
}

/// The type of a list's elements; `None` where the type is known not to be a list.
pub(super) fn element(ty: &Type) -> Option<Type> {
    match ty {
        Type::List(element) => Some((**element).clone()),
        Type::Any => Some(Type::Any),
        Type::Null => Some(Type::Null),
        Type::Boolean
        | Type::Number
        | Type::String
        | Type::Instant
        | Type::Date
        | Type::Duration
        | Type::Level(_)
        | Type::Map
        | Type::Entity(_)
        | Type::Relation
        | Type::Path => None,
    }
}

/// The blueprints of an entity or of a list of entities, and whether it is a list.
pub(super) fn entities(ty: &Type) -> Option<(&Blueprints, bool)> {
    match ty {
        Type::Entity(set) => Some((set, false)),
        Type::List(element) => match &**element {
            Type::Entity(set) => Some((set, true)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether nothing is known of the values.
pub(super) const fn is_open(ty: &Type) -> bool {
    matches!(ty, Type::Any | Type::Null)
}

/// The type of a constant.
pub(super) fn of_value(value: &Value) -> Type {
    match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Boolean,
        Value::Int(_) | Value::Float(_) => Type::Number,
        Value::String(_) => Type::String,
        Value::Instant(..) => Type::Instant,
        Value::Date(_) => Type::Date,
        Value::Duration(_) => Type::Duration,
        Value::List(values) => list_of(common_of(values.iter().map(of_value))),
        Value::Map(_) => Type::Map,
        Value::Relation(_) => Type::Relation,
        Value::Path(_) => Type::Path,
        // Which scorecard a level is of, and which blueprint an entity, the value does not tell.
        Value::Level(_) | Value::Entity(_) => Type::Any,
    }
}

/// The kinds of values by the words that signatures use, each with those that stand for it.
fn is_word_for(word: &str, ty: &Type) -> Option<bool> {
    Some(match word {
        "boolean" => matches!(ty, Type::Boolean),
        "number" => matches!(ty, Type::Number),
        "string" => matches!(ty, Type::String | Type::Level(_)),
        "instant" => matches!(ty, Type::Instant),
        "date" => matches!(ty, Type::Date),
        "duration" => matches!(ty, Type::Duration),
        "level" => matches!(ty, Type::Level(_)),
        "list" => matches!(ty, Type::List(_)),
        "map" => matches!(ty, Type::Map),
        "entity" => matches!(ty, Type::Entity(_)),
        "relation" => matches!(ty, Type::Relation),
        "path" => matches!(ty, Type::Path),
        _ => return None,
    })
}

/// What a function's signature calls the argument at a place, where it calls it by kinds of
/// values of which the type is none.
pub(super) fn refused_by<'a>(signature: &'a str, at: usize, ty: &Type) -> Option<&'a str> {
    let (_, rest) = signature.split_once('(')?;
    let (arguments, _) = rest.rsplit_once(") ->")?;
    let argument = arguments.split(", ").nth(at)?.trim_end_matches('?');
    let mut fits = is_open(ty);
    for word in argument.split(" or ") {
        fits |= is_word_for(word, ty)?;
    }
    (!fits).then_some(argument)
}

/// The type that a function's signature names after its arrow.
pub(super) fn of_signature(signature: &str) -> Type {
    match signature.rsplit("->").next().unwrap_or("").trim() {
        "boolean" => Type::Boolean,
        "number" | "integer" | "float" => Type::Number,
        "string" => Type::String,
        "instant" => Type::Instant,
        "date" => Type::Date,
        "duration" => Type::Duration,
        "map" => Type::Map,
        "path" => Type::Path,
        "relation" => Type::Relation,
        "list" => list_of(Type::Any),
        "list of strings" | "[string]" => list_of(Type::String),
        "list of numbers" | "[number]" => list_of(Type::Number),
        _ => Type::Any,
    }
}
