//! Why an entity passes a rule or does not: each condition with the values that decide it.

use std::fmt;
use std::sync::Arc;

use super::Plan;
use super::atom::{is_data, truth};
use super::formula::{Formula, normalise};
use super::names::Names;
use super::reads::operands;
use super::render::{literal, render_named, render_negated};
use crate::error::{Error, Result};
use crate::query::check;
use crate::query::exec;
use crate::query::ir::{Expr, ExprKind, Quantifier, RuleExpr, Slot, Type};
use crate::state::{Entity, State};
use crate::value::{EntityId, ScorecardId, Value};

/// Of a value, more characters than this are not printed.
const VALUE_SHOWN_MAX: usize = 200;

/// The trace of one rule on one entity. `Display` prints it for people.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Why {
    /// The scorecard's identifier.
    pub scorecard: Arc<str>,
    /// The rule's identifier.
    pub rule: Arc<str>,
    /// The rule as it is declared, in the query language.
    pub text: String,
    /// Whether the scorecard's filter lets the entity take part.
    pub tested: bool,
    /// Whether the rule's expression is true.
    pub passed: bool,
    /// The conditions of the rule, in the order in which they are written.
    pub leaves: Vec<Leaf>,
}

/// One condition of a rule.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Leaf {
    /// What must be true, in the query language: under a negation, the condition's opposite.
    pub text: String,
    /// Whether it is true.
    pub passed: bool,
    /// What was read, with its value.
    pub inputs: Vec<(String, Value)>,
    /// What is missing, which makes the condition unknown; the first null on each path.
    pub missing: Vec<String>,
    /// Where all or none of a list must meet a condition: the elements that decide against it.
    pub against: Vec<Value>,
    /// Why the condition could not be computed, where it could not.
    pub error: Option<String>,
}

impl Plan {
    /// Traces one rule on one entity, by evaluating it again.
    ///
    /// # Errors
    /// `NotFound` where there is no such scorecard, rule or entity.
    pub(crate) fn why(
        &self,
        state: &State,
        scorecard: ScorecardId,
        rule: u16,
        entity: EntityId,
    ) -> Result<Why> {
        let declared = self
            .model
            .scorecard(scorecard)
            .zip(self.checked.get(&scorecard));
        let (declared, checked) = declared.ok_or_else(|| Error::not_found("no such scorecard"))?;
        let at = usize::from(rule);
        let (Some(test), Some(expr)) = (declared.rules.get(at), checked.rules.get(at)) else {
            let message = format!("scorecard `{}` has no such rule", declared.identifier);
            return Err(Error::not_found(message));
        };
        let entity = state
            .entity(entity)
            .ok_or_else(|| Error::not_found("no such entity"))?;
        let written = check::rule_text(&test.test)?;
        let tracer = Tracer {
            plan: self,
            state,
            entity,
            text: &written,
        };
        let mut leaves = Vec::new();
        let passed = tracer.trace(expr, &mut leaves)?;
        let own = self.model.blueprint(entity.blueprint);
        let tested = own.is_some_and(|own| own.blueprint.identifier == declared.blueprint)
            && match &checked.filter {
                Some(filter) => tracer.trace(filter, &mut Vec::new())?,
                None => true,
            };
        Ok(Why {
            scorecard: Arc::clone(&declared.identifier),
            rule: Arc::clone(&test.identifier),
            tested,
            passed,
            leaves,
            text: written,
        })
    }
}

struct Tracer<'a> {
    plan: &'a Plan,
    state: &'a State,
    entity: &'a Arc<Entity>,
    /// Of the rule.
    text: &'a str,
}

