//! What one sample's life is told of.
use super::route::Route;

pub struct Life {
    /// The folder of tests/apps, and the app's name.
    pub sample: &'static str,
    /// Words of the first push.
    pub push: Vec<&'static str>,
    pub routes: Vec<Route>,
    /// Words that the app's log has then.
    pub log: Vec<&'static str>,
    /// The path of a page, and what it says at first and after `line`.
    pub page: &'static str,
    pub shows: (String, String),
    pub line: Edit,
    /// Words of the push of `line`, and words that it must not say, because they tell of work that was done before.
    pub again: Vec<&'static str>,
    pub cached: Vec<&'static str>,
    /// A config var, what the page says without it, and with it.
    pub config: Option<(&'static str, &'static str, &'static str)>,
    /// What is wrong in the end. What the push says of it is in `snapshots`.
    pub breaking: Edit,
}

/// What to replace in a file, where it stands once.
pub struct Edit {
    pub file: &'static str,
    pub from: &'static str,
    pub to: &'static str,
}

pub fn edit(file: &'static str, from: &'static str, to: &'static str) -> Edit {
    Edit { file, from, to }
}

impl Life {
    /// As most samples live: their first page greets, with the greeting of a config var.
    pub fn of(sample: &'static str, from: &str, routes: Vec<Route>, line: Edit, breaking: Edit) -> Self {
        Self {
            sample,
            push: vec![],
            routes,
            log: vec![],
            page: "/",
            shows: (format!("Hello from {from}"), format!("Hello from {from} again")),
            line,
            again: vec![],
            cached: vec!["(once on this node)"],
            config: Some(("GREETING", "Hello", "Ahoy")),
            breaking,
        }
    }
}

/// What tells how long something took, or when, or in which order a build with several processors went.
fn differs(line: &str) -> bool {
    const STARTS: [&str; 6] =
        ["       Done: ", "       -- Configuring done", "       -- Generating done", "       [", "       Built in ", "       ✗ Build failed in "];
    let clock = line.trim_start().split(' ').next().is_some_and(|word| word.len() == 8 && word.bytes().filter(|b| *b == b':').count() == 2);
    // make says so when another file was still being compiled, which is a matter of luck.
    let unfinished = line.ends_with("*** Waiting for unfinished jobs....");
    // With what the platform adds to the app.
    let bundle = line.contains(" module") && line.ends_with(" KB");
    clock || unfinished || bundle || STARTS.iter().any(|start| line.starts_with(start))
}

/// What a rejected push says after its last step, but for what differs from time to time.
pub fn complaint(stderr: &str) -> String {
    let lines: Vec<&str> = stderr.lines().filter_map(|line| line.strip_prefix("remote:")).map(str::trim_end).collect();
    let last_step = lines.iter().rposition(|line| line.starts_with(" -----> ")).map_or(0, |step| step + 1);
    let told = lines[last_step..].iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).filter(|line| !differs(line));
    told.map(|line| format!("{line}\n")).collect::<String>().trim_matches('\n').to_string()
}
