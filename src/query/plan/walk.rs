//! Walks over expressions: which slots and columns they read.

use std::collections::BTreeSet;

use crate::query::ir::{Clause, Expr, ExprKind, Match, Projection, Slot, Subquery, Union};

/// Calls `visit` on the expression and everything in it, the filters of subqueries included.
/// The parser bounds how deep expressions nest.
pub(super) fn each<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    visit(expr);
    match &expr.kind {
        ExprKind::Literal(_)
        | ExprKind::Parameter(_)
        | ExprKind::Slot(_)
        | ExprKind::Local(_)
        | ExprKind::Aggregate(_)
        | ExprKind::Column(_) => {}
        ExprKind::Read { base: one, .. }
        | ExprKind::Key(one, _)
        | ExprKind::Not(one)
        | ExprKind::Negate(one)
        | ExprKind::IsNull(one)
        | ExprKind::IsEmpty(one)
        | ExprKind::IsBlueprint(one, _) => each(one, visit),
        ExprKind::Index(a, b)
        | ExprKind::Compare(_, a, b)
        | ExprKind::Arithmetic(_, a, b)
        | ExprKind::Test(_, a, b)
        | ExprKind::Elapsed { from: a, to: b, .. }
        | ExprKind::Quantified {
            list: a, filter: b, ..
        } => {
            each(a, visit);
            each(b, visit);
        }
        ExprKind::Let { value, body, .. } => {
            each(value, visit);
            each(body, visit);
        }
        ExprKind::Reduce {
            start, list, step, ..
        } => [start, list, step]
            .into_iter()
            .for_each(|one| each(one, visit)),
        ExprKind::Subquery(_, query) => each_of_union(query, visit),
        ExprKind::Slice(base, from, to) => {
            each(base, visit);
            from.iter().chain(to).for_each(|bound| each(bound, visit));
        }
        ExprKind::List(many)
        | ExprKind::And(many)
        | ExprKind::Or(many)
        | ExprKind::Xor(many)
        | ExprKind::Call(_, many) => many.iter().for_each(|one| each(one, visit)),
        ExprKind::Map(fields) => fields.iter().for_each(|(_, one)| each(one, visit)),
        ExprKind::Case { arms, otherwise } => {
            for (condition, value) in arms {
                each(condition, visit);
                each(value, visit);
            }
            if let Some(value) = otherwise {
                each(value, visit);
            }
        }
        ExprKind::Comprehension {
            list, filter, map, ..
        } => {
            each(list, visit);
            filter.iter().chain(map).for_each(|one| each(one, visit));
        }
        ExprKind::Outputs(_, generator) => {
            generator
                .expressions()
                .into_iter()
                .for_each(|one| each(one, visit));
        }
        ExprKind::Exists(subquery) | ExprKind::Count(subquery, _) => {
            filters(subquery).for_each(|filter| each(filter, visit));
        }
    }
}

fn filters(subquery: &Subquery) -> impl Iterator<Item = &Expr> {
    subquery.matches.iter().flat_map(of_match)
}

fn of_match(part: &Match) -> impl Iterator<Item = &Expr> {
    let inputs = part.inputs.iter().map(|(_, value)| value);
    let groups = part.hops.iter().filter_map(|hop| hop.group.as_ref());
    let groups = groups.flat_map(|group| &group.forward.filters);
    part.filters.iter().chain(inputs).chain(groups)
}

fn each_of_union<'a>(query: &'a Union, visit: &mut dyn FnMut(&'a Expr)) {
    for part in &query.parts {
        for clause in &part.clauses {
            match clause {
                Clause::Match(matches) => {
                    let all = matches.iter().flat_map(of_match);
                    all.for_each(|one| each(one, visit));
                }
                Clause::Optional { pattern, .. } => {
                    of_match(pattern).for_each(|one| each(one, visit));
                }
                Clause::Unwind { list: one, .. }
                | Clause::Let { value: one, .. }
                | Clause::Filter(one) => each(one, visit),
                Clause::With {
                    projection, filter, ..
                } => {
                    each_of_projection(projection, visit);
                    if let Some(filter) = filter {
                        each(filter, visit);
                    }
                }
            }
        }
        each_of_projection(&part.projection, visit);
    }
}

fn each_of_projection<'a>(projection: &'a Projection, visit: &mut dyn FnMut(&'a Expr)) {
    let items = projection.items.iter().map(|item| &item.expr);
    let aggregates = projection.aggregates.iter();
    let aggregates = aggregates.flat_map(|one| one.argument.iter().chain(&one.filter));
    let order = projection.order.iter().map(|sort| &sort.expr);
    let cut = projection.skip.iter().chain(&projection.limit);
    let all = items.chain(aggregates).chain(order).chain(cut);
    all.for_each(|one| each(one, visit));
}

/// The patterns of a whole query.
fn patterns(query: &Union) -> impl Iterator<Item = &Match> {
    let clauses = query.parts.iter().flat_map(|part| &part.clauses);
    clauses.flat_map(|clause| match clause {
        Clause::Match(matches) => matches.as_slice(),
        Clause::Optional { pattern, .. } => std::slice::from_ref(pattern),
        _ => &[],
    })
}

/// What of a row an expression reads, in its subqueries too.
#[derive(Debug, Default)]
pub(super) struct Uses {
    pub(super) slots: BTreeSet<Slot>,
    pub(super) locals: BTreeSet<u16>,
}

