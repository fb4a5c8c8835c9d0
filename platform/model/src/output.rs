//! Where the lines of a push go: to the pusher, and into the build's record.
use std::sync::Arc;

/// Takes one line at a time, without its newline. Never blocks and never fails: a reader that left is no reason to stop a build.
pub trait Lines: Send + Sync {
    fn line(&self, text: &str);
}

/// A shared [`Lines`], with the push log's forms.
#[derive(Clone)]
pub struct Output(Arc<dyn Lines>);

impl Output {
    pub fn new(lines: impl Lines + 'static) -> Self {
        Self(Arc::new(lines))
    }
    /// A line as it stands.
    pub fn line(&self, text: impl AsRef<str>) {
        self.0.line(text.as_ref());
    }
    /// `-----> text`: a step begins.
    pub fn step(&self, text: impl AsRef<str>) {
        self.0.line(&format!("-----> {}", text.as_ref()));
    }
    /// Seven spaces, then the text: what a step says.
    pub fn detail(&self, text: impl AsRef<str>) {
        self.0.line(&format!("       {}", text.as_ref()));
    }
    /// ` !     text`: a refusal or a warning.
    pub fn warning(&self, text: impl AsRef<str>) {
        for line in text.as_ref().lines() {
            self.0.line(&format!(" !     {line}"));
        }
    }
}

impl<F: Fn(&str) + Send + Sync> Lines for F {
    fn line(&self, text: &str) {
        self(text);
    }
}
