//! Rows that are taken over from elsewhere, with who wrote them and when.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::super::draft::{self, Draft};
use super::super::staging::{Staging, label};
use super::Row;
use super::row::Place;
use crate::error::Result;
use crate::model::{Compiled, Model};
use crate::value::{Instant, Seq};

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
}

impl Row {
    /// Takes an entity as it was, stamps included: nothing is filled in. It counts as created in
    /// the given commit.
    ///
    /// # Errors
    /// As for [`Row::read`].
    pub(crate) fn restore(model: &Model, restored: Restored, line: u64, seq: Seq) -> Result<Self> {
        let Restored {
            blueprint,
            document,
            team,
            stamps,
        } = restored;
        let compiled = model.find_blueprint(&blueprint)?;
        let identifier = draft::identifier(&document)?;
        let place = Place {
            line,
            seq,
            stamps: &stamps,
        };
        let row = as_it_was(compiled, &identifier, &document, team)
            .and_then(|draft| Self::of(model, compiled, draft, &place));
        row.map_err(|error| error.context(label(&blueprint, &identifier)))
    }
}

fn as_it_was(
    compiled: &Compiled,
    identifier: &Arc<str>,
    document: &Map<String, Json>,
    team: Vec<Arc<str>>,
) -> Result<Draft> {
    let mut draft = Draft {
        identifier: Arc::clone(identifier),
        ..Draft::default()
    };
    draft.write(document, &compiled.blueprint, 0)?;
    draft.team = team;
    Ok(draft)
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
}
