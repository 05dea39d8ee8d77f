//! What a catalog of the fault tests should hold, as plain maps, and the changes that make it so.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::Snapshot;
use crate::catalog::WriteTx;
use crate::error::Result;
use crate::model::{Blueprint, Scorecard};
use crate::store::fault::Choices;

/// The blueprints: notes are there under some models only.
const KINDS: [&str; 3] = [TEAM, SERVICE, NOTE];
const TEAM: &str = "team";
pub(super) const SERVICE: &str = "service";
const NOTE: &str = "note";

/// How many entities of each blueprint are written one by one; loads use more.
const FEW: u64 = 12;
pub(super) const MANY: u64 = 48;
/// How many models there are.
const MODELS: u64 = 4;

pub(super) type Key = (&'static str, u64);

/// An entity as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Doc {
    pub(super) number: u64,
    /// The length of its text.
    pub(super) text: u64,
    /// The day on which it was made.
    pub(super) made: u64,
    pub(super) owner: Option<u64>,
    pub(super) needs: Vec<u64>,
}

/// A catalog at one commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct World {
    /// Which model is declared.
    pub(super) model: Option<u64>,
    pub(super) docs: BTreeMap<Key, Doc>,
}

#[derive(Clone, Debug)]
pub(super) enum Change {
    Put(Key, Doc),
    /// Changes the number and nothing else.
    Merge(Key, u64),
    Delete(Key),
    Model(u64),
}

pub(super) fn name(key: Key) -> String {
    format!("{}-{}", key.0, key.1)
}

fn text(len: u64) -> String {
    "x".repeat(usize::try_from(len).unwrap())
}

fn day(made: u64) -> String {
    format!("2026-01-{:02}T00:00:00Z", made % 28 + 1)
}

fn has_notes(model: Option<u64>) -> bool {
    model.is_some_and(|model| model >= 2)
}

fn has_card(model: Option<u64>) -> bool {
    model.is_some_and(|model| model != 3)
}

impl Doc {
    fn json(&self, key: Key) -> Json {
        let mut properties = json!({"number": self.number, "text": text(self.text)});
        let mut document = json!({"identifier": name(key)});
        if key.0 == SERVICE {
            properties["made"] = json!(day(self.made));
            let needs: Vec<String> = self
                .needs
                .iter()
                .map(|need| name((SERVICE, *need)))
                .collect();
            let owner = self.owner.map(|owner| name((TEAM, owner)));
            document["relations"] = json!({"owner": owner, "needs": needs});
        }
        document["properties"] = properties;
        document
    }

    /// As one line of a load.
    pub(super) fn line(&self, key: Key) -> String {
        let mut document = self.json(key);
        document["blueprint"] = json!(key.0);
        format!("{document}\n")
    }
}

impl World {
    /// A document of a kind, related to what is there.
    pub(super) fn doc(&self, kind: &str, choices: &mut Choices) -> Doc {
        let text = match choices.below(8) {
            0 => 1_500,
            few => few,
        };
        let mut doc = Doc {
            number: choices.below(6),
            text,
            ..Doc::default()
        };
        if kind == SERVICE {
            doc.made = choices.below(28);
            doc.owner = self.any(TEAM, choices).filter(|_| choices.below(4) > 0);
            let mut needs: Vec<u64> = (0..choices.below(4))
                .filter_map(|_| self.any(SERVICE, choices))
                .collect();
            needs.sort_unstable();
            needs.dedup();
            doc.needs = needs;
        }
        doc
    }

    /// One that is there.
    fn any(&self, kind: &'static str, choices: &mut Choices) -> Option<u64> {
        let count = self.docs.range((kind, 0)..=(kind, u64::MAX)).count() as u64;
        let at = usize::try_from(choices.below(count)).unwrap();
        let mut docs = self.docs.range((kind, 0)..=(kind, u64::MAX));
        docs.nth(at).map(|((_, number), _)| *number)
    }

