//! The references of a load become ids; what leads nowhere is left out and reported.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::resolve::{Relations, candidates, missing_required, nothing_found};
use super::super::resolve::{several_found, wrong_target};
use super::super::staging::label;
use super::cascade::Cascade;
use super::row::{RowKey, RowReference};
use super::{Bulk, BulkRefusal, Row};
use crate::error::{Error, Result};
use crate::model::{Compiled, Relation};
use crate::state::Targets;
use crate::value::{BlueprintId, EntityId, NameId};

/// What became of the rows, by their place.
#[derive(Debug)]
pub(super) struct Resolved {
    /// `None` for a row that was left out.
    pub(super) ids: Vec<Option<EntityId>>,
    pub(super) relations: Vec<Relations>,
    pub(super) refusals: Vec<BulkRefusal>,
}

/// References that were left out, by the row.
type LeftOut = BTreeMap<u32, Vec<Error>>;

impl Bulk {
    /// The relations of every row. References that lead nowhere are left out, then rows that lack
    /// a required relation, until nothing more has to go.
    ///
    /// Every reference is looked at once, and once more where an entity of the name that it says
    /// had to go; those of a row with a required relation once for each of what that says.
    ///
    /// # Errors
    /// Where nothing may be left out, why the first row that would be breaks its blueprint.
    pub(super) fn resolve(&self, ids: Vec<EntityId>) -> Result<Resolved> {
        let mut resolved = Resolved {
            relations: vec![Relations::new(); ids.len()],
            ids: ids.into_iter().map(Some).collect(),
            refusals: Vec::new(),
        };
        let mut left_out = LeftOut::new();
        let all: Vec<u32> = (0..).take(self.rows.len()).collect();
        let mut gone = self.resolve_these(&all, &mut resolved, &mut left_out);
        if self.strict {
            self.allow_none(gone, left_out)?;
            return Ok(resolved);
        }
        while !gone.is_empty() {
            let went = Cascade::new(self).take_out(gone, &mut resolved.ids);
            let names: BTreeSet<&str> = went.iter().map(|(row, _)| row.key().identifier).collect();
            let due = self.who_say(&names);
            for at in &due {
                left_out.remove(at);
            }
            let refusals = went.into_iter();
            let refusals = refusals.map(|(row, error)| self.refusal(row, error, true));
            resolved.refusals.extend(refusals);
            gone = self.resolve_these(&due, &mut resolved, &mut left_out);
        }
        for (at, errors) in left_out {
            if let Some(row) = self.rows.get(at as usize) {
                let refusals = errors.into_iter();
                let refusals = refusals.map(|error| self.refusal(row, error, false));
                resolved.refusals.extend(refusals);
            }
        }
        Ok(resolved)
    }

    /// Refuses what would be left out: that of the first line.
    fn allow_none(&self, gone: Vec<(u32, Error)>, left_out: LeftOut) -> Result<()> {
        let references = left_out.into_iter();
        let references =
            references.flat_map(|(at, errors)| errors.into_iter().map(move |e| (at, e)));
        let all = gone.into_iter().chain(references);
        let rows = all.filter_map(|(at, error)| Some((self.rows.get(at as usize)?, error)));
        let Some((row, error)) = rows.min_by_key(|(row, _)| row.line) else {
            return Ok(());
        };
        let key = row.key();
        let name = label(&self.staging.blueprint_name(key.blueprint), key.identifier);
        Err(error.context(name).context(format!("line {}", row.line)))
    }

    fn refusal(&self, row: &Row, error: Error, whole: bool) -> BulkRefusal {
        let key = row.key();
        BulkRefusal {
            line: row.line,
            blueprint: self.staging.blueprint_name(key.blueprint),
            identifier: key.identifier.into(),
            error,
            whole,
        }
    }

    /// The rows that refer to one of some identifiers, of whatever blueprint.
    fn who_say(&self, names: &BTreeSet<&str>) -> Vec<u32> {
        let says = |row: &Row| {
            let mut references = row.references.iter().flat_map(|(_, all)| all);
            references.any(|reference| names.contains(&*reference.identifier))
        };
        let rows = (0..).zip(&self.rows);
        rows.filter(|(_, row)| says(row))
            .map(|(at, _)| at)
            .collect()
    }

