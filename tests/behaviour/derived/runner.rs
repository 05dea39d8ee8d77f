//! A history played to a catalog and to the oracle, compared after every commit.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use portolan::model::{Blueprint, Scorecard};
use portolan::{Catalog, Instant, Options, WriteTx};
use serde_json::{Value as Json, json};

use super::compare::{
    Place, assert_same, everything, expected, expected_flips, flips, report, results, since,
    standings, viewer,
};
use super::naive::{Base, Definitions, START, SWITCHES, Step, World, Write, writes_of};

/// One commit of a history.
#[derive(Clone, Debug, Default)]
pub(super) struct Round {
    /// Seconds that pass before.
    pub(super) pass: i64,
    /// What of the model is turned off or on.
    pub(super) switch: Option<usize>,
    pub(super) steps: Vec<Step>,
    /// Whether time passes before the commit, rather than with it.
    pub(super) advances: bool,
    /// Whether it is asked first what the commit would do.
    pub(super) asks: bool,
    /// Whether it is tried first with something wrong at its end.
    pub(super) spoilt_first: bool,
}

pub(super) struct Runner {
    pub(super) catalog: Catalog,
    pub(super) clock: Arc<AtomicI64>,
    pub(super) base: Base,
    pub(super) model: Definitions,
    /// Every level and result with the commit since which it is that.
    pub(super) since: BTreeMap<Place, (Json, u64)>,
}

/// A clock that shows what the history says.
pub(super) fn options(clock: &Arc<AtomicI64>) -> Options {
    let clock = Arc::clone(clock);
    Options::default().clock(move || Instant(clock.load(Ordering::Relaxed) * 1_000_000))
}

impl Runner {
    pub(super) fn in_memory() -> Self {
        Self::new(|options| Catalog::in_memory_with(options).unwrap())
    }

    pub(super) fn new(open: impl FnOnce(Options) -> Catalog) -> Self {
        let clock = Arc::new(AtomicI64::new(START));
        let runner = Self {
            catalog: open(options(&clock)),
            clock,
            base: Base::default(),
            model: Definitions::all(),
            since: BTreeMap::new(),
        };
        let mut tx = runner.begin();
        declare(&mut tx, &runner.model);
        tx.commit().unwrap();
        runner
    }

    pub(super) fn begin(&self) -> WriteTx {
        self.catalog.write(&viewer()).unwrap()
    }

    /// Plays one commit; what would break a required relation must be refused.
    pub(super) fn play(&mut self, round: &Round) {
        let now = self.clock.fetch_add(round.pass, Ordering::Relaxed) + round.pass;
        if round.advances {
            self.advance(now);
        }
        let model = match round.switch {
            Some(switch) => self.model.turned(switch % SWITCHES.len()),
            None => self.model.clone(),
        };
        let (mut base, mut writes) = (self.base.clone(), Vec::new());
        for step in &round.steps {
            for write in writes_of(step, &base) {
                base.apply(&write, &model, now);
                writes.push(write);
            }
        }
        if round.spoilt_first {
            self.refused(&model, &writes, true);
        }
        if !base.is_valid(&model) {
            self.refused(&model, &writes, false);
            return;
        }
        let before = everything(&self.catalog);
        let tx = self.tx(&model, &writes, round.switch.is_some());
        let asked = round.asks.then(|| {
            let asked = tx.what_if().unwrap_or_else(|error| panic!("{error:#}"));
            assert_same(&before, &everything(&self.catalog), "after what if");
            asked
        });
        let commit = tx
            .commit()
            .unwrap_or_else(|error| panic!("{error:#}: {writes:#?}"));
        (self.base, self.model) = (base, model);
        let after = self.check("after a commit");
        for write in &writes {
            if let Write::Delete(blueprint, identifier) = write {
                let gone = format!("{blueprint}/{identifier}");
                self.since.retain(|(entity, ..), _| *entity != gone);
            }
        }
        self.follow(&after);
        if let Some(asked) = asked {
            assert_same(&report(&commit), &report(&asked), "what if");
            let told = standings(&asked, &after);
            assert_same(&after, &told, "the standings of what if");
        }
        let flips_expected = expected_flips(&before, &after);
        assert_same(&flips_expected, &flips(&commit), "what a commit changed");
    }

    /// Lets time pass without a write: what is due, and nothing else, changes something.
    fn advance(&mut self, now: i64) {
        let snapshot = self.catalog.read(&viewer());
        let instant = Instant(now * 1_000_000);
        let due = snapshot.next_due().is_some_and(|due| due <= instant);
        let before = everything(&self.catalog);
        let commit = self.catalog.advance(&viewer(), instant).unwrap();
        assert_eq!(commit.is_empty(), !due, "{:?}", snapshot.next_due());
        let after = self.check_at(now, "after time passed");
        assert!(due || before == after, "what is not due changes");
        let flips_expected = expected_flips(&before, &after);
        assert_same(&flips_expected, &flips(&commit), "what time changed");
        self.follow(&after);
    }

