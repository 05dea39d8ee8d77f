//! A small catalog to derive over, and edits of it by number, as commits make them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::derive::{Plan, Work};
use crate::model::{Blueprint, Model, Scorecard};
use crate::state::{Change, Delta, Entity, State};
use crate::value::{BlueprintId, EntityId, Instant, NameId, ScorecardId, Seq, Value};

/// Rules of every supported shape, by identifier, expression and level.
pub(super) const SERVICE_RULES: &[(&str, &str, &str)] = &[
    ("has_readme", "readme", "Bronze"),
    ("tiered", "tier <= 2", "Bronze"),
    ("not_legacy", "NOT (lang = 'cobol' OR tier > 3)", "Bronze"),
    ("owned", "owner IS NOT NULL", "Bronze"),
    ("on_call", "team_on_call IS NOT EMPTY", "Gold"),
    (
        "covered",
        "coverage >= 80 OR (coverage >= 50 AND tier = 3)",
        "Gold",
    ),
    (
        "recent",
        "launched >= datetime('2024-01-01T00:00:00Z')",
        "Gold",
    ),
    ("big_team", "owner.size > 2", "Gold"),
    ("parent_on_call", "owner.parent.on_call <> 'nobody'", "Gold"),
    (
        "deps_tiered",
        "all(t IN depends_on.tier WHERE t <= 3)",
        "Gold",
    ),
    (
        "deps_owned",
        "all(d IN depends_on WHERE d.owner IS NOT NULL)",
        "Gold",
    ),
    (
        "deployed",
        "COUNT { (this)<-[:service]-(d:deployment) WHERE d.status = 'ok' } >= 2",
        "Gold",
    ),
    (
        "no_failure",
        "NOT EXISTS { (this)<-[:service]-(d:deployment) WHERE d.status = 'failed' }",
        "Gold",
    ),
    (
        "safe_deps",
        "NOT EXISTS { (this)-[:depends_on]->(d:service)-[:owner]->(t:team) WHERE t.size < 2 AND d.tier = 1 }",
        "Platinum",
    ),
    (
        "used",
        "EXISTS { (this)<-[:depends_on]-(:service) }",
        "Platinum",
    ),
    (
        "within_reach",
        "EXISTS { (this)-[:depends_on]->{2}(d:service) WHERE d.lang = 'rust' }",
        "Platinum",
    ),
    (
        "named",
        "$title STARTS WITH 'S' AND size(lang) = 4",
        "Platinum",
    ),
    ("ratio", "100 / tier > 30", "Platinum"),
    ("either", "readme XOR coverage > 10", "Platinum"),
    ("langs", "'rust' IN dep_langs", "Platinum"),
    (
        "siblings",
        "COUNT { (this)-[:owner]->(t:team)<-[:owner]-(s:service) WHERE s.tier = this.tier } >= 1",
        "Platinum",
    ),
];

/// Shapes that need a second look.
pub(super) const MORE_RULES: &[(&str, &str, &str)] = &[
    (
        "kept",
        "EXISTS { (d:deployment)-[:service]->(this) WHERE d.status = 'ok' }",
        "Platinum",
    ),
    ("low", "2 > tier", "Platinum"),
    ("keyed", "'parent_on_call' IN keys(owner)", "Platinum"),
    ("first_dep", "depends_on[0].lang = 'rust'", "Platinum"),
    (
        "case",
        "CASE WHEN readme THEN owner ELSE depends_on[0].owner END IS NOT NULL",
        "Platinum",
    ),
    (
        "coalesced",
        "coalesce(owner, depends_on[0].owner).size > 1",
        "Platinum",
    ),
    (
        "same_owner",
        "any(d IN depends_on WHERE d.owner = owner)",
        "Platinum",
    ),
    (
        "rust_langs",
        "size([d IN depends_on WHERE d.lang = 'rust' | d.owner.size]) > 0",
        "Platinum",
    ),
];