    /// Resolves those of some rows that stay; gives those that cannot.
    fn resolve_these(
        &self,
        due: &[u32],
        resolved: &mut Resolved,
        left_out: &mut LeftOut,
    ) -> Vec<(u32, Error)> {
        let mut gone = Vec::new();
        for at in due {
            let place = *at as usize;
            let (Some(row), Some(Some(_))) = (self.rows.get(place), resolved.ids.get(place)) else {
                continue;
            };
            let mut errors = Vec::new();
            match self.relations(row, &resolved.ids, &mut errors) {
                Ok(relations) => {
                    if let Some(known) = resolved.relations.get_mut(place) {
                        *known = relations;
                    }
                }
                Err(error) => gone.push((*at, error)),
            }
            if !errors.is_empty() {
                left_out.insert(*at, errors);
            }
        }
        gone
    }

    /// The blueprint of a row.
    pub(super) fn blueprint_of(&self, row: &Row) -> Result<&Compiled> {
        let compiled = self.staging.model.blueprint(row.key().blueprint);
        let compiled = compiled.map(|known| &**known);
        compiled.ok_or_else(|| Error::internal("a row without a blueprint"))
    }

    /// Where the relations of a row lead; fails where it lacks a required one. Other references
    /// that lead nowhere are noted.
    pub(super) fn relations(
        &self,
        row: &Row,
        ids: &[Option<EntityId>],
        left_out: &mut Vec<Error>,
    ) -> Result<Relations> {
        let (compiled, model) = (self.blueprint_of(row)?, &self.staging.model);
        let mut relations = Relations::with_capacity(row.references.len());
        for (name, references) in &row.references {
            let relation = self.relation(compiled, *name)?;
            let (mut targets, mut seen) = (Targets::new(), BTreeSet::new());
            for reference in references {
                match self.target(relation, reference, ids) {
                    Ok(target) => {
                        if references.len() == 1 || seen.insert(target) {
                            targets.push(target);
                        }
                    }
                    Err(error) => left_out.push(error),
                }
            }
            if !targets.is_empty() {
                relations.push((*name, targets));
            }
        }
        if let Some(relation) = missing_required(compiled, model, &relations) {
            // The reference that led nowhere is the reason, and is reported as such.
            let path = format!("/relations/{relation}");
            let mut reasons = left_out.drain(..);
            let reason = reasons.find(|error| error.path() == Some(&path));
            return Err(reason.unwrap_or_else(|| {
                let message = format!("relation `{relation}` is required");
                Error::invalid(message).with_path(path)
            }));
        }
        Ok(relations)
    }

    /// What the blueprint of a row says of one of its relations.
    pub(super) fn relation<'a>(
        &self,
        compiled: &'a Compiled,
        name: NameId,
    ) -> Result<&'a Relation> {
        let text = self.staging.model.names().text(name);
        let relation = compiled.blueprint.relation(text);
        relation.ok_or_else(|| Error::internal("a row with a relation that is not declared"))
    }

    /// The entity that a reference means.
    pub(super) fn target(
        &self,
        relation: &Relation,
        reference: &RowReference,
        ids: &[Option<EntityId>],
    ) -> Result<EntityId> {
        let model = &self.staging.model;
        let path = || format!("/relations/{}", relation.name);
        let (mut found, mut others) = (None, Vec::new());
        let mut look = |blueprint: BlueprintId| {
            let id = self.id_of(blueprint, &reference.identifier, ids);
            match (found, id) {
                (None, Some(id)) => found = Some((blueprint, id)),
                (Some(_), Some(_)) => others.push(blueprint),
                (_, None) => {}
            }
        };
        match reference.blueprint {
            Some(blueprint) => {
                let name = self.staging.blueprint_name(blueprint);
                if !relation.target.allows(&name) {
                    return Err(wrong_target(relation, &name));
                }
                look(blueprint);
            }
            None => candidates(relation, model).for_each(&mut look),
        }
        match found {
            Some((_, id)) if others.is_empty() => Ok(id),
            Some((first, _)) => {
                let all = std::iter::once(first).chain(others);
                let names: Vec<Arc<str>> = all.map(|id| self.staging.blueprint_name(id)).collect();
                Err(several_found(&reference.identifier, &names).with_path(path()))
            }
            None => Err(nothing_found(relation, &reference.identifier).with_path(path())),
        }
    }

    /// The entity of a name: of the load, or of the version before; of a row that had to go, what
    /// was there before stays.
    fn id_of(
        &self,
        blueprint: BlueprintId,
        identifier: &str,
        ids: &[Option<EntityId>],
    ) -> Option<EntityId> {
        let key = RowKey {
            blueprint,
            identifier,
        };
        let loaded = self.find(&key).and_then(|at| *ids.get(at as usize)?);
        loaded.or_else(|| self.staging.base.state.lookup(blueprint, identifier))
    }
}
