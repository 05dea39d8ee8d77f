//! `relatedTo`: the entities that some walk over relations joins with a given one.
//!
//! A walk keeps its direction (Port: `upstream` is what the given entity depends on, `downstream`
//! what depends on it), and the given entities are not among the answers.

use std::collections::BTreeMap;

use super::make::{self, all, any, compare, is_of, member, not, test, this, variable};
use super::value::{Given, Kind, Place, Wanted};
use super::{Scope, refused};
use crate::error::{Result, did_you_mean};
use crate::model::{Fields, Model};
use crate::query::check::{blueprints, names};
use crate::query::ir::Blueprints;
use crate::query::syntax::ast::{Arrow, Comparison, Expr, Test};
use crate::value::BlueprintId;

/// The longest walk (Port's own bound of `maxHops`).
pub(super) const HOPS: u32 = 15;

const KEYS: [&str; 5] = ["operator", "blueprint", "value", "direction", "required"];

/// The expression of a rule with `relatedTo`.
pub(super) fn tree(scope: &Scope<'_>, fields: &mut Fields<'_>) -> Result<Expr> {
    let blueprint = fields.need("blueprint")?;
    let label = blueprint.string()?;
    let known = scope.model.find_blueprint(label);
    let id = known.map_err(|error| blueprint.place(error))?.id;
    let place = Place {
        operand: label,
        operator: "relatedTo",
    };
    let value = fields.need("value")?;
    let seeds = Wanted::of(Kind::Identifiers, place).read(value.json())?;
    let arrows = read_arrows(fields)?;
    let relations = match fields.take("required") {
        None => Vec::new(),
        Some(required) => match of_requirement(scope.model, required.bool()?)? {
            relations if relations.is_empty() => return Ok(make::truth(false)),
            relations => relations,
        },
    };
    let walks = |arrow: &&Arrow| leads(scope, id, **arrow, &relations);
    let mut possible: Vec<Arrow> = arrows.iter().filter(walks).copied().collect();
    if possible.is_empty() {
        // The check says why none is.
        possible.extend(arrows.first());
    }
    let walk = |arrow| {
        let seed = make::node(Some("seed"), &[label]);
        let step = make::relation(arrow, &relations, Some((1, HOPS)));
        let path = make::path(make::node(Some("this"), &[]), vec![(step, seed)]);
        make::exists(path, Some(is_one_of(variable("seed"), seeds.clone())))
    };
    let related = any(possible.into_iter().map(walk).collect());
    Ok(if blueprints::contains(&scope.blueprints, id) {
        let itself = is_one_of(this(), seeds.clone());
        let itself = if scope.blueprints == blueprints::one(id) {
            itself
        } else {
            all(vec![is_of(this(), label), itself])
        };
        all(vec![not(itself), related])
    } else {
        related
    })
}

/// Whether an entity has one of some identifiers.
pub(super) fn is_one_of(entity: Expr, identifiers: Given) -> Expr {
    let identifier = member(entity, "$identifier");
    match identifiers {
        Given::One(one) => compare(Comparison::Equal, identifier, one),
        several => test(Test::In, identifier, several.listed()),
    }
}

/// The arrows from the entity that is looked for to the one that is given.
fn read_arrows(fields: &mut Fields<'_>) -> Result<&'static [Arrow]> {
    const DIRECTIONS: [(&str, &[Arrow]); 2] = [
        ("upstream", &[Arrow::Left]),
        ("downstream", &[Arrow::Right]),
    ];
    fields.refuse_misspelled("a rule with `relatedTo`", &KEYS)?;
    let Some(at) = fields.take("direction") else {
        return Ok(&[Arrow::Right, Arrow::Left]);
    };
    let written = at.string()?;
    let known = DIRECTIONS.iter().find(|(known, _)| *known == written);
    known.map(|(_, arrows)| *arrows).ok_or_else(|| {
        let error = at.error(format!(
            "there is no direction `{}`",
            written.escape_debug()
        ));
        let help = did_you_mean(written, DIRECTIONS.map(|(known, _)| known));
        let help = help.unwrap_or_else(|| "use `upstream` or `downstream`".to_owned());
        error.with_help(help)
    })
}

/// The names of the relations that are required, or that are not.
fn of_requirement(model: &Model, required: bool) -> Result<Vec<&str>> {
    let mut found: BTreeMap<&str, [Option<&str>; 2]> = BTreeMap::new();
    for known in model.blueprints() {
        for relation in &known.blueprint.relations {
            let [other, wanted] = found.entry(&relation.name).or_default();
            let fits = relation.required == required;
            *(if fits { wanted } else { other }) = Some(&known.blueprint.identifier);
        }
    }
    let mut names = Vec::new();
    for (name, [other, wanted]) in found {
        match (wanted, other) {
            (Some(wanted), Some(other)) => {
                let (needs, without) = if required {
                    (wanted, other)
                } else {
                    (other, wanted)
                };
                let error = refused(&format!(
                    "`required` here, where the relation `{name}` is required on `{needs}` and not on `{without}`,"
                ));
                return Err(error.with_help("leave `required` out, or write the walk as text"));
            }
            (Some(_), None) => names.push(name),
            (None, _) => {}
        }
    }
    Ok(names)
}

/// Whether the model has walks from the entities looked for to the given one.
fn leads(scope: &Scope<'_>, to: BlueprintId, arrow: Arrow, relations: &[&str]) -> bool {
    let model = scope.model;
    let mut reached = Blueprints::Some([].into());
    let mut layer = scope.blueprints.clone();
    for _ in 0..HOPS {
        layer = step(model, &layer, arrow, relations);
        let more = blueprints::union(&reached, &layer);
        if more == reached {
            break;
        }
        reached = more;
    }
    blueprints::contains(&reached, to)
}

fn step(model: &Model, from: &Blueprints, arrow: Arrow, relations: &[&str]) -> Blueprints {
    let mut next = Blueprints::Some([].into());
    for known in model.blueprints() {
        for relation in &known.blueprint.relations {
            if !relations.is_empty() && !relations.contains(&&*relation.name) {
                continue;
            }
            let (source, targets) = (
                blueprints::one(known.id),
                names::target_set(model, &relation.target),
            );
            let (start, end) = if arrow == Arrow::Left {
                (targets, source)
            } else {
                (source, targets)
            };
            if !blueprints::is_empty(&blueprints::intersect(&start, from)) {
                next = blueprints::union(&next, &end);
            }
        }
    }
    next
}
