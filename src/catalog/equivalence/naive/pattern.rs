//! Patterns: every assignment of entities to nodes, and for each every choice of walks.

use super::{Naive, Row};
use crate::error::{Error, Result};
use crate::query::ir::{Blueprints, Match, Mode, Walks};
use crate::value::{EntityId, Path, Relationship, Value};

impl Naive<'_> {
    /// The rows that a row becomes by patterns one after the other.
    pub(super) fn matches(&self, parts: &[Match], row: &Row) -> Result<Vec<Row>> {
        let mut rows = vec![row.clone()];
        for part in parts {
            let mut next = Vec::new();
            for row in rows {
                self.match_one(part, row, &mut next)?;
            }
            rows = next;
        }
        Ok(rows)
    }

    fn match_one(&self, part: &Match, mut row: Row, out: &mut Vec<Row>) -> Result<()> {
        for (slot, value) in &part.inputs {
            row.slots[usize::from(slot.0)] = match self.eval(value, &row)? {
                Value::Entity(id) => Some(id),
                Value::Null => None,
                _ => return Err(Error::invalid("expected an entity")),
            };
        }
        self.assign(part, 0, &mut row, out)
    }

    fn assign(&self, part: &Match, at: usize, row: &mut Row, out: &mut Vec<Row>) -> Result<()> {
        self.spend()?;
        let Some(node) = part.nodes.get(at) else {
            return self.choose(part, &mut Vec::new(), row, out);
        };
        let fits = |id: EntityId| match &node.blueprints {
            Blueprints::All => true,
            Blueprints::Some(set) => set.contains(&self.state.entity(id).unwrap().blueprint()),
        };
        if node.bound {
            return match row.slot(node.slot) {
                Some(id) if fits(id) => self.assign(part, at + 1, row, out),
                _ => Ok(()),
            };
        }
        for id in &self.entities {
            if fits(*id) {
                row.slots[usize::from(node.slot.0)] = Some(*id);
                self.assign(part, at + 1, row, out)?;
            }
        }
        Ok(())
    }

    /// `walks` holds one for each hop so far.
    fn choose(
        &self,
        part: &Match,
        walks: &mut Vec<Vec<Relationship>>,
        row: &mut Row,
        out: &mut Vec<Row>,
    ) -> Result<()> {
        self.spend()?;
        let at = walks.len();
        let Some(hop) = part.hops.get(at) else {
            return self.complete(part, walks, row.clone(), out);
        };
        let ends = (
            row.slot(part.nodes[hop.from].slot).unwrap(),
            row.slot(part.nodes[hop.to].slot).unwrap(),
        );
        for walk in self.walks(hop, ends)? {
            let shared = walks[..at].iter().flatten().any(|one| walk.contains(one));
            if shared && !part.repeatable {
                continue;
            }
            if let Some(local) = hop.variable {
                let mut relations = walk.iter().copied().map(Value::Relation);
                row.locals[usize::from(local)] = if hop.is_single() {
                    relations.next().unwrap()
                } else {
                    Value::list(relations)
                };
            }
            walks.push(walk);
            self.choose(part, walks, row, out)?;
            walks.pop();
        }
        Ok(())
    }

    /// The conditions of a whole assignment.
    fn complete(
        &self,
        part: &Match,
        walks: &[Vec<Relationship>],
        mut row: Row,
        out: &mut Vec<Row>,
    ) -> Result<()> {
        for path in &part.paths {
            let start = row.slot(path.start).unwrap();
            let relations: Vec<Relationship> = path
                .hops
                .iter()
                .flat_map(|hop| walks[*hop].iter().copied())
                .collect();
            let entities = entities_of(start, &relations);
            let mut rest = entities[1..].to_vec();
            let allowed = match path.mode {
                Mode::Walk | Mode::Trail => true,
                Mode::Acyclic => {
                    rest.push(start);
                    all_differ(&rest)
                }
                Mode::Simple => {
                    if rest.last() != Some(&start) {
                        rest.push(start);
                    }
                    all_differ(&rest)
                }
            };
            if !allowed {
                return Ok(());
            }
            row.locals[usize::from(path.local)] = Value::Path(
                Path {
                    entities: entities.into(),
                    relations: relations.into(),
                }
                .into(),
            );
        }
        for filter in &part.filters {
            if !self.holds(filter, &row)? {
                return Ok(());
            }
        }
        debug_assert!(
            part.hops.iter().zip(walks).all(|(hop, walk)| {
                hop.walks != Walks::Set || hop.is_single() || walk.is_empty()
            })
        );
        out.push(row);
        Ok(())
    }
}

/// The entities that relationships lead to, one after the other.
pub(super) fn entities_of(start: EntityId, relations: &[Relationship]) -> Vec<EntityId> {
    let mut entities = vec![start];
    for relation in relations {
        let here = entities[entities.len() - 1];
        let next = if here == relation.source {
            relation.target
        } else {
            relation.source
        };
        entities.push(next);
    }
    entities
}

fn all_differ(entities: &[EntityId]) -> bool {
    let mut sorted = entities.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len() == entities.len()
}
