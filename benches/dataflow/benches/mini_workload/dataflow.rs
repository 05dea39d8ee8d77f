//! The mini workload as a dataflow of differential-dataflow, one worker.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::rc::Rc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion};
use differential_dataflow::input::{Input as _, InputSession};
use differential_dataflow::operators::CountTotal as _;
use timely::dataflow::operators::probe::Handle;
use timely::worker::Worker;

use super::mini::{DAY, Levels, Mini, NOW, Numbers, Size};
use super::mini_workload::services;

type Rows<T> = InputSession<u32, T, isize>;
/// Identifier, tier, readme, coverage, team.
type Service = (u32, i64, bool, i64, u32);
/// Service, whether it is critical, whether it is open, identifier.
type Vulnerability = (u32, bool, bool, u32);
/// Service, time, identifier.
type Deployment = (u32, i64, u32);

/// The dataflow with its inputs, and the counts that come out.
struct Peer<'w> {
    worker: &'w mut Worker,
    teams: Rows<(u32, bool)>,
    services: Rows<Service>,
    vulnerabilities: Rows<Vulnerability>,
    deployments: Rows<Deployment>,
    done: Handle<u32>,
    counts: Rc<RefCell<BTreeMap<(u32, usize), isize>>>,
    time: u32,
}

fn level(service: (i64, bool, i64, bool), critical: isize, deployments: (isize, i64)) -> usize {
    let (tier, readme, coverage, on_call) = service;
    let bronze = readme && on_call && deployments.0 >= 5;
    let silver = critical <= 3 && coverage >= 50 && deployments.1 >= NOW - 30 * DAY;
    let gold = critical == 0 && coverage >= 80 && (tier <= 2 || on_call);
    match (bronze, silver, gold) {
        (false, ..) => 0,
        (true, false, _) => 1,
        (true, true, false) => 2,
        (true, true, true) => 3,
    }
}

impl<'w> Peer<'w> {
    fn new(worker: &'w mut Worker) -> Self {
        let counts: Rc<RefCell<BTreeMap<(u32, usize), isize>>> = Rc::default();
        let told = Rc::clone(&counts);
        let (teams, services, vulnerabilities, deployments, done) =
            worker.dataflow::<u32, _, _>(|scope| {
                let (teams_in, teams) = scope.new_collection::<(u32, bool), isize>();
                let (services_in, services) = scope.new_collection::<Service, isize>();
                let (vulnerabilities_in, vulnerabilities) =
                    scope.new_collection::<Vulnerability, isize>();
                let (deployments_in, deployments) = scope.new_collection::<Deployment, isize>();
                // Every service counts once more, so that those with none are there as well.
                let critical = vulnerabilities
                    .filter(|(_, critical, open, _)| *critical && *open)
                    .map(|(service, ..)| service)
                    .concat(services.clone().map(|(id, ..)| id))
                    .count_total()
                    .map(|(service, count)| (service, count - 1));
                let deployed = deployments
                    .map(|(service, at, id)| (service, (at, id)))
                    .concat(services.clone().map(|(id, ..)| (id, (i64::MIN, 0))))
                    .reduce(|_, rows, out| {
                        let count: isize = rows.iter().map(|(_, times)| *times).sum();
                        let last = rows.last().map_or(i64::MIN, |(row, _)| row.0);
                        out.push(((count - 1, last), 1));
                    });
                let levels = services
                    .map(|(id, tier, readme, coverage, team)| (team, (id, tier, readme, coverage)))
                    .join_map(teams, |team, (id, tier, readme, coverage), on_call| {
                        (*id, (*team, (*tier, *readme, *coverage, *on_call)))
                    })
                    .join(critical)
                    .join_map(deployed, |_, ((team, service), critical), deployed| {
                        (*team, level(*service, *critical, *deployed))
                    });
                let (done, _) = levels
                    .count_total()
                    .inspect(move |((key, count), _, times)| {
                        *told.borrow_mut().entry(*key).or_default() += count * times;
                    })
                    .probe();
                (
                    teams_in,
                    services_in,
                    vulnerabilities_in,
                    deployments_in,
                    done,
                )
            });
        Self {
            worker,
            teams,
            services,
            vulnerabilities,
            deployments,
            done,
            counts,
            time: 0,
        }
    }

    /// Makes what was told true in everything that follows from it.
    fn commit(&mut self) {
        self.time += 1;
        let time = self.time;
        self.teams.advance_to(time);
        self.services.advance_to(time);
        self.vulnerabilities.advance_to(time);
        self.deployments.advance_to(time);
        self.teams.flush();
        self.services.flush();
        self.vulnerabilities.flush();
        self.deployments.flush();
        let done = self.done.clone();
        self.worker.step_while(|| done.less_than(&time));
    }

