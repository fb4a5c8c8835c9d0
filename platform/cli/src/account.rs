//! Logging in and out.
use crate::args::{Json, Login};
use crate::client::Client;
use crate::failure::Result;
use crate::key;
use crate::origin::Origin;
use crate::output::{self, Progress};
use crate::session::{self, Session};
use paas_api_types::Account;
use std::io::{self, IsTerminal};

/// Checks the key with the server before it is stored.
pub fn login(args: &Login) -> Result<()> {
    let server = server(args)?;
    let key = key::find(&server, args.key_file.as_deref())?;
    if server.is_open_to_listeners() {
        output::warn(&format!("{server} is not encrypted: others on the way can read the key."));
    }
    let progress = Progress::start(format_args!("Logging in to {server}"));
    let account: Account = Client::of(Session::with_key(server.clone(), key.clone())).get("/account")?;
    let path = Session::with_key(server, key).remember(&account.email)?;
    progress.done();
    output::note(format_args!("The key is kept in {}", path.display()));
    output::line(format_args!("Logged in as {}", output::out().green(&account.email)))
}

fn server(args: &Login) -> Result<Origin> {
    if let Some(given) = &args.server {
        return Origin::of_server(given);
    }
    let current = Session::current()?.server;
    let named = session::variable("PAAS_URL").is_some() || args.key_file.is_some();
    let settled = named || !io::stdin().is_terminal() || (current.is_loopback() && key::admin_is_readable());
    if settled { Ok(current) } else { key::ask_server(&current) }
}

pub fn logout() -> Result<()> {
    let session = Session::current()?;
    match session.forget()? {
        true => output::line(format_args!("Logged out of {}", session.server))?,
        false => output::line(format_args!("You were not logged in to {}", session.server))?,
    }
    if session::variable("PAAS_API_KEY").is_some() {
        output::warn("PAAS_API_KEY is still set. To stop using it, run: unset PAAS_API_KEY");
    }
    Ok(())
}

pub fn whoami(args: &Json) -> Result<()> {
    let account: Account = Client::open()?.get("/account")?;
    if args.json {
        return output::json(&account);
    }
    output::line(output::out().text(&account.email))
}
