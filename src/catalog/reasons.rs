//! Questions about what is derived: how an entity stands, since when, why, and what is due next.

use super::snapshot::suggest;
use super::{Card, Snapshot};
use crate::commit::{GroupSummary, Summary, find_scorecard};
use crate::derive::{self, Plan, Why, WhyProperty};
use crate::error::Result;
use crate::value::{Instant, Level};

impl Snapshot {
    /// How one entity stands in one scorecard: its level, its score, every rule with its state and
    /// since when, and what to fix for the next level.
    ///
    /// # Errors
    /// `NotFound` for the scorecard or the entity; `Io` where the history cannot be read.
    pub fn scorecard(&self, scorecard: &str, identifier: &str) -> Result<Card> {
        let (id, scorecard) = find_scorecard(self.model(), scorecard)?;
        let entity = self.entity(self.find(&scorecard.blueprint, identifier)?)?;
        Card::of(self.state(), Some(&self.past()), (id, scorecard), entity)
    }

    /// The level of one entity under a scorecard; `None` where its filter leaves the entity out.
    /// Reading it costs two look-ups by name.
    ///
    /// # Errors
    /// `NotFound` for the scorecard or the entity.
    pub fn level(&self, scorecard: &str, identifier: &str) -> Result<Option<Level>> {
        let (id, scorecard) = find_scorecard(self.model(), scorecard)?;
        let entity = self.find(&scorecard.blueprint, identifier)?;
        Ok(self.state().level(id, entity))
    }

    /// How many entities are at each level of a scorecard and pass each of its rules. The
    /// counts are maintained by every commit: reading them costs the same for any catalog.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn scorecard_summary(&self, scorecard: &str) -> Result<Summary> {
        let (id, scorecard) = find_scorecard(self.model(), scorecard)?;
        Ok(Summary::of(self.state(), id, scorecard))
    }

    /// The same for each group of entities, by one of the paths that the scorecard declares as its
    /// `groups`: a property, a relation, `$team`, or a path to one. In the order of the groups.
    ///
    /// # Errors
    /// `NotFound` for the scorecard, or where it keeps no counts by the path.
    pub fn scorecard_groups(&self, scorecard: &str, path: &str) -> Result<Vec<GroupSummary>> {
        let (id, scorecard) = find_scorecard(self.model(), scorecard)?;
        GroupSummary::all(self.state(), id, scorecard, path)
    }

    /// Why an entity passes a rule or not: every condition with the values it saw, the way they
    /// came along, and the commit that last changed each.
    ///
    /// # Errors
    /// `NotFound` for the scorecard, the rule or the entity; `Io` where the history cannot be
    /// read.
    ///
    /// ```
    /// use portolan::{Catalog, RuleState, Viewer, model::{Blueprint, Scorecard}};
    /// use serde_json::json;
    ///
    /// let catalog = Catalog::in_memory()?;
    /// let viewer = Viewer::system("docs");
    /// let team = json!({
    ///     "identifier": "team", "title": "Team",
    ///     "schema": {"properties": {"onCall": {"type": "string"}}, "required": []}
    /// });
    /// let service = json!({
    ///     "identifier": "service", "title": "Service",
    ///     "relations": {"owner": {"target": "team", "many": false, "required": false}}
    /// });
    /// let ready = json!({
    ///     "identifier": "ready", "title": "Ready", "blueprint": "service",
    ///     "rules": [{"identifier": "on_call", "level": "Bronze", "when": "owner.onCall IS NOT NULL"}]
    /// });
    /// let mut tx = catalog.write(&viewer)?;
    /// tx.declare(
    ///     [Blueprint::from_json(&team)?, Blueprint::from_json(&service)?],
    ///     [Scorecard::from_json(&ready)?],
    /// )?;
    /// tx.upsert("team", &json!({"identifier": "payments"}))?;
    /// tx.upsert("service", &json!({"identifier": "cart", "relations": {"owner": "payments"}}))?;
    /// tx.commit()?;
    /// let mut tx = catalog.write(&Viewer::system("ann"))?;
    /// tx.merge("team", &json!({"identifier": "payments", "properties": {"onCall": "bo"}}))?;
    /// tx.commit()?;
    ///
    /// let why = catalog.read(&viewer).why("ready", "on_call", "cart")?;
    /// let input = &why.leaves[0].inputs[0];
    /// assert_eq!((&input.text[..], input.value.as_str()), ("owner.onCall", Some("bo")));
    /// assert_eq!(input.way[0].to_string(), "owner -> team/payments");
    /// assert_eq!(input.changed.as_ref().and_then(|it| it.actor.as_deref()), Some("ann"));
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn why(&self, scorecard: &str, rule: &str, identifier: &str) -> Result<Why> {
        let (id, scorecard) = find_scorecard(self.model(), scorecard)?;
        let place = scorecard.rule(rule).map(|(place, _)| place);
        let place = place
            .and_then(|place| u16::try_from(place).ok())
            .ok_or_else(|| {
                let known = scorecard.rules.iter().map(|known| &*known.identifier);
                let name = &scorecard.identifier;
                suggest(
                    format!("scorecard `{name}` has no rule `{rule}`"),
                    rule,
                    known,
                )
            })?;
        let entity = self.find(&scorecard.blueprint, identifier)?;
        derive::why(self.state(), &self.past(), id, place, entity)
    }

    /// Where the value of a property of an entity comes from: who wrote it and when, or what it is
    /// derived from. A relation, and a meta-property such as `$team`, can be asked for too.
    ///
    /// # Errors
    /// `NotFound` for the blueprint, the entity or the property; `Io` where the history cannot be
    /// read.
    ///
    /// ```
    /// use portolan::{Catalog, Origin, Viewer, model::Blueprint};
    /// use serde_json::json;
    ///
    /// let catalog = Catalog::in_memory()?;
    /// let viewer = Viewer::system("ann");
    /// let team = json!({
    ///     "identifier": "team", "title": "Team",
    ///     "relations": {"parent": {"target": "team", "many": false, "required": false}},
    ///     "mirrorProperties": {"area": {"path": "parent.$title"}}
    /// });
    /// let mut tx = catalog.write(&viewer)?;
    /// tx.declare([Blueprint::from_json(&team)?], [])?;
    /// tx.upsert("team", &json!({"identifier": "shop", "title": "Shop"}))?;
    /// tx.upsert("team", &json!({"identifier": "cart", "relations": {"parent": "shop"}}))?;
    /// tx.commit()?;
    ///
    /// let why = catalog.read(&viewer).why_property("team", "cart", "area")?;
    /// assert_eq!(why.value.as_str(), Some("Shop"));
    /// let Origin::Mirror { path, way } = &why.origin else { panic!() };
    /// assert_eq!((&path[..], way[0].to_string()), ("parent.$title", "parent -> team/shop".into()));
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn why_property(
        &self,
        blueprint: &str,
        identifier: &str,
        property: &str,
    ) -> Result<WhyProperty> {
        let entity = self.find(blueprint, identifier)?;
        derive::why_property(self.state(), &self.past(), entity, property)
    }

    /// How everything derived is kept true: the mirrors and conditions by rank, what each reads
    /// and along which relations, so what one change can touch.
    #[must_use]
    pub fn explain_derivation(&self) -> String {
        self.plan().explain()
    }

    /// When the passing of time next changes something that is derived; `None` where it never
    /// will. [`Catalog::advance`](crate::Catalog::advance) to that instant changes it.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        Plan::next_due(self.state())
    }
}
