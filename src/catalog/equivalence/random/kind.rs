//! Kinds of values, and what the model has of each.

/// A set of blueprints, a bit for each.
pub(super) type Mask = u8;

pub(super) const TEAM: Mask = 1;
pub(super) const SERVICE: Mask = 2;
pub(super) const LIBRARY: Mask = 4;
pub(super) const ALL: Mask = 7;

pub(super) const BLUEPRINTS: [(&str, Mask); 3] =
    [("team", TEAM), ("service", SERVICE), ("library", LIBRARY)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    Flag,
    Time,
    Level,
    /// Lists, and whether nothing says in which order they are.
    Numbers(bool),
    Texts(bool),
    Entity(Mask),
    Entities(Mask, bool),
    Relation,
    Relations,
    Path,
    /// A walk or list of relations of which only the length is certain.
    Length,
}

impl Kind {
    pub(super) const fn is_bag(self) -> bool {
        matches!(
            self,
            Self::Numbers(true) | Self::Texts(true) | Self::Entities(_, true)
        )
    }

    pub(super) const fn is_entity(self) -> bool {
        matches!(self, Self::Entity(_))
    }

    /// Whether it is as certain as its rows are.
    pub(super) const fn is_certain(self) -> bool {
        !self.is_bag() && !matches!(self, Self::Length)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What is read of an entity by a dot: the text, its kind, and which blueprints have it.
pub(super) const READS: [(&str, Kind, Mask); 26] = [
    ("tier", Kind::Number, SERVICE | LIBRARY),
    ("size", Kind::Number, TEAM),
    ("cost", Kind::Number, SERVICE),
    ("double", Kind::Number, SERVICE),
    ("users", Kind::Number, TEAM),
    ("backup.tier", Kind::Number, SERVICE),
    ("owner.size", Kind::Number, SERVICE | LIBRARY),
    ("lang", Kind::Text, SERVICE | LIBRARY),
    ("region", Kind::Text, TEAM | SERVICE),
    ("note", Kind::Text, SERVICE),
    ("$identifier", Kind::Text, ALL),
    ("$title", Kind::Text, ALL),
    ("$blueprint", Kind::Text, ALL),
    ("owner.region", Kind::Text, SERVICE | LIBRARY),
    ("live", Kind::Flag, SERVICE),
    ("due", Kind::Time, SERVICE),
    ("$scorecards.grade.level", Kind::Level, SERVICE),
    ("tags", Kind::Texts(false), SERVICE),
    ("on.lang", Kind::Texts(false), SERVICE | LIBRARY),
    ("tiers", Kind::Numbers(false), SERVICE),
    ("on.tier", Kind::Numbers(false), SERVICE | LIBRARY),
    ("owner", Kind::Entity(TEAM), SERVICE | LIBRARY),
    ("parent", Kind::Entity(TEAM), TEAM),
    ("backup", Kind::Entity(SERVICE), SERVICE),
    ("on", Kind::Entities(SERVICE | LIBRARY, false), SERVICE),
    ("uses", Kind::Entities(ALL, false), SERVICE),
];

/// Relations: the name, which blueprints have it, and which it may lead to.
pub(super) const RELATIONS: [(&str, Mask, Mask); 6] = [
    ("on", SERVICE, SERVICE | LIBRARY),
    ("owner", SERVICE | LIBRARY, TEAM),
    ("backup", SERVICE, SERVICE),
    ("uses", SERVICE, ALL),
    ("on", LIBRARY, LIBRARY),
    ("parent", TEAM, TEAM),
];

/// Where some relations lead to from some blueprints.
pub(super) fn step(from: Mask, names: &[&str], outgoing: bool, incoming: bool) -> Mask {
    let mut reached = 0;
    for (name, source, target) in RELATIONS {
        if !names.is_empty() && !names.contains(&name) {
            continue;
        }
        if outgoing && source & from != 0 {
            reached |= target;
        }
        if incoming && target & from != 0 {
            reached |= source;
        }
    }
    reached
}
