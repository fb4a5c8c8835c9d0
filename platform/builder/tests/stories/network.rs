//! What a build reaches: allowed hosts, in the step that fetches, through the platform's proxy.
use crate::room::Room;
use paas_builder::BuildLimits;
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// A host that answers every request, or whatever it is sent, with `hello`; it lives as long as the test's process.
fn host() -> String {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = door.local_addr().unwrap().to_string();
    thread::spawn(move || door.incoming().flatten().for_each(|stream| drop(thread::spawn(move || answer(stream)))));
    address
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut head = Vec::new();
    // To its end: a connection that is closed with something unread loses what was answered.
    for byte in std::io::BufReader::new(stream.try_clone()?).bytes() {
        head.push(byte?);
        if head.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_string();
    let body = format!("hello to {line}\n");
    if line.contains("/flood") {
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")?;
        return std::io::copy(&mut std::io::repeat(b'x').take(100_000_000), &mut stream).map(drop);
    }
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

/// `get TO [TUNNEL-TO]`, with the proxy of the environment, by bash alone.
const GET: &str = r#"
get() (
  exec 3<> "/dev/tcp/127.0.0.1/${http_proxy##*:}" || return 1
  printf 'GET http://%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' "$1" >&3
  cat <&3
)
tunnel() (
  exec 3<> "/dev/tcp/127.0.0.1/${http_proxy##*:}" || return 1
  printf 'CONNECT %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$1" "$1" >&3
  read -r version status rest <&3; echo "status $status"
  while read -r line <&3 && [ "$line" != $'\r' ]; do :; done
  printf 'GET /tunnelled HTTP/1.1\r\n\r\n' >&3
  cat <&3
)
"#;

const SITE: &str = r#"mkdir "$PAAS_SLUG_DIR/public"; echo page > "$PAAS_SLUG_DIR/public/index.html"
printf '[processes.web]\nkind = "static"\nroot = "public"\n' > "$PAAS_SLUG_DIR/slug.toml""#;

fn bash(script: &str) -> String {
    format!("bash <<'SCRIPT'\n{GET}\n{script}\nSCRIPT\ntrue")
}

fn room(fetch: &str, build: &str, hosts: &[String], limits: BuildLimits) -> Room {
    let (fetch, build) = (bash(fetch), format!("{}\n{SITE}", bash(build)));
    Room::with_hosts(&[("bin/detect", ""), ("bin/fetch", &fetch), ("bin/build", &build)], limits, hosts)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_is_set_up_for_is_reached_by_the_step_that_fetches_and_by_no_other() {
    let registry = host();
    let script = format!("get {registry}/package; tunnel {registry}");
    let room = room(
        &script,
        &format!("echo building; {script}; exec 3<> /dev/tcp/{}", registry.replace(':', "/")),
        std::slice::from_ref(&registry),
        BuildLimits::default(),
    );
    if !room.has_walls() {
        return;
    }
    room.build(&[]).await.unwrap();
    let said = room.said();
    let (fetched, built) = said.split_once("building").unwrap();
    assert!(fetched.contains("hello to GET /package HTTP/1.1"), "{said}");
    assert!(fetched.contains("status 200\nhello to GET /tunnelled") || fetched.contains("hello to GET /tunnelled HTTP/1.1"), "{said}");
    assert!(!built.contains("hello"), "{said}");
    assert!(built.contains("refused"), "it tried: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_host_is_refused_by_name_with_what_to_do() {
    let (registry, other) = (host(), host());
    let script = format!("tunnel {other}; get {other}/x; get metadata.example/latest; exec 3<> /dev/tcp/{}", other.replace(':', "/"));
    let room = room(&script, "", &[registry], BuildLimits::default());
    if !room.has_walls() {
        return;
    }
    room.build(&[]).await.unwrap();
    let said = room.said();
    assert!(!said.contains("hello"), "{said}");
    assert!(said.contains("status 403"), "{said}");
    let refusal = format!(
        " !     {other} was not reached: builds reach the package registries that this platform is set up for, and nothing else.\n \
         !     Commit what is fetched from there, or ask the operator to add {other} to PAAS_BUILD_HOSTS. Then push again."
    );
    assert_eq!(said.matches(&refusal).count(), 1, "{said}");
    assert!(said.contains(" !     metadata.example was not reached"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_may_allow_more_hosts_but_never_the_metadata_service() {
    let (registry, more) = (host(), host());
    let script = format!("get {more}/more; get 169.254.169.254/latest/meta-data");
    let room = room(&script, "", &[registry, more, "169.254.169.254".into()], BuildLimits::default());
    if !room.has_walls() {
        return;
    }
    room.build(&[]).await.unwrap();
    let said = room.said();
    assert!(said.contains("hello to GET /more"), "{said}");
    assert!(said.contains("169.254.169.254 was not reached: it leads to 169.254.169.254, which no build may reach."), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_fetches_without_end_is_cut_off() {
    let registry = host();
    let room = room(&format!("get {registry}/flood | wc -c"), "", &[registry], BuildLimits { network_bytes: 1 << 20, ..BuildLimits::default() });
    if !room.has_walls() {
        return;
    }
    room.build(&[]).await.unwrap();
    let said = room.said();
    assert!(said.contains(" !     The build fetched more than 1 MiB and was cut off."), "{said}");
}
