//! What would be: a further rule tried without declaring it, and the time that commands start from.

use std::fmt::Write as _;

use portolan::model::Scorecard;
use portolan::{Commit, Instant, Value};
use serde_json::json;

use crate::failure::Failure;
use crate::session::Session;

/// Of the entities that change level, more are not listed.
const FLIPS_SHOWN: usize = 20;

/// What one more rule would change: who changes level, and how many pass it.
pub(crate) fn rule(
    session: &Session,
    scorecard: &str,
    level: &str,
    expression: &str,
) -> Result<String, Failure> {
    let snapshot = session.snapshot();
    // The error for an unknown scorecard is the catalog's own.
    let before = snapshot.scorecard_summary(scorecard)?;
    let model = snapshot.model();
    let declared = model
        .scorecards()
        .find(|(_, known)| *known.identifier == *scorecard);
    let mut form = declared.map_or(json!({}), |(_, known)| known.to_json());
    let rule = json!({"identifier": "whatif", "level": level, "when": expression});
    let rules = form.get_mut("rules").and_then(|rules| rules.as_array_mut());
    if let Some(rules) = rules {
        rules.push(rule);
    } else if let Some(form) = form.as_object_mut() {
        form.insert("rules".to_owned(), json!([rule]));
    }
    let mut tx = session.catalog.write(&session.viewer)?;
    tx.declare([], [Scorecard::from_json(&form)?])?;
    let answer = tx.what_if()?;
    let after = answer.summary_after(scorecard)?;
    let passing = after.rules.last().map_or(0, |(_, count)| *count);
    let mut text = format!("{passing} of {} would pass", after.graded);
    for ((title, before), (_, after)) in before.levels.iter().zip(&after.levels) {
        // Writing to a text does not fail.
        _ = write!(text, "\n  {before:>8} -> {after:<8} at {title}");
    }
    Ok(text + &flips(&answer))
}

/// Who changes level, a line for each.
pub(crate) fn flips(commit: &Commit) -> String {
    let mut text = String::new();
    let changes = commit.level_changes();
    let more = changes.len().saturating_sub(FLIPS_SHOWN);
    for flip in changes.take(FLIPS_SHOWN) {
        let level = |level: &Option<std::sync::Arc<str>>| {
            level.as_deref().unwrap_or("not graded").to_owned()
        };
        let (from, to) = (level(&flip.from), level(&flip.to));
        _ = write!(text, "\n  {}: {from} -> {to}", flip.entity);
    }
    if more > 0 {
        _ = write!(text, "\n  and {more} more");
    }
    text
}

/// The time by the catalog's clock, or that of the last commit where that is later.
pub(crate) fn now(session: &Session) -> Result<Instant, Failure> {
    let snapshot = session.snapshot();
    let rows = snapshot.query("RETURN now() AS now", ())?;
    let now = rows.iter().next().and_then(|row| match row.first() {
        Some(Value::Instant(now, _)) => Some(*now),
        _ => None,
    });
    Ok(now.unwrap_or_default().max(snapshot.time()))
}
