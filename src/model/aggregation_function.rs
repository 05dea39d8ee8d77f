//! What an aggregation property computes, and how that is written.

use serde_json::{Map, Value as Json};

use super::json::{At, Fields, insert_as_read};
use crate::error::{Result, did_you_mean};

/// What is computed over a set of entities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AggregationFunction {
    /// How many there are.
    Count,
    /// The sum of a number.
    Sum,
    /// The mean of a number over the entities that have one.
    Average,
    /// The number of entities, or the sum of a number, by period of the time that they span; a
    /// period that has begun counts whole.
    AveragePer(Period),
    /// The least value.
    Min,
    /// The greatest value.
    Max,
    /// The middle value; of an even number of values the mean of the two in the middle.
    Median,
    /// The least value that at least so many hundredths of the values do not exceed (nearest rank).
    Percentile(f64),
    /// How many different values there are.
    DistinctCount,
    /// The value of the entity that comes first in time.
    First,
    /// The value of the entity that comes last in time.
    Last,
}

/// A period of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// A calendar month, UTC.
    Month,
}

const AVERAGE: &str = "average";
const PERCENTILE: &str = "percentile";

/// The functions that need no more than their name.
const FUNCTIONS: [(&str, AggregationFunction); 8] = [
    ("count", AggregationFunction::Count),
    ("sum", AggregationFunction::Sum),
    ("min", AggregationFunction::Min),
    ("max", AggregationFunction::Max),
    ("median", AggregationFunction::Median),
    ("distinctCount", AggregationFunction::DistinctCount),
    ("first", AggregationFunction::First),
    ("last", AggregationFunction::Last),
];

/// Other words for a function, and what to write instead.
const MISTAKEN: [(&str, &str); 6] = [
    ("mean", "use `average`"),
    ("avg", "use `average`"),
    ("minimum", "use `min`"),
    ("maximum", "use `max`"),
    ("distinct", "use `distinctCount`"),
    ("uniq", "use `distinctCount`"),
];

const PERIODS: [(&str, Period); 4] = [
    ("hour", Period::Hour),
    ("day", Period::Day),
    ("week", Period::Week),
    ("month", Period::Month),
];

/// The plain mean, where a period could stand.
const TOTAL: &str = "total";

impl AggregationFunction {
    /// Reads the function of a `calculationSpec`; `averageOf` and `percentile` stay untaken, since
    /// they can be written in more than one way.
    pub(super) fn read(spec: &mut Fields<'_>, of_property: bool) -> Result<Self> {
        let at = spec.need("func")?;
        let name = at.string()?;
        let function = match name {
            AVERAGE => read_average(spec, of_property)?,
            PERCENTILE => match spec.peek("percentile") {
                Some(at) => Self::Percentile(read_percentile(&at)?),
                None => return Err(spec.at().error("missing `percentile`")),
            },
            _ => named(&at, name)?,
        };
        if function.counts_only_entities() && of_property {
            let error = at.error(format!("`{name}` is of entities, not of a property"));
            let help = "write `\"calculationBy\": \"entities\"`, and filter with `query` where \
                        not all count";
            return Err(error.with_help(help));
        }
        if function.needs_property() && !of_property {
            let error = at.error(format!("`{name}` is of a property, not of entities"));
            let help = "write `\"calculationBy\": \"property\"` and name the `property`";
            return Err(error.with_help(help));
        }
        for (key, goes_with) in [("averageOf", AVERAGE), ("percentile", PERCENTILE)] {
            if let Some(at) = spec.peek(key).filter(|_| name != goes_with) {
                let message = format!("`{key}` goes with `{goes_with}`, not with `{name}`");
                return Err(at.error(message));
            }
        }
        Ok(function)
    }

