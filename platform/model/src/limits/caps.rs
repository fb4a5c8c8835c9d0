//! The operator's hard caps: no app gets more, whatever it chose.
use super::{BadLimit, LIMITS, Limit, Limits, overrides::amount};
use std::str::FromStr;

/// The most that any app of this platform may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps(Limits);

impl Default for Caps {
    fn default() -> Self {
        let mut caps = Limits::default();
        for limit in &LIMITS {
            limit.set(&mut caps, limit.cap);
        }
        Self(caps)
    }
}

impl Caps {
    pub fn of(&self, limit: &Limit) -> u64 {
        limit.of(self.0)
    }
}

/// Reads `memory=512MB cpu=60s`; what is not named keeps the cap that we chose.
impl FromStr for Caps {
    type Err = BadLimit;
    fn from_str(text: &str) -> Result<Self, BadLimit> {
        let mut caps = Self::default();
        for pair in text.split_whitespace() {
            let (name, value) = pair.split_once('=').ok_or_else(|| BadLimit::Pair(pair.into()))?;
            let (limit, amount) = amount(name, value)?;
            if amount > limit.most {
                return Err(BadLimit::Impossible { name: limit.name, most: limit.show(limit.most), asked: limit.show(amount) });
            }
            limit.set(&mut caps.0, amount);
        }
        Ok(caps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_names_only_the_caps_that_differ() {
        let caps: Caps = "memory=512MB cpu=60s".parse().unwrap();
        let of = |name: &str| caps.of(Limit::named(name).unwrap());
        assert_eq!((of("memory"), of("cpu"), of("idle")), (512 << 20, 60_000, 600_000));
        assert_eq!("".parse(), Ok(Caps::default()));
    }

    #[test]
    fn a_cap_that_cannot_be_kept_or_read_is_refused() {
        for bad in ["memory", "memory=8GB", "memory=lots", "memry=1GB"] {
            assert!(bad.parse::<Caps>().is_err(), "{bad}");
        }
    }
}
