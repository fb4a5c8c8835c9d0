//! The supervisor, each test with a server of its own.
use crate::fixture::until;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use paas_model::slug::BlobDir;
use paas_store::{SecretKey, Store, embedded};
use sqlx::{Connection, PgConnection};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

async fn store(server: &embedded::Embedded, data: &Path) -> Store {
    Store::connect(server.options(), BlobDir(data.join("blobs")), SecretKey::from_bytes([7; 32])).await.unwrap()
}

fn lives(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

#[tokio::test]
async fn a_server_whose_platform_was_killed_is_adopted() {
    let data = tempfile::tempdir().unwrap();
    let first = embedded::start(data.path()).await.unwrap();
    let pid = first.pid();
    drop(first);
    let second = embedded::start(data.path()).await.unwrap();
    assert_eq!(second.pid(), pid);
    second.stop().await.unwrap();
    until("the adopted server has ended", async || !lives(pid)).await;
}

#[tokio::test]
async fn a_killed_server_starts_again_with_its_rows() {
    let data = tempfile::tempdir().unwrap();
    let server = embedded::start(data.path()).await.unwrap();
    let before = store(&server, data.path()).await;
    let (account, _) = before.ensure_admin("ada@example.com").await.unwrap();
    let killed = server.pid();
    drop(server);
    kill(Pid::from_raw(killed.cast_signed()), Signal::SIGKILL).unwrap();

    let server = embedded::start(data.path()).await.unwrap();
    assert_ne!(server.pid(), killed);
    assert_eq!(before.ensure_admin("ada@example.com").await.unwrap(), (account, false), "the pool connects again by itself");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_stopped_server_leaves_no_process_and_callers_hear_that_it_is_away() {
    let data = tempfile::tempdir().unwrap();
    let server = embedded::start(data.path()).await.unwrap();
    let store = store(&server, data.path()).await;
    assert!(store.data_checksums());
    let pid = server.pid();
    server.stop().await.unwrap();
    assert!(!lives(pid));
    assert!(!data.path().join("postgres/data/postmaster.pid").exists());
    let away = store.routes_version().await.unwrap_err();
    assert!(away.is_unavailable(), "{away:?}");
}

#[tokio::test]
async fn the_server_is_durable_and_opens_no_port() {
    let data = tempfile::tempdir().unwrap();
    let server = embedded::start(data.path()).await.unwrap();
    let mut connection = PgConnection::connect_with(&server.options()).await.unwrap();
    for (setting, expected) in [("fsync", "on"), ("full_page_writes", "on"), ("data_checksums", "on"), ("listen_addresses", "")] {
        let value: String = sqlx::query_scalar("select current_setting($1)").bind(setting).fetch_one(&mut connection).await.unwrap();
        assert_eq!(value, expected, "{setting}");
    }
    let socket_folder = fs::metadata(data.path().join("postgres/run")).unwrap();
    assert_eq!(socket_folder.permissions().mode() & 0o777, 0o700);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_half_made_cluster_is_made_anew() {
    let data = tempfile::tempdir().unwrap();
    embedded::start(data.path()).await.unwrap().stop().await.unwrap();
    fs::rename(data.path().join("postgres/data"), data.path().join("postgres/data.new")).unwrap();
    fs::remove_dir_all(data.path().join("postgres/data.new/base")).unwrap();
    embedded::start(data.path()).await.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn a_cluster_of_another_version_is_refused_with_both_named() {
    let data = tempfile::tempdir().unwrap();
    embedded::start(data.path()).await.unwrap().stop().await.unwrap();
    fs::write(data.path().join("postgres/data/PG_VERSION"), "9\n").unwrap();
    let refused = embedded::start(data.path()).await.err().unwrap().to_string();
    assert!(refused.contains("PostgreSQL 9") && refused.contains("pg_upgrade"), "{refused}");
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let data = tempfile::tempdir().unwrap();
    embedded::start(data.path()).await.unwrap().stop().await.unwrap();
    fs::write(data.path().join("postgres/data/postgresql.conf"), "no_such_setting = 1\n").unwrap();
    let refused = embedded::start(data.path()).await.err().unwrap().to_string();
    assert!(refused.contains("postgres.log") && refused.contains("no_such_setting"), "{refused}");
}

#[tokio::test]
async fn a_long_path_gets_its_socket_elsewhere() {
    let data = tempfile::tempdir().unwrap();
    let long = data.path().join("x".repeat(120));
    let server = embedded::start(&long).await.unwrap();
    let pid = server.pid();
    drop(server);
    let server = embedded::start(&long).await.unwrap();
    assert_eq!(server.pid(), pid, "and is found there again");
    let socket = server.options().get_socket().unwrap().clone();
    assert!(!socket.starts_with(&long));
    server.stop().await.unwrap();
    fs::remove_dir_all(socket).unwrap();
}

/// As root in a home of mode 0700: the server's user cannot get there.
#[tokio::test]
async fn a_data_folder_in_a_private_home_has_its_cluster_elsewhere() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let data = home.path().join("data");
    let server = embedded::start(&data).await.unwrap();
    assert_eq!(fs::metadata(home.path()).unwrap().permissions().mode() & 0o777, 0o700, "the home is left as it was");
    let elsewhere = fs::read_link(data.join("postgres")).unwrap();
    let pid = server.pid();
    drop(server);
    let server = embedded::start(&data).await.unwrap();
    assert_eq!(server.pid(), pid);
    server.stop().await.unwrap();
    fs::remove_dir_all(elsewhere).unwrap();
}
