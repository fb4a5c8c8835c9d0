//! Which release answers which host; made anew at each change and swapped in one step.
use crate::gate::{Gate, Size};
use paas_metrics::{Meter, Metrics};
use paas_model::{AppId, AppName, AppRoutes, ReleaseId, ReleaseVersion, Target, limits::Limits};
use paas_runtime::{App, Runtime};
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

/// All apps by name.
#[derive(Default)]
pub(crate) struct Table {
    apps: HashMap<AppName, Route>,
}

/// One app, ready to answer.
pub(crate) struct Route {
    pub id: AppId,
    pub maintenance: bool,
    pub current: Option<Release>,
    pub gate: Arc<Gate>,
    releases: HashMap<ReleaseVersion, Release>,
}

/// One release that answers, and the count of what it is asked for.
#[derive(Clone)]
pub(crate) struct Release {
    pub app: Arc<App>,
    meter: Arc<OnceLock<Arc<Meter>>>,
}

impl Release {
    fn new(app: App) -> Self {
        Self { app: Arc::new(app), meter: Arc::default() }
    }

    /// Made by the first request: most releases are never asked for anything.
    pub fn meter(&self, metrics: &Metrics) -> Arc<Meter> {
        let target = self.app.target();
        self.meter.get_or_init(|| metrics.meter(target.app, target.app_name.clone(), target.version)).clone()
    }
}

impl Table {
    /// The table for `apps`. What `self` has loaded stays loaded, and its gates go on counting.
    pub fn next(&self, apps: Vec<AppRoutes>, runtime: &Runtime) -> Self {
        let loaded: HashMap<ReleaseId, &Release> = self.releases().map(|release| (release.app.target().release, release)).collect();
        let gates: HashMap<AppId, &Arc<Gate>> = self.apps.values().map(|route| (route.id, &route.gate)).collect();
        let release = |target: Target| match loaded.get(&target.release) {
            Some(release) => (*release).clone(),
            None => Release::new(runtime.app(target)),
        };
        let route = |routes: AppRoutes| {
            let releases: HashMap<_, _> = routes.targets.into_iter().map(|target| (target.version, release(target))).collect();
            let current = routes.current.and_then(|version| releases.get(&version)).cloned();
            let size = size(current.as_ref());
            // A new size is a new gate: requests at work leave by the old one.
            let kept = gates.get(&routes.id).filter(|gate| gate.size() == size);
            let gate = kept.map_or_else(|| Arc::new(Gate::new(size)), |gate| Arc::clone(gate));
            (routes.name, Route { id: routes.id, maintenance: routes.maintenance, current, gate, releases })
        };
        Self { apps: apps.into_iter().map(route).collect() }
    }

    pub fn app(&self, name: &AppName) -> Option<&Route> {
        self.apps.get(name)
    }

    /// The current releases that `before` did not have: what the next requests will want.
    pub fn newly_current(&self, before: &Self) -> Vec<Arc<App>> {
        let known: std::collections::HashSet<ReleaseId> = before.releases().map(|release| release.app.target().release).collect();
        let current = self.apps.values().filter_map(|route| route.current.as_ref());
        current.filter(|release| !known.contains(&release.app.target().release)).map(|release| release.app.clone()).collect()
    }

    fn releases(&self) -> impl Iterator<Item = &Release> {
        self.apps.values().flat_map(|route| route.releases.values())
    }
}

/// All releases of an app share the gate of its current one.
fn size(current: Option<&Release>) -> Size {
    let limits = current.map_or_else(Limits::default, |release| release.app.target().limits);
    Size { run: limits.concurrency as usize, wait: limits.queue as usize }
}

impl Route {
    pub fn release(&self, version: ReleaseVersion) -> Option<Release> {
        self.releases.get(&version).cloned()
    }
}
