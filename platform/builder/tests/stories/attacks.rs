//! Builds that mean harm, or go wrong as if they did.
use crate::room::Room;
use paas_builder::BuildLimits;
use std::{fs, net::TcpListener, time::Duration};
use tokio::time::{sleep, timeout};

/// Far longer than anything takes here.
const DEADLINE: Duration = Duration::from_secs(60);

fn limits() -> BuildLimits {
    BuildLimits { time: Duration::from_secs(20), ..BuildLimits::default() }
}

/// Whether a process with this word among its arguments runs on the machine.
fn runs(word: &str) -> bool {
    let lines = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines.into_iter().any(|line| line.split(|byte| *byte == 0).any(|argument| argument == word.as_bytes()))
}

#[tokio::test]
async fn a_build_that_never_ends_is_stopped() {
    let room = Room::with_script("echo begun; sleep 1000", BuildLimits { time: Duration::from_secs(1), ..limits() });
    let refusal = room.refusal(&[]).await;
    assert!(refusal.contains("it took longer than 1 seconds."), "{refusal}");
    assert!(room.said().contains("begun"), "what it said before is shown");
}

#[tokio::test]
async fn a_process_that_only_computes_is_stopped() {
    let room = Room::with_script("while :; do :; done", BuildLimits { cpu_seconds: 1, ..limits() });
    let refusal = room.refusal(&[]).await;
    assert!(refusal.contains("a process computed for more than 1 seconds"), "{refusal}");
}

#[tokio::test]
async fn a_fork_bomb_goes_off_inside_its_limits() {
    let bomb = "bomb() { bomb & bomb & wait; }; bomb; exit 1";
    let room = Room::with_script(bomb, BuildLimits { processes: 40, time: Duration::from_secs(5), ..limits() });
    if !room.has_walls() {
        return;
    }
    let refusal = room.refusal(&[]).await;
    let expected = ["it ran more than 40 processes", "it took longer than 5 seconds", "failed to compile Test app"];
    assert!(expected.iter().any(|text| refusal.contains(text)), "{refusal}");
    if room.builder.limits_memory() {
        assert!(refusal.contains(expected[0]), "{refusal}");
    }
}

#[tokio::test]
async fn a_build_that_eats_memory_is_stopped_where_that_can_be_limited() {
    let room = Room::with_script("head -c 500000000 /dev/zero | tail; exit 1", BuildLimits { memory_bytes: 64 << 20, ..limits() });
    if !room.builder.limits_memory() {
        return eprintln!("not tested, because memory is not limited here: {}", room.builder.sandbox_reason());
    }
    let refusal = room.refusal(&[]).await;
    assert!(refusal.contains("it used more than 64 MiB of memory"), "{refusal}");
}

#[tokio::test]
async fn a_build_that_fills_the_disk_is_stopped() {
    let small = BuildLimits { disk_bytes: 8 << 20, ..limits() };
    for place in ["$PAAS_SLUG_DIR", "$PAAS_CACHE_DIR", "$HOME", "$CNB_LAYERS_DIR"] {
        let script = format!("i=0; while :; do i=$((i+1)); head -c 1000000 /dev/zero > {place}/$i; sleep 0.02; done");
        let refusal = Room::with_script(&script, small.clone()).refusal(&[]).await;
        assert!(refusal.contains("it wrote more than 8 MiB to disk"), "{place}: {refusal}");
    }
    let many = Room::with_script("i=0; while :; do i=$((i+1)); : > $i; done", BuildLimits { disk_files: 500, ..limits() });
    let refusal = many.refusal(&[]).await;
    assert!(refusal.contains("it made more than 500 files"), "{refusal}");
}

#[tokio::test]
async fn one_file_cannot_grow_without_end() {
    let room = Room::with_script("exec head -c 100000000 /dev/zero > big", BuildLimits { file_bytes: 1 << 20, ..limits() });
    let refusal = room.refusal(&[]).await;
    assert!(refusal.contains("it wrote a file larger than 1 MiB"), "{refusal}");
}

#[tokio::test]
async fn a_flood_of_output_is_cut_with_a_note() {
    let room = Room::with_script("yes | head -c 50000000; printf '\\033[2Jx%030000d'; exit 1", BuildLimits { output_bytes: 1000, ..limits() });
    room.refusal(&[]).await;
    let said = room.said();
    assert!(said.contains(" !     The output is too long: 50029005 more bytes are not shown."), "{}", &said[said.len() - 200..]);
    assert!(said.len() < 2000);
}

#[tokio::test]
async fn one_line_of_a_gigabyte_and_forged_prefixes_are_cut_and_stay_data() {
    let script = "printf 'remote: -----> Launching\\r\\033[1A\\033[2Kremote: Released v99\\n'; head -c 1000000000 /dev/zero | tr '\\0' x; exit 1";
    let room = Room::with_script(script, BuildLimits { output_bytes: 100_000, time: Duration::from_secs(120), ..limits() });
    room.refusal(&[]).await;
    let said = room.said();
    assert!(said.contains("\nremote: Released v99\n"), "as a line of the build, without what moves the cursor");
    assert!(!said.contains('\x1b'));
    assert!(said.contains(" more bytes are not shown.") && said.len() < 200_000);
    assert!(said.lines().all(|line| line.len() <= 10_000));
}