    fn load(&mut self, mini: &Mini) {
        for (team, on_call) in mini.teams.iter().enumerate() {
            self.teams.insert((small(team), *on_call));
        }
        for number in 0..mini.services.len() {
            self.services.insert(service(mini, number));
        }
        for number in 0..mini.vulnerabilities.len() {
            self.vulnerabilities.insert(vulnerability(mini, number));
        }
        for number in 0..mini.deployments.len() {
            self.deployments.insert(deployment(mini, number));
        }
        self.commit();
    }

    fn toggle(&mut self, mini: &mut Mini, number: usize) {
        self.vulnerabilities.remove(vulnerability(mini, number));
        mini.vulnerabilities[number].open ^= true;
        self.vulnerabilities.insert(vulnerability(mini, number));
        self.commit();
    }

    fn cover(&mut self, mini: &mut Mini, number: usize, coverage: i64) {
        self.services.remove(service(mini, number));
        mini.services[number].coverage = coverage;
        self.services.insert(service(mini, number));
        self.commit();
    }

    fn flip(&mut self, mini: &mut Mini, team: usize) {
        self.teams.remove((small(team), mini.teams[team]));
        mini.teams[team] ^= true;
        self.teams.insert((small(team), mini.teams[team]));
        self.commit();
    }

    fn deploy(&mut self, mini: &mut Mini, service: usize, at: i64) {
        let number = mini.deployed(service, at);
        self.deployments.insert(deployment(mini, number));
        self.commit();
    }

    fn undeploy(&mut self, mini: &mut Mini, number: usize) {
        self.deployments.remove(deployment(mini, number));
        mini.deployments[number] = None;
        self.commit();
    }

    fn levels(&self, teams: usize) -> Levels {
        let mut levels = Levels {
            all: [0; 4],
            teams: vec![[0; 4]; teams],
        };
        for ((team, level), count) in self.counts.borrow().iter() {
            let count = u64::try_from(*count).unwrap();
            levels.all[*level] += count;
            levels.teams[usize::try_from(*team).unwrap()][*level] += count;
        }
        levels
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap()
}

fn service(mini: &Mini, number: usize) -> Service {
    let service = mini.services[number];
    let team = small(service.team);
    (
        small(number),
        service.tier,
        service.readme,
        service.coverage,
        team,
    )
}

fn vulnerability(mini: &Mini, number: usize) -> Vulnerability {
    let row = mini.vulnerabilities[number];
    (small(row.service), row.critical, row.open, small(number))
}

fn deployment(mini: &Mini, number: usize) -> Deployment {
    let row = mini.deployments[number].unwrap();
    (small(row.service), row.at, small(number))
}

/// The memory of this process in megabytes.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() >> 10
}

pub(crate) fn bench(criterion: &mut Criterion, worker: &mut Worker) {
    let mut mini = Mini::generate(Size::of(services()));
    let before = memory();
    let mut peer = Peer::new(worker);
    peer.load(&mini);
    eprintln!("differential-dataflow: {} MB of state", memory() - before);
    assert_eq!(peer.levels(mini.teams.len()), mini.levels(NOW));
    let mut group = criterion.benchmark_group(format!("mini workload/{}", services()));
    let mut numbers = Numbers::new();
    let (rows, teams) = (mini.services.len(), mini.teams.len());
    let critical: Vec<usize> = (0..mini.vulnerabilities.len())
        .filter(|number| mini.vulnerabilities[*number].critical)
        .collect();
    let of = |name: &str| BenchmarkId::new(name, "differential-dataflow");
    group.bench_function(of("vulnerability"), |bencher| {
        bencher.iter(|| peer.toggle(&mut mini, critical[numbers.below(critical.len())]));
    });
    group.bench_function(of("property"), |bencher| {
        bencher.iter(|| peer.cover(&mut mini, numbers.below(rows), numbers.whole(101)));
    });
    group.bench_function(of("team of 50"), |bencher| {
        bencher.iter(|| peer.flip(&mut mini, 1 + numbers.below(teams - 1)));
    });
    group.bench_function(of("hub"), |bencher| {
        bencher.iter(|| peer.flip(&mut mini, 0));
    });
    group.bench_function(of("deployment added"), |bencher| {
        bencher.iter(|| {
            peer.deploy(
                &mut mini,
                numbers.below(rows),
                NOW - numbers.whole(60) * DAY,
            )
        });
    });
    let mut next = 0;
    group.bench_function(of("deployment deleted"), |bencher| {
        bencher.iter_custom(|times| {
            let mut taken = Duration::ZERO;
            for _ in 0..times {
                if next == mini.deployments.len() {
                    peer.deploy(&mut mini, next % rows, NOW);
                }
                let start = Instant::now();
                peer.undeploy(&mut mini, next);
                taken += start.elapsed();
                next += 1;
            }
            taken
        });
    });
    group.finish();
    assert_eq!(peer.levels(teams), mini.levels(NOW));
}
