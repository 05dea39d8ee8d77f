//! Opening a store: tables, image, log after the checkpoint, and everything derived anew.

use std::fmt;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::history::Recent;
use super::record::ModelParts;
use super::{History, Results, Version, Writer};
use crate::derive::Plan;
use crate::error::Result;
use crate::state::State;
use crate::store::{LogRecord, Store};

/// What opening a catalog found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenReport {
    /// How many commits were replayed from the log because no checkpoint held them yet.
    pub replayed: u64,
    /// What had to be rebuilt from the entity records because its saved form was missing,
    /// damaged or of another build, and why. Rebuilding costs time, never an answer.
    pub rebuilt: Vec<String>,
}

impl fmt::Display for OpenReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "replayed {} commits", self.replayed)?;
        for reason in &self.rebuilt {
            write!(f, "; rebuilt {reason}")?;
        }
        Ok(())
    }
}

impl Writer {
    /// Opens what a store holds.
    ///
    /// Costs one pass over the entities, the image and the log after the checkpoint, and one
    /// derivation from nothing.
    pub(crate) fn open(store: Store) -> Result<(Self, Version, OpenReport)> {
        let reader = store.reader()?;
        let base = reader.base()?;
        let pages = reader.pages()?;
        let mut parts = ModelParts::of(&base)?;
        let saved_results = Arc::new(Results::restore(&base.results, parts.scorecards()));
        let saved_model = Arc::new(parts.clone().model()?);
        let (seq, time, counters) = (base.seq, base.time, base.counters.clone());
        let (mut state, rebuilt) = State::restore(&saved_model, pages, base.image);
        state.set_commit(seq, time);
        state.set_counters(&counters);

        let (mut records, mut results) = (Vec::new(), Arc::clone(&saved_results));
        reader.log(seq, |record| {
            if let Some(change) = &record.model {
                parts.apply(change)?;
                results = Arc::new(results.after(parts.scorecards(), record.seq));
            }
            records.push((record, Arc::clone(&results)));
            Ok(())
        })?;
        drop(reader);
        let store = Arc::new(store);
        let mut writer = Self {
            history: Arc::new(History::new(Arc::clone(&store))),
            store,
            dirty: RoaringBitmap::new(),
            saved_model,
            saved_results,
            image_missing: !rebuilt.is_empty(),
        };
        if records.iter().any(|(record, _)| record.model.is_some()) {
            // What a change adds to an index under a model, its undoing takes away under the same
            // one; so the last model does for the whole replay, whatever was true in between.
            state.set_model(&Arc::new(parts.model()?));
        }
        let replayed = records.len() as u64;
        for (record, results) in records {
            writer.replay(record, &results, &mut state)?;
        }
        let plan = Plan::compile(state.model())?;
        plan.rebuild(&mut state, None)?;
        let version = Version {
            state: Arc::new(state),
            plan: Arc::new(plan),
            results,
        };
        Ok((writer, version, OpenReport { replayed, rebuilt }))
    }

    /// Applies a commit of the log, whose changes the tables do not hold yet.
    fn replay(
        &mut self,
        record: LogRecord,
        results: &Arc<Results>,
        state: &mut State,
    ) -> Result<()> {
        let changed = record.changes.iter();
        self.dirty.extend(changed.map(|change| change.id.0));
        state.replay(&record)?;
        self.history.push(Recent::of(record, results));
        Ok(())
    }
}
