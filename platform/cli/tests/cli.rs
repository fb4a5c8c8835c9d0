//! Runs the real program against a scripted server: what it prints, what it asks for, how it ends.
#![allow(clippy::unwrap_used)] // what a test needs and does not find ends it
#[path = "support/developer.rs"]
mod developer;
#[path = "support/server.rs"]
mod server;

use developer::{Developer, ran};
use serde_json::json;
use server::{Answer, Asked, Server, account, app, metrics, ok, refusal, release, text};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

/// A server with the app hello, as it is after three releases.
fn hello(own: &str, asked: &Asked) -> Answer {
    match asked.what.as_str() {
        "GET /account" => account(),
        "POST /apps" | "GET /apps/hello" | "DELETE /apps/hello" => ok(app(own, "hello")),
        "GET /apps" => ok(json!([app(own, "zebra"), app(own, "hello")])),
        "GET /apps/hello/config-vars" => ok(json!({ "A": "b", "LONG_NAME": "c=d" })),
        "PATCH /apps/hello/config-vars" => ok(json!({ "A": "b", "C": "d=e", "OLD": "1" })),
        "GET /apps/hello/limits" | "PATCH /apps/hello/limits" => {
            ok(json!([limit("memory", "256MB", "128MB", "1GB", "R15"), limit("cpu", "30s", "30s", "5m", "H12")]))
        }
        "GET /apps/hello/egress" | "PATCH /apps/hello/egress" => ok(json!({ "allowed": ["*.example.com", "api.example.org:8443"] })),
        "GET /apps/hello/releases" => {
            ok(json!([release(1, false, "Initial release"), release(3, true, "Set A config vars"), release(2, false, "Deploy 4c47f1a2")]))
        }
        "GET /apps/hello/metrics" => ok(metrics()),
        "POST /apps/hello/releases" => ok(release(4, true, "Rollback to v2")),
        "POST /apps/hello/log-sessions" => ok(json!({
            "id": "0197a3c2-58a1-7cc0-bd0f-2f8f0c2f7a11", "logplex_url": format!("{own}/logs/token"),
            "created_at": "2015-11-17T17:37:41Z", "updated_at": "2015-11-17T17:37:41Z"
        })),
        "GET /logs/token" => text("2026-11-23T05:29:35.123456+00:00 app[web.1]: hi \u{1b}[31mred\n"),
        _ => refusal(404, "not_found", "Couldn't find that app. To see yours, run: paas apps"),
    }
}

fn limit(name: &str, value: &str, default: &str, cap: &str, exceeded: &str) -> serde_json::Value {
    json!({ "name": name, "value": value, "default": default, "cap": cap, "amount": 1, "unit": "count", "set": value != default, "about": "", "exceeded": exceeded })
}

fn developer_of_hello() -> (Server, Developer) {
    let server = Server::start(hello);
    let developer = Developer::at(&server.url);
    (server, developer)
}

#[test]
fn without_a_key_the_way_to_log_in_is_told() {
    let (server, developer) = developer_of_hello();
    let ran = ran(&mut developer.paas(&["whoami"]), "");
    assert_eq!(ran.code, Some(3));
    assert_eq!(ran.err, format!(" ▸    You are not logged in to {0}. Run: paas login {0}\n", server.url));
    assert!(server.asked().is_empty());
}

#[test]
fn a_key_that_is_refused_ends_in_3() {
    let server = Server::start(|_, _| refusal(401, "unauthorized", "Invalid credentials provided."));
    let ran = Developer::at(&server.url).run(&["apps"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.err.contains("refused the key. Check PAAS_API_KEY."), "{ran:?}");
}

#[test]
fn a_server_that_is_not_there_ends_in_69() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = Developer::at(&format!("http://{closed}")).run(&["apps"]);
    assert_eq!(ran.code, Some(69));
    assert!(ran.err.starts_with(&format!(" ▸    Could not reach http://{closed}: ")), "{ran:?}");
}

#[test]
fn an_app_that_is_not_there_ends_in_4_with_the_servers_words() {
    let (_server, developer) = developer_of_hello();
    let ran = developer.run(&["info", "-a", "nowhere"]);
    assert_eq!(ran.code, Some(4));
    assert_eq!(ran.err, " ▸    Couldn't find that app. To see yours, run: paas apps\n");
}

