//! What differs between two versions of the same catalog that should be equal.
//!
//! Each difference is told by its place and what is wrong there: `self` is what is looked at, the
//! other is what it should be.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Derived, EntityName, State};
use crate::index::PropertyIndex;
use crate::model::{Compiled, Model};
use crate::store::Findings;
use crate::value::{BlueprintId, EntityId, Instant, NameId};

impl State {
    /// Notes what differs. Costs O(everything): entities, indexes, relations, derived values.
    pub(crate) fn compare(&self, right: &Self, findings: &mut Findings) {
        let place = format!("commit {}", self.seq());
        if (self.seq(), self.time()) != (right.seq(), right.time()) {
            let (seq, time) = (right.seq(), right.time());
            findings.add(place, format!("the file ends with commit {seq} of {time}"));
            return;
        }
        if !same_model(self.model(), right.model()) {
            findings.add("the model", "it is not the one in the file");
            return;
        }
        for compiled in self.model().blueprints() {
            self.compare_members(right, compiled, findings);
            self.compare_indexes(right, compiled, findings);
        }
        self.compare_relations(right, findings);
        for compiled in self.model().blueprints() {
            self.compare_derived(right, compiled, findings);
        }
        self.compare_scorecards(right, findings);
        let waiting = |state: &Self| -> Vec<_> {
            state.derived().calendar().due(Instant(i64::MAX)).collect()
        };
        if waiting(self) != waiting(right) {
            findings.add(
                "the calendar",
                "others wait for a point in time than should",
            );
        }
    }

    fn called(&self, id: EntityId) -> String {
        EntityName::of(self, id).to_string()
    }

    fn compare_members(&self, right: &Self, compiled: &Compiled, findings: &mut Findings) {
        let (of, name) = (compiled.id, &compiled.blueprint.identifier);
        let ids = |state: &Self| -> BTreeSet<EntityId> { state.members(of).iter().collect() };
        let (own, expected) = (ids(self), ids(right));
        for id in own.difference(&expected) {
            findings.add(self.called(*id), "it is in memory, but not in the file");
        }
        for id in expected.difference(&own) {
            findings.add(right.called(*id), "it is in the file, but not in memory");
        }
        if self.members(of).len() != own.len() as u64 {
            findings.add(
                format!("blueprint {name}"),
                "its entities are counted wrongly",
            );
        }
        for id in own.intersection(&expected) {
            if self.entity(*id) != right.entity(*id) {
                findings.add(
                    right.called(*id),
                    "it is not in memory as it is in the file",
                );
            }
            if self.lookup(of, right.identifier(*id)) != Some(*id) {
                findings.add(right.called(*id), "it is not found by its identifier");
            }
        }
        let identifiers = self.identifier_count(of);
        if identifiers != own.len() as u64 {
            let what = format!(
                "{identifiers} identifiers are known of {} entities",
                own.len()
            );
            findings.add(format!("blueprint {name}"), what);
        }
    }

    fn compare_indexes(&self, right: &Self, compiled: &Compiled, findings: &mut Findings) {
        let (of, blueprint) = (compiled.id, &compiled.blueprint);
        let name = |property: &str| format!("index {}.{property}", blueprint.identifier);
        let pairs = [
            ("$title", self.title_index(of), right.title_index(of)),
            ("$team", self.team_index(of), right.team_index(of)),
        ];
        for (property, own, expected) in pairs {
            compare_index(&name(property), own, expected, findings);
        }
        let stored = blueprint.properties.iter().map(|property| &property.name);
        for property in stored.chain(compiled.derived()) {
            let Some(id) = self.model().names().id(property) else {
                continue;
            };
            let (own, expected) = (self.index(of, id), right.index(of, id));
            compare_index(&name(property), own, expected, findings);
        }
    }

    fn compare_relations(&self, right: &Self, findings: &mut Findings) {
        let relations = self.graph().relations().chain(right.graph().relations());
        let relations: BTreeSet<NameId> = relations.collect();
        let members: Vec<EntityId> = right.all_members().iter().map(EntityId).collect();
        for relation in relations {
            let name = self.model().names().text(relation);
            let (own, expected) = (self.graph(), right.graph());
            let counted = own.edge_count(relation);
            if counted != own.pairs(relation).count() as u64
                || counted != expected.edge_count(relation)
            {
                findings.add(
                    format!("relation {name}"),
                    "its targets are counted wrongly",
                );
            }
            for id in &members {
                let place = || format!("{}, relation {name}", right.called(*id));
                if own.outgoing(relation, *id) != expected.outgoing(relation, *id) {
                    findings.add(place(), "its targets are not those of its record");
                }
                if own.incoming(relation, *id) != expected.incoming(relation, *id) {
                    findings.add(
                        place(),
                        "those that point to it are not those whose records do",
                    );
                }
            }
        }
    }

