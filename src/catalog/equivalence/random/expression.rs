//! Expressions of each kind.

use super::kind::{ALL, Kind, READS};
use super::{DEPTH, Maker};

impl Maker<'_, '_> {
    pub(super) fn expression(&mut self, kind: Kind, depth: usize) -> String {
        match kind {
            Kind::Number => self.number(depth),
            Kind::Text => self.text(depth),
            Kind::Flag => self.flag(depth),
            Kind::Numbers(_) | Kind::Texts(_) | Kind::Entities(..) => self.list(kind, depth),
            other => self.leaf(other).unwrap_or_else(|| "null".to_owned()),
        }
    }

    /// A variable, or what is read of one.
    pub(super) fn leaf(&mut self, kind: Kind) -> Option<String> {
        let same = |known: Kind| match (kind, known) {
            (Kind::Numbers(bag), Kind::Numbers(known)) | (Kind::Texts(bag), Kind::Texts(known)) => {
                bag || !known
            }
            (Kind::Entity(mask), Kind::Entity(of)) => mask & of == of,
            (Kind::Entities(mask, bag), Kind::Entities(of, known)) => {
                mask & of == of && (bag || !known)
            }
            (kind, known) => kind == known,
        };
        let mut leaves: Vec<String> = Vec::new();
        for variable in &self.scope {
            if same(variable.kind) {
                leaves.push(variable.name.clone());
            }
            if let Kind::Entity(mask) = variable.kind {
                let reads = READS
                    .iter()
                    .filter(|(_, kind, of)| same(*kind) && of & mask != 0);
                leaves.extend(reads.map(|(read, ..)| format!("{}.{read}", variable.name)));
            }
        }
        (!leaves.is_empty()).then(|| self.choices.one(&leaves))
    }

    pub(super) fn number(&mut self, depth: usize) -> String {
        let literal = self.choices.below(4).to_string();
        if depth >= DEPTH || self.choices.is_spent() {
            return self.leaf(Kind::Number).unwrap_or(literal);
        }
        match self.choices.below(16) {
            0..8 => self.leaf(Kind::Number).unwrap_or(literal),
            8 => literal,
            9 => {
                let sign = self.choices.one(&["+", "-", "*"]);
                format!(
                    "({} {sign} {})",
                    self.number(depth + 1),
                    self.number(depth + 1)
                )
            }
            10 => {
                let kind = self.choices.one(&[
                    Kind::Texts(true),
                    Kind::Numbers(true),
                    Kind::Entities(ALL, true),
                ]);
                format!("size({})", self.list(kind, depth + 1))
            }
            11 => format!("coalesce({}, {literal})", self.number(depth + 1)),
            12 => format!(
                "CASE WHEN {} THEN {} ELSE {} END",
                self.flag(depth + 1),
                self.number(depth + 1),
                literal
            ),
            13 => {
                let walks =
                    self.known(|kind| matches!(kind, Kind::Length | Kind::Path | Kind::Relations));
                if walks.is_empty() {
                    literal
                } else {
                    format!("length({})", self.choices.one(&walks).name)
                }
            }
            14 => {
                let (held, each) = (self.name(), self.name());
                let list = self.list(Kind::Numbers(true), depth + 1);
                format!("reduce({held} = 0, {each} IN {list} | {held} + coalesce({each}, 1))")
            }
            _ => self.counted(depth),
        }
    }

    /// A number that a subquery gives.
    fn counted(&mut self, depth: usize) -> String {
        if !self.may_nest() {
            return "1".to_owned();
        }
        match self.choices.below(5) {
            0 | 1 => self.inside(|maker| format!("COUNT {{ {} }}", maker.patterns())),
            2 => self.inside(|maker| {
                let patterns = maker.patterns();
                let function = maker
                    .choices
                    .one(&["SUM", "MIN", "MAX", "COUNT", "AVG", "MEDIAN"]);
                let distinct = maker.choices.one(&["", "DISTINCT "]);
                format!(
                    "{function} {{ {patterns} | {distinct}{} }}",
                    maker.number(depth + 1)
                )
            }),
            3 => self.inside(|maker| {
                let entities = maker.patterns();
                let known = maker.known(Kind::is_entity);
                let value = if known.is_empty() {
                    "1".to_owned()
                } else {
                    maker.choices.one(&known).name
                };
                format!("COUNT {{ {entities} | DISTINCT {value} }}")
            }),
            _ => self.inside(|maker| format!("COUNT {{ {} }}", maker.part(1).text)),
        }
    }

