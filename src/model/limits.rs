//! How large a model may be: one named constant for each limit.

/// Blueprints of a catalog.
pub(crate) const BLUEPRINTS: usize = 10_000;
/// Scorecards of a catalog.
pub(crate) const SCORECARDS: usize = 10_000;
/// Ids of blueprints or of scorecards that a catalog can ever hand out; those of removed ones are
/// not used again.
pub(crate) const IDS: usize = 1_000_000;
/// Stored, mirror, calculation and aggregation properties of one blueprint, together.
pub(crate) const PROPERTIES: usize = 1_000;
/// Relations of one blueprint.
pub(crate) const RELATIONS: usize = 1_000;
/// Blueprints that one relation may name as its targets.
pub(crate) const TARGETS: usize = 100;
/// Relations in the path of one mirror property.
pub(crate) const MIRROR_RELATIONS: usize = 16;
/// Values listed by one `enum`.
pub(crate) const ENUM_VALUES: usize = 10_000;
/// Levels of one scorecard.
pub(crate) const LEVELS: usize = 100;
/// Rules of one scorecard.
pub(crate) const RULES: usize = 1_000;
/// Conditions of one rule or filter, nested ones included.
pub(crate) const CONDITIONS: usize = 1_000;
/// How deep conditions may be nested in conditions.
pub(crate) const CONDITION_DEPTH: usize = 32;
/// Bytes of one expression text.
pub(crate) const EXPRESSION_BYTES: usize = 64 * 1024;
/// How deep the JSON of a blueprint, scorecard or property value may be nested.
pub(crate) const JSON_DEPTH: usize = 100;
/// Characters of the identifier of a blueprint, scorecard or rule, and of a property or relation
/// name (Port's limit).
pub(crate) const IDENTIFIER_CHARS: usize = 100;
/// Characters of the identifier of an entity (Port's limit).
pub(crate) const ENTITY_IDENTIFIER_CHARS: usize = 1_000;
/// Bytes that one compiled `pattern` may take, and the same again for its lazy automaton.
pub(crate) const PATTERN_BYTES: usize = 1024 * 1024;
/// Problems that one validation error lists before it says how many more there are.
pub(crate) const LISTED_PROBLEMS: usize = 10;
