//! Which commit last changed what: the commits since the checkpoint in memory, the others in the
//! file.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::{Results, Version};
use crate::derive::{Changed, Past, Written};
use crate::error::{ErrorKind, Result};
use crate::model::Meta;
use crate::state::Head;
use crate::store::{
    self, Change, Flip, LevelChange, LogHead, LogRecord, RuleChange, Store, StoreReader,
};
use crate::value::{EntityId, ScorecardId, Seq};

/// How many changes of one entity are looked through for the last that concerns a part of it.
const CHANGES_MAX: usize = 10_000;

/// The past of a catalog, shared by its writer and its snapshots.
#[derive(Debug)]
pub(crate) struct History {
    store: Arc<Store>,
    /// Every commit since the last checkpoint, in order.
    recent: RwLock<VecDeque<Recent>>,
}

/// What a commit that no checkpoint holds changed, by entity.
#[derive(Debug)]
pub(crate) struct Recent {
    head: LogHead,
    /// The entities that were updated or deleted, ascending.
    touched: Vec<EntityId>,
    /// Ascending by scorecard and entity.
    levels: Vec<LevelChange>,
    /// Ascending by scorecard, entity and rule.
    rules: Vec<RuleChange>,
    /// What the rules of the commit are by place.
    results: Arc<Results>,
}

impl Recent {
    /// What a commit of the log changed.
    pub(crate) fn of(record: LogRecord, results: &Arc<Results>) -> Self {
        let ids = |there_before: bool| {
            let changes = record.changes.iter();
            let changes = changes.filter(|change| change.before.is_some() == there_before);
            let mut ids: Vec<EntityId> = changes.map(|change| change.id).collect();
            ids.sort_unstable();
            ids
        };
        let (created, touched) = (ids(false), ids(true));
        let (mut levels, mut rules) = (record.levels, record.rules);
        // What comes with an entity or a scorecard is as old as that.
        if record.model.is_some() || !created.is_empty() {
            levels.retain(|change| {
                let known = results.get(change.scorecard, None);
                known.is_some_and(|known| known.declared < record.seq)
                    && created.binary_search(&change.entity).is_err()
            });
        }
        // They are in order as they come; sorting what is sorted is one pass.
        levels.sort_by_key(|change| (change.scorecard, change.entity));
        rules.sort_by_key(|change| (change.scorecard, change.entity, change.rule));
        Self {
            head: LogHead {
                seq: record.seq,
                time: record.time,
                actor: record.actor,
            },
            touched,
            levels,
            rules,
            results: Arc::clone(results),
        }
    }

    fn flipped(&self, asked: &Asked<'_>) -> bool {
        let (scorecard, entity) = (asked.scorecard, asked.entity);
        let Some(rule) = asked.rule else {
            let key = |change: &LevelChange| (change.scorecard, change.entity);
            return self
                .levels
                .binary_search_by_key(&(scorecard, entity), key)
                .is_ok();
        };
        if self.rules.is_empty() {
            return false;
        }
        let place = if Arc::ptr_eq(&self.results, asked.results) {
            Some(rule)
        } else {
            self.results.place(scorecard, asked.number)
        };
        let key = |change: &RuleChange| (change.scorecard, change.entity, change.rule);
        place.is_some_and(|place| {
            let found = self
                .rules
                .binary_search_by_key(&(scorecard, entity, place), key);
            found.is_ok()
        })
    }
}

/// The result of an entity that is asked for.
struct Asked<'a> {
    scorecard: ScorecardId,
    rule: Option<u16>,
    entity: EntityId,
    /// What the version that is asked knows the result under.
    number: u32,
    results: &'a Arc<Results>,
}

