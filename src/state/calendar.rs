//! When derived values change by the passing of time alone.

use std::sync::Arc;

use crate::cow::{CowArray, Pages, SortedMap};
use crate::value::{EntityId, Instant};

/// Who is waiting for a point in time: the number of something that reads the clock, and the
/// entity that it reads the clock for.
pub(crate) type Waiting = (u32, EntityId);

/// The next change of everything that reads the clock, in the order of time.
///
/// Kept exactly: of each waiting pair there is one entry or none, so that the calendar is a
/// function of the version like everything derived. A change costs O(log waiting).
#[derive(Clone, Debug, Default)]
pub(crate) struct Calendar {
    entries: SortedMap<(Instant, Waiting), ()>,
    /// By what reads the clock and the entity's place.
    due: Arc<Vec<CowArray<Option<Instant>>>>,
}

impl Calendar {
    /// An empty calendar for so many things that read the clock.
    pub(super) fn new(readers: usize) -> Self {
        Self {
            entries: SortedMap::default(),
            due: Arc::new(vec![CowArray::default(); readers]),
        }
    }

    /// Notes when a pair has to be looked at again; `place` is the entity's among its kind.
    pub(super) fn set(&mut self, waiting: Waiting, place: u32, due: Option<Instant>) {
        let at = waiting.0 as usize;
        let before = self.due.get(at).and_then(|due| *due.get(place));
        if before == due {
            return;
        }
        if let Some(before) = before {
            self.entries.remove(&(before, waiting));
        }
        if let Some(due) = due {
            self.entries.get_or_insert_with(&(due, waiting), || ());
        }
        if let Some(column) = Arc::make_mut(&mut self.due).get_mut(at) {
            column.set(place, due);
        }
    }

    /// The heap that the calendar holds, shared or not.
    pub(super) fn heap_bytes(&self) -> usize {
        let due = self.due.iter().map(|due| due.heap_bytes(|_| 0));
        self.entries.heap_bytes(|_, ()| 0) + due.sum::<usize>()
    }

    /// Counts what the calendar holds and the other does not share, the list of readers by itself.
    pub(super) fn unshared(&self, other: &Self, roots: &mut Pages, count: &mut Pages) {
        self.entries
            .unshared(Some(&other.entries), count, |_, _, _| ());
        for (own, there) in roots.vector(&self.due, &other.due) {
            own.unshared(there, count, |_, _, _| ());
        }
    }

    /// The first point in time that somebody waits for.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.entries
            .iter()
            .next()
            .map(|((instant, _), ())| *instant)
    }

    /// Who waits for a point in time up to `now`, in the order of time.
    pub(crate) fn due(&self, now: Instant) -> impl Iterator<Item = Waiting> + '_ {
        let entries = self
            .entries
            .iter()
            .map(|((instant, who), ())| (*instant, *who));
        entries
            .take_while(move |(instant, _)| *instant <= now)
            .map(|(_, who)| who)
    }
}

#[cfg(test)]
mod tests {
    use super::Calendar;
    use crate::value::{EntityId, Instant};

    #[test]
    fn one_entry_for_each_that_waits() {
        let mut calendar = Calendar::new(2);
        let (a, b) = ((0, EntityId(7)), (1, EntityId(7)));
        calendar.set(a, 3, Some(Instant(50)));
        calendar.set(b, 3, Some(Instant(40)));
        calendar.set(a, 3, Some(Instant(30)));
        let due = |now| calendar.due(Instant(now)).collect::<Vec<_>>();
        assert_eq!((due(29), due(30), due(90)), (vec![], vec![a], vec![a, b]));
        assert_eq!(calendar.next(), Some(Instant(30)));
        calendar.set(a, 3, None);
        assert_eq!(calendar.next(), Some(Instant(40)));
        calendar.set(b, 3, None);
        assert_eq!(calendar.next(), None);
    }
}
