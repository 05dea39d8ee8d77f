//! Which entities have a text with this in it: sets of ids by the runs of three bytes in their texts.
//!
//! Texts are seen without their case. What contains a text contains all its runs of three bytes
//! (trigrams; Zobel, Moffat & Sacks-Davis 1993, Cox 2012), so the sets of those, intersected, hold
//! every entity that has it and few others, which the caller tells apart by looking.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::Postings;
use crate::cow::{Pages, SortedMap};
use crate::value::EntityId;

/// Trigram → entities with a text that has it.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextIndex {
    /// No set is empty.
    grams: SortedMap<u32, Postings>,
}

/// So many texts are sorted at a time while an index is built.
const BATCH: usize = 4096;

/// A text without its case. Each character is folded by itself, so that what a text contains its
/// folded form contains too; twice over, so that all that differ by case alone become one (`ς` and
/// `σ`, `ſ` and `s`, `ẞ` and `ß`).
pub(crate) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower = text.chars().flat_map(char::to_lowercase);
    lower
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// The distinct trigrams of some texts, ascending.
fn grams<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<u32> {
    let mut all = Vec::new();
    for text in texts {
        grams_of(&folded(text), &mut all);
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Adds the trigrams of a folded text.
fn grams_of(folded: &str, to: &mut Vec<u32>) {
    for run in folded.as_bytes().windows(3) {
        if let [a, b, c] = run {
            to.push(u32::from_be_bytes([0, *a, *b, *c]));
        }
    }
}

impl TextIndex {
    /// The index of the texts of many entities, ascending by id. In time O(n log n) in a batch, and
    /// with the room of one beside the index.
    pub(crate) fn build<T: AsRef<str>>(rows: impl IntoIterator<Item = (EntityId, Vec<T>)>) -> Self {
        let (mut all, mut batch) = (BTreeMap::new(), Vec::new());
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            for (id, texts) in rows.by_ref().take(BATCH) {
                let own = grams(texts.iter().map(AsRef::as_ref));
                batch.extend(own.into_iter().map(|gram| (gram, id)));
            }
            batch.sort_unstable();
            for run in batch.chunk_by(|(a, _), (b, _)| a == b) {
                let ids: Vec<EntityId> = run.iter().map(|(_, id)| *id).collect();
                if let Some((gram, _)) = run.first() {
                    let postings: &mut Postings = all.entry(*gram).or_default();
                    postings.extend(&ids);
                }
            }
            batch.clear();
        }
        // Lists that grew have room to spare, which nobody will use.
        let fitted = all
            .into_iter()
            .map(|(gram, ids)| (gram, Postings::from_bitmap(&ids.to_bitmap())));
        Self {
            grams: fitted.collect(),
        }
    }

    /// Turns the texts of an entity into others; only the trigrams that differ are touched.
    /// O(log trigrams) for each.
    pub(crate) fn replace(&mut self, before: &[&str], after: &[&str], id: EntityId) {
        if before == after {
            return;
        }
        let (before, after) = (grams(before.iter().copied()), grams(after.iter().copied()));
        for gram in before
            .iter()
            .filter(|gram| after.binary_search(gram).is_err())
        {
            self.remove(*gram, id);
        }
        for gram in after
            .iter()
            .filter(|gram| before.binary_search(gram).is_err())
        {
            self.grams
                .get_or_insert_with(gram, Postings::default)
                .insert(id);
        }
    }

    fn remove(&mut self, gram: u32, id: EntityId) {
        // An entry that is not there must not be made by the look at it.
        let Some(postings) = self
            .grams
            .get(&gram)
            .filter(|postings| postings.contains(id))
        else {
            return;
        };
        if postings.len() == 1 {
            self.grams.remove(&gram);
        } else {
            self.grams
                .get_or_insert_with(&gram, Postings::default)
                .remove(id);
        }
    }

    /// Every entity with a text that contains a folded one, and some without; `None` where that is
    /// too short to tell.
    pub(crate) fn candidates(&self, folded: &str) -> Option<RoaringBitmap> {
        let mut wanted = Vec::new();
        grams_of(folded, &mut wanted);
        wanted.sort_unstable();
        wanted.dedup();
        let mut lists = Vec::with_capacity(wanted.len());
        for gram in &wanted {
            match self.grams.get(gram) {
                Some(list) => lists.push(list),
                None => return Some(RoaringBitmap::new()),
            }
        }
        lists.sort_by_key(|list| list.len());
        let (first, rest) = lists.split_first()?;
        let mut found = first.to_bitmap();
        for list in rest {
            // Few are faster looked up in a list than a list is copied.
            if found.len().saturating_mul(8) < list.len() {
                found = found
                    .iter()
                    .filter(|id| list.contains(EntityId(*id)))
                    .collect();
            } else {
                found &= list.to_bitmap();
            }
        }
        Some(found)
    }

    /// The heap that the index holds, shared or not.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.grams.heap_bytes(|_, ids| ids.heap_bytes())
    }

    /// Counts what the index holds and the other does not share.
    pub(crate) fn unshared(&self, other: Option<&Self>, count: &mut Pages) {
        let grams = other.map(|other| &other.grams);
        self.grams.unshared(grams, count, |own, other, count| {
            own.1.unshared(other.map(|(_, ids)| ids), count);
        });
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{TextIndex, folded};
    use crate::value::EntityId;

    type Rows = BTreeMap<u32, Vec<String>>;

    /// As `ILIKE` sees them: the regex crate's simple case folding.
    #[test]
    fn characters_that_differ_by_case_alone_fold_to_one() {
        let cased = |c: &char| c.is_lowercase() || c.is_uppercase();
        let letters: String = ('\0'..=char::MAX).filter(cased).collect();
        let mut pairs = 0;
        for c in letters.chars() {
            let plain = folded(&c.to_string());
            let either = c.to_lowercase().chain(c.to_uppercase());
            let all = either.chain(plain.chars());
            for other in all.filter(|other| *other != c) {
                let same = regex::Regex::new(&format!("(?i)^{c}$")).unwrap();
                if same.is_match(&other.to_string()) {
                    pairs += 1;
                    assert_eq!(
                        folded(&c.to_string()),
                        folded(&other.to_string()),
                        "{c} {other}"
                    );
                }
            }
        }
        assert!(pairs > 2000, "{pairs}");
    }

    fn texts() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec("[abAB]{0,8}|[aΣσİ]{0,4}|.{0,6}", 0..3)
    }

    fn index(rows: &Rows) -> TextIndex {
        TextIndex::build(
            rows.iter()
                .map(|(id, texts)| (EntityId(*id), texts.clone())),
        )
    }

    fn entries(index: &TextIndex) -> Vec<(u32, Vec<u32>)> {
        let ids = |ids: &super::Postings| ids.to_bitmap().iter().collect();
        index
            .grams
            .iter()
            .map(|(gram, list)| (*gram, ids(list)))
            .collect()
    }

    proptest! {
        #[test]
        fn no_text_that_contains_another_is_missed(
            rows in prop::collection::btree_map(0..200_000u32, texts(), 0..30),
            wanted in "[abAB]{3,5}|[aΣσİ]{2,3}",
        ) {
            let candidates = index(&rows).candidates(&folded(&wanted));
            for (id, texts) in &rows {
                let has = texts.iter().any(|text| folded(text).contains(&folded(&wanted)));
                let plain = texts.iter().any(|text| text.contains(&wanted));
                prop_assert!(has || !plain, "folding keeps what a text contains");
                if let Some(candidates) = &candidates {
                    prop_assert!(!has || candidates.contains(*id));
                }
            }
        }

        #[test]
        fn a_kept_index_is_the_one_built_anew(
            before in prop::collection::btree_map(0..40u32, texts(), 0..20),
            changes in prop::collection::vec((0..40u32, prop::option::of(texts())), 0..40),
        ) {
            let (mut rows, mut kept) = (before.clone(), index(&before));
            for (id, after) in changes {
                let old = rows.get(&id).cloned().unwrap_or_default();
                let new = after.clone().unwrap_or_default();
                let slices = |texts: &[String]| -> Vec<String> { texts.to_vec() };
                let (old, new) = (slices(&old), slices(&new));
                let old: Vec<&str> = old.iter().map(String::as_str).collect();
                let new: Vec<&str> = new.iter().map(String::as_str).collect();
                kept.replace(&old, &new, EntityId(id));
                match after {
                    Some(texts) => rows.insert(id, texts),
                    None => rows.remove(&id),
                };
            }
            prop_assert_eq!(entries(&kept), entries(&index(&rows)));
        }
    }
}
