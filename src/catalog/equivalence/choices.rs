//! Choices read off bytes, so that whoever makes the bytes makes what is chosen.

/// What is left of the bytes; zeros beyond their end. A zero chooses what is simplest, so that
/// fewer and smaller bytes make simpler things.
pub(super) struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// A number below `end`, which is not 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::from(self.next()) % end
    }

    /// True so many times of a hundred.
    pub(super) fn often(&mut self, times: usize) -> bool {
        self.below(100) >= 100 - times
    }

    pub(super) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// Whether nothing is left: then things should come to an end.
    pub(super) const fn is_spent(&self) -> bool {
        self.0.is_empty()
    }
}
