//! Comparisons, arithmetic, `IN` and the string operators.

use super::checker::Checker;
use super::pattern::boolean;
use super::types;
use crate::error::{Error, Result, Span};
use crate::query::ir::{Arithmetic, Comparison, Expr, ExprKind, Test, Type, moves};
use crate::query::syntax::ast;
use crate::value::Value;

/// A checked operand with the tree it came from.
pub(super) type Operand<'a> = (Expr, Option<&'a ast::Expr>);

impl Checker<'_> {
    pub(super) fn compare(
        &mut self,
        comparison: Comparison,
        (left, right): (&ast::Expr, &ast::Expr),
        span: Span,
    ) -> Result<Expr> {
        let checked = (self.expression(left)?, Some(left));
        let other = (self.expression(right)?, Some(right));
        self.comparison(comparison, checked, other, span)
    }

    /// A comparison of checked operands: a constant is fitted to the other side.
    pub(super) fn comparison(
        &self,
        comparison: Comparison,
        (left, left_source): Operand<'_>,
        (right, right_source): Operand<'_>,
        span: Span,
    ) -> Result<Expr> {
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let right = self.fit(right, right_source, &self.subject(&left, equality))?;
        let left = self.fit(left, left_source, &self.subject(&right, equality))?;
        for (level, other) in [(&left, &right), (&right, &left)] {
            refuse_level(&level.ty, other, equality)?;
            self.refuse_timeless(level, other)?;
        }
        let (left, right) = (Box::new(left), Box::new(right));
        Ok(boolean(ExprKind::Compare(comparison, left, right), span))
    }

    /// Refuses to compare with the clock what the model says is no time. A text may hold one.
    fn refuse_timeless(&self, operand: &Expr, clock: &Expr) -> Result<()> {
        let open = types::is_open(&operand.ty) || types::is_open(&clock.ty);
        let times = [&operand.ty, &clock.ty]
            .iter()
            .all(|ty| matches!(ty, Type::Instant | Type::Date));
        if !moves(clock) || operand.ty == clock.ty || times || open {
            return Ok(());
        }
        let subject = self.subject(operand, false);
        let text = operand.ty == Type::String && matches!(clock.ty, Type::Instant | Type::Date);
        if !subject.certain || text {
            return Ok(());
        }
        let (found, other) = (types::described(&operand.ty), types::described(&clock.ty));
        let message = format!(
            "{} is {found}: it cannot be compared with {other}",
            subject.name
        );
        Err(Error::syntax(message, clock.span))
    }

    /// `low <= value AND value <= high`.
    pub(super) fn between(
        &mut self,
        (value, low, high): (&ast::Expr, &ast::Expr, &ast::Expr),
        span: Span,
    ) -> Result<Expr> {
        let value = self.expression(value)?;
        let bounds = [
            (Comparison::GreaterOrEqual, low),
            (Comparison::LessOrEqual, high),
        ];
        let mut both = Vec::with_capacity(2);
        for (comparison, bound) in bounds {
            let checked = (self.expression(bound)?, Some(bound));
            both.push(self.comparison(comparison, (value.clone(), None), checked, span)?);
        }
        Ok(boolean(ExprKind::And(both), span))
    }

    pub(super) fn test(
        &mut self,
        test: Test,
        (left, right): (&ast::Expr, &ast::Expr),
        span: Span,
    ) -> Result<Expr> {
        let checked = (self.expression(left)?, Some(left));
        let other = (self.expression(right)?, Some(right));
        match test {
            Test::In => self.membership(checked, other, span),
            // On a list this is membership: one form for both, so that both use an index.
            Test::Contains if matches!(checked.0.ty, Type::List(_)) => {
                self.membership(other, checked, span)
            }
            Test::ContainsAny | Test::ContainsAll => self.contains_each(test, checked, other, span),
            Test::Contains
            | Test::StartsWith
            | Test::EndsWith
            | Test::Like
            | Test::LikeIgnoreCase
            | Test::Regex => self.text_test(test, checked.0, other.0, span),
        }
    }

    fn membership(
        &self,
        (value, value_source): Operand<'_>,
        (list, list_source): Operand<'_>,
        span: Span,
    ) -> Result<Expr> {
        if types::element(&list.ty).is_none() {
            let message = format!("`IN` needs a list, not {}", types::described(&list.ty));
            return Err(Error::syntax(message, list.span));
        }
        let list = self.fit_elements(list, list_source, &self.subject(&value, true))?;
        let value = self.fit(value, value_source, &self.subject(&list, false).element())?;
        let kind = ExprKind::Test(Test::In, Box::new(value), Box::new(list));
        Ok(boolean(kind, span))
    }

    fn contains_each(
        &self,
        test: Test,
        (left, _): Operand<'_>,
        (list, list_source): Operand<'_>,
        span: Span,
    ) -> Result<Expr> {
        if types::element(&list.ty).is_none() {
            let message = format!(
                "`{}` needs a list, not {}",
                test.word(),
                types::described(&list.ty)
            );
            return Err(Error::syntax(message, list.span));
        }
        let subject = self.subject(&left, false);
        let list = if let Type::List(_) = left.ty {
            self.fit_elements(list, list_source, &subject.element())?
        } else {
            self.refuse_non_text(test, &left, &subject.name)?;
            list
        };
        Ok(boolean(
            ExprKind::Test(test, Box::new(left), Box::new(list)),
            span,
        ))
    }

    fn text_test(&self, test: Test, left: Expr, right: Expr, span: Span) -> Result<Expr> {
        let subject = self.subject(&left, false);
        self.refuse_non_text(test, &left, &subject.name)?;
        let certain = self.subject(&right, false).certain || subject.certain;
        if certain && right.ty != Type::String && !types::is_open(&right.ty) {
            let found = types::described(&right.ty);
            let message = format!("`{}` needs a string, not {found}", test.word());
            return Err(Error::syntax(message, right.span));
        }
        if let (Test::Regex, ExprKind::Literal(Value::String(text))) = (test, &right.kind) {
            refuse_bad_regex(text, right.span)?;
        }
        Ok(boolean(
            ExprKind::Test(test, Box::new(left), Box::new(right)),
            span,
        ))
    }

    /// Refuses a text operator on what the model says is not text.
    fn refuse_non_text(&self, test: Test, left: &Expr, name: &str) -> Result<()> {
        let certain = self.subject(left, false).certain || matches!(left.ty, Type::Entity(_));
        if !certain || left.ty == Type::String || types::is_open(&left.ty) {
            return Ok(());
        }
        let found = types::described(&left.ty);
        let message = format!("{name} is {found}: `{}` needs a string", test.word());
        Err(Error::syntax(message, left.span))
    }

    pub(super) fn arithmetic(
        &mut self,
        operator: Arithmetic,
        (left, right): (&ast::Expr, &ast::Expr),
        span: Span,
    ) -> Result<Expr> {
        let (left, right) = (self.expression(left)?, self.expression(right)?);
        let ty = result(operator, &left.ty, &right.ty).ok_or_else(|| {
            let (a, b) = (types::described(&left.ty), types::described(&right.ty));
            let message = format!("`{}` cannot join {a} and {b}", operator.sign());
            let error = Error::syntax(message, span);
            match (&left.ty, &right.ty) {
                (Type::Instant, Type::Number) => error.with_help("write a duration, such as `90d`"),
                _ => error,
            }
        })?;
        let kind = ExprKind::Arithmetic(operator, Box::new(left), Box::new(right));
        Ok(Expr { kind, ty, span })
    }

    pub(super) fn negate(&mut self, tree: &ast::Expr, span: Span) -> Result<Expr> {
        let operand = self.expression(tree)?;
        let constant = match &operand.kind {
            ExprKind::Literal(Value::Int(whole)) => match whole.checked_neg() {
                Some(whole) => Some(Value::Int(whole)),
                None => return Err(Error::syntax("the number does not fit in 64 bits", span)),
            },
            ExprKind::Literal(Value::Float(number)) => Some(Value::Float(-number)),
            ExprKind::Literal(Value::Duration(length)) => Some(Value::Duration(length.negated())),
            _ => None,
        };
        let ty = operand.ty.clone();
        if let Some(value) = constant {
            return Ok(Expr {
                kind: ExprKind::Literal(value),
                ty,
                span,
            });
        }
        if !matches!(ty, Type::Number | Type::Duration) && !types::is_open(&ty) {
            let message = format!("`-` needs a number, not {}", types::described(&ty));
            return Err(Error::syntax(message, operand.span));
        }
        Ok(Expr {
            kind: ExprKind::Negate(Box::new(operand)),
            ty,
            span,
        })
    }
}

