//! Sets of entities for conditions, from the indexes of each blueprint.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::rc::Rc;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::access::{Probe, members_of};
use super::condition::{Condition, Field};
use crate::index::{Postings, PropertyIndex, folded};
use crate::model::{Declared, Property, PropertyType, ScorecardLevel, Target};
use crate::query::check::property_type;
use crate::query::ir::{Blueprints, Comparison, Type};
use crate::state::State;
use crate::value::{BlueprintId, EntityId, Instant, Level, NameId, ScorecardId, Value};

/// From a larger set than this no relation is followed back.
const RELATED: u64 = 1 << 16;

/// A set that a condition comes to; not `exact` where its members must be tested again.
pub(super) struct Set<'a> {
    pub(super) probe: Probe<'a>,
    pub(super) exact: bool,
}

pub(super) struct Sets<'a, 'b> {
    pub(super) state: &'a State,
    pub(super) blueprints: &'b [BlueprintId],
}

/// What one blueprint adds to a set.
enum Part<'a> {
    Nothing,
    Lists(Vec<&'a Postings>),
    Made(RoaringBitmap),
    /// These and no others, each to be tested.
    Candidates(RoaringBitmap),
    /// No index: every entity, each to be tested.
    Untested(&'a Postings),
}

impl<'a> Sets<'a, '_> {
    /// The set of a condition; `None` where no index helps.
    pub(super) fn of(&self, condition: &Condition) -> Option<Set<'a>> {
        match condition {
            Condition::Level(scorecard, operator, constant) => self
                .levels(*scorecard, |levels, level| {
                    compare(levels, level, *operator, constant)
                }),
            Condition::LevelOneOf(scorecard, values) => self.levels(*scorecard, |levels, level| {
                values
                    .iter()
                    .any(|to| compare(levels, level, Comparison::Equal, to))
            }),
            Condition::Tested(scorecard) => {
                self.graded(*scorecard, || self.state.tested(*scorecard))
            }
            Condition::Rule(scorecard, rule, passing) => self.graded(*scorecard, || {
                self.state.by_rule(*scorecard, *rule, *passing)
            }),
            other => self.fields(other),
        }
    }

    /// The entities that results of a scorecard pick, read off its planes.
    fn graded(
        &self,
        scorecard: ScorecardId,
        read: impl FnOnce() -> RoaringBitmap,
    ) -> Option<Set<'a>> {
        let declared = self.state.model().scorecard(scorecard)?;
        let blueprint = self.state.model().blueprint_id(&declared.blueprint)?;
        let applies = self.blueprints.contains(&blueprint);
        let bitmap = if applies {
            read()
        } else {
            RoaringBitmap::new()
        };
        Some(Set {
            probe: Probe::Bitmap(Rc::new(bitmap)),
            exact: true,
        })
    }

    /// The entities at the levels that a test picks. All that an index knows is already there:
    /// a bitmap for each level.
    fn levels(
        &self,
        scorecard: ScorecardId,
        picks: impl Fn(&[ScorecardLevel], &Level) -> bool,
    ) -> Option<Set<'a>> {
        let declared = self.state.model().scorecard(scorecard)?;
        let blueprint = self.state.model().blueprint_id(&declared.blueprint)?;
        let mut bitmap = RoaringBitmap::new();
        if self.blueprints.contains(&blueprint) {
            for (rank, level) in (0_u16..).zip(&declared.levels) {
                if picks(
                    &declared.levels,
                    &Level {
                        rank,
                        title: Arc::clone(&level.title),
                    },
                ) {
                    bitmap |= self.state.at_level(scorecard, rank);
                }
            }
        }
        Some(Set {
            probe: Probe::Bitmap(Rc::new(bitmap)),
            exact: true,
        })
    }

    fn fields(&self, condition: &Condition) -> Option<Set<'a>> {
        let (mut lists, mut made, mut exact) = (Vec::new(), RoaringBitmap::new(), true);
        let mut indexed = false;
        for blueprint in self.blueprints {
            match self.part(*blueprint, condition)? {
                Part::Nothing => indexed = true,
                Part::Lists(some) => {
                    indexed = true;
                    lists.extend(some);
                }
                Part::Made(bitmap) => {
                    indexed = true;
                    made |= bitmap;
                }
                Part::Candidates(bitmap) => {
                    (indexed, exact) = (true, false);
                    made |= bitmap;
                }
                Part::Untested(members) => {
                    exact = false;
                    lists.push(members);
                }
            }
        }
        // A condition that no blueprint has an index for narrows nothing.
        if !indexed {
            return None;
        }
        let probe = if made.is_empty() {
            Probe::Postings(lists)
        } else {
            for list in lists {
                list.union_into(&mut made);
            }
            Probe::Bitmap(Rc::new(made))
        };
        Some(Set { probe, exact })
    }

    /// `None` where the index cannot be used for this condition at all.
    fn part(&self, blueprint: BlueprintId, condition: &Condition) -> Option<Part<'a>> {
        let untested = Part::Untested(self.state.members(blueprint));
        match condition {
            Condition::OneOf(Field::Identifier, values) => {
                let texts = values.iter().filter_map(Value::as_str);
                let ids = texts.filter_map(|text| self.state.lookup(blueprint, text));
                Some(Part::Made(ids.map(|id| id.0).collect()))
            }
            Condition::OneOf(Field::Title, values) => {
                if values.iter().any(is_time) {
                    return None;
                }
                Some(equal(self.state.title_index(blueprint)?, values))
            }
            Condition::Range(Field::Title, from, to) => {
                let time = |bound: &Bound<Value>| match bound {
                    Bound::Included(value) | Bound::Excluded(value) => is_time(value),
                    Bound::Unbounded => false,
                };
                if time(from) || time(to) {
                    return None;
                }
                let index = self.state.title_index(blueprint)?;
                Some(Part::Made(index.range(from.as_ref(), to.as_ref())))
            }
            Condition::Prefix(Field::Title, prefix) => {
                let index = self.state.title_index(blueprint)?;
                Some(Part::Made(index.prefix(prefix.as_str()?)))
            }
            Condition::Present(Field::Title) => Some(Part::Lists(vec![
                self.state.title_index(blueprint)?.present(),
            ])),
            Condition::Contains(Field::Title, part) => {
                let part = part.as_str()?;
                Some(Part::Made(self.titled(blueprint, part, false)?))
            }
            Condition::Like(Field::Title, part) => Some(Part::Candidates(self.titled(
                blueprint,
                &part.text,
                part.any_case,
            )?)),
            Condition::Contains(Field::Identifier, part) => {
                let part = folded(part.as_str()?);
                Some(self.named(blueprint, &part).unwrap_or(untested))
            }
            Condition::Like(Field::Identifier, part) => {
                let part = folded(&part.text);
                Some(self.named(blueprint, &part).unwrap_or(untested))
            }
            Condition::HasOneOf(Field::Team, values) => {
                Some(equal(self.state.team_index(blueprint)?, values))
            }
            Condition::Related(relation, inner) => {
                self.related(blueprint, *relation, inner, untested)
            }
            Condition::OneOf(Field::Property(name), _)
            | Condition::HasOneOf(Field::Property(name), _)
            | Condition::Range(Field::Property(name), ..)
            | Condition::Prefix(Field::Property(name), _)
            | Condition::Present(Field::Property(name))
            | Condition::Contains(Field::Property(name), _)
            | Condition::Like(Field::Property(name), _)
            | Condition::Is(name, _) => self.property(blueprint, *name, condition, untested),
            _ => None,
        }
    }

    /// The entities whose title has a text in it: of those that the index of texts leaves where
    /// there is one, else by a look at each distinct title.
    fn titled(&self, blueprint: BlueprintId, part: &str, any_case: bool) -> Option<RoaringBitmap> {
        let has = |title: &str| {
            if any_case {
                folded(title).contains(part)
            } else {
                title.contains(part)
            }
        };
        let texts = self.state.known_text_index(blueprint);
        let Some(found) = texts.and_then(|texts| texts.candidates(&folded(part))) else {
            return Some(self.state.title_index(blueprint)?.matching(has));
        };
        let title = |id: u32| self.state.entity(EntityId(id))?.title();
        let keep = found.iter().filter(|id| title(*id).is_some_and(has));
        Some(keep.collect())
    }

    /// The entities whose identifier may have a folded text in it, where texts are indexed.
    fn named(&self, blueprint: BlueprintId, part: &str) -> Option<Part<'a>> {
        let texts = self.state.known_text_index(blueprint)?;
        Some(Part::Candidates(texts.candidates(part)?))
    }

    /// The entities of a blueprint from which a single relation leads to entities that satisfy a
    /// condition: those are found first, and the relation followed back.
    fn related(
        &self,
        blueprint: BlueprintId,
        relation: NameId,
        inner: &Condition,
        untested: Part<'a>,
    ) -> Option<Part<'a>> {
        let model = self.state.model();
        let declared = &model.blueprint(blueprint)?.blueprint;
        let Some(declared) = declared.relation(model.names().text(relation)) else {
            return Some(Part::Nothing);
        };
        if declared.many {
            return Some(untested);
        }
        let targets = match &declared.target {
            Target::Any => members_of(self.state, &Blueprints::All),
            Target::Blueprints(names) => names
                .iter()
                .filter_map(|name| model.blueprint_id(name))
                .collect(),
        };
        let ends = Sets {
            state: self.state,
            blueprints: &targets,
        }
        .of(inner);
        let ends = ends.filter(|ends| ends.exact && ends.probe.len() <= RELATED);
        let Some(ends) = ends else {
            return Some(untested);
        };
        let (graph, members) = (self.state.graph(), self.state.members(blueprint));
        let mut starts = RoaringBitmap::new();
        for end in ends.probe.to_bitmap() {
            let sources = graph.incoming(relation, EntityId(end)).iter();
            starts.extend(sources.filter(|id| members.contains(*id)).map(|id| id.0));
        }
        Some(Part::Made(starts))
    }

    fn property(
        &self,
        blueprint: BlueprintId,
        name: NameId,
        condition: &Condition,
        untested: Part<'a>,
    ) -> Option<Part<'a>> {
        let model = self.state.model();
        let compiled = model.blueprint(blueprint)?;
        let held = match compiled.declared(model.names().text(name)) {
            Some(Declared::Property(declared)) => Held::stored(declared),
            Some(Declared::Mirror(_) | Declared::Calculation(_) | Declared::Aggregation(_)) => {
                match Held::derived(&property_type(model, blueprint, name)) {
                    Some(held) => held,
                    None => return Some(untested),
                }
            }
            // Elsewhere the name reads as null, of which no condition is true.
            Some(Declared::Relation(_)) | None => return Some(Part::Nothing),
        };
        if matches!(condition, Condition::Is(..)) && held != Held::Boolean {
            return None;
        }
        let of_either = matches!(condition, Condition::Contains(..));
        if !of_either && (held == Held::List) != matches!(condition, Condition::HasOneOf(..)) {
            return Some(untested);
        }
        let Some(index) = self.state.index(blueprint, name) else {
            return Some(untested);
        };
        Some(answer(index, held, condition).unwrap_or(untested))
    }
}

