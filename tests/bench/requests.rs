//! The rounds: each subject in its turn, then all of them again.
use crate::{
    Options,
    cold::{self, Cold},
    competitors::{self, Competitors},
    fleet::Fleet,
    goals::GOALS,
    load, profile, report,
    subject::{Sample, Subject},
};
use paas_tests::{Developer, Platform};

const ROUNDS: usize = 5;
const SECONDS: u64 = 2;
const QUICK_SECONDS: u64 = 1;
/// Apps that are asked at random hosts.
const MANY: usize = 1_000;
const QUICK_MANY: usize = 20;
/// What is pushed: the subject's name, the folder of its source below tests, and limits that the app chooses.
const APPS: [(&str, &str, &str); 6] = [
    ("paasd, tiny", "bench/apps/tiny", ""),
    ("paasd, tiny, reuse", "bench/apps/tiny", "reuse=64"),
    ("paasd, JavaScript", "bench/apps/javascript", ""),
    ("paasd, Python", "bench/apps/python", ""),
    ("paasd, Python, reuse 64", "bench/apps/python", "reuse=64"),
    ("paasd, Python, reuse", "bench/apps/python", "reuse=1000"),
];

/// A subject with what each round told.
pub struct Measured {
    pub subject: Subject,
    pub samples: Vec<Sample>,
}

pub async fn run(options: &Options) -> String {
    let mut platform = Platform::start().await;
    let developer = platform.developer();
    let mut missing = Vec::new();
    let mut subjects = Vec::new();
    for (name, source, limits) in APPS {
        match deploy(&platform, &developer, name, source, limits).await {
            Ok(subject) => subjects.push(subject),
            Err(why) => missing.push(format!("{name}: {why}")),
        }
    }
    match many(&platform, if options.quick { QUICK_MANY } else { MANY }).await {
        Ok(subject) => subjects.push(subject),
        Err(why) => missing.push(format!("paasd, tiny, many apps: {why}")),
    }
    let mut competitors = Competitors::start().await;
    subjects.append(&mut competitors.subjects);
    missing.append(&mut competitors.missing);
    subjects.retain(|subject| options.only.as_ref().is_none_or(|word| subject.name.contains(word.as_str())));

    let measured = rounds(subjects, options).await;
    let profiles = if options.quick { Vec::new() } else { profiles(&measured) };
    // The cold starts have the machine to themselves.
    drop(competitors);
    let cold = colds(&mut platform, options).await;
    report::text(&measured, &missing, &profiles, &cold)
}

/// The cold starts alone, which need nothing of what is compared.
pub async fn cold(options: &Options) -> String {
    let mut platform = Platform::start().await;
    let developer = platform.developer();
    for (name, source, limits) in APPS.iter().filter(|(_, _, limits)| limits.is_empty()) {
        if let Err(why) = deploy(&platform, &developer, name, source, limits).await {
            eprintln!("{name}: {why}");
        }
    }
    report::cold(&colds(&mut platform, options).await)
}

async fn colds(platform: &mut Platform, options: &Options) -> Vec<Cold> {
    match options.quick {
        true => cold::run(platform, QUICK_MANY, 1).await,
        false => cold::run(platform, usize::MAX, ROUNDS).await,
    }
}

async fn rounds(subjects: Vec<Subject>, options: &Options) -> Vec<Measured> {
    let (count, seconds) = if options.quick { (1, QUICK_SECONDS) } else { (ROUNDS, SECONDS) };
    let mut all: Vec<Measured> = subjects.into_iter().map(|subject| Measured { subject, samples: Vec::new() }).collect();
    for one in &all {
        load::round(&one.subject, 1).unwrap_or_else(|said| panic!("{}: {said}", one.subject.name));
    }
    for number in 1..=count {
        for one in &mut all {
            let sample = load::round(&one.subject, seconds).unwrap_or_else(|said| panic!("{}: {said}", one.subject.name));
            eprintln!("round {number}: {:32} {:9.0} req/s {:8.1} µs", one.subject.name, sample.per_second, sample.cpu_us);
            one.samples.push(sample);
        }
    }
    all
}

/// Pushes a sample, as a developer does, and asks it once.
async fn deploy(platform: &Platform, developer: &Developer, name: &str, source: &str, limits: &str) -> Result<Subject, String> {
    let folder = paas_tests::platform::project().join("tests").join(source);
    if !folder.is_dir() {
        return Err("there is no such sample".into());
    }
    let app = name.replace("paasd, ", "").replace([',', ' '], "-").replace("--", "-").to_lowercase();
    let repository = developer.repository(&app).await;
    paas_tests::sample::copy_folder(&folder, &repository.path);
    repository.commit("First").await;
    let pushed = repository.push().await;
    if pushed.code != 0 {
        return Err(pushed.text());
    }
    if !limits.is_empty() {
        let set = developer.run(&format!("limits:set {limits} -a {app}")).await;
        if set.code != 0 {
            return Err(format!("`paas limits:set {limits}`: {}", set.text().split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    let about = if limits.is_empty() { "a fresh instance for each request".to_string() } else { format!("`paas limits:set {limits}`") };
    Ok(ask(platform, name, &about, &app).await)
}

async fn ask(platform: &Platform, name: &str, about: &str, app: &str) -> Subject {
    let mut subject = Subject::new(name, about, platform.port, &[platform.pid().expect("paasd runs")]);
    subject.host = format!("{app}.localhost:{}", platform.port);
    competitors::answers(&subject).await;
    subject
}

/// Many apps of the tiny slug, each asked at random.
async fn many(platform: &Platform, count: usize) -> Result<Subject, String> {
    Fleet::new(platform).make("tiny", "many", 1..=count).await?;
    let mut subject =
        ask(platform, "paasd, tiny, many apps", &format!("{count} apps at random hosts, a fresh instance for each request"), "many1").await;
    subject.script = Some((competitors::random_hosts(), vec![count.to_string(), format!("many%d.localhost:{}", platform.port)]));
    Ok(subject)
}

/// Where the time goes in the subjects that miss a goal.
fn profiles(measured: &[Measured]) -> Vec<(String, String)> {
    let samples = |name: &str| measured.iter().find(|one| one.subject.name == name).map(|one| &one.samples[..]);
    let missed = GOALS.iter().filter(|goal| goal.reached(samples).is_some_and(|ratio| !goal.is_met(ratio)));
    let mut names: Vec<&str> = missed.map(|goal| goal.of).collect();
    names.sort();
    names.dedup();
    let find = |name: &str| measured.iter().find(|one| one.subject.name == name);
    names.into_iter().filter_map(|name| Some((name.to_string(), profile::of(&find(name)?.subject)))).collect()
}
