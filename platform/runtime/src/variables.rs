//! `wasi:config/store`: the release's config vars for components, under the three ids that toolchains ask for; and Spin's variables.
use paas_model::ConfigVars;
use std::sync::Arc;
use wasmtime::{
    StoreContextMut,
    component::{ComponentType, Lift, Linker, Lower},
};

/// The interface is the same in all of them: the draft of its repository, wasmtime's, and Spin's.
const INTERFACES: [&str; 3] = ["wasi:config/store@0.2.0-draft", "wasi:config/store@0.2.0-rc.1", "wasi:config/store@0.2.0-draft-2024-09-27"];

/// A store whose guest has config vars.
pub(crate) trait Configured: 'static {
    fn vars(&self) -> &Arc<ConfigVars>;
}

/// Part of the interface; reading a map never fails.
#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
enum Error {
    #[component(name = "upstream")]
    Upstream(String),
    #[component(name = "io")]
    Io(String),
}

/// Spin's own name for the same: one variable of the component.
const SPIN: &str = "fermyon:spin/variables@2.0.0";

/// As Spin writes it; here a variable is there or not.
#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
enum SpinError {
    #[component(name = "invalid-name")]
    InvalidName(String),
    #[component(name = "undefined")]
    Undefined(String),
    #[component(name = "provider")]
    Provider(String),
    #[component(name = "other")]
    Other(String),
}

type Get = (Result<Option<String>, Error>,);
type GetAll = (Result<Vec<(String, String)>, Error>,);

pub(crate) fn link<T: Configured>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    for interface in INTERFACES {
        let mut store = linker.instance(interface)?;
        store.func_wrap("get", |store: StoreContextMut<'_, T>, (key,): (String,)| -> wasmtime::Result<Get> {
            Ok((Ok(store.data().vars().0.get(&key).cloned()),))
        })?;
        store.func_wrap("get-all", |store: StoreContextMut<'_, T>, (): ()| -> wasmtime::Result<GetAll> {
            Ok((Ok(store.data().vars().0.clone().into_iter().collect()),))
        })?;
    }
    linker.instance(SPIN)?.func_wrap(
        "get",
        |store: StoreContextMut<'_, T>, (key,): (String,)| -> wasmtime::Result<(Result<String, SpinError>,)> {
            let undefined = || SpinError::Undefined(format!("no variable {key} for this component"));
            Ok((store.data().vars().0.get(&key).cloned().ok_or_else(undefined),))
        },
    )?;
    Ok(())
}
