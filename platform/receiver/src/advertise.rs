//! The first step of every push and fetch: which refs there are.
use crate::{
    ReceiverError, Service,
    git::{self, Git},
};
use bytes::Bytes;
use std::{path::Path, process::Stdio, time::Duration};
use tokio::time::timeout;

/// Generous: it only reads refs.
const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) async fn advertise(git: &Git, repository: &Path, service: Service, git_protocol: Option<&str>) -> Result<Bytes, ReceiverError> {
    let mut command = git::service(git, service, "--http-backend-info-refs", repository);
    command.stdin(Stdio::null()).kill_on_drop(true);
    // Pushes have no newer protocol than 0.
    let protocol = git::protocol(git_protocol).filter(|_| service == Service::UploadPack);
    if let Some(version) = protocol {
        command.env("GIT_PROTOCOL", version);
    }
    let ended = timeout(DEADLINE, git.spawn(&mut command)?.wait_with_output()).await;
    let output = ended.map_err(|_| ReceiverError::Slow(service.command()))?.map_err(ReceiverError::NoGit)?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr).trim().to_string();
        return Err(ReceiverError::Git { command: service.command(), stderr });
    }
    let mut body = if protocol == Some("version=2") { Vec::new() } else { announcement(service) };
    body.extend(output.stdout);
    Ok(body.into())
}

/// The pkt-line that tells a smart server from a folder of files (gitprotocol-http, "Smart Server Response"), and a flush.
fn announcement(service: Service) -> Vec<u8> {
    let line = format!("# service={}\n", service.as_str());
    format!("{:04x}{line}0000", line.len() + 4).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_announcement_is_a_pkt_line_and_a_flush() {
        assert_eq!(announcement(Service::ReceivePack), b"001f# service=git-receive-pack\n0000");
    }
}
