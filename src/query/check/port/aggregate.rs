//! A body of Port's aggregation to a query of one row, or for `countValues` of one a value.

use super::make::{NOWHERE, all, call, compare, expr, literal, member, missing, name, not, this};
use super::operand::Operand;
use super::search::{Question, Subject, item, projection, sort_by};
use super::{Scope, refused};
use crate::error::Result;
use crate::model::{AggregationFunction, Fields, Meta, Model, Period, Specification};
use crate::query::syntax::ast::{Arithmetic, Comparison, Expr, ExprKind, Projection};
use crate::value::{Duration, Value};

const KEYS: [&str; 14] = [
    "func",
    "calculationBy",
    "property",
    "relation",
    "scorecard",
    "averageOf",
    "measureTimeBy",
    "percentile",
    "calculationSpec",
    "query",
    "combinator",
    "rules",
    "conditions",
    "blueprint",
];

const COUNT_VALUES: &str = "countValues";

/// The query of an aggregation.
pub(super) fn question(model: &Model, mut fields: Fields<'_>) -> Result<Question> {
    let mut subject = Subject::read(model, &mut fields)?;
    let counts_values = fields
        .peek("func")
        .is_some_and(|func| func.json() == COUNT_VALUES);
    if counts_values {
        let returns = counted(&subject.scope, &mut fields)?;
        for taken in ["func", "calculationBy"] {
            fields.take(taken);
        }
        fields.close("an aggregation", &KEYS)?;
        return Ok(subject.question(returns));
    }
    let place = match fields.take("calculationSpec") {
        Some(specification) => specification,
        None => fields.at().clone(),
    };
    let specification = Specification::read(&place)?;
    let returns = returned(&mut subject, &specification);
    let returns = returns.map_err(|error| place.place(error))?;
    Ok(subject.question(returns))
}

/// How many entities have each value of something, the most first.
fn counted(scope: &Scope<'_>, fields: &mut Fields<'_>) -> Result<Projection> {
    let operand = Operand::read(scope, fields)?;
    let count = expr(ExprKind::CountStar { filter: None });
    let mut returns = projection(vec![item(operand.tested, "value"), item(count, "count")]);
    let column = |text: &str| expr(ExprKind::Variable(text.into()));
    returns.order = vec![
        sort_by(column("count"), true),
        sort_by(column("value"), false),
    ];
    Ok(returns)
}

/// What an aggregation returns, under the name of its function.
fn returned(subject: &mut Subject<'_>, specification: &Specification) -> Result<Projection> {
    use AggregationFunction as F;
    let property = specification.property.as_deref();
    let value = || property.map(|property| member(this(), property));
    let time = || {
        let time = specification.measure_time_by.as_deref();
        member(this(), time.unwrap_or_else(|| Meta::CreatedAt.name()))
    };
    let of = |function: &str| call(function, value().into_iter().collect());
    let result = match specification.function {
        F::Count => expr(ExprKind::CountStar { filter: None }),
        F::Sum => of("sum"),
        F::Average => of("avg"),
        F::Min => of("min"),
        F::Max => of("max"),
        F::Median => of("median"),
        F::DistinctCount => expr(ExprKind::Call {
            name: name("count"),
            distinct: true,
            arguments: value().into_iter().collect(),
            filter: None,
        }),
        F::Percentile(hundredths) => {
            let share = literal(Value::Float(hundredths / 100.0));
            call(
                "percentileDisc",
                value().into_iter().chain([share]).collect(),
            )
        }
        F::AveragePer(period) => {
            subject.require(all(vec![not(missing(time()))]));
            let total = match value() {
                Some(_) => of("sum"),
                None => expr(ExprKind::CountStar { filter: None }),
            };
            per_period(total, &time(), period)?
        }
        F::First | F::Last => {
            let present = value().into_iter().chain([time()]);
            subject.require(all(present.map(|one| not(missing(one))).collect()));
            let value = value().unwrap_or_else(this);
            let mut returns = projection(vec![item(value, specification.function.name())]);
            let descending = specification.function == F::Last;
            returns.order = vec![sort_by(time(), descending)];
            returns.limit = Some(literal(Value::Int(1)));
            return Ok(returns);
        }
    };
    Ok(projection(vec![item(
        result,
        specification.function.name(),
    )]))
}

/// A total by the periods that have begun between the first and the last point in time; at least
/// one where there is any.
fn per_period(total: Expr, time: &Expr, period: Period) -> Result<Expr> {
    let (months, micros) = match period {
        Period::Hour => (0, HOUR),
        Period::Day => (0, 24 * HOUR),
        Period::Week => (0, 7 * 24 * HOUR),
        Period::Month => {
            let error = refused("an average by calendar months");
            return Err(error.with_help("use `hour`, `day` or `week`"));
        }
    };
    let ends = ["max", "min"].map(|end| call(end, vec![time.clone()]));
    let [last, first] = ends;
    let span = arithmetic(Arithmetic::Subtract, last, first);
    let length = expr(ExprKind::Literal(Value::Duration(Duration::new(
        months, micros,
    ))));
    let begun = call("ceil", vec![arithmetic(Arithmetic::Divide, span, length)]);
    let one = || literal(Value::Float(1.0));
    let some = compare(Comparison::LessOrEqual, begun.clone(), one());
    let periods = expr(ExprKind::Case {
        operand: None,
        arms: vec![(vec![some], one())],
        otherwise: Some(Box::new(begun)),
    });
    Ok(arithmetic(Arithmetic::Divide, total, periods))
}

const HOUR: i64 = 60 * 60 * 1_000_000;

fn arithmetic(operator: Arithmetic, left: Expr, right: Expr) -> Expr {
    let (left, right) = (Box::new(left), Box::new(right));
    let kind = ExprKind::Arithmetic(operator, left, right);
    Expr {
        kind,
        span: NOWHERE,
    }
}