    fn compare_derived(&self, right: &Self, compiled: &Compiled, findings: &mut Findings) {
        let (own, expected) = (self.derived(), right.derived());
        for id in right.members(compiled.id).iter() {
            for property in compiled.derived() {
                let Some(name) = self.model().names().id(property) else {
                    continue;
                };
                let value = own.property(compiled.id, name, id);
                let should = expected.property(compiled.id, name, id);
                if value != should {
                    let place = format!("{}, property {property}", right.called(id));
                    findings.add(place, format!("it is {value}, but should be {should}"));
                }
            }
            for column in 0..expected.layout().columns.len() {
                if own.column(column, id) != expected.column(column, id)
                    || !same_tally(own, expected, column, id)
                {
                    let place = format!("{}, derived column {column}", right.called(id));
                    findings.add(place, "it is not what a rebuild gives");
                }
            }
        }
        self.compare_blocks(right, compiled.id, findings);
    }

    fn compare_blocks(&self, right: &Self, of: BlueprintId, findings: &mut Findings) {
        let (mut own, mut expected) = (Vec::new(), Vec::new());
        let blocks = self
            .derived()
            .blocks_of(of)
            .chain(right.derived().blocks_of(of));
        for block in blocks.collect::<BTreeSet<u32>>() {
            self.derived().read_block(block, &mut own);
            right.derived().read_block(block, &mut expected);
            // A block that one of them never made is all zeros.
            let words = own.len().max(expected.len());
            own.resize(words, 0);
            expected.resize(words, 0);
            for (id, what) in (0..64).filter_map(|bit| {
                let differ = |a: &u64, b: &u64| (a ^ b) >> bit & 1 == 1;
                let mut pairs = own.iter().zip(&expected);
                let word = pairs.position(|(a, b)| differ(a, b))?;
                Some((super::entity_at(block, bit), word))
            }) {
                let place = format!("{}, bit {what} of its rules", right.called(id));
                findings.add(place, "it is not what a rebuild gives");
            }
        }
    }

    fn compare_scorecards(&self, right: &Self, findings: &mut Findings) {
        for (id, scorecard) in self.model().scorecards() {
            let place = format!("scorecard {}", scorecard.identifier);
            let (own, expected) = (self.derived(), right.derived());
            if own.statistics(id) != expected.statistics(id) {
                findings.add(place.clone(), "its counts are not what a rebuild gives");
            }
            for (at, group) in scorecard.groups.iter().enumerate() {
                let counts = |derived: &Derived| -> Option<Vec<_>> {
                    let groups = derived.groups(id, at)?;
                    Some(
                        groups
                            .iter()
                            .map(|(key, of)| (key.clone(), Arc::clone(of)))
                            .collect(),
                    )
                };
                if counts(own) != counts(expected) {
                    let what = format!("its counts by {group} are not what a rebuild gives");
                    findings.add(place.clone(), what);
                }
            }
        }
    }
}

/// Whether two models say the same under the same ids.
fn same_model(own: &Model, right: &Model) -> bool {
    let blueprints = |model: &Model| -> Vec<_> {
        let all = model.blueprints();
        all.map(|known| (known.id, known.blueprint.to_json()))
            .collect()
    };
    let scorecards = |model: &Model| -> Vec<_> {
        let all = model.scorecards();
        all.map(|(id, known)| (id, known.to_json())).collect()
    };
    own.names().iter().eq(right.names().iter())
        && blueprints(own) == blueprints(right)
        && scorecards(own) == scorecards(right)
}

fn same_tally(own: &Derived, right: &Derived, column: usize, id: EntityId) -> bool {
    let parts = |derived: &Derived| {
        let tally = derived.tally(column, id)?;
        Some((
            tally.count,
            tally.distinct,
            tally.len(),
            tally.sum.sum().ok(),
        ))
    };
    parts(own) == parts(right)
}

fn compare_index(
    place: &str,
    own: Option<&PropertyIndex>,
    right: Option<&PropertyIndex>,
    findings: &mut Findings,
) {
    let (own, right) = match (own, right) {
        (None, None) => return,
        (Some(own), Some(right)) => (own, right),
        (None, Some(_)) => return findings.add(place, "it is missing"),
        (Some(_), None) => return findings.add(place, "it should not be there"),
    };
    if own.present() != right.present() {
        findings.add(place, "who has a value is not what the records say");
    }
    if own.distinct() != right.distinct() {
        let (own, right) = (own.distinct(), right.distinct());
        findings.add(place, format!("it has {own} values instead of {right}"));
    }
    for ((value, ids), (expected, should)) in own.iter().zip(right.iter()) {
        if value != expected || ids != should {
            let what = format!("the entities with {expected} are not those whose records have it");
            return findings.add(place, what);
        }
    }
}
