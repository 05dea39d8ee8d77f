//! The meta-properties that every entity has, addressed with a `$`.

/// The meta-properties that every entity has, addressed with a `$`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Meta {
    /// `$identifier`
    Identifier,
    /// `$title`
    Title,
    /// `$icon`
    Icon,
    /// `$team`
    Team,
    /// `$blueprint`
    Blueprint,
    /// `$createdAt`
    CreatedAt,
    /// `$updatedAt`
    UpdatedAt,
    /// `$createdBy`
    CreatedBy,
    /// `$updatedBy`
    UpdatedBy,
}

impl Meta {
    /// Every meta-property with its name, which includes the `$`.
    pub const ALL: [(&'static str, Self); 9] = [
        ("$identifier", Self::Identifier),
        ("$title", Self::Title),
        ("$icon", Self::Icon),
        ("$team", Self::Team),
        ("$blueprint", Self::Blueprint),
        ("$createdAt", Self::CreatedAt),
        ("$updatedAt", Self::UpdatedAt),
        ("$createdBy", Self::CreatedBy),
        ("$updatedBy", Self::UpdatedBy),
    ];

    /// The meta-property of a name such as `$title`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, meta)| *meta)
    }

    /// The name with its `$`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, meta)| *meta == self)
            .map_or("", |(name, _)| name)
    }
}
