//! Amounts as people write them: `256MB`, `10s`, `200`.

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Bytes,
    Milliseconds,
    Count,
}

/// Suffix and size, largest first. A kilobyte has 1,024 bytes.
const BYTES: [(&str, u64); 4] = [("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10), ("B", 1)];
const MILLISECONDS: [(&str, u64); 3] = [("m", 60_000), ("s", 1_000), ("ms", 1)];
const COUNT: [(&str, u64); 1] = [("", 1)];

impl Unit {
    fn suffixes(self) -> &'static [(&'static str, u64)] {
        match self {
            Self::Bytes => &BYTES,
            Self::Milliseconds => &MILLISECONDS,
            Self::Count => &COUNT,
        }
    }

    /// Reads a whole number with a suffix in either case; `None` if it is none, or too large.
    pub fn parse(self, text: &str) -> Option<u64> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, suffix) = text.split_at(digits);
        let (_, size) = self.suffixes().iter().find(|(known, _)| known.eq_ignore_ascii_case(suffix))?;
        number.parse::<u64>().ok()?.checked_mul(*size)
    }

    /// In the largest suffix that shows it exactly.
    pub fn show(self, amount: u64) -> String {
        let fits = |(_, size): &&(&str, u64)| amount.is_multiple_of(*size) && amount >= *size;
        let (suffix, size) = self.suffixes().iter().find(fits).copied().unwrap_or(("", 1));
        format!("{}{suffix}", amount / size)
    }

    /// How an amount is written, for who wrote it otherwise.
    pub fn form(self) -> &'static str {
        match self {
            Self::Bytes => "a size such as 512KB, 256MB or 1GB",
            Self::Milliseconds => "a time such as 500ms, 10s or 2m",
            Self::Count => "a whole number such as 200",
        }
    }

    /// The name of the plain number's unit.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Milliseconds => "ms",
            Self::Count => "count",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them_and_shown_the_same_way() {
        for (unit, text, amount) in [
            (Unit::Bytes, "256MB", 256 << 20),
            (Unit::Bytes, "1GB", 1 << 30),
            (Unit::Bytes, "1000B", 1000),
            (Unit::Milliseconds, "10s", 10_000),
            (Unit::Milliseconds, "1500ms", 1500),
            (Unit::Milliseconds, "2m", 120_000),
            (Unit::Count, "200", 200),
        ] {
            assert_eq!((unit.parse(text), unit.show(amount)), (Some(amount), text.into()));
        }
        assert_eq!(Unit::Bytes.parse("64mb"), Some(64 << 20));
        assert_eq!(Unit::Bytes.show(0), "0");
    }

    #[test]
    fn what_is_no_amount_is_not_read() {
        for text in ["", "MB", "1", "1.5GB", "-1MB", "1 MB", "+1MB", "99999999999999GB", "1TB"] {
            assert_eq!(Unit::Bytes.parse(text), None, "{text:?}");
        }
        assert_eq!((Unit::Count.parse("1s"), Unit::Milliseconds.parse("10")), (None, None));
    }
}
