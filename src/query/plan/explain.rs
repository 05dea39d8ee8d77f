//! Plans for people: one line an operator, what happens last on top.

use super::access::Admit;
use super::print::{expr as printed, list};
use super::program::{Op, Program, Step};
use crate::graph::Way;
use crate::query::ir::{Blueprints, Clause, Part, Projection, Query, Range, Slot, Walks};
use crate::state::State;
use crate::value::NameId;

/// How a part of a query is answered.
pub(crate) struct PartPlan<'p, 'a> {
    /// What gives the answer without the rows of the pattern, where something does.
    pub(crate) shortcut: Option<&'static str>,
    /// The plan of each clause that has one.
    pub(crate) programs: Vec<Option<&'p Program<'a>>>,
}

/// The lines of a plan, of each part of the query. With `rows`,
/// the number of rows that the query gave, the actual numbers stand beside the estimates.
pub(crate) fn explain(
    state: &State,
    query: &Query,
    plans: &[PartPlan<'_, '_>],
    rows: Option<usize>,
) -> Vec<String> {
    let (mut lines, mut depth) = (Vec::new(), 0);
    let mut of_parts = rows;
    if query.body.parts.len() > 1 {
        let (all, actual) = (if query.body.distinct { "" } else { " ALL" }, actual(rows));
        lines.push(format!("Union{all}{actual}"));
        // How many rows each part gave is not counted.
        (depth, of_parts) = (1, None);
    }
    for (part, plan) in query.body.parts.iter().zip(plans) {
        let plan = part_lines(state, query, (part, plan), (rows.is_some(), of_parts));
        let indented = |(at, line)| format!("{:indent$}{line}", "", indent = (depth + at) * 2);
        lines.extend(plan.into_iter().enumerate().map(indented));
    }
    lines
}

fn part_lines(
    state: &State,
    query: &Query,
    (part, plan): (&Part, &PartPlan<'_, '_>),
    (profile, rows): (bool, Option<usize>),
) -> Vec<String> {
    let names = |projection| Names {
        state,
        query,
        projection,
    };
    let own = names(&part.projection);
    let mut lines = projection(&own, "Project", &part.projection, rows);
    lines.extend(plan.shortcut.map(str::to_owned));
    for (clause, program) in part.clauses.iter().zip(&plan.programs).rev() {
        if let Clause::Optional { .. } = clause {
            lines.push("Optional".to_owned());
        }
        if let Some(program) = program {
            steps(&own, program, profile, &mut lines);
        }
        match clause {
            Clause::Match(_) | Clause::Optional { .. } => {}
            Clause::Unwind { local, list } => {
                let list = printed(&own, list);
                lines.push(format!("Unwind {list} AS {}", own.local(*local)));
            }
            Clause::Let { local, value } => {
                let value = printed(&own, value);
                lines.push(format!("Let {} = {value}", own.local(*local)));
            }
            Clause::Filter(condition) => lines.push(format!("Filter {}", printed(&own, condition))),
            Clause::With {
                projection: with,
                filter,
                ..
            } => {
                if let Some(filter) = filter {
                    lines.push(format!("Filter {}", printed(&own, filter)));
                }
                lines.extend(projection(&names(with), "With", with, None));
            }
        }
    }
    lines
}

fn actual(rows: Option<usize>) -> String {
    rows.map(|rows| format!(" ({rows} actual)"))
        .unwrap_or_default()
}

fn steps(names: &Names<'_>, program: &Program<'_>, profile: bool, to: &mut Vec<String>) {
    for step in program.steps.iter().rev() {
        let actual = if profile {
            format!(", {} actual", step.actual.get())
        } else {
            String::new()
        };
        let estimate = step.estimate.min(1e18).round();
        to.push(format!("{} (~{estimate} rows{actual})", names.step(step)));
    }
    if !program.constant.is_empty() {
        let conditions = program.constant.iter();
        let conditions = list(conditions.map(|filter| printed(names, filter)), " AND ");
        to.push(format!("Once {conditions}"));
    }
}

fn projection(
    names: &Names<'_>,
    word: &str,
    projection: &Projection,
    rows: Option<usize>,
) -> Vec<String> {
    let mut lines = Vec::new();
    let items = projection.items.iter().map(|item| item.name.to_string());
    lines.push(format!("{word} {}{}", list(items, ", "), actual(rows)));
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
    /// The one that the expressions stand in.
    pub(super) projection: &'a Projection,
}

impl Names<'_> {
    /// The variable of a slot; the place of an anonymous one.
    pub(super) fn slot(&self, slot: Slot) -> String {
        match self.query.slot_names.get(usize::from(slot.0)) {
            Some(name) if !name.is_empty() => name.to_string(),
            _ => format!("#{}", slot.0),
        }
    }

    /// The variable of a local.
    pub(super) fn local(&self, local: u16) -> String {
        match self.query.local_names.get(usize::from(local)) {
            Some(name) if !name.is_empty() => name.to_string(),
            _ => format!("local{local}"),
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
                let hop = self.hop(relations, *way, &quantifier(*range));
                format!("{word} ({}){hop}{}", self.slot(*from), node(*to))
            }
            Op::Walk {
                from,
                to,
                relations,
                way,
                range,
                walks,
                bound,
                ..
            } => {
                let word = walked(*walks, *bound);
                let hop = self.hop(relations, *way, &quantifier(*range));
                format!("{word} ({}){hop}{}", self.slot(*from), node(*to))
            }
            Op::Repeat {
                from,
                to,
                range,
                walks,
                bound,
                ..
            } => {
                let (word, times) = (walked(*walks, *bound), quantifier(*range));
                format!("{word} ({})((..)){times}{}", self.slot(*from), node(*to))
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

fn walked(walks: Walks, bound: bool) -> &'static str {
    match (walks, bound) {
        (Walks::Shortest(..), _) => "Shortest",
        (Walks::Set, true) => "Reaches",
        (Walks::Set, false) => "Closure",
        (Walks::All(_), true) => "Walks between",
        (Walks::All(_), false) => "Walks",
    }
}

fn quantifier(range: Range) -> String {
    let max = range.max.map(|max| max.to_string()).unwrap_or_default();
    format!("{{{},{max}}}", range.min)
}
