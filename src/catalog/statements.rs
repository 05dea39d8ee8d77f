//! Statements that were checked before: each text is parsed and checked once for a model.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::error::Result;
use crate::model::Model;
use crate::query::{self, Query};

/// How many checked statements are kept, and how many bytes their texts may have together.
const KEPT: usize = 256;
const KEPT_BYTES: usize = 1 << 18;

/// A statement as it was checked against one version of the model.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    text: Arc<str>,
    model: Weak<Model>,
    query: Arc<Query>,
}

impl Checked {
    /// Whether this is the model that it was checked against.
    pub(super) fn is_for(&self, model: &Arc<Model>) -> bool {
        // The weak pointer keeps the place of the model from being used again.
        std::ptr::eq(self.model.as_ptr(), Arc::as_ptr(model))
    }

    /// The query, whichever model it was checked against.
    pub(super) fn query(&self) -> &Arc<Query> {
        &self.query
    }

    pub(super) fn text(&self) -> &Arc<str> {
        &self.text
    }
}

/// The statements that the snapshots of a catalog have asked lately, shared by all of them.
#[derive(Default)]
pub(super) struct Statements(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    by_text: HashMap<Arc<str>, SmallVec<[Entry; 1]>, FixedState>,
    count: usize,
    bytes: usize,
    /// Goes up with every use.
    clock: u64,
}

struct Entry {
    checked: Checked,
    used: u64,
}

impl fmt::Debug for Statements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.kept().count;
        f.debug_struct("Statements").field("count", &count).finish()
    }
}

impl Statements {
    /// The checked form of a statement for a model: a kept one, or a new one that is then kept.
    ///
    /// # Errors
    /// As [`query::statement`]; what does not check is not kept.
    pub(super) fn check(&self, model: &Arc<Model>, text: &str) -> Result<Checked> {
        if let Some(known) = self.kept().find(model, text) {
            return Ok(known);
        }
        let checked = Checked {
            text: text.into(),
            model: Arc::downgrade(model),
            query: Arc::new(query::statement(model, text)?),
        };
        self.kept().keep(checked.clone());
        Ok(checked)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // What a panic could leave behind is a wrong count of what is kept, never a wrong query.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn find(&mut self, model: &Arc<Model>, text: &str) -> Option<Checked> {
        self.clock += 1;
        let clock = self.clock;
        let mut entries = self.by_text.get_mut(text)?.iter_mut();
        let entry = entries.find(|entry| entry.checked.is_for(model))?;
        entry.used = clock;
        Some(entry.checked.clone())
    }

    /// Keeps a statement, unless it is long or another thread was faster.
    fn keep(&mut self, checked: Checked) {
        let (model, text) = (checked.model.upgrade(), Arc::clone(&checked.text));
        let known = model.is_none_or(|model| self.find(&model, &text).is_some());
        if known || text.len() > KEPT_BYTES / 4 {
            return;
        }
        self.clock += 1;
        self.count += 1;
        self.bytes += text.len();
        let used = self.clock;
        let entries = self.by_text.entry(text).or_default();
        entries.push(Entry { checked, used });
        if self.count > KEPT || self.bytes > KEPT_BYTES {
            self.forget();
        }
    }

    /// Forgets the statements of models that are gone, then the half that was used least lately.
    fn forget(&mut self) {
        self.retain(|entry| entry.checked.model.strong_count() > 0);
        if self.count > KEPT || self.bytes > KEPT_BYTES {
            let entries = self.by_text.values().flatten();
            let mut uses: Vec<u64> = entries.map(|entry| entry.used).collect();
            uses.sort_unstable();
            let middle = uses.get(uses.len() / 2).copied().unwrap_or_default();
            self.retain(|entry| entry.used > middle);
        }
    }

    fn retain(&mut self, keep: impl Fn(&Entry) -> bool) {
        let (mut count, mut bytes) = (0, 0);
        self.by_text.retain(|text, entries| {
            entries.retain(|entry| keep(entry));
            count += entries.len();
            bytes += entries.len() * text.len();
            !entries.is_empty()
        });
        (self.count, self.bytes) = (count, bytes);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test may panic")]
mod tests {
    use std::sync::Arc;

    use super::{KEPT, KEPT_BYTES, Statements};
    use crate::model::Model;

    #[test]
    fn a_text_is_checked_once_for_a_model() {
        let (statements, model) = (Statements::default(), Arc::new(Model::default()));
        let other = Arc::new(Model::clone(&model));
        let first = statements.check(&model, "RETURN 1").unwrap();
        let again = statements.check(&model, "RETURN 1").unwrap();
        assert!(Arc::ptr_eq(&first.query, &again.query));
        assert!(first.is_for(&model) && !first.is_for(&other));
        let elsewhere = statements.check(&other, "RETURN 1").unwrap();
        assert!(elsewhere.is_for(&other));
        assert_eq!(statements.kept().count, 2, "both models are in use");
        assert!(statements.check(&model, "RETURN").is_err());
        assert_eq!(statements.kept().count, 2, "what is wrong is not kept");
    }

    #[test]
    fn what_is_kept_is_bounded_and_what_was_used_lately_stays() {
        let (statements, model) = (Statements::default(), Arc::new(Model::default()));
        let text = |at: usize| format!("RETURN {at}");
        for at in 0..2 * KEPT {
            statements.check(&model, &text(at)).unwrap();
            statements.check(&model, &text(0)).unwrap();
        }
        let kept = statements.kept();
        assert!(
            kept.count <= KEPT && kept.count > KEPT / 4,
            "{}",
            kept.count
        );
        assert!(kept.by_text.contains_key(text(0).as_str()));
        assert!(kept.by_text.contains_key(text(2 * KEPT - 1).as_str()));
        let bytes: usize = kept.by_text.keys().map(|text| text.len()).sum();
        assert_eq!(kept.bytes, bytes);
        drop(kept);
        let long = |at: usize| format!("RETURN {at} // {}", "x".repeat(KEPT_BYTES / 5));
        for at in 0..9 {
            statements.check(&model, &long(at)).unwrap();
        }
        assert!(statements.kept().bytes <= KEPT_BYTES);
    }

    #[test]
    fn statements_of_models_that_are_gone_go_first() {
        let (statements, model) = (Statements::default(), Arc::new(Model::default()));
        for at in 0..KEPT {
            let gone = Arc::new(Model::default());
            statements.check(&gone, &format!("RETURN {at}")).unwrap();
        }
        for at in 0..2 {
            statements.check(&model, &format!("RETURN {at}")).unwrap();
        }
        assert!(statements.kept().count <= 2);
        assert!(statements.kept().by_text.contains_key("RETURN 0"));
    }
}
