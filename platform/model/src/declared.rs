//! What a source says of how its app wants to be run beyond answering requests. Kept with each release; nothing runs it yet.
use cron_parser::Schedule;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// Each deploy brings its own; a change of config carries it on, and a rollback brings back the old one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Declared {
    /// The Procfile's process types and their commands.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub processes: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub formation: BTreeMap<String, Formation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cron: Vec<Cron>,
}

impl Declared {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How many instances of a process type, and of what size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Formation {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
}

/// As Heroku writes it: `2:Standard-1X`
impl fmt::Display for Formation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.quantity.unwrap_or(1))?;
        self.size.as_ref().map_or(Ok(()), |size| write!(f, ":{size}"))
    }
}

/// A command and when it wants to run; the fields are Dokku's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cron {
    pub command: String,
    /// Five fields, as crontab(5) has them, or `@daily` and its like.
    pub schedule: String,
    /// Whether it is held back now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub maintenance: bool,
    /// What happens when the one before still runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency_policy: Option<ConcurrencyPolicy>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConcurrencyPolicy {
    Allow,
    Forbid,
    Replace,
}

impl ConcurrencyPolicy {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Forbid => "forbid",
            Self::Replace => "replace",
        }
    }
}

/// What cron(8) writes in one word.
const WORDS: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

impl Cron {
    /// What is wrong with it, in words.
    pub fn fault(&self) -> Option<String> {
        if self.command.trim().is_empty() {
            return Some("has no command".into());
        }
        let written = WORDS.iter().find(|(word, _)| *word == self.schedule).map_or(self.schedule.as_str(), |(_, fields)| fields);
        let error = Schedule::parse(written).err()?;
        Some(format!("has the schedule {:?}: {error}. Write minute, hour, day of month, month and day of week, such as \"0 3 * * *\"", self.schedule))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(schedule: &str) -> Option<String> {
        Cron { command: "tidy".into(), schedule: schedule.into(), maintenance: false, concurrency_policy: None }.fault()
    }

    #[test]
    fn schedules_are_taken_as_crontab_has_them() {
        for schedule in ["* * * * *", "0 3 * * *", "*/15 8-18 * * 1-5", "0 0 1,15 * *", "0 0 * * SUN", "@daily", "0 0 29 2 *"] {
            assert_eq!(fault(schedule), None, "{schedule}");
        }
    }

    #[test]
    fn a_wrong_schedule_is_told_by_its_field() {
        for (schedule, words) in [
            ("0 25 * * *", "invalid hour field: 25 is outside 0..=23"),
            ("61 * * * *", "invalid minute field"),
            ("* * 0 * *", "invalid day of month field"),
            ("* * *", "expected 5 fields, found 3"),
            ("0 0 30 2 *", "can never occur"),
            ("@sometimes", "expected 5 fields"),
            ("", "expected 5 fields"),
        ] {
            let told = fault(schedule).unwrap_or_else(|| panic!("{schedule} is taken"));
            assert!(told.contains(words), "{told}");
        }
        let nothing = Cron { command: " ".into(), schedule: "* * * * *".into(), maintenance: false, concurrency_policy: None };
        assert_eq!(nothing.fault().as_deref(), Some("has no command"));
    }

    #[test]
    fn settings_of_releases_made_before_stay_as_they_are() {
        assert_eq!(serde_json::to_string(&Declared::default()).unwrap(), "{}");
        assert_eq!(serde_json::from_str::<Declared>("{}").unwrap(), Declared::default());
    }
}
