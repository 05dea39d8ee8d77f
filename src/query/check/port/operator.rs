//! Port's operators: what each says of an operand and a value.

use super::make::{
    any, compare, expr, literal, missing, missing_or, name, not, test, truth, variable,
};
use super::operand::{Operand, Shape};
use super::value::{self, Given, Place};
use super::{preset, refused};
use crate::error::{Error, Result};
use crate::model::At;
use crate::query::check::names;
use crate::query::syntax::ast::{Comparison, Expr, ExprKind, Quantifier, Test};
use crate::value::Value;

/// What an operator says, without its negation.
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
    Related,
    MatchAny,
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
    ("relatedTo", Plain::Related, false),
    ("matchAny", Plain::MatchAny, false),
];

/// One of Port's operators.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operator {
    pub(super) name: &'static str,
    plain: Plain,
    pub(super) negated: bool,
}

impl Operator {
    pub(super) fn read(at: &At<'_>) -> Result<Self> {
        let written = at.string()?;
        let found = OPERATORS.iter().find(|(known, ..)| *known == written);
        let Some((name, plain, negated)) = found else {
            let message = format!("there is no operator `{}`", written.escape_debug());
            let known = OPERATORS.iter().map(|(known, ..)| *known);
            return Err(names::suggest(Error::invalid(message), written, known));
        };
        let (plain, negated) = (*plain, *negated);
        Ok(Self {
            name,
            plain,
            negated,
        })
    }

    pub(super) fn is_related(self) -> bool {
        self.plain == Plain::Related
    }

    pub(super) fn is_match_any(self) -> bool {
        self.plain == Plain::MatchAny
    }

    /// What a rule with this operator says of its operand.
    pub(super) fn of(self, operand: &Operand, rule: &At<'_>) -> Result<Expr> {
        let fields = rule.fields()?;
        if self.plain == Plain::Empty {
            let turned = fields.peek("not").is_some_and(|not| not.json() == true);
            let empty = expr(ExprKind::IsEmpty(Box::new(operand.whole.clone())));
            return Ok(if self.negated == turned {
                empty
            } else {
                not(empty)
            });
        }
        let value = fields.peek("value");
        let place = Place {
            operand: &operand.name,
            operator: self.name,
        };
        if self.plain == Plain::Equal && value.is_none() {
            let missing = match operand.shape {
                Shape::Many => expr(ExprKind::IsEmpty(Box::new(operand.whole.clone()))),
                Shape::One | Shape::List | Shape::Status => missing(operand.tested.clone()),
            };
            return Ok(if self.negated { not(missing) } else { missing });
        }
        let positive = self.positive(operand, value.as_ref(), place)?;
        Ok(if self.negated {
            negative(operand, positive)
        } else {
            positive
        })
    }

    fn positive(self, operand: &Operand, value: Option<&At<'_>>, place: Place<'_>) -> Result<Expr> {
        let tested = || operand.tested.clone();
        if self.plain == Plain::Expired {
            return Ok(preset::expired(&operand.tested));
        }
        let value =
            value.ok_or_else(|| Error::invalid(format!("`{}` needs a `value`", self.name)))?;
        let json = value.json();
        if matches!(self.plain, Plain::Between | Plain::Equal) {
            if let Some(within) = preset::within(&operand.tested, json)? {
                return Ok(within);
            }
            if self.plain == Plain::Between || value::is_range(json) {
                let (low, high) = value::bounds(json, place)?;
                return Ok(between(tested(), low, high));
            }
        }
        if operand.shape == Shape::Status {
            return self.status(&operand.tested, json, place);
        }
        let one = |place: Place<'_>| value::Wanted::of(self.takes(), place).read(json);
        match (self.plain, one(place)?) {
            (Plain::Equal | Plain::MatchAny, given) => Ok(equal(operand, given)),
            (Plain::Order(comparison), given) => {
                Ok(compare(comparison, tested(), given.single(place)?))
            }
            (Plain::Text(kind), given) => Ok(text(operand, kind, given.single(place)?)),
            (Plain::Contains, Given::Several(list)) => Ok(test(Test::ContainsAny, tested(), list)),
            (Plain::Contains, given) => Ok(test(Test::Contains, tested(), given.single(place)?)),
            (Plain::ContainsAny, given) => Ok(test(Test::ContainsAny, tested(), given.listed())),
            (Plain::In, given) => Ok(within_list(operand, given)),
            (Plain::Between | Plain::Expired | Plain::Empty | Plain::Related, _) => {
                Err(refused(&format!("the operator `{}` here", self.name)))
            }
        }
    }

