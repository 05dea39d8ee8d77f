//! The ways between two blueprints that an aggregation property takes where it declares none.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::json::pointer;
use super::reach::Places;
use super::references::of_blueprint;
use super::{AggregationStep, Blueprint, Model, Relation, Target, limits};
use crate::error::{Error, ErrorKind, Result};
use crate::value::BlueprintId;

/// Relations to follow one after the other.
type Way = Vec<AggregationStep>;

/// The ways between pairs of blueprints.
pub(super) type Ways = BTreeMap<(BlueprintId, BlueprintId), Vec<Way>>;

impl Model {
    /// The ways from one blueprint to another along relations in either direction: all that are as
    /// short as the shortest, in a fixed order. From a blueprint to itself a way has at least one
    /// step. None where the two are further apart than a limit, or there are more ways than another:
    /// a model in which an aggregation property needs them is refused.
    ///
    /// Those that aggregation properties need are known; others are worked out in O(relations).
    #[must_use]
    pub fn ways(&self, from: BlueprintId, to: BlueprintId) -> Vec<Vec<AggregationStep>> {
        match self.ways.get(&(from, to)) {
            Some(ways) => ways.clone(),
            None => Links::of(self).ways(from, to).unwrap_or_default(),
        }
    }
}

/// The ways that the aggregation properties of a model need.
///
/// # Errors
/// `Invalid` where there is none, `Limit` where there are too many.
pub(super) fn needed(model: &Model) -> Result<Ways> {
    let mut ways = Ways::new();
    let mut links = None;
    for own in model.blueprints() {
        let without = own.blueprint.aggregations.iter();
        for aggregation in without.filter(|aggregation| aggregation.paths.is_empty()) {
            let Some(target) = model.blueprint_id(&aggregation.target) else {
                continue;
            };
            if ways.contains_key(&(own.id, target)) {
                continue;
            }
            let links = links.get_or_insert_with(|| Links::of(model));
            let found = links.ways(own.id, target).map_err(|error| {
                let path = pointer("/aggregationProperties", &aggregation.name);
                of_blueprint(&own.blueprint, error.with_path(path))
            })?;
            ways.insert((own.id, target), found);
        }
    }
    Ok(ways)
}

