//! How often each app was asked on this node: what to make first when all code has to be made anew.
use paas_model::AppId;
use std::{
    collections::HashMap,
    fs, io,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Requests of each app, over restarts; older ones count less.
pub(crate) struct Demand {
    path: PathBuf,
    counts: Mutex<HashMap<AppId, Arc<AtomicU64>>>,
}

impl Demand {
    /// What the last run wrote down, halved. Without a readable file everybody begins at nothing: only an order depends on it.
    pub(crate) fn open(path: PathBuf) -> Self {
        let read = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<HashMap<AppId, u64>>(&bytes).ok());
        let counts = read.unwrap_or_default().into_iter().map(|(app, count)| (app, Arc::new(AtomicU64::new(count / 2))));
        Self { path, counts: Mutex::new(counts.collect()) }
    }

    /// Counts the app's requests.
    pub(crate) fn counter(&self, app: AppId) -> Arc<AtomicU64> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(app).or_default().clone()
    }

    pub(crate) fn of(&self, app: AppId) -> u64 {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).get(&app).map_or(0, |count| count.load(Relaxed))
    }

    /// Writes down the apps that were asked at all.
    pub(crate) fn save(&self) -> io::Result<()> {
        let counts: HashMap<AppId, u64> = {
            let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            counts.iter().map(|(app, count)| (*app, count.load(Relaxed))).filter(|(_, count)| *count > 0).collect()
        };
        let partial = self.path.with_extension("partial");
        fs::write(&partial, serde_json::to_vec(&counts)?)?;
        fs::rename(partial, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_most_is_known_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("demand.json");
        let (much, little) = (AppId::generate(), AppId::generate());
        let demand = Demand::open(path.clone());
        demand.counter(much).fetch_add(10, Relaxed);
        demand.counter(little).fetch_add(4, Relaxed);
        demand.save().unwrap();
        let demand = Demand::open(path);
        assert_eq!((demand.of(much), demand.of(little), demand.of(AppId::generate())), (5, 2, 0));
    }
}
