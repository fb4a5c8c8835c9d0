//! Runs slugs: a request goes in, an answer and log lines come out, and nothing else does.
//!
//! In:  a `Target` (a release's slug, environment and limits) and requests for it.
//! Out: an `Answer` to each request; log lines to the `Sink`; native code and snapshots in the node's cache.
//! Knows wasmtime, WASI and files by digest. Never knows SQL, git, host names, nor who owns an app.

#![allow(unexpected_cfgs)] // cargo fuzz sets `fuzzing`

mod app; // start here: the life of a request
mod assets;
mod boot;
mod booted;
mod cache;
mod capabilities;
mod cgi;
mod compile;
mod components;
mod crash;
mod crowd;
mod demand;
mod derive;
mod due;
mod engine;
mod error;
mod files;
mod fits;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod guest;
mod held;
mod index_spaces;
mod instance;
mod javascript;
mod kept;
mod locks;
mod log_rate;
mod modules;
mod once;
mod outbound;
mod pages;
mod pipe;
mod pollables;
mod preparing;
mod program;
mod proxy;
mod python;
mod quota;
mod record;
mod residence;
mod reuse;
mod service;
mod slot;
mod snapshot;
mod stdio;
mod turns;
mod variables;
mod wagi;
mod worker;
mod working_set;
mod world;

pub use app::{Answer, App, Failure, Usage};
pub use capabilities::Capabilities;
pub use error::{Refusal, RuntimeError};
pub use fits::MODULE_BYTES;
pub use ipnet::IpNet;
pub use outbound::{NetworkConfig, Resolve, SystemResolver};
pub use worker::worker_main;

use assets::Site;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use paas_model::{AppId, Launch, Manifest, Target, log::Sink, output::Output, slug::BlobDir};
use std::{path::PathBuf, sync::Arc};
use tokio::sync::Semaphore;
use wasmtime::Engine;

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// The body of requests and answers.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// Where a runtime finds things.
pub struct Config {
    /// Folder of compiled code and snapshots, private to this node; made if absent.
    pub cache: PathBuf,
    /// The slugs' files.
    pub blobs: BlobDir,
    /// Takes the apps' log lines.
    pub sink: Arc<dyn Sink>,
    /// The program that does `<program> worker …`, which is [`worker_main`].
    pub worker: PathBuf,
    pub network: NetworkConfig,
}

/// What all apps of a node share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    /// For the plain engine, which is `engine`, and for the concurrent one.
    pub(crate) linkers: [program::Linker; 2],
    pub(crate) host: Arc<modules::Host>,
    pub(crate) cache: cache::Cache,
    pub(crate) blobs: BlobDir,
    pub(crate) trees: files::Trees,
    pub(crate) network: Arc<outbound::Network>,
    pub(crate) sink: Arc<dyn Sink>,
    pub(crate) worker: PathBuf,
    pub(crate) making: compile::Making,
    /// One thread opens, unpacks or links up the same thing.
    pub(crate) opening: locks::Locks,
    pub(crate) largest: fits::Largest,
    pub(crate) engines: javascript::Engines,
    pub(crate) javascript: javascript::Resting,
    pub(crate) zygotes: javascript::Zygotes,
    pub(crate) python: python::Engines,
    pub(crate) memory: slot::Memory<app::Loaded>,
    pub(crate) preparing: preparing::Preparing,
    pub(crate) demand: demand::Demand,
    /// Places for instances that wait for another request.
    pub(crate) kept: Arc<Semaphore>,
}

impl Shared {
    /// For WASI 0.2, which the engines of languages speak.
    pub(crate) fn linker(&self) -> &program::Linker {
        self.linker_of(engine::Kind::Plain)
    }
    pub(crate) fn linker_of(&self, kind: engine::Kind) -> &program::Linker {
        &self.linkers[kind as usize]
    }
}

/// The runtime of a node. Cheap to clone.
#[derive(Clone)]
pub struct Runtime(Arc<Shared>);

impl Runtime {
    /// Starts both engines, and their epoch threads, which end with the last clone.
    pub fn new(config: Config) -> Result<Self, RuntimeError> {
        let [engine, concurrent] = [engine::start(engine::Kind::Plain)?, engine::start(engine::Kind::Concurrent)?];
        engine::tick([&engine, &concurrent])?;
        turns::prepare();
        let cache = cache::Cache::open(&config.cache, [&engine, &concurrent])?;
        Ok(Self(Arc::new(Shared {
            linkers: [
                instance::linker(&engine).map_err(RuntimeError::Engine)?,
                instance::concurrent_linker(&concurrent).map_err(RuntimeError::Engine)?,
            ],
            host: modules::Host::new(&engine, &config.sink).map_err(RuntimeError::Engine)?,
            trees: files::Trees::new(config.cache.join("files"), cache.boot().into()),
            cache,
            network: outbound::Network::new(config.network)?,
            engine,
            blobs: config.blobs,
            sink: config.sink,
            worker: config.worker,
            making: compile::Making::default(),
            opening: locks::Locks::default(),
            largest: fits::Largest::default(),
            engines: javascript::Engines::default(),
            javascript: javascript::Resting::default(),
            zygotes: javascript::Zygotes::default(),
            python: python::Engines::default(),
            memory: slot::Memory::of_machine(),
            preparing: preparing::Preparing::default(),
            demand: demand::Demand::open(config.cache.join("demand.json")),
            kept: Arc::new(Semaphore::new(reuse::KEPT)),
        })))
    }