impl Tracer<'_> {
    /// Evaluates an expression leaf by leaf, as the planes do, and lists the leaves.
    fn trace(&self, rule: &RuleExpr, leaves: &mut Vec<Leaf>) -> Result<bool> {
        let formula = normalise(&rule.expr, true, &mut |leaf, wanted| {
            leaves.push(self.leaf(rule, leaf, wanted)?);
            Ok::<_, Error>(u32::try_from(leaves.len() - 1).unwrap_or(u32::MAX))
        })?;
        Ok(passes(&formula, leaves))
    }

    fn leaf(&self, rule: &RuleExpr, leaf: &Expr, wanted: bool) -> Result<Leaf> {
        let model = &self.plan.model;
        let names = Names::of(leaf, self.text);
        let value = self.evaluate(rule, leaf);
        let error = match &value {
            Err(error) if is_data(error.kind()) => Some(error.message().to_owned()),
            _ => None,
        };
        let passed = truth(value)? == Some(wanted);
        let mut against = Vec::new();
        if let (false, Some(elements)) = (passed, elements_against(leaf, wanted))
            && let Value::List(elements) = self.value(rule, &elements)?
        {
            against.extend(elements.iter().cloned());
        }
        let mut traced = Leaf {
            text: if wanted {
                render_named(model, leaf, &names)
            } else {
                render_negated(model, leaf, &names)
            },
            passed,
            inputs: Vec::new(),
            missing: Vec::new(),
            against,
            error,
        };
        self.inputs(rule, leaf, &names, &mut traced)?;
        Ok(traced)
    }

    /// Collects what a leaf reads of the entity and what it counts around it.
    fn inputs(
        &self,
        rule: &RuleExpr,
        expr: &Expr,
        names: &Names<'_>,
        leaf: &mut Leaf,
    ) -> Result<()> {
        let counted = matches!(expr.kind, ExprKind::Count(..));
        if !counted && !is_path(expr) {
            for operand in outer_operands(expr) {
                self.inputs(rule, operand, names, leaf)?;
            }
            return Ok(());
        }
        let text = render_named(&self.plan.model, expr, names);
        if leaf.inputs.iter().any(|(known, _)| *known == text) {
            return Ok(());
        }
        let value = self.value(rule, expr)?;
        if value.is_null() {
            let null = self.first_null(rule, expr)?;
            let missing = render_named(&self.plan.model, null, names);
            if !leaf.missing.contains(&missing) {
                leaf.missing.push(missing);
            }
        }
        leaf.inputs.push((text, value));
        Ok(())
    }

    /// The shortest part of a path that is null already.
    fn first_null<'e>(&self, rule: &RuleExpr, expr: &'e Expr) -> Result<&'e Expr> {
        let mut null = expr;
        while let ExprKind::Read { base, .. } = &null.kind {
            if matches!(base.kind, ExprKind::Slot(_)) || !self.value(rule, base)?.is_null() {
                break;
            }
            null = base;
        }
        Ok(null)
    }

    /// The value of a part of a rule, with entities by their identifiers.
    fn value(&self, rule: &RuleExpr, expr: &Expr) -> Result<Value> {
        match self.evaluate(rule, expr) {
            Ok(value) => Ok(self.named(&value)),
            Err(error) if is_data(error.kind()) => Ok(Value::Null),
            Err(error) => Err(error),
        }
    }

    fn evaluate(&self, rule: &RuleExpr, expr: &Expr) -> Result<Value> {
        let part = RuleExpr {
            expr: expr.clone(),
            slots: rule.slots,
            locals: rule.locals,
        };
        exec::evaluate(self.state, &part, self.entity.id, self.state.time())
    }

    fn named(&self, value: &Value) -> Value {
        let name = |value: &Value| {
            if let Value::Entity(id) = value {
                return Value::string(self.state.identifier(*id));
            }
            value.clone()
        };
        if let Value::List(items) = value {
            return Value::list(items.iter().map(name));
        }
        name(value)
    }
}

/// The elements of a list that decide against `all` or `none` of it, or against a `NOT any`.
fn elements_against(leaf: &Expr, wanted: bool) -> Option<Expr> {
    let ExprKind::Quantified {
        quantifier,
        local,
        list,
        filter,
    } = &leaf.kind
    else {
        return None;
    };
    let of = |kind| Expr {
        kind,
        ty: Type::Boolean,
        span: filter.span,
    };
    let filter = match (quantifier, wanted) {
        (Quantifier::All, true) => {
            let unknown = of(ExprKind::IsNull(filter.clone()));
            let untrue = of(ExprKind::Not(filter.clone()));
            Box::new(of(ExprKind::Or(vec![unknown, untrue])))
        }
        (Quantifier::None, true) | (Quantifier::Any, false) => filter.clone(),
        _ => return None,
    };
    Some(of(ExprKind::Comprehension {
        local: *local,
        list: list.clone(),
        filter: Some(filter),
        map: None,
    }))
}

/// Whether an expression is what is read along a path from `this`.
fn is_path(mut expr: &Expr) -> bool {
    let mut read = false;
    while let ExprKind::Read { base, .. } = &expr.kind {
        (read, expr) = (true, base);
    }
    read && matches!(expr.kind, ExprKind::Slot(Slot(0)))
}

/// The operands that stand outside the scope of variables that the expression binds.
fn outer_operands(expr: &Expr) -> Vec<&Expr> {
    if let ExprKind::Comprehension { list, .. } | ExprKind::Quantified { list, .. } = &expr.kind {
        return vec![list];
    }
    operands(expr)
}

fn passes(formula: &Formula, leaves: &[Leaf]) -> bool {
    match formula {
        Formula::All => true,
        Formula::None => false,
        Formula::Atom(at) => leaves.get(*at as usize).is_some_and(|leaf| leaf.passed),
        Formula::And(parts) => parts.iter().all(|part| passes(part, leaves)),
        Formula::Or(parts) => parts.iter().any(|part| passes(part, leaves)),
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match (self.tested, self.passed) {
            (false, _) => "not tested: the scorecard's filter leaves the entity out",
            (true, true) => "passed",
            (true, false) => "not passed",
        };
        let (rule, scorecard) = (&self.rule, &self.scorecard);
        writeln!(f, "rule `{rule}` of scorecard `{scorecard}`: {outcome}")?;
        write!(f, "  {}", self.text)?;
        for leaf in &self.leaves {
            write!(f, "\n    {leaf}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.passed { "yes" } else { "no " };
        write!(f, "{mark} {}", self.text)?;
        let inputs = self
            .inputs
            .iter()
            .filter(|(text, _)| !self.missing.contains(text));
        for (at, (text, value)) in inputs.enumerate() {
            let separator = if at == 0 { ": " } else { ", " };
            write!(f, "{separator}{text} is {}", brief(value))?;
        }
        for missing in &self.missing {
            write!(f, "; {missing} is missing")?;
        }
        if !self.against.is_empty() {
            write!(
                f,
                "; against it: {}",
                brief(&Value::list(self.against.clone()))
            )?;
        }
        match &self.error {
            Some(error) => write!(f, "; unknown, because of {error}"),
            None => Ok(()),
        }
    }
}

/// A value as a literal, cut where it is long.
fn brief(value: &Value) -> String {
    let text = literal(value);
    match text.char_indices().nth(VALUE_SHOWN_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
