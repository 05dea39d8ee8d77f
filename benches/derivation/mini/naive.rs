//! All levels and counts from nothing, over plain vectors: what a host would compute by hand.

use portolan::Catalog;

use super::generate::{DAY, Mini};
use super::viewer;

/// How many services are at each level: of all, and of each team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Levels {
    pub(crate) all: [u64; 4],
    pub(crate) teams: Vec<[u64; 4]>,
}

impl Mini {
    /// Computes everything anew at a point in time.
    pub(crate) fn levels(&self, now: i64) -> Levels {
        let services = self.services.len();
        let (mut critical, mut count) = (vec![0u32; services], vec![0u32; services]);
        let mut last = vec![i64::MIN; services];
        for vulnerability in &self.vulnerabilities {
            critical[vulnerability.service] +=
                u32::from(vulnerability.open && vulnerability.critical);
        }
        for deployment in self.deployments.iter().flatten() {
            count[deployment.service] += 1;
            last[deployment.service] = last[deployment.service].max(deployment.at);
        }
        let mut levels = Levels {
            all: [0; 4],
            teams: vec![[0; 4]; self.teams.len()],
        };
        for (number, service) in self.services.iter().enumerate() {
            let on_call = self.teams[service.team];
            let bronze = service.readme && on_call && count[number] >= 5;
            let fresh = last[number] >= now - 30 * DAY;
            let silver = critical[number] <= 3 && service.coverage >= 50 && fresh;
            let excellent = service.coverage >= 80 && (service.tier <= 2 || on_call);
            let gold = critical[number] == 0 && excellent;
            let level = match (bronze, silver, gold) {
                (false, ..) => 0,
                (true, false, _) => 1,
                (true, true, false) => 2,
                (true, true, true) => 3,
            };
            levels.all[level] += 1;
            levels.teams[service.team][level] += 1;
        }
        levels
    }

    /// Fails unless the catalog counts what is counted from nothing.
    pub(crate) fn assert_levels(&self, catalog: &Catalog, now: i64) {
        let summary = catalog
            .read(&viewer())
            .scorecard_summary("readiness")
            .unwrap();
        let counts: Vec<u64> = summary.levels.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, self.levels(now).all);
    }
}
