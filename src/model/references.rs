//! The checks that need the whole model: what definitions refer to exists.

use std::sync::Arc;

use super::json::pointer;
use super::reach::{Places, lack, property_names, suggest};
use super::{Blueprint, Compiled, Declared, Meta, Mirror, Model, Scorecard, Target};
use crate::error::{Error, Result};
use crate::value::BlueprintId;

impl Model {
    pub(super) fn check_references(&self) -> Result<()> {
        for compiled in self.blueprints() {
            let blueprint = &compiled.blueprint;
            self.check_targets(blueprint)?;
            for mirror in &blueprint.mirrors {
                self.check_mirror(compiled, mirror).map_err(|error| {
                    let path = pointer(&pointer("/mirrorProperties", &mirror.name), "path");
                    of_blueprint(blueprint, error.with_path(path))
                })?;
            }
            for aggregation in &blueprint.aggregations {
                self.check_aggregation(compiled, aggregation)
                    .map_err(|error| of_blueprint(blueprint, error))?;
            }
            self.check_ownership(compiled)
                .map_err(|error| of_blueprint(blueprint, error))?;
        }
        self.check_owners()?;
        for (_, scorecard) in self.scorecards() {
            self.check_scorecard(scorecard).map_err(|error| {
                error.context(format_args!("scorecard `{}`", scorecard.identifier))
            })?;
        }
        Ok(())
    }

    fn check_targets(&self, blueprint: &Blueprint) -> Result<()> {
        for relation in &blueprint.relations {
            let Target::Blueprints(targets) = &relation.target else {
                continue;
            };
            for target in targets {
                if self.blueprint_id(target).is_none() {
                    let name = &relation.name;
                    let message = format!(
                        "relation `{name}` points to blueprint `{target}`, which does not exist"
                    );
                    let path = pointer(&pointer("/relations", name), "target");
                    let error = Error::invalid(message).with_path(path);
                    return Err(of_blueprint(
                        blueprint,
                        self.suggest_blueprint(error, target),
                    ));
                }
            }
        }
        Ok(())
    }

    /// A blueprint that must exist.
    pub(super) fn need_blueprint(&self, name: &str) -> Result<&Arc<Compiled>> {
        self.blueprint_named(name).ok_or_else(|| {
            let error = Error::invalid(format!("there is no blueprint `{name}`"));
            self.suggest_blueprint(error, name)
        })
    }

    fn suggest_blueprint(&self, error: Error, wrong: &str) -> Error {
        suggest(
            error,
            wrong,
            self.blueprint_ids.keys().map(|known| &**known),
        )
    }

    /// A mirror resolves if at least one of the blueprints at the end of its path declares what
    /// it reads; on entities of the others it is null.
    fn check_mirror(&self, from: &Compiled, mirror: &Mirror) -> Result<()> {
        let ends = self.mirror_ends(from, mirror)?;
        if Meta::named(&mirror.property).is_some() {
            return Ok(());
        }
        let name = &mirror.property;
        let declared: Vec<Declared<'_>> =
            ends.iter().filter_map(|end| end.declared(name)).collect();
        let readable = |declared: &Declared<'_>| !matches!(declared, Declared::Relation(_));
        if declared.iter().any(readable) {
            return Ok(());
        }
        if declared.is_empty() {
            let names = ends.iter().flat_map(|end| property_names(&end.blueprint));
            return Err(suggest(lack(&ends, "property", name), name, names));
        }
        Err(
            Error::invalid(format!("`{name}` is a relation, not a property")).with_help(format!(
                "go on to what its target holds, such as `{name}.$title`"
            )),
        )
    }

    /// The blueprints at the end of the path of a mirror.
    fn mirror_ends(&self, from: &Compiled, mirror: &Mirror) -> Result<Vec<&Arc<Compiled>>> {
        let mut at = Places::from([from.id]);
        for step in &mirror.relations {
            at = self.follow(&at, step)?;
        }
        Ok(self.compiled(&at))
    }

    /// The mirror properties that a mirror property reads.
    pub(super) fn mirrors_read(&self, from: &Compiled, mirror: &Mirror) -> Vec<BlueprintId> {
        let ends = self.mirror_ends(from, mirror).unwrap_or_default();
        let reads = ends
            .iter()
            .filter(|end| end.blueprint.mirror(&mirror.property).is_some());
        reads.map(|end| end.id).collect()
    }

    fn check_scorecard(&self, scorecard: &Scorecard) -> Result<()> {
        let graded = self
            .need_blueprint(&scorecard.blueprint)
            .map_err(|error| error.with_path("/blueprint"))?;
        for (place, group) in scorecard.groups.iter().enumerate() {
            self.check_group(graded, group)
                .map_err(|error| error.with_path(format!("/groups/{place}")))?;
        }
        Ok(())
    }

    /// A group is relations to one entity, then whatever the last one can be grouped by.
    fn check_group(&self, graded: &Compiled, group: &str) -> Result<()> {
        let mut at = Places::from([graded.id]);
        let mut steps = group.split('.');
        let end = steps.next_back().unwrap_or_default();
        for step in steps {
            self.refuse_shadowed(&at, step)?;
            at = self.follow_single(&at, step, "a group")?;
        }
        let ends = self.compiled(&at);
        let declared = |name| ends.iter().any(|end| end.declared(name).is_some());
        if Meta::named(end).is_some() || declared(end) {
            return Ok(());
        }
        let names = ends.iter().flat_map(|known| {
            let relations = known.blueprint.relations.iter();
            property_names(&known.blueprint).chain(relations.map(|relation| &*relation.name))
        });
        Err(suggest(
            lack(&ends, "property or relation", end),
            end,
            names,
        ))
    }

    /// In expressions a name is a property before it is a relation, so the two must not differ where
    /// a group goes on.
    fn refuse_shadowed(&self, places: &Places, step: &str) -> Result<()> {
        let shadows = |place: &&Arc<Compiled>| {
            let property = !matches!(place.declared(step), None | Some(Declared::Relation(_)));
            property && place.blueprint.relation(step).is_some()
        };
        match self.compiled(places).into_iter().find(shadows) {
            None => Ok(()),
            Some(place) => {
                let owner = &place.blueprint.identifier;
                let message =
                    format!("`{step}` is a property of blueprint `{owner}` as well as a relation");
                Err(Error::invalid(message).with_help("rename one of the two to group through it"))
            }
        }
    }
}

/// Puts the blueprint in front of an error.
pub(super) fn of_blueprint(blueprint: &Blueprint, error: Error) -> Error {
    error.context(format_args!("blueprint `{}`", blueprint.identifier))
}
