//! What the language has but the typed form cannot say yet, refused by name.

use crate::error::{Error, Result};
use crate::query::syntax::ast::{Hops, NodePattern, Path, RelationPattern};

/// Refuses what a path may carry beyond nodes and relations.
pub(super) fn path(path: &Path) -> Result<()> {
    match path.unsupported {
        Some((what, span)) => Err(Error::unsupported(what, span)),
        None => Ok(()),
    }
}

/// Refuses, in a rule, what tells one path from another.
pub(super) fn path_in_rule(path: &Path) -> Result<()> {
    if let Some(prefix) = &path.prefix {
        let what = format!("the path prefix `{}` in a rule", prefix.text);
        return Err(Error::unsupported(what, prefix.span));
    }
    let relations = path
        .steps
        .iter()
        .filter_map(|(relation, _)| relation.variable.as_ref());
    match path.variable.iter().chain(relations).next() {
        Some(name) => {
            let what = format!("the relation or path variable `{}` in a rule", name.text);
            Err(Error::unsupported(what, name.span).with_help("leave the name out"))
        }
        None => Ok(()),
    }
}

/// Refuses what a node may carry beyond labels, properties and a condition.
pub(super) fn node(node: &NodePattern) -> Result<()> {
    match node.properties_parameter {
        Some(span) => Err(Error::syntax("a parameter in place of properties", span)
            .with_help("write the properties out: `{name: $value}`")),
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
    match (&relation.filter, &relation.hops) {
        (Some(filter), Some(_)) => Err(Error::unsupported(
            "a `WHERE` in a relation with a quantifier",
            filter.span,
        )
        .with_help("put the relation in parentheses: `((a)-[r]->(b) WHERE ..){1,3}`")),
        _ => Ok(()),
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