    /// The kinds that there are, services most of all.
    pub(super) fn kind(&self, choices: &mut Choices) -> &'static str {
        match choices.below(6) {
            0 | 1 => TEAM,
            2 if has_notes(self.model) => NOTE,
            _ => SERVICE,
        }
    }

    /// A change that is possible here.
    pub(super) fn choose(&self, choices: &mut Choices) -> Change {
        let kind = self.kind(choices);
        let existing = self.any(kind, choices);
        match (choices.below(6), existing) {
            (0, Some(number)) => Change::Delete((kind, number)),
            (1 | 2, Some(number)) => Change::Merge((kind, number), choices.below(6)),
            _ => Change::Put((kind, choices.below(FEW)), self.doc(kind, choices)),
        }
    }

    /// Another model, or the first.
    pub(super) fn choose_model(&self, choices: &mut Choices) -> Change {
        let step = choices.below(MODELS - 1) + 1;
        Change::Model(self.model.map_or(step, |model| (model + step) % MODELS))
    }

    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::Put(key, doc) => _ = self.docs.insert(*key, doc.clone()),
            Change::Merge(key, number) => {
                self.docs.get_mut(key).unwrap().number = *number;
            }
            Change::Delete(key) => {
                self.docs.remove(key);
                for doc in self.docs.values_mut() {
                    doc.owner = doc.owner.filter(|owner| (TEAM, *owner) != *key);
                    doc.needs.retain(|need| (SERVICE, *need) != *key);
                }
            }
            Change::Model(model) => {
                self.model = Some(*model);
                if !has_notes(self.model) {
                    self.docs.retain(|(kind, _), _| *kind != NOTE);
                }
            }
        }
    }

    /// Writes a change that is to be applied to this.
    pub(super) fn write(&self, change: &Change, tx: &mut WriteTx) -> Result<()> {
        match change {
            Change::Put(key, doc) => tx.upsert(key.0, &doc.json(*key)),
            Change::Merge(key, number) => {
                let change = json!({"identifier": name(*key), "properties": {"number": number}});
                tx.merge(key.0, &change)
            }
            Change::Delete(key) => tx.delete(key.0, &name(*key)),
            Change::Model(model) => self.declare(*model, tx),
        }
    }

    fn declare(&self, model: u64, tx: &mut WriteTx) -> Result<()> {
        if has_notes(self.model) && !has_notes(Some(model)) {
            for key in self.docs.keys().filter(|(kind, _)| *kind == NOTE) {
                tx.delete(NOTE, &name(*key))?;
            }
            tx.remove_blueprint(NOTE)?;
        }
        if has_card(self.model) && !has_card(Some(model)) {
            tx.remove_scorecard("card")?;
        }
        let (notes, card) = (has_notes(Some(model)), has_card(Some(model)));
        let blueprints = KINDS.iter().filter(|kind| notes || **kind != NOTE);
        let blueprints: Result<Vec<_>> = blueprints.map(|kind| blueprint(kind, model)).collect();
        let cards: Result<Vec<_>> = card.then(|| scorecard(model)).into_iter().collect();
        tx.declare(blueprints?, cards?)
    }

    /// The first difference from what a snapshot says; `None` where there is none.
    pub(super) fn differs(&self, snapshot: &Snapshot) -> Option<String> {
        let mut blueprints = snapshot.model().blueprints();
        let team = blueprints.find(|known| &*known.blueprint.identifier == TEAM);
        let title = team.and_then(|known| known.blueprint.title.as_deref());
        let expected = self.model.map(|model| format!("Team {model}"));
        if title != expected.as_deref() {
            return Some(format!("its model is {title:?}, not {expected:?}"));
        }
        let entities = snapshot.stats().entity_count();
        if entities != self.docs.len() as u64 {
            return Some(format!("{entities} entities, not {}", self.docs.len()));
        }
        self.docs.iter().find_map(|(key, doc)| {
            let found = match snapshot.get(key.0, &name(*key)) {
                Ok(found) => found,
                Err(error) => return Some(error.to_string()),
            };
            self.expected(*key, doc)
                .into_iter()
                .find_map(|(pointer, value)| {
                    let there = found.pointer(pointer).cloned().unwrap_or_default();
                    let differs = there != value
                        && there.as_f64().is_none_or(|it| Some(it) != value.as_f64());
                    differs.then(|| format!("{} of {}: {there}, not {value}", pointer, name(*key)))
                })
        })
    }

    /// What a document says at some places, derived ones among them.
    fn expected(&self, key: Key, doc: &Doc) -> Vec<(&'static str, Json)> {
        let written = doc.json(key);
        let mut expected = vec![
            ("/properties/number", json!(doc.number)),
            ("/properties/text", json!(text(doc.text))),
        ];
        if key.0 == TEAM {
            let owned = self.docs.values().filter(|doc| doc.owner == Some(key.1));
            expected.push(("/properties/services", json!(owned.count())));
        }
        if key.0 == SERVICE {
            let owner = doc.owner.and_then(|owner| self.docs.get(&(TEAM, owner)));
            expected.push(("/relations/owner", written["relations"]["owner"].clone()));
            expected.push(("/relations/needs", written["relations"]["needs"].clone()));
            expected.push(("/properties/size", json!(owner.map(|owner| owner.number))));
            if let Some(model) = self.model.filter(|_| has_card(self.model)) {
                let passed = if doc.number >= model {
                    "SUCCESS"
                } else {
                    "FAILURE"
                };
                expected.push(("/scorecards/card/rules/0/status", json!(passed)));
            }
        }
        expected
    }
}

fn blueprint(kind: &str, model: u64) -> Result<Blueprint> {
    let mut form = json!({
        "identifier": kind, "title": format!("{kind} {model}"),
        "schema": {"properties": {
            "number": {"type": "number"},
            "text": {"type": "string"}
        }, "required": ["number"]}
    });
    if kind == TEAM {
        form["title"] = json!(format!("Team {model}"));
        form["aggregationProperties"] = json!({"services": {
            "title": "Services", "target": SERVICE,
            "calculationSpec": {"func": "count", "calculationBy": "entities"}
        }});
    }
    if kind == SERVICE {
        form["schema"]["properties"]["made"] = json!({"type": "string", "format": "date-time"});
        form["relations"] = json!({
            "owner": {"target": TEAM, "required": false, "many": false},
            "needs": {"target": SERVICE, "required": false, "many": true}
        });
        form["mirrorProperties"] = json!({"size": {"path": "owner.number"}});
        if model.is_multiple_of(2) {
            form["calculationProperties"] =
                json!({"old": {"type": "boolean", "expression": "made < now() - 30d"}});
        }
    }
    Blueprint::from_json(&form)
}

fn scorecard(model: u64) -> Result<Scorecard> {
    Scorecard::from_json(&json!({
        "identifier": "card", "title": "Card", "blueprint": SERVICE,
        "rules": [
            {"identifier": "enough", "level": "Bronze", "when": format!("number >= {model}")},
            {"identifier": "fresh", "level": "Silver", "when": "made >= now() - 60d"}
        ]
    }))
}
