//! What can stand at a place of an unfinished query: the kinds that the syntax expects, as names
//! of the model.

use std::collections::BTreeSet;

use crate::error::Span;
use crate::model::{Blueprint, Meta, Model, Target};
use crate::query::{self, Expected, Kind, PropertyOf};

/// Something that can stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// What it is: `property`, `relation`, `variable`, `blueprint`, `parameter`, `keyword` or
    /// `function`.
    pub kind: &'static str,
    /// The text to put there.
    pub text: String,
    /// The bytes of the query that it takes the place of.
    pub replace: Span,
    /// How it is used and what it does, where there is more to say than its name.
    pub detail: Option<String>,
}

/// Candidates for the word at the cursor, names of the model before the words of the language.
pub(super) fn candidates(model: &Model, text: &str, cursor: usize) -> Vec<Candidate> {
    let cursor = text.floor_char_boundary(cursor);
    let expected = query::expected(text, cursor);
    let typed = text
        .get(expected.start..cursor)
        .unwrap_or("")
        .trim_start_matches('`');
    let mut found = Found {
        typed,
        replace: Span::new(expected.start, cursor),
        all: Vec::new(),
    };
    if let Some(of) = &expected.property {
        found.properties(&blueprints_of(model, of, &expected));
    }
    for (kind, name) in KINDS {
        if expected.kinds.contains(&kind) {
            found.names(name, names(model, kind, &expected));
        }
    }
    found.words(
        "keyword",
        expected.keywords.iter().map(|word| (*word, None)),
    );
    if expected.kinds.contains(&Kind::Function) {
        found.words("function", query::functions());
    }
    found.all
}

/// The kinds of names that a model or text has, in the order in which they are offered.
const KINDS: [(Kind, &str); 4] = [
    (Kind::Variable, "variable"),
    (Kind::Label, "blueprint"),
    (Kind::Relation, "relation"),
    (Kind::Parameter, "parameter"),
];

fn names(model: &Model, kind: Kind, expected: &Expected) -> BTreeSet<String> {
    let blueprints = || model.blueprints().map(|known| &known.blueprint);
    match kind {
        Kind::Variable => expected
            .bindings
            .iter()
            .map(|known| known.variable.clone())
            .collect(),
        Kind::Label => blueprints()
            .map(|known| known.identifier.to_string())
            .collect(),
        Kind::Relation => {
            let relations = blueprints().flat_map(|known| &known.relations);
            relations
                .map(|relation| relation.name.to_string())
                .collect()
        }
        Kind::Function | Kind::Parameter => BTreeSet::new(),
    }
}

/// The blueprints whose properties can stand there: those of the labels, or of what a path of
/// relations leads to; all where nothing is known.
fn blueprints_of<'a>(model: &'a Model, of: &PropertyOf, expected: &Expected) -> Vec<&'a Blueprint> {
    let all = || model.blueprints().map(|known| &known.blueprint);
    let labelled = |labels: &[String]| -> Vec<&Blueprint> {
        let known = all().filter(|known| labels.iter().any(|label| **label == *known.identifier));
        let known: Vec<_> = known.collect();
        if known.is_empty() {
            all().collect()
        } else {
            known
        }
    };
    match of {
        PropertyOf::Labels(labels) => labelled(labels),
        PropertyOf::Unknown => all().collect(),
        PropertyOf::Path(path) => {
            let Some((variable, steps)) = path.split_first() else {
                return all().collect();
            };
            let binding = expected
                .bindings
                .iter()
                .find(|known| known.variable == *variable);
            let mut blueprints = labelled(binding.map_or(&[], |known| &known.labels));
            for step in steps {
                let relations = blueprints.iter().filter_map(|known| known.relation(step));
                let targets: Vec<&Target> = relations.map(|relation| &relation.target).collect();
                blueprints = all()
                    .filter(|b| targets.iter().any(|t| t.allows(&b.identifier)))
                    .collect();
            }
            blueprints
        }
    }
}

