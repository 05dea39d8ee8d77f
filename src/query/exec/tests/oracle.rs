//! Random patterns over random graphs: the plan's rows are those of trying every assignment.

mod made;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;

use super::fixture;
use crate::error::Span;
use crate::model::Meta;
use crate::query::function::find_aggregate;
use crate::query::ir::{
    Aggregate, Blueprints, Comparison, Direction, Expr, ExprKind, Hop, Item, Match, Node, Range,
    Read, Relations, Slot, Sort, Subquery, Test, Type, Walks,
};
use crate::state::State;
use crate::value::{EntityId, NameId, Value};
use made::{answer, constant_of, grouped, identifier, ids, item, named, query};

const RELATIONS: [&str; 3] = ["r", "s", "t"];

/// A graph: the number of each entity (its blueprint by parity), and edges by relation.
#[derive(Clone, Debug)]
struct World {
    numbers: Vec<Option<i64>>,
    edges: BTreeSet<(usize, usize, usize)>,
}

#[derive(Clone, Debug)]
struct PatternHop {
    from: usize,
    to: usize,
    /// Empty for all.
    relations: BTreeSet<usize>,
    direction: Direction,
    range: Range,
}

#[derive(Clone, Debug)]
enum Condition {
    Compare(usize, Comparison, i64),
    In(usize, Vec<i64>),
    Known(usize),
    NotEqual(usize, i64),
    Less(usize, usize),
    Named(usize, usize),
}

#[derive(Clone, Debug)]
struct Pattern {
    /// For each node its blueprint, if it has a label.
    labels: Vec<Option<usize>>,
    hops: Vec<PatternHop>,
    conditions: Vec<Condition>,
    repeatable: bool,
}

fn world() -> impl Strategy<Value = World> {
    (1_usize..7).prop_flat_map(|count| {
        let numbers = prop::collection::vec(prop::option::weighted(0.8, 0_i64..4), count);
        let edges = prop::collection::btree_set((0..RELATIONS.len(), 0..count, 0..count), 0..14);
        (numbers, edges).prop_map(|(numbers, edges)| World { numbers, edges })
    })
}

fn range() -> impl Strategy<Value = Range> {
    let range = |min, max| Range { min, max };
    prop_oneof![
        6 => Just(Range::ONE),
        1 => (0_u32..3).prop_map(move |min| range(min, None)),
        1 => (0_u32..4, 0_u32..3).prop_map(move |(min, more)| range(min, Some(min + more))),
    ]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    (1_usize..5).prop_flat_map(|count| {
        let node = 0..count;
        let hop = (
            node.clone(),
            node.clone(),
            prop::collection::btree_set(0..RELATIONS.len(), 0..3),
            prop_oneof![
                Just(Direction::Outgoing),
                Just(Direction::Incoming),
                Just(Direction::Either)
            ],
            range(),
        );
        let hop = hop.prop_map(|(from, to, relations, direction, range)| PatternHop {
            from,
            to,
            relations,
            direction,
            range,
        });
        let comparison = prop_oneof![
            Just(Comparison::Equal),
            Just(Comparison::Less),
            Just(Comparison::LessOrEqual),
            Just(Comparison::Greater),
            Just(Comparison::GreaterOrEqual),
        ];
        let condition = prop_oneof![
            (node.clone(), comparison, 0_i64..4)
                .prop_map(|(n, op, k)| Condition::Compare(n, op, k)),
            (node.clone(), prop::collection::vec(0_i64..4, 0..3))
                .prop_map(|(n, ks)| Condition::In(n, ks)),
            node.clone().prop_map(Condition::Known),
            (node.clone(), 0_i64..4).prop_map(|(n, k)| Condition::NotEqual(n, k)),
            (node.clone(), node.clone()).prop_map(|(a, b)| Condition::Less(a, b)),
            (node.clone(), 0_usize..7).prop_map(|(n, at)| Condition::Named(n, at)),
        ];
        (
            prop::collection::vec(prop::option::of(0_usize..2), count),
            prop::collection::vec(hop, 0..4),
            prop::collection::vec(condition, 0..3),
            any::<bool>(),
        )
            .prop_map(|(labels, hops, conditions, repeatable)| Pattern {
                labels,
                hops,
                conditions,
                repeatable,
            })
    })
}

