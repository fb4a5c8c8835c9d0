//! Which lines a reader wants.
use paas_model::log::{Line, Source};

/// Matches every line when empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub source: Option<Source>,
    /// A process (`web.1`), or a process type (`web`) for all of its processes.
    pub process: Option<String>,
}

impl Filter {
    pub fn matches(&self, line: &Line) -> bool {
        self.source.is_none_or(|source| source == line.source) && self.process.as_deref().is_none_or(|process| is_of(&line.process, process))
    }
}

fn is_of(process: &str, wanted: &str) -> bool {
    process == wanted || process.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
}
