//! Who runs Postgres: ourselves, or somebody else when we are root, as whom it refuses to run.
use super::{EmbeddedError, Result};
use nix::unistd::{self, Gid, Uid};
use std::{fs, io, os::unix::fs::MetadataExt, path::Path, process::Stdio};
use tokio::process::Command;

/// Tried in this order. `nobody` is shared with others, so it is the last resort.
const NAMES: [&str; 2] = ["postgres", "nobody"];

#[derive(Clone, Debug)]
pub(super) struct User {
    pub name: String,
    pub uid: Uid,
    /// To change to; `None` when we are that user already.
    other: Option<Gid>,
}

impl User {
    /// Whoever owns an existing cluster goes on with it.
    pub(super) fn choose(cluster: &Path) -> Result<Self> {
        let ourselves = unistd::geteuid();
        if !ourselves.is_root() {
            let name = account(ourselves).map_or_else(|| ourselves.to_string(), |user| user.name);
            return Ok(Self { name, uid: ourselves, other: None });
        }
        let owner = fs::metadata(cluster).ok().filter(|cluster| cluster.uid() != 0).and_then(|cluster| account(Uid::from_raw(cluster.uid())));
        let user = owner.or_else(|| NAMES.iter().find_map(|name| unistd::User::from_name(name).ok().flatten()));
        let user = user.ok_or(EmbeddedError::NoUser)?;
        Ok(Self { name: user.name, uid: user.uid, other: Some(user.gid) })
    }

    pub(super) fn is_other(&self) -> bool {
        self.other.is_some()
    }

    /// A command that runs as this user, in `folder`, and speaks English, since its words are read.
    pub(super) fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).stdin(Stdio::null()).env("LC_ALL", "C");
        for variable in ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGOPTIONS"] {
            command.env_remove(variable);
        }
        if let Some(gid) = self.other {
            command.uid(self.uid.as_raw()).gid(gid.as_raw());
        }
        command
    }

    /// Tried rather than worked out from modes: ACLs, mounts and namespaces have a say as well.
    pub(super) async fn can_enter(&self, folder: &Path) -> bool {
        self.command(Path::new("true"), folder).status().await.is_ok_and(|status| status.success())
    }

    /// Gives the folder to this user.
    pub(super) fn own(&self, folder: &Path) -> io::Result<()> {
        match self.other {
            Some(gid) => Ok(unistd::chown(folder, Some(self.uid), Some(gid))?),
            None => Ok(()),
        }
    }
}

fn account(uid: Uid) -> Option<unistd::User> {
    unistd::User::from_uid(uid).ok().flatten()
}
