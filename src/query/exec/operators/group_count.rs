//! Grouped counts over a pattern that is a tree: counted along it, not row by row.

use std::collections::BTreeMap;
use std::rc::Rc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use roaring::RoaringBitmap;
use smallvec::SmallVec;

use super::codes::Codes;
use super::tree_walk::TreeWalk;
use crate::error::Result;
use crate::model::Meta;
use crate::query::exec::Evaluator;
use crate::query::exec::aggregate::{complete, counts_rows};
use crate::query::exec::record::{Record, weight};
use crate::query::ir::{
    Aggregate, Blueprints, Expr, ExprKind, Item, Match, Projection, Read, Slot,
};
use crate::query::plan::{Tree, only_slot};
use crate::value::{EntityId, Value};

/// Counters for every combination of numbered values are kept while there are at most so many.
const COUNTERS: usize = 1 << 12;
/// Where more entities than this are looked at, values are numbered if that is possible.
const MANY: f64 = if cfg!(test) { 2.0 } else { 4_096.0 };

/// What tells groups apart at one node.
struct Key {
    node: usize,
    slot: Slot,
    /// The numbers of its one value; entities stand for themselves where there are none.
    codes: Option<Codes>,
}

/// A group: the entity or number of each key.
type Group = SmallVec<[u32; 4]>;

/// Whether the number of rows, or that of each group where there are keys, is counted so.
pub(in crate::query::exec) fn counts_along<'a>(
    evaluator: &mut Evaluator<'a>,
    matches: &'a [Match],
    projection: &'a Projection,
) -> bool {
    let keyless = projection.items.iter().all(|item| item.aggregated);
    if keyless && is_countable(projection, matches) {
        return counted_tree(evaluator, matches).is_some();
    }
    grouped(evaluator, matches, projection).is_some()
}

/// The tree that a pattern of several hops is. The rows of one hop are known anyway.
fn counted_tree<'a>(evaluator: &mut Evaluator<'a>, matches: &'a [Match]) -> Option<Tree<'a>> {
    if matches.iter().all(|part| part.hops.len() < 2) {
        return None;
    }
    evaluator.tree(matches)
}

/// The tree of a pattern and what tells groups apart at its nodes.
fn grouped<'a>(
    evaluator: &mut Evaluator<'a>,
    matches: &'a [Match],
    projection: &'a Projection,
) -> Option<(Tree<'a>, Vec<Key>)> {
    if !is_countable(projection, matches) {
        return None;
    }
    let tree = evaluator.tree(matches)?;
    let keys = keys(evaluator, projection, &tree)?;
    let ends = |key: &Key| tree.pair.is_some_and(|pair| key.node != pair.middle);
    (!keys.iter().any(ends)).then_some((tree, keys))
}

/// How many rows a pattern has; `None` where only going through them tells.
pub(in crate::query::exec) fn tree_count<'a>(
    evaluator: &mut Evaluator<'a>,
    matches: &'a [Match],
) -> Result<Option<u64>> {
    let Some(tree) = counted_tree(evaluator, matches) else {
        return Ok(None);
    };
    let Some((root, entities)) = start(evaluator, &tree, &[]) else {
        return Ok(None);
    };
    let groups = counted(evaluator, &tree, &[], (root, &entities))?;
    Ok(Some(groups.first().map_or(0, |(_, count)| *count)))
}

/// The groups of a projection that counts rows by values of a pattern; `None` where only going
/// through the rows tells.
pub(in crate::query::exec) fn group_counts<'a>(
    evaluator: &mut Evaluator<'a>,
    matches: &'a [Match],
    projection: &'a Projection,
) -> Result<Option<Vec<Record>>> {
    let Some((tree, keys)) = grouped(evaluator, matches, projection) else {
        return Ok(None);
    };
    let Some((root, entities)) = start(evaluator, &tree, &keys) else {
        return Ok(None);
    };
    let groups = counted(evaluator, &tree, &keys, (root, &entities))?;
    records(evaluator, projection, &tree, &keys, groups).map(Some)
}

/// Whether the aggregates count rows, and nothing else needs a row.
fn is_countable(projection: &Projection, matches: &[Match]) -> bool {
    let found = |slot: Slot| {
        let mut nodes = matches.iter().flat_map(|part| &part.nodes);
        nodes.any(|node| node.slot == slot)
    };
    let counts = |aggregate: &Aggregate| counts_rows(aggregate, found);
    let free = |expr: &Expr| crate::query::plan::reads_no_place(expr);
    let mut aggregated = projection.items.iter().filter(|item| item.aggregated);
    projection.aggregates.iter().all(counts)
        && aggregated.all(|item| free(&item.expr))
        && projection.order.iter().all(|sort| free(&sort.expr))
}

