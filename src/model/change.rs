//! From one version of a model to the next: adding, replacing and removing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Blueprint, Compiled, Model, Relation, Scorecard, Target, limits};
use crate::error::{Error, ErrorKind, Result, did_you_mean};
use crate::value::{BlueprintId, Names, ScorecardId};

impl Model {
    /// Adds or replaces blueprints and scorecards together (mutual references are fine), checks the
    /// whole (targets exist; the paths of mirrors, aggregations, inherited ownership and groups
    /// lead somewhere; no mirrors or owners in a circle; expressions and circles across kinds are
    /// checked by the layers above) and gives the next version of the model.
    ///
    /// What is equal to what is there already stays shared with this version: see
    /// [`Model::changes_since`]. Compiling is in proportion to what changed, the check of
    /// references to the size of the model.
    ///
    /// # Errors
    /// `Invalid` naming the blueprint or scorecard and the place in it, `Limit`, `Unsupported`.
    pub fn with(&self, blueprints: Vec<Blueprint>, scorecards: Vec<Scorecard>) -> Result<Self> {
        let mut next = self.clone();
        once_each(
            "blueprint",
            blueprints.iter().map(|blueprint| &*blueprint.identifier),
        )?;
        once_each(
            "scorecard",
            scorecards.iter().map(|scorecard| &*scorecard.identifier),
        )?;
        for blueprint in blueprints {
            // Reading what would be written applies the rules of the JSON form to a blueprint that
            // was put together field by field.
            next.put_blueprint(Blueprint::from_json(&blueprint.to_json())?)?;
        }
        for scorecard in scorecards {
            next.put_scorecard(Scorecard::from_json(&scorecard.to_json())?)?;
        }
        at_most(next.blueprint_ids.len(), limits::BLUEPRINTS, "blueprints")?;
        at_most(next.scorecard_ids.len(), limits::SCORECARDS, "scorecards")?;
        next.settled()
    }

    /// The model of a reopened catalog: names, blueprints and scorecards under the ids they had.
    ///
    /// # Errors
    /// `Corrupt` where two things have one id or identifier; otherwise as [`Model::with`].
    pub fn from_parts(
        names: Names,
        blueprints: Vec<(BlueprintId, Blueprint)>,
        scorecards: Vec<(ScorecardId, Scorecard)>,
    ) -> Result<Self> {
        let mut model = Self {
            names,
            ..Self::default()
        };
        for (id, blueprint) in blueprints {
            intern(&mut model.names, &blueprint);
            let identifier = Arc::clone(&blueprint.identifier);
            let slot = slot(&mut model.blueprints, id.index())?;
            let taken = slot
                .replace(Arc::new(Compiled::new(id, blueprint)?))
                .is_some();
            if model.blueprint_ids.insert(identifier, id).is_some() || taken {
                return Err(Error::corrupt(format!(
                    "blueprint id {} is used twice",
                    id.0
                )));
            }
        }
        for (id, scorecard) in scorecards {
            let identifier = Arc::clone(&scorecard.identifier);
            let slot = slot(&mut model.scorecards, id.index())?;
            let taken = slot.replace(Arc::new(scorecard)).is_some();
            if model.scorecard_ids.insert(identifier, id).is_some() || taken {
                return Err(Error::corrupt(format!(
                    "scorecard id {} is used twice",
                    id.0
                )));
            }
        }
        model.settled()
    }

    /// How many ids of blueprints and of scorecards were given so far, those of removed ones
    /// included.
    #[must_use]
    pub(crate) fn ids_given(&self) -> (usize, usize) {
        (self.blueprints.len(), self.scorecards.len())
    }

    /// Takes note of ids that were given to what is removed by now, so that none is given again.
    ///
    /// # Errors
    /// `Corrupt` beyond the ids that there can be.
    pub(crate) fn keep_ids(&mut self, (blueprints, scorecards): (usize, usize)) -> Result<()> {
        if let Some(last) = blueprints.checked_sub(1) {
            slot(&mut self.blueprints, last)?;
        }
        if let Some(last) = scorecards.checked_sub(1) {
            slot(&mut self.scorecards, last)?;
        }
        Ok(())
    }

    /// Removal (entities must be gone: the caller checks); refused by name while referred to.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` naming the relations and scorecards that refer to it.
    pub fn without_blueprint(&self, identifier: &str) -> Result<Self> {
        let Some(id) = self.blueprint_id(identifier) else {
            return Err(missing("blueprint", identifier, self.blueprint_ids.keys()));
        };
        let users = self.users_of(identifier);
        if let Some(first) = users.first() {
            let more = match users.len() - 1 {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let message = format!("blueprint `{identifier}` is in use by {first}{more}");
            return Err(Error::invalid(message).with_help("remove or change what uses it first"));
        }
        let mut next = self.clone();
        next.blueprint_ids.remove(identifier);
        if let Some(slot) = next.blueprints.get_mut(id.index()) {
            *slot = None;
        }
        // Only a path that goes through a relation to any blueprint can still need it.
        next.settled()
            .map_err(|error| error.context(format_args!("without blueprint `{identifier}`")))
    }

    /// Removal of a scorecard.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn without_scorecard(&self, identifier: &str) -> Result<Self> {
        let Some(id) = self.scorecard_id(identifier) else {
            return Err(missing("scorecard", identifier, self.scorecard_ids.keys()));
        };
        let mut next = self.clone();
        next.scorecard_ids.remove(identifier);
        if let Some(slot) = next.scorecards.get_mut(id.index()) {
            *slot = None;
        }
        Ok(next)
    }