impl History {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self {
            store,
            recent: RwLock::default(),
        }
    }

    /// The file, for what concerns it as a whole.
    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// The heap that the commits since the checkpoint hold.
    pub(crate) fn heap_bytes(&self) -> usize {
        let recent = self.recent();
        let parts = recent.iter().map(|recent| {
            recent.touched.capacity() * size_of::<EntityId>()
                + recent.levels.capacity() * size_of::<LevelChange>()
                + recent.rules.capacity() * size_of::<RuleChange>()
        });
        recent.capacity() * size_of::<Recent>() + parts.sum::<usize>()
    }

    /// Adds the commit that is about to be published.
    pub(crate) fn push(&self, recent: Recent) {
        let mut all = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        all.push_back(recent);
    }

    /// What a checkpoint of everything up to a version has to add to the tables: who was touched,
    /// and every result that changed but with its entity or its rule. Also of entities that are
    /// gone by now: a snapshot of before may still ask. O(n log n) in the changes.
    pub(crate) fn to_save(&self, version: &Version, saved: &Results) -> store::Past {
        let (mut flips, mut touched) = (Vec::new(), Vec::new());
        for recent in self.recent().iter() {
            let seq = recent.head.seq;
            touched.extend(recent.touched.iter().map(|id| (*id, seq)));
            let levels = recent.levels.iter();
            let levels = levels.map(|change| (change.scorecard, None, change.entity));
            let rules = recent.rules.iter();
            let rules = rules.map(|change| (change.scorecard, Some(change.rule), change.entity));
            for (scorecard, rule, entity) in levels.chain(rules) {
                let known = recent.results.get(scorecard, rule);
                let created = version
                    .state
                    .entity(entity)
                    .map(|entity| entity.head().created_in);
                let of_its_own = created != Some(seq);
                if let Some(known) = known.filter(|known| of_its_own && known.declared < seq) {
                    flips.push(Flip {
                        entity,
                        result: known.number,
                        seq,
                    });
                }
            }
        }
        flips.sort_unstable();
        touched.sort_unstable();
        store::Past {
            results: version.results.rows_since(saved),
            flips,
            touched,
        }
    }

    /// Forgets the commits up to one that the tables hold now.
    pub(crate) fn saved(&self, upto: Seq) {
        let mut all = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        let gone = all.partition_point(|recent| recent.head.seq <= upto);
        all.drain(..gone);
    }

    /// Forgets the commits after one, which could not be written.
    pub(crate) fn forget_after(&self, seq: Seq) {
        let mut all = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        let kept = all.partition_point(|recent| recent.head.seq <= seq);
        all.truncate(kept);
    }

    fn recent(&self) -> RwLockReadGuard<'_, VecDeque<Recent>> {
        self.recent.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A view of the file; `None` once the catalog was closed.
    fn reader(&self) -> Result<Option<StoreReader>> {
        match self.store.reader() {
            Ok(reader) => Ok(Some(reader)),
            Err(error) if error.kind() == ErrorKind::Closed => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// When a commit was made and by whom, as far as that is known.
    fn changed(&self, seq: Seq) -> Result<Changed> {
        let recent = self.recent();
        let found = recent.binary_search_by_key(&seq, |recent| recent.head.seq);
        let found = found.ok().and_then(|at| recent.get(at));
        let found = found.map(|recent| recent.head.clone());
        drop(recent);
        let head = match (found, self.reader()?) {
            (Some(head), _) => Some(head),
            (None, Some(reader)) => reader.head(seq)?,
            (None, None) => None,
        };
        let (time, actor) = head.map(|head| (head.time, head.actor)).unzip();
        Ok(Changed { seq, time, actor })
    }

    /// The last commit up to `upto` that changed a result.
    fn last_flip(&self, asked: &Asked<'_>, upto: Seq) -> Result<Option<Seq>> {
        let recent = self.recent();
        let newest_first = recent.iter().rev();
        let mut of_version = newest_first.skip_while(|recent| recent.head.seq > upto);
        let found = of_version.find(|recent| recent.flipped(asked));
        let found = found.map(|recent| recent.head.seq);
        drop(recent);
        // A commit leaves memory only once the tables hold it, so a reader from here on sees
        // what memory did not have.
        match (found, self.reader()?) {
            (None, Some(reader)) => reader.last_flip(asked.entity, asked.number, upto),
            (found, _) => Ok(found),
        }
    }

    /// Whether the log was trimmed past a commit, so that the tables may have lost what only
    /// versions up to it ask for.
    fn trimmed_beyond(&self, seq: Seq) -> Result<bool> {
        let reader = self.reader()?;
        let start = reader.map(|reader| reader.log_start()).transpose()?;
        Ok(start.is_some_and(|start| start.0 > seq.0.saturating_add(1)))
    }

    /// The commits up to `upto` that updated or deleted an entity, the last one first, with the
    /// view of the file that they were read from; `None` once the catalog was closed.
    fn touched(&self, entity: EntityId, upto: Seq) -> Result<Option<(StoreReader, Vec<Seq>)>> {
        let recent = self.recent();
        let first = recent.front().map(|recent| recent.head.seq);
        let newest_first = recent.iter().rev().filter(|recent| {
            recent.head.seq <= upto && recent.touched.binary_search(&entity).is_ok()
        });
        let mut found: Vec<Seq> = newest_first.map(|recent| recent.head.seq).collect();
        drop(recent);
        // Memory first, then the file, for the reason that `last_flip` gives.
        let Some(reader) = self.reader()? else {
            return Ok(None);
        };
        let before = first.map_or(upto, |first| upto.min(Seq(first.0.saturating_sub(1))));
        // One more than is looked through, which tells whether that was all.
        found.extend(reader.touched(entity, before, CHANGES_MAX + 1)?);
        Ok(Some((reader, found)))
    }
}

/// The past as one version sees it: nothing of the commits after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PastOf<'a> {
    pub(crate) history: &'a History,
    pub(crate) version: &'a Version,
}

