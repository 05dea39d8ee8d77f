//! The rules, each a function from the source to the places that break it.

use std::collections::{BTreeMap, BTreeSet};

use super::Tree;
use super::source::{self, Source, WrittenPath};

/// The most lines that a file may have.
pub(crate) const LINES_MAX: usize = 600;

/// Words of graphs, each with the modules that may give names of it; elsewhere it is entities and
/// relations. Patterns have nodes, so what reads queries may say so; the graph's own pages are
/// edges to those that fill and save it.
const GRAPH_WORDS: [(&str, &[&str]); 2] =
    [("node", &["graph", "query"]), ("edge", &["graph", "query"])];

/// Every place where the source breaks a rule, in the order of files and lines.
pub(crate) fn check(architecture: &str, tree: &Tree) -> Vec<String> {
    let layers = Layers::read(architecture);
    if layers.order.is_empty() {
        return vec!["ARCHITECTURE.md: no table under `## Layers`".to_owned()];
    }
    let crate_ = Crate::read(tree);
    let mut failures = layers.compare_with(&crate_);
    for (path, text) in tree {
        // The crate root may have the README for its documentation.
        if path != "lib.rs" || !text.starts_with("#![doc = include_str!(") {
            failures.extend(header_failure(text).map(|failure| format!("src/{path}:1: {failure}")));
        }
        let lines = text.lines().count();
        if lines > LINES_MAX {
            failures.push(format!("src/{path}: {lines} lines, more than {LINES_MAX}"));
        }
    }
    for file in crate_.files.values() {
        failures.extend(crate_.orphan_failure(file));
        if !crate_.is_test(&file.module) {
            failures.extend(word_failures(file));
            failures.extend(path_failures(&layers, &crate_, file));
        }
    }
    failures
}

/// The modules in the order of ARCHITECTURE.md, the lowest first; `query/plan` for one in another.
struct Layers {
    order: Vec<Vec<String>>,
}

impl Layers {
    fn read(architecture: &str) -> Self {
        let section = architecture
            .lines()
            .skip_while(|line| line.trim() != "## Layers")
            .skip(1);
        let rows = section
            .take_while(|line| !line.starts_with("## "))
            .filter_map(|line| line.trim().strip_prefix('|'))
            .filter_map(|row| row.trim_start().strip_prefix('`')?.split('`').next());
        Self {
            order: rows
                .map(|name| name.split('/').map(str::to_owned).collect())
                .collect(),
        }
    }

    fn rank(&self, module: &[String]) -> Option<usize> {
        self.order.iter().position(|layer| layer == module)
    }

    /// Whether the modules directly in this one are ordered among each other.
    fn orders_within(&self, module: &[String]) -> bool {
        self.order
            .iter()
            .any(|layer| layer.len() == module.len() + 1 && layer.starts_with(module))
    }

    fn compare_with(&self, crate_: &Crate) -> Vec<String> {
        let missing = self
            .order
            .iter()
            .filter(|layer| !crate_.modules.contains(*layer));
        let missing = missing.map(|layer| {
            format!(
                "ARCHITECTURE.md: `{}` is listed but not in src",
                layer.join("/")
            )
        });
        let unlisted = crate_.modules.iter().filter(|module| {
            let around = module.split_last().map_or(&[][..], |(_, around)| around);
            !module.is_empty()
                && !crate_.is_test(module)
                && self.orders_within(around)
                && self.rank(module).is_none()
        });
        let unlisted = unlisted.map(|module| {
            format!(
                "ARCHITECTURE.md: `{}` is in src but not listed",
                module.join("/")
            )
        });
        missing.chain(unlisted).collect()
    }

    /// Why code of one module may not use another, or nothing where it may.
    ///
    /// Both are compared where they part: `query/exec/scan` and `query/plan` as `query/exec` and
    /// `query/plan`. A module that holds ordered ones stands above them all.
    fn objection(&self, from: &[String], target: &[String]) -> Option<String> {
        let shared = from
            .iter()
            .zip(target)
            .take_while(|(from, target)| from == target)
            .count();
        let around = from.get(..shared)?;
        if !self.orders_within(around) {
            return None;
        }
        let from = from.get(..=shared)?;
        let above = |upper: &str| {
            Some(format!(
                "points up: `{}` stands below {upper}",
                from.join("/")
            ))
        };
        match (target.get(..=shared), around) {
            (None, []) => above("the crate root"),
            (None, around) => above(&format!("`{}`", around.join("/"))),
            // What is not listed is reported once, not at every use.
            (Some(target), _) if self.rank(target)? > self.rank(from)? => {
                above(&format!("`{}`", target.join("/")))
            }
            (Some(_), _) => None,
        }
    }
}

struct File {
    path: String,
    module: Vec<String>,
    source: Source,
}

/// Every file by its module.
struct Crate {
    files: BTreeMap<Vec<String>, File>,
    modules: BTreeSet<Vec<String>>,
    tests: BTreeSet<Vec<String>>,
}

impl Crate {
    fn read(tree: &Tree) -> Self {
        let files: BTreeMap<_, _> = tree
            .iter()
            .map(|(path, text)| {
                let module = module_of(path);
                (
                    module.clone(),
                    File {
                        path: path.clone(),
                        module,
                        source: source::read(text),
                    },
                )
            })
            .collect();
        let tests = files.values().flat_map(|file| {
            file.source
                .test_modules
                .iter()
                .map(|name| child(&file.module, name))
        });
        Self {
            tests: tests.collect(),
            modules: files.keys().cloned().collect(),
            files,
        }
    }

    fn is_test(&self, module: &[String]) -> bool {
        self.tests.iter().any(|test| module.starts_with(test))
    }

