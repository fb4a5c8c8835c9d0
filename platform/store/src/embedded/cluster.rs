//! The cluster: made once, whole or not at all.
use super::{EmbeddedError, Result, binaries::Binaries, place::Place};
use std::{fs, io, path::Path};

/// Makes the cluster if there is none. It gets its name when it is complete, so a half-made one is never used.
pub(super) async fn ensure(place: &Place, binaries: &Binaries) -> Result<()> {
    if place.cluster().join("PG_VERSION").is_file() {
        return Ok(());
    }
    let fault = |error| EmbeddedError::Folder(place.folder().into(), error);
    match fs::remove_dir_all(place.new_cluster()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fault(error)),
        _ => {}
    }
    initdb(place, binaries).await?;
    fs::rename(place.new_cluster(), place.cluster()).map_err(fault)?;
    sync(place.folder()).map_err(fault)
}

/// Everybody who reaches the socket is trusted, and only the server's user and root reach it.
async fn initdb(place: &Place, binaries: &Binaries) -> Result<()> {
    let program = binaries.program("initdb");
    let mut command = place.user.command(&program, place.folder());
    command.arg("--pgdata").arg(place.new_cluster());
    command.args(["--username=paas", "--auth=trust", "--encoding=UTF8", "--locale=C", "--data-checksums"]);
    let output = command.output().await.map_err(|error| EmbeddedError::Run(program, error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(EmbeddedError::InitDb { data: place.cluster(), output: String::from_utf8_lossy(&said).trim().to_string() })
}

fn sync(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}
