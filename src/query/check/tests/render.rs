//! A compact text of the typed form, in which every name is the model's.

use crate::model::Model;
use crate::query::ir::{
    Aggregate, Blueprints, Clause, Direction, Expr, ExprKind, Hop, Match, Node, Part, Projection,
    Query, Range, Read, Relations, Sort, Subquery, Taking, Target, Union, Walks,
};
use crate::value::Value;

pub(super) struct Render<'m>(pub(super) &'m Model);

fn joined(parts: impl IntoIterator<Item = String>, by: &str) -> String {
    parts.into_iter().collect::<Vec<_>>().join(by)
}

impl Render<'_> {
    pub(super) fn query(&self, query: &Query) -> String {
        self.union(&query.body)
    }

    fn union(&self, union: &Union) -> String {
        let by = if union.distinct {
            " union "
        } else {
            " union all "
        };
        joined(union.parts.iter().map(|part| self.part(part)), by)
    }

    fn part(&self, part: &Part) -> String {
        let clauses = part.clauses.iter().map(|clause| self.clause(clause) + " ");
        joined(clauses, "") + &self.projection("return", &part.projection)
    }

    fn clause(&self, clause: &Clause) -> String {
        match clause {
            Clause::Match(matches) => joined(matches.iter().map(|one| self.one_match(one)), " "),
            Clause::Optional { pattern, .. } => format!("optional {}", self.one_match(pattern)),
            Clause::Unwind { local, list } => format!("unwind %{local} in {}", self.expr(list)),
            Clause::Let { local, value } => format!("let %{local}={}", self.expr(value)),
            Clause::Filter(condition) => format!("filter {}", self.expr(condition)),
            Clause::With {
                projection,
                targets,
                filter,
            } => {
                let targets = targets.iter().map(|target| match target {
                    Target::Slot(slot) => slot.0.to_string(),
                    Target::Local(local) => format!("%{local}"),
                });
                let filter = self.optional(" if ", filter.as_ref());
                let with = self.projection("with", projection);
                format!("{with} into {}{filter}", joined(targets, ", "))
            }
        }
    }

    fn one_match(&self, one: &Match) -> String {
        let mut parts = vec![joined(one.nodes.iter().map(|node| self.node(node)), " ")];
        parts.extend(one.hops.iter().map(|hop| self.hop(one, hop)));
        if !one.filters.is_empty() {
            let filters = one.filters.iter().map(|filter| self.expr(filter));
            parts.push(format!("if {}", joined(filters, ", ")));
        }
        for (slot, value) in &one.inputs {
            parts.push(format!("{}={}", slot.0, self.expr(value)));
        }
        for path in &one.paths {
            let hops = path.hops.iter().map(|hop| format!(" {hop}"));
            let (start, mode) = (path.start.0, path.mode);
            parts.push(format!(
                "path %{}={mode:?} {start}{}",
                path.local,
                joined(hops, "")
            ));
        }
        let word = if one.repeatable { "match*" } else { "match" };
        format!("{word} {}", parts.join("; "))
    }

    fn node(&self, node: &Node) -> String {
        let bound = if node.bound { "^" } else { "" };
        format!(
            "{bound}{}:{}",
            node.slot.0,
            self.blueprints(&node.blueprints)
        )
    }

    pub(super) fn blueprints(&self, set: &Blueprints) -> String {
        match set {
            Blueprints::All => "*".to_owned(),
            Blueprints::Some(ids) => {
                let known = self.0.blueprints().filter(|known| ids.contains(&known.id));
                joined(
                    known.map(|known| known.blueprint.identifier.to_string()),
                    "|",
                )
            }
        }
    }

    fn hop(&self, one: &Match, hop: &Hop) -> String {
        let relations = match &hop.relations {
            Relations::All => "*".to_owned(),
            Relations::Some(names) => joined(
                names
                    .iter()
                    .map(|name| self.0.names().text(*name).to_owned()),
                "|",
            ),
        };
        let range = match hop.range {
            Range::ONE => String::new(),
            Range { min, max: None } => format!("{{{min},}}"),
            Range {
                min,
                max: Some(max),
            } => format!("{{{min},{max}}}"),
        };
        let variable = hop.variable.map(|local| format!("%{local}="));
        let walks = match hop.walks {
            Walks::Set => String::new(),
            walks => format!("{walks:?}"),
        };
        let relations = variable.unwrap_or_default() + &relations;
        let range = walks + &range;
        let (from, to) = (one.nodes[hop.from].slot.0, one.nodes[hop.to].slot.0);
        match hop.direction {
            Direction::Outgoing => format!("{from}-{relations}{range}->{to}"),
            Direction::Incoming => format!("{from}<-{relations}{range}-{to}"),
            Direction::Either => format!("{from}-{relations}{range}-{to}"),
        }
    }

    fn projection(&self, word: &str, projection: &Projection) -> String {
        let distinct = if projection.distinct { " distinct" } else { "" };
        let items = projection.items.iter().map(|item| {
            let mark = if item.aggregated { "+" } else { "" };
            format!(" {mark}{}={}", item.name, self.expr(&item.expr))
        });
        let items = joined(items, "");
        let aggregates = projection.aggregates.iter().enumerate();
        let aggregates = aggregates.map(|(at, one)| format!("; @{at}={}", self.aggregate(one)));
        let order = joined(projection.order.iter().map(|sort| self.sort(sort)), ", ");
        let order = if order.is_empty() {
            order
        } else {
            format!("; by {order}")
        };
        let skip = self.optional("; skip ", projection.skip.as_ref());
        let limit = self.optional("; limit ", projection.limit.as_ref());
        format!(
            "{word}{distinct}{items}{}{order}{skip}{limit}",
            joined(aggregates, "")
        )
    }

    fn aggregate(&self, aggregate: &Aggregate) -> String {
        let argument = aggregate
            .argument
            .as_ref()
            .map_or("*".to_owned(), |a| self.expr(a));
        let distinct = if aggregate.distinct { "distinct " } else { "" };
        let filter = aggregate
            .filter
            .as_ref()
            .map(|filter| format!(" if {}", self.expr(filter)));
        format!(
            "{}({distinct}{argument}{})",
            aggregate.function.name,
            filter.unwrap_or_default()
        )
    }

    fn sort(&self, sort: &Sort) -> String {
        let direction = if sort.descending { "desc" } else { "asc" };
        let nulls = if sort.nulls_first {
            "nulls first"
        } else {
            "nulls last"
        };
        format!("{} {direction} {nulls}", self.expr(&sort.expr))
    }

    fn subquery(&self, subquery: &Subquery) -> String {
        joined(subquery.matches.iter().map(|one| self.one_match(one)), " ")
    }

    fn all(&self, all: &[Expr], by: &str) -> String {
        joined(all.iter().map(|one| self.expr(one)), by)
    }

    fn optional(&self, before: &str, expr: Option<&Expr>) -> String {
        expr.map(|expr| format!("{before}{}", self.expr(expr)))
            .unwrap_or_default()
    }

    #[expect(clippy::too_many_lines, reason = "one arm a kind of expression")]
    pub(super) fn expr(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Literal(value) => literal(value),
            ExprKind::Parameter(at) => format!("${at}"),
            ExprKind::Slot(slot) => format!("#{}", slot.0),
            ExprKind::Local(local) => format!("%{local}"),
            ExprKind::Aggregate(at) => format!("@{at}"),
            ExprKind::Column(at) => format!("col{at}"),
            ExprKind::Read { base, read } => format!("{}.{}", self.expr(base), self.read(read)),
            ExprKind::Key(base, key) => format!("{}[.{key}]", self.expr(base)),
            ExprKind::Index(base, index) => format!("{}[{}]", self.expr(base), self.expr(index)),
            ExprKind::Slice(base, from, until) => {
                let (from, until) = (from.as_deref(), until.as_deref());
                let (from, until) = (self.optional("", from), self.optional("", until));
                format!("{}[{from}..{until}]", self.expr(base))
            }
            ExprKind::List(all) => format!("[{}]", self.all(all, ", ")),
            ExprKind::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(k, v)| format!("{k}: {}", self.expr(v)));
                format!("{{{}}}", joined(entries, ", "))
            }
            ExprKind::Not(inner) => format!("not({})", self.expr(inner)),
            ExprKind::Negate(inner) => format!("-({})", self.expr(inner)),
            ExprKind::And(all) => format!("({})", self.all(all, " and ")),
            ExprKind::Or(all) => format!("({})", self.all(all, " or ")),
            ExprKind::Xor(all) => format!("({})", self.all(all, " xor ")),
            ExprKind::Compare(op, a, b) => format!("{op:?}({}, {})", self.expr(a), self.expr(b)),
            ExprKind::Arithmetic(op, a, b) => format!("{op:?}({}, {})", self.expr(a), self.expr(b)),
            ExprKind::Test(op, a, b) => format!("{op:?}({}, {})", self.expr(a), self.expr(b)),
            ExprKind::IsNull(inner) => format!("null({})", self.expr(inner)),
            ExprKind::IsEmpty(inner) => format!("empty({})", self.expr(inner)),
            ExprKind::IsBlueprint(inner, set) => {
                format!("is({}, {})", self.expr(inner), self.blueprints(set))
            }
            ExprKind::Case { arms, otherwise } => {
                let arms = arms
                    .iter()
                    .map(|(a, b)| format!("{}: {}", self.expr(a), self.expr(b)));
                let otherwise = self.optional(", else: ", otherwise.as_deref());
                format!("case({}{otherwise})", joined(arms, ", "))
            }
            ExprKind::Call(function, all) => format!("{}({})", function.name, self.all(all, ", ")),
            ExprKind::Comprehension {
                local,
                list,
                filter,
                map,
            } => {
                let filter = self.optional(" if ", filter.as_deref());
                let map = self.optional(" give ", map.as_deref());
                format!("[%{local} in {}{filter}{map}]", self.expr(list))
            }
            ExprKind::Quantified {
                quantifier,
                local,
                list,
                filter,
            } => {
                let (list, filter) = (self.expr(list), self.expr(filter));
                format!("{quantifier:?}(%{local} in {list} if {filter})")
            }
            ExprKind::Elapsed { from, to, unit } => {
                format!("elapsed({}, {}, {unit})", self.expr(from), self.expr(to))
            }
            ExprKind::Outputs(taken, generator) => {
                let parts = generator.expressions().into_iter().map(|e| self.expr(e));
                format!("{taken:?}({})", joined(parts, " | "))
            }
            ExprKind::Exists(subquery) => format!("exists({})", self.subquery(subquery)),
            ExprKind::Let { local, value, body } => {
                format!("let %{local}={} | {}", self.expr(value), self.expr(body))
            }
            ExprKind::Reduce {
                accumulator,
                start,
                local,
                list,
                step,
            } => format!(
                "reduce(%{accumulator}={}, %{local} in {} | {})",
                self.expr(start),
                self.expr(list),
                self.expr(step)
            ),
            ExprKind::Subquery(taking, query) => {
                let word = match taking {
                    Taking::Exists => "exists".to_owned(),
                    Taking::Count => "count".to_owned(),
                    Taking::List => "list".to_owned(),
                    Taking::Fold(function, distinct) => format!(
                        "{}{}",
                        function.name,
                        if *distinct { " distinct" } else { "" }
                    ),
                };
                format!("{word}({})", self.union(query))
            }
            ExprKind::Count(subquery, None) => format!("count({})", self.subquery(subquery)),
            ExprKind::Count(subquery, Some(slot)) => {
                format!("count(distinct #{} of {})", slot.0, self.subquery(subquery))
            }
        }
    }

    fn read(&self, read: &Read) -> String {
        let name = |name| self.0.names().text(name);
        match read {
            Read::Meta(meta) => meta.name().to_owned(),
            Read::Property(id) => name(*id).to_owned(),
            Read::Relation(id) => format!("->{}", name(*id)),
            Read::Level(id) => format!("level{}", id.0),
            Read::Rules(id) => format!("rules{}", id.0),
            Read::Score(id) => format!("score{}", id.0),
            Read::Column(at) => format!("column{at}"),
            Read::RulePassed(id, rule) => format!("passed{}.{rule}", id.0),
        }
    }
}

/// A constant; an instant, duration or level shows its kind.
fn literal(value: &Value) -> String {
    match value {
        Value::Instant(instant, offset) => format!("t'{}'", instant.text_at(*offset)),
        Value::Date(date) => format!("t'{date}'"),
        Value::Duration(duration) => format!("d'{duration}'"),
        Value::Level(level) => format!("{}~{}", level.title, level.rank),
        Value::String(text) => format!("'{text}'"),
        Value::List(values) => format!("[{}]", joined(values.iter().map(literal), ", ")),
        other => other.to_string(),
    }
}
