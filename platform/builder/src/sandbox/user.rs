//! Who builds run as.
use nix::unistd::{Uid, User};

/// A user of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

/// Owns nothing and runs nothing else.
const OWN: &str = "paas-build";
/// What many machines share among services that need no rights.
pub const NOBODY: &str = "nobody";

impl Identity {
    fn of(name: &str) -> Option<Self> {
        let user = User::from_name(name).ok().flatten()?;
        let identity = Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw() };
        (identity.uid != 0).then_some(identity)
    }

    /// The wanted user, else `paas-build`, which the setup adds, else `nobody`; `None` if paasd is not root and so cannot become anyone else.
    pub fn choose(wanted: Option<&str>) -> Option<Self> {
        if !Uid::effective().is_root() {
            return None;
        }
        wanted.and_then(Self::of).or_else(|| Self::of(OWN)).or_else(|| Self::of(NOBODY))
    }
}
