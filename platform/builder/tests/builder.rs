//! The room at its front door: real buildpacks, a real sandbox, hostile builds.
#![allow(clippy::unwrap_used)]
mod room;
mod stories {
    mod assets;
    mod attacks;
    mod buildpacks;
    mod calls;
    mod contract;
    mod network;
    mod spin;
}
