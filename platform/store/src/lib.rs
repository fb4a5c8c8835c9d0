//! Keeps what outlives a restart: rows in Postgres, slug files beside it, and word of changes.
//!
//! In:  nouns of the model, and the files of a slug.
//! Out: the same nouns after any crash, and `routes()`: who answers what.
//! Knows SQL, blobs, sealing and how to run a Postgres. Never knows git, HTTP, wasmtime or why something is released.
mod account;
mod activate; // start here
mod app;
mod blob;
mod build;
mod buildpack;
mod changes;
mod config;
mod connect;
pub mod embedded;
mod error;
mod lock;
mod release;
mod route;
mod secret;
mod slug;

pub use account::TokenKind;
pub use activate::{Activated, NewConfig, NewRelease};
pub use blob::SlugFile;
pub use changes::Hint;
pub use config::ConfigId;
pub use error::StoreError;
pub use lock::AppLock;
pub use release::{BuiltRelease, NewBuilt};
pub use route::Routes;
pub use secret::SecretKey;
pub use slug::NewSlug;
/// How to reach a Postgres; parses a `postgres://` URL.
pub use sqlx::postgres::PgConnectOptions;

use paas_model::limits::Caps;
use std::sync::Arc;

/// The one store of truth. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: sqlx::PgPool,
    /// For connections that live outside of the pool: locks and the change feed.
    options: PgConnectOptions,
    blobs: Arc<blob::Blobs>,
    key: Arc<SecretKey>,
    targets: Arc<route::TargetCache>,
    data_checksums: bool,
    caps: Caps,
}

impl Store {
    /// Whether the server notices data pages that its disk has changed.
    pub fn data_checksums(&self) -> bool {
        self.data_checksums
    }

    /// With the operator's hard caps, which hold for every target; ours without.
    pub fn with_caps(mut self, caps: Caps) -> Self {
        self.caps = caps;
        self
    }

    pub fn caps(&self) -> &Caps {
        &self.caps
    }

    /// Closes the pool: waits for queries at work, refuses new ones.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
