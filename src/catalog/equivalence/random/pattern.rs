//! Patterns: paths of a few hops, with variables, labels, conditions, lengths and prefixes.

use super::Maker;
use super::kind::{ALL, BLUEPRINTS, Kind, Mask, step};

const PREFIXES: [(&str, bool); 9] = [
    ("TRAIL ", false),
    ("ACYCLIC ", false),
    ("SIMPLE ", false),
    ("WALK ", false),
    ("ANY ", true),
    ("ALL SHORTEST ", true),
    ("ANY SHORTEST ", true),
    ("SHORTEST 2 ", true),
    ("SHORTEST 2 GROUPS ", true),
];
const LENGTHS: [&str; 8] = ["+", "*", "{1,2}", "{0,1}", "{2}", "{2,}", "?", "{1,3}"];

/// What the hops of a path may be.
#[derive(Clone, Copy)]
struct Manner {
    /// Whether the path is searched for: it then has one hop, of any length.
    searched: bool,
    /// Whether walks go on for ever without an upper bound.
    bounded: bool,
    /// What relations and the path are: which of several walks they are may be anyone's choice.
    relation: Kind,
    /// Whether variables may be introduced.
    naming: bool,
}

impl Maker<'_, '_> {
    /// One path or several, with a condition.
    pub(super) fn patterns(&mut self) -> String {
        let mode = if self.choices.often(10) {
            "REPEATABLE ELEMENTS "
        } else {
            ""
        };
        let first = self.path();
        let mut text = format!("{mode}{first}");
        if !first.contains("SHORTEST") && !first.contains("ANY ") && self.choices.often(20) {
            text = text + ", " + &self.plain_path(true);
        }
        if self.choices.often(50) {
            text = text + " WHERE " + &self.condition(1);
        }
        text
    }

    fn path(&mut self) -> String {
        if !self.choices.often(25) {
            return self.plain_path(true);
        }
        let at = self.choices.below(PREFIXES.len() + 1);
        let (prefix, searched) = PREFIXES.get(at).copied().unwrap_or(("", false));
        let named = at == PREFIXES.len() || self.choices.often(70);
        let arbitrary = searched && prefix != "ALL SHORTEST " && !prefix.contains("GROUPS");
        let manner = Manner {
            searched,
            bounded: prefix == "WALK ",
            relation: if arbitrary {
                Kind::Length
            } else {
                Kind::Relation
            },
            naming: true,
        };
        let name = self.name();
        let body = self.hops(manner);
        if !named {
            return format!("{prefix}{body}");
        }
        self.add(&name, if arbitrary { Kind::Length } else { Kind::Path });
        format!("{name} = {prefix}{body}")
    }

    /// A path without prefix and name.
    pub(super) fn plain_path(&mut self, naming: bool) -> String {
        self.hops(Manner {
            searched: false,
            bounded: false,
            relation: Kind::Relation,
            naming,
        })
    }

    /// A path of at least one hop that introduces no variable.
    pub(super) fn predicate(&mut self) -> String {
        self.apart(|maker| {
            let manner = Manner {
                searched: false,
                bounded: false,
                relation: Kind::Relation,
                naming: false,
            };
            let (mut text, mask) = maker.node(ALL, manner);
            let _ = maker.hop(&mut text, mask, manner);
            text
        })
    }

    fn hops(&mut self, manner: Manner) -> String {
        let (mut text, mut mask) = self.node(ALL, manner);
        let count = if manner.searched {
            1
        } else {
            self.choices.one(&[0, 1, 1, 1, 2, 2, 3])
        };
        for _ in 0..count {
            mask = self.hop(&mut text, mask, manner);
        }
        text
    }