impl Past for PastOf<'_> {
    /// Costs O(commits since the checkpoint · log their changes), and one look into the file.
    fn result(
        &self,
        scorecard: ScorecardId,
        rule: Option<u16>,
        entity: EntityId,
    ) -> Result<Option<Changed>> {
        let state = &self.version.state;
        let results = &self.version.results;
        let (Some(known), Some(graded)) = (results.get(scorecard, rule), state.entity(entity))
        else {
            return Ok(None);
        };
        let graded = graded.head();
        let asked = Asked {
            scorecard,
            rule,
            entity,
            number: known.number,
            results,
        };
        let flipped = self.history.last_flip(&asked, state.seq())?;
        // Of each result, trimming leaves the last change, which may be after this version.
        if flipped.is_none() && self.history.trimmed_beyond(state.seq())? {
            return Ok(None);
        }
        // A result that never changed is as old as the younger of its entity and its rule.
        let since = graded.created_in.max(known.declared);
        let since = flipped.map_or(since, |flipped| since.max(flipped));
        if since == graded.created_in {
            return Ok(Some(creation(graded)));
        }
        self.history.changed(since).map(Some)
    }

    /// Costs O(commits since the checkpoint · log their changes), and a look into the log for each
    /// commit that touched the entity since the part last changed.
    fn written(&self, entity: EntityId, part: Written) -> Result<Option<Changed>> {
        let state = &self.version.state;
        let Some(now) = state.entity(entity) else {
            return Ok(None);
        };
        let now = now.head();
        if matches!(part, Written::Meta(Meta::CreatedAt | Meta::CreatedBy)) {
            return Ok(Some(creation(now)));
        }
        let Some((reader, touched)) = self.history.touched(entity, state.seq())? else {
            return Ok(None);
        };
        let since_created = touched.iter().filter(|seq| **seq > now.created_in);
        for (looked, seq) in since_created.enumerate() {
            if looked == CHANGES_MAX {
                return Ok(None);
            }
            let Some((head, change)) = reader.change_of(*seq, entity)? else {
                return Ok(None);
            };
            if differs(&change, part) {
                return Ok(Some(Changed {
                    seq: head.seq,
                    time: Some(head.time),
                    actor: Some(head.actor),
                }));
            }
        }
        // Nothing touched it since the entity was created, as far back as the log goes.
        let all = now.created_in.0.saturating_add(1) >= reader.log_start()?.0;
        Ok(all.then(|| creation(now)))
    }
}

/// The commit that created an entity.
fn creation(entity: Head<'_>) -> Changed {
    Changed {
        seq: entity.created_in,
        time: Some(entity.created_at),
        actor: Some(entity.created_by.into()),
    }
}

/// Whether a change of an entity concerns a part of it.
fn differs(change: &Change, part: Written) -> bool {
    let (Some(before), Some(after)) = (change.before.as_deref(), change.after.as_deref()) else {
        return true;
    };
    match part {
        Written::Property(name) => before.property(name) != after.property(name),
        Written::Relation(name) => before.targets(name) != after.targets(name),
        Written::Meta(meta) => match meta {
            Meta::Identifier => before.identifier != after.identifier,
            Meta::Title => before.title != after.title,
            Meta::Icon => before.icon != after.icon,
            Meta::Team => before.team != after.team,
            Meta::UpdatedAt | Meta::UpdatedBy => true,
            Meta::Blueprint | Meta::CreatedAt | Meta::CreatedBy => false,
        },
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test may panic")]
mod tests;