/// The relations of a model, to be walked in both directions.
struct Links<'m> {
    model: &'m Model,
    /// The relations that name a blueprint as a target, by that.
    incoming: BTreeMap<BlueprintId, Vec<(BlueprintId, &'m Relation)>>,
    /// The relations to any blueprint.
    to_any: Vec<(BlueprintId, &'m Relation)>,
}

impl<'m> Links<'m> {
    fn of(model: &'m Model) -> Self {
        let mut links = Self {
            model,
            incoming: BTreeMap::new(),
            to_any: Vec::new(),
        };
        for owner in model.blueprints() {
            for relation in &owner.blueprint.relations {
                if relation.target == Target::Any {
                    links.to_any.push((owner.id, relation));
                    continue;
                }
                for target in model.targets(&relation.target) {
                    let into = links.incoming.entry(target).or_default();
                    into.push((owner.id, relation));
                }
            }
        }
        links
    }

    fn relations(&self, of: BlueprintId) -> &'m [Relation] {
        let known = self.model.blueprint(of);
        known.map_or(&[], |known| &known.blueprint.relations)
    }

    fn ways(&self, from: BlueprintId, to: BlueprintId) -> Result<Vec<Way>> {
        let start = Places::from([from]);
        let distances = self.distances(from, to);
        // The first step is taken whatever the distance, so that a blueprint leads back to itself.
        let nearest = |places: &Places| {
            places
                .iter()
                .filter_map(|id| distances.get(id))
                .min()
                .copied()
        };
        let after_one = self.steps(&start, &|_| true).into_values();
        let Some(rest) = after_one.filter_map(|places| nearest(&places)).min() else {
            return Err(self.no_way(from, to));
        };
        if rest >= limits::WAY_STEPS {
            return Err(self.no_way(from, to));
        }
        let mut found = Vec::new();
        self.extend(&distances, rest + 1, &start, &mut Vec::new(), &mut found);
        if found.len() > limits::WAYS {
            let (between, most) = (self.between(from, to), limits::WAYS);
            let message = format!("more than {most} equally short ways lead {between}");
            let error = Error::new(ErrorKind::Limit, message);
            return Err(error.with_help("give those to take as `pathFilter`"));
        }
        Ok(found)
    }

    /// How many steps each blueprint is from `to`, for those that are no further than `from`.
    fn distances(&self, from: BlueprintId, to: BlueprintId) -> BTreeMap<BlueprintId, usize> {
        let mut distances = BTreeMap::from([(to, 0)]);
        let mut frontier = Places::from([to]);
        // Each relation to any blueprint is a step between its owner and all others: going over
        // them once is enough, and once an owner is passed everything is reached.
        let mut all_reached = false;
        for distance in 1..limits::WAY_STEPS {
            if all_reached || frontier.contains(&from) && from != to {
                break;
            }
            let mut next = Places::new();
            for here in &frontier {
                for relation in self.relations(*here) {
                    all_reached |= relation.target == Target::Any;
                    if relation.target != Target::Any {
                        next.extend(self.model.targets(&relation.target));
                    }
                }
                let into = self.incoming.get(here).into_iter().flatten();
                next.extend(into.map(|(owner, _)| *owner));
            }
            next.extend(self.to_any.iter().map(|(owner, _)| *owner));
            if all_reached {
                next.extend(self.model.blueprints().map(|known| known.id));
            }
            next.retain(|id| !distances.contains_key(id));
            distances.extend(next.iter().map(|id| (*id, distance)));
            frontier = next;
        }
        distances
    }

    /// Adds to `found` every way of `left` steps on from `places` that gets nearer with each, until
    /// there are more than the limit. Each way begun ends, so that the limit bounds the work; the
    /// depth of the recursion is the length of a way.
    fn extend(
        &self,
        distances: &BTreeMap<BlueprintId, usize>,
        left: usize,
        places: &Places,
        way: &mut Way,
        found: &mut Vec<Way>,
    ) {
        let Some(left) = left.checked_sub(1) else {
            found.push(way.clone());
            return;
        };
        let nearer = |id: BlueprintId| distances.get(&id) == Some(&left);
        for (step, places) in self.steps(places, &nearer) {
            if found.len() > limits::WAYS {
                return;
            }
            way.push(step);
            self.extend(distances, left, &places, way, found);
            way.pop();
        }
    }

    /// The steps from any of these blueprints to those that `keep` names, with where they lead.
    /// Blueprints that one step leads to go on together: a way is a sequence of relation names.
    fn steps(
        &self,
        places: &Places,
        keep: &dyn Fn(BlueprintId) -> bool,
    ) -> BTreeMap<AggregationStep, Places> {
        let mut steps: BTreeMap<AggregationStep, Places> = BTreeMap::new();
        let mut add =
            |relation: &Relation, incoming: bool, to: &mut dyn Iterator<Item = BlueprintId>| {
                let mut to = to.filter(|id| keep(*id)).peekable();
                if to.peek().is_some() {
                    let relation = Arc::clone(&relation.name);
                    let step = AggregationStep { relation, incoming };
                    steps.entry(step).or_default().extend(to);
                }
            };
        for here in places {
            for relation in self.relations(*here) {
                let targets = self.model.targets(&relation.target);
                add(relation, false, &mut targets.into_iter());
            }
            for (owner, relation) in self.incoming.get(here).into_iter().flatten() {
                add(relation, true, &mut [*owner].into_iter());
            }
        }
        for (owner, relation) in &self.to_any {
            add(relation, true, &mut [*owner].into_iter());
        }
        steps
    }

    fn between(&self, from: BlueprintId, to: BlueprintId) -> String {
        let name = |id| {
            let known = self.model.blueprint(id).map(|known| &known.blueprint);
            known.map_or("", |known: &Blueprint| &known.identifier)
        };
        format!("from `{}` to `{}`", name(from), name(to))
    }

    fn no_way(&self, from: BlueprintId, to: BlueprintId) -> Error {
        let (between, longest) = (self.between(from, to), limits::WAY_STEPS);
        let message = format!("no way of at most {longest} relations leads {between}");
        let help = "relate the two, or give a longer way as `pathFilter`";
        Error::invalid(message).with_help(help)
    }
}
