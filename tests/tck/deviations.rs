//! The scenarios that the language answers differently by design, each with its reason.

use std::collections::BTreeMap;

/// Lines of `id: reason`; lines that start with `#` are for people.
const LISTED: &str = include_str!("deviations.txt");

pub(crate) struct Deviations(BTreeMap<&'static str, &'static str>);

impl Deviations {
    pub(crate) fn listed() -> Self {
        let lines = LISTED.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut all = BTreeMap::new();
        for line in lines {
            let (id, reason) = line.split_once(": ").expect("`id: reason`");
            assert!(!reason.trim().is_empty(), "`{id}` has no reason");
            assert!(all.insert(id, reason).is_none(), "`{id}` is listed twice");
        }
        Self(all)
    }

    pub(crate) fn reason(&self, id: &str) -> Option<&'static str> {
        self.0.get(id).copied()
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}
