//! Every version knows its own past, be it in memory or in the file.

use serde_json::json;

use super::*;
use crate::derive::Plan;
use crate::model::{Blueprint, Model, Scorecard};
use crate::state::{Entity, State};
use crate::store::Checkpoint;
use crate::value::{BlueprintId, Instant};

const CARD: ScorecardId = ScorecardId(0);
const PART: EntityId = EntityId(0);

/// A catalog of one entity, created by the first commit, whose results change as told.
struct World {
    history: History,
    versions: Vec<Version>,
    saved: Results,
}

impl World {
    fn new() -> Self {
        let store = Store::in_memory().unwrap();
        Self {
            history: History::new(Arc::new(store)),
            versions: Vec::new(),
            saved: Results::default(),
        }
    }

    /// A commit after which the scorecard has these rules, and which changes the level and
    /// the results of those at some places.
    fn commit(&mut self, rules: &[&str], flipped: &[u16]) {
        let seq = Seq(self.versions.len() as u64 + 1);
        let before = self.versions.last();
        let model = model(rules);
        let results = before.map_or(Arc::default(), |version| Arc::clone(&version.results));
        let scorecards = || model.scorecards().map(|(id, known)| (id, &**known));
        let results = match before {
            Some(before) if same_rules(before, rules) => results,
            _ => Arc::new(results.after(scorecards(), seq)),
        };
        let model = Arc::new(model);
        let mut state = State::default();
        state.set_model(&model);
        state.allocate(BlueprintId(0)).unwrap();
        state.set_commit(seq, time(seq));
        state
            .apply(&Change {
                id: PART,
                before: None,
                after: Some(part()),
            })
            .unwrap();
        let version = Version {
            plan: Arc::new(Plan::compile(&model).unwrap()),
            state: Arc::new(state),
            results,
        };
        let rules = flipped.iter().map(|rule| RuleChange {
            scorecard: CARD,
            entity: PART,
            rule: *rule,
            from: Some(false),
            to: Some(true),
        });
        let record = LogRecord {
            seq,
            time: time(seq),
            actor: format!("actor {seq}").into(),
            cause: None,
            model: None,
            changes: Vec::new(),
            levels: Vec::new(),
            rules: rules.collect(),
        };
        self.history.store.append(&record).unwrap();
        self.history.push(Recent::of(record, &version.results));
        self.versions.push(version);
    }

    fn checkpoint(&mut self) {
        let version = self.versions.last().unwrap();
        let seq = version.state.seq();
        let checkpoint = Checkpoint {
            record: None,
            seq,
            time: version.state.time(),
            counters: &[],
            names: &[],
            blueprints: &[],
            scorecards: &[],
            changed: std::iter::empty(),
            past: &self.history.to_save(version, &self.saved),
            image: None,
        };
        self.history.store.checkpoint(checkpoint).unwrap();
        self.history.saved(seq);
        let scorecards = version.state.model().scorecards();
        let rows = self.history.store.reader().unwrap().base().unwrap().results;
        self.saved = Results::restore(&rows, scorecards.map(|(id, known)| (id, &**known)));
    }

    /// The commit since which each rule of a version has its result, by place.
    fn since(&self, version: usize) -> Vec<u64> {
        let all = (0..3).map_while(|rule| self.changed(version, rule));
        all.map(|changed| changed.seq.0).collect()
    }

    fn changed(&self, version: usize, rule: u16) -> Option<Changed> {
        let version = self.versions.get(version - 1).unwrap();
        let history = &self.history;
        let past = PastOf { history, version };
        past.result(CARD, Some(rule), PART).unwrap()
    }
}

fn same_rules(version: &Version, rules: &[&str]) -> bool {
    let card = version.state.model().scorecard(CARD).unwrap();
    card.rules
        .iter()
        .map(|rule| &*rule.identifier)
        .eq(rules.iter().copied())
}

fn time(seq: Seq) -> Instant {
    Instant(i64::try_from(seq.0).unwrap())
}

fn part() -> Arc<Entity> {
    Arc::new(Entity {
        id: PART,
        blueprint: BlueprintId(0),
        identifier: "part".into(),
        title: None,
        icon: None,
        team: Arc::default(),
        properties: Vec::new(),
        relations: Vec::new(),
        created_at: Instant(1),
        updated_at: Instant(1),
        created_by: "actor 1".into(),
        updated_by: "actor 1".into(),
        created_in: Seq(1),
    })
}

