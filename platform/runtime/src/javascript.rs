//! JavaScript apps: not part of this build.
use crate::{Refusal, Shared, instance::State};
use paas_model::{Manifest, Target, output::Output};
use std::{ffi::OsString, process::ExitCode};
use wasmtime::component::Linker;
use wasmtime_wasi_http::p2::bindings::ProxyPre;

fn refusal() -> Refusal {
    Refusal::app("This platform was built without its JavaScript engine. Deploy a WebAssembly component or a static site instead.")
}

pub(crate) async fn check(_: &Shared, _: &Manifest, _: (&str, &str), _: &Output) -> Result<(), Refusal> {
    Err(refusal())
}
pub(crate) async fn prepare(_: &Shared, _: &Target) -> Result<(), Refusal> {
    Err(refusal())
}
pub(crate) async fn load(_: &Shared, _: &Target, _: &Linker<State>) -> Result<ProxyPre<State>, Refusal> {
    Err(refusal())
}
/// `worker boot …`
pub(crate) fn boot_main(_: &[OsString]) -> ExitCode {
    ExitCode::FAILURE
}
