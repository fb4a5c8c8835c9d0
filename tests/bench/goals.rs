//! What the figures are held against: ratios of two subjects in the same round.
use crate::subject::{Sample, median};

pub struct Goal {
    pub of: &'static str,
    pub to: &'static str,
    pub measure: Measure,
    pub bound: f64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Requests a second: at least `bound` times.
    Rate,
    /// Processor time a request: at most `bound` times.
    Cpu,
}

use Measure::{Cpu, Rate};

pub const GOALS: [Goal; 9] = [
    Goal { of: "paasd, tiny", to: "bare hyper", measure: Rate, bound: 0.5 },
    Goal { of: "paasd, tiny", to: "wasmtime serve, tiny", measure: Rate, bound: 3.0 },
    Goal { of: "paasd, tiny", to: "wasmtime serve, tiny, tuned", measure: Rate, bound: 1.5 },
    Goal { of: "paasd, tiny", to: "workerd", measure: Rate, bound: 2.5 },
    Goal { of: "paasd, JavaScript", to: "wasmtime serve, JavaScript", measure: Rate, bound: 5.0 },
    Goal { of: "paasd, JavaScript", to: "nginx → Node, new connections", measure: Rate, bound: 1.0 },
    Goal { of: "paasd, Python, reuse", to: "gunicorn", measure: Rate, bound: 1.5 },
    Goal { of: "paasd, tiny, many apps", to: "paasd, tiny", measure: Rate, bound: 0.8 },
    Goal { of: "paasd, tiny", to: "bare hyper", measure: Cpu, bound: 2.5 },
];

impl Goal {
    /// The middle of the rounds' ratios; `None` when one of the two was not measured.
    pub fn reached<'a>(&self, samples: impl Fn(&str) -> Option<&'a [Sample]>) -> Option<f64> {
        let value = |sample: &Sample| if self.measure == Rate { sample.per_second } else { sample.cpu_us };
        let (of, to) = (samples(self.of)?, samples(self.to)?);
        Some(median(of.iter().zip(to).map(|(of, to)| value(of) / value(to))))
    }

    pub fn is_met(&self, ratio: f64) -> bool {
        if self.measure == Rate { ratio >= self.bound } else { ratio <= self.bound }
    }

    pub fn text(&self) -> String {
        let (measure, sign) = if self.measure == Rate { ("req/s", "≥") } else { ("CPU a request", "≤") };
        format!("{}: {measure} {sign} {} × {}", self.of, self.bound, self.to)
    }
}