    fn orphan_failure(&self, file: &File) -> Option<String> {
        let (name, around) = file.module.split_last()?;
        let declared = self.files.get(around).is_some_and(|parent| {
            let Source {
                modules,
                test_modules,
                ..
            } = &parent.source;
            modules.contains(name) || test_modules.contains(name)
        });
        let failure = format!("src/{}: no `mod {name};` declares this file", file.path);
        (!declared).then_some(failure)
    }

    /// The module that holds what a path from the crate root names, through re-exports.
    fn home(&self, path: &[String]) -> Vec<String> {
        let mut module: Vec<String> = Vec::new();
        let mut rest = path.to_vec();
        // Re-exports of re-exports are followed a few times; a cycle of them does not compile.
        for _ in 0..16 {
            while let Some(name) = rest.first() {
                let inner = child(&module, name);
                if !self.modules.contains(&inner) {
                    break;
                }
                module = inner;
                rest.remove(0);
            }
            let Some(name) = rest.first().filter(|name| *name != "*") else {
                break;
            };
            let Some(import) = self.import(&module, name) else {
                break;
            };
            let Some(target) = self.absolute(&module, &import) else {
                break;
            };
            rest = target;
            module = Vec::new();
        }
        if module.is_empty()
            && let Some(name) = path.first()
            && let Some(file) = self
                .files
                .values()
                .find(|file| file.source.macros.contains(name))
        {
            return file.module.clone();
        }
        module
    }

    fn import(&self, module: &[String], name: &str) -> Option<Vec<String>> {
        let imports = &self.files.get(module)?.source.imports;
        imports
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, path)| path.clone())
    }

    /// An imported path as one from the crate root; nothing where it leaves the crate.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([module, rest].concat()),
            "super" => climbed(module, path),
            _ => {
                let inner = child(module, first);
                self.modules
                    .contains(&inner)
                    .then(|| [inner.as_slice(), rest].concat())
            }
        }
    }
}

fn child(module: &[String], name: &str) -> Vec<String> {
    [module, &[name.to_owned()]].concat()
}

/// `a/b.rs` and `a/b/mod.rs` hold the module `a`, `b`; `lib.rs` holds the crate root.
fn module_of(path: &str) -> Vec<String> {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" {
        Vec::new()
    } else {
        path.split('/').map(str::to_owned).collect()
    }
}

/// A path that begins with one or more `super`, from the crate root.
fn climbed(module: &[String], path: &[String]) -> Option<Vec<String>> {
    let steps = path
        .iter()
        .take_while(|segment| *segment == "super")
        .count();
    let around = module.get(..module.len().checked_sub(steps)?)?;
    Some([around, path.get(steps..)?].concat())
}

fn header_failure(text: &str) -> Option<String> {
    let Some(first) = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("//! "))
    else {
        return Some("the file does not begin with `//! ` and what it is for".to_owned());
    };
    let more = text
        .lines()
        .skip(1)
        .map_while(|line| line.strip_prefix("//! "));
    let paragraph = std::iter::once(first)
        .chain(more)
        .collect::<Vec<_>>()
        .join(" ");
    if !paragraph.ends_with('.') {
        return Some("the first paragraph does not end with a period".to_owned());
    }
    let sentences = paragraph.match_indices(". ").filter(|(at, _)| {
        let after = paragraph.get(at + 2..).unwrap_or_default();
        after.starts_with(char::is_uppercase)
    });
    (sentences.count() > 0).then(|| "the first paragraph is more than one sentence".to_owned())
}

fn word_failures(file: &File) -> Vec<String> {
    let top = file.module.first().map_or("", String::as_str);
    let strange: Vec<&str> = GRAPH_WORDS
        .iter()
        .filter(|(_, modules)| !modules.contains(&top))
        .map(|(word, _)| *word)
        .collect();
    let spoiled = file.source.names.iter().filter(|name| {
        let words = words_of(&name.text);
        words
            .iter()
            .any(|word| strange.contains(&word.strip_suffix('s').unwrap_or(word)))
    });
    spoiled
        .map(|name| {
            let (path, line, text) = (&file.path, name.line, &name.text);
            format!("src/{path}:{line}: `{text}`: say entity or relation outside the graph")
        })
        .collect()
}

/// The words of a `snake_case` or `CamelCase` name, in lower case.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower_before = false;
    for c in name.chars() {
        if c == '_' || (c.is_uppercase() && lower_before) {
            words.push(String::new());
        }
        lower_before = c.is_lowercase() || c.is_numeric();
        if c != '_'
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    words
}

fn path_failures(layers: &Layers, crate_: &Crate, file: &File) -> Vec<String> {
    // The crate root stands above everything.
    if file.module.is_empty() {
        return Vec::new();
    }
    let objections = file.source.paths.iter().filter_map(|path| {
        let failure = objection(layers, crate_, file, path)?;
        let written = path.segments.join("::");
        Some(format!(
            "src/{}:{}: `{written}` {failure}",
            file.path, path.line
        ))
    });
    objections.collect()
}

fn objection(layers: &Layers, crate_: &Crate, file: &File, path: &WrittenPath) -> Option<String> {
    let module = [file.module.as_slice(), &path.within].concat();
    let target = match path.segments.first()?.as_str() {
        "crate" => path.segments.get(1..)?.to_vec(),
        "super" => climbed(&module, &path.segments)?,
        _ => return None,
    };
    let steps = path
        .segments
        .iter()
        .take_while(|segment| *segment == "super")
        .count();
    if steps >= module.len() {
        return Some("climbs to the crate root: write it with `crate::`".to_owned());
    }
    layers.objection(&file.module, &crate_.home(&target))
}
