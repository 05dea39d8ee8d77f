//! What can stand behind the dot of an entity: the names that its blueprints have, with what they
//! are.

use std::collections::BTreeMap;

use crate::model::{Blueprint, Meta, Model, Relation, Target};
use crate::query::{Expected, PropertyOf};

/// Names of one kind with what is known of them, in the order of names.
pub(super) type Names = BTreeMap<String, Option<String>>;

const SCORECARDS: &str = "$scorecards";

/// The names that can stand there, by kind, best first.
pub(super) fn members(
    model: &Model,
    of: &PropertyOf,
    expected: &Expected,
) -> Vec<(&'static str, Names)> {
    let path = match of {
        PropertyOf::Path(path) => path.as_slice(),
        PropertyOf::Labels(_) | PropertyOf::Unknown => &[],
    };
    let card = path.iter().position(|step| step == SCORECARDS);
    if let Some((before, [_, card @ ..])) = card.map(|at| path.split_at(at)) {
        let graded = reached(model, before, expected);
        return vec![("scorecard", of_scorecards(model, &graded, card))];
    }
    let blueprints = match of {
        PropertyOf::Labels(labels) => labelled(model, labels),
        PropertyOf::Path(path) => reached(model, path, expected),
        PropertyOf::Unknown => all(model),
    };
    let each = |names: &dyn Fn(&Blueprint) -> Names| -> Names {
        blueprints.iter().flat_map(|of| names(of)).collect()
    };
    let metas = Meta::ALL.iter().map(|(name, _)| ((*name).to_owned(), None));
    let metas = metas.chain([(SCORECARDS.to_owned(), Some("levels and rules".to_owned()))]);
    vec![
        ("property", each(&properties)),
        ("relation", each(&relations)),
        ("property", metas.collect()),
    ]
}

fn properties(blueprint: &Blueprint) -> Names {
    let mut names = Names::new();
    let mut add = |name: &str, what: String| names.insert(name.to_owned(), Some(what));
    for property in &blueprint.properties {
        add(&property.name, property.kind.name().to_owned());
    }
    for mirror in &blueprint.mirrors {
        add(&mirror.name, format!("mirror of {}", mirror.path()));
    }
    for calculation in &blueprint.calculations {
        add(&calculation.name, "calculation".to_owned());
    }
    for aggregation in &blueprint.aggregations {
        add(&aggregation.name, "aggregation".to_owned());
    }
    names
}

fn relations(blueprint: &Blueprint) -> Names {
    let relations = blueprint.relations.iter();
    let named = relations.map(|relation| (relation.name.to_string(), Some(leads_to(relation))));
    named.collect()
}

/// What a relation leads to, for people.
pub(super) fn leads_to(relation: &Relation) -> String {
    let many = if relation.many { "many " } else { "" };
    match &relation.target {
        Target::Any => format!("to {many}of any blueprint"),
        Target::Blueprints(names) => format!("to {many}{}", names.join(" or ")),
    }
}

/// What follows `$scorecards.` and the names behind it.
fn of_scorecards(model: &Model, graded: &[&Blueprint], path: &[String]) -> Names {
    let cards = model.scorecards().map(|(_, card)| card);
    let mut cards = cards.filter(|card| {
        let of = |blueprint: &&Blueprint| blueprint.identifier == card.blueprint;
        graded.iter().any(of)
    });
    let words = |words: &[(&str, &str)]| -> Names {
        let words = words.iter();
        let words = words.map(|(word, what)| ((*word).to_owned(), Some((*what).to_owned())));
        words.collect()
    };
    match path {
        [] => cards
            .map(|card| {
                (
                    card.identifier.to_string(),
                    card.title.as_deref().map(str::to_owned),
                )
            })
            .collect(),
        [_] => words(&[
            ("level", "the level that is reached"),
            ("score", "the weight of the rules that pass, in hundredths"),
            ("rules", "every rule, or behind a dot one"),
        ]),
        [card, rules] if rules == "rules" => {
            let card = cards.find(|known| *known.identifier == **card);
            let rules = card.into_iter().flat_map(|card| &card.rules);
            let named = |rule: &crate::model::Rule| {
                (
                    rule.identifier.to_string(),
                    rule.title.as_deref().map(str::to_owned),
                )
            };
            rules.map(named).collect()
        }
        [_, rules, _] if rules == "rules" => words(&[("passed", "whether the rule passes")]),
        _ => Names::new(),
    }
}

fn all(model: &Model) -> Vec<&Blueprint> {
    model.blueprints().map(|known| &known.blueprint).collect()
}

/// The blueprints of some labels; all where none of them is known.
fn labelled<'m>(model: &'m Model, labels: &[String]) -> Vec<&'m Blueprint> {
    let mut known = all(model);
    if labels
        .iter()
        .any(|label| model.blueprint_id(label).is_some())
    {
        known.retain(|known| labels.iter().any(|label| **label == *known.identifier));
    }
    known
}

/// The blueprints that a path of relations from a variable leads to.
fn reached<'m>(model: &'m Model, path: &[String], expected: &Expected) -> Vec<&'m Blueprint> {
    let Some((variable, steps)) = path.split_first() else {
        return all(model);
    };
    let mut bindings = expected.bindings.iter();
    let binding = bindings.find(|known| known.variable == *variable);
    let mut blueprints = labelled(model, binding.map_or(&[], |known| &known.labels));
    for step in steps {
        let relations = blueprints.iter().filter_map(|known| known.relation(step));
        let targets: Vec<&Target> = relations.map(|relation| &relation.target).collect();
        blueprints = all(model);
        blueprints.retain(|known| {
            targets
                .iter()
                .any(|target| target.allows(&known.identifier))
        });
    }
    blueprints
}