    /// Adds a hop and the node behind it; what that may be.
    fn hop(&mut self, text: &mut String, from: Mask, manner: Manner) -> Mask {
        let (outgoing, incoming) = self
            .choices
            .one(&[(true, false), (false, true), (true, true)]);
        let fitting: Vec<&str> = ["on", "owner", "backup", "uses", "parent"]
            .into_iter()
            .filter(|name| step(from, &[name], outgoing, incoming) != 0)
            .collect();
        let (outgoing, incoming) = if fitting.is_empty() {
            (true, true)
        } else {
            (outgoing, incoming)
        };
        let names = match self.choices.below(4) {
            0 => Vec::new(),
            1 if fitting.len() > 1 => vec![self.choices.one(&fitting), self.choices.one(&fitting)],
            _ if fitting.is_empty() => Vec::new(),
            _ => vec![self.choices.one(&fitting)],
        };
        let long = manner.searched || self.choices.often(25);
        let length = match long {
            false => "",
            true if manner.bounded => self.choices.one(&["{1,2}", "{0,1}", "{2}", "{1,3}"]),
            true => self.choices.one(&LENGTHS),
        };
        let variable = if manner.naming && self.choices.often(20) {
            let name = self.name();
            let kind = match (long, manner.relation) {
                (_, Kind::Length) => Kind::Length,
                (true, _) => Kind::Relations,
                (false, kind) => kind,
            };
            self.add(&name, kind);
            name
        } else {
            String::new()
        };
        let label = if names.is_empty() {
            String::new()
        } else {
            format!(":{}", names.join("|"))
        };
        let detail = match (&*variable, &*label) {
            ("", "") => String::new(),
            (variable, label) => format!("[{variable}{label}]"),
        };
        let (left, right) = match (outgoing, incoming) {
            (true, false) => ("-", "->"),
            (false, true) => ("<-", "-"),
            _ => ("-", "-"),
        };
        let mut reached = step(from, &names, outgoing, incoming);
        if long {
            for _ in 0..3 {
                reached |= step(reached, &names, outgoing, incoming);
            }
            reached |= from;
        }
        let (node, mask) = self.node(reached, manner);
        *text = format!("{text}{left}{detail}{right}{length}{node}");
        mask
    }

    /// A node, and what it may be.
    fn node(&mut self, mask: Mask, manner: Manner) -> (String, Mask) {
        let known = self.known(|kind| matches!(kind, Kind::Entity(of) if of & mask != 0));
        let chance = if manner.naming { 30 } else { 60 };
        if !known.is_empty() && self.choices.often(chance) {
            let known = self.choices.one(&known);
            let Kind::Entity(of) = known.kind else {
                return ("()".to_owned(), mask);
            };
            return (format!("({})", known.name), of & mask);
        }
        let fitting: Vec<(&str, Mask)> = BLUEPRINTS
            .into_iter()
            .filter(|(_, of)| of & mask != 0)
            .collect();
        let (label, mask) = match self.choices.below(10) {
            0..3 => (String::new(), mask),
            3 if fitting.len() > 1 => (
                format!(":{}|{}", fitting[0].0, fitting[1].0),
                fitting[0].1 | fitting[1].1,
            ),
            4 if fitting.len() > 1 => (format!(":!{}", fitting[0].0), mask & !fitting[0].1),
            _ => {
                let (name, of) = self.choices.one(&fitting);
                (format!(":{name}"), of)
            }
        };
        let properties = match self.choices.below(12) {
            11 if mask & 6 == mask => format!(" {{tier: {}}}", self.choices.below(3) + 1),
            10 => format!(
                " {{$identifier: '{}'}}",
                self.choices.one(&["s0", "t0", "l0", "s1"])
            ),
            _ => String::new(),
        };
        if !manner.naming || self.choices.often(25) {
            return (format!("({label}{properties})"), mask);
        }
        let name = self.name();
        self.add(&name, Kind::Entity(mask));
        let filter = if self.choices.often(10) {
            " WHERE ".to_owned() + &self.condition(0)
        } else {
            String::new()
        };
        (format!("({name}{label}{properties}{filter})"), mask)
    }
}
