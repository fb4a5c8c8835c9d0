//! The counts of one release.
use crate::{
    histogram::{BYTES, Counts, Histogram, TIME_NS},
    minutes::{KEPT, Minute, Ring},
};
use chrono::Utc;
use paas_model::{AppId, AppName, Code, ReleaseVersion};
use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// What one request cost, once it has ended.
#[derive(Clone, Copy, Debug)]
pub struct Observation {
    pub status: u16,
    pub code: Option<Code>,
    /// From the request's head to the answer's last byte.
    pub service: Duration,
    /// What its instance took; `None` when none was made.
    pub instance: Option<Instance>,
    /// Whether it had to load the app first.
    pub cold: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Instance {
    pub instantiate: Duration,
    pub cpu: Duration,
    pub memory_bytes: u64,
}

/// Counts the requests of a release.
pub struct Meter {
    pub app: AppId,
    pub name: AppName,
    pub release: ReleaseVersion,
    cold: AtomicU64,
    /// 1xx to 5xx.
    classes: [AtomicU64; 5],
    codes: [AtomicU64; Code::ALL.len()],
    service: Histogram,
    instantiate: Histogram,
    cpu: Histogram,
    memory: Histogram,
    requests: Ring,
    errors: Ring,
}

impl Meter {
    pub(crate) fn new(app: AppId, name: AppName, release: ReleaseVersion) -> Self {
        Self {
            app,
            name,
            release,
            cold: AtomicU64::new(0),
            classes: Default::default(),
            codes: [const { AtomicU64::new(0) }; Code::ALL.len()],
            service: Histogram::new(&TIME_NS),
            instantiate: Histogram::new(&TIME_NS),
            cpu: Histogram::new(&TIME_NS),
            memory: Histogram::new(&BYTES),
            requests: Ring::new(),
            errors: Ring::new(),
        }
    }

    pub fn observe(&self, request: &Observation) {
        self.classes[usize::from(request.status / 100).clamp(1, 5) - 1].fetch_add(1, Relaxed);
        self.cold.fetch_add(u64::from(request.cold), Relaxed);
        self.service.record(ns(request.service));
        if let Some(instance) = &request.instance {
            self.instantiate.record(ns(instance.instantiate));
            self.cpu.record(ns(instance.cpu));
            self.memory.record(instance.memory_bytes);
        }
        let now = this_minute();
        self.requests.count(now);
        if let Some(code) = request.code {
            self.codes[code as usize].fetch_add(1, Relaxed);
        }
        if request.code.is_some() || request.status >= 500 {
            self.errors.count(now);
        }
    }

    pub fn totals(&self) -> Totals {
        let count = |counter: &AtomicU64| counter.load(Relaxed);
        Totals {
            cold: count(&self.cold),
            classes: self.classes.each_ref().map(count),
            codes: self.codes.each_ref().map(count),
            service: self.service.counts(),
            instantiate: self.instantiate.counts(),
            cpu: self.cpu.counts(),
            memory: self.memory.counts(),
        }
    }

    /// The last hour, oldest minute first; the last one is not over yet.
    pub fn minutes(&self) -> Vec<Minute> {
        let now = this_minute();
        let minutes = (now + 1).saturating_sub(KEPT as u64)..=now;
        minutes.map(|at| Minute { at, requests: self.requests.of(at), errors: self.errors.of(at) }).collect()
    }
}

/// A release's counts at one moment. Times are nanoseconds.
#[derive(Clone, Debug)]
pub struct Totals {
    pub cold: u64,
    /// 1xx to 5xx.
    pub classes: [u64; 5],
    /// In the order of [`Code::ALL`].
    pub codes: [u64; Code::ALL.len()],
    pub service: Counts,
    pub instantiate: Counts,
    pub cpu: Counts,
    pub memory: Counts,
}

impl Totals {
    pub fn requests(&self) -> u64 {
        self.classes.iter().sum()
    }

    pub fn errors(&self) -> impl Iterator<Item = (Code, u64)> + '_ {
        Code::ALL.into_iter().zip(self.codes).filter(|(_, count)| *count > 0)
    }

    /// Adds another release's.
    pub fn add(&mut self, other: &Self) {
        self.cold += other.cold;
        self.classes.iter_mut().zip(other.classes).for_each(|(mine, theirs)| *mine += theirs);
        self.codes.iter_mut().zip(other.codes).for_each(|(mine, theirs)| *mine += theirs);
        self.service.add(&other.service);
        self.instantiate.add(&other.instantiate);
        self.cpu.add(&other.cpu);
        self.memory.add(&other.memory);
    }
}

fn ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn this_minute() -> u64 {
    u64::try_from(Utc::now().timestamp() / 60).unwrap_or_default()
}
