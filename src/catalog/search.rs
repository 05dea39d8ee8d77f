//! Search: the entities that a few letters mean, best first.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Snapshot;
use crate::error::Result;
use crate::index::folded;
use crate::model::{Compiled, PropertyType};
use crate::state::Record;
use crate::value::EntityId;

/// What a search goes over, and how much of it is given back.
///
/// ```
/// use portolan::SearchOptions;
///
/// let options = SearchOptions { limit: 5, ..SearchOptions::default() };
/// assert!(options.blueprints.is_empty(), "all of them");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchOptions {
    /// Only entities of these blueprints; of all where empty.
    pub blueprints: Vec<String>,
    /// The most hits given back.
    pub limit: usize,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self {
            blueprints: Vec::new(),
            limit: 20,
        }
    }
}

/// Where a search found its text, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Match {
    /// It is the identifier.
    Identifier,
    /// It is the title.
    Title,
    /// The title or the identifier begins with it.
    Prefix,
    /// A word of the title or of the identifier begins with it.
    Word,
    /// The title or the identifier has it inside.
    Inside,
    /// A property whose definition says `"index": true` has it.
    Property,
}

/// An entity that a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its blueprint.
    pub blueprint: Arc<str>,
    /// Its identifier.
    pub identifier: Arc<str>,
    /// Its title, where it has one.
    pub title: Option<Arc<str>>,
    /// Where the text was found.
    pub found: Match,
}

/// What orders hits: how good they are, then blueprint and identifier.
type Place<'a> = (Match, usize, &'a str, EntityId);

impl Snapshot {
    /// The entities whose identifier or title has a text in it, or a text property that asks to be
    /// indexed (`"index": true`), whatever the case of letters. Best first: it is the identifier,
    /// it is the title, one of them begins with it, a word of them does, one has it inside, a
    /// property has it; among equals by blueprint and identifier.
    ///
    /// The first search of a catalog goes over all titles and identifiers and remembers the runs of
    /// three bytes in them, 100 to 150 bytes an entity; commits keep what it remembers. Texts shorter
    /// than that are looked for in every title and identifier.
    ///
    /// # Errors
    /// `NotFound` for a blueprint.
    ///
    /// ```
    /// use portolan::{Catalog, Match, SearchOptions, Viewer, model::Blueprint};
    /// use serde_json::json;
    ///
    /// let catalog = Catalog::in_memory()?;
    /// let me = Viewer::system("docs");
    /// let mut tx = catalog.write(&me)?;
    /// tx.declare([Blueprint::from_json(&json!({"identifier": "service", "title": "Service"}))?], [])?;
    /// tx.upsert("service", &json!({"identifier": "cart", "title": "Shopping cart"}))?;
    /// tx.upsert("service", &json!({"identifier": "cart-db", "title": "Where carts are"}))?;
    /// tx.commit()?;
    ///
    /// let hits = catalog.read(&me).search("CART", &SearchOptions::default())?;
    /// assert_eq!((&*hits[0].identifier, hits[0].found), ("cart", Match::Identifier));
    /// assert_eq!((&*hits[1].identifier, hits[1].found), ("cart-db", Match::Prefix));
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn search(&self, text: &str, options: &SearchOptions) -> Result<Vec<Hit>> {
        let wanted = folded(text.trim());
        let named = options.blueprints.iter().map(|name| self.blueprint(name));
        let mut blueprints: Vec<&Arc<Compiled>> = named.collect::<Result<_>>()?;
        if blueprints.is_empty() {
            blueprints = self.model().blueprints().collect();
        }
        blueprints.sort_by(|a, b| a.blueprint.identifier.cmp(&b.blueprint.identifier));
        blueprints.dedup_by_key(|known| known.id);
        let mut best = BTreeSet::new();
        if !wanted.is_empty() {
            for (at, compiled) in blueprints.iter().enumerate() {
                let mut add = |found, entity: Record<'_>| {
                    let identifier = self.state().identifier(entity.id);
                    best.insert((found, at, identifier, entity.id));
                    if best.len() > options.limit {
                        best.pop_last();
                    }
                };
                self.search_blueprint(compiled, &wanted, &mut add);
            }
        }
        Ok(best
            .into_iter()
            .filter_map(|place| self.hit(&blueprints, place))
            .collect())
    }

    fn search_blueprint<'a>(
        &'a self,
        compiled: &Compiled,
        wanted: &str,
        add: &mut dyn FnMut(Match, Record<'a>),
    ) {
        let state = self.state();
        let texts = state.text_index(compiled.id);
        let candidates = texts.and_then(|texts| texts.candidates(wanted));
        let members = state.members(compiled.id);
        let candidates = candidates.unwrap_or_else(|| members.to_bitmap());
        let entity = |id: u32| state.entity(EntityId(id));
        for entity in candidates.iter().filter_map(entity) {
            if let Some(found) = of_entity(entity, wanted) {
                add(found, entity);
            }
        }
        for property in &compiled.blueprint.properties {
            let asked = property.index == Some(true);
            let texts = matches!(property.kind, PropertyType::String | PropertyType::Array);
            if !asked || !texts {
                continue;
            }
            let name = self.model().names().id(&property.name);
            let Some(index) = name.and_then(|name| state.index(compiled.id, name)) else {
                continue;
            };
            let having = index.matching(|text| folded(text).contains(wanted));
            // Each entity once: by its title or identifier, or by the first such property.
            let others = having.iter().filter_map(entity);
            for entity in others.filter(|entity| of_entity(*entity, wanted).is_none()) {
                add(Match::Property, entity);
            }
        }
    }

    fn hit(
        &self,
        blueprints: &[&Arc<Compiled>],
        (found, at, identifier, id): Place<'_>,
    ) -> Option<Hit> {
        let title = self.state().entity(id)?.title();
        Some(Hit {
            blueprint: Arc::clone(&blueprints.get(at)?.blueprint.identifier),
            identifier: identifier.into(),
            title: title.map(Arc::from),
            found,
        })
    }
}

/// Where the identifier or the title of an entity has a folded text.
fn of_entity(entity: Record<'_>, wanted: &str) -> Option<Match> {
    let identifier = folded(entity.identifier());
    let title = entity.title().map(folded);
    if identifier == wanted {
        return Some(Match::Identifier);
    }
    if title.as_deref() == Some(wanted) {
        return Some(Match::Title);
    }
    [Some(identifier), title]
        .iter()
        .flatten()
        .filter_map(|text| within(text, wanted))
        .min()
}

fn within(text: &str, wanted: &str) -> Option<Match> {
    let mut best = None;
    for (at, _) in text.match_indices(wanted) {
        let before = text.get(..at)?.chars().next_back();
        match before {
            None => return Some(Match::Prefix),
            Some(before) if !before.is_alphanumeric() => best = Some(Match::Word),
            Some(_) => best = best.or(Some(Match::Inside)),
        }
    }
    best
}
