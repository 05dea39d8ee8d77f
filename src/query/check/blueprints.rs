//! Set operations on blueprints.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Compiled, Model};
use crate::query::ir::Blueprints;
use crate::value::BlueprintId;

/// The set of one blueprint.
pub(super) fn one(id: BlueprintId) -> Blueprints {
    Blueprints::Some(BTreeSet::from([id]))
}

pub(super) fn contains(set: &Blueprints, id: BlueprintId) -> bool {
    match set {
        Blueprints::All => true,
        Blueprints::Some(ids) => ids.contains(&id),
    }
}

pub(super) fn is_empty(set: &Blueprints) -> bool {
    matches!(set, Blueprints::Some(ids) if ids.is_empty())
}

pub(super) fn intersect(a: &Blueprints, b: &Blueprints) -> Blueprints {
    match (a, b) {
        (Blueprints::All, other) | (other, Blueprints::All) => other.clone(),
        (Blueprints::Some(a), Blueprints::Some(b)) => Blueprints::Some(a & b),
    }
}

pub(super) fn union(a: &Blueprints, b: &Blueprints) -> Blueprints {
    match (a, b) {
        (Blueprints::All, _) | (_, Blueprints::All) => Blueprints::All,
        (Blueprints::Some(a), Blueprints::Some(b)) => Blueprints::Some(a | b),
    }
}

pub(super) fn complement(model: &Model, set: &Blueprints) -> Blueprints {
    let outside = model
        .blueprints()
        .map(|known| known.id)
        .filter(|id| !contains(set, *id));
    Blueprints::Some(outside.collect())
}

/// The blueprints of a set, in the order of their identifiers.
pub(super) fn members<'m>(
    model: &'m Model,
    set: &Blueprints,
) -> impl Iterator<Item = &'m Arc<Compiled>> {
    model
        .blueprints()
        .filter(move |known| contains(set, known.id))
}

/// The identifiers of a set, as an error shows them; `None` for every blueprint.
pub(super) fn shown(model: &Model, set: &Blueprints) -> Option<String> {
    let Blueprints::Some(_) = set else {
        return None;
    };
    Some(listed(
        members(model, set).map(|known| &*known.blueprint.identifier),
        "or",
    ))
}

/// Names in backticks, with a word before the last; a long list is cut.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>, word: &str) -> String {
    const SHOWN: usize = 12;
    let mut names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        let rest = names.len() - SHOWN;
        names.truncate(SHOWN);
        return format!("{} {word} {rest} more", names.join(", "));
    }
    match names.pop() {
        None => "nothing".to_owned(),
        Some(only) if names.is_empty() => only,
        Some(last) => format!("{} {word} {last}", names.join(", ")),
    }
}
