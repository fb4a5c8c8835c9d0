//! The committed report.
use crate::{
    cold::{Cold, Figure},
    goals::GOALS,
    load, machine,
    requests::Measured,
    subject::{Sample, median},
};
use std::fmt::Write;

pub fn text(measured: &[Measured], missing: &[String], profiles: &[(String, String)], cold: &[Cold]) -> String {
    let mut text = head(measured);
    table(&mut text, measured).expect("a string can be written");
    goals(&mut text, measured).expect("a string can be written");
    colds(&mut text, cold).expect("a string can be written");
    for (name, lines) in profiles {
        write!(text, "\n## Where the time goes: {name}\n\nShare of processor time, by function, kernel included.\n\n```\n{lines}\n```\n")
            .expect("a string can be written");
    }
    if !missing.is_empty() {
        write!(text, "\n## Not measured\n\n").expect("a string can be written");
        missing.iter().for_each(|line| writeln!(text, "- {line}").expect("a string can be written"));
    }
    text
}

/// The part on cold starts alone.
pub fn cold(cold: &[Cold]) -> String {
    let mut text = machine::describe_ours();
    colds(&mut text, cold).expect("a string can be written");
    text
}

fn head(measured: &[Measured]) -> String {
    let rounds = measured.first().map_or(0, |one| one.samples.len());
    format!(
        "# What a request costs\n\nMade by `make bench`; README.md says what is measured and how. {rounds} rounds, in each of which every subject has its turn; the table \
         shows the middle of the rounds. The load is wrk with {} threads and {} kept connections, on the same cores as the servers, so what a server leaves \
         unused the load takes. Every answer is the same fourteen bytes. paasd routes by Host, limits each instance, writes the request's log line and counts it.\n\n{}",
        load::THREADS,
        load::CONNECTIONS,
        machine::describe()
    )
}

fn table(text: &mut String, measured: &[Measured]) -> std::fmt::Result {
    writeln!(text, "\n| server | req/s | p50 ms | p99 ms | CPU µs a request | PSS MiB | |\n|---|---|---|---|---|---|---|")?;
    for Measured { subject, samples } in measured {
        let middle = |value: fn(&Sample) -> f64| median(samples.iter().map(value));
        let failures: u64 = samples.iter().map(|sample| sample.failures).sum();
        let failed = if failures > 0 { format!(" **{failures} failed**") } else { String::new() };
        writeln!(
            text,
            "| {} | {:.0} | {:.2} | {:.2} | {:.1} | {:.0} | {}{failed} |",
            subject.name,
            middle(|sample| sample.per_second),
            middle(|sample| sample.p50_ms),
            middle(|sample| sample.p99_ms),
            middle(|sample| sample.cpu_us),
            middle(|sample| sample.pss_mib),
            subject.about
        )?;
    }
    Ok(())
}

fn goals(text: &mut String, measured: &[Measured]) -> std::fmt::Result {
    writeln!(text, "\n## Against the goals\n\nEach ratio is the middle of the rounds' ratios.\n\n| goal | measured | |\n|---|---|---|")?;
    let samples = |name: &str| measured.iter().find(|one| one.subject.name == name).map(|one| &one.samples[..]);
    for goal in &GOALS {
        match goal.reached(samples) {
            None => writeln!(text, "| {} | – | not measured |", goal.text())?,
            Some(ratio) if goal.is_met(ratio) => writeln!(text, "| {} | {ratio:.2} | met |", goal.text())?,
            Some(ratio) => writeln!(text, "| {} | {ratio:.2} | missed by {:.0} % |", goal.text(), ((ratio / goal.bound) - 1.0).abs() * 100.0)?,
        }
    }
    Ok(())
}

fn colds(text: &mut String, cold: &[Cold]) -> std::fmt::Result {
    writeln!(
        text,
        "\n## Cold starts\n\nIn each round the platform starts anew, and each app is asked once; the table shows the middle of the rounds. In process: from the request's head to the \
         answer's last byte, by the router's account.\n\n\
         | apps | where | p50 ms | p99 ms | p99 of the rounds, least to most | of that instantiate, p50 | goal p99 |\n|---|---|---|---|---|---|---|"
    )?;
    for one in cold {
        for (place, figure, made) in [("client", &one.client, "–".into()), ("in process", &one.process, format!("{:.2}", one.instantiate_p50_ms))] {
            let (name, Figure { p50_ms, p99_ms, p99_range_ms: [least, most], goal_ms }) = (one.name, figure);
            let verdict = if p99_ms < goal_ms { "met".into() } else { format!("missed by {:.0} %", (p99_ms / goal_ms - 1.0) * 100.0) };
            writeln!(
                text,
                "| {} × {name} | {place} | {p50_ms:.2} | {p99_ms:.2} | {least:.2} – {most:.2} | {made} | < {goal_ms} ms: {verdict} |",
                one.apps
            )?;
        }
    }
    Ok(())
}
