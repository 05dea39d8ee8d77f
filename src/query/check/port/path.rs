//! `matchAny` over a path of relations, from the entity looked for or from a given one.

use super::make::{self, exists, member, node, test, this, variable};
use super::operator::Operator;
use super::related::{HOPS, is_one_of};
use super::value::{Given, Kind, Place, Wanted};
use super::{Scope, refused};
use crate::error::Result;
use crate::model::{At, Fields};
use crate::query::syntax::ast::{Arrow, Expr, NodePattern, Path, Test};

/// `{"path": [..], "fromBlueprint": ..}`
#[derive(Debug)]
pub(super) struct Way<'a> {
    steps: Vec<Step<'a>>,
    from: Option<At<'a>>,
    /// Whether the path ends at the owning teams of what it leads to.
    team: bool,
    at: At<'a>,
}

/// One relation, so many times.
#[derive(Clone, Copy, Debug)]
struct Step<'a> {
    relation: &'a str,
    min: u32,
    max: u32,
}

impl<'a> Way<'a> {
    /// The path that a rule tests, if it tests one.
    pub(super) fn read(fields: &Fields<'a>) -> Result<Option<Self>> {
        let Some(at) = fields
            .peek("property")
            .filter(|at| at.json().get("path").is_some())
        else {
            return Ok(None);
        };
        let mut property = at.fields()?;
        let path = property.need("path")?;
        let from = property.take("fromBlueprint");
        property.close("a path", &["path", "fromBlueprint"])?;
        let mut way = Self {
            steps: Vec::new(),
            from,
            team: false,
            at: path.clone(),
        };
        let written: Vec<At<'a>> = path.array()?.collect();
        if written.is_empty() {
            return Err(path.error("the path is empty"));
        }
        let mut ranged = false;
        for step in written {
            way.push(&step, &mut ranged)?;
        }
        Ok(Some(way))
    }

    /// Adds a step. The same relation again makes the step before longer, so that a range goes on
    /// from there.
    fn push(&mut self, at: &At<'a>, ranged: &mut bool) -> Result<()> {
        if self.team {
            return Err(at.place(refused("a step after `$team`")));
        }
        let (relation, hops) = if at.json().is_string() {
            (at.string()?, None)
        } else {
            let mut fields = at.fields()?;
            let relation = fields.need("relation")?.string()?;
            let hops = fields
                .take("maxHops")
                .map(|at| read_hops(&at))
                .transpose()?;
            fields.close("a step of a path", &["relation", "maxHops"])?;
            (relation, hops)
        };
        if hops.is_some() && std::mem::replace(ranged, true) {
            return Err(at.error("`maxHops` twice in one path"));
        }
        if relation == "$team" {
            self.team = true;
            return Ok(());
        }
        match (self.steps.last_mut(), hops) {
            (Some(last), hops) if last.relation == relation => {
                last.min += u32::from(hops.is_none());
                last.max += hops.unwrap_or(1);
            }
            (_, hops) => self.steps.push(Step {
                relation,
                min: 1,
                max: hops.unwrap_or(1),
            }),
        }
        Ok(())
    }

    pub(super) fn tree(
        &self,
        scope: &Scope<'_>,
        operator: Operator,
        fields: &Fields<'_>,
    ) -> Result<Expr> {
        if !operator.is_match_any() {
            let error = refused(&format!("`{}` over a path", operator.name));
            return Err(self.at.place(error.with_help("use `matchAny`")));
        }
        let value = fields.peek("value");
        let value = value.ok_or_else(|| fields.at().error("missing `value`"))?;
        let place = Place {
            operand: "path",
            operator: operator.name,
        };
        let given = Wanted::of(Kind::Identifiers, place).read(value.json())?;
        match &self.from {
            None => Ok(self.upstream(given)),
            Some(_) if self.team => Err(self.at.place(refused("a path that leads to `$team`"))),
            Some(from) => {
                let label = from.string()?;
                scope
                    .model
                    .find_blueprint(label)
                    .map_err(|error| from.place(error))?;
                let path = self.pattern(node(Some("start"), &[label]), node(Some("this"), &[]));
                Ok(exists(path, Some(is_one_of(variable("start"), given))))
            }
        }
    }

    /// From the entity looked for to the given ones.
    fn upstream(&self, given: Given) -> Expr {
        if self.steps.is_empty() {
            return owned(this(), given);
        }
        let path = self.pattern(node(Some("this"), &[]), node(Some("end"), &[]));
        let end = variable("end");
        let holds = if self.team {
            owned(end, given)
        } else {
            is_one_of(end, given)
        };
        exists(path, Some(holds))
    }

    fn pattern(&self, start: NodePattern, end: NodePattern) -> Path {
        let mut end = Some(end);
        let last = self.steps.len().saturating_sub(1);
        let steps = self.steps.iter().enumerate().map(|(at, step)| {
            let hops = (step.min, step.max);
            let hops = (hops != (1, 1)).then_some(hops);
            let relation = make::relation(Arrow::Right, &[step.relation], hops);
            let to = if at == last { end.take() } else { None };
            (relation, to.unwrap_or_else(|| node(None, &[])))
        });
        make::path(start, steps.collect())
    }
}

/// Whether one of some teams owns an entity.
fn owned(entity: Expr, teams: Given) -> Expr {
    test(Test::ContainsAny, member(entity, "$team"), teams.listed())
}

fn read_hops(at: &At<'_>) -> Result<u32> {
    let hops = at.json().as_u64().and_then(|hops| u32::try_from(hops).ok());
    hops.filter(|hops| (1..=HOPS).contains(hops))
        .ok_or_else(|| at.expected(&format!("a whole number from 1 to {HOPS}")))
}
