//! Walks: all that a hop stands for between two entities.

use std::collections::BTreeSet;

use super::Naive;
use super::pattern::entities_of;
use crate::error::{Error, Result};
use crate::query::ir::{Count, Direction, Hop, Mode, Relations, Walks};
use crate::value::{EntityId, Relationship};

impl Naive<'_> {
    /// The walks of a hop; where none can be told from another, an empty one stands for them.
    pub(super) fn walks(
        &self,
        hop: &Hop,
        (from, to): (EntityId, EntityId),
    ) -> Result<Vec<Vec<Relationship>>> {
        if hop.group.is_some() {
            return Err(Error::internal("not in generated queries"));
        }
        if hop.is_single() {
            let one = self.onward(hop, from);
            let one = one.filter(|(_, end)| *end == to);
            return Ok(one.map(|(relation, _)| vec![relation]).collect());
        }
        match hop.walks {
            Walks::Set => Ok(if self.reaches(hop, from, to) {
                vec![Vec::new()]
            } else {
                Vec::new()
            }),
            Walks::All(mode) => self.all_walks(hop, (from, to), mode),
            Walks::Shortest(count, mode) => {
                let mut walks = self.all_walks(hop, (from, to), mode)?;
                walks.sort_by_key(Vec::len);
                match count {
                    Count::Walks(most) => walks.truncate(most as usize),
                    Count::Lengths(most) => {
                        let lengths: BTreeSet<usize> = walks.iter().map(Vec::len).collect();
                        let lengths: Vec<usize> = lengths.into_iter().take(most as usize).collect();
                        walks.retain(|walk| lengths.contains(&walk.len()));
                    }
                }
                Ok(walks)
            }
        }
    }

    /// The relationships that a hop may take from an entity, each with where it leads.
    fn onward(&self, hop: &Hop, from: EntityId) -> impl Iterator<Item = (Relationship, EntityId)> {
        let named = move |one: &&Relationship| match &hop.relations {
            Relations::All => true,
            Relations::Some(names) => names.contains(&one.relation),
        };
        self.relations.iter().filter(named).filter_map(move |one| {
            let forward = (one.source == from && hop.direction != Direction::Incoming)
                .then_some((*one, one.target));
            let backward = (one.target == from && hop.direction != Direction::Outgoing)
                .then_some((*one, one.source));
            forward.or(backward)
        })
    }

    fn reaches(&self, hop: &Hop, from: EntityId, to: EntityId) -> bool {
        // Beyond that a walk without an upper bound reaches nothing new.
        let enough = hop.range.min as usize + self.entities.len();
        let most = hop.range.max.map_or(enough, |max| max as usize);
        let mut layer = BTreeSet::from([from]);
        for length in 0..=most {
            if length >= hop.range.min as usize && layer.contains(&to) {
                return true;
            }
            let next = layer.iter().flat_map(|at| self.onward(hop, *at));
            layer = next.map(|(_, end)| end).collect();
        }
        false
    }

    fn all_walks(
        &self,
        hop: &Hop,
        (from, to): (EntityId, EntityId),
        mode: Mode,
    ) -> Result<Vec<Vec<Relationship>>> {
        let most = match (hop.range.max, mode) {
            (Some(max), _) => max as usize,
            (None, Mode::Walk) => return Err(Error::invalid("walks without end")),
            (None, _) => usize::MAX,
        };
        let mut found = Vec::new();
        let mut todo = vec![Vec::new()];
        while let Some(walk) = todo.pop() {
            self.spend()?;
            let entities = entities_of(from, &walk);
            let end = entities[entities.len() - 1];
            if end == to && walk.len() >= hop.range.min as usize {
                found.push(walk.clone());
            }
            if walk.len() == most {
                continue;
            }
            for (relation, next) in self.onward(hop, end) {
                let closed = !walk.is_empty() && end == from;
                let allowed = match mode {
                    Mode::Walk => true,
                    Mode::Trail => !walk.contains(&relation),
                    Mode::Acyclic => !entities.contains(&next),
                    Mode::Simple => {
                        !closed && !entities[1..].contains(&next) && !walk.contains(&relation)
                    }
                };
                if allowed {
                    let mut longer = walk.clone();
                    longer.push(relation);
                    todo.push(longer);
                }
            }
        }
        Ok(found)
    }
}