impl World {
    fn state(&self) -> State {
        let relation = json!({"target": "*", "many": true, "required": false});
        let blueprint = |identifier: &str| {
            json!({
                "identifier": identifier,
                "schema": {"properties": {"n": {"type": "number"}, "k": {"type": "string"}},
                    "required": []},
                "relations": {"r": relation, "s": relation, "t": relation},
            })
        };
        let name = |at: usize| {
            format!(
                "{}/e{at}",
                if at.is_multiple_of(2) { "even" } else { "odd" }
            )
        };
        let entities = self.numbers.iter().enumerate().map(|(at, number)| {
            let targets = |relation: usize| -> Vec<String> {
                let edges = self
                    .edges
                    .iter()
                    .filter(|edge| (edge.0, edge.1) == (relation, at));
                edges.map(|edge| name(edge.2)).collect()
            };
            json!({
                "blueprint": if at.is_multiple_of(2) { "even" } else { "odd" },
                "identifier": format!("e{at}"),
                "properties": {"n": number, "k": number.map(|number| format!("k{number}"))},
                "relations": {"r": targets(0), "s": targets(1), "t": targets(2)},
            })
        });
        let entities: Vec<_> = entities.collect();
        fixture::state(&[blueprint("even"), blueprint("odd")], &[], &entities)
    }

    /// The relationships that a plain hop may bind between two entities.
    fn relationships(
        &self,
        hop: &PatternHop,
        from: usize,
        to: usize,
    ) -> Vec<(usize, usize, usize)> {
        let forward = |edge: &&(usize, usize, usize)| (edge.1, edge.2) == (from, to);
        let backward = |edge: &&(usize, usize, usize)| (edge.1, edge.2) == (to, from);
        let edges = self.edges.iter();
        let edges =
            edges.filter(|edge| hop.relations.is_empty() || hop.relations.contains(&edge.0));
        edges
            .filter(|edge| match hop.direction {
                Direction::Outgoing => forward(edge),
                Direction::Incoming => backward(edge),
                Direction::Either => forward(edge) || backward(edge),
            })
            .copied()
            .collect()
    }

    fn walks(&self, hop: &PatternHop, from: usize, to: usize) -> bool {
        let count = self.numbers.len();
        let max = hop.range.max.unwrap_or(hop.range.min + 8);
        let mut level = BTreeSet::from([from]);
        for length in 0..=max {
            if length >= hop.range.min && level.contains(&to) {
                return true;
            }
            level = (0..count)
                .filter(|next| {
                    level
                        .iter()
                        .any(|at| !self.relationships(hop, *at, *next).is_empty())
                })
                .collect();
        }
        false
    }

    fn holds(&self, condition: &Condition, row: &[usize]) -> bool {
        let number = |node: &usize| self.numbers[row[*node]];
        match condition {
            Condition::Compare(node, operator, constant) => {
                number(node).is_some_and(|number| match operator {
                    Comparison::Equal => number == *constant,
                    Comparison::NotEqual => number != *constant,
                    Comparison::Less => number < *constant,
                    Comparison::LessOrEqual => number <= *constant,
                    Comparison::Greater => number > *constant,
                    Comparison::GreaterOrEqual => number >= *constant,
                })
            }
            Condition::In(node, constants) => number(node).is_some_and(|n| constants.contains(&n)),
            Condition::Known(node) => number(node).is_some(),
            Condition::NotEqual(node, constant) => number(node).is_some_and(|n| n != *constant),
            Condition::Less(a, b) => number(a).zip(number(b)).is_some_and(|(a, b)| a < b),
            Condition::Named(node, at) => row[*node] == *at,
        }
    }

