//! Aggregations: which entities are related, and what is computed over them.

use serde_json::{Value as Json, json};

use super::base::Key;
use super::number::{number, same, sum};
use super::time::{DAY, HOUR, date};
use super::{World, condition, expression};

impl World<'_> {
    pub(super) fn aggregation(&self, of: &Key, declared: &Json) -> Json {
        let spec = &declared["calculationSpec"];
        let text = |key: &str| spec[key].as_str().unwrap_or_default();
        let related: Vec<Key> = self
            .related(of, declared)
            .into_iter()
            .filter(|key| self.takes_part(key, declared))
            .collect();
        if spec["calculationBy"] == "entities" {
            if text("func") == "count" {
                return json!(related.len());
            }
            let time = spec["measureTimeBy"].as_str().unwrap_or("$createdAt");
            let times = related.iter().filter_map(|key| self.instant(key, time));
            let times: Vec<i64> = times.collect();
            return per_period(times.len() as f64, &times, text("averageOf"));
        }
        let property = text("property");
        let values: Vec<Json> = related
            .iter()
            .map(|key| self.value(key, property))
            .filter(|value| !value.is_null())
            .collect();
        let mut numbers: Vec<f64> = values.iter().filter_map(Json::as_f64).collect();
        numbers.sort_by(f64::total_cmp);
        match text("func") {
            "sum" => number(sum(&numbers)),
            "average" if matches!(text("averageOf"), "" | "total") => {
                some(&numbers, |numbers| sum(numbers) / numbers.len() as f64)
            }
            "average" => {
                let time = spec["measureTimeBy"].as_str().unwrap_or("$createdAt");
                let both = related
                    .iter()
                    .filter_map(|key| Some((self.num(key, property)?, self.instant(key, time)?)));
                let (numbers, times): (Vec<f64>, Vec<i64>) = both.unzip();
                per_period(sum(&numbers), &times, text("averageOf"))
            }
            "median" => some(&numbers, |numbers| {
                let (low, high) = ((numbers.len() - 1) / 2, numbers.len() / 2);
                sum(&[numbers[low], numbers[high]]) / 2.0
            }),
            "percentile" => {
                let percentile = spec["percentile"].as_f64().unwrap_or_default();
                some(&numbers, |numbers| nearest_rank(numbers, percentile))
            }
            "min" => extreme(values, true),
            "max" => extreme(values, false),
            "distinctCount" => distinct(&values),
            func => {
                let time = spec["measureTimeBy"].as_str().unwrap_or("$createdAt");
                let timed = related
                    .iter()
                    .filter_map(|key| Some((self.instant(key, time)?, key)));
                let timed = timed.filter(|(_, key)| !self.value(key, property).is_null());
                let found = if func == "first" {
                    timed.min()
                } else {
                    timed.max()
                };
                found.map_or(Json::Null, |(_, key)| self.value(key, property))
            }
        }
    }

    /// The set of entities at the ends of all paths.
    fn related(&self, of: &Key, declared: &Json) -> Vec<Key> {
        let target = declared["target"].as_str().unwrap_or_default();
        let all = self.base.entities.keys().filter(|key| key.0 == target);
        let paths = declared["pathFilter"].as_array();
        let leads = |key: &Key| {
            paths.into_iter().flatten().any(|path| {
                let steps = path["path"].as_array().cloned().unwrap_or_default();
                if path.get("fromBlueprint").is_some() {
                    self.leads(key, of, &steps)
                } else {
                    self.leads(of, key, &steps)
                }
            })
        };
        all.filter(|key| leads(key)).cloned().collect()
    }

    /// Whether a walk along these steps leads from one entity to another.
    fn leads(&self, from: &Key, to: &Key, steps: &[Json]) -> bool {
        let Some((step, rest)) = steps.split_first() else {
            return from == to;
        };
        let relation = step.as_str().or_else(|| step["relation"].as_str());
        let relation = relation.unwrap_or_default();
        let next = if step.get("incoming").is_some() {
            self.sources(from, relation)
        } else {
            self.targets(from, relation)
        };
        next.iter().any(|next| self.leads(next, to, rest))
    }

    fn takes_part(&self, key: &Key, declared: &Json) -> bool {
        if let Some(when) = declared["when"].as_str() {
            return expression::value(when)(self, key) == true;
        }
        match declared.get("query") {
            Some(query) => condition::holds(self, key, query),
            None => true,
        }
    }
}

/// A number of none is null.
fn some(numbers: &[f64], of: impl Fn(&[f64]) -> f64) -> Json {
    if numbers.is_empty() {
        Json::Null
    } else {
        number(of(numbers))
    }
}

fn nearest_rank(sorted: &[f64], percentile: f64) -> f64 {
    let enough =
        |(at, _): &(usize, &f64)| (at + 1) as f64 * 100.0 >= percentile * sorted.len() as f64;
    let found = sorted.iter().enumerate().find(enough);
    found.map_or(sorted[sorted.len() - 1], |(_, value)| *value)
}

/// The least or greatest of numbers or of texts.
fn extreme(values: Vec<Json>, least: bool) -> Json {
    let mut values = values.into_iter();
    let Some(mut best) = values.next() else {
        return Json::Null;
    };
    for value in values {
        let less = match (value.as_f64(), best.as_f64()) {
            (Some(value), Some(best)) => value < best,
            _ => value.as_str() < best.as_str(),
        };
        if less == least && !same(&value, &best) {
            best = value;
        }
    }
    best
}

fn distinct(values: &[Json]) -> Json {
    let mut seen: Vec<&Json> = Vec::new();
    for value in values {
        if !seen.iter().any(|known| same(known, value)) {
            seen.push(value);
        }
    }
    json!(seen.len())
}

/// An amount by the number of periods from the first to the last point in time, those begun
/// counting whole.
fn per_period(amount: f64, times: &[i64], period: &str) -> Json {
    let (Some(from), Some(to)) = (times.iter().min(), times.iter().max()) else {
        return Json::Null;
    };
    number(amount / periods(*from, *to, period) as f64)
}

pub(super) fn periods(from: i64, to: i64, period: &str) -> i64 {
    let whole = |length: i64| (to - from + length - 1) / length;
    let periods = match period {
        "hour" => whole(HOUR),
        "day" => whole(DAY),
        "week" => whole(7 * DAY),
        _ => {
            let month = |at: i64| {
                let (year, month, day) = date(at.div_euclid(DAY));
                (year * 12 + month, (day, at.rem_euclid(DAY)))
            };
            let ((first, begin), (last, end)) = (month(from), month(to));
            last - first + i64::from(end > begin)
        }
    };
    periods.max(1)
}