struct Found<'a> {
    typed: &'a str,
    replace: Span,
    all: Vec<Candidate>,
}

impl Found<'_> {
    fn properties(&mut self, blueprints: &[&Blueprint]) {
        let of = |names: &dyn Fn(&Blueprint) -> Vec<String>| -> BTreeSet<String> {
            blueprints
                .iter()
                .flat_map(|blueprint| names(blueprint))
                .collect()
        };
        self.names(
            "property",
            of(&|blueprint| {
                let stored = blueprint
                    .properties
                    .iter()
                    .map(|known| known.name.to_string());
                stored
                    .chain(blueprint.mirrors.iter().map(|known| known.name.to_string()))
                    .collect()
            }),
        );
        self.names(
            "relation",
            of(&|blueprint| {
                blueprint
                    .relations
                    .iter()
                    .map(|known| known.name.to_string())
                    .collect()
            }),
        );
        let metas = Meta::ALL.iter().map(|(name, _)| (*name).to_owned());
        self.names(
            "property",
            metas.chain(["$scorecards".to_owned()]).collect(),
        );
    }

    /// Names match with regard to case, and are quoted where the language asks for it.
    fn names(&mut self, kind: &'static str, names: BTreeSet<String>) {
        for name in names
            .into_iter()
            .filter(|name| name.starts_with(self.typed))
        {
            let text = if is_plain(&name) {
                name
            } else {
                format!("`{name}`")
            };
            self.all.push(Candidate {
                kind,
                text,
                replace: self.replace,
                detail: None,
            });
        }
    }

    /// Words of the language match without regard to case.
    fn words(
        &mut self,
        kind: &'static str,
        words: impl Iterator<Item = (&'static str, Option<String>)>,
    ) {
        let typed = self.typed.to_lowercase();
        for (word, detail) in words.filter(|(word, _)| word.to_lowercase().starts_with(&typed)) {
            let (text, replace) = (word.to_owned(), self.replace);
            self.all.push(Candidate {
                kind,
                text,
                replace,
                detail,
            });
        }
    }
}

/// Whether a name can stand without backticks everywhere.
fn is_plain(name: &str) -> bool {
    let name = name.strip_prefix('$').unwrap_or(name);
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::candidates;
    use crate::model::{Blueprint, Model};

    fn offered(text: &str) -> Vec<String> {
        let read = |json| Blueprint::from_json(&json).unwrap_or_default();
        let team = read(json!({"identifier": "team", "title": "Team",
            "schema": {"properties": {"slack": {"type": "string"}}, "required": []}}));
        let service = read(json!({"identifier": "service", "title": "Service",
            "schema": {"properties": {"tier": {"type": "number"}, "on-call": {"type": "string"}},
                "required": []},
            "relations": {"owner": {"target": "team", "required": false, "many": false}}}));
        let model = Model::default()
            .with(vec![team, service], Vec::new())
            .unwrap_or_default();
        candidates(&model, text, text.len())
            .into_iter()
            .map(|one| one.text)
            .collect()
    }

    #[test]
    fn names_of_the_model_are_offered_where_they_fit() {
        assert_eq!(offered("MATCH (s:se"), ["service"]);
        assert_eq!(offered("MATCH (s:service)-[:o"), ["owner"]);
        assert_eq!(offered("MATCH (s:service) WHERE s.t"), ["tier"]);
        assert_eq!(
            offered("MATCH (s:service) RETURN s.o"),
            ["`on-call`", "owner"]
        );
        assert_eq!(offered("MATCH (s:service) RETURN s.owner.s"), ["slack"]);
        assert_eq!(offered("MATCH (s:service) RETURN s.$ti"), ["$title"]);
        assert_eq!(offered("MATCH (svc:service) RETURN sv"), ["svc"]);
        assert!(offered("MATCH (s:service) ret").contains(&"RETURN".to_owned()));
        assert!(offered("MATCH (s:service) RETURN cou").contains(&"count".to_owned()));
    }
}
