//! The children of an expression, and a bound on its depth that needs no recursion itself.

use crate::error::{Error, ErrorKind, Result};
use crate::query::syntax::ast::{
    ClauseKind, Expr, ExprKind, Match, NodePattern, Path, Projection, RelationPattern, ShapeItem,
    SingleQuery, Subquery,
};

/// How deep an expression may nest: the passes that follow the check recurse on it.
const DEPTH: usize = 128;

/// Refuses an expression that nests deeper than later passes may recurse.
pub(super) fn bound_depth(expr: &Expr) -> Result<()> {
    bound_all(vec![expr])
}

/// Refuses a query with an expression that nests deeper than later passes may recurse.
pub(super) fn bound_query_depth(query: &SingleQuery) -> Result<()> {
    let mut all = Vec::new();
    push_query(query, &mut all);
    bound_all(all)
}

fn bound_all(all: Vec<&Expr>) -> Result<()> {
    let mut todo: Vec<_> = all.into_iter().map(|expr| (expr, 1)).collect();
    let mut children = Vec::new();
    while let Some((expr, depth)) = todo.pop() {
        if depth > DEPTH {
            let message = format!("the expression nests deeper than {DEPTH} levels");
            return Err(Error::new(ErrorKind::Limit, message)
                .with_span(expr.span)
                .with_help("split it into several, or use a list and `IN`, `any` or `all`"));
        }
        push_children(expr, &mut children);
        todo.extend(children.drain(..).map(|child| (child, depth + 1)));
    }
    Ok(())
}

/// Whether some expression within, the bodies of subqueries included, satisfies a test.
pub(super) fn anywhere(expr: &Expr, test: impl Fn(&Expr) -> bool) -> bool {
    let mut todo = vec![expr];
    while let Some(expr) = todo.pop() {
        if test(expr) {
            return true;
        }
        push_children(expr, &mut todo);
    }
    false
}

/// Whether some expression within, the bodies of subqueries excepted, satisfies a test.
pub(super) fn holds(expr: &Expr, test: impl Fn(&Expr) -> bool) -> bool {
    let mut todo = vec![expr];
    while let Some(expr) = todo.pop() {
        if test(expr) {
            return true;
        }
        if !is_subquery(&expr.kind) {
            push_children(expr, &mut todo);
        }
    }
    false
}

const fn is_subquery(kind: &ExprKind) -> bool {
    matches!(
        kind,
        ExprKind::Exists(_)
            | ExprKind::Aggregate { .. }
            | ExprKind::PatternPredicate(_)
            | ExprKind::PatternComprehension { .. }
    )
}