    /// How often an assignment is a row: once for every choice of relationships.
    fn multiplicity(&self, pattern: &Pattern, row: &[usize]) -> usize {
        let labelled = pattern
            .labels
            .iter()
            .zip(row)
            .all(|(label, at)| label.is_none_or(|l| l == at % 2));
        let conditions = pattern
            .conditions
            .iter()
            .all(|condition| self.holds(condition, row));
        if !labelled || !conditions {
            return 0;
        }
        let mut choices: Vec<Vec<(usize, usize, usize)>> = vec![Vec::new()];
        for hop in &pattern.hops {
            let (from, to) = (row[hop.from], row[hop.to]);
            if hop.range != Range::ONE {
                if !self.walks(hop, from, to) {
                    return 0;
                }
                continue;
            }
            let next = self.relationships(hop, from, to);
            choices = choices
                .iter()
                .flat_map(|chosen| next.iter().map(move |edge| (chosen, *edge)))
                .filter(|(chosen, edge)| pattern.repeatable || !chosen.contains(edge))
                .map(|(chosen, edge)| chosen.iter().copied().chain([edge]).collect())
                .collect();
        }
        choices.len()
    }

    /// Every row of a pattern, ascending.
    fn rows(&self, pattern: &Pattern, prefix: &[usize]) -> Vec<Vec<usize>> {
        let mut rows = vec![prefix.to_vec()];
        for _ in prefix.len()..pattern.labels.len() {
            let longer = rows.iter().flat_map(|row| {
                (0..self.numbers.len()).map(move |at| row.iter().copied().chain([at]).collect())
            });
            rows = longer.collect();
        }
        let times = |row: Vec<usize>| {
            let times = self.multiplicity(pattern, &row);
            std::iter::repeat_n(row, times)
        };
        rows.into_iter().flat_map(times).collect()
    }
}

fn expr(kind: ExprKind) -> Expr {
    Expr {
        kind,
        ty: Type::Any,
        span: Span::default(),
    }
}

fn boxed(kind: ExprKind) -> Box<Expr> {
    Box::new(expr(kind))
}

