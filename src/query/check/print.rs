//! Expressions back to text, with no more parentheses than needed; the text parses to the same tree.

use super::print_pattern as pattern;
use super::print_value::{is_word, quote, write_name, write_value, write_variable};
use crate::query::ir::Test;
use crate::query::syntax::ast::{Arithmetic, Expr, ExprKind, Name, ShapeItem};
use crate::value::Value;

/// How tightly an expression binds, loosest first (openCypher CIP2021-08-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Binding {
    Or,
    Xor,
    And,
    Not,
    Compare,
    Test,
    Add,
    Multiply,
    Power,
    Unary,
    Postfix,
    Primary,
}

/// The text of an expression.
pub(super) fn expression(expr: &Expr) -> String {
    let mut out = String::new();
    write(&mut out, expr, Binding::Or);
    out
}

/// Writes an expression where one that binds at least as tightly is wanted.
pub(super) fn write(out: &mut String, expr: &Expr, least: Binding) {
    if binding(expr) < least {
        out.push('(');
        write_bare(out, expr);
        out.push(')');
    } else {
        write_bare(out, expr);
    }
}

fn binding(expr: &Expr) -> Binding {
    match &expr.kind {
        ExprKind::Or(_) => Binding::Or,
        ExprKind::Xor(_) => Binding::Xor,
        ExprKind::And(_) => Binding::And,
        ExprKind::Not(inner) if negated(inner).is_some() => Binding::Test,
        ExprKind::Not(_) => Binding::Not,
        ExprKind::Compare(..) => Binding::Compare,
        ExprKind::Test(..)
        | ExprKind::Between { .. }
        | ExprKind::IsNull(_)
        | ExprKind::IsEmpty(_) => Binding::Test,
        ExprKind::Arithmetic(operator, ..) => arithmetic_binding(*operator).0,
        ExprKind::Negate(_) => Binding::Unary,
        ExprKind::Literal(Value::Int(whole)) if *whole < 0 => Binding::Unary,
        ExprKind::Literal(Value::Float(number)) if number.is_sign_negative() => Binding::Unary,
        ExprKind::Property(..)
        | ExprKind::Index(..)
        | ExprKind::Slice(..)
        | ExprKind::Shape(..)
        | ExprKind::HasLabels(..) => Binding::Postfix,
        ExprKind::Literal(_)
        | ExprKind::Parameter(_)
        | ExprKind::Variable(_)
        | ExprKind::List(_)
        | ExprKind::Map(_)
        | ExprKind::Case { .. }
        | ExprKind::Call { .. }
        | ExprKind::CountStar { .. }
        | ExprKind::Exists(_)
        | ExprKind::Aggregate { .. }
        | ExprKind::PatternPredicate(_)
        | ExprKind::Comprehension { .. }
        | ExprKind::PatternComprehension { .. }
        | ExprKind::Quantified { .. }
        | ExprKind::Reduce { .. } => Binding::Primary,
    }
}

/// The binding of an arithmetic operator, and that of its right operand: all are left-associative.
const fn arithmetic_binding(operator: Arithmetic) -> (Binding, Binding) {
    match operator {
        Arithmetic::Add | Arithmetic::Subtract | Arithmetic::Concatenate => {
            (Binding::Add, Binding::Multiply)
        }
        Arithmetic::Multiply | Arithmetic::Divide | Arithmetic::Modulo => {
            (Binding::Multiply, Binding::Power)
        }
        Arithmetic::Power => (Binding::Power, Binding::Unary),
    }
}

