//! Where a path can be after each of its steps: blueprints, by the relations that they declare.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Blueprint, Compiled, Model, Relation, Target};
use crate::error::{Error, Result, did_you_mean};
use crate::value::BlueprintId;

/// The blueprints at which a path can be.
pub(super) type Places = BTreeSet<BlueprintId>;

impl Model {
    /// The blueprints by id.
    pub(super) fn compiled(&self, places: &Places) -> Vec<&Arc<Compiled>> {
        places.iter().filter_map(|id| self.blueprint(*id)).collect()
    }

    /// The blueprints that a target allows.
    pub(super) fn targets(&self, target: &Target) -> Vec<BlueprintId> {
        match target {
            Target::Any => self.blueprint_ids.values().copied().collect(),
            Target::Blueprints(names) => names
                .iter()
                .filter_map(|name| self.blueprint_id(name))
                .collect(),
        }
    }

    /// Where a relation leads to. A step is good if at least one of the blueprints declares the
    /// relation; for entities of the others it leads nowhere.
    pub(super) fn follow(&self, from: &Places, relation: &str) -> Result<Places> {
        self.follow_each(from, relation, |_, _| Ok(()))
    }

    /// Where a relation to one entity leads to; `of` says what the path is.
    pub(super) fn follow_single(&self, from: &Places, relation: &str, of: &str) -> Result<Places> {
        self.follow_each(from, relation, |blueprint, relation| {
            if !relation.many {
                return Ok(());
            }
            let (name, owner) = (&relation.name, &blueprint.identifier);
            let message = format!("relation `{name}` of blueprint `{owner}` is to many");
            let help = format!("{of} goes through relations to one entity only");
            Err(Error::invalid(message).with_help(help))
        })
    }

    fn follow_each(
        &self,
        from: &Places,
        relation: &str,
        check: impl Fn(&Blueprint, &Relation) -> Result<()>,
    ) -> Result<Places> {
        let here = self.compiled(from);
        let mut to = Places::new();
        let mut declared = false;
        for blueprint in here.iter().map(|here| &here.blueprint) {
            if let Some(relation) = blueprint.relation(relation) {
                check(blueprint, relation)?;
                to.extend(self.targets(&relation.target));
                declared = true;
            }
        }
        if declared {
            return Ok(to);
        }
        let known = here.iter().flat_map(|here| &here.blueprint.relations);
        let known = known.map(|relation| &*relation.name);
        Err(suggest(lack(&here, "relation", relation), relation, known))
    }

    /// The blueprints whose relation of this name leads to one of these.
    pub(super) fn follow_back(&self, from: &Places, relation: &str) -> Result<Places> {
        let owners = self.blueprints().filter(|owner| {
            let declared = owner.blueprint.relation(relation);
            declared.is_some_and(|declared| self.leads_to(declared, from))
        });
        let to: Places = owners.map(|owner| owner.id).collect();
        if !to.is_empty() {
            return Ok(to);
        }
        let message = match &*self.compiled(from) {
            [one] => format!(
                "no relation `{relation}` points to blueprint `{}`",
                one.blueprint.identifier
            ),
            several => {
                let count = several.len();
                format!(
                    "no relation `{relation}` points to one of the {count} blueprints that it can reach"
                )
            }
        };
        let relations = self
            .blueprints()
            .flat_map(|owner| &owner.blueprint.relations);
        let known = relations.filter(|known| self.leads_to(known, from));
        let known = known.map(|relation| &*relation.name);
        Err(suggest(Error::invalid(message), relation, known))
    }

    fn leads_to(&self, relation: &Relation, places: &Places) -> bool {
        match &relation.target {
            Target::Any => !places.is_empty(),
            Target::Blueprints(names) => names
                .iter()
                .filter_map(|name| self.blueprint_id(name))
                .any(|target| places.contains(&target)),
        }
    }
}

/// Says that none of these blueprints has a property or relation.
pub(super) fn lack(blueprints: &[&Arc<Compiled>], what: &str, name: &str) -> Error {
    let name = name.escape_debug();
    Error::invalid(match blueprints {
        [one] => format!(
            "blueprint `{}` has no {what} `{name}`",
            one.blueprint.identifier
        ),
        several => {
            let count = several.len();
            format!("none of the {count} blueprints that it can reach has a {what} `{name}`")
        }
    })
}

/// The names of the stored and derived properties of a blueprint.
pub(super) fn property_names(blueprint: &Blueprint) -> impl Iterator<Item = &str> {
    let stored = blueprint.properties.iter().map(|property| &*property.name);
    let mirrors = blueprint.mirrors.iter().map(|mirror| &*mirror.name);
    let calculations = blueprint.calculations.iter().map(|c| &*c.name);
    let aggregations = blueprint.aggregations.iter().map(|a| &*a.name);
    stored
        .chain(mirrors)
        .chain(calculations)
        .chain(aggregations)
}

/// Adds the known name that a wrong one is near to.
pub(super) fn suggest<'a>(
    error: Error,
    wrong: &str,
    known: impl Iterator<Item = &'a str>,
) -> Error {
    match did_you_mean(wrong, known) {
        Some(help) => error.with_help(help),
        None => error,
    }
}