/// A level compares by rank, which only a level of the same scorecard has.
fn refuse_level(level: &Type, other: &Expr, equality: bool) -> Result<()> {
    let Type::Level(card) = level else {
        return Ok(());
    };
    match &other.ty {
        Type::Null => Ok(()),
        Type::Level(known) if known == card => Ok(()),
        Type::Level(_) => Err(Error::syntax(
            "levels of different scorecards do not compare",
            other.span,
        )
        .with_help("compare their `rank()`")),
        Type::Any | Type::String if equality => Ok(()),
        // A level's title, known as soon as the query runs; a text that is none orders with none.
        Type::Any if matches!(other.kind, ExprKind::Parameter(_)) => Ok(()),
        Type::Any | Type::String => {
            let what = "ordering a level against a value that only shows when the query runs";
            Err(Error::unsupported(what, other.span)
                .with_help("write the level's title, or compare its `rank()`"))
        }
        ty => {
            let found = types::described(ty);
            Err(Error::syntax(
                format!("a level cannot be compared with {found}"),
                other.span,
            ))
        }
    }
}

fn refuse_bad_regex(text: &str, span: Span) -> Result<()> {
    match regex::RegexBuilder::new(text).size_limit(1 << 20).build() {
        Ok(_) => Ok(()),
        Err(error) => {
            let last = error.to_string();
            let last = last
                .lines()
                .last()
                .unwrap_or("")
                .trim_start_matches("error: ");
            Err(Error::syntax(
                format!("not a regular expression: {last}"),
                span,
            ))
        }
    }
}

