//! Records made at random, and a model of what a store should hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use crate::error::Result;
use crate::store::packed::pack;
use crate::store::{
    Change, Checkpoint, DefinitionChange, Entity, Image, LevelChange, LogRecord, ModelChange, Past,
    RuleChange, Store, Targets,
};
use crate::value::{
    BlueprintId, Duration, EntityId, Instant, Level, NameId, ScorecardId, Seq, Value,
};

pub(super) fn text() -> impl Strategy<Value = Arc<str>> {
    prop_oneof![Just(String::new()), "[a-z]{1,8}", ".{0,20}"].prop_map(Arc::from)
}

/// Every kind of value, with the numbers and lists that break things.
pub(super) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        prop::sample::select(vec![0, -1, i64::MIN, i64::MAX]).prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        prop::sample::select(vec![-0.0, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE])
            .prop_map(Value::Float),
        text().prop_map(Value::String),
        any::<i64>().prop_map(|micros| Value::from(Instant(micros))),
        any::<(i32, i64)>()
            .prop_map(|(months, micros)| Value::Duration(Duration::new(months, micros))),
        (any::<u16>(), text()).prop_map(|(rank, title)| Value::Level(Level { rank, title })),
        any::<u32>().prop_map(|id| Value::Entity(EntityId(id))),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::list),
            prop::collection::btree_map(text(), inner, 0..6)
                .prop_map(|fields| Value::Map(Arc::new(fields))),
        ]
    })
}

/// Mostly small ids, as catalogs have them, and some that need the wide table.
fn name() -> impl Strategy<Value = NameId> {
    prop_oneof![8 => 0..40_u32, 1 => 16_380..16_390_u32, 1 => any::<u32>()].prop_map(NameId)
}

pub(super) fn record() -> impl Strategy<Value = Entity> {
    let targets = prop::collection::vec(any::<u32>().prop_map(EntityId), 1..5);
    (
        (any::<u32>(), any::<u32>(), text()),
        (
            prop::option::of(text()),
            prop::option::of(text()),
            prop::collection::vec(text(), 0..3),
        ),
        prop::collection::btree_map(name(), value(), 0..12),
        prop::collection::btree_map(name(), targets, 0..4),
        (any::<i64>(), any::<i64>(), text(), text(), any::<u64>()),
    )
        .prop_map(
            |((id, blueprint, identifier), (title, icon, team), properties, relations, by)| {
                Entity {
                    id: EntityId(id),
                    blueprint: BlueprintId(blueprint),
                    identifier,
                    title,
                    icon,
                    team: team.into(),
                    properties: properties.into_iter().collect(),
                    relations: relations
                        .into_iter()
                        .map(|(name, targets)| (name, Targets::from_vec(targets)))
                        .collect(),
                    created_at: Instant(by.0),
                    updated_at: Instant(by.1),
                    created_by: by.2,
                    updated_by: by.3,
                    created_in: Seq(by.4),
                }
            },
        )
}

pub(super) fn change() -> impl Strategy<Value = Change> {
    let patched = (record(), record(), any::<[bool; 8]>()).prop_map(|(before, mut after, same)| {
        // Most updates leave most fields alone.
        after.id = before.id;
        let keep = |field: usize| same[field];
        if keep(0) {
            after.properties.clone_from(&before.properties);
        }
        if keep(1) {
            after.relations.clone_from(&before.relations);
        }
        if keep(2) {
            after.title.clone_from(&before.title);
        }
        if keep(3) {
            after.team = Arc::clone(&before.team);
        }
        (before.id, Some(Arc::new(before)), Some(Arc::new(after)))
    });
    prop_oneof![
        record().prop_map(|after| (after.id, None, Some(Arc::new(after)))),
        record().prop_map(|before| (before.id, Some(Arc::new(before)), None)),
        patched,
    ]
    .prop_map(|(id, before, after)| Change { id, before, after })
}

fn definition<Id: std::fmt::Debug>(
    id: impl Fn(u32) -> Id + Clone,
) -> impl Strategy<Value = DefinitionChange<Id>> {
    (any::<u32>(), text(), prop::option::of(text())).prop_map(move |(number, identifier, json)| {
        DefinitionChange {
            id: id(number),
            identifier,
            json,
        }
    })
}

pub(super) fn log_record() -> impl Strategy<Value = LogRecord> {
    let model = (
        prop::collection::vec((any::<u32>().prop_map(NameId), text()), 0..4),
        prop::collection::vec(definition(BlueprintId), 0..3),
        prop::collection::vec(definition(ScorecardId), 0..3),
    )
        .prop_map(|(names, blueprints, scorecards)| ModelChange {
            names,
            blueprints,
            scorecards,
        });
    let level =
        any::<(u32, u32, Option<u16>, Option<u16>)>().prop_map(|(scorecard, entity, from, to)| {
            LevelChange {
                scorecard: ScorecardId(scorecard),
                entity: EntityId(entity),
                from,
                to,
            }
        });
    let passed = || prop::option::of(any::<bool>());
    let rule = (0..3_u32, any::<u32>(), any::<u16>(), passed(), passed()).prop_map(
        |(scorecard, entity, rule, from, to)| RuleChange {
            scorecard: ScorecardId(scorecard),
            entity: EntityId(entity),
            rule,
            from,
            to,
        },
    );
    (
        (any::<u64>(), any::<i64>(), text(), prop::option::of(text())),
        prop::option::of(model),
        prop::collection::vec(change(), 0..4),
        prop::collection::vec(level, 0..6),
        prop::collection::vec(rule, 0..6),
    )
        .prop_map(
            |((seq, time, actor, cause), model, changes, levels, rules)| LogRecord {
                seq: Seq(seq),
                time: Instant(time),
                actor,
                cause,
                model,
                changes,
                levels,
                rules,
            },
        )
}

