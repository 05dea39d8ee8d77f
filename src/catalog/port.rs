//! Port's JSON asked of a snapshot, and shown as text of the query language.

use serde_json::Value as Json;

use super::{Parameters, QueryOptions, Rows, Snapshot};
use crate::error::Result;
use crate::query::check;

impl Snapshot {
    /// Answers a body of Port's search, `{combinator, rules}`, or of its aggregation, `{func, ..}`,
    /// within given limits.
    ///
    /// Beside the rules, or around them where they stand under `query`, a search may have
    /// `blueprint`, `include` (the columns; whole entities where absent), `sort` and `limit`.
    /// What the rules say of the user (`"context": "user"` or `"userTeams"`) is read from the
    /// parameter `user`: a map with a list of maps `teams`, whose keys are properties and
    /// meta-properties.
    ///
    /// # Errors
    /// `Invalid`, `Unsupported` or `Syntax` with the path in the body; `Limit`; `Closed` when
    /// cancelled.
    ///
    /// ```
    /// use portolan::{Catalog, QueryOptions, Value, Viewer, model::Blueprint, params};
    /// use serde_json::json;
    ///
    /// let catalog = Catalog::in_memory()?;
    /// let me = Viewer::system("docs");
    /// let mut tx = catalog.write(&me)?;
    /// tx.declare([Blueprint::from_json(&json!({
    ///     "identifier": "service", "title": "Service",
    ///     "schema": {"properties": {"region": {"type": "string"}}}
    /// }))?], [])?;
    /// tx.upsert("service", &json!({"identifier": "cart", "properties": {"region": "eu"}}))?;
    /// tx.upsert("service", &json!({"identifier": "ledger", "properties": {"region": "us"}}))?;
    /// tx.commit()?;
    ///
    /// let body = json!({"blueprint": "service", "include": ["$identifier"], "combinator": "and", "rules": [
    ///     {"property": "region", "operator": "=", "value": {"context": "user", "property": "region"}}
    /// ]});
    /// let user = Value::from_json(&json!({"region": "eu", "teams": []}));
    /// let rows = catalog.read(&me).port_query(&body, params! { "user" => user }, &QueryOptions::default())?;
    /// assert_eq!(rows.json().next().unwrap()["identifier"], "cart");
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn port_query(
        &self,
        body: &Json,
        parameters: impl Into<Parameters>,
        options: &QueryOptions,
    ) -> Result<Rows> {
        let question = check::question(self.model(), body)?;
        let mut parameters = parameters.into();
        // Who asks need not know whether the rules speak of the user.
        if !question.speaks_of_user() {
            parameters.0.remove("user");
        }
        self.query_with(&question.text, parameters, options)
            .map_err(|error| question.located(self.model(), error))
    }

    /// The query that a body of Port's search or aggregation stands for, as text.
    ///
    /// # Errors
    /// As [`Snapshot::port_query`]; whether the text fits the model is not checked.
    ///
    /// ```
    /// # use portolan::{Catalog, Viewer};
    /// # use serde_json::json;
    /// let snapshot = Catalog::in_memory()?.read(&Viewer::system("docs"));
    /// let body = json!({"combinator": "or", "rules": [
    ///     {"property": "tier", "operator": "!=", "value": 1},
    ///     {"property": "$updatedAt", "operator": "between", "value": {"preset": "lastWeek"}}
    /// ]});
    /// assert_eq!(
    ///     snapshot.port_text(&body)?,
    ///     "MATCH (this) WHERE (this.tier IS NULL OR this.tier <> 1) \
    ///      OR this.$updatedAt >= now() - DURATION 'P7D' AND this.$updatedAt <= now() RETURN this"
    /// );
    /// # Ok::<(), portolan::Error>(())
    /// ```
    pub fn port_text(&self, body: &Json) -> Result<String> {
        Ok(check::question(self.model(), body)?.text)
    }

    /// The expression that Port's conditions (`{combinator, conditions}`) stand for, over entities
    /// of a blueprint, as text: what a rule may have as its `when`.
    ///
    /// # Errors
    /// As [`Snapshot::port_text`]; `NotFound` for the blueprint.
    pub fn port_conditions_text(&self, blueprint: &str, conditions: &Json) -> Result<String> {
        let id = self.blueprint(blueprint)?.id;
        check::conditions_text(self.model(), id, conditions)
    }
}