/// The keys by node; `None` where an item reads more than one entity.
fn keys<'a>(
    evaluator: &Evaluator<'a>,
    projection: &'a Projection,
    tree: &Tree<'a>,
) -> Option<Vec<Key>> {
    let mut by_node = BTreeMap::<usize, (Slot, Vec<&'a Expr>)>::new();
    for item in projection.items.iter().filter(|item| !item.aggregated) {
        let slot = only_slot(&item.expr)?;
        let node = tree.nodes.iter().position(|node| node.slot == slot)?;
        let of = by_node.entry(node).or_insert((slot, Vec::new()));
        of.1.push(&item.expr);
    }
    // One value of many entities is numbered; else the entities themselves are told apart.
    let looks = (0..tree.nodes.len()).map(|node| tree.looks(node));
    let many = looks.fold(f64::INFINITY, f64::min) > MANY;
    let keys = by_node.into_iter().map(|(node, (slot, exprs))| {
        let of = tree.nodes.get(node)?;
        let codes = match exprs.as_slice() {
            [one] if many => Codes::of(evaluator.state, of.blueprints, one),
            _ => None,
        };
        Some(Key { node, slot, codes })
    });
    keys.collect()
}

/// Where to begin, and with which entities: where the least is looked at. Groups are cheapest to
/// keep apart where the root is one of them.
fn start(
    evaluator: &Evaluator<'_>,
    tree: &Tree<'_>,
    keys: &[Key],
) -> Option<(usize, Rc<RoaringBitmap>)> {
    let own = |node: usize| {
        keys.iter()
            .any(|key| key.node == node && key.codes.is_none())
    };
    let cost = |node: usize| {
        let looks = tree.looks(node);
        if own(node) { looks } else { looks * 2.0 }
    };
    // The ends of a pair are counted together, from the middle.
    let can = |node: &usize| tree.pair.is_none_or(|pair| pair.middle == *node);
    let nodes = (0..tree.nodes.len()).filter(can);
    let root = nodes.min_by(|a, b| cost(*a).total_cmp(&cost(*b)))?;
    let entities = tree.nodes.get(root)?.entities(evaluator.state);
    Some((root, entities))
}

fn counted(
    evaluator: &Evaluator<'_>,
    tree: &Tree<'_>,
    keys: &[Key],
    (root, entities): (usize, &RoaringBitmap),
) -> Result<Vec<(Group, u64)>> {
    let (state, budget) = (evaluator.state, evaluator.budget);
    let wanted: Vec<usize> = keys.iter().map(|key| key.node).collect();
    let mut walk = TreeWalk::new(state, budget, tree, root, &wanted);
    let mut row = vec![EntityId::default(); tree.nodes.len()];
    let sizes = keys.iter().filter(|key| key.node != root).map(|key| {
        let codes = key.codes.as_ref();
        codes.map_or(usize::MAX, Codes::len)
    });
    let combinations = sizes.fold(1_usize, usize::saturating_mul);
    let mut groups = Vec::new();
    let by_counters = combinations <= COUNTERS && keys.iter().any(|key| key.node == root);
    if by_counters {
        let mut counters = vec![0_u64; combinations];
        for id in entities {
            let id = EntityId(id);
            budget.spend(1)?;
            walk.visit(root, id, &mut row, &mut |row, count| {
                let place = keys.iter().fold(0, |place, key| match &key.codes {
                    Some(codes) if key.node != root => {
                        let entity = row.get(key.node).copied().unwrap_or_default();
                        place * codes.len() + usize::from(codes.code(entity))
                    }
                    _ => place,
                });
                if let Some(counter) = counters.get_mut(place) {
                    *counter = counter.saturating_add(count);
                }
                Ok(())
            })?;
            for (place, counter) in counters.iter_mut().enumerate() {
                if *counter > 0 {
                    groups.push((unfold(keys, root, id, place), std::mem::take(counter)));
                }
            }
            budget.check_groups(groups.len())?;
        }
        // The root stands for itself: no group came twice.
        if keys
            .iter()
            .all(|key| key.node != root || key.codes.is_none())
        {
            return Ok(groups);
        }
    }
    let mut places = HashMap::<Group, usize, FixedState>::default();
    let mut merged: Vec<(Group, u64)> = Vec::new();
    let mut add = |group: Group, count: u64| {
        let place = *places.entry(group).or_insert_with_key(|group| {
            merged.push((group.clone(), 0));
            merged.len() - 1
        });
        if let Some((_, sum)) = merged.get_mut(place) {
            *sum = sum.saturating_add(count);
        }
        budget.check_groups(merged.len())
    };
    if !by_counters {
        for id in entities {
            budget.spend(1)?;
            walk.visit(root, EntityId(id), &mut row, &mut |row, count| {
                let of = |key: &Key| {
                    let entity = row.get(key.node).copied().unwrap_or_default();
                    let codes = key.codes.as_ref();
                    codes.map_or(entity.0, |codes| u32::from(codes.code(entity)))
                };
                add(keys.iter().map(of).collect(), count)
            })?;
        }
    }
    for (group, count) in groups {
        add(group, count)?;
    }
    Ok(merged)
}

/// The group of a root and a counter: numbers in the order of keys, the last one fastest.
fn unfold(keys: &[Key], root: usize, id: EntityId, mut place: usize) -> Group {
    let mut group = Group::new();
    for key in keys.iter().rev() {
        group.push(match &key.codes {
            Some(codes) if key.node == root => u32::from(codes.code(id)),
            Some(codes) => {
                let code = place % codes.len().max(1);
                place /= codes.len().max(1);
                u32::try_from(code).unwrap_or_default()
            }
            None => id.0,
        });
    }
    group.reverse();
    group
}

/// The records of groups. Entities that stand for themselves may have equal values, unless those
/// name them.
fn records<'a>(
    evaluator: &mut Evaluator<'a>,
    projection: &'a Projection,
    tree: &Tree<'_>,
    keys: &[Key],
    groups: Vec<(Group, u64)>,
) -> Result<Vec<Record>> {
    let items = || projection.items.iter().filter(|item| !item.aggregated);
    let named = |key: &Key| {
        let blueprints = tree.nodes.get(key.node).map(|node| node.blueprints);
        key.codes.is_some() || items().any(|item| names(&item.expr, key.slot, blueprints))
    };
    let distinct = keys.iter().all(named);
    let mut places = BTreeMap::<Vec<Value>, usize>::new();
    let mut found: Vec<(Vec<Value>, u64)> = Vec::with_capacity(groups.len());
    for (group, count) in groups {
        let columns = columns(evaluator, projection, keys, &group)?;
        if !distinct && let Some(place) = places.get(&columns) {
            if let Some((_, sum)) = found.get_mut(*place) {
                *sum = sum.saturating_add(count);
            }
            continue;
        }
        evaluator.budget.hold(weight(&columns))?;
        if !distinct {
            places.insert(columns.clone(), found.len());
        }
        found.push((columns, count));
    }
    let finish = |(columns, count)| finished(evaluator, projection, columns, count);
    found.into_iter().map(finish).collect()
}

