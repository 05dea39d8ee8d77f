//! Port's conditions to expressions of the language.
//!
//! Negated operators match missing values: they hold wherever the plain operator does not
//! (Port: "all results that fail to satisfy the check").

use super::checker::Checker;
use super::pattern::boolean;
use super::port_value::{self, bounds, list, ordered, plain, scalar, text};
use super::{names, port_preset, print};
use crate::error::{Error, ErrorKind, Result, Span};
use crate::model::{Combinator, Condition, Conditions};
use crate::query::ir;
use crate::query::syntax::ast::{Comparison, Expr, ExprKind, Name, Test};
use crate::value::Value;

/// How deep groups may nest.
const DEPTH: usize = 32;
const NOWHERE: Span = Span::new(0, 0);

/// What an operator of Port's does, without its negation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plain {
    Equal,
    Order(Comparison),
    Text(Test),
    Contains,
    ContainsAny,
    In,
    Between,
    Expired,
    Empty,
    /// Known, but refused.
    Refused,
}

/// Port's operators: name, meaning, and whether it is negated.
const OPERATORS: [(&str, Plain, bool); 23] = [
    ("=", Plain::Equal, false),
    ("!=", Plain::Equal, true),
    (">", Plain::Order(Comparison::Greater), false),
    (">=", Plain::Order(Comparison::GreaterOrEqual), false),
    ("<", Plain::Order(Comparison::Less), false),
    ("<=", Plain::Order(Comparison::LessOrEqual), false),
    ("contains", Plain::Contains, false),
    ("doesNotContains", Plain::Contains, true),
    ("containsAny", Plain::ContainsAny, false),
    ("beginsWith", Plain::Text(Test::StartsWith), false),
    ("doesNotBeginsWith", Plain::Text(Test::StartsWith), true),
    ("endsWith", Plain::Text(Test::EndsWith), false),
    ("doesNotEndsWith", Plain::Text(Test::EndsWith), true),
    ("in", Plain::In, false),
    ("notIn", Plain::In, true),
    ("between", Plain::Between, false),
    ("notBetween", Plain::Between, true),
    ("isEmpty", Plain::Empty, false),
    ("isNotEmpty", Plain::Empty, true),
    ("isExpired", Plain::Expired, false),
    ("isNotExpired", Plain::Expired, true),
    ("relatedTo", Plain::Refused, false),
    ("matchAny", Plain::Refused, false),
];

/// The expression that conditions stand for.
pub(super) fn tree(conditions: &Conditions) -> Result<Expr> {
    fold(
        conditions,
        &mut |condition, _| leaf(condition),
        &|combinator, all| match combinator {
            Combinator::And => expr(ExprKind::And(all)),
            Combinator::Or => expr(ExprKind::Or(all)),
        },
        &|| expr(ExprKind::Literal(Value::Bool(true))),
        "",
        0,
    )
}

impl Checker<'_> {
    /// Checks Port's conditions, each with its path in the errors.
    pub(super) fn port_rule(mut self, conditions: &Conditions) -> Result<ir::RuleExpr> {
        let group = |combinator, all| match combinator {
            Combinator::And => boolean(ir::ExprKind::And(all), NOWHERE),
            Combinator::Or => boolean(ir::ExprKind::Or(all), NOWHERE),
        };
        let always = || boolean(ir::ExprKind::Literal(Value::Bool(true)), NOWHERE);
        let mut check = |condition: &Condition, path: &str| self.port_condition(condition, path);
        let checked = fold(conditions, &mut check, &group, &always, "", 0)?;
        Ok(self.finished_rule(checked))
    }

    fn port_condition(&mut self, condition: &Condition, path: &str) -> Result<ir::Expr> {
        let tree = leaf(condition).map_err(|error| error.with_path(path))?;
        self.condition(&tree, "a rule").map_err(|error| {
            let text = print::expression(&tree);
            let (subject, operator) = words(condition);
            error
                .context(format!("`{subject}` with `{operator}`"))
                .with_span(Span::new(0, text.len()))
                .with_text(&text)
                .with_path(path)
        })
    }
}

/// Goes over conditions and puts together what each gives.
fn fold<T>(
    conditions: &Conditions,
    one: &mut impl FnMut(&Condition, &str) -> Result<T>,
    group: &impl Fn(Combinator, Vec<T>) -> T,
    always: &impl Fn() -> T,
    path: &str,
    depth: usize,
) -> Result<T> {
    if depth > DEPTH {
        let message = format!("conditions nest deeper than {DEPTH} groups");
        return Err(Error::new(ErrorKind::Limit, message).with_path(path));
    }
    let mut all = Vec::with_capacity(conditions.conditions.len());
    for (at, condition) in conditions.conditions.iter().enumerate() {
        let path = format!("{path}/conditions/{at}");
        all.push(match condition {
            Condition::Group(inner) => fold(inner, one, group, always, &path, depth + 1)?,
            Condition::Test { .. } => one(condition, &path)?,
        });
    }
    Ok(match (all.len(), all.pop()) {
        (_, None) => always(),
        (1, Some(only)) => only,
        (_, Some(last)) => {
            all.push(last);
            group(conditions.combinator, all)
        }
    })
}

fn words(condition: &Condition) -> (&str, &str) {
    match condition {
        Condition::Test {
            property, operator, ..
        } => (property, operator),
        Condition::Group(_) => ("", ""),
    }
}