    pub(super) fn text(&mut self, depth: usize) -> String {
        let literal = self
            .choices
            .one(&["'go'", "'rust'", "'eu'", "'s0'", "'a'"])
            .to_owned();
        match self.choices.below(10) {
            0..6 => self.leaf(Kind::Text).unwrap_or(literal),
            6 if depth < DEPTH => format!("upper({})", self.text(depth + 1)),
            7 if depth < DEPTH => format!("({} + {})", self.text(depth + 1), self.text(depth + 1)),
            8 => {
                let known = self.known(|kind| kind == Kind::Relation);
                if known.is_empty() {
                    literal
                } else {
                    format!("type({})", self.choices.one(&known).name)
                }
            }
            _ => literal,
        }
    }

    /// A list; its order may be anything where the kind says so.
    pub(super) fn list(&mut self, kind: Kind, depth: usize) -> String {
        let bag = kind.is_bag();
        let literal = |maker: &mut Self| match kind {
            Kind::Numbers(_) => maker
                .choices
                .one(&["[1, 2]", "[]", "[3, null, 1]", "range(0, 2)"])
                .to_owned(),
            Kind::Texts(_) => maker
                .choices
                .one(&["['a', 'go']", "[]", "['b', null]"])
                .to_owned(),
            _ => "[]".to_owned(),
        };
        let element = match kind {
            Kind::Numbers(_) => Kind::Number,
            Kind::Texts(_) => Kind::Text,
            Kind::Entities(mask, _) => Kind::Entity(mask),
            other => other,
        };
        if depth >= DEPTH || self.choices.is_spent() {
            return self.leaf(kind).unwrap_or_else(|| literal(self));
        }
        match self.choices.below(12) {
            0..6 => self.leaf(kind).unwrap_or_else(|| literal(self)),
            6 | 7 => {
                let (name, list) = (self.name(), self.list(kind, depth + 1));
                self.apart(|maker| {
                    maker.add(&name, element);
                    let filter = maker.flag(depth + 1);
                    format!("[{name} IN {list} WHERE {filter}]")
                })
            }
            8 if !matches!(kind, Kind::Entities(..)) => {
                let (name, list) = (self.name(), self.list(Kind::Entities(ALL, bag), depth + 1));
                self.apart(|maker| {
                    maker.add(&name, Kind::Entity(ALL));
                    let each = maker.expression(element, depth + 1);
                    format!("[{name} IN {list} | {each}]")
                })
            }
            9 if matches!(kind, Kind::Entities(..)) => {
                let paths = self.known(|kind| kind == Kind::Path);
                if paths.is_empty() {
                    literal(self)
                } else {
                    format!("nodes({})", self.choices.one(&paths).name)
                }
            }
            10 if bag && self.may_nest() => self.inside(|maker| {
                let path = maker.predicate_or_path();
                let filter = if maker.choices.often(50) {
                    format!(" WHERE {}", maker.flag(depth + 1))
                } else {
                    String::new()
                };
                format!(
                    "[{path}{filter} | {}]",
                    maker.expression(element, depth + 1)
                )
            }),
            11 if bag && self.may_nest() => {
                self.inside(|maker| format!("COLLECT {{ {} }}", maker.part_of(&[element]).text))
            }
            _ => literal(self),
        }
    }

    fn predicate_or_path(&mut self) -> String {
        let path = self.plain_path(true);
        if path.contains('-') {
            path
        } else {
            format!("{path}-->()")
        }
    }
}
