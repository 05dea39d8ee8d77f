//! What a rule tests: a property, a relation, the level of a scorecard, or something of the user.

use super::Scope;
use super::make::{member, this};
use super::value::{self, Given};
use crate::error::Result;
use crate::model::{At, Declared, Fields, Property, PropertyType};
use crate::query::check::blueprints;
use crate::query::syntax::ast::Expr;

/// How the values of an operand compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    One,
    /// An array property.
    List,
    /// A relation to many, or teams: an operator speaks of some of them.
    Many,
    /// Whether a rule of a scorecard passes, which Port calls its status.
    Status,
}

/// What a rule tests.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    /// What is compared.
    pub(super) tested: Expr,
    /// What may be empty: of a relation that itself, not what is read of its target.
    pub(super) whole: Expr,
    pub(super) shape: Shape,
    /// As errors name it.
    pub(super) name: String,
}

impl Operand {
    /// Reads the operand of a rule, or a key to sort or group by.
    pub(super) fn read(scope: &Scope<'_>, fields: &mut Fields<'_>) -> Result<Self> {
        let property = fields.take("property");
        let relation = fields.take("relation");
        let scorecard = fields.take("scorecard");
        match (property, relation, scorecard) {
            (Some(property), None, None) => Self::property(scope, &property),
            (None, Some(relation), None) => {
                let target = fields.take("targetProperty");
                let target = target.map(|at| at.string()).transpose()?;
                Ok(Self::relation(scope, relation.string()?, target))
            }
            (None, None, Some(scorecard)) => {
                let rule = fields.take("scorecardRule");
                let rule = rule.map(|at| at.string()).transpose()?;
                Ok(Self::scorecard(scorecard.string()?, rule))
            }
            (None, None, None) => {
                let error = fields.at().error("missing `property`");
                Err(error.with_help("name a `property`, a `relation` or a `scorecard`"))
            }
            _ => {
                let message = "a rule has one of `property`, `relation` and `scorecard`";
                Err(fields.at().error(message))
            }
        }
    }

    fn property(scope: &Scope<'_>, at: &At<'_>) -> Result<Self> {
        if let Some(given) = value::context(at.json())? {
            let (shape, tested) = match given {
                Given::One(tested) | Given::Open(tested) => (Shape::One, tested),
                Given::Several(tested) => (Shape::Many, tested),
            };
            let name = at.json().get("property");
            return Ok(Self {
                whole: tested.clone(),
                tested,
                shape,
                name: name
                    .and_then(|name| name.as_str())
                    .unwrap_or_default()
                    .to_owned(),
            });
        }
        let name = at.string()?;
        // Port's other way to say `"relation"`.
        if let Some(relation) = name.strip_prefix("$relation.") {
            return Ok(Self::relation(scope, relation, None));
        }
        Ok(Self::named(scope, name))
    }

    /// A property or meta-property by its name.
    pub(super) fn named(scope: &Scope<'_>, name: &str) -> Self {
        let shape = match name {
            "$team" => Shape::Many,
            _ if scope.declared(name).any(is_array) => Shape::List,
            _ => Shape::One,
        };
        let tested = member(this(), name);
        Self {
            whole: tested.clone(),
            tested,
            shape,
            name: name.to_owned(),
        }
    }

    fn relation(scope: &Scope<'_>, relation: &str, target: Option<&str>) -> Self {
        // A property may have the name of a relation, and bare it would win.
        let whole = member(member(this(), "$relations"), relation);
        let many = scope.relations(relation).any(|relation| relation.many);
        Self {
            tested: member(whole.clone(), target.unwrap_or("$identifier")),
            whole,
            shape: if many { Shape::Many } else { Shape::One },
            name: relation.to_owned(),
        }
    }

    fn scorecard(scorecard: &str, rule: Option<&str>) -> Self {
        let card = member(member(this(), "$scorecards"), scorecard);
        let (tested, shape, name) = match rule {
            None => (member(card, "level"), Shape::One, scorecard.to_owned()),
            Some(rule) => (
                member(member(member(card, "rules"), rule), "passed"),
                Shape::Status,
                format!("{scorecard}.{rule}"),
            ),
        };
        Self {
            whole: tested.clone(),
            tested,
            shape,
            name,
        }
    }
}

fn is_array(declared: Declared<'_>) -> bool {
    matches!(
        declared,
        Declared::Property(Property {
            kind: PropertyType::Array,
            ..
        })
    )
}

impl<'m> Scope<'m> {
    /// What a name is on each of the blueprints that have it.
    pub(super) fn declared<'n>(
        &self,
        name: &'n str,
    ) -> impl Iterator<Item = Declared<'m>> + use<'m, 'n> {
        let model = self.model;
        let blueprints = self.blueprints.clone();
        model
            .blueprints()
            .filter(move |known| blueprints::contains(&blueprints, known.id))
            .filter_map(move |known| known.declared(name))
    }

    /// The relations of a name, of each of the blueprints that have it.
    pub(super) fn relations<'n>(
        &self,
        name: &'n str,
    ) -> impl Iterator<Item = &'m crate::model::Relation> + use<'m, 'n> {
        let model = self.model;
        let blueprints = self.blueprints.clone();
        model
            .blueprints()
            .filter(move |known| blueprints::contains(&blueprints, known.id))
            .filter_map(move |known| known.blueprint.relation(name))
    }
}