fn write_bare(out: &mut String, expr: &Expr) {
    match &expr.kind {
        ExprKind::Literal(value) => write_value(out, value),
        ExprKind::Parameter(name) => {
            out.push('$');
            if name.is_empty() || !name.chars().all(is_word) {
                quote(out, name);
            } else {
                out.push_str(name);
            }
        }
        ExprKind::Variable(name) => write_variable(out, name),
        ExprKind::List(items) => bracketed(out, ('[', ']'), items),
        ExprKind::Map(entries) => write_map(out, entries),
        ExprKind::Property(base, name) => {
            write(out, base, Binding::Postfix);
            out.push('.');
            write_name(out, &name.text);
        }
        ExprKind::Index(base, index) => {
            write(out, base, Binding::Postfix);
            bracketed(out, ('[', ']'), std::slice::from_ref(&**index));
        }
        ExprKind::Slice(base, from, until) => {
            write(out, base, Binding::Postfix);
            out.push('[');
            for (bound, after) in [(from, " .. "), (until, "")] {
                if let Some(bound) = bound {
                    write(out, bound, Binding::Or);
                }
                out.push_str(after);
            }
            out.push(']');
        }
        ExprKind::Shape(base, items) => write_shape(out, base, items),
        ExprKind::Not(inner) => write_not(out, inner),
        ExprKind::Negate(inner) => {
            out.push('-');
            // Not `--`, which reads as a relation.
            write(out, inner, Binding::Postfix);
        }
        ExprKind::And(all) => joined(out, all, " AND ", Binding::Not),
        ExprKind::Or(all) => joined(out, all, " OR ", Binding::Xor),
        ExprKind::Xor(all) => joined(out, all, " XOR ", Binding::And),
        ExprKind::Compare(comparison, a, b) => {
            infix(
                out,
                (a, Binding::Test),
                comparison.sign(),
                (b, Binding::Test),
            );
        }
        ExprKind::Arithmetic(operator, a, b) => {
            let (left, right) = arithmetic_binding(*operator);
            infix(out, (a, left), operator.sign(), (b, right));
        }
        ExprKind::Test(test, a, b) => write_test(out, *test, (a, b), ""),
        ExprKind::Between { value, low, high } => write_between(out, (value, low, high), ""),
        ExprKind::IsNull(inner) => suffixed(out, inner, " IS NULL"),
        ExprKind::IsEmpty(inner) => suffixed(out, inner, " IS EMPTY"),
        ExprKind::HasLabels(inner, labels) => {
            write(out, inner, Binding::Postfix);
            out.push(':');
            pattern::labels(out, labels, true);
        }
        ExprKind::Case { .. }
        | ExprKind::Call { .. }
        | ExprKind::CountStar { .. }
        | ExprKind::Exists(_)
        | ExprKind::Aggregate { .. }
        | ExprKind::PatternPredicate(_)
        | ExprKind::Comprehension { .. }
        | ExprKind::PatternComprehension { .. }
        | ExprKind::Quantified { .. }
        | ExprKind::Reduce { .. } => write_block(out, expr),
    }
}

/// Expressions with brackets or keywords of their own.
fn write_block(out: &mut String, expr: &Expr) {
    match &expr.kind {
        ExprKind::Case {
            operand,
            arms,
            otherwise,
        } => {
            write_case(out, operand.as_deref(), arms, otherwise.as_deref());
        }
        ExprKind::Call {
            name,
            distinct,
            arguments,
            filter,
        } => {
            out.push_str(&name.text);
            out.push_str(if *distinct { "(DISTINCT " } else { "(" });
            comma_separated(out, arguments);
            out.push(')');
            write_filter(out, filter.as_deref());
        }
        ExprKind::CountStar { filter } => {
            out.push_str("count(*)");
            write_filter(out, filter.as_deref());
        }
        ExprKind::Exists(body) => {
            out.push_str("EXISTS { ");
            pattern::subquery(out, body);
            out.push_str(" }");
        }
        ExprKind::Aggregate {
            function,
            body,
            distinct,
            values,
        } => {
            out.push_str(&function.text.to_uppercase());
            out.push_str(" { ");
            pattern::subquery(out, body);
            if !values.is_empty() {
                out.push_str(if *distinct { " | DISTINCT " } else { " | " });
                comma_separated(out, values);
            }
            out.push_str(" }");
        }
        ExprKind::PatternPredicate(path) => pattern::path(out, path),
        ExprKind::Comprehension {
            variable: name,
            list,
            filter,
            map,
        } => {
            out.push('[');
            write_local(out, name, list, filter.as_deref());
            write_map_part(out, map.as_deref());
            out.push(']');
        }
        ExprKind::PatternComprehension { path, filter, map } => {
            out.push('[');
            pattern::path(out, path);
            write_where(out, filter.as_deref());
            write_map_part(out, Some(map));
            out.push(']');
        }
        ExprKind::Quantified {
            quantifier,
            variable: name,
            list,
            filter,
        } => {
            out.push_str(quantifier.word());
            out.push('(');
            write_local(out, name, list, Some(filter));
            out.push(')');
        }
        ExprKind::Reduce {
            accumulator,
            start,
            variable: name,
            list,
            step,
        } => {
            out.push_str("reduce(");
            write_variable(out, &accumulator.text);
            out.push_str(" = ");
            write(out, start, Binding::Or);
            out.push_str(", ");
            write_local(out, name, list, None);
            write_map_part(out, Some(step));
            out.push(')');
        }
        _ => {}
    }
}

fn write_local(out: &mut String, name: &Name, list: &Expr, filter: Option<&Expr>) {
    write_variable(out, &name.text);
    out.push_str(" IN ");
    write(out, list, Binding::Add);
    write_where(out, filter);
}

fn write_map_part(out: &mut String, map: Option<&Expr>) {
    if let Some(map) = map {
        out.push_str(" | ");
        write(out, map, Binding::Or);
    }
}

pub(super) fn write_where(out: &mut String, filter: Option<&Expr>) {
    if let Some(filter) = filter {
        out.push_str(" WHERE ");
        write(out, filter, Binding::Or);
    }
}

