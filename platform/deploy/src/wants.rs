//! What a source asks of the app that it is pushed to: its place in the repository, and the config vars and hosts of its app.json.
use crate::{
    deploy::Deploy,
    error::{DeployError, Result},
    push::of_builder,
};
use paas_builder::{PROJECT_PATH, Workspace};
use paas_model::{App, AppJson, AppName, Asked, ConfigVars, Declared, Egress, Launch, Settings, output::Output};
use rand::{TryRng, rngs::SysRng};
use std::collections::BTreeMap;

/// The vars of a push, and the hosts.
pub(crate) struct Vars {
    /// What the app will have when the push succeeds.
    pub all: ConfigVars,
    /// What of that is new.
    pub additions: ConfigVars,
    /// What app.json asks for: hosts, a formation, and commands at times.
    pub asked: Asked,
}

impl Deploy {
    /// Enters the app's folder and reads its app.json; a required var that is not set ends the push.
    pub(crate) async fn wants(&self, app: &App, workspace: &Workspace, output: &Output) -> Result<Vars> {
        let (_, vars) = self.store.config_vars(app.id).await?;
        if let Some(folder) = vars.0.get(PROJECT_PATH) {
            workspace.enter(folder).map_err(of_builder)?;
            output.step(format!("Using the folder {folder} ({PROJECT_PATH})"));
        }
        let wants = self.builder.app_json(workspace).map_err(of_builder)?;
        refuse_missing(&wants, &vars, app)?;
        let additions = wants.additions(&vars, secret);
        let all = vars.patched(&additions.0.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect());
        let all = all.map_err(|bad| DeployError::Refused(format!("The config vars of app.json cannot be set: {bad}")))?;
        if !additions.0.is_empty() {
            let keys: Vec<&str> = additions.0.keys().map(String::as_str).collect();
            output.step(format!("Config vars from app.json: {}", keys.join(", ")));
        }
        let egress = Egress::default().with(wants.egress).map_err(|bad| DeployError::Refused(format!("app.json: {bad}")))?;
        let declared = Declared { formation: wants.formation, cron: wants.cron, ..Declared::default() };
        let asked = Asked { egress, declared };
        tell_hosts(&self.current(app).await?.settings, &asked, &app.name, output);
        tell_declared(&asked.declared, output);
        Ok(Vars { all, additions, asked })
    }
}

impl Vars {
    /// The hosts that the components of a slug ask for, too.
    pub(crate) fn allow(&mut self, processes: &BTreeMap<String, Launch>) -> Result<()> {
        let Some(Launch::Components(components)) = processes.get("web") else { return Ok(()) };
        let egress = std::mem::take(&mut self.asked.egress).with(components.egress());
        self.asked.egress = egress.map_err(|bad| DeployError::Refused(format!("spin.toml: {bad}")))?;
        Ok(())
    }
}

/// What the push means for the hosts that the app may call.
fn tell_hosts(now: &Settings, asked: &Asked, app: &AppName, output: &Output) {
    let then = now.clone().deployed(asked.clone()).egress;
    let (allowed, denied) = asked.egress.0.iter().cloned().partition(|rule| then.0.contains(rule));
    let (allowed, denied) = (Egress(allowed), Egress(denied));
    if !allowed.is_empty() {
        output.step(format!("Allowed by app.json to call: {allowed}"));
    }
    if !denied.is_empty() {
        let again = denied.hosts().join(" ");
        output.warning(format!(
            "app.json asks for {denied}, which `paas egress:deny` has denied. To allow it again: paas egress:allow {again} -a {app}"
        ));
    }
}

fn tell_declared(declared: &Declared, output: &Output) {
    if !declared.formation.is_empty() {
        let types: Vec<String> = declared.formation.iter().map(|(name, wish)| format!("{name}={wish}")).collect();
        output.step(format!("Formation from app.json (recorded): {}", types.join(" ")));
    }
    if !declared.cron.is_empty() {
        output.step("Cron from app.json (recorded; not run yet)");
        for cron in &declared.cron {
            output.detail(format!("{}  {}", cron.schedule, cron.command.escape_debug()));
        }
    }
}

fn refuse_missing(wants: &AppJson, vars: &ConfigVars, app: &App) -> Result<()> {
    let missing = wants.missing(vars);
    if missing.is_empty() {
        return Ok(());
    }
    let mut text = String::from("app.json requires config vars that are not set:\n");
    for (key, description) in &missing {
        text += &if description.is_empty() { format!("  {key}\n") } else { format!("  {key}: {description}\n") };
    }
    let example: Vec<String> = missing.iter().map(|(key, _)| format!("{key}=…")).collect();
    Err(DeployError::Refused(format!("{text}Set them with `paas config:set {} -a {}`, and push again.", example.join(" "), app.name)))
}

/// 256 random bits, as Heroku's generator makes them: 64 hex digits.
fn secret() -> String {
    let mut bytes = [0u8; 32];
    SysRng.try_fill_bytes(&mut bytes).expect("the system has a random generator");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