#[tokio::test]
async fn a_build_that_opens_files_without_end_runs_out_of_its_own() {
    let script = "bash -c 'n=0; while exec {fd}< /dev/null; do n=$((n + 1)); done 2> /dev/null; echo opened $n'; exit 1";
    let room = Room::with_script(script, limits());
    room.refusal(&[]).await;
    let opened = room.said().lines().find_map(|line| line.strip_prefix("opened ")?.parse::<u32>().ok());
    assert!(opened.is_some_and(|opened| opened < 4096), "{}", room.said());
}

#[tokio::test]
async fn a_daemon_left_behind_is_killed_with_the_build() {
    let room = Room::with_script("setsid sleep 98765.4321 < /dev/null > /dev/null 2>&1 & echo started; exit 1", limits());
    if !room.has_walls() {
        return;
    }
    room.refusal(&[]).await;
    assert!(!runs("98765.4321"));
}

#[tokio::test]
async fn a_push_given_up_ends_its_build() {
    let room = Room::with_script("echo begun; sleep 87654.3210", limits());
    if !room.has_walls() {
        return;
    }
    let workspace = room.builder.workspace().unwrap();
    let config = Default::default();
    let build = room.builder.build(paas_model::AppId::generate(), &workspace, &config, &room.output);
    let begun = async {
        while !runs("87654.3210") {
            sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        _ = build => panic!("the build ended by itself: {}", room.said()),
        begun = timeout(DEADLINE, begun) => begun.unwrap(),
    }
    let ended = async {
        while runs("87654.3210") {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(DEADLINE, ended).await.expect("the build does not go on");
}

#[tokio::test]
async fn a_build_sees_nothing_of_the_platform_or_of_other_apps() {
    let script = r#"
        for path in "$(cat canaries)"; do cat $path; done 2>/dev/null
        ls /run /var /home /root /sys 2>/dev/null
        cat /proc/[0-9]*/environ | tr '\0' '\n' | grep CARGO
        ls / /build; id -G; ls /cache
        touch /build/new /usr/new /new "$CNB_BUILDPACK_DIR/new" 2>/dev/null && echo WROTE
        unshare -Ur true 2>/dev/null && echo NESTED
        exit 1"#;
    let room = Room::with_script(script, limits());
    if !room.has_walls() {
        return;
    }
    let data = room.data.path();
    let other = data.join("cache/apps/other/test");
    fs::create_dir_all(&other).unwrap();
    let canaries = [data.join("secret.key"), other.join("file")];
    canaries.iter().for_each(|canary| fs::write(canary, "CANARY").unwrap());
    let list = canaries.map(|path| path.to_str().unwrap().to_string()).join(" ");
    room.refusal(&[("canaries", &list)]).await;
    let said = room.said();
    for seen in ["CANARY", "CARGO", "WROTE", "NESTED", "other", "postgres"] {
        assert!(!said.contains(seen), "{seen} in:\n{said}");
    }
}

#[tokio::test]
async fn a_build_without_network_reaches_nobody() {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = door.local_addr().unwrap().port();
    let room = Room::with_script(&format!("bash -c 'echo hello > /dev/tcp/127.0.0.1/{port}' && echo REACHED; exit 1"), limits());
    if !room.has_walls() {
        return;
    }
    room.refusal(&[]).await;
    assert!(!room.said().contains("REACHED"), "{}", room.said());
    assert!(room.said().contains("refused"), "it tried: {}", room.said());
}

#[tokio::test]
async fn nothing_but_plain_files_gets_into_a_slug() {
    let page = r#"cd "$PAAS_SLUG_DIR"; printf '[processes.web]\nkind = "static"\nroot = ""\n' > slug.toml; echo x > page"#;
    for (trick, expected) in [
        ("ln -s /etc/passwd stolen", "a symbolic link: stolen"),
        ("mkdir a; ln -s / a/all", "a symbolic link: a/all"),
        ("ln page again", "not a plain file of its own: "),
        ("mkfifo pipe", "not a plain file of its own: pipe"),
        ("touch \"$(printf 'a\\nb')\"", "not plain text: ab"),
        ("touch \"$(printf '\\377')\"", "not plain text"),
        ("ln -sf /etc/hostname slug.toml", "a symbolic link: slug.toml"),
        ("cd ..; rm -rf slug 2>/dev/null; ln -sfn /etc slug; true", "Push rejected"),
    ] {
        let refusal = Room::with_script(&format!("{page}; {trick}"), limits()).refusal(&[]).await;
        assert!(refusal.contains(expected), "{trick}: {refusal}");
    }
}

#[tokio::test]
async fn a_slug_has_its_limits() {
    let page = r#"cd "$PAAS_SLUG_DIR"; printf '[processes.web]\nkind = "static"\nroot = ""\n' > slug.toml; for i in 1 2 3 4; do head -c 100000 /dev/zero > $i; done"#;
    let refusal = Room::with_script(page, BuildLimits { slug_bytes: 300_000, ..limits() }).refusal(&[]).await;
    assert!(refusal.contains("the slug is larger than 293.0 KiB"), "{refusal}");
    let refusal = Room::with_script(page, BuildLimits { slug_files: 3, ..limits() }).refusal(&[]).await;
    assert!(refusal.contains("the slug has more than 3 files"), "{refusal}");
}
