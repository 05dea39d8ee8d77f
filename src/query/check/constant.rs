//! Constants fitted to what they are compared with: date-times, levels, enums, wrong types.

use std::sync::Arc;

use super::checker::Checker;
use super::names::suggest;
use super::{blueprints, names, types};
use crate::error::{Error, Result, Span};
use crate::model::ScorecardLevel;
use crate::query::ir::{Expr, ExprKind, Read, Type};
use crate::query::syntax::ast;
use crate::value::{Instant, Level, ScorecardId, Value};

/// What a constant is compared with.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) ty: Type,
    /// As an error names it.
    pub(super) name: String,
    /// Whether the model guarantees the type, so that a constant of another is a mistake.
    pub(super) certain: bool,
    /// The only values it takes, where it is compared for equality.
    listed: Option<Vec<Value>>,
}

impl Subject {
    /// An element of the list that this is.
    pub(super) fn element(&self) -> Self {
        let ty = types::element(&self.ty).unwrap_or(Type::Any);
        let name = format!("an element of {}", self.name);
        Self {
            ty,
            name,
            certain: self.certain,
            listed: None,
        }
    }
}

impl Checker<'_> {
    /// What is known of an expression that a constant meets.
    pub(super) fn subject(&self, expr: &Expr, equality: bool) -> Subject {
        let certain = matches!(expr.kind, ExprKind::Read { .. } | ExprKind::Slot(_));
        let listed = if equality {
            self.listed_values(expr)
        } else {
            None
        };
        Subject {
            ty: expr.ty.clone(),
            name: self.named(expr),
            certain,
            listed,
        }
    }

    fn listed_values(&self, expr: &Expr) -> Option<Vec<Value>> {
        let ExprKind::Read {
            base,
            read: Read::Property(name),
        } = &expr.kind
        else {
            return None;
        };
        let (set, many) = types::entities(&base.ty)?;
        if many {
            None
        } else {
            names::enumeration(self.model, set, *name)
        }
    }

    /// An expression as an error names it.
    pub(super) fn named(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Slot(slot) => match self.place(*slot) {
                Some(place) if !place.name.is_empty() => format!("`{}`", place.name),
                _ => "this entity".to_owned(),
            },
            ExprKind::Read { base, read } => match read {
                Read::Meta(meta) => format!("`{}`", meta.name()),
                Read::Property(name) | Read::Relation(name) => {
                    let text = self.model.names().text(*name);
                    match types::entities(&base.ty) {
                        Some((set @ crate::query::ir::Blueprints::Some(ids), _))
                            if ids.len() == 1 =>
                        {
                            let owner = blueprints::shown(self.model, set).unwrap_or_default();
                            format!("`{text}` of {owner}")
                        }
                        _ => format!("`{text}`"),
                    }
                }
                Read::Level(card) => match self.model.scorecard(*card) {
                    Some(card) => format!("a level of `{}`", card.identifier),
                    None => "a level".to_owned(),
                },
                Read::Rules(_) => "`rules`".to_owned(),
                Read::RulePassed(..) => "`passed`".to_owned(),
                Read::Score(_) => "`score`".to_owned(),
                Read::Column(_) => "a column".to_owned(),
            },
            _ => "this".to_owned(),
        }
    }

    /// Fits an operand to the other one, if it is a constant.
    pub(super) fn fit(
        &self,
        operand: Expr,
        source: Option<&ast::Expr>,
        subject: &Subject,
    ) -> Result<Expr> {
        let ExprKind::Literal(value) = operand.kind else {
            return Ok(operand);
        };
        let value = self.fit_value(value, source, operand.span, subject)?;
        let ty = match value {
            Value::Level(_) => subject.ty.clone(),
            ref value => types::of_value(value),
        };
        Ok(Expr {
            kind: ExprKind::Literal(value),
            ty,
            span: operand.span,
        })
    }

    /// Fits the elements of a constant list.
    pub(super) fn fit_elements(
        &self,
        list: Expr,
        source: Option<&ast::Expr>,
        subject: &Subject,
    ) -> Result<Expr> {
        let Expr {
            kind: ExprKind::Literal(Value::List(values)),
            span,
            ..
        } = &list
        else {
            return Ok(list);
        };
        let values = self.fit_all(values, source, *span, subject)?;
        let element = match (&subject.ty, values.first()) {
            (Type::Level(_), Some(_)) => subject.ty.clone(),
            _ => types::common_of(values.iter().map(types::of_value)),
        };
        let kind = ExprKind::Literal(Value::List(values));
        Ok(Expr {
            kind,
            ty: types::list_of(element),
            span: *span,
        })
    }

    fn fit_all(
        &self,
        values: &[Value],
        source: Option<&ast::Expr>,
        span: Span,
        subject: &Subject,
    ) -> Result<Arc<[Value]>> {
        let sources = source.and_then(|source| match &source.kind {
            ast::ExprKind::List(items) => Some(items),
            _ => None,
        });
        let fitted = values.iter().enumerate().map(|(at, value)| {
            let source = sources.and_then(|items| items.get(at));
            let span = source.map_or(span, |source| source.span);
            self.fit_value(value.clone(), source, span, subject)
        });
        fitted.collect()
    }

    fn fit_value(
        &self,
        value: Value,
        source: Option<&ast::Expr>,
        span: Span,
        subject: &Subject,
    ) -> Result<Value> {
        match (&subject.ty, &value) {
            (_, Value::Null) | (Type::Any | Type::Null, _) => Ok(value),
            (Type::Instant, Value::String(text)) => instant(text, subject, span),
            (Type::Instant, Value::Date(date)) => Ok(date.midnight().into()),
            (Type::Level(card), Value::String(text)) => self.level(*card, text, span),
            (Type::List(_), Value::List(values)) => {
                let values = self.fit_all(values, source, span, &subject.element())?;
                Ok(Value::List(values))
            }
            (ty, _) if types::of_value(&value) == *ty => {
                if let Some(listed) = &subject.listed {
                    refuse_unlisted(&value, listed, subject, span)?;
                }
                Ok(value)
            }
            (Type::Level(_), _) => Err(mismatch(&value, subject, span)),
            _ if subject.certain => Err(mismatch(&value, subject, span)),
            _ => Ok(value),
        }
    }

    fn level(&self, card: ScorecardId, text: &str, span: Span) -> Result<Value> {
        let Some(card) = self.model.scorecard(card) else {
            return Err(Error::internal(
                "a level of a scorecard that does not exist",
            ));
        };
        let found = card.levels.iter().position(|level| *level.title == *text);
        let rank = found.and_then(|rank| u16::try_from(rank).ok());
        let level = rank.and_then(|rank| Some((rank, card.levels.get(usize::from(rank))?)));
        let title = |level: &ScorecardLevel| Arc::clone(&level.title);
        let level = level.map(|(rank, level)| {
            Value::Level(Level {
                rank,
                title: title(level),
            })
        });
        level.ok_or_else(|| {
            let known = || card.levels.iter().map(|level| &*level.title);
            let message = format!(
                "`{}` has no level `{text}`: its levels are {}",
                card.identifier,
                blueprints::listed(known(), "and"),
            );
            suggest(Error::syntax(message, span), text, known())
        })
    }
}

