//! Why an entity passes a rule or does not: each condition with the values that decide it.

use std::fmt;
use std::sync::Arc;

use super::atom::{is_data, truth};
use super::formula::normalise;
use super::names::Names;
use super::render::{literal, render_named, render_negated};
use super::why_changed::{Changed, Past};
use super::why_state::{RuleState, passes};
use super::why_way::{Walk, WayStep, is_path, read_parts};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::query::check;
use crate::query::exec;
use crate::query::ir::{Expr, ExprKind, Quantifier, RuleExpr, Type};
use crate::state::{Record, State};
use crate::value::{EntityId, ScorecardId, Value};

/// Of a value, more characters than this are not printed.
const VALUE_SHOWN_MAX: usize = 200;
/// Of a list, more elements than this are not kept.
const ELEMENTS_MAX: usize = 20;

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
    /// How the entity stands under the rule.
    pub state: RuleState,
    /// The commit since which the entity has its result; `None` where it is not graded, or where
    /// that is not known.
    pub since: Option<Changed>,
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
    /// What was read.
    pub inputs: Vec<Input>,
    /// What is missing, which makes the condition unknown; the first null on each path.
    pub missing: Vec<String>,
    /// Where all or none of a list must meet a condition: the first 20 elements that decide
    /// against it.
    pub against: Vec<Value>,
    /// Why the condition could not be computed, where it could not.
    pub error: Option<String>,
}

/// Something that was read of an entity, or counted around it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Input {
    /// What was read, in the query language.
    pub text: String,
    /// Its value, with entities by their identifiers.
    pub value: Value,
    /// The relations on the way to what was read, those of a mirror at its end included.
    pub way: Vec<WayStep>,
    /// The last commit that changed anything on the way or at its end; `None` where that is not
    /// known, as for what is counted or aggregated.
    pub changed: Option<Changed>,
}

/// Traces one rule on one entity, by evaluating it again.
///
/// # Errors
/// `NotFound` where there is no such scorecard, rule or entity.
pub(crate) fn why(
    state: &State,
    past: &dyn Past,
    scorecard: ScorecardId,
    rule: u16,
    entity: EntityId,
) -> Result<Why> {
    let model = state.model();
    let declared = model.scorecard(scorecard);
    let declared = declared.ok_or_else(|| Error::not_found("no such scorecard"))?;
    let test = declared.rules.get(usize::from(rule)).ok_or_else(|| {
        let message = format!("scorecard `{}` has no such rule", declared.identifier);
        Error::not_found(message)
    })?;
    let entity = state.entity(entity);
    let entity = entity.ok_or_else(|| Error::not_found("no such entity"))?;
    let graded = model.blueprint_id(&declared.blueprint);
    let graded = graded.unwrap_or(entity.blueprint());
    let expr = check::rule(model, graded, &test.test)?;
    let written = check::rule_text(model, graded, &test.test)?;
    let tracer = Tracer {
        state,
        past,
        entity,
        text: &written,
    };
    let mut leaves = Vec::new();
    let passed = tracer.trace(&expr, &mut leaves)?;
    let standing = RuleState::of(state, (scorecard, declared), rule, entity)?;
    let since = if standing == RuleState::NotGraded {
        None
    } else {
        past.result(scorecard, Some(rule), entity.id)?
    };
    Ok(Why {
        scorecard: Arc::clone(&declared.identifier),
        rule: Arc::clone(&test.identifier),
        state: standing,
        since,
        passed,
        leaves,
        text: written,
    })
}

pub(super) struct Tracer<'a> {
    pub(super) state: &'a State,
    pub(super) past: &'a dyn Past,
    pub(super) entity: Record<'a>,
    /// Of what is traced.
    pub(super) text: &'a str,
}

