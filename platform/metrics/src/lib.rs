//! Counts what requests cost, per app and release, since this process started.
//!
//! In:  one `Observation` for each request that has ended, from the router.
//! Out: counts and quantiles of a release, for the API; text for Prometheus.
//! Knows numbers. Never knows HTTP, files or who owns an app; never makes a request wait, and allocates nothing for one.
//!
//! The histograms are our own, forty lines of atomics with fixed bounds: one of `hdrhistogram` takes some 20 KB and is not shared between threads;
//! `prometheus-client` takes a lock for each observation and knows no quantiles. Here a release costs some 3 KB, once it has been asked for something.

mod histogram;
mod meter;
mod minutes;
mod prometheus;

pub use histogram::{Counts, Histogram};
pub use meter::{Instance, Meter, Observation, Totals};
pub use minutes::Minute;

use paas_model::{AppId, AppName, ReleaseVersion};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// All meters of a node; cheap to clone. A meter lives as long as the routing table holds its release.
#[derive(Clone, Default)]
pub struct Metrics(Arc<Mutex<Vec<Weak<Meter>>>>);

impl Metrics {
    /// A new meter; called once for a release, by its first request.
    pub fn meter(&self, app: AppId, name: AppName, release: ReleaseVersion) -> Arc<Meter> {
        let meter = Arc::new(Meter::new(app, name, release));
        let mut meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if meters.len() == meters.capacity() {
            meters.retain(|meter| meter.strong_count() > 0);
        }
        meters.push(Arc::downgrade(&meter));
        meter
    }

    /// The releases of an app that were asked for something, oldest first.
    pub fn of_app(&self, app: AppId) -> Vec<Arc<Meter>> {
        let mut found: Vec<_> = self.all().into_iter().filter(|meter| meter.app == app).collect();
        found.sort_by_key(|meter| meter.release);
        found
    }

    /// Everything, in Prometheus' text format.
    pub fn prometheus(&self) -> String {
        prometheus::text(&self.all())
    }

    fn all(&self) -> Vec<Arc<Meter>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade).collect()
    }
}

#[cfg(test)]
mod tests;
