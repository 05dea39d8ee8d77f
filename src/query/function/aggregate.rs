//! The aggregates: what turns the values of a group into one.

use super::{AggregateFunction, Fold};

pub(super) const AGGREGATES: &[AggregateFunction] = &[
    AggregateFunction {
        name: "count",
        signature: "count(* or value) -> number",
        summary: "How many rows, or values that are not null.",
        fold: Fold::Count,
    },
    AggregateFunction {
        name: "sum",
        signature: "sum(number or duration) -> number or duration",
        summary: "The sum; 0 of nothing.",
        fold: Fold::Sum,
    },
    AggregateFunction {
        name: "avg",
        signature: "avg(number or duration) -> number or duration",
        summary: "The mean; null of nothing.",
        fold: Fold::Average,
    },
    AggregateFunction {
        name: "min",
        signature: "min(value) -> any",
        summary: "The least value in the order of `ORDER BY`; null of nothing.",
        fold: Fold::Min,
    },
    AggregateFunction {
        name: "max",
        signature: "max(value) -> any",
        summary: "The greatest value in the order of `ORDER BY`; null of nothing.",
        fold: Fold::Max,
    },
    AggregateFunction {
        name: "median",
        signature: "median(number) -> number",
        summary: "The middle value, or the mean of the two middle ones; null of nothing.",
        fold: Fold::Median,
    },
    AggregateFunction {
        name: "collect",
        signature: "collect(value) -> list",
        summary: "The values that are not null, in the order of the rows.",
        fold: Fold::Collect,
    },
    AggregateFunction {
        name: "stdev",
        signature: "stdev(number) -> number",
        summary: "The standard deviation of a sample; 0 of fewer than two.",
        fold: Fold::Deviation,
    },
    AggregateFunction {
        name: "stdevp",
        signature: "stdevp(number) -> number",
        summary: "The standard deviation of all there are; 0 of fewer than two.",
        fold: Fold::PopulationDeviation,
    },
    AggregateFunction {
        name: "percentilecont",
        signature: "percentileCont(number or duration, share) -> number or duration",
        summary: "The value at a share of the way (0.5 for the median) through the values, between \
                  two where it falls on none; null of nothing.",
        fold: Fold::ContinuousPercentile,
    },
    AggregateFunction {
        name: "percentiledisc",
        signature: "percentileDisc(value, share) -> any",
        summary: "The least value that a share (0.5 for the median) of the values does not exceed; \
                  null of nothing.",
        fold: Fold::DiscretePercentile,
    },
];