/// Lowers a pattern to the planner's input, its nodes in the slots from `first`.
fn lowered(state: &State, pattern: &Pattern, first: u16, bound: usize) -> Match {
    let names = state.model().names();
    let n = names.id("n").unwrap();
    let slot = |node: usize| Slot(first + u16::try_from(node).unwrap());
    let read = |node: &usize, read: Read| {
        expr(ExprKind::Read {
            base: boxed(ExprKind::Slot(slot(*node))),
            read,
        })
    };
    let number = |node: &usize| Box::new(read(node, Read::Property(n)));
    let constant = |value: i64| boxed(ExprKind::Literal(Value::Int(value)));
    let filter = |condition: &Condition| match condition {
        Condition::Compare(node, operator, value) => {
            expr(ExprKind::Compare(*operator, number(node), constant(*value)))
        }
        Condition::In(node, values) => {
            let list = ExprKind::List(values.iter().map(|v| *constant(*v)).collect());
            expr(ExprKind::Test(Test::In, number(node), boxed(list)))
        }
        Condition::Known(node) => expr(ExprKind::Not(boxed(ExprKind::IsNull(number(node))))),
        Condition::NotEqual(node, value) => expr(ExprKind::Compare(
            Comparison::NotEqual,
            number(node),
            constant(*value),
        )),
        Condition::Less(a, b) => expr(ExprKind::Compare(Comparison::Less, number(a), number(b))),
        Condition::Named(node, at) => {
            let name = boxed(ExprKind::Literal(Value::string(format!("e{at}"))));
            let identifier = Box::new(read(node, Read::Meta(Meta::Identifier)));
            expr(ExprKind::Compare(Comparison::Equal, name, identifier))
        }
    };
    let label = |label: &Option<usize>| match label {
        None => Blueprints::All,
        Some(at) => {
            let name = ["even", "odd"][*at];
            Blueprints::Some([state.model().blueprint_id(name).unwrap()].into())
        }
    };
    let node = |(at, of): (usize, &Option<usize>)| Node {
        slot: slot(at),
        blueprints: label(of),
        bound: at < bound,
        span: Span::default(),
    };
    let relation = |at: &usize| -> NameId { names.id(RELATIONS[*at]).unwrap() };
    let hop = |hop: &PatternHop| Hop {
        from: hop.from,
        to: hop.to,
        relations: if hop.relations.is_empty() {
            Relations::All
        } else {
            Relations::Some(hop.relations.iter().map(relation).collect())
        },
        direction: hop.direction,
        range: hop.range,
        walks: Walks::Set,
        variable: None,
        group: None,
        span: Span::default(),
    };
    Match {
        nodes: pattern.labels.iter().enumerate().map(node).collect(),
        hops: pattern.hops.iter().map(hop).collect(),
        filters: pattern.conditions.iter().map(filter).collect(),
        repeatable: pattern.repeatable,
        inputs: Vec::new(),
        paths: Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn plans_find_every_row_once(world in world(), pattern in pattern()) {
        let state = world.state();
        let width = pattern.labels.len();
        let part = lowered(&state, &pattern, 0, 0);
        let slots = u16::try_from(width).unwrap();
        let expected = world.rows(&pattern, &[]);
        let rows = answer(&state, &query(vec![part.clone()], slots, ids(width), Vec::new())).rows;
        prop_assert_eq!(named(&rows), expected.clone());
        let count = Aggregate {
            function: find_aggregate("count").unwrap(),
            argument: None,
            distinct: false,
            filter: None,
        };
        let count_item = item(expr(ExprKind::Aggregate(0)), true);
        let counted = answer(&state, &query(vec![part], slots, vec![count_item], vec![count])).rows;
        prop_assert_eq!(counted, vec![vec![Value::Int(i64::try_from(expected.len()).unwrap())]]);
    }

    #[test]
    fn groups_count_the_rows_with_the_same_values(
        world in world(),
        pattern in pattern(),
        keys in prop::collection::vec((0_usize..4, 0_usize..3), 0..4),
    ) {
        let state = world.state();
        let width = pattern.labels.len();
        let mut expected = BTreeMap::<Vec<Value>, i64>::new();
        for row in world.rows(&pattern, &[]) {
            let key = |(node, kind): &(usize, usize)| {
                let at = row[node % width];
                let number = world.numbers[at];
                match kind {
                    0 => Value::string(format!("e{at}")),
                    1 => number.map(|number| format!("k{number}")).into(),
                    _ => number.into(),
                }
            };
            *expected.entry(keys.iter().map(key).collect()).or_default() += 1;
        }
        if keys.is_empty() {
            expected.entry(Vec::new()).or_default();
        }
        let item_of = |(node, kind): &(usize, usize)| grouped(&state, node % width, *kind);
        let mut items: Vec<Item> = keys.iter().map(item_of).collect();
        items.push(item(expr(ExprKind::Aggregate(0)), true));
        let count = Aggregate {
            function: find_aggregate("count").unwrap(),
            argument: None,
            distinct: false,
            filter: None,
        };
        let part = lowered(&state, &pattern, 0, 0);
        let slots = u16::try_from(width).unwrap();
        let rows = answer(&state, &query(vec![part], slots, items, vec![count])).rows;
        let mut found = BTreeMap::new();
        for mut row in rows {
            let count = row.pop();
            prop_assert!(found.insert(row, count.unwrap()).is_none(), "a group came twice");
        }
        let expected = expected.into_iter().map(|(key, count)| (key, Value::Int(count)));
        prop_assert_eq!(found, expected.collect());
    }

    #[test]
    fn the_first_rows_in_order_are_those_of_all_rows_sorted(
        world in world(),
        pattern in pattern(),
        descending in any::<bool>(),
        (skip, limit) in (0_usize..3, 0_usize..4),
    ) {
        let pattern = Pattern { labels: vec![Some(0)], hops: Vec::new(), ..pattern };
        let zero = |condition: &Condition| matches!(condition,
            Condition::Compare(0, ..) | Condition::In(0, _) | Condition::Known(0)
            | Condition::NotEqual(0, _) | Condition::Named(0, _));
        prop_assume!(pattern.conditions.iter().all(zero));
        let state = world.state();
        let mut expected: Vec<usize> = world.rows(&pattern, &[]).concat();
        // Nulls last whichever way, and the identifier decides between equal ones.
        expected.sort_by_key(|at| {
            let number = world.numbers[*at];
            let number = if descending { number.map(|number| -number) } else { number };
            (number.is_none(), number, format!("e{at}"))
        });
        let expected: Vec<usize> = expected.into_iter().skip(skip).take(limit).collect();
        let part = lowered(&state, &pattern, 0, 0);
        let mut query = query(vec![part], 1, vec![identifier(0)], Vec::new());
        let count = |count: usize| Some(constant_of(count));
        let projection = &mut query.body.parts[0].projection;
        let sort = |expr: Expr, descending| Sort { expr, descending, nulls_first: false };
        projection.order = vec![
            sort(grouped(&state, 0, 1).expr, descending),
            sort(identifier(0).expr, false),
        ];
        (projection.skip, projection.limit) = (count(skip), count(limit));
        let rows = answer(&state, &query).rows;
        let found: Vec<usize> =
            rows.iter().map(|row| row[0].as_str().unwrap()[1..].parse().unwrap()).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn distinct_rows_are_rows_once(
        world in world(),
        pattern in pattern(),
        keys in prop::collection::vec((0_usize..4, 0_usize..3), 1..4),
    ) {
        let state = world.state();
        let width = pattern.labels.len();
        let items = || keys.iter().map(|(node, kind)| grouped(&state, node % width, *kind));
        let part = lowered(&state, &pattern, 0, 0);
        let slots = u16::try_from(width).unwrap();
        let mut query = query(vec![part], slots, items().collect(), Vec::new());
        let mut all = answer(&state, &query).rows;
        query.body.parts[0].projection.distinct = true;
        let mut once = answer(&state, &query).rows;
        all.sort_unstable();
        all.dedup();
        once.sort_unstable();
        prop_assert_eq!(once, all);
    }

    #[test]
    fn clauses_join_on_bound_nodes(world in world(), first in pattern(), second in pattern()) {
        // The second pattern's first nodes are the first one's.
        let shared = first.labels.len().min(second.labels.len());
        let width = first.labels.len() + second.labels.len() - shared;
        prop_assume!(first.labels.len() <= shared);
        let state = world.state();
        let matches = vec![lowered(&state, &first, 0, 0), lowered(&state, &second, 0, shared)];
        let expected: Vec<Vec<usize>> =
            world.rows(&first, &[]).iter().flat_map(|row| world.rows(&second, row)).collect();
        prop_assume!(expected.len() < 20_000);
        let mut expected = expected;
        expected.sort_unstable();
        let slots = u16::try_from(width).unwrap();
        let rows = answer(&state, &query(matches, slots, ids(width), Vec::new())).rows;
        prop_assert_eq!(named(&rows), expected);
    }

    #[test]
    fn subqueries_see_the_row_around_them(world in world(), inner in pattern()) {
        let state = world.state();
        let one = Pattern { labels: vec![None], hops: Vec::new(), conditions: Vec::new(), repeatable: false };
        let subquery = || Box::new(Subquery { matches: vec![lowered(&state, &inner, 0, 1)] });
        let last = Slot(u16::try_from(inner.labels.len() - 1).unwrap());
        let items = vec![
            identifier(0),
            item(expr(ExprKind::Exists(subquery())), false),
            item(expr(ExprKind::Count(subquery(), None)), false),
            item(expr(ExprKind::Count(subquery(), Some(last))), false),
        ];
        let slots = u16::try_from(inner.labels.len()).unwrap();
        let rows = answer(&state, &query(vec![lowered(&state, &one, 0, 0)], slots, items, Vec::new())).rows;
        prop_assert_eq!(rows.len(), world.numbers.len());
        for row in rows {
            let at: usize = row[0].as_str().unwrap()[1..].parse().unwrap();
            let found = world.rows(&inner, &[at]);
            let distinct: BTreeSet<usize> = found.iter().filter_map(|row| row.last().copied()).collect();
            let count = |count: usize| Value::Int(i64::try_from(count).unwrap());
            prop_assert_eq!(&row[1..], &[Value::Bool(!found.is_empty()), count(found.len()), count(distinct.len())]);
        }
    }
}

#[test]
fn ids_are_given_out_by_blueprint() {
    // The tests above rely on two blueprints whose ids interleave with the numbers.
    let world = World {
        numbers: vec![None; 3],
        edges: BTreeSet::new(),
    };
    let state = world.state();
    let even = state.model().blueprint_id("even").unwrap();
    let members: Vec<EntityId> = state.members(even).iter().collect();
    assert_eq!(members.len(), 2);
}