/// A small entity whose content follows from two numbers.
pub(super) fn entity(id: u32, version: u64) -> Entity {
    let size = usize::try_from(version % 7).unwrap() * 40;
    Entity {
        id: EntityId(id),
        blueprint: BlueprintId(id % 3),
        identifier: format!("entity-{id}").into(),
        title: version
            .is_multiple_of(2)
            .then(|| format!("title {version}").into()),
        icon: None,
        team: vec![Arc::from("payments")].into(),
        properties: vec![
            (NameId(1), Value::from(i64::try_from(version).unwrap())),
            (NameId(4), Value::string("x".repeat(size))),
        ],
        relations: vec![(NameId(2), Targets::from_slice(&[EntityId(id / 2)]))],
        created_at: Instant(1),
        updated_at: Instant(2),
        created_by: Arc::from("a"),
        updated_by: Arc::from("b"),
        created_in: Seq(3),
    }
}

/// The bytes of an entity in the file.
pub(super) fn packed(entity: &Entity) -> Vec<u8> {
    let mut bytes = Vec::new();
    pack(entity, &mut bytes).unwrap();
    bytes
}

/// What a store should hold: entities at every commit, built beside it.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) records: Vec<LogRecord>,
    entities: BTreeMap<EntityId, Arc<Entity>>,
    /// Changed since the last checkpoint.
    dirty: BTreeSet<EntityId>,
}

impl Model {
    /// The next commit: each id is created, updated or, every third time, deleted.
    pub(super) fn next(&self, ids: &[u32]) -> LogRecord {
        let seq = self.records.len() as u64 + 1;
        let changes = ids.iter().map(|id| {
            let id = EntityId(*id);
            let before = self.entities.get(&id).cloned();
            let delete = before.is_some() && (seq + u64::from(id.0)).is_multiple_of(3);
            let after = (!delete).then(|| Arc::new(entity(id.0, seq)));
            Change { id, before, after }
        });
        LogRecord {
            seq: Seq(seq),
            time: Instant(i64::try_from(seq).unwrap()),
            actor: Arc::from("tester"),
            cause: None,
            model: None,
            changes: changes.collect(),
            levels: Vec::new(),
            rules: Vec::new(),
        }
    }

    pub(super) fn apply(&mut self, record: LogRecord) {
        for change in &record.changes {
            match &change.after {
                Some(after) => drop(self.entities.insert(change.id, Arc::clone(after))),
                None => drop(self.entities.remove(&change.id)),
            }
            self.dirty.insert(change.id);
        }
        self.records.push(record);
    }

    pub(super) fn checkpoint(&mut self, store: &Store) -> Result<()> {
        let seq = Seq(self.records.len() as u64);
        let packed_of = |id| self.entities.get(id).map(|entity| packed(entity));
        let changed = self.dirty.iter().map(|id| (*id, packed_of(id)));
        let changed: Vec<(EntityId, Option<Vec<u8>>)> = changed.collect();
        store.checkpoint(Checkpoint {
            record: None,
            seq,
            time: Instant(7),
            counters: &[seq.0, 1 << 40],
            names: &[(NameId(1), Arc::from("tier"))],
            blueprints: &[(
                BlueprintId(0),
                Some(Arc::from("{\"identifier\":\"service\"}")),
            )],
            scorecards: &[],
            changed: changed.iter().map(|(id, bytes)| (*id, bytes.as_deref())),
            past: &Past::default(),
            image: Some(&Image {
                seq,
                ..Image::default()
            }),
        })?;
        self.dirty.clear();
        Ok(())
    }

    /// The entities after the first `count` commits.
    pub(super) fn at(&self, count: usize) -> BTreeMap<EntityId, Arc<Entity>> {
        let mut model = Self::default();
        self.records[..count]
            .iter()
            .for_each(|record| model.apply(record.clone()));
        model.entities
    }
}

/// Everything a store holds, as an open would load it: entities with the log applied, and how
/// many commits there are.
pub(super) fn load(store: &Store) -> Result<(BTreeMap<EntityId, Arc<Entity>>, Seq)> {
    let reader = store.reader()?;
    let base = reader.base()?;
    let mut entities = BTreeMap::new();
    for (number, page) in reader.pages()? {
        let records = page.iter(number).map(|record| Arc::new(record.unpack()));
        entities.extend(records.map(|entity| (entity.id, entity)));
    }
    let mut last = base.seq;
    reader.log(base.seq, |record| {
        last = record.seq;
        for change in record.changes {
            match change.after {
                Some(after) => drop(entities.insert(change.id, after)),
                None => drop(entities.remove(&change.id)),
            }
        }
        Ok(())
    })?;
    Ok((entities, last))
}

/// Every log record of a store.
pub(super) fn log(store: &Store) -> Result<Vec<LogRecord>> {
    let mut records = Vec::new();
    store.reader()?.log(Seq(0), |record| {
        records.push(record);
        Ok(())
    })?;
    Ok(records)
}
