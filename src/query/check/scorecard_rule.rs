//! Rules of scorecards with what lets entities pass for a time: enforcement, grace, exemptions.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::clock;
use super::pattern::boolean;
use crate::error::{Error, Result, Span};
use crate::model::{Meta, Model, Rule};
use crate::query::function;
use crate::query::ir::{
    Arithmetic, Blueprints, Comparison, Expr, ExprKind, Read, RuleExpr, Slot, Test, Type,
};
use crate::value::{BlueprintId, Duration, Fields, Instant, Value};

/// Checks a rule of a scorecard, with its grace period and its exemptions: true where an entity
/// counts as passing. [`super::rule`] alone checks what it must meet.
///
/// # Errors
/// Those of the rule, and `Invalid` where the grace period leads beyond the years that exist.
pub(crate) fn scorecard_rule(
    model: &Model,
    blueprint: BlueprintId,
    declared: &Rule,
) -> Result<RuleExpr> {
    let mut checked = super::rule(model, blueprint, &declared.test)?;
    let this = This {
        blueprint,
        span: checked.expr.span,
    };
    // What excuses comes first, so that it holds also where the test has no value.
    let mut ways = this.grace(declared)?;
    ways.extend(this.exemptions(declared)?);
    if ways.is_empty() {
        return Ok(checked);
    }
    ways.push(checked.expr);
    checked.expr = boolean(ExprKind::Or(ways), this.span);
    clock::check(&checked)?;
    Ok(checked)
}

/// Makes expressions over the entity that a rule is about, at the place of its test.
#[derive(Clone, Copy)]
struct This {
    blueprint: BlueprintId,
    span: Span,
}

impl This {
    /// Holds while the rule is not enforced yet, or for so long after that or after the entity
    /// was created.
    fn grace(self, rule: &Rule) -> Result<Vec<Expr>> {
        let mut ways = Vec::new();
        let end = match (rule.enforced_from, rule.grace) {
            (Some(from), Some(grace)) => Some(later(from, grace, rule)?),
            (from, _) => from,
        };
        if let Some(end) = end {
            ways.push(self.before(self.literal(end.into(), Type::Instant))?);
        }
        if let Some(grace) = rule.grace {
            let created = Box::new(self.read(Meta::CreatedAt, Type::Instant));
            let grace = Box::new(self.literal(Value::Duration(grace), Type::Duration));
            let kind = ExprKind::Arithmetic(Arithmetic::Add, created, grace);
            ways.push(self.before(self.expr(kind, Type::Instant))?);
        }
        Ok(ways)
    }

    /// Holds of the entities that are exempted: for ever those of a list, the others until the
    /// end that a map has for them.
    fn exemptions(self, rule: &Rule) -> Result<Vec<Expr>> {
        let mut ends: BTreeMap<&Arc<str>, Option<Instant>> = BTreeMap::new();
        for exemption in &rule.exemptions {
            let end = ends.entry(&exemption.entity).or_insert(exemption.until);
            // Of several the one that ends last counts.
            *end = end.zip(exemption.until).map(|(a, b)| a.max(b));
        }
        let (mut always, mut until) = (Vec::new(), Fields::new());
        for (entity, end) in ends {
            match end {
                None => always.push(Value::String(Arc::clone(entity))),
                Some(end) => _ = until.insert(Arc::clone(entity), end.into()),
            }
        }
        let identifier = || Box::new(self.read(Meta::Identifier, Type::String));
        let mut ways = Vec::new();
        if !always.is_empty() {
            let ty = Type::List(Box::new(Type::String));
            let list = Box::new(self.literal(Value::list(always), ty));
            ways.push(boolean(
                ExprKind::Test(Test::In, identifier(), list),
                self.span,
            ));
        }
        if !until.is_empty() {
            let ends = Box::new(self.literal(Value::Map(Arc::new(until)), Type::Map));
            let end = self.expr(ExprKind::Index(ends, identifier()), Type::Instant);
            ways.push(self.before(end)?);
        }
        Ok(ways)
    }

    /// `now() < end`
    fn before(self, end: Expr) -> Result<Expr> {
        let now = function::find("now").ok_or_else(|| Error::internal("there is no `now()`"))?;
        let now = self.expr(ExprKind::Call(now, Vec::new()), Type::Instant);
        let kind = ExprKind::Compare(Comparison::Less, Box::new(now), Box::new(end));
        Ok(boolean(kind, self.span))
    }

    fn read(self, meta: Meta, ty: Type) -> Expr {
        let this = Type::Entity(Blueprints::Some([self.blueprint].into()));
        let base = Box::new(self.expr(ExprKind::Slot(Slot(0)), this));
        let read = Read::Meta(meta);
        self.expr(ExprKind::Read { base, read }, ty)
    }

    const fn literal(self, value: Value, ty: Type) -> Expr {
        self.expr(ExprKind::Literal(value), ty)
    }

    const fn expr(self, kind: ExprKind, ty: Type) -> Expr {
        Expr {
            kind,
            ty,
            span: self.span,
        }
    }
}

fn later(from: Instant, grace: Duration, rule: &Rule) -> Result<Instant> {
    from.checked_add(grace).ok_or_else(|| {
        let message = format!(
            "the grace of rule `{}` ends outside the years -9999 to 9999",
            rule.identifier
        );
        Error::invalid(message).with_path("/grace")
    })
}