/// What the index of a property holds of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    /// The elements of a list, none of which is a point in time.
    List,
    Instant,
    Boolean,
    Other,
}

impl Held {
    fn stored(declared: &Property) -> Self {
        match declared.kind {
            PropertyType::Array => Self::List,
            PropertyType::Boolean => Self::Boolean,
            _ if declared.is_instant() => Self::Instant,
            _ => Self::Other,
        }
    }

    /// `None` where values of one kind may be found in another form than they compare in, or a
    /// list in place of a single value.
    fn derived(ty: &Type) -> Option<Self> {
        match ty {
            Type::Boolean => Some(Self::Boolean),
            Type::Number | Type::String => Some(Self::Other),
            Type::Instant => Some(Self::Instant),
            Type::List(element) => {
                let plain = matches!(**element, Type::Boolean | Type::Number | Type::String);
                plain.then_some(Self::List)
            }
            _ => None,
        }
    }
}

/// What the index of a property says to a condition; `None` where it cannot tell.
fn answer<'a>(index: &'a PropertyIndex, held: Held, condition: &Condition) -> Option<Part<'a>> {
    match condition {
        Condition::OneOf(_, values) => {
            let seen: Option<Vec<Value>> = values.iter().map(|v| as_seen(held, v)).collect();
            Some(equal(index, &seen?))
        }
        Condition::HasOneOf(_, values) => Some(equal(index, values)),
        Condition::Is(_, is) => Some(equal(index, &[Value::Bool(*is)])),
        Condition::Range(_, from, to) => {
            let (from, to) = (bound(held, from)?, bound(held, to)?);
            Some(Part::Made(index.range(from.as_ref(), to.as_ref())))
        }
        Condition::Prefix(_, prefix) => Some(Part::Made(index.prefix(prefix.as_str()?))),
        Condition::Present(_) => Some(Part::Lists(vec![index.present()])),
        Condition::Contains(_, part) if held == Held::List => {
            Some(equal(index, std::slice::from_ref(part)))
        }
        Condition::Contains(_, part) => {
            let part = part.as_str()?;
            Some(Part::Made(index.matching(|text| text.contains(part))))
        }
        Condition::Like(_, part) if part.any_case => {
            let has = |text: &str| folded(text).contains(&part.text);
            Some(Part::Candidates(index.matching(has)))
        }
        Condition::Like(_, part) => {
            let has = |text: &str| text.contains(&part.text);
            Some(Part::Candidates(index.matching(has)))
        }
        Condition::Level(..)
        | Condition::LevelOneOf(..)
        | Condition::Tested(_)
        | Condition::Rule(..)
        | Condition::Related(..) => None,
    }
}