    fn put_blueprint(&mut self, blueprint: Blueprint) -> Result<()> {
        let known = self.blueprint_named(&blueprint.identifier);
        if known.is_some_and(|known| known.blueprint == blueprint) {
            return Ok(());
        }
        let id = match known {
            Some(known) => known.id,
            None => BlueprintId(next_id(self.blueprints.len(), "blueprints")?),
        };
        intern(&mut self.names, &blueprint);
        let identifier = Arc::clone(&blueprint.identifier);
        let compiled = Arc::new(Compiled::new(id, blueprint)?);
        *slot(&mut self.blueprints, id.index())? = Some(compiled);
        self.blueprint_ids.insert(identifier, id);
        Ok(())
    }

    fn put_scorecard(&mut self, scorecard: Scorecard) -> Result<()> {
        let known = self.scorecard_id(&scorecard.identifier);
        let id = match known {
            Some(id) if self.scorecard(id).is_some_and(|known| **known == scorecard) => {
                return Ok(());
            }
            Some(id) => id,
            None => ScorecardId(next_id(self.scorecards.len(), "scorecards")?),
        };
        let identifier = Arc::clone(&scorecard.identifier);
        *slot(&mut self.scorecards, id.index())? = Some(Arc::new(scorecard));
        self.scorecard_ids.insert(identifier, id);
        Ok(())
    }

    /// What refers to a blueprint by name, apart from itself.
    fn users_of(&self, identifier: &str) -> Vec<String> {
        let mut users = Vec::new();
        for user in self.blueprints().map(|compiled| &compiled.blueprint) {
            let named = |relation: &&Relation| match &relation.target {
                Target::Any => false,
                Target::Blueprints(_) => relation.target.allows(identifier),
            };
            if *user.identifier != *identifier {
                users.extend(user.relations.iter().filter(named).map(|relation| {
                    format!(
                        "relation `{}` of blueprint `{}`",
                        relation.name, user.identifier
                    )
                }));
                let aggregations = user.aggregations.iter();
                let over = aggregations.filter(|a| *a.target == *identifier);
                users.extend(over.map(|a| {
                    let owner = &user.identifier;
                    format!("aggregation property `{}` of blueprint `{owner}`", a.name)
                }));
            }
        }
        let graded = self
            .scorecards()
            .filter(|(_, card)| *card.blueprint == *identifier);
        users.extend(graded.map(|(_, card)| format!("scorecard `{}`", card.identifier)));
        users
    }
}

/// Gives the name of every property, stored or derived, and of every relation its id.
fn intern(names: &mut Names, blueprint: &Blueprint) {
    let properties = blueprint.properties.iter().map(|property| &property.name);
    let mirrors = blueprint.mirrors.iter().map(|mirror| &mirror.name);
    let relations = blueprint.relations.iter().map(|relation| &relation.name);
    let calculations = blueprint.calculations.iter().map(|c| &c.name);
    let aggregations = blueprint.aggregations.iter().map(|a| &a.name);
    let derived = mirrors.chain(calculations).chain(aggregations);
    for name in properties.chain(derived).chain(relations) {
        names.intern(name);
    }
}

fn once_each<'a>(what: &str, identifiers: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for identifier in identifiers {
        if !seen.insert(identifier) {
            return Err(Error::invalid(format!(
                "{what} `{identifier}` is given twice"
            )));
        }
    }
    Ok(())
}

fn at_most(count: usize, limit: usize, what: &str) -> Result<()> {
    if count <= limit {
        return Ok(());
    }
    let error = Error::new(
        ErrorKind::Limit,
        format!("{count} {what}, more than the limit"),
    );
    Err(error.with_help(format!("use at most {limit}")))
}

fn next_id(used: usize, what: &str) -> Result<u32> {
    at_most(used + 1, limits::IDS, what)?;
    u32::try_from(used).map_err(|_| Error::internal("an id beyond its limit"))
}

/// The place of an id in a list that grows to hold it.
fn slot<T>(list: &mut Vec<Option<Arc<T>>>, place: usize) -> Result<&mut Option<Arc<T>>> {
    if place >= limits::IDS {
        return Err(Error::corrupt(format!(
            "id {place} is beyond the limit of {}",
            limits::IDS
        )));
    }
    if place >= list.len() {
        list.resize_with(place + 1, || None);
    }
    list.get_mut(place)
        .ok_or_else(|| Error::internal("a list that did not grow"))
}

fn missing<'a>(what: &str, identifier: &str, known: impl Iterator<Item = &'a Arc<str>>) -> Error {
    let error = Error::not_found(format!("there is no {what} `{identifier}`"));
    match did_you_mean(identifier, known.map(|known| &**known)) {
        Some(help) => error.with_help(help),
        None => error,
    }
}
