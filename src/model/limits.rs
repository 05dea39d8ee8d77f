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
/// Relations in the path of one mirror property, group or inherited ownership.
pub(crate) const PATH_RELATIONS: usize = 16;
/// Paths of one aggregation property.
pub(crate) const AGGREGATION_PATHS: usize = 64;
/// Relations in one path of an aggregation property.
pub(crate) const AGGREGATION_STEPS: usize = 16;
/// Relations in a way that an aggregation property finds by itself.
pub(crate) const WAY_STEPS: usize = 8;
/// Ways that an aggregation property finds by itself.
pub(crate) const WAYS: usize = 64;
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
/// The weight of one rule.
pub(crate) const RULE_WEIGHT: u32 = 1_000_000;
/// Days of the grace period of one rule: a hundred years.
pub(crate) const GRACE_DAYS: i64 = 36_525;
/// Exemptions of one rule.
pub(crate) const EXEMPTIONS: usize = 10_000;
/// Groups of one scorecard.
pub(crate) const GROUPS: usize = 32;
/// Bytes of the jq text of one calculation property.
pub(crate) const JQ_BYTES: usize = 64 * 1024;
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