/// Whether an expression differs for every entity of a slot.
fn names(expr: &Expr, slot: Slot, blueprints: Option<&Blueprints>) -> bool {
    let is = |expr: &Expr| matches!(expr.kind, ExprKind::Slot(of) if of == slot);
    let single = matches!(blueprints, Some(Blueprints::Some(set)) if set.len() == 1);
    match &expr.kind {
        ExprKind::Read { base, read } => {
            single && *read == Read::Meta(Meta::Identifier) && is(base)
        }
        _ => is(expr),
    }
}

/// The values of a group at the places of its items, nulls at those of aggregates.
fn columns<'a>(
    evaluator: &mut Evaluator<'a>,
    projection: &'a Projection,
    keys: &[Key],
    group: &Group,
) -> Result<Vec<Value>> {
    for (key, id) in keys.iter().zip(group) {
        if key.codes.is_none() {
            evaluator.bind(key.slot, EntityId(*id));
        }
    }
    let value = |item: &'a Item| {
        if item.aggregated {
            return Ok(Value::Null);
        }
        let numbered = only_slot(&item.expr).and_then(|slot| {
            let mut keys = keys.iter().zip(group);
            let (key, code) = keys.find(|(key, _)| key.slot == slot)?;
            let code = usize::try_from(*code).ok()?;
            key.codes.as_ref().map(|codes| codes.value(code))
        });
        numbered.map_or_else(|| evaluator.eval(&item.expr), Ok)
    };
    projection.items.iter().map(value).collect()
}

fn finished<'a>(
    evaluator: &mut Evaluator<'a>,
    projection: &'a Projection,
    mut columns: Vec<Value>,
    count: u64,
) -> Result<Record> {
    let count = Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let mut simple = true;
    for (item, column) in projection.items.iter().zip(&mut columns) {
        if let ExprKind::Aggregate(_) = item.expr.kind {
            *column = count.clone();
        } else {
            simple &= !item.aggregated;
        }
    }
    let mut record = Record {
        columns,
        ..Record::default()
    };
    if !simple {
        record.aggregates = vec![count; projection.aggregates.len()];
        complete(evaluator, projection, &mut record)?;
    }
    Ok(record)
}
