//! The committed report on pushes.
use crate::{
    machine,
    pushes::{Push, Told},
    subject::median,
};
use std::fmt::{Result, Write};

/// In the order of a push. What is left is git, the app's lock, Postgres and the wait until the release answers.
const PHASES: [&str; 10] = ["checkout", "detect", "toolchain", "fetch", "build", "assets", "store", "compile", "boot", "release"];

pub fn text(told: &[Told], missing: &[String]) -> String {
    let mut text = format!(
        "# What a push takes\n\nMade by `make bench-pushes`; README.md says what is measured and how. Seconds, by the developer's clock. *First*: an app's first push, on a node that has \
         the language's toolchain, and has compiled another app with the same libraries. *Again*: after a change of one line, the middle of {}, with the least and the most. *Config*: `paas config:set`, until the app has answered with it. \
         *Rollback*: `paas rollback`, likewise.\n\n{}",
        told.first().map_or(0, |one| one.again.len()),
        machine::describe_ours()
    );
    table(&mut text, told).expect("a string can be written");
    phases(&mut text, told).expect("a string can be written");
    toolchains(&mut text, told).expect("a string can be written");
    if !missing.is_empty() {
        write!(text, "\n## Not measured\n\n").expect("a string can be written");
        missing.iter().for_each(|line| writeln!(text, "- {line}").expect("a string can be written"));
    }
    text
}

fn table(text: &mut String, told: &[Told]) -> Result {
    writeln!(text, "\n| app | first | again | goal | | config | goal | | rollback |\n|---|---|---|---|---|---|---|---|---|")?;
    for one in told {
        let again: Vec<f64> = one.again.iter().map(|push| push.seconds).collect();
        let (middle, config) = (median(again.clone()), median(one.config.clone()));
        let (least, most) = (again.iter().copied().fold(f64::INFINITY, f64::min), again.iter().copied().fold(0.0, f64::max));
        writeln!(
            text,
            "| {} (`{}`) | {:.2} | {middle:.2} ({least:.2}–{most:.2}) | {} | {} | {} | {} | {} | {:.2} |",
            one.sample.language,
            one.sample.name,
            one.first.seconds,
            bound(one.sample.goal),
            verdict(middle, one.sample.goal),
            if one.config.is_empty() { "–".into() } else { format!("{config:.2}") },
            bound(one.sample.config_goal),
            verdict(config, one.sample.config_goal),
            median(one.rollback.clone())
        )?;
    }
    Ok(())
}

fn bound(goal: Option<f64>) -> String {
    goal.map_or_else(|| "–".into(), |goal| format!("< {goal}"))
}

fn verdict(seconds: f64, goal: Option<f64>) -> String {
    match goal {
        None => String::new(),
        Some(goal) if seconds < goal => "met".into(),
        Some(goal) => format!("missed by {:.0} %", (seconds / goal - 1.0) * 100.0),
    }
}

fn phases(text: &mut String, told: &[Told]) -> Result {
    writeln!(
        text,
        "\n## Phase by phase\n\nAs the push prints them and `paas builds:info` keeps them. *Rest*: git, the app's lock, the database, and the wait until the release answers.\n"
    )?;
    writeln!(text, "| app | | {} | rest |\n|---|---|{}---|", PHASES.join(" | "), "---|".repeat(PHASES.len()))?;
    for one in told {
        line(text, one.sample.language, "first", &[&one.first])?;
        line(text, "", "again", &one.again.iter().collect::<Vec<_>>())?;
    }
    Ok(())
}

/// The middle of each phase, over pushes of the same kind.
fn line(text: &mut String, app: &str, kind: &str, pushes: &[&Push]) -> Result {
    let of = |push: &Push, name: &str| push.phases.iter().find(|(phase, _)| phase == name).map_or(0.0, |(_, took)| *took);
    let cells = PHASES.map(|name| match median(pushes.iter().map(|push| of(push, name))) {
        0.0 => String::new(),
        took => format!("{took:.2}"),
    });
    let rest = median(pushes.iter().map(|push| push.seconds - push.phases.iter().map(|(_, took)| took).sum::<f64>()));
    writeln!(text, "| {app} | {kind} | {} | {rest:.2} |", cells.join(" | "))
}

fn toolchains(text: &mut String, told: &[Told]) -> Result {
    let fetched: Vec<(&str, &Push)> = told.iter().filter_map(|one| Some((one.sample.language, one.toolchain.as_ref()?))).collect();
    if fetched.is_empty() {
        return Ok(());
    }
    writeln!(
        text,
        "\n## Once on a node\n\nThe first push of a language fetches its toolchain, and compiles its engine.\n\n| app | push | of that, toolchain | engine |\n|---|---|---|---|"
    )?;
    for (language, push) in fetched {
        let of = |name: &str| push.phases.iter().find(|(phase, _)| phase == name).map_or(0.0, |(_, took)| *took);
        writeln!(text, "| {language} | {:.1} | {:.1} | {:.1} |", push.seconds, of("toolchain"), of("compile"))?;
    }
    Ok(())
}