fn push_children<'a>(expr: &'a Expr, to: &mut Vec<&'a Expr>) {
    match &expr.kind {
        ExprKind::Literal(_)
        | ExprKind::Parameter(_)
        | ExprKind::Variable(_)
        | ExprKind::CountStar { filter: None } => {}
        ExprKind::List(all) | ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Xor(all) => {
            to.extend(all);
        }
        ExprKind::Map(entries) => to.extend(entries.iter().map(|(_, value)| value)),
        ExprKind::Property(one, _)
        | ExprKind::HasLabels(one, _)
        | ExprKind::Not(one)
        | ExprKind::Negate(one)
        | ExprKind::IsNull(one)
        | ExprKind::IsEmpty(one)
        | ExprKind::CountStar { filter: Some(one) } => to.push(one),
        ExprKind::Index(a, b)
        | ExprKind::Compare(_, a, b)
        | ExprKind::Arithmetic(_, a, b)
        | ExprKind::Test(_, a, b)
        | ExprKind::Quantified {
            list: a, filter: b, ..
        } => to.extend([&**a, &**b]),
        ExprKind::Between { value, low, high } => to.extend([&**value, &**low, &**high]),
        ExprKind::Reduce {
            start, list, step, ..
        } => to.extend([&**start, &**list, &**step]),
        ExprKind::Slice(list, from, until) => {
            to.push(list);
            to.extend(from.iter().chain(until).map(|part| &**part));
        }
        ExprKind::Shape(base, items) => {
            to.push(base);
            to.extend(items.iter().filter_map(shape_value));
        }
        ExprKind::Case {
            operand,
            arms,
            otherwise,
        } => {
            to.extend(operand.iter().chain(otherwise).map(|part| &**part));
            to.extend(
                arms.iter()
                    .flat_map(|(when, then)| when.iter().chain([then])),
            );
        }
        ExprKind::Call {
            arguments, filter, ..
        } => {
            to.extend(arguments);
            to.extend(filter.as_deref());
        }
        ExprKind::Comprehension {
            list, filter, map, ..
        } => {
            to.push(list);
            to.extend(filter.iter().chain(map).map(|part| &**part));
        }
        ExprKind::Exists(body) => push_subquery(body, to),
        ExprKind::Aggregate { body, values, .. } => {
            push_subquery(body, to);
            to.extend(values);
        }
        ExprKind::PatternPredicate(path) => push_path(path, to),
        ExprKind::PatternComprehension { path, filter, map } => {
            push_path(path, to);
            to.extend(filter.as_deref());
            to.push(map);
        }
    }
}

fn shape_value(item: &ShapeItem) -> Option<&Expr> {
    if let ShapeItem::Entry(_, value) = item {
        Some(value)
    } else {
        None
    }
}

fn push_subquery<'a>(body: &'a Subquery, to: &mut Vec<&'a Expr>) {
    match body {
        Subquery::Pattern { paths, filter } => {
            for path in paths {
                push_path(path, to);
            }
            to.extend(filter);
        }
        Subquery::Query { parts, .. } => {
            for part in parts {
                push_query(part, to);
            }
        }
    }
}

fn push_query<'a>(query: &'a SingleQuery, to: &mut Vec<&'a Expr>) {
    for clause in &query.clauses {
        match &clause.kind {
            ClauseKind::Match(clause) => push_match(clause, to),
            ClauseKind::Unwind { list: value, .. }
            | ClauseKind::For { list: value, .. }
            | ClauseKind::Filter(value) => to.push(value),
            ClauseKind::Let(bindings) => to.extend(bindings.iter().map(|(_, value)| value)),
            ClauseKind::With { projection, filter } => {
                push_projection(projection, to);
                to.extend(filter);
            }
        }
    }
    if let Some(returns) = &query.returns {
        push_projection(returns, to);
    }
}

fn push_match<'a>(clause: &'a Match, to: &mut Vec<&'a Expr>) {
    for path in &clause.paths {
        push_path(path, to);
    }
    to.extend(&clause.filter);
}

fn push_path<'a>(path: &'a Path, to: &mut Vec<&'a Expr>) {
    push_steps(&path.start, &path.steps, to);
}

fn push_steps<'a>(
    start: &'a NodePattern,
    steps: &'a [(RelationPattern, NodePattern)],
    to: &mut Vec<&'a Expr>,
) {
    let nodes = [start]
        .into_iter()
        .chain(steps.iter().map(|(_, node)| node));
    for node in nodes {
        to.extend(node.properties.iter().map(|(_, value)| value));
        to.extend(node.filter.as_deref());
    }
    for (relation, _) in steps {
        to.extend(relation.filter.as_deref());
        // The grammar lets no group stand within another.
        if let Some(group) = &relation.group {
            push_steps(&group.start, &group.steps, to);
            to.extend(&group.filter);
        }
    }
}

fn push_projection<'a>(projection: &'a Projection, to: &mut Vec<&'a Expr>) {
    to.extend(projection.items.iter().map(|item| &item.expr));
    to.extend(projection.order.iter().map(|sort| &sort.expr));
    to.extend(projection.skip.iter().chain(&projection.limit));
}