#[test]
fn what_is_no_paas_server_is_told_apart() {
    let server = Server::start(|_, _| Answer { status: 404, body: "<html>".into() });
    let ran = Developer::at(&server.url).run(&["apps"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("Check PAAS_URL"), "{ran:?}");
}

#[test]
fn without_an_app_both_ways_to_name_one_are_told() {
    let (_server, developer) = developer_of_hello();
    let ran = developer.run(&["config"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("-a NAME") && ran.err.contains("paas git:remote -a NAME"), "{ran:?}");
}

#[test]
fn a_login_checks_the_key_and_keeps_it_for_oneself() {
    let (server, developer) = developer_of_hello();
    let login = ran(&mut developer.paas(&["login"]), "paas_piped\n");
    assert_eq!((login.code, login.out.as_str()), (Some(0), "Logged in as ann@example.com\n"), "{login:?}");
    assert!(server.asked()[0].headers.contains("authorization: bearer paas_piped"));
    let kept = developer.home.path().join(".config/paas/credentials.toml");
    assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    let whoami = ran(developer.paas(&["whoami"]).env_remove("PAAS_URL"), "");
    assert_eq!(whoami.out, "ann@example.com\n", "{whoami:?}");

    ran(&mut developer.paas(&["logout"]), "");
    assert!(!developer.file(".config/paas/credentials.toml").contains("paas_piped"));
    assert_eq!(ran(&mut developer.paas(&["whoami"]), "").code, Some(3));
}

#[test]
fn on_the_servers_own_machine_a_login_needs_no_key() {
    let (server, developer) = developer_of_hello();
    fs::write(developer.home.path().join("admin.token"), "paas_admin\n").unwrap();
    let login = ran(developer.paas(&["login"]).env("PAAS_DATA", developer.home.path()), "");
    assert_eq!(login.code, Some(0), "{login:?}");
    assert!(login.err.contains("Using the admin's key from ") && login.err.contains("admin.token"), "{login:?}");
    assert!(server.asked()[0].headers.contains("bearer paas_admin"));
}

#[test]
fn a_refused_key_is_not_kept() {
    let server = Server::start(|_, _| refusal(401, "unauthorized", "No."));
    let developer = Developer::at(&server.url);
    assert_eq!(ran(&mut developer.paas(&["login"]), "paas_wrong").code, Some(3));
    assert!(!developer.home.path().join(".config/paas/credentials.toml").exists());
}

#[test]
fn create_adds_a_remote_that_git_needs_no_password_for() {
    let (server, developer) = developer_of_hello();
    let port = server.url.rsplit(':').next().unwrap();
    developer.git(&["init", "--quiet"]);
    ran(&mut developer.paas(&["login"]), "paas_kept");
    let created = ran(&mut developer.paas(&["create", "hello"]), "");
    assert!(created.err.starts_with("Creating app... done, ⬢ hello\n"), "{created:?}");
    assert_eq!(created.out, format!("http://hello.localhost:{port}/ | http://paas.localhost:{port}/hello.git\n"));
    assert_eq!(developer.git(&["remote", "get-url", "paas"]).out, format!("http://paas.localhost:{port}/hello.git\n"));

    let ask = |url: &str| ran(developer.command("git").args(["credential", "fill"]), &format!("url={url}\n\n"));
    let given = ask(&format!("http://paas.localhost:{port}/hello.git"));
    assert!(given.out.contains("username=paas\npassword=paas_kept\n"), "{given:?}");
    let other = ask(&format!("http://hello.localhost:{port}/hello.git"));
    assert!(!other.out.contains("paas_kept"), "an app got the key: {other:?}");
    assert_eq!(ran(&mut developer.paas(&["config:get", "A"]), "").out, "b\n", "the remote says which app");
}

#[test]
fn the_credential_helper_answers_for_no_other_host() {
    let (server, developer) = developer_of_hello();
    let args = ["git:credential", "--server", &server.url, "--git-origin", &server.url, "get"];
    let evil = ran(developer.paas(&args).env("PAAS_API_KEY", "k"), "protocol=https\nhost=evil.example\n\n");
    assert_eq!((evil.code, evil.out.as_str()), (Some(0), ""));
    let nobody = ran(&mut developer.paas(&args), &format!("protocol=http\nhost={}\n\n", &server.url[7..]));
    assert_eq!(nobody.out, "quit=1\n");
    assert!(nobody.err.contains("paas login"), "{nobody:?}");
}

#[test]
fn a_remote_that_points_elsewhere_is_left_alone() {
    let (_server, developer) = developer_of_hello();
    developer.git(&["init", "--quiet"]);
    developer.git(&["remote", "add", "paas", "http://elsewhere/other.git"]);
    let created = developer.run(&["create"]);
    assert_eq!(created.code, Some(0));
    assert!(created.err.contains("paas git:remote -a hello"), "{created:?}");
    assert_eq!(developer.git(&["remote", "get-url", "paas"]).out, "http://elsewhere/other.git\n");

    let moved = developer.run(&["git:remote", "-a", "hello"]);
    assert!(moved.out.starts_with("set git remote paas to http://paas.localhost:"), "{moved:?}");
    developer.run(&["git:remote", "-a", "hello"]);
    let helpers = developer.git(&["config", "--get-regexp", r"^credential\..*\.helper$"]).out;
    assert_eq!(helpers.lines().count(), 2, "asked twice, written once: {helpers}");
}

#[test]
fn apps_and_facts_are_listed() {
    let (_server, developer) = developer_of_hello();
    assert_eq!(developer.run(&["apps"]).out, "=== ann@example.com Apps\nhello\nzebra\n");
    let info = developer.run(&["apps:info", "-a", "hello"]).out;
    assert!(info.starts_with("=== hello\nWeb URL:     http://hello.localhost:"), "{info}");
    assert!(info.contains("Slug Size:   1.2 MB\n") && info.contains("Created:     2015/11/17 17:37:41 +0000\n"), "{info}");
}

#[test]
fn destroying_needs_the_name_once_more() {
    let (server, developer) = developer_of_hello();
    let bare = developer.run(&["destroy", "-a", "hello"]);
    assert_eq!(bare.code, Some(1));
    assert!(bare.err.contains("--confirm hello"), "{bare:?}");
    assert_eq!(developer.run(&["destroy", "-a", "hello", "--confirm", "other"]).code, Some(1));
    assert!(server.asked().is_empty());

    developer.git(&["init", "--quiet"]);
    developer.run(&["git:remote", "-a", "hello"]);
    let gone = developer.run(&["apps:destroy", "--confirm", "hello"]);
    assert_eq!((gone.code, gone.err.as_str()), (Some(0), "Destroying ⬢ hello... done\n"));
    assert_eq!(developer.git(&["remote"]).out, "");
}

#[test]
fn config_vars_are_shown_aligned_for_people_and_quoted_for_shells() {
    let (_server, developer) = developer_of_hello();
    assert_eq!(developer.run(&["config", "-a", "hello"]).out, "=== hello Config Vars\nA:         b\nLONG_NAME: c=d\n");
    assert_eq!(developer.run(&["config", "-a", "hello", "--shell"]).out, "A='b'\nLONG_NAME='c=d'\n");
    assert_eq!(developer.run(&["config:get", "LONG_NAME", "-a", "hello"]).out, "c=d\n");
    assert_eq!(developer.run(&["config:get", "MISSING", "-a", "hello"]).code, Some(4));
}

#[test]
fn setting_config_vars_tells_the_release_it_made() {
    let (server, developer) = developer_of_hello();
    let set = developer.run(&["config:set", "C=d=e", "A=b", "-a", "hello"]);
    assert_eq!(set.err, "Setting A, C and restarting ⬢ hello... done, v3\n");
    assert_eq!(set.out, "A: b\nC: d=e\n");
    assert_eq!(server.asked()[0].body, r#"{"A":"b","C":"d=e"}"#);

    let unset = developer.run(&["config:unset", "A", "-a", "hello"]);
    assert_eq!(unset.err, "Unsetting A and restarting ⬢ hello... done, v3\n");
    assert_eq!(server.asked()[2].body, r#"{"A":null}"#);
}

#[test]
fn a_config_var_that_is_no_pair_is_wrong_usage() {
    let (server, developer) = developer_of_hello();
    let none = developer.run(&["config:set", "-a", "hello"]);
    assert_eq!(none.code, Some(2));
    assert!(none.err.contains("Must specify KEY and VALUE to set."), "{none:?}");
    let wrong = developer.run(&["config:set", "X", "-a", "hello"]);
    assert_eq!((wrong.code, wrong.err.as_str()), (Some(2), " ▸    X is invalid. Must be in the format FOO=bar.\n"));
    assert!(server.asked().is_empty());
}

#[test]
fn a_refused_change_says_so_in_the_servers_words() {
    let server = Server::start(|_, _| refusal(422, "invalid_params", "PAAS_X is reserved. Choose a name without PAAS_ in front."));
    let ran = Developer::at(&server.url).run(&["config:set", "PAAS_X=1", "-a", "hello"]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.err, "Setting PAAS_X and restarting ⬢ hello... !\n ▸    PAAS_X is reserved. Choose a name without PAAS_ in front.\n");
}

#[test]
fn releases_are_listed_newest_first() {
    let (server, developer) = developer_of_hello();
    let releases = developer.run(&["releases", "-n", "2", "-a", "hello"]);
    assert_eq!(
        releases.out,
        "=== hello Releases - Current: v3\n\
         v3  Set A config vars  ann@example.com  2015/11/17 17:37:41 +0000\n\
         v2  Deploy 4c47f1a2    ann@example.com  2015/11/17 17:37:41 +0000\n"
    );
    assert!(server.asked()[0].headers.contains("range: version ..; max=2, order=desc"));
}

#[test]
fn data_as_json_has_the_shape_of_the_api() {
    let (_server, developer) = developer_of_hello();
    let json: serde_json::Value = serde_json::from_str(&developer.run(&["releases", "--json", "-a", "hello"]).out).unwrap();
    assert_eq!(json[0]["version"], 3);
}

#[test]
fn metrics_are_a_table_by_release() {
    let (_server, developer) = developer_of_hello();
    let ran = developer.run(&["metrics", "-a", "hello"]);
    let lines: Vec<String> = ran.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        lines,
        [
            "=== hello Metrics since the platform started",
            "requests cold errors service instantiate cpu memory",
            "v3 120 1 3 (H10: 2) 3.2 ms / 12 ms / 2.0 s 41 µs / 90 µs / 120 µs 1.8 ms / 2.5 ms / 9.0 ms 2.1 MB / 2.1 MB / 4.2 MB",
            "v2 7 0 0 3.2 ms / 12 ms / 2.0 s - - -",
            "all 127 1 3 (H10: 2) 3.2 ms / 12 ms / 2.0 s 41 µs / 90 µs / 120 µs 1.8 ms / 2.5 ms / 9.0 ms 2.1 MB / 2.1 MB / 4.2 MB",
            "Times and memory: what half, 95 % and 99 % of the requests did not exceed.",
        ]
    );
}

#[test]
fn a_rollback_goes_one_back_and_tells_how_to_undo() {
    let (server, developer) = developer_of_hello();
    let ran = developer.run(&["rollback", "-a", "hello"]);
    assert_eq!(
        ran.err,
        "Rolling back ⬢ hello to v2... done, v4\n \
         ▸    Rollback affects code and config vars; it doesn't add or remove addons.\n \
         ▸    To undo, run: paas rollback v3\n"
    );
    assert!(server.asked()[1].body.contains(r#""release":"2""#));
}

#[test]
fn logs_are_read_without_sending_the_key_along() {
    let (server, developer) = developer_of_hello();
    let logs = developer.run(&["logs", "-n", "5", "-s", "app", "-p", "web.1", "-a", "hello"]);
    assert_eq!(logs.out, "2026-11-23T05:29:35.123456+00:00 app[web.1]: hi \u{1b}[31mred\n", "a pipe gets the bytes");
    let asked = server.asked();
    assert!(asked[0].body.contains(r#""lines":5"#) && asked[0].body.contains(r#""dyno":"web.1""#), "{asked:?}");
    assert!(!asked[1].headers.contains("authorization") && asked[1].headers.contains("accept: text/plain"), "{asked:?}");
}

#[test]
fn a_tail_whose_stream_ends_is_taken_up_again_without_repeating() {
    let line = |second: u32| format!("2026-11-23T05:29:{second}.000000+00:00 app[web.1]: line {second}\n");
    let reads = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |own, asked| match asked.what.as_str() {
        "GET /logs/token" => match reads.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => text(&line(11)),
            1 => text(&[line(10), line(11), line(12)].concat()),
            _ => refusal(404, "not_found", "The app is gone."),
        },
        _ => hello(own, asked),
    });
    let ran = Developer::at(&server.url).run(&["logs", "--tail", "-n", "1", "-a", "hello"]);
    assert_eq!(ran.out, [line(11), line(12)].concat());
    assert_eq!(ran.code, Some(4), "an end that trying again cannot mend");
}

#[test]
fn ctrl_c_ends_a_tail_as_shells_expect() {
    use std::os::unix::process::ExitStatusExt;
    let (_server, developer) = developer_of_hello();
    // A shell's background job, which a test run may be, passes an ignored SIGINT on; a terminal's never does.
    let mut tail = developer.command("env");
    tail.args(["--default-signal=INT", env!("CARGO_BIN_EXE_paas"), "logs", "-t", "-a", "hello"]).stdin(Stdio::null());
    let mut tail = tail.env("PAAS_URL", &developer.url).env("PAAS_API_KEY", "k").stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(tail.stdout.take().unwrap()), &mut first).unwrap();
    Command::new("kill").args(["-INT", &tail.id().to_string()]).status().unwrap();
    assert_eq!(tail.wait().unwrap().signal(), Some(2), "a shell shows 130");
}

#[test]
fn without_a_browser_the_address_is_printed() {
    let (_server, developer) = developer_of_hello();
    let ran = developer.run(&["open", "-a", "hello"]);
    assert!(ran.out.starts_with("http://hello.localhost:"), "{ran:?}");
}

#[test]
fn help_documents_exit_codes_and_wrong_commands_are_wrong_usage() {
    let developer = Developer::at("http://localhost:1");
    assert!(developer.run(&["--help"]).out.contains("69   the server cannot be reached"));
    assert_eq!(developer.run(&["config:sat"]).code, Some(2));
    assert_eq!(developer.run(&["--version"]).out, format!("paas {}\n", env!("CARGO_PKG_VERSION")));
    assert!(developer.run(&["completions", "bash"]).out.contains("config:set"));
}

#[test]
fn limits_are_a_table_of_what_holds_and_what_could() {
    let (_server, developer) = developer_of_hello();
    let ran = developer.run(&["limits", "-a", "hello"]);
    assert_eq!(
        ran.out,
        "=== hello Limits\nname    value  default  cap  beyond it\nmemory  256MB  128MB    1GB  R15\ncpu     30s    30s      5m   H12\n"
    );
}

#[test]
fn limits_are_set_and_unset_with_a_release() {
    let (server, developer) = developer_of_hello();
    let ran = developer.run(&["limits:set", "memory=256MB", "-a", "hello"]);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("memory: 256MB\n", "Setting memory and restarting ⬢ hello... done, v3\n"));
    let ran = developer.run(&["limits:unset", "cpu", "-a", "hello"]);
    assert_eq!(ran.err, "Unsetting cpu and restarting ⬢ hello... done, v3\n");
    let sent: Vec<_> = server.asked().into_iter().filter(|asked| asked.what.starts_with("PATCH")).map(|asked| asked.body).collect();
    assert_eq!(sent, [r#"{"memory":"256MB"}"#, r#"{"cpu":null}"#]);
    assert_eq!(developer.run(&["limits:set", "-a", "hello"]).code, Some(2));
}

#[test]
fn hosts_are_listed_allowed_and_denied() {
    let (server, developer) = developer_of_hello();
    assert_eq!(developer.run(&["egress", "-a", "hello"]).out, "=== hello Egress\n*.example.com\napi.example.org:8443\n");
    let ran = developer.run(&["egress:allow", "*.example.com", "api.example.org:8443", "-a", "hello"]);
    assert_eq!(ran.err, "Allowing *.example.com, api.example.org:8443 and restarting ⬢ hello... done, v3\n");
    let ran = developer.run(&["egress:deny", "old.test", "-a", "hello", "--json"]);
    assert_eq!(ran.err, "Denying old.test and restarting ⬢ hello... done, v3\n");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&ran.out).unwrap()["allowed"][0], "*.example.com");
    let sent: Vec<_> = server.asked().into_iter().filter(|asked| asked.what.starts_with("PATCH")).map(|asked| asked.body).collect();
    assert_eq!(sent, [r#"{"allow":["*.example.com","api.example.org:8443"]}"#, r#"{"deny":["old.test"]}"#]);
    assert_eq!(developer.run(&["egress:allow", "-a", "hello"]).code, Some(2));
}
