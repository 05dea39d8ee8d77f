//! `WITH` and `RETURN`: plain, distinct and grouped columns, order, skip and limit.

use super::clause::COLUMNS;
use super::kind::{Kind, Variable};
use super::{Asked, Maker, SortKey};

impl Maker<'_, '_> {
    pub(super) fn returned(&mut self, kinds: &[Kind]) -> Asked {
        let names: Vec<String> = (0..kinds.len()).map(|at| format!("c{at}")).collect();
        let (body, kinds, order) = self.projection(kinds, &names);
        Asked {
            text: format!("RETURN {body}"),
            bags: kinds.iter().map(|kind| kind.is_bag()).collect(),
            order,
        }
    }

    pub(super) fn with(&mut self) -> String {
        let count = self.choices.below(3) + 1;
        let mut kinds: Vec<Kind> = (0..count).map(|_| self.choices.one(&COLUMNS)).collect();
        // What was matched is mostly needed later.
        if let Some(entity) = self.known(Kind::is_entity).first() {
            kinds.insert(0, entity.kind);
        }
        let names: Vec<String> = kinds.iter().map(|_| self.name()).collect();
        let (body, kinds, _) = self.projection(&kinds, &names);
        let new = names.into_iter().zip(kinds);
        self.scope = new.map(|(name, kind)| Variable { name, kind }).collect();
        let filter = if self.choices.often(30) {
            format!("WHERE {} ", self.condition(1))
        } else {
            String::new()
        };
        format!("WITH {body} {filter}")
    }

    /// The columns with what each really is, and what they are ordered by.
    fn projection(
        &mut self,
        kinds: &[Kind],
        names: &[String],
    ) -> (String, Vec<Kind>, Vec<SortKey>) {
        let grouped = self.choices.often(25);
        let mut items = Vec::new();
        let mut made = Vec::new();
        for (at, (kind, name)) in kinds.iter().zip(names).enumerate() {
            let aggregated = grouped && (at + 1 == kinds.len() || self.choices.often(40));
            let (text, kind) = if aggregated {
                self.aggregate(*kind)
            } else {
                // A key must be certain, or the groups are not.
                let kind = if grouped { certain(*kind) } else { *kind };
                (self.expression(kind, 0), kind)
            };
            items.push(format!("{text} AS {name}"));
            made.push(kind);
        }
        let certain = made.iter().all(|kind| kind.is_certain());
        let distinct = if certain && self.choices.often(20) {
            "DISTINCT "
        } else {
            ""
        };
        let mut body = format!("{distinct}{}", items.join(", "));
        let mut order = Vec::new();
        if certain && self.choices.often(35) {
            let mut text = Vec::new();
            for (column, name) in names.iter().enumerate() {
                let (written, descending) =
                    self.choices
                        .one(&[("", false), (" DESC", true), (" ASC", false)]);
                let (nulls, nulls_first) = self.choices.one(&[
                    ("", descending),
                    (" NULLS FIRST", true),
                    (" NULLS LAST", false),
                ]);
                text.push(format!("{name}{written}{nulls}"));
                order.push(SortKey {
                    column,
                    descending,
                    nulls_first,
                });
            }
            if self.choices.often(50) {
                text.reverse();
                order.reverse();
            }
            body = body + " ORDER BY " + &text.join(", ");
            // Rows that tie in every column are the same, so it is clear which are cut off.
            if self.choices.often(30) {
                body = body + " SKIP " + &self.choices.below(3).to_string();
            }
            if self.choices.often(40) {
                let limit: i32 = self.choices.one(&[1, 2, 3, 0, 5]);
                body = body + " LIMIT " + &limit.to_string();
            }
        }
        // Entities are ordered by what is not shown.
        let shown = order
            .iter()
            .take_while(|key| !matches!(made[key.column], Kind::Entity(_) | Kind::Path));
        let order = shown.copied().collect();
        (body, made, order)
    }

    fn aggregate(&mut self, kind: Kind) -> (String, Kind) {
        let outside = std::mem::replace(&mut self.no_subquery, true);
        let distinct = self.choices.one(&["", "DISTINCT "]);
        let (text, kind) = match kind {
            Kind::Number => {
                let function = self
                    .choices
                    .one(&["count", "sum", "min", "max", "avg", "median"]);
                (format!("{function}({distinct}{})", self.number(1)), kind)
            }
            Kind::Text => {
                let function = self.choices.one(&["min", "max"]);
                (format!("{function}({})", self.text(1)), kind)
            }
            Kind::Numbers(_) => (
                format!("collect({distinct}{})", self.number(1)),
                Kind::Numbers(true),
            ),
            Kind::Texts(_) => (
                format!("collect({distinct}{})", self.text(1)),
                Kind::Texts(true),
            ),
            Kind::Entity(mask) => match self.leaf(Kind::Entity(mask)) {
                Some(leaf) if self.choices.often(50) => (
                    format!("collect({distinct}{leaf})"),
                    Kind::Entities(mask, true),
                ),
                Some(leaf) => (format!("count({distinct}{leaf})"), Kind::Number),
                None => ("count(*)".to_owned(), Kind::Number),
            },
            _ => ("count(*)".to_owned(), Kind::Number),
        };
        let filter = if self.choices.often(15) {
            format!(" FILTER (WHERE {})", self.flag(1))
        } else {
            String::new()
        };
        self.no_subquery = outside;
        let text = format!("{text}{filter}");
        if kind == Kind::Number && self.choices.often(15) {
            return (format!("{text} + 1"), kind);
        }
        (text, kind)
    }
}

fn certain(kind: Kind) -> Kind {
    match kind {
        Kind::Numbers(_) => Kind::Numbers(false),
        Kind::Texts(_) => Kind::Texts(false),
        Kind::Entities(mask, _) => Kind::Entities(mask, false),
        Kind::Length => Kind::Number,
        other => other,
    }
}
