//! What the server's machine gives the platform, and what it lacks.
use crate::args::Json;
use crate::client::Client;
use crate::failure::{Failure, Result};
use crate::output;
use paas_api_types::Check;

/// Fails when a check did, so that scripts can ask.
pub fn show(args: &Json) -> Result<()> {
    let client = Client::open()?;
    let checks: Vec<Check> = client.get("/doctor")?;
    match args.json {
        true => output::json(&checks)?,
        false => {
            output::header(format_args!("{} Health", client.server()))?;
            let rows: Vec<_> = checks.iter().map(row).collect();
            output::write(output::table(&rows).as_bytes())?;
        }
    }
    match checks.iter().any(|check| check.status == "failed") {
        true => Err(Failure::Refused("Something does not work. The lines above say what to do.".into())),
        false => Ok(()),
    }
}

fn row(check: &Check) -> Vec<output::Text> {
    let paint = output::out();
    let status = match check.status.as_str() {
        "ok" => paint.green("ok"),
        "warning" => paint.yellow("warning"),
        other => paint.red(other),
    };
    vec![status, paint.text(&check.name), paint.text(&check.detail)]
}
