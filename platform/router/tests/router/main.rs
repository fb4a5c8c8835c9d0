//! The router at its front door: real sockets, real guests, and visitors of every kind.
#![allow(clippy::unwrap_used)] // what a test needs and does not find ends it
mod crowds;
mod exchange;
mod floods;
mod forms;
mod outcomes;
mod slow;
mod smuggling;
mod stage;
