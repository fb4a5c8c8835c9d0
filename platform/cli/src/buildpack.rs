//! Buildpacks: list, set, add, remove, clear.
use crate::app::open_app;
use crate::args::{BuildpackChange, BuildpackRemove, OfApp};
use crate::client::Client;
use crate::failure::{Failure, Result};
use crate::output;
use paas_api_types::{BuildpackInstallation, BuildpackInstallations, BuildpackUpdate};

pub fn list(args: &OfApp) -> Result<()> {
    let (client, app) = open_app(&args.app)?;
    let installed = installed(&client, &app)?;
    if args.json.json {
        return output::json(&installed);
    }
    if installed.is_empty() {
        return output::line(format_args!("{app} has no buildpacks set: each push finds the one that fits its source."));
    }
    output::header(format_args!("{app} Buildpacks"))?;
    print(&names(&installed))
}

/// Puts a buildpack in a place: the first, unless said otherwise.
pub fn set(args: &BuildpackChange) -> Result<()> {
    change(&args.of, |names| {
        let place = args.index.unwrap_or(1) as usize - 1;
        refuse_twice(names, &args.buildpack)?;
        match names.get_mut(place) {
            Some(name) => *name = args.buildpack.clone(),
            None => names.push(args.buildpack.clone()),
        }
        Ok(())
    })
}

/// Adds a buildpack: at the end, unless said otherwise.
pub fn add(args: &BuildpackChange) -> Result<()> {
    change(&args.of, |names| {
        refuse_twice(names, &args.buildpack)?;
        let place = args.index.map_or(names.len(), |index| (index as usize - 1).min(names.len()));
        names.insert(place, args.buildpack.clone());
        Ok(())
    })
}

pub fn remove(args: &BuildpackRemove) -> Result<()> {
    change(&args.of, |names| match names.iter().position(|name| *name == args.buildpack) {
        Some(place) => {
            names.remove(place);
            Ok(())
        }
        None => Err(Failure::NotFound(format!("{} is not among the app's buildpacks. To see them, run: paas buildpacks", args.buildpack))),
    })
}

pub fn clear(args: &OfApp) -> Result<()> {
    change(args, |names| {
        names.clear();
        Ok(())
    })
}

fn refuse_twice(names: &[String], name: &str) -> Result<()> {
    match names.iter().any(|known| known == name) {
        true => Err(Failure::Usage(format!("The buildpack {name} is already set."))),
        false => Ok(()),
    }
}

fn change(of: &OfApp, edit: impl FnOnce(&mut Vec<String>) -> Result<()>) -> Result<()> {
    let (client, app) = open_app(&of.app)?;
    let mut wanted = names(&installed(&client, &app)?);
    edit(&mut wanted)?;
    let updates = wanted.into_iter().map(|buildpack| BuildpackUpdate { buildpack }).collect();
    let installed: Vec<BuildpackInstallation> = client.put(&path(&app), &BuildpackInstallations { updates })?;
    if of.json.json {
        return output::json(&installed);
    }
    let names = names(&installed);
    match names.as_slice() {
        [] => output::line(format_args!("Buildpacks cleared. The next push to {app} finds the one that fits its source.")),
        [one] => output::line(format_args!("Buildpack set. The next push to {app} will use {one}.\nTo make it, run: git push paas main")),
        many => {
            output::line(format_args!("Buildpacks set. The next push to {app} will use:"))?;
            print(many)?;
            output::line("To make it, run: git push paas main")
        }
    }
}

fn print(names: &[String]) -> Result<()> {
    (1..).zip(names).try_for_each(|(place, name): (u32, _)| output::line(format_args!("  {place}. {name}")))
}

fn installed(client: &Client, app: &str) -> Result<Vec<BuildpackInstallation>> {
    client.get(&path(app))
}

fn names(installed: &[BuildpackInstallation]) -> Vec<String> {
    installed.iter().map(|installation| installation.buildpack.url.clone()).collect()
}

fn path(app: &str) -> String {
    format!("/apps/{app}/buildpack-installations")
}