impl Uses {
    pub(super) fn of(expr: &Expr) -> Self {
        let (mut uses, mut own) = (Self::default(), BTreeSet::new());
        let slots = |part: &Match| part.nodes.iter().map(|node| node.slot).collect::<Vec<_>>();
        each(expr, &mut |part| match &part.kind {
            ExprKind::Slot(slot) => _ = uses.slots.insert(*slot),
            ExprKind::Local(local) => _ = uses.locals.insert(*local),
            ExprKind::Exists(subquery) | ExprKind::Count(subquery, _) => {
                uses.slots.extend(subquery.matches.iter().flat_map(slots));
            }
            ExprKind::Subquery(_, query) => uses.slots.extend(patterns(query).flat_map(slots)),
            ExprKind::Comprehension { local, .. }
            | ExprKind::Quantified { local, .. }
            | ExprKind::Let { local, .. } => _ = own.insert(*local),
            ExprKind::Reduce {
                accumulator, local, ..
            } => own.extend([*accumulator, *local]),
            _ => {}
        });
        uses.locals.retain(|local| !own.contains(local));
        uses
    }

    /// Whether nothing of it is found by some patterns.
    fn is_outside(&self, patterns: &[Match]) -> bool {
        self.slots.iter().all(|slot| !finds(patterns, *slot))
            && self
                .locals
                .iter()
                .all(|local| !finds_value(patterns, *local))
    }
}

/// The one entity of a row that an expression reads, where it reads nothing else of the row.
pub(crate) fn only_slot(expr: &Expr) -> Option<Slot> {
    let uses = Uses::of(expr);
    let mut slots = uses.slots.into_iter();
    let only = slots.next().filter(|_| uses.locals.is_empty());
    only.filter(|_| slots.next().is_none())
}

/// Whether an expression reads nothing of a row but the columns that were made of it.
pub(crate) fn reads_no_place(expr: &Expr) -> bool {
    let uses = Uses::of(expr);
    uses.slots.is_empty() && uses.locals.is_empty()
}

/// The columns of the projection that an expression reads.
pub(crate) fn columns_of(expr: &Expr) -> BTreeSet<usize> {
    let mut columns = BTreeSet::new();
    each(expr, &mut |part| {
        if let ExprKind::Column(at) = part.kind {
            columns.insert(at);
        }
    });
    columns
}

/// Whether an expression has the same value on every row.
pub(crate) fn is_constant(expr: &Expr) -> bool {
    is_plain(expr) && reads_no_place(expr)
}

/// Whether an expression can be evaluated before there are rows, if what it reads of them is there:
/// it has no part that asks the graph or goes through a list, and none that differs each time.
fn is_plain(expr: &Expr) -> bool {
    let mut plain = true;
    each(expr, &mut |part| {
        plain &= !matches!(
            part.kind,
            ExprKind::Aggregate(_)
                | ExprKind::Column(_)
                | ExprKind::Exists(_)
                | ExprKind::Count(..)
                | ExprKind::Subquery(..)
                | ExprKind::Comprehension { .. }
                | ExprKind::Quantified { .. }
                | ExprKind::Let { .. }
                | ExprKind::Reduce { .. }
                | ExprKind::Outputs(..)
        ) && !is_random_call(part);
    });
    plain
}

fn is_random_call(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call(function, _) if function.random)
}

/// Whether an expression, or some part of it, differs each time that it is evaluated.
pub(crate) fn is_random(expr: &Expr) -> bool {
    let mut found = false;
    each(expr, &mut |part| found |= is_random_call(part));
    found
}

/// Whether an expression has one value for each row that comes to some patterns: it reads
/// nothing that they find.
pub(crate) fn is_known(expr: &Expr, patterns: &[Match]) -> bool {
    is_plain(expr) && Uses::of(expr).is_outside(patterns)
}

/// Whether what earlier clauses found decides where the matches of patterns are looked for: they
/// hang on nothing that is bound, but are compared with it.
pub(crate) fn anew_for_rows(patterns: &[Match]) -> bool {
    let mut nodes = patterns.iter().flat_map(|part| &part.nodes);
    if nodes.any(|node| node.bound) {
        return false;
    }
    let mut filters = patterns.iter().flat_map(|part| &part.filters);
    filters.any(|filter| {
        let uses = Uses::of(filter);
        let inside = |slot: &Slot| finds(patterns, *slot);
        let row = uses.slots.iter().any(|slot| !inside(slot))
            || uses
                .locals
                .iter()
                .any(|local| !finds_value(patterns, *local));
        row && uses.slots.iter().any(inside)
    })
}

fn finds(patterns: &[Match], slot: Slot) -> bool {
    let mut nodes = patterns.iter().flat_map(|part| &part.nodes);
    nodes.any(|node| node.slot == slot && !node.bound)
}

fn finds_value(patterns: &[Match], local: u16) -> bool {
    patterns.iter().any(|part| {
        let lists = part.hops.iter().filter_map(|hop| hop.group.as_ref());
        let mut lists = lists.flat_map(|group| &group.lists);
        part.hops.iter().any(|hop| hop.variable == Some(local))
            || lists.any(|(_, list)| *list == local)
            || part.paths.iter().any(|path| path.local == local)
    })
}

/// Whether an expression, or some part of it, reads the clock.
pub(crate) fn reads_clock(expr: &Expr) -> bool {
    let mut found = false;
    each(expr, &mut |part| {
        found |= matches!(&part.kind, ExprKind::Call(function, arguments) if function.reads_clock(arguments.len()));
    });
    found
}
