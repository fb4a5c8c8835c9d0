//! Which updates of refs a push may ask for.
use crate::{ReceiverError, Rejected, Update, repository::Objects};
use git2::{ErrorCode, ObjectType, Oid, Reference, Repository};

/// The refs whose update deploys.
const DEPLOYING: [&str; 2] = ["refs/heads/main", "refs/heads/master"];

/// Why a push is refused before its judge sees it.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The developer acts.
    Rules(String),
    /// We act; it is logged where it is turned into words.
    Fault(ReceiverError),
}

impl Refusal {
    pub fn into_rejected(self) -> Rejected {
        match self {
            Self::Rules(text) => Rejected(text),
            Self::Fault(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "checking a push failed");
                Rejected("The push could not be checked. This is a fault of the platform: push again in a moment.".into())
            }
        }
    }
}

impl From<git2::Error> for Refusal {
    fn from(error: git2::Error) -> Self {
        Self::Fault(ReceiverError::repository("checking a push")(error))
    }
}

/// A push that keeps the rules.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The update of `main` or `master`, if there is one.
    pub deploying: Option<Update>,
    /// What the developer should know though the push is accepted.
    pub notes: Vec<String>,
}

pub(crate) fn check(objects: &Objects, updates: &[Update]) -> Result<Checked, Refusal> {
    updates.iter().try_for_each(check_name)?;
    updates.iter().try_for_each(check_deletion)?;
    let deploying = only_deploying(updates)?.cloned();
    check_current(objects, updates)?;
    let repository = objects.open()?;
    for update in updates {
        check_history(&repository, update)?;
    }
    if let Some(update) = &deploying {
        check_commit(&repository, update)?;
    }
    Ok(Checked { notes: skipped(updates), deploying })
}

/// Refuses if a ref is no longer where the client saw it.
pub(crate) fn check_current(objects: &Objects, updates: &[Update]) -> Result<(), Refusal> {
    let repository = objects.open()?;
    for update in updates {
        let now = match repository.refname_to_id(&update.name) {
            Ok(id) => Some(id.to_string()),
            Err(error) if error.code() == ErrorCode::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        if now != update.old {
            let name = short(&update.name);
            return Err(Refusal::Rules(format!("Another push moved {name} in the meantime. Run git fetch, merge, and push again.")));
        }
    }
    Ok(())
}

fn check_name(update: &Update) -> Result<(), Refusal> {
    let known = update.name.starts_with("refs/heads/") || update.name.starts_with("refs/tags/");
    if known && Reference::is_valid_name(&update.name) {
        return Ok(());
    }
    let name = update.name.escape_debug();
    Err(Refusal::Rules(format!("{name} is neither a branch nor a tag. Push to refs/heads/main to deploy.")))
}

fn check_deletion(update: &Update) -> Result<(), Refusal> {
    if update.new.is_some() || !DEPLOYING.contains(&update.name.as_str()) {
        return Ok(());
    }
    let name = short(&update.name);
    Err(Refusal::Rules(format!("{name} is what the app runs and cannot be deleted. To remove the app, run paas apps:destroy.")))
}

fn only_deploying(updates: &[Update]) -> Result<Option<&Update>, Refusal> {
    let mut deploying = updates.iter().filter(|update| DEPLOYING.contains(&update.name.as_str()));
    match (deploying.next(), deploying.next()) {
        (Some(_), Some(_)) => Err(Refusal::Rules("main and master both deploy. Push only one of them.".into())),
        (one, _) => Ok(one),
    }
}

/// git itself refuses commits without their history only after the hook, which is after the build.
fn check_history(repository: &Repository, update: &Update) -> Result<(), Refusal> {
    let Some(new) = &update.new else { return Ok(()) };
    let object = repository.find_object(Oid::from_str(new)?, None)?;
    let Ok(commit) = object.peel_to_commit() else { return Ok(()) };
    match walk_new_commits(repository, commit.id()) {
        Ok(()) => Ok(()),
        Err(error) if error.code() == ErrorCode::NotFound => {
            Err(Refusal::Rules("This push comes from a shallow clone, which lacks older commits. Run git fetch --unshallow, then push again.".into()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Fails with `NotFound` if a commit is missing between the pushed one and those that are already here.
fn walk_new_commits(repository: &Repository, tip: Oid) -> Result<(), git2::Error> {
    let mut walk = repository.revwalk()?;
    walk.push(tip)?;
    for reference in repository.references()? {
        if let Ok(here) = reference?.peel_to_commit() {
            walk.hide(here.id())?;
        }
    }
    walk.try_for_each(|id| id.map(drop))
}

fn check_commit(repository: &Repository, update: &Update) -> Result<(), Refusal> {
    let Some(new) = &update.new else { return Ok(()) };
    if repository.odb()?.read_header(Oid::from_str(new)?)?.1 == ObjectType::Commit {
        return Ok(());
    }
    let name = short(&update.name);
    Err(Refusal::Rules(format!("{name} can only be set to a commit. To deploy a tag, push its commit: git push paas 'TAG^{{commit}}:{name}'.")))
}

/// Says that a pushed branch or tag doesn't deploy.
fn skipped(updates: &[Update]) -> Vec<String> {
    let pushed = updates.iter().filter(|update| update.new.is_some() && !DEPLOYING.contains(&update.name.as_str()));
    let names: Vec<&str> = pushed.map(|update| short(&update.name)).collect();
    match names.as_slice() {
        [] => Vec::new(),
        [first, rest @ ..] => {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            vec![format!("Pushed to {first}{more}, skipping build. Only main and master deploy.")]
        }
    }
}

fn short(name: &str) -> &str {
    name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/tags/")).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(name: &str, new: Option<&str>) -> Update {
        Update { old: None, new: new.map(String::from), name: name.into() }
    }

    #[test]
    fn only_branches_and_tags_are_known() {
        assert!(check_name(&update("refs/heads/a/b", None)).is_ok());
        assert!(check_name(&update("refs/tags/v1", None)).is_ok());
        for name in ["refs/notes/x", "HEAD", "main", "refs/heads/../x", "refs/heads/", "refs/heads/a b", "refs/heads/a\u{1b}[1m"] {
            assert!(check_name(&update(name, None)).is_err(), "{name:?}");
        }
    }

    #[test]
    fn main_and_master_stay_and_only_one_of_them_is_pushed() {
        assert!(check_deletion(&update("refs/heads/main", None)).is_err());
        assert!(check_deletion(&update("refs/heads/other", None)).is_ok());
        let both = [update("refs/heads/main", Some("1")), update("refs/heads/master", Some("1"))];
        assert!(only_deploying(&both).is_err());
        assert_eq!(only_deploying(&both[1..]).unwrap(), Some(&both[1]));
    }

    #[test]
    fn a_note_names_what_does_not_deploy() {
        let pushed = [update("refs/heads/main", Some("1")), update("refs/heads/dev", Some("1")), update("refs/tags/v1", Some("1"))];
        assert_eq!(skipped(&pushed), ["Pushed to dev and 1 more, skipping build. Only main and master deploy."]);
        assert!(skipped(&pushed[..1]).is_empty());
    }
}
