//! Where the server's files lie, such that its user can reach them and nobody else can.
use super::{EmbeddedError, Result, user::User};
use paas_model::Digest;
use std::{
    env, fs, io,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt, PermissionsExt, symlink},
    },
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// A unix socket's path has 108 bytes with its NUL (unix(7)).
const SOCKET_PATH_BYTES: usize = 107;
/// Postgres names its socket by a port, although none is opened.
pub(super) const PORT: u16 = 5432;
/// Holds the clusters of data folders that the server's user cannot enter, such as those in root's home.
const ELSEWHERE: &str = "/var/lib/paas";

pub(super) struct Place {
    folder: PathBuf,
    pub user: User,
}

impl Place {
    pub(super) fn cluster(&self) -> PathBuf {
        self.folder.join("data")
    }
    pub(super) fn new_cluster(&self) -> PathBuf {
        self.folder.join("data.new")
    }
    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the folder in `<data>`, if the server's user can get there; else in a public place, with a symlink in
    /// `<data>` that names it. Postgres never runs as root, and a home's mode is not ours to loosen.
    pub(super) async fn prepare(data: &Path) -> Result<Self> {
        let fault = |error| EmbeddedError::Folder(data.into(), error);
        fs::create_dir_all(data).map_err(fault)?;
        let data = fs::canonicalize(data).map_err(fault)?;
        let link = data.join("postgres");
        let user = User::choose(&link.join("data"))?;
        if user.is_other() && !user.can_enter(&data).await {
            let mode = fs::metadata(&data).map_err(fault)?.permissions().mode();
            fs::set_permissions(&data, fs::Permissions::from_mode(mode | 0o011)).map_err(fault)?;
        }
        if !link.try_exists().map_err(fault)? {
            match user.can_enter(&data).await {
                true => make_private(&link, &user)?,
                false => symlink(elsewhere(&user)?, &link).map_err(fault)?,
            }
        }
        let folder = fs::canonicalize(&link).map_err(fault)?;
        user.own(&folder).map_err(fault)?;
        match user.can_enter(&folder).await {
            true => Ok(Self { folder, user }),
            false => Err(EmbeddedError::Unreachable { folder, user: user.name }),
        }
    }

    /// The folder of the socket: beside the cluster, or where paths are shorter.
    pub(super) fn socket_folder(&self) -> Result<PathBuf> {
        let beside = self.folder.join("run");
        let name = format!("paas-{}", &Digest::of(self.folder.as_os_str().as_bytes()).to_string()[..16]);
        let run = self.user.is_other().then(|| PathBuf::from("/run"));
        let bases =
            run.into_iter().chain(env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|_| !self.user.is_other())).chain([PathBuf::from("/tmp")]);
        let short = bases.filter(|base| base.is_dir()).map(|base| base.join(&name));
        let mut fitting = [beside].into_iter().chain(short).filter(|folder| fits(folder));
        let folder = fitting.next().ok_or_else(|| EmbeddedError::NoSocket(self.folder.clone()))?;
        make_private(&folder, &self.user)?;
        Ok(folder)
    }
}

fn fits(folder: &Path) -> bool {
    folder.join(format!(".s.PGSQL.{PORT}")).as_os_str().len() <= SOCKET_PATH_BYTES
}

/// A new folder under a random name, so that a data folder that is removed and made again never finds the old cluster.
fn elsewhere(user: &User) -> Result<PathBuf> {
    let base = Path::new(ELSEWHERE);
    fs::DirBuilder::new().recursive(true).mode(0o711).create(base).map_err(|error| EmbeddedError::Folder(base.into(), error))?;
    let folder = base.join(format!("postgres-{}", Uuid::new_v4().simple()));
    make_private(&folder, user)?;
    Ok(folder)
}

/// Makes a folder that only the user can enter, or takes one that already is so. A folder that somebody else laid in
/// the way (in /tmp anybody can) is refused.
fn make_private(folder: &Path, user: &User) -> Result<()> {
    let fault = |error| EmbeddedError::Folder(folder.into(), error);
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => user.own(folder).map_err(fault),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(folder).map_err(fault)?;
            let private = found.is_dir() && found.uid() == user.uid.as_raw() && found.permissions().mode() & 0o077 == 0;
            if private { Ok(()) } else { Err(EmbeddedError::NotPrivate { folder: folder.into(), user: user.name.clone() }) }
        }
        Err(error) => Err(fault(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_path_may_have_107_bytes_and_not_one_more() {
        let longest = SOCKET_PATH_BYTES - "/.s.PGSQL.5432".len();
        let folder = |bytes: usize| PathBuf::from(format!("/{}", "x".repeat(bytes - 1)));
        assert!(fits(&folder(longest)));
        assert!(!fits(&folder(longest + 1)));
    }
}