fn model(rules: &[&str]) -> Model {
    let rule = |name: &&str| json!({"identifier": name, "level": "Gold", "when": "true"});
    let rules: Vec<_> = rules.iter().map(rule).collect();
    let card = json!({"identifier": "card", "blueprint": "part", "rules": rules});
    let part = json!({"identifier": "part"});
    Model::default()
        .with(
            vec![Blueprint::from_json(&part).unwrap()],
            vec![Scorecard::from_json(&card).unwrap()],
        )
        .unwrap()
}

/// Rules move, come and change; what each version knows stays the same whether the commits
/// are in memory or in the file.
#[test]
fn every_version_knows_its_own_past() {
    let mut world = World::new();
    let check = |world: &World| {
        let known: Vec<_> = (1..=world.versions.len())
            .map(|at| world.since(at))
            .collect();
        let right: [&[u64]; 6] = [
            &[1, 1],
            &[1, 2],
            &[3, 1, 2],
            &[3, 1, 4],
            &[3, 5, 4],
            &[6, 4],
        ];
        assert_eq!(known, right.get(..known.len()).unwrap());
    };
    for saved in [false, true] {
        if saved {
            world = World::new();
        }
        world.commit(&["a", "b"], &[]);
        world.commit(&["a", "b"], &[1]);
        world.commit(&["c", "a", "b"], &[]);
        if saved {
            world.checkpoint();
        }
        world.commit(&["c", "a", "b"], &[2]);
        check(&world);
        world.commit(&["c", "a", "b"], &[1]);
        // A rule that comes back is a new one.
        world.commit(&["d", "b"], &[]);
        check(&world);
        if saved {
            world.checkpoint();
            check(&world);
        }
    }
    assert_eq!(
        world.changed(5, 2).unwrap().to_string(),
        "commit 4, 1970-01-01T00:00:00.000004Z, by actor 4"
    );
    world.history.store.trim(Seq(6)).unwrap();
    assert_eq!(world.changed(6, 1).unwrap().to_string(), "commit 4");
    world.history.store.close().unwrap();
    assert!(
        world.changed(6, 1).is_some(),
        "a closed catalog can still be read"
    );
}

/// What was changed longer ago than is looked through is not known; it is never taken for what
/// the creation left.
#[test]
fn too_many_changes_ago_is_not_known() {
    let mut world = World::new();
    world.commit(&["a"], &[]);
    let model = model(&["a"]);
    let named = |title: Option<&str>, tier: usize| {
        let mut entity = Entity::clone(&part());
        (entity.title, entity.icon) = (title.map(Arc::from), Some(tier.to_string().into()));
        Arc::new(entity)
    };
    let last = 2 + CHANGES_MAX as u64;
    let records = (2..=last).zip(0..).map(|(seq, at)| LogRecord {
        seq: Seq(seq),
        time: time(Seq(seq)),
        actor: "bo".into(),
        cause: None,
        model: None,
        changes: vec![Change {
            id: PART,
            before: Some(named((at > 0).then_some("Part"), at)),
            after: Some(named(Some("Part"), at + 1)),
        }],
        levels: Vec::new(),
        rules: Vec::new(),
    });
    let records: Vec<_> = records.collect();
    world.history.store.append_all(&records).unwrap();
    for record in records {
        world.history.push(Recent::of(record, &Arc::default()));
    }
    let mut state = State::default();
    state.set_model(&Arc::new(model));
    state.allocate(BlueprintId(0)).unwrap();
    state
        .apply(&Change {
            id: PART,
            before: None,
            after: Some(part()),
        })
        .unwrap();
    let titled = |world: &World, at: u64| {
        let mut version = world.versions.last().unwrap().clone();
        let mut state = State::clone(&state);
        state.set_commit(Seq(at), time(Seq(at)));
        version.state = Arc::new(state);
        let (history, version) = (&world.history, &version);
        let past = PastOf { history, version };
        let changed = past.written(PART, Written::Meta(Meta::Title)).unwrap();
        changed.map(|changed| changed.seq.0)
    };
    for saved in [false, true] {
        if saved {
            let mut state = State::clone(&state);
            state.set_commit(Seq(last), time(Seq(last)));
            world.versions.last_mut().unwrap().state = Arc::new(state);
            world.checkpoint();
            assert!(world.history.recent().is_empty(), "only the file knows");
        }
        assert_eq!(titled(&world, last - 1), Some(2));
        assert_eq!(titled(&world, last), None);
    }
}
