//! The model of a catalog at one version: every blueprint and scorecard, by id and by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::mirror_order::mirror_order;
use super::ways::{Ways, needed};
use super::{Compiled, Scorecard};
use crate::error::{Error, Result, did_you_mean};
use crate::value::{BlueprintId, NameId, Names, ScorecardId};

/// Every blueprint and scorecard of a catalog at one version.
///
/// Ids stay the same across versions; that of a removed blueprint or scorecard is never given again.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub(crate) names: Names,
    pub(crate) blueprints: Vec<Option<Arc<Compiled>>>,
    pub(crate) blueprint_ids: BTreeMap<Arc<str>, BlueprintId>,
    pub(crate) scorecards: Vec<Option<Arc<Scorecard>>>,
    pub(crate) scorecard_ids: BTreeMap<Arc<str>, ScorecardId>,
    pub(super) mirror_order: Arc<[(BlueprintId, NameId)]>,
    pub(super) ways: Arc<Ways>,
}

/// What differs between two versions of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelChange {
    /// Blueprints added, replaced or removed.
    pub blueprints: Vec<BlueprintId>,
    /// Scorecards added, replaced or removed.
    pub scorecards: Vec<ScorecardId>,
}

impl ModelChange {
    /// Whether the two versions are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blueprints.is_empty() && self.scorecards.is_empty()
    }
}

impl Model {
    /// A blueprint by its identifier.
    ///
    /// # Errors
    /// `NotFound`, with the nearest name there is.
    pub(crate) fn find_blueprint(&self, identifier: &str) -> Result<&Arc<Compiled>> {
        let found = self.blueprint_id(identifier);
        found.and_then(|id| self.blueprint(id)).ok_or_else(|| {
            let known = self.blueprints().map(|known| &*known.blueprint.identifier);
            let error = Error::not_found(format!("there is no blueprint `{identifier}`"));
            let help = did_you_mean(identifier, known)
                .unwrap_or_else(|| "declare the blueprint first".to_owned());
            error.with_help(help)
        })
    }

    /// The interned names of properties and relations.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The id of a blueprint by identifier.
    #[must_use]
    pub fn blueprint_id(&self, identifier: &str) -> Option<BlueprintId> {
        self.blueprint_ids.get(identifier).copied()
    }

    /// A blueprint by id.
    #[must_use]
    pub fn blueprint(&self, id: BlueprintId) -> Option<&Arc<Compiled>> {
        self.blueprints.get(id.index())?.as_ref()
    }

    /// A blueprint by identifier.
    #[must_use]
    pub fn blueprint_named(&self, identifier: &str) -> Option<&Arc<Compiled>> {
        self.blueprint(self.blueprint_id(identifier)?)
    }

    /// Every blueprint in the order of identifiers.
    pub fn blueprints(&self) -> impl Iterator<Item = &Arc<Compiled>> {
        self.blueprint_ids
            .values()
            .filter_map(|id| self.blueprint(*id))
    }

    /// The id of a scorecard by identifier.
    #[must_use]
    pub fn scorecard_id(&self, identifier: &str) -> Option<ScorecardId> {
        self.scorecard_ids.get(identifier).copied()
    }

    /// A scorecard by id.
    #[must_use]
    pub fn scorecard(&self, id: ScorecardId) -> Option<&Arc<Scorecard>> {
        self.scorecards.get(id.index())?.as_ref()
    }

    /// Every scorecard in the order of identifiers.
    pub fn scorecards(&self) -> impl Iterator<Item = (ScorecardId, &Arc<Scorecard>)> {
        self.scorecard_ids
            .values()
            .filter_map(|id| Some((*id, self.scorecard(*id)?)))
    }

    /// The mirrors of all blueprints, dependencies first: a mirror that reads a mirror comes after
    /// it. Worked out once per version.
    #[must_use]
    pub fn mirror_order(&self) -> Vec<(BlueprintId, NameId)> {
        self.mirror_order.to_vec()
    }

    /// What differs from an older version of the same catalog's model: one comparison of pointers
    /// for each blueprint and scorecard.
    #[must_use]
    pub fn changes_since(&self, older: &Self) -> ModelChange {
        let blueprints = changed(&older.blueprints, &self.blueprints).map(BlueprintId);
        let scorecards = changed(&older.scorecards, &self.scorecards).map(ScorecardId);
        ModelChange {
            blueprints: blueprints.collect(),
            scorecards: scorecards.collect(),
        }
    }

    /// Works out anew what follows from the whole: the references are good, the ways that
    /// aggregation properties need and the order of mirrors are known.
    pub(super) fn settled(mut self) -> Result<Self> {
        self.check_references()?;
        self.ways = Arc::new(needed(&self)?);
        self.mirror_order = mirror_order(&self)?.into();
        Ok(self)
    }
}

/// The places at which two lists of shared things differ.
fn changed<T>(older: &[Option<Arc<T>>], newer: &[Option<Arc<T>>]) -> impl Iterator<Item = u32> {
    let at = |list: &[Option<Arc<T>>], place: usize| {
        list.get(place).and_then(Option::as_ref).map(Arc::as_ptr)
    };
    let places = 0..older.len().max(newer.len());
    places
        .filter(move |place| at(older, *place) != at(newer, *place))
        .filter_map(|place| u32::try_from(place).ok())
}