    /// Compiles what the slug of an app starts, in a worker, and says what it may do; or why it cannot run here.
    pub async fn check(&self, app: AppId, manifest: &Manifest, output: &Output) -> Result<Capabilities, Refusal> {
        Site::before(manifest, &self.0.blobs)?;
        let Some(parts) = manifest.components() else { return self.check_one(app, manifest, output).await };
        let mut all = Capabilities::default();
        for (name, component) in &parts.components {
            let able = self.check_one(app, &manifest.part(component), output).await;
            all.0.extend(able.map_err(|refusal| components::named(name, refusal))?.0);
        }
        Ok(all)
    }

    async fn check_one(&self, app: AppId, manifest: &Manifest, output: &Output) -> Result<Capabilities, Refusal> {
        match program::web(manifest)? {
            Launch::Wasm { file, libraries, boots } => {
                let wasm = program::binaries(manifest, file, libraries)?;
                output.detail(format!("Compiling {file} to native code"));
                let (program, able) = program::load(&self.0, wasm, app).await?;
                if *boots {
                    booted::check(&program)?;
                }
                Ok(able)
            }
            launch @ Launch::Javascript { .. } => {
                javascript::check(&self.0, manifest, launch, output).await?;
                Ok(Capabilities::javascript())
            }
            Launch::Python { engine, .. } => {
                python::check(&self.0, manifest, engine, output).await?;
                Ok(Capabilities::python())
            }
            Launch::Static(site) => Site::new(manifest, site, self.0.blobs.clone()).map(|_| Capabilities::default()),
            Launch::Components(_) => Err(program::several()),
        }
    }

    /// Makes everything that the release needs on this node: its files, native code, and the snapshot of an app that boots. Cheap when it is there.
    /// Gives what the developer should know of the boot.
    pub async fn prepare(&self, target: &Target) -> Result<Option<String>, Refusal> {
        let note = preparing::prepare(&self.0, target).await?;
        reuse::check(&self.0, target).await?;
        Ok(note)
    }

    /// Makes what the node's cache lacks of these releases, one after the other, the most used first: all of it, after an upgrade.
    pub async fn prepare_all(&self, targets: Vec<Target>) {
        preparing::all(&self.0, targets).await;
    }

    /// Removes snapshots and folders of files that none of the `current` releases needs, but for the newest of them.
    pub async fn tidy(&self, current: Vec<Target>) -> Result<(), RuntimeError> {
        let rt = self.0.clone();
        let tidy = move || {
            javascript::tidy(&rt, &current);
            rt.trees.tidy(&current);
        };
        compile::blocking(tidy).await
    }

    /// Removes the snapshots of a deleted app's releases, and what was compiled for it.
    pub async fn forget(&self, app: AppId, gone: Vec<Target>) -> Result<(), RuntimeError> {
        let rt = self.0.clone();
        let forget = move || {
            kept::forget(&rt, app);
            javascript::forget(&rt, app, &gone);
        };
        compile::blocking(forget).await
    }

    /// Writes down how often each app was asked, for the next start.
    pub async fn save_demand(&self) -> Result<(), RuntimeError> {
        let rt = self.0.clone();
        let saved = compile::blocking(move || rt.demand.save()).await?;
        saved.map_err(|source| RuntimeError::Cache { path: "demand.json".into(), source })
    }

    /// How much memory loaded programs may take before the least recently used are unloaded; a quarter of the machine's if never said.
    pub fn limit_memory(&self, bytes: u64) {
        self.0.memory.limit(bytes);
    }

    /// How much disk snapshots of JavaScript apps may take that lie ready to be mapped; 1 GB if never said. Others are unpacked when they are wanted.
    pub fn limit_snapshots(&self, bytes: u64) {
        self.0.javascript.limit(bytes);
        self.0.memory.limit_images(bytes);
    }

    /// The largest WebAssembly file that is compiled here; [`MODULE_BYTES`] if never said.
    pub fn limit_modules(&self, bytes: u64) {
        self.0.largest.set(bytes);
    }

    /// A handle on a release.
    pub fn app(&self, target: Target) -> App {
        App::new(self.0.clone(), target)
    }
}
