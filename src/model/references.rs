//! The checks that need the whole model: what relations, mirrors and scorecards refer to exists.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::json::pointer;
use super::{Blueprint, Compiled, Declared, Meta, Mirror, Model, Target};
use crate::error::{Error, ErrorKind, Result, did_you_mean};
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
        }
        for (_, scorecard) in self.scorecards() {
            let name = &scorecard.blueprint;
            if self.blueprint_id(name).is_none() {
                let error = Error::invalid(format!("there is no blueprint `{name}`"));
                let error = self.suggest_blueprint(error, name).with_path("/blueprint");
                return Err(error.context(format_args!("scorecard `{}`", scorecard.identifier)));
            }
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
        let declared: Vec<(&Arc<Compiled>, Declared<'_>)> = ends
            .iter()
            .filter_map(|end| Some((*end, end.declared(name)?)))
            .collect();
        let derived = declared.iter().find_map(|(end, declared)| match declared {
            Declared::Calculation => Some((end, "calculation")),
            Declared::Aggregation => Some((end, "aggregation")),
            Declared::Property(_) | Declared::Mirror(_) | Declared::Relation(_) => None,
        });
        if let Some((end, kind)) = derived {
            let end = &end.blueprint.identifier;
            let message =
                format!("a mirror of `{name}`, {kind} property of `{end}`, is not supported yet");
            return Err(Error::new(ErrorKind::Unsupported, message)
                .with_help("mirror a stored property, a mirror property or a meta-property"));
        }
        let readable = |declared: &Declared<'_>| !matches!(declared, Declared::Relation(_));
        if declared.iter().any(|(_, declared)| readable(declared)) {
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
        let mut at: BTreeSet<BlueprintId> = BTreeSet::from([from.id]);
        for step in &mirror.relations {
            let here: Vec<_> = at.iter().filter_map(|id| self.blueprint(*id)).collect();
            let taken = here.iter().filter_map(|here| here.blueprint.relation(step));
            let targets: Vec<&Target> = taken.map(|relation| &relation.target).collect();
            if targets.is_empty() {
                let names = here.iter().flat_map(|here| &here.blueprint.relations);
                return Err(suggest(
                    lack(&here, "relation", step),
                    step,
                    names.map(|relation| &*relation.name),
                ));
            }
            at = targets
                .into_iter()
                .flat_map(|target| self.targets(target))
                .collect();
        }
        Ok(at.iter().filter_map(|id| self.blueprint(*id)).collect())
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

    /// The mirror properties that a mirror property reads.
    pub(super) fn mirrors_read(&self, from: &Compiled, mirror: &Mirror) -> Vec<BlueprintId> {
        let ends = self.mirror_ends(from, mirror).unwrap_or_default();
        let reads = ends
            .iter()
            .filter(|end| end.blueprint.mirror(&mirror.property).is_some());
        reads.map(|end| end.id).collect()
    }
}

fn of_blueprint(blueprint: &Blueprint, error: Error) -> Error {
    error.context(format_args!("blueprint `{}`", blueprint.identifier))
}

/// Says that none of these blueprints has a property or relation.
fn lack(blueprints: &[&Arc<Compiled>], what: &str, name: &str) -> Error {
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

fn property_names(blueprint: &Blueprint) -> impl Iterator<Item = &str> {
    let stored = blueprint.properties.iter().map(|property| &*property.name);
    let mirrors = blueprint.mirrors.iter().map(|mirror| &*mirror.name);
    stored.chain(mirrors)
}

fn suggest<'a>(error: Error, wrong: &str, known: impl Iterator<Item = &'a str>) -> Error {
    match did_you_mean(wrong, known) {
        Some(help) => error.with_help(help),
        None => error,
    }
}