    /// Notes what the last commit changed, and compares since when everything is as it is.
    fn follow(&mut self, after: &Json) {
        let seq = self.catalog.read(&viewer()).seq().0;
        let mut before = std::mem::take(&mut self.since);
        let results = results(after).into_iter().filter(|(_, is)| !is.is_null());
        for (place, is) in results {
            let was = before.remove(&place).filter(|(was, _)| *was == is);
            let since = was.map_or(seq, |(_, since)| since);
            self.since.insert(place, (is, since));
        }
        self.check_since(after);
    }

    pub(super) fn check_since(&self, everything: &Json) {
        let told = since(&self.catalog.read(&viewer()), everything);
        for (place, (is, seq)) in &self.since {
            assert_eq!(told.get(place), Some(seq), "{is} of {place:?}");
        }
        assert_eq!(told.len(), self.since.len(), "of what is not graded");
    }

    fn tx(&self, model: &Definitions, writes: &[Write], declares: bool) -> WriteTx {
        let mut tx = self.begin();
        if declares {
            self.redeclare(&mut tx, model);
        }
        for write in writes {
            stage(&mut tx, write);
        }
        tx
    }

    /// Scorecards that are gone go first: what they read may go as well.
    fn redeclare(&self, tx: &mut WriteTx, model: &Definitions) {
        for scorecard in &self.model.scorecards {
            let name = scorecard["identifier"].as_str().unwrap();
            if model.scorecard(name).is_none() {
                tx.remove_scorecard(name).unwrap();
            }
        }
        declare(tx, model);
    }

    /// A commit that fails leaves everything as it was.
    fn refused(&self, model: &Definitions, writes: &[Write], spoil: bool) {
        let before = everything(&self.catalog);
        let mut tx = self.tx(model, writes, true);
        if spoil {
            let lost = json!({"identifier": "spoilt", "relations": {"lead": "nobody-at-all"}});
            tx.upsert("domain", &lost).unwrap();
        }
        assert!(tx.what_if().is_err(), "{writes:#?}");
        assert!(tx.commit().is_err(), "{writes:#?}");
        assert_same(
            &before,
            &everything(&self.catalog),
            "after a refused commit",
        );
    }

    /// Compares with a catalog that is loaded with the result, entity by entity as they were
    /// created, then with their relations, then with the model as it is.
    pub(super) fn check_loaded(&self) {
        let loaded = Self::in_memory();
        let commit = |now: i64, model: Option<&Definitions>, writes: &[Write]| {
            loaded.clock.store(now, Ordering::Relaxed);
            let mut tx = loaded.begin();
            if let Some(model) = model {
                declare(&mut tx, model);
            }
            for write in writes {
                stage(&mut tx, write);
            }
            tx.commit().unwrap_or_else(|error| panic!("{error:#}"));
        };
        commit(START, Some(&self.model.relaxed()), &[]);
        for (created, writes) in self.base.creations() {
            commit(created, None, &writes);
        }
        let now = self.now();
        commit(now, None, &self.base.relating(&self.model));
        let mut tx = loaded.begin();
        loaded.redeclare(&mut tx, &self.model);
        tx.commit().unwrap();
        let (expected, actual) = (everything(&self.catalog), everything(&loaded.catalog));
        assert_same(&expected, &actual, "loaded with the result");
    }

    /// The time of the last commit.
    fn now(&self) -> i64 {
        let time = self.catalog.read(&viewer()).time();
        time.0.div_euclid(1_000_000)
    }

    /// Compares everything with the oracle, at the time of the last commit.
    pub(super) fn check(&self, when: &str) -> Json {
        self.check_at(self.now(), when)
    }

    /// Gives what the catalog answers.
    fn check_at(&self, now: i64, when: &str) -> Json {
        let world = World::new(&self.model, &self.base, now);
        let actual = everything(&self.catalog);
        assert_same(&expected(&world), &actual, when);
        actual
    }
}

pub(super) fn declare(tx: &mut WriteTx, model: &Definitions) {
    let blueprints = model
        .blueprints
        .iter()
        .map(|json| Blueprint::from_json(json).unwrap());
    let scorecards = model
        .scorecards
        .iter()
        .map(|json| Scorecard::from_json(json).unwrap());
    tx.declare(blueprints, scorecards)
        .unwrap_or_else(|error| panic!("{error:#}"));
}

pub(super) fn stage(tx: &mut WriteTx, write: &Write) {
    match write {
        Write::Upsert(blueprint, document) => tx.upsert(blueprint, document),
        Write::Merge(blueprint, document) => tx.merge(blueprint, document),
        Write::Delete(blueprint, identifier) => tx.delete(blueprint, identifier),
    }
    .unwrap_or_else(|error| panic!("{error:#}: {write:?}"));
}