const TEAM_RULES: &[(&str, &str, &str)] = &[
    (
        "some_service",
        "EXISTS { (this)<-[:owner]-(s:service) }",
        "Good",
    ),
    (
        "busy",
        "COUNT { (this)<-[:owner]-(s:service)<-[:service]-(:deployment) } >= 2",
        "Good",
    ),
    ("deep", "parent_on_call = 'ann' OR on_call = 'ann'", "Good"),
    (
        "any_link",
        "EXISTS { (this)--(t:team) WHERE t.size > 1 }",
        "Great",
    ),
];

const DEPLOYMENT_RULES: &[(&str, &str, &str)] = &[
    ("fresh_title", "service.owner.$title IS NOT NULL", "Yes"),
    ("service_on_call", "owner_on_call IN ['ann', 'bob']", "Yes"),
    ("updated", "$updatedAt >= service.$updatedAt", "Yes"),
];

/// The catalog that most tests use.
pub(super) fn model() -> Arc<Model> {
    let more = scorecard("more", "service", None, MORE_RULES);
    Arc::new(small_model().with(vec![], vec![more]).unwrap())
}

/// The catalog without the scorecard `more`.
pub(super) fn small_model() -> Arc<Model> {
    let text = || json!({"type": "string"});
    let number = || json!({"type": "number"});
    let to = |target: &str, many: bool| json!({"target": target, "many": many});
    let blueprint =
        |identifier: &str, properties: Json, relations: Json, mirrors: &[(&str, &str)]| {
            let mirrors: serde_json::Map<String, Json> = mirrors
                .iter()
                .map(|(name, path)| ((*name).to_owned(), json!({"path": path})))
                .collect();
            let json = json!({
                "identifier": identifier,
                "title": identifier,
                "schema": {"properties": properties},
                "relations": relations,
                "mirrorProperties": mirrors,
            });
            Blueprint::from_json(&json).unwrap()
        };
    let team = blueprint(
        "team",
        json!({"size": number(), "on_call": text(), "tags": {"type": "array"}}),
        json!({"parent": to("team", false)}),
        &[
            ("parent_on_call", "parent.on_call"),
            ("grand_on_call", "parent.parent_on_call"),
        ],
    );
    let service = blueprint(
        "service",
        json!({
            "tier": number(), "readme": {"type": "boolean"}, "coverage": number(), "lang": text(),
            "launched": {"type": "string", "format": "date-time"},
        }),
        json!({"owner": to("team", false), "depends_on": to("service", true)}),
        &[
            ("team_on_call", "owner.on_call"),
            ("owner_title", "owner.$title"),
            ("owner_grand", "owner.grand_on_call"),
            ("owner_tags", "owner.tags"),
            ("dep_langs", "depends_on.lang"),
            ("dep_launched", "depends_on.launched"),
            ("dep_on_call", "depends_on.team_on_call"),
            ("dep_tags", "depends_on.owner.tags"),
        ],
    );
    let deployment = blueprint(
        "deployment",
        json!({"status": text()}),
        json!({"service": to("service", false)}),
        &[
            ("owner_on_call", "service.team_on_call"),
            ("service_updated", "service.$updatedAt"),
        ],
    );
    let scorecards = [
        scorecard(
            "production",
            "service",
            Some("tier IS NOT NULL OR readme"),
            SERVICE_RULES,
        ),
        scorecard("shared", "service", None, &SERVICE_RULES[..5]),
        scorecard("health", "team", None, TEAM_RULES),
        scorecard(
            "quality",
            "deployment",
            Some("NOT status = 'skipped'"),
            DEPLOYMENT_RULES,
        ),
    ];
    let model = Model::default().with(vec![team, service, deployment], scorecards.into());
    Arc::new(model.unwrap())
}

