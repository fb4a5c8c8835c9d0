//! What the exit code says, and the one sentence before it.
use std::{error::Error, io, process::ExitCode};

/// A failure to start that the operator can mend.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0} is in use by another program. Stop that one, or choose another address: PAAS_LISTEN=127.0.0.1:8081")]
    AddressInUse(std::net::SocketAddr),
    #[error("cannot listen at {0}")]
    Listen(std::net::SocketAddr, #[source] io::Error),
    #[error("Another paasd works with {0}. Stop it, or choose another folder with PAAS_DATA.")]
    DataInUse(String),
    #[error("the data folder {0} cannot be used; choose another with PAAS_DATA")]
    Data(String, #[source] io::Error),
    #[error("the database is not available")]
    Database(#[source] Box<dyn Error + Send + Sync>),
    #[error("No buildpacks in {0}. Start paasd in the project's folder, or name theirs with PAAS_BUILDPACKS.")]
    NoBuildpacks(String),
}

pub fn code(result: anyhow::Result<()>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    eprintln!("paasd: {error:#}");
    ExitCode::from(match error.downcast_ref::<StartError>() {
        Some(StartError::Database(_)) => 69,
        Some(StartError::Data(..)) => 73,
        Some(StartError::AddressInUse(_) | StartError::DataInUse(_)) => 75,
        Some(StartError::Listen(..) | StartError::NoBuildpacks(_)) | None => 1,
    })
}
