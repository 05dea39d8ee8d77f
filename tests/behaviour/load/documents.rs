//! Random documents and lines, and by hand what a load makes of them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value as Json, json};

const BLUEPRINTS: [&str; 3] = ["org", "team", "part"];
/// A relation: name, what it may lead to, whether it is required, and many.
type Relation = (&'static str, &'static [usize], bool, bool);
const RELATIONS: [&[Relation]; 3] = [
    &[("friend", &[0, 1, 2], false, false)],
    &[("org", &[0], false, false), ("lead", &[1], true, false)],
    &[
        ("owner", &[1], false, false),
        ("of", &[0, 2], true, false),
        ("on", &[0, 1, 2], false, true),
    ],
];
/// Names are few, and shared by all blueprints, so that they meet.
const NAMES: usize = 6;

/// What is said of a target: which blueprint, if any, and which name.
pub(super) type Target = (Option<usize>, usize);
/// An entity by blueprint and name.
type Name = (usize, usize);

/// A document that can be wrong in itself in one way.
#[derive(Clone, Debug)]
pub(super) struct Document {
    name: Name,
    /// By the relations of the blueprint, in their order.
    targets: Vec<Vec<Target>>,
    tier: u8,
    size: Option<u8>,
    note: Note,
    teams: bool,
    wrong: Option<usize>,
}

/// What is said of a property that need not be there.
#[derive(Clone, Copy, Debug)]
enum Note {
    Nothing,
    Null,
    Text(u8),
}

/// A line of a load.
#[derive(Clone, Debug)]
pub(super) enum Line {
    Document(Document),
    Blank,
    /// Something that is no document, by number.
    Broken(usize),
}

const BROKEN: [&[u8]; 7] = [
    b"{\"blueprint\":",
    b"\"\xff\xfe\"",
    b"[]",
    b"{\"identifier\":\"a\"}",
    b"{\"blueprint\":\"orgg\",\"identifier\":\"a\"}",
    b"{\"blueprint\":\"org\"}",
    b"{\"blueprint\":\"org\",\"identifier\":\"a\"} {}",
];
/// How a document can be wrong in itself.
const WRONG: usize = 6;

fn target() -> impl Strategy<Value = Target> {
    (prop::option::weighted(0.6, 0..3usize), 0..NAMES)
}

pub(super) fn document() -> impl Strategy<Value = Document> {
    let targets = prop::collection::vec(prop::collection::vec(target(), 0..4), 3);
    let values = (
        1..4u8,
        prop::option::of(1..5u8),
        prop_oneof![
            Just(Note::Nothing),
            Just(Note::Null),
            (0..3u8).prop_map(Note::Text)
        ],
    );
    let wrong = prop::option::weighted(0.15, 0..WRONG);
    (0..3usize, 0..NAMES, targets, values, any::<bool>(), wrong).prop_map(
        |(blueprint, name, mut targets, (tier, size, note), teams, wrong)| {
            let relations = RELATIONS[blueprint];
            targets.truncate(relations.len());
            for (targets, (_, allowed, required, many)) in targets.iter_mut().zip(relations) {
                if !many {
                    targets.truncate(1);
                }
                if *required && targets.is_empty() {
                    targets.push((Some(allowed[0]), name));
                }
            }
            Document {
                name: (blueprint, name),
                targets,
                tier,
                size,
                note,
                teams,
                wrong,
            }
        },
    )
}

pub(super) fn line() -> impl Strategy<Value = Line> {
    prop_oneof![
        12 => document().prop_map(Line::Document),
        1 => Just(Line::Blank),
        1 => (0..BROKEN.len()).prop_map(Line::Broken),
    ]
}

fn text(name: usize) -> String {
    format!("n{name}")
}

fn targets_to_json(targets: &[Target], many: bool) -> Json {
    let one = |(blueprint, name): &Target| match blueprint {
        Some(blueprint) => json!({"blueprint": BLUEPRINTS[*blueprint], "identifier": text(*name)}),
        None => json!(text(*name)),
    };
    match targets {
        [] => Json::Null,
        [only] if !many => one(only),
        all => all.iter().map(one).collect(),
    }
}