    const fn takes(self) -> value::Kind {
        match self.plain {
            Plain::Order(_) => value::Kind::Ordered,
            Plain::Text(_) => value::Kind::Text,
            Plain::Contains => value::Kind::Scalar,
            Plain::ContainsAny | Plain::In => value::Kind::List,
            Plain::MatchAny => value::Kind::Identifiers,
            Plain::Equal | Plain::Between | Plain::Expired | Plain::Empty | Plain::Related => {
                value::Kind::Plain
            }
        }
    }

    /// How the status of a scorecard's rule compares, which Port writes as a word.
    fn status(self, passed: &Expr, json: &serde_json::Value, place: Place<'_>) -> Result<Expr> {
        let wanted = match (self.plain, json.as_array()) {
            (Plain::Equal, None) => vec![value::passed(json, place)?],
            (Plain::In, Some(several)) => {
                let several = several.iter().map(|one| value::passed(one, place));
                several.collect::<Result<_>>()?
            }
            _ => {
                let operator = self.name;
                let error = refused(&format!("`{operator}` on the status of a rule"));
                return Err(error.with_help("use `=`, `!=`, `in`, `notIn`, `isEmpty`"));
            }
        };
        let is = |wanted| compare(Comparison::Equal, passed.clone(), truth(wanted));
        Ok(any(wanted.into_iter().map(is).collect()))
    }
}

/// What holds wherever something does not hold of an operand.
fn negative(operand: &Operand, positive: Expr) -> Expr {
    let turned = match positive.kind {
        ExprKind::Compare(Comparison::Equal, left, right) => {
            expr(ExprKind::Compare(Comparison::NotEqual, left, right))
        }
        kind => not(expr(kind)),
    };
    missing_or(operand.tested.clone(), turned)
}

/// `=`: of a relation to many and of teams, one of them is meant.
fn equal(operand: &Operand, given: Given) -> Expr {
    let tested = operand.tested.clone();
    match (operand.shape, given) {
        (Shape::One | Shape::List | Shape::Status, Given::One(value)) => {
            compare(Comparison::Equal, tested, value)
        }
        (Shape::Many, Given::One(value)) if matches!(value.kind, ExprKind::List(_)) => {
            compare(Comparison::Equal, tested, value)
        }
        (Shape::Many, Given::One(value) | Given::Open(value)) => {
            test(Test::Contains, tested, value)
        }
        (_, Given::Open(value)) => compare(Comparison::Equal, tested, value),
        (_, given @ Given::Several(_)) => within_list(operand, given),
    }
}

fn within_list(operand: &Operand, given: Given) -> Expr {
    let of_several = match operand.shape {
        Shape::Many => true,
        // A constant list under an array property is a mistake that the check explains.
        Shape::List => !matches!(given, Given::One(_)),
        Shape::One | Shape::Status => false,
    };
    let (tested, list) = (operand.tested.clone(), given.listed());
    if of_several {
        test(Test::ContainsAny, tested, list)
    } else {
        test(Test::In, tested, list)
    }
}

/// `beginsWith` and `endsWith`; of a relation to many, one of the texts is meant.
fn text(operand: &Operand, kind: Test, part: Expr) -> Expr {
    if operand.shape != Shape::Many {
        return test(kind, operand.tested.clone(), part);
    }
    expr(ExprKind::Quantified {
        quantifier: Quantifier::Any,
        variable: name("text"),
        list: Box::new(operand.tested.clone()),
        filter: Box::new(test(kind, variable("text"), part)),
    })
}

fn between(operand: Expr, low: Value, high: Value) -> Expr {
    let (low, high) = (Box::new(literal(low)), Box::new(literal(high)));
    let value = Box::new(operand);
    expr(ExprKind::Between { value, low, high })
}