impl Tracer<'_> {
    fn model(&self) -> &Model {
        self.state.model()
    }

    /// Evaluates an expression leaf by leaf, as the planes do, and lists the leaves.
    fn trace(&self, rule: &RuleExpr, leaves: &mut Vec<Leaf>) -> Result<bool> {
        let formula = normalise(&rule.expr, true, &mut |leaf, wanted| {
            leaves.push(self.leaf(rule, leaf, wanted)?);
            Ok::<_, Error>(u32::try_from(leaves.len() - 1).unwrap_or(u32::MAX))
        })?;
        let truths: Vec<bool> = leaves.iter().map(|leaf| leaf.passed).collect();
        Ok(passes(&formula, &truths))
    }

    fn leaf(&self, rule: &RuleExpr, leaf: &Expr, wanted: bool) -> Result<Leaf> {
        let model = self.model();
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
            against.extend(elements.iter().take(ELEMENTS_MAX).cloned());
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
        for part in read_parts(expr) {
            let text = render_named(self.model(), part, names);
            if leaf.inputs.iter().any(|known| known.text == text) {
                continue;
            }
            let input = self.input(rule, part, text)?;
            if input.value.is_null() {
                let null = self.first_null(rule, part)?;
                let missing = render_named(self.model(), null, names);
                if !leaf.missing.contains(&missing) {
                    leaf.missing.push(missing);
                }
            }
            leaf.inputs.push(input);
        }
        Ok(())
    }

    /// What is read along a path, or counted, with its value and where it comes from.
    pub(super) fn input(&self, rule: &RuleExpr, part: &Expr, text: String) -> Result<Input> {
        let value = self.value(rule, part)?;
        let (way, changed) = if is_path(part) {
            let mut walk = Walk::new(self.state, self.past, self.entity.id);
            walk.path(part)?;
            walk.changed()
        } else {
            (Vec::new(), None)
        };
        Ok(Input {
            text,
            value,
            way,
            changed,
        })
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
        named(self.state, value)
    }
}

/// A value with entities by their identifiers.
pub(super) fn named(state: &State, value: &Value) -> Value {
    let name = |value: &Value| {
        if let Value::Entity(id) = value {
            return Value::string(state.identifier(*id));
        }
        value.clone()
    };
    if let Value::List(items) = value {
        return Value::list(items.iter().map(name));
    }
    name(value)
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

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rule, scorecard, state) = (&self.rule, &self.scorecard, &self.state);
        write!(f, "rule `{rule}` of scorecard `{scorecard}`: {state}")?;
        if let Some(since) = &self.since {
            write!(f, ", since {since}")?;
        }
        write!(f, "\n  {}", self.text)?;
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
            .filter(|input| !self.missing.contains(&input.text));
        for (at, input) in inputs.enumerate() {
            let separator = if at == 0 { ": " } else { ", " };
            write!(f, "{separator}{} is {}", input.text, brief(&input.value))?;
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
        if let Some(error) = &self.error {
            write!(f, "; unknown, because of {error}")?;
        }
        for input in &self.inputs {
            write_way(f, input, "\n        ")?;
        }
        Ok(())
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", self.text, brief(&self.value))?;
        write_way(f, self, "; ")
    }
}

/// Where an input comes from and what last changed it, as far as there is anything to tell.
fn write_way(f: &mut fmt::Formatter<'_>, input: &Input, before: &str) -> fmt::Result {
    if input.way.is_empty() && input.changed.is_none() {
        return Ok(());
    }
    write!(f, "{before}{}:", input.text)?;
    for (at, step) in input.way.iter().enumerate() {
        write!(f, "{} {step}", if at == 0 { "" } else { "," })?;
    }
    match &input.changed {
        Some(changed) if input.way.is_empty() => write!(f, " last changed by {changed}"),
        Some(changed) => write!(f, "; last changed by {changed}"),
        None => Ok(()),
    }
}

/// A value as a literal, cut where it is long.
pub(super) fn brief(value: &Value) -> String {
    let text = literal(value);
    match text.char_indices().nth(VALUE_SHOWN_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
