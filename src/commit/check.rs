//! Whether the file is whole and memory is what the file says.

use std::fmt;
use std::sync::Arc;

use super::record::ModelParts;
use super::{Version, Writer};
use crate::error::Result;
use crate::state::State;
use crate::store::{Findings, StoreReader};
use crate::value::Seq;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where: a table, a structure, or an entity with what of it.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

/// What [`Catalog::check`](crate::Catalog::check) looked at and found; prints as a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// The commit as of which everything was compared.
    pub seq: Seq,
    /// How many entities there are.
    pub entities: u64,
    /// How many relations between two entities there are.
    pub relations: u64,
    /// How many rows of the file were read, those of the log not among them.
    pub rows: u64,
    /// How many records of the log were read.
    pub log_records: u64,
    /// What is wrong, at most a thousand of it.
    pub findings: Vec<Finding>,
    /// How much more is wrong than what is listed.
    pub unlisted: u64,
}

impl CheckReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "checked {} rows, {} log records, {} entities and {} relations as of commit {}: ",
            self.rows, self.log_records, self.entities, self.relations, self.seq
        )?;
        if self.is_ok() {
            return f.write_str("all is well");
        }
        let count = self.findings.len() as u64 + self.unlisted;
        write!(f, "{count} findings")?;
        for finding in &self.findings {
            write!(f, "\n  {finding}")?;
        }
        if self.unlisted > 0 {
            write!(f, "\n  and {} more", self.unlisted)?;
        }
        Ok(())
    }
}

impl Writer {
    /// Checks the file, then builds the version anew from records and log alone, and compares.
    ///
    /// # Errors
    /// `Busy` where somebody reads the file; `Closed`.
    pub(crate) fn check(&self, version: &Version) -> Result<CheckReport> {
        let mut findings = Findings::default();
        let looked = self.store.check(&mut findings)?;
        let rebuilt = self.store.reader().and_then(|reader| {
            let mut state = from_records(&reader)?;
            version.plan.rebuild(&mut state, None)?;
            Ok(state)
        });
        if let Some(rebuilt) = findings.note("what the records make", rebuilt)? {
            version.state.compare(&rebuilt, &mut findings);
        }
        let state = &version.state;
        let relations = state.graph().relations();
        let Findings { listed, more } = findings;
        Ok(CheckReport {
            seq: state.seq(),
            entities: state.entity_count() as u64,
            relations: relations.map(|name| state.graph().edge_count(name)).sum(),
            rows: looked.rows,
            log_records: looked.log_records,
            findings: listed
                .into_iter()
                .map(|(place, what)| Finding { place, what })
                .collect(),
            unlisted: more,
        })
    }
}

/// The version that the entity records and the log make, without the image; nothing is derived.
fn from_records(reader: &StoreReader) -> Result<State> {
    let base = reader.base()?;
    let pages = reader.pages()?;
    let mut parts = ModelParts::of(&base)?;
    let model = Arc::new(parts.clone().model()?);
    let (mut state, _) = State::restore(&model, pages, Err(String::new()));
    state.set_commit(base.seq, base.time);
    let mut records = Vec::new();
    reader.log(base.seq, |record| {
        if let Some(change) = &record.model {
            parts.apply(change)?;
        }
        records.push(record);
        Ok(())
    })?;
    if records.iter().any(|record| record.model.is_some()) {
        state.set_model(&Arc::new(parts.model()?));
    }
    for record in &records {
        state.replay(record)?;
    }
    Ok(state)
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed test may panic"
)]
mod tests;