impl Document {
    pub(super) fn blueprint(&self) -> &'static str {
        BLUEPRINTS[self.name.0]
    }

    /// As it would be written if it were right.
    pub(super) fn to_json(&self) -> Json {
        let relations = RELATIONS[self.name.0].iter().zip(&self.targets);
        let relations = relations
            .map(|((name, _, _, many), all)| ((*name).to_owned(), targets_to_json(all, *many)));
        let relations: serde_json::Map<String, Json> = relations.collect();
        let mut document = json!({"identifier": text(self.name.1), "relations": relations});
        match self.blueprint() {
            "part" => {
                document["properties"] = json!({"tier": self.tier});
                match self.note {
                    Note::Nothing => {}
                    Note::Null => document["properties"]["note"] = Json::Null,
                    Note::Text(note) => {
                        document["properties"]["note"] = json!(format!("note {note}"));
                    }
                }
            }
            "team" => {
                if let Some(size) = self.size {
                    document["properties"] = json!({"size": size});
                }
            }
            _ => document["title"] = json!(format!("Org {}", self.tier)),
        }
        if self.teams && self.blueprint() != "part" {
            document["team"] = json!(["red", "blue"]);
        }
        document
    }

    fn to_line(&self) -> Vec<u8> {
        let mut document = self.to_json();
        document["blueprint"] = json!(self.blueprint());
        match self.wrong {
            None => {}
            Some(0) => document["identifier"] = json!(7),
            Some(1) => document["properties"]["unknown"] = json!(1),
            Some(2) => document["relations"]["unknown"] = json!("n0"),
            Some(3) => document["title"] = json!([]),
            Some(4) => document["createdAt"] = json!("2026-01-01T00:00:00Z"),
            Some(_) => document["relations"] = json!({(RELATIONS[self.name.0][0].0): ["n0", "n1"]}),
        }
        document.to_string().into_bytes()
    }
}

/// The lines as a file, with both kinds of line ends and perhaps a mark before all.
pub(super) fn to_bytes(lines: &[Line], mark: bool) -> Vec<u8> {
    let mut bytes = if mark {
        "\u{feff}".as_bytes().to_vec()
    } else {
        Vec::new()
    };
    for (at, line) in lines.iter().enumerate() {
        match line {
            Line::Document(document) => bytes.extend(document.to_line()),
            Line::Blank => bytes.extend(b" \t"),
            Line::Broken(which) => bytes.extend(BROKEN[*which]),
        }
        let end: &[u8] = match at {
            _ if at + 1 == lines.len() && mark => b"",
            _ if at % 3 == 1 => b"\r\n",
            _ => b"\n",
        };
        bytes.extend(end);
    }
    bytes
}

/// What a load of lines should come to.
#[derive(Debug, Default)]
pub(super) struct Expected {
    /// What should be written, without what leads nowhere.
    pub(super) documents: Vec<Document>,
    /// The lines of what is left out, and whether the whole entity is; ascending.
    pub(super) refused: Vec<(u64, bool)>,
}

/// The names in a catalog.
pub(super) type Names = BTreeSet<Name>;

pub(super) fn names(documents: &[Document]) -> Names {
    documents.iter().map(|document| document.name).collect()
}

fn leads(target: &Target, allowed: &[usize], present: &Names) -> bool {
    match target {
        (Some(blueprint), name) => {
            allowed.contains(blueprint) && present.contains(&(*blueprint, *name))
        }
        (None, name) => {
            let found = allowed
                .iter()
                .filter(|known| present.contains(&(**known, *name)));
            found.count() == 1
        }
    }
}

/// In rounds: what leads nowhere is left out, then who lacks what it needs goes.
pub(super) fn expected(lines: &[Line], base: &Names) -> Expected {
    let mut last: BTreeMap<Name, (u64, Document)> = BTreeMap::new();
    let mut refused = Vec::new();
    for (line, what) in (1..).zip(lines) {
        match what {
            Line::Blank => {}
            Line::Document(document) if document.wrong.is_none() => {
                last.insert(document.name, (line, document.clone()));
            }
            _ => refused.push((line, true)),
        }
    }
    loop {
        let present: Names = base.iter().chain(last.keys()).copied().collect();
        let lacks = |document: &Document| {
            let relations = RELATIONS[document.name.0].iter().zip(&document.targets);
            relations.filter(|((_, _, required, _), _)| *required).any(
                |((_, allowed, ..), targets)| {
                    !targets.iter().any(|it| leads(it, allowed, &present))
                },
            )
        };
        let (gone, stay): (BTreeMap<_, _>, BTreeMap<_, _>) = last
            .into_iter()
            .partition(|(_, (_, document))| lacks(document));
        last = stay;
        refused.extend(gone.values().map(|(line, _)| (*line, true)));
        if gone.is_empty() {
            break;
        }
    }
    let present: Names = base.iter().chain(last.keys()).copied().collect();
    let mut documents = Vec::new();
    for (line, mut document) in last.into_values() {
        let relations = RELATIONS[document.name.0].iter().zip(&mut document.targets);
        for ((_, allowed, ..), targets) in relations {
            let said: BTreeSet<Target> = targets.iter().copied().collect();
            let nowhere = said.iter().filter(|it| !leads(it, allowed, &present));
            refused.extend(nowhere.map(|_| (line, false)));
            targets.retain(|it| leads(it, allowed, &present));
        }
        documents.push(document);
    }
    refused.sort_unstable();
    Expected { documents, refused }
}
