//! Apps: create, list, show, destroy, open.
use crate::args::{AppArg, Create, Destroy, Json, OfApp};
use crate::client::Client;
use crate::failure::{Failure, Result};
use crate::output::{self, Progress};
use crate::{credential, git, key, session};
use paas_api_types::{App, NewApp};
use std::io::{self, IsTerminal};
use std::process::{Command, Stdio};

/// The client of a command about one app, and that app's name.
pub fn open_app(arg: &AppArg) -> Result<(Client, String)> {
    let client = Client::open()?;
    let app = match &arg.app {
        Some(app) => app.clone(),
        None => git::app_of_remotes(client.server())?,
    };
    Ok((client, app))
}

/// A name or an id; keeps everything else out of request paths. The server judges the rest.
pub fn parse_name(text: &str) -> Result<String, String> {
    let fits = !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    fits.then(|| text.to_owned()).ok_or_else(|| "an app's name has only lower case letters, digits and dashes".to_owned())
}

pub fn create(args: &Create) -> Result<()> {
    let client = Client::open()?;
    let progress = Progress::start("Creating app");
    let app: App = client.post("/apps", &NewApp { name: args.name.clone() })?;
    progress.done_with(output::err().app(&app.name));
    match args.json.json {
        true => output::json(&app)?,
        false => output::line(format_args!("{} | {}", app.web_url, app.git_url))?,
    }
    if !args.no_remote && git::in_repository() {
        add_remote(&client, &app);
    }
    Ok(())
}

/// The app exists whatever happens here, so that nothing here is a failure of `create`.
fn add_remote(client: &Client, app: &App) {
    let added = match git::url_of("paas") {
        Some(url) if url != app.git_url => Err(Failure::Refused(format!(
            "The git remote paas is {url}, and stays so. To point it at this app, run: paas git:remote -a {}",
            app.name
        ))),
        Some(_) => Ok(()),
        None => git::set_remote("paas", &app.git_url),
    };
    match added.and_then(|()| credential::install(client.server(), &app.git_url)) {
        Ok(()) => output::note("Added the git remote paas; git gets your key from `paas`. To deploy, run: git push paas main"),
        Err(failure) => output::warn(&failure.to_string()),
    }
}

pub fn list(args: &Json) -> Result<()> {
    let client = Client::open()?;
    let mut apps: Vec<App> = client.get("/apps")?;
    apps.sort_by(|a, b| a.name.cmp(&b.name));
    if args.json {
        return output::json(&apps);
    }
    match apps.first() {
        None => output::line("You have no apps. To make one, run: paas create"),
        Some(first) => {
            output::header(format_args!("{} Apps", first.owner.email))?;
            apps.iter().try_for_each(|app| output::line(output::out().text(&app.name)))
        }
    }
}

pub fn info(args: &OfApp) -> Result<()> {
    let (client, app) = open_app(&args.app)?;
    let app: App = client.get(&format!("/apps/{app}"))?;
    if args.json.json {
        return output::json(&app);
    }
    output::header(&app.name)?;
    output::write(output::pairs(facts(&app)).as_bytes())
}

fn facts(app: &App) -> Vec<(&'static str, String)> {
    let none = || "none yet".to_owned();
    vec![
        ("Web URL", app.web_url.clone()),
        ("Git URL", app.git_url.clone()),
        ("Owner", app.owner.email.clone()),
        ("Stack", app.stack.name.clone()),
        ("Release", format!("v{}", app.current_release)),
        ("Released", app.released_at.map_or_else(none, output::time)),
        ("Slug Size", app.slug_size.map_or_else(none, output::bytes)),
        ("Maintenance", if app.maintenance { "on" } else { "off" }.to_owned()),
        ("Created", output::time(app.created_at)),
    ]
}

pub fn destroy(args: &Destroy) -> Result<()> {
    // A name typed as confirmation says which app is meant better than a git remote does.
    let (client, app) = match (&args.app.app, &args.confirm) {
        (None, Some(confirmed)) => (Client::open()?, confirmed.clone()),
        _ => open_app(&args.app)?,
    };
    confirm(&app, args.confirm.as_deref())?;
    let found: App = client.get(&format!("/apps/{app}"))?;
    let progress = Progress::start(format_args!("Destroying {}", output::err().app(&app)));
    client.delete(&format!("/apps/{app}"))?;
    progress.done();
    git::forget(&found.git_url)
}

fn confirm(app: &str, confirmed: Option<&str>) -> Result<()> {
    let answer = match confirmed {
        Some(name) => name.to_owned(),
        None if io::stdin().is_terminal() => {
            output::warn(&format!("This deletes ⬢ {app} with its releases, config vars and log, for good."));
            key::question(&format!(" ▸    To go on, type {app}: "))?.trim().to_owned()
        }
        None => return Err(Failure::Refused(format!("Nothing was deleted. To delete {app} for good, add: --confirm {app}"))),
    };
    match answer == app {
        true => Ok(()),
        false => Err(Failure::Refused(format!("Confirmation '{answer}' did not match {app}. Nothing was deleted."))),
    }
}

pub fn open(args: &AppArg) -> Result<()> {
    let (client, app) = open_app(args)?;
    let app: App = client.get(&format!("/apps/{app}"))?;
    if browse(&app.web_url) {
        output::note(format_args!("Opening {}", app.web_url));
        return Ok(());
    }
    output::line(&app.web_url)
}

/// False when there is no browser to open it in.
fn browse(url: &str) -> bool {
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return false; // the address came from the server: no file:, no other program's scheme
    }
    let desktop = ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"].iter().any(|name| session::variable(name).is_some());
    let opener = match cfg!(target_os = "macos") {
        true => "open",
        false if desktop => "xdg-open",
        false => return false,
    };
    let quiet = Command::new(opener).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::parse_name;

    #[test]
    fn a_name_cannot_leave_its_place_in_a_path() {
        assert!(parse_name("hello-2").is_ok());
        for wrong in ["", "../account", "a/b", "A", "a?b"] {
            assert!(parse_name(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
