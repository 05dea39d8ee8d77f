//! Checked expressions as text, near to how they were written.

use super::explain::Names;
use crate::query::ir::{Expr, ExprKind, Read, Subquery, Taking};
use crate::value::Value;

/// The texts in one, between separators.
pub(super) fn list(texts: impl Iterator<Item = String>, separator: &str) -> String {
    texts.collect::<Vec<_>>().join(separator)
}

fn all(names: &Names<'_>, exprs: &[Expr], separator: &str) -> String {
    list(exprs.iter().map(|one| expr(names, one)), separator)
}

/// The text of an expression. The parser bounds how deep expressions nest.
pub(super) fn expr(names: &Names<'_>, of: &Expr) -> String {
    let text = |inner: &Expr| expr(names, inner);
    match &of.kind {
        ExprKind::Literal(Value::String(value)) => format!("'{value}'"),
        ExprKind::Literal(value) => value.to_string(),
        ExprKind::Parameter(at) => {
            let name = names.query.parameters.get(usize::from(*at));
            format!("${}", name.map_or("", |name| name))
        }
        ExprKind::Slot(slot) => names.slot(*slot),
        ExprKind::Local(at) => names.local(*at),
        ExprKind::Read { base, read } => format!("{}.{}", text(base), self::read(names, read)),
        ExprKind::Key(base, key) => format!("{}.{key}", text(base)),
        ExprKind::Index(base, at) => format!("{}[{}]", text(base), text(at)),
        ExprKind::Slice(base, from, to) => {
            let bound =
                |bound: &Option<Box<Expr>>| bound.as_ref().map(|b| text(b)).unwrap_or_default();
            format!("{}[{}..{}]", text(base), bound(from), bound(to))
        }
        ExprKind::List(items) => format!("[{}]", all(names, items, ", ")),
        ExprKind::Map(fields) => {
            let fields = fields
                .iter()
                .map(|(key, value)| format!("{key}: {}", text(value)));
            format!("{{{}}}", list(fields, ", "))
        }
        ExprKind::Not(inner) => format!("NOT {}", text(inner)),
        ExprKind::Negate(inner) => format!("-{}", text(inner)),
        ExprKind::And(items) => format!("({})", all(names, items, " AND ")),
        ExprKind::Or(items) => format!("({})", all(names, items, " OR ")),
        ExprKind::Xor(items) => format!("({})", all(names, items, " XOR ")),
        ExprKind::Compare(operator, a, b) => {
            format!("{} {} {}", text(a), operator.sign(), text(b))
        }
        ExprKind::Arithmetic(operator, a, b) => {
            format!("({} {} {})", text(a), operator.sign(), text(b))
        }
        ExprKind::Test(operator, a, b) => format!("{} {} {}", text(a), operator.word(), text(b)),
        ExprKind::IsNull(inner) => format!("{} IS NULL", text(inner)),
        ExprKind::IsEmpty(inner) => format!("{} IS EMPTY", text(inner)),
        ExprKind::IsBlueprint(inner, blueprints) => {
            format!("{}{}", text(inner), names.blueprints(blueprints))
        }
        ExprKind::Case { .. } => "CASE ..".to_owned(),
        ExprKind::Call(function, items) => {
            format!("{}({})", function.name, all(names, items, ", "))
        }
        ExprKind::Comprehension { list, .. } => format!("[.. IN {} ..]", text(list)),
        ExprKind::Quantified {
            quantifier,
            list,
            filter,
            ..
        } => {
            let word = quantifier.word();
            format!("{word}(.. IN {} WHERE {})", text(list), text(filter))
        }
        ExprKind::Elapsed { from, to, .. } => format!("elapsed({}, {})", text(from), text(to)),
        ExprKind::Outputs(_, generator) => {
            let parts = generator.expressions().into_iter().map(text);
            format!("jq({})", list(parts, " | "))
        }
        ExprKind::Let { body, .. } => text(body),
        ExprKind::Reduce { list, step, .. } => {
            format!("reduce(.. IN {} | {})", text(list), text(step))
        }
        ExprKind::Subquery(taking, _) => {
            let word = match taking {
                Taking::Exists => "exists",
                Taking::Count => "count",
                Taking::List => "list",
                Taking::Fold(function, _) => function.name,
            };
            format!("{} {{ .. }}", word.to_uppercase())
        }
        ExprKind::Exists(subquery) => format!("EXISTS {{ {} }}", self::subquery(names, subquery)),
        ExprKind::Count(subquery, _) => format!("COUNT {{ {} }}", self::subquery(names, subquery)),
        ExprKind::Aggregate(at) => format!("aggregate{at}"),
        ExprKind::Column(at) => {
            let item = names.projection.items.get(*at);
            item.map(|item| item.name.to_string()).unwrap_or_default()
        }
    }
}

fn subquery(names: &Names<'_>, subquery: &Subquery) -> String {
    let nodes = subquery.matches.iter().flat_map(|part| &part.nodes);
    let nodes = nodes.map(|node| {
        format!(
            "({}{})",
            names.slot(node.slot),
            names.blueprints(&node.blueprints)
        )
    });
    list(nodes, ", ")
}

fn read(names: &Names<'_>, read: &Read) -> String {
    let text = |name| names.state.model().names().text(name).to_owned();
    let scorecard = |id| {
        let declared = names.state.model().scorecard(id);
        declared.map_or_else(String::new, |declared| declared.identifier.to_string())
    };
    match read {
        Read::Meta(meta) => meta.name().to_owned(),
        Read::Property(name) | Read::Relation(name) => text(*name),
        Read::Level(id) => format!("$scorecards.{}.level", scorecard(*id)),
        Read::Score(id) => format!("$scorecards.{}.score", scorecard(*id)),
        Read::Column(at) => format!("column {at}"),
        Read::Rules(id) => format!("$scorecards.{}.rules", scorecard(*id)),
        Read::RulePassed(id, at) => format!("$scorecards.{}.rules[{at}].passed", scorecard(*id)),
    }
}
