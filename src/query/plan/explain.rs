//! Plans for people: one line an operator, what happens last on top.

use super::access::Admit;
use super::print::{expr as printed, list};
use super::program::{Op, Program, Step};
use crate::graph::Way;
use crate::query::ir::{Blueprints, Projection, Query, Slot};
use crate::state::State;
use crate::value::NameId;

/// The lines of a plan. With `rows`, the number of rows that the query gave, the actual numbers
/// stand beside the estimates.
pub(crate) fn explain(
    state: &State,
    query: &Query,
    program: &Program<'_>,
    rows: Option<usize>,
) -> Vec<String> {
    let names = Names { state, query };
    let mut lines = projection(&names, &query.projection, rows);
    for step in program.steps.iter().rev() {
        let actual = rows
            .map(|_| format!(", {} actual", step.actual.get()))
            .unwrap_or_default();
        let estimate = step.estimate.min(1e18).round();
        lines.push(format!("{} (~{estimate} rows{actual})", names.step(step)));
    }
    if !program.constant.is_empty() {
        let conditions = program
            .constant
            .iter()
            .map(|filter| printed(&names, filter));
        lines.push(format!(
            "Once {}",
            conditions.collect::<Vec<_>>().join(" AND ")
        ));
    }
    let indented = |(depth, line)| format!("{:indent$}{line}", "", indent = depth * 2);
    lines.into_iter().enumerate().map(indented).collect()
}

fn projection(names: &Names<'_>, projection: &Projection, rows: Option<usize>) -> Vec<String> {
    let mut lines = Vec::new();
    let actual = rows
        .map(|rows| format!(" ({rows} actual)"))
        .unwrap_or_default();
    let items = projection.items.iter().map(|item| item.name.to_string());
    lines.push(format!(
        "Project {}{actual}",
        items.collect::<Vec<_>>().join(", ")
    ));
    let bounds = [("SKIP", &projection.skip), ("LIMIT", &projection.limit)];
    let bounds: Vec<String> = bounds
        .into_iter()
        .filter_map(|(name, bound)| Some(format!("{name} {}", printed(names, bound.as_ref()?))))
        .collect();
    if !projection.order.is_empty() {
        let top = if projection.limit.is_some() {
            "Top"
        } else {
            "Sort"
        };
        let keys = projection.order.iter().map(|sort| {
            let direction = if sort.descending { " DESC" } else { "" };
            format!("{}{direction}", printed(names, &sort.expr))
        });
        let keys = keys.collect::<Vec<_>>().join(", ");
        let bounds = if bounds.is_empty() {
            String::new()
        } else {
            format!(" {}", bounds.join(" "))
        };
        lines.push(format!("{top} by {keys}{bounds}"));
    } else if !bounds.is_empty() {
        lines.push(format!("Limit {}", bounds.join(" ")));
    }
    if projection.distinct {
        lines.push("Distinct".to_owned());
    }
    if !projection.aggregates.is_empty() {
        let aggregates = projection.aggregates.iter().map(|aggregate| {
            let argument = aggregate
                .argument
                .as_ref()
                .map_or("*".to_owned(), |expr| printed(names, expr));
            let distinct = if aggregate.distinct { "DISTINCT " } else { "" };
            format!("{}({distinct}{argument})", aggregate.function.name)
        });
        let aggregates = aggregates.collect::<Vec<_>>().join(", ");
        let keys = projection.items.iter().filter(|item| !item.aggregated);
        let keys: Vec<String> = keys.map(|item| printed(names, &item.expr)).collect();
        let keys = if keys.is_empty() {
            String::new()
        } else {
            format!(" by {}", keys.join(", "))
        };
        lines.push(format!("Aggregate {aggregates}{keys}"));
    }
    lines
}

/// What ids stand for.
pub(super) struct Names<'a> {
    pub(super) state: &'a State,
    pub(super) query: &'a Query,
}

impl Names<'_> {
    /// The variable of a slot; the place of an anonymous one.
    pub(super) fn slot(&self, slot: Slot) -> String {
        match self.query.slot_names.get(usize::from(slot.0)) {
            Some(name) if !name.is_empty() => name.to_string(),
            _ => format!("#{}", slot.0),
        }
    }

    pub(super) fn blueprints(&self, blueprints: &Blueprints) -> String {
        match blueprints {
            Blueprints::All => String::new(),
            Blueprints::Some(set) => {
                let names = set
                    .iter()
                    .filter_map(|id| self.state.model().blueprint(*id));
                let names: Vec<&str> = names
                    .map(|compiled| &*compiled.blueprint.identifier)
                    .collect();
                // A node without label may be of many blueprints, which nobody wants to read.
                if names.len() > 6 {
                    String::new()
                } else {
                    format!(":{}", names.join("|"))
                }
            }
        }
    }

    fn hop(&self, relations: &[NameId], way: Way, walk: &str) -> String {
        let names: Vec<&str> = relations
            .iter()
            .map(|name| self.state.model().names().text(*name))
            .collect();
        let (left, right) = match way {
            Way::Outgoing => ("-", "->"),
            Way::Incoming => ("<-", "-"),
            Way::Either => ("-", "-"),
        };
        format!("{left}[:{}]{right}{walk}", names.join("|"))
    }

    fn step(&self, step: &Step<'_>) -> String {
        let node =
            |slot: Slot| format!("({}{})", self.slot(slot), self.blueprints(step.blueprints));
        let line = match &step.op {
            Op::Scan { slot, .. } if step.indexes.is_empty() => format!("Scan {}", node(*slot)),
            Op::Scan { slot, .. } => format!("Index {}", node(*slot)),
            Op::Test { slot: Some(slot) } => format!("Bound {}", node(*slot)),
            Op::Test { slot: None } => "Filter".to_owned(),
            Op::Expand {
                from,
                to,
                relations,
                way,
                bound,
            } => {
                let word = if *bound { "Check" } else { "Expand" };
                format!(
                    "{word} ({}){}{}",
                    self.slot(*from),
                    self.hop(relations, *way, ""),
                    node(*to)
                )
            }
            Op::Closure {
                from,
                to,
                relations,
                way,
                range,
                bound,
            } => {
                let word = if *bound { "Reaches" } else { "Closure" };
                let max = range.max.map(|max| max.to_string()).unwrap_or_default();
                let walk = format!("{{{},{max}}}", range.min);
                let hop = self.hop(relations, *way, &walk);
                format!("{word} ({}){hop}{}", self.slot(*from), node(*to))
            }
        };
        let index = if step.indexes.is_empty() {
            String::new()
        } else {
            let how = match (&step.op, &step.admit) {
                (Op::Scan { .. }, _) => "by",
                (_, Admit::Bitmap(_)) => "within index",
                _ => "asking index",
            };
            format!(" {how} {}", step.indexes.join(", "))
        };
        let filters = step.filters.iter().map(|filter| printed(self, filter));
        let filters = list(filters, " AND ");
        let filters = if filters.is_empty() {
            filters
        } else {
            format!(" WHERE {filters}")
        };
        format!("{line}{index}{filters}")
    }
}
