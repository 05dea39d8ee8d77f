//! `propertySchema`: every property of a type, on the blueprints at hand.

use std::collections::BTreeMap;

use super::Scope;
use super::make::{all, any, is_of, not, this};
use super::operand::Operand;
use super::operator::Operator;
use crate::error::Result;
use crate::model::{At, Declared, Format, Property, PropertyType};
use crate::query::check::checker::Checker;
use crate::query::check::{blueprints, print};
use crate::query::syntax::ast::Expr;

/// A type, and the format and the elements where the rule names them.
struct Wanted {
    kind: PropertyType,
    format: Option<Format>,
    items: Option<(PropertyType, Option<Format>)>,
}

/// Where a property of that schema is.
#[derive(Default)]
struct Found<'m> {
    on: Vec<&'m str>,
    /// Whether some other blueprint has another property or relation of the name.
    elsewhere: bool,
}

/// What a rule says of any property of a schema; negated, of all of them.
pub(super) fn tree(
    scope: &Scope<'_>,
    schema: &At<'_>,
    operator: Operator,
    rule: &At<'_>,
) -> Result<Expr> {
    let wanted = Wanted::read(schema)?;
    let (mut parts, mut wrong) = (Vec::new(), None);
    for (name, found) in wanted.found(scope) {
        let tested = operator.of(&Operand::named(scope, name), rule)?;
        // Where the value cannot be one of the property's, nothing has it.
        let checked = Checker::for_condition(scope.model, &scope.blueprints);
        if let Err(error) = checked.rule(&tested) {
            wrong.get_or_insert(error.with_text(&print::expression(&tested)));
            continue;
        }
        if !found.elsewhere {
            parts.push(tested);
            continue;
        }
        let owners = found.on.iter().map(|blueprint| is_of(this(), blueprint));
        let owned = any(owners.collect());
        parts.push(if operator.negated {
            any(vec![not(owned), tested])
        } else {
            all(vec![owned, tested])
        });
    }
    Ok(if operator.negated {
        all(parts)
    } else {
        any(parts)
    })
}

impl Wanted {
    fn read(at: &At<'_>) -> Result<Self> {
        let mut fields = at.fields()?;
        let kind = PropertyType::read(&fields.need("type")?)?;
        let format = fields.take("format");
        let format = format.map(|at| Format::read(&at, kind)).transpose()?;
        let items = fields.take("items").map(|at| -> Result<_> {
            let mut fields = at.fields()?;
            let kind = PropertyType::read(&fields.need("type")?)?;
            let format = fields.take("format");
            let format = format.map(|at| Format::read(&at, kind)).transpose()?;
            fields.close("the elements of a property", &["type", "format"])?;
            Ok((kind, format))
        });
        fields.close("a `propertySchema`", &["type", "format", "items"])?;
        Ok(Self {
            kind,
            format,
            items: items.transpose()?,
        })
    }

    fn fits(&self, property: &Property) -> bool {
        let same = |wanted: Option<Format>, has| wanted.is_none() || wanted == has;
        let items = match (self.items, property.items) {
            (None, _) => true,
            (Some((kind, format)), Some((has, formatted))) => {
                kind == has && same(format, formatted)
            }
            (Some(_), None) => false,
        };
        self.kind == property.kind && same(self.format, property.format) && items
    }

    /// The stored properties of the schema, by name.
    fn found<'m>(&self, scope: &Scope<'m>) -> BTreeMap<&'m str, Found<'m>> {
        let mut all: BTreeMap<&str, Found<'m>> = BTreeMap::new();
        let members = || blueprints::members(scope.model, &scope.blueprints);
        for known in members() {
            for property in known.blueprint.properties.iter().filter(|p| self.fits(p)) {
                let found = all.entry(&property.name).or_default();
                found.on.push(&known.blueprint.identifier);
            }
        }
        for (name, found) in &mut all {
            found.elsewhere = members().any(|known| match known.declared(name) {
                None => false,
                Some(Declared::Property(property)) => !self.fits(property),
                Some(_) => true,
            });
        }
        all
    }
}
