//! Function calls: the function of a name, its arguments and the type of its result.

use super::checker::Checker;
use super::names::suggest;
use super::types;
use crate::error::{Error, Result, Span};
use crate::query::function::{self, Function};
use crate::query::ir::{Expr, ExprKind, Type};
use crate::query::syntax::ast::{self, Name};

/// What other languages call functions, and what is written here.
const USUAL_NAMES: [(&str, &str); 14] = [
    ("len", "write `size(x)`"),
    ("char_length", "write `size(x)`"),
    (
        "substr",
        "write `substring(text, start, length)`, counted from 0",
    ),
    ("concat", "texts are joined by `||`: `a || b`"),
    ("ifnull", "write `coalesce(a, b)`"),
    ("isnull", "write `a IS NULL`"),
    ("nvl", "write `coalesce(a, b)`"),
    ("if", "write `CASE WHEN condition THEN a ELSE b END`"),
    ("iff", "write `CASE WHEN condition THEN a ELSE b END`"),
    ("mean", "write `avg(x)`"),
    ("average", "write `avg(x)`"),
    ("group_concat", "write `join(collect(x), ', ')`"),
    ("getdate", "write `now()`"),
    (
        "id",
        "an entity is known by `.$identifier` and `.$blueprint`",
    ),
];

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        (name, arguments): (&Name, &[ast::Expr]),
        (distinct, filter): (bool, Option<&ast::Expr>),
        span: Span,
    ) -> Result<Expr> {
        if let Some(aggregate) = function::find_aggregate(&name.text) {
            return self.aggregate(aggregate, arguments, (distinct, filter), span);
        }
        let Some(function) = function::find(&name.text) else {
            let message = format!("there is no function `{}`", name.text);
            if name.text.eq_ignore_ascii_case("exists") {
                return Err(Error::syntax(message, name.span).with_help(EXISTS));
            }
            let usual = |(other, _): &&(&str, &str)| other.eq_ignore_ascii_case(&name.text);
            if let Some((_, ours)) = USUAL_NAMES.iter().find(usual) {
                return Err(Error::syntax(message, name.span).with_help(*ours));
            }
            let known = {
                let aggregates = function::all_aggregates().map(|known| known.name);
                function::all().map(|known| known.name).chain(aggregates)
            };
            return Err(suggest(
                Error::syntax(message, name.span),
                &name.text,
                known,
            ));
        };
        if distinct || filter.is_some() {
            let what = if distinct { "`DISTINCT`" } else { "`FILTER`" };
            let message = format!(
                "{what} goes with aggregates, and `{}` is none",
                function.name
            );
            return Err(Error::syntax(message, span));
        }
        refuse_count(function, arguments.len(), span)?;
        let arguments: Result<Vec<_>> = arguments
            .iter()
            .map(|argument| self.expression(argument))
            .collect();
        let arguments = arguments?;
        refuse_kinds(function, &arguments)?;
        let ty = result(function, &arguments);
        Ok(Expr {
            kind: ExprKind::Call(function, arguments),
            ty,
            span,
        })
    }
}

/// What older Cypher writes as a function.
const EXISTS: &str = "write `EXISTS { (a)-[:relation]->() }`, or `a.property IS NOT NULL`";

fn refuse_count(function: &Function, given: usize, span: Span) -> Result<()> {
    let (least, most) = (function.min_arguments, function.max_arguments);
    if (least..=most).contains(&given) {
        return Ok(());
    }
    let wanted = match (least, most) {
        (1, 1) => "1 argument".to_owned(),
        (least, most) if least == most => format!("{least} arguments"),
        (least, usize::MAX) => format!("{least} or more arguments"),
        (least, most) => format!("{least} to {most} arguments"),
    };
    let message = format!("`{}` takes {wanted}, not {given}", function.name);
    Err(Error::syntax(message, span).with_help(function.signature))
}

/// Refuses an argument of a kind that the signature does not take.
fn refuse_kinds(function: &Function, arguments: &[Expr]) -> Result<()> {
    for (at, argument) in arguments.iter().enumerate() {
        if let Some(wanted) = types::refused_by(function.signature, at, &argument.ty) {
            let (name, found) = (function.name, types::described(&argument.ty));
            let message = format!("`{name}` takes {} {wanted}, not {found}", article(wanted));
            return Err(Error::syntax(message, argument.span).with_help(function.signature));
        }
    }
    Ok(())
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}

/// The type of the result: that of the signature, sharper where it follows from the arguments.
fn result(function: &Function, arguments: &[Expr]) -> Type {
    let first = arguments
        .first()
        .map_or(Type::Null, |argument| argument.ty.clone());
    match function.name {
        "coalesce" => types::common_of(arguments.iter().map(|argument| argument.ty.clone())),
        "head" | "last" => types::element(&first).unwrap_or(Type::Any),
        "tail" | "reverse" => first,
        _ => types::of_signature(function.signature),
    }
}