fn equal<'a>(index: &'a PropertyIndex, values: &[Value]) -> Part<'a> {
    let distinct: BTreeSet<&Value> = values.iter().collect();
    Part::Lists(
        distinct
            .into_iter()
            .filter_map(|value| index.equal(value))
            .collect(),
    )
}

/// Whether texts that are compared with the value are read as points in time.
const fn is_time(value: &Value) -> bool {
    matches!(value, Value::Instant(..) | Value::Date(_))
}

/// A constant in the form that the index has: texts of date-time properties are instants there.
/// `None` for a time that would be compared with texts.
fn as_seen(held: Held, constant: &Value) -> Option<Value> {
    match constant {
        Value::String(text) if held == Held::Instant => {
            Some(Instant::parse(text).map_or_else(|| constant.clone(), Value::from))
        }
        time if is_time(time) && held != Held::Instant => None,
        Value::Date(date) => Some(date.midnight().into()),
        other => Some(other.clone()),
    }
}

fn bound(held: Held, bound: &Bound<Value>) -> Option<Bound<Value>> {
    Some(match bound {
        Bound::Unbounded => Bound::Unbounded,
        Bound::Included(value) => Bound::Included(as_seen(held, value)?),
        Bound::Excluded(value) => Bound::Excluded(as_seen(held, value)?),
    })
}

/// Whether a level stands so to a constant: a level, or the title of one.
fn compare(levels: &[ScorecardLevel], level: &Level, operator: Comparison, to: &Value) -> bool {
    let constant = match to {
        Value::String(title) => {
            let rank = levels.iter().position(|level| level.title == *title);
            rank.and_then(|rank| u16::try_from(rank).ok())
                .map(|rank| Level {
                    rank,
                    title: Arc::clone(title),
                })
        }
        Value::Level(level) => Some(level.clone()),
        _ => None,
    };
    let Some(constant) = constant else {
        // A text that names no level differs from every level and compares with none.
        return operator == Comparison::NotEqual && matches!(to, Value::String(_));
    };
    let ordering = level
        .rank
        .cmp(&constant.rank)
        .then_with(|| level.title.cmp(&constant.title));
    match operator {
        Comparison::Equal => ordering.is_eq(),
        Comparison::NotEqual => ordering.is_ne(),
        Comparison::Less => ordering.is_lt(),
        Comparison::LessOrEqual => ordering.is_le(),
        Comparison::Greater => ordering.is_gt(),
        Comparison::GreaterOrEqual => ordering.is_ge(),
    }
}
