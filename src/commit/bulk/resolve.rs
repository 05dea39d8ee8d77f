//! The references of a load become ids; what leads nowhere is left out and reported.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::resolve::{Relations, candidates, missing_required, nothing_found};
use super::super::resolve::{several_found, wrong_target};
use super::row::{RowKey, RowReference};
use super::{Bulk, BulkRefusal, Row};
use crate::error::{Error, Result};
use crate::model::{Compiled, Relation};
use crate::state::Targets;
use crate::value::{BlueprintId, EntityId, NameId};

/// What became of the rows, by their place.
#[derive(Debug)]
pub(super) struct Resolved {
    /// `None` for a row that was overwritten or left out.
    pub(super) ids: Vec<Option<EntityId>>,
    pub(super) relations: Vec<Relations>,
    pub(super) refusals: Vec<BulkRefusal>,
}

impl Bulk {
    /// The relations of every row with an id. References that lead nowhere are left out, then
    /// rows that lack a required relation, until nothing more has to go.
    ///
    /// Every reference is looked at once, and again where what it leads to had to go.
    pub(super) fn resolve(&self, ids: Vec<Option<EntityId>>) -> Result<Resolved> {
        let mut resolved = Resolved {
            relations: vec![Relations::new(); ids.len()],
            ids,
            refusals: Vec::new(),
        };
        let mut left_out: BTreeMap<u32, Vec<BulkRefusal>> = BTreeMap::new();
        let mut due: Vec<u32> = (0..).take(self.rows.len()).collect();
        let mut referrers = None;
        while !due.is_empty() {
            let gone = self.resolve_these(&due, &mut resolved, &mut left_out)?;
            if gone.is_empty() {
                break;
            }
            let referrers = referrers.get_or_insert_with(|| self.referrers());
            let mut next = BTreeSet::new();
            for (at, error) in gone {
                let Some(row) = self.rows.get(at as usize) else {
                    continue;
                };
                if let Some(id) = resolved.ids.get_mut(at as usize) {
                    *id = None;
                }
                left_out.remove(&at);
                next.extend(referrers.get(row.key().identifier).into_iter().flatten());
                resolved.refusals.push(self.refusal(row, error, true));
            }
            due = next.into_iter().collect();
        }
        resolved.refusals.extend(left_out.into_values().flatten());
        Ok(resolved)
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

    /// Who refers to each identifier, of whatever blueprint.
    fn referrers(&self) -> BTreeMap<&str, Vec<u32>> {
        let mut referrers: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (at, row) in (0..).zip(&self.rows) {
            for reference in row.references.iter().flat_map(|(_, all)| all) {
                referrers.entry(&reference.identifier).or_default().push(at);
            }
        }
        referrers
    }

    /// Resolves some of the rows; gives those that cannot stay.
    fn resolve_these(
        &self,
        due: &[u32],
        resolved: &mut Resolved,
        left_out: &mut BTreeMap<u32, Vec<BulkRefusal>>,
    ) -> Result<Vec<(u32, Error)>> {
        let mut gone = Vec::new();
        for at in due {
            let place = *at as usize;
            let (Some(row), Some(Some(_))) = (self.rows.get(place), resolved.ids.get(place)) else {
                continue;
            };
            let key = row.key();
            let Some(compiled) = self.staging.model.blueprint(key.blueprint) else {
                continue;
            };
            let mut errors = Vec::new();
            match self.relations(compiled, &row.references, &resolved.ids, &mut errors) {
                Ok(relations) => {
                    if let Some(known) = resolved.relations.get_mut(place) {
                        *known = relations;
                    }
                }
                Err(error) => gone.push((*at, error)),
            }
            left_out.remove(at);
            if !errors.is_empty() {
                let refusals = errors.into_iter();
                let refusals = refusals.map(|error| self.refusal(row, error, false));
                left_out.insert(*at, refusals.collect());
            }
        }
        Ok(gone)
    }

    fn relations(
        &self,
        compiled: &Compiled,
        references: &[(NameId, Box<[RowReference]>)],
        ids: &[Option<EntityId>],
        left_out: &mut Vec<Error>,
    ) -> Result<Relations> {
        let model = &self.staging.model;
        let mut relations = Relations::with_capacity(references.len());
        for (name, references) in references {
            let text = model.names().text(*name);
            let Some(relation) = compiled.blueprint.relation(text) else {
                return Err(Error::internal(
                    "a row with a relation that is not declared",
                ));
            };
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
            let reason = left_out.drain(..).next();
            return Err(reason.unwrap_or_else(|| {
                let message = format!("relation `{relation}` is required");
                Error::invalid(message).with_path(format!("/relations/{relation}"))
            }));
        }
        Ok(relations)
    }

    /// The entity that a reference means.
    fn target(
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
