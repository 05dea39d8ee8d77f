//! Clauses in a row, and what each leaves in scope.

use super::kind::{ALL, Kind};
use super::{Asked, Maker};

pub(super) const COLUMNS: [Kind; 10] = [
    Kind::Number,
    Kind::Text,
    Kind::Number,
    Kind::Entity(ALL),
    Kind::Flag,
    Kind::Texts(false),
    Kind::Level,
    Kind::Numbers(true),
    Kind::Time,
    Kind::Path,
];

impl Maker<'_, '_> {
    /// Clauses and `RETURN` of so many columns, `c0` and so on.
    pub(super) fn part(&mut self, columns: usize) -> Asked {
        let kinds: Vec<Kind> = (0..columns).map(|_| self.choices.one(&COLUMNS)).collect();
        self.part_of(&kinds)
    }

    pub(super) fn part_of(&mut self, kinds: &[Kind]) -> Asked {
        let mut text = String::new();
        let count = if self.within > 0 {
            self.choices.below(2)
        } else {
            self.choices.below(4)
        };
        text = text + "MATCH " + &self.patterns() + " ";
        for _ in 0..count {
            text += &self.clause();
        }
        let returned = self.returned(kinds);
        Asked {
            text: text + &returned.text,
            ..returned
        }
    }

    fn clause(&mut self) -> String {
        match self.choices.below(12) {
            0 | 1 => format!("MATCH {} ", self.patterns()),
            2..5 => self.optional(),
            5 => {
                let kind = self.choices.one(&[
                    Kind::Numbers(true),
                    Kind::Texts(true),
                    Kind::Entities(ALL, true),
                ]);
                let list = self.list(kind, 1);
                let name = self.name();
                self.add(
                    &name,
                    match kind {
                        Kind::Numbers(_) => Kind::Number,
                        Kind::Texts(_) => Kind::Text,
                        _ => Kind::Entity(ALL),
                    },
                );
                if self.choices.often(50) {
                    format!("UNWIND {list} AS {name} ")
                } else {
                    format!("FOR {name} IN {list} ")
                }
            }
            6 => {
                let kind = self.choices.one(&COLUMNS);
                let value = self.expression(kind, 1);
                let name = self.name();
                self.add(&name, kind);
                format!("LET {name} = {value} ")
            }
            7 | 8 => format!("FILTER {} ", self.condition(1)),
            _ => self.with(),
        }
    }

    fn optional(&mut self) -> String {
        let before = self.scope.clone();
        let text = format!("OPTIONAL MATCH {} ", self.patterns());
        let new = self.scope.split_off(before.len());
        self.scope = before;
        self.scope.extend(new);
        text
    }
}
