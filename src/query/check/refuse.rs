//! What the language has but the typed form cannot say yet, refused by name.

use crate::error::{Error, Result, Span};
use crate::query::syntax::ast::{
    Clause, ClauseKind, Hops, NodePattern, Path, Query, RelationPattern,
};

/// Refuses a clause that is not a plain `MATCH`.
pub(super) fn clause(clause: &Clause) -> Error {
    let name = match &clause.kind {
        ClauseKind::Match(_) => "OPTIONAL MATCH",
        ClauseKind::Unwind { .. } => "UNWIND",
        ClauseKind::For { .. } => "FOR",
        ClauseKind::Let(_) => "LET",
        ClauseKind::Filter(_) => "FILTER",
        ClauseKind::With { .. } => "WITH",
    };
    Error::unsupported(format!("`{name}`"), clause.span)
}

/// Refuses what stands around the first part of a query.
pub(super) fn around(query: &Query) -> Result<()> {
    if let Some(as_of) = &query.as_of {
        return Err(Error::unsupported("`AS OF`", as_of.span));
    }
    match query.unions.first() {
        Some((union, _)) => Err(Error::unsupported("`UNION`", union.span)),
        None => Ok(()),
    }
}

/// Refuses what a path may carry beyond nodes and relations.
pub(super) fn path(path: &Path) -> Result<()> {
    if let Some((what, span)) = path.unsupported {
        return Err(Error::unsupported(what, span));
    }
    if let Some(prefix) = &path.prefix {
        return Err(
            Error::unsupported(format!("the path prefix `{}`", prefix.text), prefix.span)
                .with_help("without a prefix a walk gives the set of entities it reaches"),
        );
    }
    match &path.variable {
        Some(name) => Err(Error::unsupported(
            format!("the path variable `{}`", name.text),
            name.span,
        )),
        None => Ok(()),
    }
}

/// Refuses what a node may carry beyond labels, properties and a condition.
pub(super) fn node(node: &NodePattern) -> Result<()> {
    match node.properties_parameter {
        Some(span) => Err(
            Error::unsupported("a parameter in place of properties", span)
                .with_help("write the properties out: `{name: $value}`"),
        ),
        None => Ok(()),
    }
}

/// Refuses what a relation may carry beyond labels and a quantifier.
pub(super) fn relation(relation: &RelationPattern) -> Result<()> {
    if let Some(span) = relation.properties {
        return Err(Error::syntax(
            "relations have no properties; model it as a blueprint",
            span,
        ));
    }
    if let Some(filter) = &relation.filter {
        return Err(Error::unsupported("a `WHERE` in a relation", filter.span)
            .with_help("put the condition on the nodes at its ends"));
    }
    match &relation.variable {
        Some(name) => Err(Error::unsupported(
            format!("the relation variable `{}`", name.text),
            name.span,
        )
        .with_help("relations have no properties; leave the variable out")),
        None => Ok(()),
    }
}

/// The longest walk of a fixed length that a rule may hold.
const RULE_HOPS: u32 = 8;

/// Refuses, in a rule, a quantifier that is not a small fixed number.
pub(super) fn hops_in_rule(hops: &Hops) -> Result<()> {
    let fixed = hops.max == Some(hops.min) && (1..=RULE_HOPS).contains(&hops.min);
    if !fixed {
        return Err(
            Error::unsupported("a variable or long walk in a rule", hops.span).with_help(format!(
                "write a fixed number of hops, at most {RULE_HOPS}: `{{2}}`"
            )),
        );
    }
    Ok(())
}

/// Refuses an expression by what it is called.
pub(super) fn expression<T>(what: &str, span: Span) -> Result<T> {
    Err(Error::unsupported(what, span))
}