fn instant(text: &str, subject: &Subject, span: Span) -> Result<Value> {
    let parsed = Instant::parse(text).map(Value::from);
    parsed.ok_or_else(|| {
        let message = format!("{} is a date-time, which `{text}` is not", subject.name);
        Error::syntax(message, span)
            .with_help("write it as `2026-11-23T10:00:00Z` or, for its midnight, `2026-11-23`")
    })
}

fn refuse_unlisted(value: &Value, listed: &[Value], subject: &Subject, span: Span) -> Result<()> {
    if listed.contains(value) {
        return Ok(());
    }
    let texts: Vec<String> = listed.iter().map(ToString::to_string).collect();
    let known = || texts.iter().map(String::as_str);
    let shown = blueprints::listed(known(), "or");
    let message = format!("{} is never `{value}`: it is {shown}", subject.name);
    Err(suggest(
        Error::syntax(message, span),
        &value.to_string(),
        known(),
    ))
}

fn mismatch(value: &Value, subject: &Subject, span: Span) -> Error {
    let found = types::of_value(value);
    let (name, other) = (&subject.name, types::described(&found));
    let message = match &subject.ty {
        Type::Level(_) => format!("{name} cannot be compared with {other}"),
        ty => format!(
            "{name} is {}: it cannot be compared with {other}",
            types::described(ty)
        ),
    };
    let error = Error::syntax(message, span);
    match (&subject.ty, &found) {
        (Type::Instant, Type::Duration) => error.with_help("count from now: `now() - 30d`"),
        (Type::Entity(_), _) => error.with_help("compare its `$identifier`"),
        (Type::Level(_), Type::Number) => {
            error.with_help("write the level's title, or compare its `rank()`")
        }
        (Type::List(_), _) => error.with_help("use `CONTAINS` or `CONTAINS ANY`"),
        (_, Type::List(_)) => error.with_help("use `IN`"),
        (Type::Instant, _) => error.with_help("write it as `DATE '2026-11-23'`"),
        (Type::Number | Type::Boolean, Type::String) => {
            error.with_help("numbers, `true` and `false` are written without quotes")
        }
        _ => error,
    }
}