fn write_filter(out: &mut String, filter: Option<&Expr>) {
    if filter.is_some() {
        out.push_str(" FILTER (");
        // `WHERE` brings a space of its own, which has no place after the parenthesis.
        let at = out.len();
        write_where(out, filter);
        out.replace_range(at..=at, "");
        out.push(')');
    }
}

fn write_case(
    out: &mut String,
    operand: Option<&Expr>,
    arms: &[(Vec<Expr>, Expr)],
    otherwise: Option<&Expr>,
) {
    out.push_str("CASE");
    if let Some(operand) = operand {
        out.push(' ');
        write(out, operand, Binding::Or);
    }
    for (values, then) in arms {
        out.push_str(" WHEN ");
        comma_separated(out, values);
        out.push_str(" THEN ");
        write(out, then, Binding::Or);
    }
    if let Some(otherwise) = otherwise {
        out.push_str(" ELSE ");
        write(out, otherwise, Binding::Or);
    }
    out.push_str(" END");
}

fn write_shape(out: &mut String, base: &Expr, items: &[ShapeItem]) {
    write(out, base, Binding::Postfix);
    out.push_str(" {");
    for (at, item) in items.iter().enumerate() {
        out.push_str(if at > 0 { ", " } else { "" });
        match item {
            ShapeItem::AllProperties => out.push_str(".*"),
            ShapeItem::Property(name) => {
                out.push('.');
                write_name(out, &name.text);
            }
            ShapeItem::Entry(name, value) => {
                write_name(out, &name.text);
                out.push_str(": ");
                write(out, value, Binding::Or);
            }
            ShapeItem::Variable(name) => write_variable(out, &name.text),
        }
    }
    out.push('}');
}

pub(super) fn write_map(out: &mut String, entries: &[(Name, Expr)]) {
    out.push('{');
    for (at, (name, value)) in entries.iter().enumerate() {
        out.push_str(if at > 0 { ", " } else { "" });
        write_name(out, &name.text);
        out.push_str(": ");
        write(out, value, Binding::Or);
    }
    out.push('}');
}

/// The tests whose negation is an operator of its own.
fn negated(inner: &Expr) -> Option<()> {
    match &inner.kind {
        ExprKind::IsNull(_) | ExprKind::IsEmpty(_) | ExprKind::Between { .. } => Some(()),
        ExprKind::Test(test, ..) => {
            (!matches!(test, Test::ContainsAny | Test::ContainsAll | Test::Regex)).then_some(())
        }
        _ => None,
    }
}

fn write_not(out: &mut String, inner: &Expr) {
    match &inner.kind {
        ExprKind::IsNull(operand) => suffixed(out, operand, " IS NOT NULL"),
        ExprKind::IsEmpty(operand) => suffixed(out, operand, " IS NOT EMPTY"),
        ExprKind::Between { value, low, high } => write_between(out, (value, low, high), "NOT "),
        ExprKind::Test(test, a, b) if negated(inner).is_some() => {
            write_test(out, *test, (a, b), "NOT ");
        }
        _ => {
            out.push_str("NOT ");
            write(out, inner, Binding::Not);
        }
    }
}

fn write_test(out: &mut String, test: Test, (a, b): (&Expr, &Expr), not: &str) {
    let word = format!("{not}{}", test.word());
    // `ANY (x IN ..` would read as a quantifier.
    if matches!(test, Test::ContainsAny | Test::ContainsAll) && binding(b) < Binding::Add {
        infix(
            out,
            (a, Binding::Add),
            &format!("{word} ("),
            (b, Binding::Add),
        );
        out.push(')');
        return;
    }
    infix(out, (a, Binding::Add), &word, (b, Binding::Add));
}

fn write_between(out: &mut String, (value, low, high): (&Expr, &Expr, &Expr), not: &str) {
    infix(
        out,
        (value, Binding::Add),
        &format!("{not}BETWEEN"),
        (low, Binding::Add),
    );
    out.push_str(" AND ");
    write(out, high, Binding::Add);
}

fn suffixed(out: &mut String, operand: &Expr, suffix: &str) {
    write(out, operand, Binding::Add);
    out.push_str(suffix);
}

fn infix(out: &mut String, (a, left): (&Expr, Binding), word: &str, (b, right): (&Expr, Binding)) {
    write(out, a, left);
    out.push(' ');
    out.push_str(word);
    out.push(' ');
    write(out, b, right);
}

fn joined(out: &mut String, all: &[Expr], word: &str, least: Binding) {
    for (at, part) in all.iter().enumerate() {
        out.push_str(if at > 0 { word } else { "" });
        write(out, part, least);
    }
}

fn bracketed(out: &mut String, (open, close): (char, char), items: &[Expr]) {
    out.push(open);
    comma_separated(out, items);
    out.push(close);
}

fn comma_separated(out: &mut String, items: &[Expr]) {
    joined(out, items, ", ", Binding::Or);
}