/// The expression of one condition.
fn leaf(condition: &Condition) -> Result<Expr> {
    let Condition::Test {
        property,
        relation,
        operator,
        value,
        definition,
    } = condition
    else {
        return Err(Error::internal(
            "a group of conditions where one was expected",
        ));
    };
    let Some((_, plain, negated)) = OPERATORS.iter().find(|(known, ..)| known == operator) else {
        let message = format!("there is no operator `{operator}`");
        let known = OPERATORS.iter().map(|(known, ..)| *known);
        return Err(names::suggest(Error::invalid(message), operator, known));
    };
    // Port's other way to say `"relation"`.
    let (property, relation) = match property.strip_prefix("$relation.") {
        Some(name) => (name, true),
        None => (&**property, *relation),
    };
    let this = expr(ExprKind::Variable("this".into()));
    // A property may have the name of a relation, and bare it would win.
    let this = if relation {
        member(this, "$relations")
    } else {
        this
    };
    let entity = member(this, property);
    let flag = |name: &str| definition.get(name).and_then(serde_json::Value::as_bool);
    if *plain == Plain::Empty {
        let negated = *negated != flag("not").unwrap_or(false);
        let empty = expr(ExprKind::IsEmpty(Box::new(entity)));
        return Ok(if negated { not(empty) } else { empty });
    }
    let operand = if relation {
        let target = definition
            .get("targetProperty")
            .and_then(serde_json::Value::as_str);
        member(entity, target.unwrap_or("$identifier"))
    } else {
        entity
    };
    let place = port_value::Place { property, operator };
    if matches!(plain, Plain::Between | Plain::Equal)
        && let Some(within) = port_preset::within(&operand, value)?
    {
        return Ok(if *negated {
            missing_or(operand, not(within))
        } else {
            within
        });
    }
    place.refuse_references(value)?;
    if *plain == Plain::Equal {
        return equality(operand, *negated, value, place);
    }
    let is_list = !relation && property == "$team";
    let positive = positive(*plain, operand.clone(), is_list, value, place)?;
    Ok(if *negated {
        missing_or(operand, not(positive))
    } else {
        positive
    })
}

/// `=` and `!=`, to which a null value means missing, and a range means `between`.
fn equality(
    operand: Expr,
    negated: bool,
    value: &serde_json::Value,
    place: port_value::Place<'_>,
) -> Result<Expr> {
    if value.is_null() {
        let missing = expr(ExprKind::IsNull(Box::new(operand)));
        return Ok(if negated { not(missing) } else { missing });
    }
    if value.is_object() {
        let (low, high) = bounds(value, place)?;
        let within = between(operand.clone(), low, high);
        return Ok(if negated {
            missing_or(operand, not(within))
        } else {
            within
        });
    }
    let comparison = if negated {
        Comparison::NotEqual
    } else {
        Comparison::Equal
    };
    let constant = literal(plain(value, place)?);
    let compared = expr(ExprKind::Compare(
        comparison,
        Box::new(operand.clone()),
        Box::new(constant),
    ));
    Ok(if negated {
        missing_or(operand, compared)
    } else {
        compared
    })
}

/// What an operator says before it is negated.
fn positive(
    plain: Plain,
    operand: Expr,
    is_list: bool,
    value: &serde_json::Value,
    place: port_value::Place<'_>,
) -> Result<Expr> {
    let test = |operand, test, value| {
        expr(ExprKind::Test(
            test,
            Box::new(operand),
            Box::new(literal(value)),
        ))
    };
    match plain {
        Plain::Order(comparison) => {
            let constant = Box::new(literal(ordered(value, place)?));
            Ok(expr(ExprKind::Compare(
                comparison,
                Box::new(operand),
                constant,
            )))
        }
        Plain::Text(kind) => Ok(test(operand, kind, text(value, place)?)),
        Plain::Contains => Ok(test(operand, Test::Contains, scalar(value, place)?)),
        Plain::ContainsAny => Ok(test(operand, Test::ContainsAny, list(value, place)?)),
        Plain::In if is_list => Ok(test(operand, Test::ContainsAny, list(value, place)?)),
        Plain::In => Ok(test(operand, Test::In, list(value, place)?)),
        Plain::Between => {
            let (low, high) = bounds(value, place)?;
            Ok(between(operand, low, high))
        }
        Plain::Expired => Ok(port_preset::expired(&operand)),
        Plain::Refused | Plain::Equal | Plain::Empty => Err(port_value::refused(&format!(
            "the operator `{}`",
            place.operator
        ))),
    }
}

fn between(operand: Expr, low: Value, high: Value) -> Expr {
    let (low, high) = (Box::new(literal(low)), Box::new(literal(high)));
    expr(ExprKind::Between {
        value: Box::new(operand),
        low,
        high,
    })
}

fn missing_or(operand: Expr, otherwise: Expr) -> Expr {
    expr(ExprKind::Or(vec![
        expr(ExprKind::IsNull(Box::new(operand))),
        otherwise,
    ]))
}

fn not(inner: Expr) -> Expr {
    expr(ExprKind::Not(Box::new(inner)))
}

/// A constant as the parser gives it, so that a printed tree parses to itself.
fn literal(value: Value) -> Expr {
    match value {
        Value::List(values) => expr(ExprKind::List(
            values.iter().cloned().map(literal).collect(),
        )),
        value => expr(ExprKind::Literal(value)),
    }
}

fn member(base: Expr, name: &str) -> Expr {
    let name = Name {
        text: name.into(),
        span: NOWHERE,
    };
    expr(ExprKind::Property(Box::new(base), name))
}

pub(super) const fn expr(kind: ExprKind) -> Expr {
    Expr {
        kind,
        span: NOWHERE,
    }
}
