//! `x.$scorecards.production.level`, `.score` and `.rules`: scorecards as data.

use super::checker::Checker;
use super::names::suggest;
use super::reads::{entities_of, read_from};
use super::{blueprints, types};
use crate::error::{Error, Result};
use crate::model::Scorecard;
use crate::query::ir::{Expr, Read, Type};
use crate::query::syntax::ast::Name;
use crate::value::ScorecardId;

impl Checker<'_> {
    /// What follows `$scorecards`; gives back the names that it did not take.
    pub(super) fn scorecard<'n, 't>(
        &self,
        base: Expr,
        namespace: &Name,
        steps: &'n [&'t Name],
    ) -> Result<(Expr, &'n [&'t Name])> {
        let [name, steps @ ..] = steps else {
            return Err(
                Error::unsupported("reading all scorecards at once", namespace.span)
                    .with_help("name one: `$scorecards.name.level`"),
            );
        };
        let (id, card) = self.find_scorecard(&base, name)?;
        let [part, steps @ ..] = steps else {
            return Err(Error::unsupported("reading a whole scorecard", name.span)
                .with_help("read its `level`, `score` or `rules`"));
        };
        match (&*part.text, steps) {
            ("level", steps) => Ok((
                read_from(base, Read::Level(id), Type::Level(id), part),
                steps,
            )),
            ("score", steps) => Ok((read_from(base, Read::Score(id), Type::Number, part), steps)),
            ("rules", [rule, steps @ ..]) => {
                let at = find_rule(card, rule)?;
                let [passed, steps @ ..] = steps else {
                    return Err(Error::unsupported("reading a whole rule", rule.span)
                        .with_help(format!("write `{}.passed`", rule.text)));
                };
                if &*passed.text != "passed" {
                    return Err(only(passed, "a rule", &["passed"]));
                }
                Ok((
                    read_from(base, Read::RulePassed(id, at), Type::Boolean, passed),
                    steps,
                ))
            }
            ("rules", steps) => Ok((
                read_from(base, Read::Rules(id), types::list_of(Type::Map), part),
                steps,
            )),
            _ => Err(only(part, "a scorecard", &["level", "score", "rules"])),
        }
    }

    fn find_scorecard(&self, base: &Expr, name: &Name) -> Result<(ScorecardId, &Scorecard)> {
        let set = entities_of(base, "$scorecards")?;
        let id = self.model.scorecard_id(&name.text);
        let found = id.and_then(|id| Some((id, &**self.model.scorecard(id)?)));
        let Some((id, card)) = found else {
            let message = format!("there is no scorecard `{}`", name.text);
            let known = self.model.scorecards().map(|(_, card)| &*card.identifier);
            return Err(suggest(
                Error::syntax(message, name.span),
                &name.text,
                known,
            ));
        };
        let graded = self.model.blueprint_id(&card.blueprint);
        if graded.is_some_and(|graded| blueprints::contains(set, graded)) {
            return Ok((id, card));
        }
        let shown = blueprints::shown(self.model, set).unwrap_or_default();
        let message = format!(
            "the scorecard `{}` is of `{}`, not of {shown}",
            name.text, card.blueprint
        );
        Err(Error::syntax(message, name.span))
    }
}

fn find_rule(card: &Scorecard, name: &Name) -> Result<u16> {
    let at = card
        .rules
        .iter()
        .position(|rule| *rule.identifier == *name.text);
    at.and_then(|at| u16::try_from(at).ok()).ok_or_else(|| {
        let message = format!(
            "the scorecard `{}` has no rule `{}`",
            card.identifier, name.text
        );
        let known = card.rules.iter().map(|rule| &*rule.identifier);
        suggest(Error::syntax(message, name.span), &name.text, known)
    })
}

fn only(name: &Name, what: &str, known: &[&str]) -> Error {
    let shown = blueprints::listed(known.iter().copied(), "or");
    let message = format!("{what} has no `{}`", name.text);
    Error::syntax(message, name.span).with_help(format!("read {shown}"))
}
