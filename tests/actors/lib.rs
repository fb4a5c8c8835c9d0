//! The people of the journeys: a platform (a real `paasd`), developers (real `git` and `paas`), visitors (HTTP).
//!
//! In:  a story's steps. Out: what its people see.
//! Knows the programs and the public API. Never knows a room from inside.

pub mod developer;
pub mod platform;
pub mod ran;
pub mod sample;
pub mod visitor;
pub mod wait;

pub use developer::{Developer, Repository};
pub use platform::Platform;
pub use ran::Ran;
pub use visitor::{Reply, Visitor};
pub use wait::eventually;
