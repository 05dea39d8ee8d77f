//! Calculation properties: the expression of one, coerced to the type that it is declared to have.

use super::checker::Checker;
use super::{clock, expression, types};
use crate::error::{Error, Result};
use crate::model::{Calculation, Format, Formula, Model, PropertyType};
use crate::query::function;
use crate::query::ir::{Expr, ExprKind, RuleExpr, Type};
use crate::value::{BlueprintId, Value};

/// Checks a calculation property of a blueprint; the result is of its declared type or null.
///
/// # Errors
/// `Syntax` or `Unsupported` with the text of the calculation and where in it.
pub(crate) fn calculation(
    model: &Model,
    blueprint: BlueprintId,
    calculation: &Calculation,
) -> Result<RuleExpr> {
    let mut checked = match &calculation.formula {
        Formula::Jq(text) => jq(model, blueprint, text)?,
        Formula::Expression(text) => expression(text, |tree| {
            let checked = Checker::for_rule(model, blueprint).value(tree)?;
            refuse_other(&checked.expr, calculation)?;
            Ok(checked)
        })?,
    };
    checked.expr = coerced(checked.expr, calculation)?;
    Ok(checked)
}

fn jq(model: &Model, blueprint: BlueprintId, text: &str) -> Result<RuleExpr> {
    let checked = super::jq::expression(model, blueprint, text)?;
    clock::check(&checked).map_err(|error| error.with_text(text))?;
    Ok(checked)
}

/// The type of a calculation's values.
pub(super) fn value_type(calculation: &Calculation) -> Type {
    match calculation.kind {
        PropertyType::Array => types::list_of(
            calculation
                .items()
                .map_or(Type::Any, |(kind, format)| scalar_type(kind, format)),
        ),
        kind => scalar_type(kind, calculation.format),
    }
}

fn scalar_type(kind: PropertyType, format: Option<Format>) -> Type {
    match kind {
        PropertyType::String if is_instant(format) => Type::Instant,
        PropertyType::String => Type::String,
        PropertyType::Number => Type::Number,
        PropertyType::Boolean => Type::Boolean,
        PropertyType::Object => Type::Map,
        PropertyType::Array => types::list_of(Type::Any),
    }
}

const fn is_instant(format: Option<Format>) -> bool {
    matches!(format, Some(Format::DateTime | Format::Timer))
}

/// Refuses an expression that can never yield the declared type.
fn refuse_other(expr: &Expr, calculation: &Calculation) -> Result<()> {
    let fits = match (calculation.kind, &expr.ty) {
        (_, Type::Any | Type::Null)
        | (PropertyType::Number, Type::Number)
        | (PropertyType::Boolean, Type::Boolean)
        | (PropertyType::Array, Type::List(_))
        | (PropertyType::Object, Type::Map)
        | (PropertyType::String, Type::String | Type::Instant | Type::Date) => true,
        (PropertyType::String, Type::Level(_) | Type::Duration) => !is_instant(calculation.format),
        _ => false,
    };
    if fits {
        return Ok(());
    }
    let (name, kind) = (&calculation.name, calculation.kind.name());
    let found = types::described(&expr.ty);
    let message = format!("`{name}` is declared to be of type `{kind}`, and this is {found}");
    Err(Error::syntax(message, expr.span))
}

/// The expression, or null where its value is not of the declared type.
fn coerced(expr: Expr, calculation: &Calculation) -> Result<Expr> {
    let (span, ty) = (expr.span, value_type(calculation));
    let name = |kind: PropertyType, format| {
        if is_instant(format) {
            function::INSTANT
        } else {
            kind.name()
        }
    };
    let constant = |text: &str| Expr {
        kind: ExprKind::Literal(Value::string(text)),
        ty: Type::String,
        span,
    };
    let mut arguments = vec![expr, constant(name(calculation.kind, calculation.format))];
    if let (PropertyType::Array, Some((kind, format))) = (calculation.kind, calculation.items()) {
        arguments.push(constant(name(kind, format)));
    }
    let function = function::internal("as_type")
        .ok_or_else(|| Error::internal("no function coerces to a declared type"))?;
    Ok(Expr {
        kind: ExprKind::Call(function, arguments),
        ty,
        span,
    })
}
