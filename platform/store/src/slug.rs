//! Slugs: files first, row last, so that a row always has its files.
use crate::{Store, StoreError, blob::SlugFile, error::Result};
use futures::{StreamExt, TryStreamExt, stream};
use paas_model::{
    Digest, Launch, Manifest,
    slug::{BlobDir, File, StaticSite},
};
use sqlx::types::Json;
use std::{collections::BTreeMap, path::Path};

/// Files stored at the same time; each waits for the disk several times.
const AT_ONCE: usize = 8;

/// A slug to be.
#[derive(Clone)]
pub struct NewSlug<'a> {
    pub files: &'a [SlugFile],
    pub processes: BTreeMap<String, Launch>,
    /// `javascript@0.1.0`
    pub buildpack: &'a str,
    /// Folder that the app sees at `/app`.
    pub app_files: Option<&'a str>,
    /// What answers before the app is asked.
    pub assets: Option<StaticSite>,
}

impl Store {
    /// Keeps an engine that has been started, for slugs that hold it without its memory; the first one stays. When this returns, it survives a power cut.
    pub async fn put_started(&self, engine: Digest, path: &Path) -> Result<()> {
        self.blobs.put_started(&engine, path).await
    }

    /// Stores the files that are not there yet, then the manifest. When this returns, both survive a power cut.
    /// The same content gives the same digest and writes nothing.
    pub async fn put_slug(&self, new: NewSlug<'_>) -> Result<(Digest, Manifest)> {
        let NewSlug { files, processes, buildpack, app_files, assets } = new;
        for file in files {
            check_name(&file.name)?;
        }
        let stored = stream::iter(files.to_vec()).map(|file| async move { Result::Ok((file.name, self.blobs.put(&file.path).await?)) });
        let files: BTreeMap<String, File> = stored.buffer_unordered(AT_ONCE).try_collect().await?;
        self.blobs.sync_folders(files.values().map(|file| BlobDir::key(&file.digest))).await?;
        let manifest = Manifest { buildpack: buildpack.into(), processes, files, app_files: app_files.map(Into::into), assets };
        let digest = manifest.digest();
        let insert = "insert into slugs (digest, manifest) values ($1, $2) on conflict (digest) do nothing";
        sqlx::query(insert).bind(digest.to_string()).bind(Json(&manifest)).execute(&self.pool).await?;
        Ok((digest, manifest))
    }

    /// Keeps what the slug's code may do, as it was found when it was checked.
    pub async fn set_capabilities(&self, slug: Digest, capabilities: &[String]) -> Result<()> {
        let update = "update slugs set capabilities = $2 where digest = $1";
        sqlx::query(update).bind(slug.to_string()).bind(capabilities).execute(&self.pool).await?;
        Ok(())
    }

    pub async fn slug(&self, digest: Digest) -> Result<Option<Manifest>> {
        let select = "select manifest from slugs where digest = $1";
        let manifest: Option<Json<Manifest>> = sqlx::query_scalar(select).bind(digest.to_string()).fetch_optional(&self.pool).await?;
        Ok(manifest.map(|Json(manifest)| manifest))
    }
}

fn check_name(name: &str) -> Result<()> {
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains('\0');
    if name.split('/').all(plain) { Ok(()) } else { Err(StoreError::SlugPath(name.into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_relative_names_are_taken() {
        for name in ["a", "a/b.c", "public/…/x", "a b"] {
            assert!(check_name(name).is_ok(), "{name:?}");
        }
        for name in ["", "/a", "a/", "a//b", "..", "a/../b", "./a", "a\0"] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }
}
