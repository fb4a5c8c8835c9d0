use super::*;
use paas_model::log::Source;

fn line(process: &str, text: &str) -> Line {
    let source = if process == "router" { Source::Paas } else { Source::App };
    Line { at: chrono::Utc::now(), source, process: process.to_string().into(), text: text.into() }
}

fn texts(lines: &[Arc<Line>]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

#[test]
fn the_newest_lines_are_kept_and_older_ones_go() {
    let dir = tempfile::tempdir().unwrap();
    let (logs, app) = (Logs::open(dir.path()).unwrap(), AppId::generate());
    for number in 0..buffer::READ_LINES + 5 {
        logs.write(app, line("web.1", &number.to_string()));
    }
    let kept = logs.recent(app, usize::MAX, &Filter::default());
    assert_eq!(kept.len(), buffer::READ_LINES);
    assert_eq!(texts(&kept)[0], "5");
    assert_eq!(texts(&logs.recent(app, 2, &Filter::default())), ["2003", "2004"]);
}

#[test]
fn lines_outlive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let app = AppId::generate();
    let logs = Logs::open(dir.path()).unwrap();
    logs.write(app, line("web.1", "before"));
    logs.flush();
    let reopened = Logs::open(dir.path()).unwrap();
    reopened.write(app, line("web.1", "after"));
    assert_eq!(texts(&reopened.recent(app, 10, &Filter::default())), ["before", "after"]);
    reopened.forget(app);
    reopened.flush();
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_filter_picks_by_source_and_process() {
    let dir = tempfile::tempdir().unwrap();
    let (logs, app) = (Logs::open(dir.path()).unwrap(), AppId::generate());
    for process in ["web.1", "router", "web.2", "webhook.1"] {
        logs.write(app, line(process, process));
    }
    let of = |source, process: Option<&str>| logs.recent(app, 10, &Filter { source, process: process.map(String::from) });
    assert_eq!(texts(&of(Some(Source::Paas), None)), ["router"]);
    assert_eq!(texts(&of(None, Some("web"))), ["web.1", "web.2"]);
    assert_eq!(texts(&of(None, Some("web.2"))), ["web.2"]);
}

#[tokio::test]
async fn a_tail_begins_with_the_past_and_misses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (logs, app) = (Logs::open(dir.path()).unwrap(), AppId::generate());
    logs.write(app, line("web.1", "past"));
    let tail = logs.follow(app, 10, Filter::default());
    logs.write(app, line("web.1", "live"));
    logs.write(AppId::generate(), line("web.1", "of another app"));
    logs.write(app, line("web.1", "last"));
    let seen: Vec<_> = tail.take(3).collect().await;
    assert_eq!(texts(&seen), ["past", "live", "last"]);
}

#[test]
fn an_app_that_rests_has_its_lines_in_its_file_only() {
    let dir = tempfile::tempdir().unwrap();
    let (logs, app) = (Logs::open(dir.path()).unwrap(), AppId::generate());
    logs.write(app, line("web.1", "before the rest"));
    logs.0.let_go(Duration::ZERO);
    assert!(logs.0.buffers.read().unwrap().is_empty());
    logs.write(app, line("web.1", "after it"));
    assert_eq!(texts(&logs.recent(app, 10, &Filter::default())), ["before the rest", "after it"]);
}

#[tokio::test]
async fn an_app_that_somebody_listens_to_does_not_rest() {
    let dir = tempfile::tempdir().unwrap();
    let (logs, app) = (Logs::open(dir.path()).unwrap(), AppId::generate());
    let tail = logs.follow(app, 10, Filter::default());
    logs.0.let_go(Duration::ZERO);
    logs.write(app, line("web.1", "live"));
    let seen: Vec<_> = tail.take(1).collect().await;
    assert_eq!(texts(&seen), ["live"]);
    logs.0.let_go(Duration::ZERO);
    assert!(logs.0.buffers.read().unwrap().is_empty());
}

#[test]
fn long_lines_are_read_back_from_the_file_not_held() {
    let dir = tempfile::tempdir().unwrap();
    let (logs, app) = (Logs::open(dir.path()).unwrap(), AppId::generate());
    let wide = "x".repeat(9_000);
    for number in 0..100 {
        logs.write(app, line("web.1", &format!("{number} {wide}")));
    }
    let held: usize = logs.0.buffer(app).lines().iter().map(|line| line.text.len()).sum();
    assert!((1..=buffer::KEPT_BYTES).contains(&held), "{held}");
    let read = logs.recent(app, 100, &Filter::default());
    let numbers: Vec<usize> = read.iter().map(|line| line.text.split(' ').next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers, (0..100).collect::<Vec<_>>(), "each once, in order");
}

#[test]
fn the_tail_goes_on_across_a_rotated_file() {
    let dir = tempfile::tempdir().unwrap();
    let (logs, app) = (Logs::open(dir.path()).unwrap(), AppId::generate());
    let wide = "x".repeat(9_000);
    for number in 0..600 {
        logs.write(app, line("web.1", &format!("{number} {wide}")));
    }
    logs.flush();
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "4 MB are in the older file");
    let read = logs.recent(app, 400, &Filter::default());
    assert_eq!((read.len(), &read[0].text[..4], &read[399].text[..4]), (400, "200 ", "599 "));
}
