//! Static sites.
pub(crate) struct Site;
