//! Interned property and relation names: a text once, a small number everywhere else.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::NameId;

/// The names of a catalog; a name keeps its id for ever, so records need no rewriting.
#[derive(Clone, Debug, Default)]
pub struct Names {
    texts: Vec<Arc<str>>,
    ids: BTreeMap<Arc<str>, NameId>,
}

impl Names {
    /// The id of a name, which is given one if it is new.
    pub fn intern(&mut self, text: &str) -> NameId {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        // The limits on blueprints and properties keep the number of names far below.
        let id = NameId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.ids.insert(text, id);
        id
    }

    /// The id of a known name.
    #[must_use]
    pub fn id(&self, text: &str) -> Option<NameId> {
        self.ids.get(text).copied()
    }

    /// The text of a name; empty for an id of another catalog.
    #[must_use]
    pub fn text(&self, id: NameId) -> &str {
        self.texts.get(id.index()).map_or("", |text| text)
    }

    /// The shared text of a name.
    #[must_use]
    pub fn shared(&self, id: NameId) -> Arc<str> {
        self.texts.get(id.index()).cloned().unwrap_or_default()
    }

    /// All names in the order of their ids.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<str>> {
        self.texts.iter()
    }
}
