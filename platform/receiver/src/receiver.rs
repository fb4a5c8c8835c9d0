//! The room's front door.
use crate::{Judge, ReceiverError, Service, advertise, git::Git, hook::server::HookServer, receive, repository, source::Sources, upload};
use bytes::Bytes;
use futures::Stream;
use paas_model::AppId;
use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
};

/// An answer of git, piece by piece. An `Err` means that git failed: the connection must be aborted, for a client that sees a clean
/// end waits for more.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, io::Error>> + Send>>;

#[derive(Clone, Debug)]
pub struct Config {
    /// Holds a bare repository for each app.
    pub repos: PathBuf,
    /// Holds the hook's socket, and the archives that were sent instead of pushes until they expire, in folders of their own.
    pub run_dir: PathBuf,
    /// Started by git under the names `pre-receive` and `post-receive`; must then call [`crate::hook_main`].
    pub hook_program: PathBuf,
    /// The largest pack that a push may send, and the largest archive.
    pub max_pack_bytes: u64,
}

/// Receives pushes for all apps; cheap to clone.
#[derive(Clone)]
pub struct Receiver(Arc<Inner>);

pub(crate) struct Inner {
    pub repos: PathBuf,
    pub git: Git,
    pub hooks: HookServer,
    pub sources: Sources,
}

impl Receiver {
    /// Makes the folders and the hooks, removes what pushes left behind that were cut off, and begins to listen to hooks.
    pub async fn start(config: Config) -> Result<Self, ReceiverError> {
        let run = config.run_dir.join("git");
        let git = Git { home: run.join("home"), hooks: run.join("hooks"), max_pack_bytes: config.max_pack_bytes };
        let repos = config.repos.clone();
        let archives = config.run_dir.join("sources");
        let sources = Sources::new(archives.clone(), config.max_pack_bytes);
        blocking({
            let (git, run) = (git.clone(), run.clone());
            move || {
                make_folder(&config.repos, 0o700)?;
                make_folder(&run, 0o700)?;
                make_folder(&git.home, 0o500)?;
                clear_folder(&archives)?;
                make_folder(&archives, 0o700)?;
                make_hooks(&git.hooks, &config.hook_program)?;
                repository::sweep(&config.repos)
            }
        })
        .await?;
        let hooks = HookServer::bind(&run.join("hook.sock"))?;
        Ok(Self(Arc::new(Inner { repos, git, hooks, sources })))
    }

    /// Makes the app's empty repository, if it isn't there.
    pub async fn create(&self, app: AppId) -> Result<(), ReceiverError> {
        let repository = self.0.repository(app);
        blocking(move || repository::create(&repository)).await
    }

    /// Removes the app's repository, if it is there.
    pub async fn delete(&self, app: AppId) -> Result<(), ReceiverError> {
        let repository = self.0.repository(app);
        blocking(move || repository::delete(&repository)).await
    }

    /// The archives that are sent instead of pushes.
    pub fn sources(&self) -> &Sources {
        &self.0.sources
    }

    /// The full object id that a ref points at; `None` if there is no such ref, or no repository.
    pub async fn reference(&self, app: AppId, name: &str) -> Result<Option<String>, ReceiverError> {
        let (repository, name) = (self.0.repository(app), name.to_string());
        blocking(move || repository::reference(&repository, &name)).await
    }

    /// The body of the answer to `GET …/info/refs?service=…`. `git_protocol` is the header of that name.
    pub async fn advertise(&self, app: AppId, service: Service, git_protocol: Option<&str>) -> Result<Bytes, ReceiverError> {
        self.create(app).await?;
        advertise::advertise(&self.0.git, &self.0.repository(app), service, git_protocol).await
    }

    /// Answers a `POST …/git-upload-pack`. If the returned stream is dropped, git is stopped.
    pub async fn upload_pack<B>(&self, app: AppId, body: B, git_protocol: Option<String>) -> Result<ByteStream, ReceiverError>
    where
        B: Stream<Item = Result<Bytes, io::Error>> + Send + 'static,
    {
        upload::upload_pack(&self.0.git, &self.0.repository(app), body, git_protocol.as_deref())
    }

    /// Answers a `POST …/git-receive-pack`. The push goes on to its end whether or not the returned stream is read.
    /// The stream ends after [`Judge::ended`] has returned; at once if git or the hook was killed, with an `Err` if it was git.
    pub async fn receive_pack<B>(&self, app: AppId, body: B, judge: Arc<dyn Judge>) -> Result<ByteStream, ReceiverError>
    where
        B: Stream<Item = Result<Bytes, io::Error>> + Send + 'static,
    {
        self.create(app).await?;
        receive::receive_pack(Arc::clone(&self.0), app, body, judge)
    }
}

impl Inner {
    pub fn repository(&self, app: AppId) -> PathBuf {
        self.repos.join(format!("{app}.git"))
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, ReceiverError> + Send + 'static) -> Result<T, ReceiverError> {
    tokio::task::spawn_blocking(work).await?
}

fn make_folder(path: &Path, mode: u32) -> Result<(), ReceiverError> {
    let made = fs::DirBuilder::new().recursive(true).mode(mode).create(path);
    made.and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(mode))).map_err(ReceiverError::file("making a folder", path))
}

fn clear_folder(path: &Path) -> Result<(), ReceiverError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ReceiverError::file("emptying a folder", path)(error)),
        _ => Ok(()),
    }
}

/// git finds a hook by its name; the program finds out by its own name which one it is.
fn make_hooks(folder: &Path, program: &Path) -> Result<(), ReceiverError> {
    make_folder(folder, 0o700)?;
    let program = program.canonicalize().map_err(ReceiverError::file("finding the hook's program", program))?;
    for name in ["pre-receive", "post-receive"] {
        let link = folder.join(name);
        match fs::remove_file(&link) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(ReceiverError::file("replacing a hook", link)(error)),
            _ => symlink(&program, &link).map_err(ReceiverError::file("making a hook", link))?,
        }
    }
    Ok(())
}
