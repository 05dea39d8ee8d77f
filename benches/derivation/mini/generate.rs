//! The catalog as plain vectors, the same in every run.

/// 2026-11-01T00:00:00Z in seconds.
pub(crate) const NOW: i64 = 1_793_491_200;
pub(crate) const DAY: i64 = 86_400;
const SERVICES_PER_TEAM: usize = 50;

/// How large a catalog is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) services: usize,
    /// How many of the services belong to team 0.
    pub(crate) hub: usize,
    pub(crate) vulnerabilities: usize,
    pub(crate) deployments: usize,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    pub(crate) tier: i64,
    pub(crate) readme: bool,
    pub(crate) coverage: i64,
    pub(crate) team: usize,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Vulnerability {
    pub(crate) critical: bool,
    pub(crate) open: bool,
    pub(crate) service: usize,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Deployment {
    /// Seconds since 1970.
    pub(crate) at: i64,
    pub(crate) service: usize,
}

/// Everything that is stored.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mini {
    /// Whether somebody is on call.
    pub(crate) teams: Vec<bool>,
    pub(crate) services: Vec<Service>,
    pub(crate) vulnerabilities: Vec<Vulnerability>,
    /// `None` where it was deleted.
    pub(crate) deployments: Vec<Option<Deployment>>,
}

impl Size {
    /// Of the workload with so many services: 20 vulnerabilities and 10 deployments of each, and
    /// half of the services, but at most 10,000, in one team.
    pub(crate) fn of(services: usize) -> Self {
        Self {
            services,
            hub: (services / 2).min(10_000),
            vulnerabilities: services * 20,
            deployments: services * 10,
        }
    }

    /// Of services with little below them.
    pub(crate) fn flat(services: usize) -> Self {
        Self {
            services,
            hub: (services / 2).min(10_000),
            vulnerabilities: services / 2,
            deployments: services / 2,
        }
    }
}

impl Mini {
    pub(crate) fn generate(size: Size) -> Self {
        let mut numbers = Numbers::new();
        let teams = size.services.div_ceil(SERVICES_PER_TEAM).max(2);
        let mut mini = Self {
            teams: (0..teams).map(|team| !team.is_multiple_of(7)).collect(),
            ..Self::default()
        };
        for _ in 0..size.services {
            // The services of the hub are scattered over all rows.
            let hub = numbers.below(size.services) < size.hub;
            mini.services.push(Service {
                tier: numbers.whole(4) + 1,
                readme: numbers.below(4) > 0,
                coverage: numbers.whole(101),
                team: if hub { 0 } else { 1 + numbers.below(teams - 1) },
            });
        }
        for _ in 0..size.vulnerabilities {
            mini.vulnerabilities.push(Vulnerability {
                critical: numbers.below(20) == 0,
                open: numbers.below(4) == 0,
                service: numbers.below(size.services),
            });
        }
        for _ in 0..size.deployments {
            mini.deployments.push(Some(Deployment {
                at: NOW - numbers.whole(200) * DAY - numbers.whole(DAY),
                service: numbers.below(size.services),
            }));
        }
        mini
    }

    /// Adds a deployment; gives its number.
    pub(crate) fn deployed(&mut self, service: usize, at: i64) -> usize {
        self.deployments.push(Some(Deployment { at, service }));
        self.deployments.len() - 1
    }
}

/// A small generator of numbers that are the same in every run (xorshift).
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    pub(crate) fn whole(&mut self, limit: i64) -> i64 {
        i64::try_from(self.below(usize::try_from(limit).unwrap())).unwrap()
    }
}