/// A scorecard of rules; its levels are those that the rules name, with one between them that no
/// rule has.
pub(super) fn scorecard(
    identifier: &str,
    blueprint: &str,
    filter: Option<&str>,
    rules: &[(&str, &str, &str)],
) -> Scorecard {
    let mut levels = vec!["Basic"];
    for (_, _, level) in rules {
        if !levels.contains(level) {
            levels.push(level);
        }
    }
    levels.insert(2, "Unused");
    let levels: Vec<Json> = levels
        .iter()
        .map(|title| json!({"title": title, "color": "blue"}))
        .collect();
    let rules = rules.iter().map(|(name, when, level)| {
        json!({"identifier": name, "title": name, "level": level, "when": when})
    });
    let mut json = json!({
        "identifier": identifier, "title": identifier, "blueprint": blueprint,
        "levels": levels, "rules": rules.collect::<Vec<_>>(),
    });
    if let Some(filter) = filter {
        json["filter"] = json!({"when": filter});
    }
    Scorecard::from_json(&json).unwrap()
}

/// One edit; entities are picked by number among those of a blueprint that are there.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    Create(&'static str),
    Delete(&'static str, usize),
    Set(&'static str, usize, &'static str, Json),
    Title(&'static str, usize, Option<&'static str>),
    Relate(&'static str, usize, &'static str, Vec<usize>),
    Team(&'static str, usize, &'static [&'static str]),
}

/// A version with its plan, changed by edits.
#[derive(Clone)]
pub(super) struct World {
    pub(super) state: State,
    pub(super) plan: Arc<Plan>,
    names: usize,
    /// The version before the delta that was staged last.
    before: State,
}

type Staged = BTreeMap<EntityId, (Option<Arc<Entity>>, Option<Arc<Entity>>)>;

impl World {
    pub(super) fn new() -> Self {
        Self::of(&model())
    }

    pub(super) fn of(model: &Arc<Model>) -> Self {
        let mut state = State::default();
        state.set_model(model);
        let plan = Arc::new(Plan::compile(model).unwrap());
        plan.rebuild(&mut state, None).unwrap();
        Self {
            state,
            plan,
            names: 0,
            before: State::default(),
        }
    }

    pub(super) fn name(&self, name: &str) -> NameId {
        self.state.model().names().id(name).unwrap()
    }

    pub(super) fn blueprint(&self, name: &str) -> BlueprintId {
        self.state.model().blueprint_id(name).unwrap()
    }

    pub(super) fn scorecard(&self, name: &str) -> ScorecardId {
        self.state.model().scorecard_id(name).unwrap()
    }

    /// The entities of a blueprint, ascending.
    pub(super) fn all(&self, blueprint: &str) -> Vec<EntityId> {
        self.state
            .members(self.blueprint(blueprint))
            .iter()
            .collect()
    }

    /// The entity of a blueprint by number.
    pub(super) fn pick(&self, blueprint: &str, number: usize) -> Option<EntityId> {
        let all = self.all(blueprint);
        all.get(number % all.len().max(1)).copied()
    }

    pub(super) fn mirror(&self, blueprint: &str, number: usize, name: &str) -> Value {
        self.state
            .value(self.pick(blueprint, number).unwrap(), self.name(name))
    }

    pub(super) fn level(&self, scorecard: &str, id: EntityId) -> Option<Arc<str>> {
        Some(self.state.level(self.scorecard(scorecard), id)?.title)
    }

    /// Applies edits as one commit. Entities are picked among those that are there before it.
    pub(super) fn commit(&mut self, edits: &[Edit]) -> Work {
        let delta = self.stage(edits);
        self.apply(&delta)
    }

    pub(super) fn apply(&mut self, delta: &Delta) -> Work {
        let before = std::mem::take(&mut self.before);
        for change in &delta.changes {
            self.state.apply(change).unwrap();
        }
        self.plan.update(&before, &mut self.state, delta).unwrap()
    }

    /// Makes ready for a delta that another version came by.
    pub(super) fn restage(&mut self, other: &Self) {
        self.before = self.state.clone();
        self.state.set_commit(other.state.seq(), other.state.time());
        self.names = other.names;
    }

    /// The delta of edits, without what changes nothing.
    pub(super) fn stage(&mut self, edits: &[Edit]) -> Delta {
        let now = Instant(i64::try_from(self.state.seq().0).unwrap() + 1);
        self.before = self.state.clone();
        self.state.set_commit(Seq(self.state.seq().0 + 1), now);
        let mut staged = Staged::new();
        for edit in edits {
            self.edit(&mut staged, edit);
        }
        let mut changes = Vec::new();
        for (id, (before, mut after)) in staged {
            if before == after {
                continue;
            }
            if let Some(after) = after.as_mut() {
                Arc::make_mut(after).updated_at = now;
            }
            changes.push(Change { id, before, after });
        }
        Delta { changes }
    }

    fn edit(&mut self, staged: &mut Staged, edit: &Edit) {
        match edit {
            Edit::Create(blueprint) => self.create(staged, blueprint),
            Edit::Delete(blueprint, number) => {
                let Some(id) = self.pick(blueprint, *number) else {
                    return;
                };
                self.change(staged, id, |_| {});
                staged.get_mut(&id).unwrap().1 = None;
                self.unlink(staged, id);
            }
            Edit::Set(blueprint, number, name, value) => {
                let (Some(id), name) = (self.pick(blueprint, *number), self.name(name)) else {
                    return;
                };
                self.change(staged, id, |entity| {
                    entity.properties.retain(|(known, _)| *known != name);
                    if !value.is_null() {
                        entity.properties.push((name, Value::from_json(value)));
                        entity.properties.sort_by_key(|(name, _)| *name);
                    }
                });
            }
            Edit::Title(blueprint, number, title) => {
                let Some(id) = self.pick(blueprint, *number) else {
                    return;
                };
                self.change(staged, id, |entity| entity.title = title.map(Arc::from));
            }
            Edit::Team(blueprint, number, teams) => {
                let Some(id) = self.pick(blueprint, *number) else {
                    return;
                };
                let teams = teams.iter().map(|team| Arc::from(*team)).collect();
                self.change(staged, id, |entity| entity.team = teams);
            }
            Edit::Relate(blueprint, number, relation, targets) => {
                let Some(id) = self.pick(blueprint, *number) else {
                    return;
                };
                let compiled = self
                    .state
                    .model()
                    .blueprint(self.blueprint(blueprint))
                    .unwrap();
                let declared = compiled.blueprint.relation(relation).unwrap();
                let crate::model::Target::Blueprints(known) = &declared.target else {
                    return;
                };
                let mut found: Vec<EntityId> = Vec::new();
                for target in targets {
                    let target = self.pick(&known[0], *target);
                    let there =
                        |id: &EntityId| staged.get(id).is_none_or(|(_, after)| after.is_some());
                    found.extend(target.filter(there).filter(|id| !found.contains(id)));
                }
                found.truncate(if declared.many { 8 } else { 1 });
                let name = self.name(relation);
                self.change(staged, id, |entity| {
                    entity.relations.retain(|(known, _)| *known != name);
                    if !found.is_empty() {
                        entity.relations.push((name, found.into_iter().collect()));
                        entity.relations.sort_by_key(|(name, _)| *name);
                    }
                });
            }
        }
    }

    fn create(&mut self, staged: &mut Staged, blueprint: &str) {
        let blueprint = self.blueprint(blueprint);
        let id = self.state.allocate(blueprint).unwrap();
        self.names += 1;
        let entity = Entity {
            id,
            blueprint,
            identifier: format!("e{}", self.names).into(),
            title: None,
            icon: None,
            team: Arc::from([]),
            properties: Vec::new(),
            relations: Vec::new(),
            created_at: self.state.time(),
            updated_at: self.state.time(),
            created_by: "test".into(),
            updated_by: "test".into(),
            created_in: self.state.seq(),
        };
        staged.insert(id, (None, Some(Arc::new(entity))));
    }

    /// Changes an entity unless the same commit deleted it.
    fn change(&self, staged: &mut Staged, id: EntityId, change: impl FnOnce(&mut Entity)) {
        let now = || {
            self.state
                .entity(id)
                .map(|entity| Arc::new(entity.unpack()))
        };
        let (_, after) = staged.entry(id).or_insert_with(|| (now(), now()));
        if let Some(after) = after {
            change(Arc::make_mut(after));
        }
    }

    /// Takes a deleted entity out of everybody's relations.
    fn unlink(&self, staged: &mut Staged, gone: EntityId) {
        let everybody = self.state.all_members();
        let pointing = everybody.iter().map(EntityId).filter(|id| {
            let staged = staged.get(id).and_then(|(_, after)| after.as_ref());
            let stored = || Arc::new(self.state.entity(*id).unwrap().unpack());
            let entity = staged.cloned().unwrap_or_else(stored);
            entity
                .relations
                .iter()
                .any(|(_, targets)| targets.contains(&gone))
        });
        for id in pointing.collect::<Vec<_>>() {
            self.change(staged, id, |entity| {
                for (_, targets) in &mut entity.relations {
                    targets.retain(|target| *target != gone);
                }
                entity.relations.retain(|(_, targets)| !targets.is_empty());
            });
        }
    }

    /// Everything derived, as text: every mirror with its exact value, every word of every block,
    /// every level and all statistics.
    pub(super) fn dump(&self) -> String {
        let (state, derived) = (&self.state, self.state.derived());
        let mut out = String::new();
        // As many blocks as could have been used, and some that could not.
        let used = self.names / 64 + 4;
        for compiled in state.model().blueprints() {
            let name = &compiled.blueprint.identifier;
            for derived_name in compiled.derived() {
                let id = self.name(derived_name);
                // Deleted entities too: their values must be gone.
                for block in derived.blocks_of(compiled.id).take(used) {
                    for row in 0..64 {
                        let entity = crate::state::entity_at(block, row);
                        let value = derived.property(compiled.id, id, entity);
                        if !value.is_null() {
                            writeln!(out, "{name} {} {derived_name} {value:?}", entity.0).unwrap();
                        }
                    }
                }
            }
            for block in derived.blocks_of(compiled.id).take(used) {
                let mut words = Vec::new();
                derived.read_block(block, &mut words);
                if words.iter().any(|word| *word != 0) {
                    writeln!(out, "{name} {block}: {words:x?}").unwrap();
                }
            }
        }
        for column in 0..derived.layout().columns.len() {
            for id in (0..u32::try_from(self.names).unwrap() + 4)
                .flat_map(|at| (0..4).map(move |chunk| EntityId(chunk * crate::value::CHUNK + at)))
            {
                let value = derived.column(column, id);
                if !value.is_null() {
                    writeln!(out, "column {column} {id:?} {value:?}").unwrap();
                }
            }
        }
        for waiting in derived.calendar().due(Instant(i64::MAX)) {
            writeln!(out, "waiting {waiting:?}").unwrap();
        }
        for (id, scorecard) in state.model().scorecards() {
            writeln!(out, "{} {:?}", scorecard.identifier, derived.statistics(id)).unwrap();
            for at in 0..scorecard.groups.len() {
                let groups = derived.groups(id, at).unwrap();
                writeln!(out, "groups {at}: {:?}", groups.iter().collect::<Vec<_>>()).unwrap();
            }
            for entity in state.all_members() {
                if let Some(level) = derived.level(id, EntityId(entity)) {
                    writeln!(out, "{} {entity} {level}", scorecard.identifier).unwrap();
                }
            }
        }
        out
    }

    /// The same version, derived from nothing.
    pub(super) fn rebuilt(&self) -> Self {
        let mut other = self.clone();
        other.plan.rebuild(&mut other.state, None).unwrap();
        other
    }
}
