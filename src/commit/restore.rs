//! Entities that are taken over from elsewhere with who wrote them and when.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::draft::{self, Draft};
use super::staging::{Staged, Staging, label};
use crate::error::Result;
use crate::state::Entity;
use crate::value::Instant;

/// Who wrote an entity, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamps {
    pub(crate) created_at: Instant,
    pub(crate) created_by: Arc<str>,
    pub(crate) updated_at: Instant,
    pub(crate) updated_by: Arc<str>,
}

/// An entity of an export.
#[derive(Clone, Debug)]
pub(crate) struct Restored {
    pub(crate) blueprint: Arc<str>,
    /// Without `team` and without stamps.
    pub(crate) document: Map<String, Json>,
    /// As written, whatever the blueprint says of ownership.
    pub(crate) team: Vec<Arc<str>>,
    pub(crate) stamps: Stamps,
    /// Where it stands, for messages.
    pub(crate) line: u64,
}

/// What a draft keeps of where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    stamps: Stamps,
    pub(super) line: u64,
}

impl Source {
    /// Puts the stamps on an entity that a commit would have stamped as its own.
    pub(super) fn stamp(&self, entity: &mut Entity) {
        let stamps = self.stamps.clone();
        entity.created_at = stamps.created_at;
        entity.created_by = stamps.created_by;
        entity.updated_at = stamps.updated_at;
        entity.updated_by = stamps.updated_by;
    }
}

impl Staging {
    /// What there is already, in words; `None` where there is nothing.
    pub(crate) fn holds(&self) -> Option<String> {
        let model = self.base.state.model();
        let counts = [
            (model.blueprints().count(), "blueprint", "blueprints"),
            (model.scorecards().count(), "scorecard", "scorecards"),
            (self.base.state.entity_count(), "entity", "entities"),
        ];
        let present = counts.iter().filter(|(count, ..)| *count > 0);
        let words = present.map(|(count, one, many)| {
            let what = if *count == 1 { one } else { many };
            format!("{count} {what}")
        });
        let words: Vec<String> = words.collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// Stages an entity as it was, stamps included: nothing is filled in. Gives its blueprint and
    /// identifier.
    ///
    /// # Errors
    /// As for [`Staging::upsert`]; where its relations lead is checked at the commit.
    pub(crate) fn restore(&mut self, restored: Restored) -> Result<(Arc<str>, Arc<str>)> {
        let Restored {
            blueprint,
            document,
            team,
            stamps,
            line,
        } = restored;
        let compiled = Arc::clone(self.compiled(&blueprint)?);
        let identifier = draft::identifier(&document)?;
        let mut draft = Draft {
            identifier: Arc::clone(&identifier),
            source: Some(Box::new(Source { stamps, line })),
            ..Draft::default()
        };
        // Nothing is deleted meanwhile, so the number of the write does not matter.
        let written = draft.write(&document, &compiled.blueprint, 0);
        let valid = written.and_then(|()| compiled.schema.validate(&draft.properties));
        valid.map_err(|error| error.context(label(&blueprint, &identifier)))?;
        draft.team = team;
        let key = (compiled.id, Arc::clone(&identifier));
        draft.checked = Some(compiled);
        self.staged.insert(key, Staged::Put(draft));
        Ok((blueprint, identifier))
    }
}
