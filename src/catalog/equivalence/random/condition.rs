//! Conditions.

use super::kind::{ALL, BLUEPRINTS, Kind};
use super::{DEPTH, Maker};

const COMPARISONS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];

impl Maker<'_, '_> {
    /// A condition, of which some are easy for an index and some not.
    pub(super) fn condition(&mut self, depth: usize) -> String {
        self.flag(depth)
    }

    pub(super) fn flag(&mut self, depth: usize) -> String {
        if depth >= DEPTH || self.choices.is_spent() {
            return self.compared(DEPTH);
        }
        match self.choices.below(20) {
            0..5 => self.compared(depth),
            5 => {
                let kind = self.choices.one(&[
                    Kind::Number,
                    Kind::Text,
                    Kind::Flag,
                    Kind::Level,
                    Kind::Time,
                    Kind::Entity(ALL),
                    Kind::Texts(false),
                ]);
                let not = self.choices.one(&["", "NOT "]);
                let what = self.leaf(kind).unwrap_or_else(|| "null".to_owned());
                format!(
                    "{what} IS {not}{}",
                    self.choices.one(&["NULL", "NULL", "EMPTY"])
                )
            }
            6 => format!("({} AND {})", self.flag(depth + 1), self.flag(depth + 1)),
            7 => format!("({} OR {})", self.flag(depth + 1), self.flag(depth + 1)),
            8 => format!("NOT ({})", self.flag(depth + 1)),
            9 => format!("({} XOR {})", self.flag(depth + 1), self.flag(depth + 1)),
            10 => self.leaf(Kind::Flag).unwrap_or_else(|| "true".to_owned()),
            11 => {
                let (one, many) = self.choices.one(&[
                    (Kind::Number, Kind::Numbers(true)),
                    (Kind::Text, Kind::Texts(true)),
                    (Kind::Entity(ALL), Kind::Entities(ALL, true)),
                ]);
                let not = self.choices.one(&["", "NOT "]);
                format!(
                    "{} {not}IN {}",
                    self.expression(one, depth + 1),
                    self.list(many, depth + 1)
                )
            }
            12 => {
                let operator = self.choices.one(&[
                    "CONTAINS",
                    "STARTS WITH",
                    "ENDS WITH",
                    "LIKE",
                    "ILIKE",
                    "=~",
                    "NOT CONTAINS",
                ]);
                let right = match operator {
                    "LIKE" | "ILIKE" => self
                        .choices
                        .one(&["'r%'", "'%O'", "'g_'", "'%'"])
                        .to_owned(),
                    "=~" => self.choices.one(&["'[gr].*'", "'go'"]).to_owned(),
                    _ => self.text(DEPTH),
                };
                format!("{} {operator} {right}", self.text(depth + 1))
            }
            13 => {
                let operator = self.choices.one(&["ANY", "ALL"]);
                format!(
                    "{} CONTAINS {operator} {}",
                    self.list(Kind::Texts(true), depth + 1),
                    self.choices
                        .one(&["['a']", "['a', 'b']", "[]", "['c', null]"])
                )
            }
            14 => {
                let (kind, element) = self.choices.one(&[
                    (Kind::Numbers(true), Kind::Number),
                    (Kind::Texts(true), Kind::Text),
                    (Kind::Entities(ALL, true), Kind::Entity(ALL)),
                ]);
                let (name, list) = (self.name(), self.list(kind, depth + 1));
                let quantifier = self.choices.one(&["any", "all", "none", "single"]);
                self.apart(|maker| {
                    maker.add(&name, element);
                    format!(
                        "{quantifier}({name} IN {list} WHERE {})",
                        maker.flag(depth + 1)
                    )
                })
            }
            15 => {
                let known = self.known(Kind::is_entity);
                if known.is_empty() {
                    return "true".to_owned();
                }
                let (label, _) = self.choices.one(&BLUEPRINTS);
                format!("{}:{label}", self.choices.one(&known).name)
            }
            16 => format!(
                "{} BETWEEN {} AND {}",
                self.number(depth + 1),
                self.choices.below(3),
                self.choices.below(4)
            ),
            _ => self.exists(),
        }
    }

    fn exists(&mut self) -> String {
        if !self.may_nest() {
            return "true".to_owned();
        }
        let not = self.choices.one(&["", "NOT "]);
        match self.choices.below(4) {
            0 | 1 => self.inside(|maker| format!("{not}EXISTS {{ {} }}", maker.patterns())),
            2 => format!("{not}{}", self.predicate()),
            _ => self.inside(|maker| format!("{not}EXISTS {{ {} }}", maker.part(1).text)),
        }
    }

    /// Two values of one kind compared.
    fn compared(&mut self, depth: usize) -> String {
        let kind = self.choices.one(&[
            Kind::Number,
            Kind::Text,
            Kind::Number,
            Kind::Entity(ALL),
            Kind::Time,
            Kind::Level,
            Kind::Texts(false),
        ]);
        let operator = self.choices.one(&COMPARISONS);
        match kind {
            Kind::Number => format!(
                "{} {operator} {}",
                self.number(depth + 1),
                self.number(depth + 1)
            ),
            Kind::Text => format!(
                "{} {operator} {}",
                self.text(depth + 1),
                self.text(depth + 1)
            ),
            kind => {
                let Some(left) = self.leaf(kind) else {
                    return "true".to_owned();
                };
                let (operator, right) = match kind {
                    Kind::Level => (
                        operator,
                        self.choices.one(&["'Silver'", "'Gold'"]).to_owned(),
                    ),
                    Kind::Time if self.choices.often(70) => (
                        operator,
                        self.choices
                            .one(&["now()", "now() - 30d", "'2026-11-02T00:00:00Z'"])
                            .to_owned(),
                    ),
                    Kind::Time => (operator, self.leaf(kind).unwrap_or_default()),
                    other => (
                        self.choices.one(&["=", "<>"]),
                        self.leaf(other).unwrap_or_default(),
                    ),
                };
                format!("{left} {operator} {right}")
            }
        }
    }
}
