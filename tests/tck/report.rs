//! What came of all scenarios: counts by category and group, and a file for each failure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use super::deviations::Deviations;
use super::run::Failure;
use super::scenario::{Group, Scenario};

#[derive(Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) passed: usize,
    failed: usize,
    deviating: usize,
}

impl Count {
    fn total(self) -> usize {
        self.passed + self.failed + self.deviating
    }

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            deviating: self.deviating + other.deviating,
        }
    }

    /// In thousandths, rounded down: a goal is not reached by rounding.
    fn thousandths(self) -> usize {
        self.passed * 1_000 / self.total().max(1)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rate, total) = (self.thousandths(), self.total());
        let (whole, tenth) = (rate / 10, rate % 10);
        let Self {
            passed,
            failed,
            deviating,
        } = self;
        write!(
            f,
            "{passed:>5} of {total:>5} passed ({whole:>3}.{tenth} %), {failed:>4} failed, {deviating:>3} deviating"
        )
    }
}

#[derive(Default)]
pub(crate) struct Report<'a> {
    groups: BTreeMap<(Group, &'a str), Count>,
    failures: Vec<(&'a Scenario, Failure)>,
    /// Scenarios that pass although a deviation says that they do not.
    pub(crate) wrongly_listed: Vec<&'a str>,
    /// Scenarios that must run and whose text is refused instead.
    refused: usize,
}

impl<'a> Report<'a> {
    pub(crate) fn of(
        outcomes: Vec<(&'a Scenario, Result<(), Failure>)>,
        deviations: &Deviations,
    ) -> Self {
        let mut report = Self::default();
        for (scenario, outcome) in outcomes {
            let group = (scenario.group(), scenario.category.as_str());
            let count = report.groups.entry(group).or_default();
            let listed = deviations.reason(&scenario.id).is_some();
            match outcome {
                Ok(()) if listed => report.wrongly_listed.push(&scenario.id),
                Ok(()) => count.passed += 1,
                Err(_) if listed => count.deviating += 1,
                Err(failure) => {
                    count.failed += 1;
                    let inside = scenario.group() != Group::Outside;
                    report.refused += usize::from(inside && failure.cause.starts_with("Syntax: "));
                    report.failures.push((scenario, failure));
                }
            }
        }
        report
    }

    pub(crate) fn count(&self, group: Group) -> Count {
        let counts = self.groups.iter().filter(|((own, _), _)| *own == group);
        counts.fold(Count::default(), |sum, (_, count)| sum.add(*count))
    }

    /// Writes what failed: a file for each, and a list by cause.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let mut causes: BTreeMap<(Group, &str), BTreeSet<&str>> = BTreeMap::new();
        for (scenario, failure) in &self.failures {
            fs::write(folder.join(format!("{}.txt", scenario.id)), &failure.text)?;
            let cause = (scenario.group(), failure.cause.as_str());
            causes.entry(cause).or_default().insert(&scenario.id);
        }
        let mut causes: Vec<_> = causes.into_iter().collect();
        causes.sort_by_key(|((group, _), ids)| (*group, usize::MAX - ids.len()));
        let lines = causes.iter().map(|((group, cause), ids)| {
            let ids: Vec<&str> = ids.iter().copied().collect();
            format!(
                "{}\t{}\t{cause}\t{}\n",
                group.name(),
                ids.len(),
                ids.join(" ")
            )
        });
        fs::write(folder.join("causes.tsv"), lines.collect::<String>())
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (group, name) in Group::ALL {
            writeln!(f, "{name:<44}{}", self.count(group))?;
            let own = self.groups.iter().filter(|((own, _), _)| *own == group);
            for ((_, category), count) in own {
                writeln!(f, "    {category:<40}{count}")?;
            }
        }
        let plain = [Group::Plain, Group::Strict, Group::Open].map(|group| self.count(group));
        let plain = plain.into_iter().fold(Count::default(), Count::add);
        writeln!(f, "{:<44}{plain} (goal: 90 %)", "not temporal")?;
        let time = self.count(Group::Time);
        writeln!(
            f,
            "{:<44}{time} (goal: 60 %)",
            "date, datetime and duration"
        )?;
        write!(
            f,
            "{} of those that must run are refused as no right text",
            self.refused
        )
    }
}
