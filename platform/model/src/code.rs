//! Why a request was not answered by the app: the codes users of Heroku know.
use std::fmt;

/// A code of the router or the runtime; the HTTP status is 503 unless [`Code::status`] says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The app trapped, exited with an error or exceeded its memory.
    H10,
    /// Too many requests wait for the app.
    H11,
    /// No first byte within the limit.
    H12,
    /// The app ended without an answer.
    H13,
    /// No byte for too long in the middle of an exchange.
    H15,
    /// The app's answer is not HTTP.
    H17,
    /// The instance could not be made.
    H20,
    /// The app ended in the middle of its answer.
    H18,
    /// The request is larger than the app takes.
    H26,
    /// The visitor left.
    H27,
    /// The visitor neither sent nor took a byte for too long.
    H28,
    /// The app is in maintenance.
    H80,
    /// The app has no release with code yet.
    H81,
    /// Our own fault.
    H99,
    /// Apps of the platform call each other without end.
    W41,
}

impl Code {
    /// All of them, in their order.
    pub const ALL: [Self; 15] = [
        Self::H10,
        Self::H11,
        Self::H12,
        Self::H13,
        Self::H15,
        Self::H17,
        Self::H20,
        Self::H18,
        Self::H26,
        Self::H27,
        Self::H28,
        Self::H80,
        Self::H81,
        Self::H99,
        Self::W41,
    ];

    /// Whether the visitor's side caused it.
    pub fn is_the_visitors(self) -> bool {
        matches!(self, Self::H26 | Self::H27 | Self::H28)
    }

    /// The words of `desc="…"` in the router's log line.
    pub fn description(self) -> &'static str {
        match self {
            Self::H10 => "App crashed",
            Self::H11 => "Backlog too deep",
            Self::H12 => "Request timeout",
            Self::H13 => "Connection closed without response",
            Self::H15 => "Idle connection",
            Self::H17 => "Poorly formatted HTTP response",
            Self::H18 => "Server Request Interrupted",
            Self::H20 => "App boot timeout",
            Self::H26 => "Request Error",
            Self::H27 => "Client Request Interrupted",
            Self::H28 => "Client Connection Idle",
            Self::H80 => "Maintenance mode",
            Self::H81 => "Blank app",
            Self::H99 => "Platform error",
            Self::W41 => "Loop detected",
        }
    }

    /// The HTTP status of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::H26 => 400,
            Self::H27 | Self::H28 => 499,
            Self::W41 => 508,
            _ => 503,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_its_own_place_in_the_list_of_all() {
        for (place, code) in Code::ALL.into_iter().enumerate() {
            assert_eq!(code as usize, place);
        }
    }
}
