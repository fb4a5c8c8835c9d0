//! The hosts that an app may call: list, allow, deny.
use crate::app::open_app;
use crate::args::{EgressHosts, OfApp};
use crate::config::version_now;
use crate::failure::Result;
use crate::output::{self, Progress};
use paas_api_types::{Egress, EgressPatch};

pub fn list(args: &OfApp) -> Result<()> {
    let (client, app) = open_app(&args.app)?;
    let egress: Egress = client.get(&path(&app))?;
    if args.json.json {
        return output::json(&egress);
    }
    if egress.allowed.is_empty() {
        return output::line(format_args!("{app} may call no other host. To allow one, run: paas egress:allow api.example.com -a {app}"));
    }
    output::header(format_args!("{app} Egress"))?;
    egress.allowed.iter().try_for_each(output::line)
}

pub fn allow(args: &EgressHosts) -> Result<()> {
    change(args, "Allowing", &EgressPatch { allow: args.hosts.clone(), ..EgressPatch::default() })
}

pub fn deny(args: &EgressHosts) -> Result<()> {
    change(args, "Denying", &EgressPatch { deny: args.hosts.clone(), ..EgressPatch::default() })
}

/// `Allowing api.example.com and restarting ⬢ hello... done, v4`
fn change(args: &EgressHosts, doing: &str, patch: &EgressPatch) -> Result<()> {
    let (client, app) = open_app(&args.of.app)?;
    let hosts = args.hosts.iter().map(|host| output::err().green(host).to_string()).collect::<Vec<_>>().join(", ");
    let progress = Progress::start(format_args!("{doing} {hosts} and restarting {}", output::err().app(&app)));
    let egress: Egress = client.patch(&path(&app), patch)?;
    progress.done_with(output::err().green(&version_now(&client, &app)?));
    if args.of.json.json { output::json(&egress) } else { Ok(()) }
}

fn path(app: &str) -> String {
    format!("/apps/{app}/egress")
}
