//! Label expressions: of a pattern node to a set of blueprints, of a relation to a set of names.

use std::collections::BTreeSet;

use super::names::suggest;
use super::{blueprints, names};
use crate::error::{Error, ErrorKind, Result, Span};
use crate::model::Model;
use crate::query::ir::{Blueprints, Relations};
use crate::query::syntax::ast::{Labels, Name};
use crate::value::NameId;

/// How deep `!` and parentheses may nest.
const DEPTH: u32 = 64;

/// The blueprints that a label expression stands for.
pub(super) fn blueprint_set(model: &Model, labels: &Labels) -> Result<Blueprints> {
    blueprint_set_at(model, labels, 0)
}

fn blueprint_set_at(model: &Model, labels: &Labels, depth: u32) -> Result<Blueprints> {
    bound(labels, depth)?;
    match labels {
        Labels::Any(_) => Ok(Blueprints::All),
        Labels::Name(name) => blueprint(model, name),
        Labels::Not(inner) => Ok(blueprints::complement(
            model,
            &blueprint_set_at(model, inner, depth + 1)?,
        )),
        Labels::And(all) => all.iter().try_fold(Blueprints::All, |set, label| {
            Ok(blueprints::intersect(
                &set,
                &blueprint_set_at(model, label, depth + 1)?,
            ))
        }),
        Labels::Or(all) => all
            .iter()
            .try_fold(Blueprints::Some(BTreeSet::new()), |set, label| {
                Ok(blueprints::union(
                    &set,
                    &blueprint_set_at(model, label, depth + 1)?,
                ))
            }),
    }
}

fn blueprint(model: &Model, name: &Name) -> Result<Blueprints> {
    model
        .blueprint_id(&name.text)
        .map(blueprints::one)
        .ok_or_else(|| {
            let error = Error::syntax(format!("there is no blueprint `{}`", name.text), name.span);
            let known = model.blueprints().map(|known| &*known.blueprint.identifier);
            suggest(error, &name.text, known)
        })
}

/// The relations that a label expression stands for.
pub(super) fn relation_set(model: &Model, labels: &Labels) -> Result<Relations> {
    let set = relation_set_at(model, labels, 0)?;
    if matches!(&set, Relations::Some(names) if names.is_empty()) {
        return Err(Error::syntax("no relation fits these labels", span(labels)));
    }
    Ok(set)
}

fn relation_set_at(model: &Model, labels: &Labels, depth: u32) -> Result<Relations> {
    bound(labels, depth)?;
    let inner = |label: &Labels| Ok(explicit(model, relation_set_at(model, label, depth + 1)?));
    match labels {
        Labels::Any(_) => Ok(Relations::All),
        Labels::Name(name) => Ok(Relations::Some(BTreeSet::from([relation(model, name)?]))),
        Labels::Not(label) => {
            let (all, without) = (explicit(model, Relations::All), inner(label)?);
            Ok(Relations::Some(&all - &without))
        }
        Labels::And(all) => {
            let sets: Vec<_> = all.iter().map(inner).collect::<Result<_>>()?;
            Ok(Relations::Some(
                sets.into_iter().reduce(|a, b| &a & &b).unwrap_or_default(),
            ))
        }
        Labels::Or(all) => {
            let sets: Vec<_> = all.iter().map(inner).collect::<Result<_>>()?;
            Ok(Relations::Some(
                sets.into_iter().reduce(|a, b| &a | &b).unwrap_or_default(),
            ))
        }
    }
}

fn relation(model: &Model, name: &Name) -> Result<NameId> {
    if name.text.starts_with('$') {
        return Err(Error::unsupported(
            format!("the relation `{}`", name.text),
            name.span,
        ));
    }
    let mut known = model.blueprints();
    if known.any(|known| known.blueprint.relation(&name.text).is_some()) {
        return names::interned(model, name);
    }
    Err(names::no_relation(model, &Blueprints::All, name))
}

/// The names of a set, listed.
pub(super) fn explicit(model: &Model, set: Relations) -> BTreeSet<NameId> {
    match set {
        Relations::Some(names) => names,
        Relations::All => {
            let declared = model
                .blueprints()
                .flat_map(|known| &known.blueprint.relations);
            declared
                .filter_map(|relation| model.names().id(&relation.name))
                .collect()
        }
    }
}

fn bound(labels: &Labels, depth: u32) -> Result<()> {
    if depth < DEPTH {
        return Ok(());
    }
    let message = format!("the label expression nests deeper than {DEPTH} levels");
    Err(Error::new(ErrorKind::Limit, message).with_span(span(labels)))
}

/// Where a label expression stands.
pub(super) fn span(labels: &Labels) -> Span {
    let mut all = Vec::new();
    let mut todo = vec![labels];
    while let Some(labels) = todo.pop() {
        match labels {
            Labels::Any(span) => all.push(*span),
            Labels::Name(name) => all.push(name.span),
            Labels::Not(inner) => todo.push(inner),
            Labels::And(parts) | Labels::Or(parts) => todo.extend(parts),
        }
    }
    all.into_iter().reduce(Span::to).unwrap_or_default()
}
