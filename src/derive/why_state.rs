//! How an entity stands under a rule: whether it passes, and by what.

use std::fmt;
use std::sync::Arc;

use super::atom::truth;
use super::formula::{Formula, normalise};
use crate::error::{Error, Result};
use crate::model::{Rule, Scorecard};
use crate::query::ir::{Expr, RuleExpr};
use crate::query::{check, exec};
use crate::state::{Head, Record, State};
use crate::value::{EntityId, Instant, ScorecardId};

/// How an entity stands under a rule of a scorecard; prints as a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleState {
    /// It meets the rule.
    Passed,
    /// It does not meet the rule.
    Failed,
    /// It passes without meeting the rule, until a point in time.
    InGrace {
        /// When that ends.
        until: Instant,
    },
    /// It passes without meeting the rule, because it is exempted.
    Exempt {
        /// When that ends; `None`: never.
        until: Option<Instant>,
        /// Why, where that was said.
        reason: Option<Arc<str>>,
    },
    /// The filter of the scorecard leaves it out.
    NotGraded,
}

impl RuleState {
    /// Whether it counts as passing.
    ///
    /// ```
    /// use portolan::RuleState;
    ///
    /// let exempt = RuleState::Exempt { until: None, reason: Some("legacy".into()) };
    /// assert!(exempt.passes() && !RuleState::Failed.passes());
    /// assert_eq!(exempt.to_string(), "exempt: legacy");
    /// ```
    #[must_use]
    pub const fn passes(&self) -> bool {
        match self {
            Self::Passed | Self::InGrace { .. } | Self::Exempt { .. } => true,
            Self::Failed | Self::NotGraded => false,
        }
    }

    /// The name of the state in JSON.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::InGrace { .. } => "inGrace",
            Self::Exempt { .. } => "exempt",
            Self::NotGraded => "notGraded",
        }
    }

    /// How an entity of a version stands. Costs one evaluation of the rule where it has a grace
    /// period or exemptions, else nothing.
    pub(crate) fn of(
        state: &State,
        (id, scorecard): (ScorecardId, &Scorecard),
        place: u16,
        entity: Record<'_>,
    ) -> Result<Self> {
        let Some(rule) = scorecard.rules.get(usize::from(place)) else {
            return Err(Error::internal("a rule that the scorecard does not have"));
        };
        if state.derived().level(id, entity.id).is_none() {
            return Ok(Self::NotGraded);
        }
        if !state.rule_passes(id, place, entity.id) {
            return Ok(Self::Failed);
        }
        let excused = Self::excused(rule, entity, state.time());
        let Some(excused) = excused else {
            return Ok(Self::Passed);
        };
        let expr = check::rule(state.model(), entity.blueprint(), &rule.test)?;
        let met = holds(state, &expr, entity.id)?;
        Ok(if met { Self::Passed } else { excused })
    }

    /// What would let an entity pass at a point in time without meeting a rule.
    fn excused(rule: &Rule, entity: Record<'_>, now: Instant) -> Option<Self> {
        let ahead = |until: Option<Instant>| until.is_none_or(|until| now < until);
        let Head {
            identifier,
            created_at,
            ..
        } = entity.head();
        let mine = rule.exemptions.iter();
        let mine = mine.filter(|exemption| &*exemption.entity == identifier);
        // Of several the one that ends last.
        let exemption = mine
            .filter(|exemption| ahead(exemption.until))
            .max_by_key(|exemption| exemption.until.unwrap_or(Instant(i64::MAX)));
        if let Some(exemption) = exemption {
            return Some(Self::Exempt {
                until: exemption.until,
                reason: exemption.reason.as_deref().map(Arc::from),
            });
        }
        let start = rule.enforced_from.max(rule.grace.map(|_| created_at));
        let until = match rule.grace {
            Some(grace) => start?.checked_add(grace)?,
            None => start?,
        };
        (now < until).then_some(Self::InGrace { until })
    }
}

/// Whether a condition is true of an entity, evaluated part by part as the planes are: a part
/// that cannot be computed is unknown.
pub(super) fn holds(state: &State, rule: &RuleExpr, entity: EntityId) -> Result<bool> {
    let mut truths = Vec::new();
    let formula = normalise(&rule.expr, true, &mut |leaf: &Expr, wanted| {
        let part = RuleExpr {
            expr: leaf.clone(),
            slots: rule.slots,
            locals: rule.locals,
        };
        let value = exec::evaluate(state, &part, entity, state.time());
        truths.push(truth(value)? == Some(wanted));
        Ok::<_, Error>(u32::try_from(truths.len() - 1).unwrap_or(u32::MAX))
    })?;
    Ok(passes(&formula, &truths))
}

/// The truth of a formula by the truths of its parts.
pub(super) fn passes(formula: &Formula, truths: &[bool]) -> bool {
    match formula {
        Formula::All => true,
        Formula::None => false,
        Formula::Atom(at) => truths.get(*at as usize).copied().unwrap_or_default(),
        Formula::And(parts) => parts.iter().all(|part| passes(part, truths)),
        Formula::Or(parts) => parts.iter().any(|part| passes(part, truths)),
    }
}

impl fmt::Display for RuleState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Failed => f.write_str("not passed"),
            Self::InGrace { until } => write!(f, "in grace until {until}"),
            Self::Exempt { until, reason } => {
                f.write_str("exempt")?;
                if let Some(until) = until {
                    write!(f, " until {until}")?;
                }
                match reason {
                    Some(reason) => write!(f, ": {reason}"),
                    None => Ok(()),
                }
            }
            Self::NotGraded => f.write_str("not graded: the scorecard's filter leaves it out"),
        }
    }
}