/// The type of the result; `None` where it can only be a mistake.
fn result(operator: Arithmetic, left: &Type, right: &Type) -> Option<Type> {
    use Arithmetic::{Add, Concatenate, Divide, Multiply, Subtract};
    let joins = matches!(operator, Add | Concatenate);
    let either = |test: fn(&Type) -> bool| test(left) || test(right);
    if joins && either(|ty| matches!(ty, Type::List(_))) {
        let of = |ty: &Type| types::element(ty).unwrap_or_else(|| ty.clone());
        return Some(types::list_of(types::common(of(left), of(right))));
    }
    if joins && either(|ty| matches!(ty, Type::Entity(_) | Type::Map)) {
        return None;
    }
    if either(types::is_open) {
        return Some(Type::Any);
    }
    match (operator, left, right) {
        (Add | Concatenate, Type::String, _) | (Add | Concatenate, _, Type::String) => {
            Some(Type::String)
        }
        (Concatenate, ..) => Some(Type::Any),
        (_, Type::Number, Type::Number) | (Divide, Type::Duration, Type::Duration) => {
            Some(Type::Number)
        }
        (Add | Subtract, Type::Instant, Type::Duration) | (Add, Type::Duration, Type::Instant) => {
            Some(Type::Instant)
        }
        (Add | Subtract, Type::Date, Type::Duration) | (Add, Type::Duration, Type::Date) => {
            Some(Type::Date)
        }
        (Subtract, Type::Instant | Type::Date, Type::Instant | Type::Date)
        | (Add | Subtract, Type::Duration, Type::Duration)
        | (Multiply | Divide, Type::Duration, Type::Number)
        | (Multiply, Type::Number, Type::Duration) => Some(Type::Duration),
        _ => None,
    }
}