    /// Writes the function into a `calculationSpec` as it was read.
    pub(super) fn write(self, spec: &mut Map<String, Json>) {
        spec.insert("func".to_owned(), Json::from(self.name()));
        let period = if let Self::AveragePer(period) = self {
            Some(period)
        } else {
            None
        };
        let percentile = if let Self::Percentile(percentile) = self {
            Some(percentile)
        } else {
            None
        };
        let name = |period: &Option<Period>| period.map_or(TOTAL, Period::name);
        insert_as_read(spec, "averageOf", &period, &None, read_period, |period| {
            Json::from(name(period))
        });
        insert_as_read(
            spec,
            "percentile",
            &percentile,
            &None,
            |at| read_percentile(at).map(Some),
            |percentile| Json::from(*percentile),
        );
    }

    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        let known = FUNCTIONS.iter().find(|(_, known)| *known == self);
        match known {
            Some((name, _)) => name,
            None if matches!(self, Self::Percentile(_)) => PERCENTILE,
            None => AVERAGE,
        }
    }

    const fn counts_only_entities(self) -> bool {
        matches!(self, Self::Count)
    }

    /// Whether there is nothing to compute without a property.
    const fn needs_property(self) -> bool {
        !matches!(self, Self::Count | Self::AveragePer(_))
    }

    /// Whether the property must be a number.
    pub(super) const fn takes_numbers(self) -> bool {
        matches!(
            self,
            Self::Sum | Self::Average | Self::AveragePer(_) | Self::Median | Self::Percentile(_)
        )
    }

    /// Whether the result is a number whatever the property is.
    pub(super) const fn gives_number(self) -> bool {
        self.takes_numbers() || matches!(self, Self::Count | Self::DistinctCount)
    }
}

impl Period {
    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        let known = PERIODS.iter().find(|(_, known)| *known == self);
        known.map_or("", |(name, _)| *name)
    }
}

fn named(at: &At<'_>, name: &str) -> Result<AggregationFunction> {
    if let Some((_, function)) = FUNCTIONS.iter().find(|(known, _)| *known == name) {
        return Ok(*function);
    }
    let names = FUNCTIONS.iter().map(|(known, _)| *known);
    let names: Vec<&str> = names.chain([AVERAGE, PERCENTILE]).collect();
    let instead = MISTAKEN.iter().find(|(wrong, _)| *wrong == name);
    let help = match instead {
        Some((_, instead)) => (*instead).to_owned(),
        None => did_you_mean(name, names.iter().copied())
            .unwrap_or_else(|| format!("use one of `{}`", names.join("`, `"))),
    };
    let message = format!("unknown function `{}`", name.escape_debug());
    Err(at.error(message).with_help(help))
}

/// Of a property without a period, or with `total`, the plain mean.
fn read_average(spec: &Fields<'_>, of_property: bool) -> Result<AggregationFunction> {
    let period = match spec.peek("averageOf") {
        Some(at) => read_period(&at)?,
        None => None,
    };
    match period {
        Some(period) => Ok(AggregationFunction::AveragePer(period)),
        None if of_property => Ok(AggregationFunction::Average),
        None => {
            let message = "an average of entities is by a period";
            let help = "give `averageOf` as `hour`, `day`, `week` or `month`, or `count` them";
            let at = spec.peek("averageOf");
            let error = at.as_ref().unwrap_or(spec.at()).error(message);
            Err(error.with_help(help))
        }
    }
}

fn read_period(at: &At<'_>) -> Result<Option<Period>> {
    let name = at.string()?;
    if name == TOTAL {
        return Ok(None);
    }
    if let Some((_, period)) = PERIODS.iter().find(|(known, _)| *known == name) {
        return Ok(Some(*period));
    }
    let names = PERIODS.map(|(known, _)| known);
    let help = did_you_mean(name, names.into_iter().chain([TOTAL]))
        .unwrap_or_else(|| format!("use one of `{}`, `{TOTAL}`", names.join("`, `")));
    let message = format!("unknown period `{}`", name.escape_debug());
    Err(at.error(message).with_help(help))
}

fn read_percentile(at: &At<'_>) -> Result<f64> {
    let percentile = at.json().as_f64();
    percentile
        .filter(|percentile| (0.0..=100.0).contains(percentile))
        .ok_or_else(|| at.expected("a number from 0 to 100"))
}
