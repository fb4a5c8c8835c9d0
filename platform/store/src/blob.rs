//! Slug files by content, `<root>/sha256/ab/<hex>`, and started engines by what was started, `<root>/started/<hex>`: written once, on disk before anybody names them.
use crate::{StoreError, error::Result};
use object_store::{ObjectStore, ObjectStoreExt, PutMode, buffered::BufWriter, local::LocalFileSystem, path::Path as Key};
use paas_model::{
    Digest,
    slug::{BlobDir, File},
};
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeSet,
    error::Error,
    fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

/// A file of a slug to be.
#[derive(Clone, Debug)]
pub struct SlugFile {
    /// Relative, `/` between parts: its key in the manifest.
    pub name: String,
    /// Where its bytes are now.
    pub path: PathBuf,
}

/// Read at once; also about what is held in memory of a large file.
const CHUNK_BYTES: usize = 256 << 10;

pub(crate) struct Blobs {
    folder: BlobDir,
    store: Arc<dyn ObjectStore>,
}

impl Blobs {
    /// Makes the folder, for our eyes only: who may not enter it reads no blob, whatever the blob's own mode.
    pub(crate) fn open(folder: BlobDir) -> Result<Self> {
        let fault = |error: Box<dyn Error + Send + Sync>| StoreError::BlobWrite(folder.0.clone(), error);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder.0.join("sha256")).map_err(|e| fault(e.into()))?;
        fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o700)).map_err(|e| fault(e.into()))?;
        fs::File::open(folder.0.join("..")).and_then(|parent| parent.sync_all()).map_err(|e| fault(e.into()))?;
        // With fsync, object_store syncs a file before it gets its name, and every folder it touches.
        let store = LocalFileSystem::new_with_prefix(&folder.0).map_err(|e| fault(e.into()))?.with_fsync(true);
        Ok(Self { folder, store: Arc::new(store) })
    }

    /// Stores what the file holds, unless that is there already. Reads twice: the name must be known before a byte is written.
    pub(crate) async fn put(&self, path: &Path) -> Result<File> {
        let fault = |error| StoreError::SlugRead(path.into(), error);
        let file = copy(open(path).await.map_err(fault)?, None).await.map_err(|(Failed::Read(e) | Failed::Write(e))| fault(e))?;
        let key = Key::from(BlobDir::key(&file.digest));
        match self.store.head(&key).await {
            Ok(known) if known.size == file.size => return Ok(file),
            Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(self.fault(error)),
        }
        let mut writer = BufWriter::with_capacity(self.store.clone(), key, 1 << 20).with_max_concurrency(2);
        let written = copy(open(path).await.map_err(fault)?, Some(&mut writer)).await;
        let written = written.map_err(|failed| match failed {
            Failed::Read(error) => fault(error),
            Failed::Write(error) => self.fault(error),
        })?;
        if written != file {
            writer.abort().await.map_err(|e| self.fault(e))?;
            return Err(StoreError::SlugChanged(path.into()));
        }
        writer.shutdown().await.map_err(|e| self.fault(e))?;
        Ok(file)
    }

    /// Stores a started engine, unless there is one of its name.
    pub(crate) async fn put_started(&self, engine: &Digest, path: &Path) -> Result<()> {
        let name = BlobDir::started_key(engine);
        let key = Key::from(name.as_str());
        match self.store.head(&key).await {
            Err(object_store::Error::NotFound { .. }) => {
                let bytes = read(path).await.map_err(|error| StoreError::SlugRead(path.into(), error))?;
                match self.store.put_opts(&key, bytes.into(), PutMode::Create.into()).await {
                    Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => {}
                    Err(error) => return Err(self.fault(error)),
                }
            }
            Err(error) => return Err(self.fault(error)),
            Ok(_) => {}
        }
        self.sync_folders([name].into_iter()).await
    }

    /// A blob that was there already may have been named by a process that died before its folder was synced.
    pub(crate) async fn sync_folders(&self, keys: impl Iterator<Item = String>) -> Result<()> {
        let root = self.folder.0.clone();
        let parents: BTreeSet<PathBuf> = keys.flat_map(|key| above(&root, &key)).collect();
        let sync = move || parents.iter().try_for_each(|folder| fs::File::open(folder)?.sync_all());
        tokio::task::spawn_blocking(sync).await.expect("syncing folders does not panic").map_err(|e| self.fault(e))
    }

    fn fault(&self, error: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
        StoreError::BlobWrite(self.folder.0.clone(), error.into())
    }
}

/// The folders that a blob lies in, up to the root.
fn above(root: &Path, key: &str) -> Vec<PathBuf> {
    root.join(key).ancestors().skip(1).take_while(|folder| folder.starts_with(root)).map(Path::to_path_buf).collect()
}

enum Failed {
    Read(io::Error),
    Write(io::Error),
}

/// Never through a symlink: a build must not have the platform read its own files into a slug.
async fn open(path: &Path) -> io::Result<tokio::fs::File> {
    let file = tokio::fs::OpenOptions::new().read(true).custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits()).open(path).await?;
    match file.metadata().await?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("it is not a regular file")),
    }
}

async fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path).await?.read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// Reads to the end, into the writer if there is one; says what was read.
async fn copy(mut from: impl AsyncRead + Unpin, mut to: Option<&mut BufWriter>) -> std::result::Result<File, Failed> {
    let (mut hash, mut size, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK_BYTES]);
    loop {
        let read = from.read(&mut chunk).await.map_err(Failed::Read)?;
        if read == 0 {
            return Ok(File { digest: Digest::from_bytes(hash.finalize().into()), size });
        }
        hash.update(&chunk[..read]);
        size += read as u64;
        if let Some(to) = &mut to {
            to.write_all(&chunk[..read]).await.map_err(Failed::Write)?;
        }
    }
}
