//! Which release answers which host; made anew at each change and swapped in one step.
use crate::gate::Gate;
use paas_model::{AppId, AppName, AppRoutes, ReleaseId, ReleaseVersion, Target, limits::Limits};
use paas_runtime::{App, Runtime};
use std::{collections::HashMap, sync::Arc};

/// All apps by name.
#[derive(Default)]
pub(crate) struct Table {
    apps: HashMap<AppName, Route>,
}

/// One app, ready to answer.
pub(crate) struct Route {
    pub id: AppId,
    pub maintenance: bool,
    pub current: Option<Arc<App>>,
    pub gate: Arc<Gate>,
    releases: HashMap<ReleaseVersion, Arc<App>>,
}

impl Table {
    /// The table for `apps`. What `self` has loaded stays loaded, and its gates go on counting.
    pub fn next(&self, apps: Vec<AppRoutes>, runtime: &Runtime) -> Self {
        let loaded: HashMap<ReleaseId, &Arc<App>> = self.releases().map(|app| (app.target().release, app)).collect();
        let gates: HashMap<AppId, &Arc<Gate>> = self.apps.values().map(|route| (route.id, &route.gate)).collect();
        let app = |target: Target| match loaded.get(&target.release) {
            Some(app) => Arc::clone(app),
            None => Arc::new(runtime.app(target)),
        };
        let route = |routes: AppRoutes| {
            let releases: HashMap<_, _> = routes.targets.into_iter().map(|target| (target.version, app(target))).collect();
            let current = routes.current.and_then(|version| releases.get(&version)).cloned();
            let gate = gates.get(&routes.id).map_or_else(|| Arc::new(Gate::new(Limits::default().concurrency)), |gate| Arc::clone(gate));
            (routes.name, Route { id: routes.id, maintenance: routes.maintenance, current, gate, releases })
        };
        Self { apps: apps.into_iter().map(route).collect() }
    }

    pub fn app(&self, name: &AppName) -> Option<&Route> {
        self.apps.get(name)
    }

    /// The current releases that `before` did not have: what the next requests will want.
    pub fn newly_current(&self, before: &Self) -> Vec<Arc<App>> {
        let known: std::collections::HashSet<ReleaseId> = before.releases().map(|app| app.target().release).collect();
        self.apps.values().filter_map(|route| route.current.clone()).filter(|app| !known.contains(&app.target().release)).collect()
    }

    fn releases(&self) -> impl Iterator<Item = &Arc<App>> {
        self.apps.values().flat_map(|route| route.releases.values())
    }
}

impl Route {
    pub fn release(&self, version: ReleaseVersion) -> Option<Arc<App>> {
        self.releases.get(&version).cloned()
    }
}
