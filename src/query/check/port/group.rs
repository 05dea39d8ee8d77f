//! Groups of rules: all or any of them, nested.

use super::make::{self, all};
use super::{Leaf, Scope, operand, operator, path, related, schema};
use crate::error::{Error, ErrorKind, Result, did_you_mean};
use crate::model::{At, Combinator, Fields};
use crate::query::syntax::ast::Expr;

/// How deep groups may nest.
const DEPTH: usize = 32;

/// The key of a group's combinator, and those under either of which its rules stand.
pub(super) const KEYS: [&str; 3] = ["combinator", "rules", "conditions"];

/// The expression of a group and nothing else.
pub(super) fn conditions(scope: &Scope<'_>, at: &At<'_>, leaves: &mut Vec<Leaf>) -> Result<Expr> {
    nested(scope, at, leaves, 0)
}

fn nested(scope: &Scope<'_>, at: &At<'_>, leaves: &mut Vec<Leaf>, depth: usize) -> Result<Expr> {
    if depth > DEPTH {
        let message = format!("conditions nest deeper than {DEPTH} groups");
        return Err(at.place(Error::new(ErrorKind::Limit, message)));
    }
    let mut fields = at.fields()?;
    let group = Group::read(&mut fields)?;
    fields.close("a group of rules", &KEYS)?;
    let mut parts = Vec::with_capacity(group.rules.len());
    for rule in &group.rules {
        parts.push(one(scope, rule, leaves, depth)?);
    }
    Ok(joined(group.combinator, parts))
}

/// What the parts of a group say together; without any it says nothing.
pub(super) fn joined(combinator: Combinator, parts: Vec<Expr>) -> Expr {
    match combinator {
        Combinator::Or if !parts.is_empty() => make::any(parts),
        Combinator::And | Combinator::Or => all(parts),
    }
}

/// The combinator and the rules of a group, unread.
pub(super) struct Group<'a> {
    pub(super) combinator: Combinator,
    pub(super) rules: Vec<At<'a>>,
}

impl<'a> Group<'a> {
    pub(super) fn read(fields: &mut Fields<'a>) -> Result<Self> {
        let combinator = read_combinator(&fields.need("combinator")?)?;
        let rules = match (fields.take("rules"), fields.take("conditions")) {
            (Some(rules), None) | (None, Some(rules)) => rules,
            (None, None) => return Err(fields.at().error("missing `rules`")),
            (Some(_), Some(_)) => {
                let message = "a group has `rules` or `conditions`, not both";
                return Err(fields.at().error(message));
            }
        };
        let rules = rules.array()?.collect();
        Ok(Self { combinator, rules })
    }
}

fn read_combinator(at: &At<'_>) -> Result<Combinator> {
    match at.string()? {
        "and" => Ok(Combinator::And),
        "or" => Ok(Combinator::Or),
        other => {
            let error = at.error(format!("unknown combinator `{}`", other.escape_debug()));
            let help = did_you_mean(other, ["and", "or"]);
            Err(error.with_help(help.unwrap_or_else(|| "use `and` or `or`".to_owned())))
        }
    }
}

/// The expression of a rule, or of a group among rules.
pub(super) fn one(
    scope: &Scope<'_>,
    at: &At<'_>,
    leaves: &mut Vec<Leaf>,
    depth: usize,
) -> Result<Expr> {
    let fields = at.fields()?;
    if KEYS.iter().any(|key| fields.peek(key).is_some()) {
        return nested(scope, at, leaves, depth + 1);
    }
    let expr = leaf(scope, at, fields).map_err(|error| {
        if error.path().is_some() {
            error
        } else {
            at.place(error)
        }
    })?;
    leaves.push(Leaf {
        expr: expr.clone(),
        path: at.path().to_owned(),
    });
    Ok(expr)
}

fn leaf(scope: &Scope<'_>, at: &At<'_>, mut fields: Fields<'_>) -> Result<Expr> {
    let operator = operator::Operator::read(&fields.need("operator")?)?;
    if operator.is_related() {
        return related::tree(scope, &mut fields);
    }
    if let Some(found) = path::Way::read(&fields)? {
        return found.tree(scope, operator, &fields);
    }
    if let Some(schema) = fields.take("propertySchema") {
        return schema::tree(scope, &schema, operator, at);
    }
    let tested = operand::Operand::read(scope, &mut fields)?;
    operator.of(&tested, at)
}
