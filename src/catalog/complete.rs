//! What can stand at a place of an unfinished query: the kinds that the syntax expects, as names
//! of the model.

mod members;

use std::collections::BTreeMap;

use crate::error::Span;
use crate::model::Model;
use crate::query::{self, Class, Expected, Kind};
use members::{Names, leads_to, members};

/// Something that can stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// What it is: `property`, `relation`, `scorecard` (a scorecard, or a part of one), `variable`,
    /// `blueprint`, `parameter`, `keyword` or `function`.
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
        for (kind, names) in members(model, of, &expected) {
            found.names(kind, names);
        }
    }
    for (kind, name) in KINDS {
        if expected.kinds.contains(&kind) {
            found.names(name, names(model, kind, &expected, text));
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

fn names(model: &Model, kind: Kind, expected: &Expected, text: &str) -> Names {
    let blueprints = || model.blueprints().map(|known| &known.blueprint);
    match kind {
        Kind::Variable => {
            let variables = expected.bindings.iter().map(|known| {
                let labels = (!known.labels.is_empty()).then(|| known.labels.join(" or "));
                (known.variable.clone(), labels)
            });
            variables.collect()
        }
        Kind::Label => {
            let labels = blueprints().map(|known| {
                (
                    known.identifier.to_string(),
                    known.title.as_deref().map(str::to_owned),
                )
            });
            labels.collect()
        }
        Kind::Relation => {
            let mut relations = BTreeMap::<String, Vec<String>>::new();
            for known in blueprints() {
                for relation in &known.relations {
                    let from = format!("{} {}", known.identifier, leads_to(relation));
                    relations
                        .entry(relation.name.to_string())
                        .or_default()
                        .push(from);
                }
            }
            let shown = relations
                .into_iter()
                .map(|(name, from)| (name, Some(from.join(", "))));
            shown.collect()
        }
        Kind::Parameter => parameters(text, expected.start),
        Kind::Function => Names::new(),
    }
}

/// The parameters that a text has elsewhere than at a place.
fn parameters(text: &str, place: usize) -> Names {
    let parts = query::highlight(text).into_iter();
    let elsewhere = parts.filter(|(span, class)| *class == Class::Parameter && span.start != place);
    let named = elsewhere.filter_map(|(span, _)| text.get(span.start..span.end));
    named.map(|name| (name.replace('`', ""), None)).collect()
}

struct Found<'a> {
    typed: &'a str,
    replace: Span,
    all: Vec<Candidate>,
}

impl Found<'_> {
    /// Names match with regard to case, and are quoted where the language asks for it.
    fn names(&mut self, kind: &'static str, names: Names) {
        let fitting = names.into_iter();
        for (name, detail) in fitting.filter(|(name, _)| name.starts_with(self.typed)) {
            let (sign, plain) = name
                .strip_prefix('$')
                .map_or(("", name.as_str()), |n| ("$", n));
            let text = if is_plain(plain) {
                name
            } else {
                format!("{sign}`{plain}`")
            };
            self.all.push(Candidate {
                kind,
                text,
                replace: self.replace,
                detail,
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
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::candidates;
    use crate::model::{Blueprint, Model, Scorecard};

    fn model() -> Model {
        let read = |json| Blueprint::from_json(&json).unwrap_or_default();
        let team = read(json!({"identifier": "team", "title": "Team",
            "schema": {"properties": {"slack": {"type": "string"}}, "required": []}}));
        let service = read(json!({"identifier": "service", "title": "Service",
            "schema": {"properties": {"tier": {"type": "number"}, "on-call": {"type": "string"}},
                "required": []},
            "calculationProperties": {"twice": {"calculation": ".properties.tier * 2", "type": "number"}},
            "relations": {"owner": {"target": "team", "required": false, "many": false}}}));
        let ready = Scorecard::from_json(&json!({"identifier": "ready", "title": "Ready",
            "blueprint": "service", "rules": [
                {"identifier": "owned", "level": "Gold", "when": "tier = 1"}]}));
        let cards = ready.into_iter().collect();
        Model::default()
            .with(vec![team, service], cards)
            .unwrap_or_default()
    }

    /// The candidates at the `¦`.
    fn at(marked: &str) -> Vec<super::Candidate> {
        let cursor = marked.find('¦').unwrap_or(marked.len());
        candidates(&model(), &marked.replacen('¦', "", 1), cursor)
    }

    fn offered(marked: &str) -> Vec<String> {
        at(marked).into_iter().map(|one| one.text).collect()
    }

    #[test]
    fn names_of_the_model_are_offered_where_they_fit() {
        assert_eq!(offered("MATCH (s:se"), ["service"]);
        assert_eq!(offered("MATCH (s:service)-[:o"), ["owner"]);
        assert_eq!(offered("MATCH (s:service) WHERE s.t"), ["tier", "twice"]);
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

    #[test]
    fn the_parts_of_scorecards_are_offered_behind_them() {
        let of = |rest: &str| {
            offered(&format!(
                "MATCH (s:service)-[:owner]->(t:team) RETURN {rest}"
            ))
        };
        assert_eq!(of("s.$scorecards."), ["ready"]);
        assert_eq!(of("t.$scorecards."), [""; 0]);
        assert_eq!(of("s.$scorecards.ready."), ["level", "rules", "score"]);
        assert_eq!(of("s.$scorecards.ready.rules."), ["owned"]);
        assert_eq!(of("s.$scorecards.ready.rules.owned."), ["passed"]);
    }

    #[test]
    fn parameters_of_the_rest_of_the_text_are_offered() {
        let text = "MATCH (s:service {$identifier: $id}) WHERE s.tier = $¦ LIMIT $most";
        assert_eq!(offered(text), ["$id", "$most"]);
        let text = "MATCH (s:service {$identifier: $id}) WHERE s.tier = $m¦ LIMIT $`most of`";
        assert_eq!(offered(text), ["$`most of`"]);
    }

    #[test]
    fn candidates_say_what_they_are() {
        let detail = |text: &str| at(text).into_iter().find_map(|one| one.detail);
        assert_eq!(
            detail("MATCH (s:service) WHERE s.ti").as_deref(),
            Some("number")
        );
        assert_eq!(
            detail("MATCH (s:service) WHERE s.ow").as_deref(),
            Some("to team")
        );
        assert_eq!(
            detail("MATCH (s:service)-[:ow").as_deref(),
            Some("service to team")
        );
        assert_eq!(detail("MATCH (s:ser").as_deref(), Some("Service"));
    }
}
