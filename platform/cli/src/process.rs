//! Process types: what answers, and what the source declares beside it.
use crate::app::open_app;
use crate::args::OfApp;
use crate::failure::Result;
use crate::output;
use crate::release::newest;
use paas_api_types::{Cron, DeclaredFormation, Dyno, Formation};

/// As many releases as may have been made by others while we looked.
const WINDOW: u32 = 200;

pub fn list(args: &OfApp) -> Result<()> {
    let (client, app) = open_app(&args.app)?;
    let formation: Vec<Formation> = client.get(&format!("/apps/{app}/formation"))?;
    if args.json.json {
        return output::json(&formation);
    }
    if formation.is_empty() {
        return output::line(format_args!("No processes on ⬢ {app}. To deploy, run: git push paas main"));
    }
    let dynos: Vec<Dyno> = client.get(&format!("/apps/{app}/dynos"))?;
    for of_type in &formation {
        show(of_type, &dynos)?;
    }
    let releases = newest(&client, &app, WINDOW)?;
    let cron = releases.into_iter().find(|release| release.current).map(|release| release.cron).unwrap_or_default();
    show_cron(&cron)
}

/// `=== web (Instance): hello.wasm (1)`, and below it what runs.
fn show(of_type: &Formation, dynos: &[Dyno]) -> Result<()> {
    let Formation { process_type, command, quantity, size, declared, .. } = of_type;
    let size = if *quantity == 0 { "recorded; not run yet" } else { size };
    output::header(format_args!("{process_type} ({size}): {command} ({quantity})"))?;
    for dyno in dynos.iter().filter(|dyno| dyno.process_type == *process_type) {
        let paint = output::out();
        output::line(format_args!("{}: {} {}", paint.text(&dyno.name), paint.green(&dyno.state), output::time(dyno.updated_at)))?;
    }
    if let Some(wish) = declared {
        output::line(format_args!("app.json asks for {}", output::out().text(&words(wish))))?;
    }
    output::line("")
}

fn words(wish: &DeclaredFormation) -> String {
    let quantity = wish.quantity.unwrap_or(1);
    wish.size.as_ref().map_or_else(|| quantity.to_string(), |size| format!("{quantity} of size {size}"))
}

fn show_cron(cron: &[Cron]) -> Result<()> {
    if cron.is_empty() {
        return Ok(());
    }
    output::header("Cron (recorded; not run yet)")?;
    let paint = output::out();
    let rows: Vec<_> = cron.iter().map(|cron| vec![paint.text(&cron.schedule), paint.text(&cron.command)]).collect();
    output::write(output::table(&rows).as_bytes())
}
