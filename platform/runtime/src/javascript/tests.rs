use super::*;
use std::{collections::BTreeMap, path::Path, time::Instant};
use wasmtime::{component::Component, Config, Engine, Module};

fn config() -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config
}

fn module(engine: &Engine, folder: &Path, name: &str, bytes: &[u8]) -> Module {
    let path = folder.join(name);
    if !path.exists() {
        std::fs::write(&path, engine.precompile_module(bytes).unwrap()).unwrap();
    }
    unsafe { Module::deserialize_file(engine, &path).unwrap() }
}

#[test]
fn try_it() {
    let folder = std::path::PathBuf::from(std::env::var("ENGINE").unwrap());
    let t = Instant::now();
    let parts = split::split(&std::fs::read(folder.join("engine.wasm")).unwrap()).unwrap();
    eprintln!("split {:?} core {} link {} base {}", t.elapsed(), parts.core.len(), parts.link.len(), parts.base.len());
    std::fs::write("/tmp/js/link.wasm", &parts.link).unwrap();
    let engine = Engine::new(&config()).unwrap();
    let t = Instant::now();
    let core = module(&engine, &folder, "core.cwasm", &parts.core);
    eprintln!("core {:?}", t.elapsed());
    let t = Instant::now();
    let base = module(&engine, &folder, "base.cwasm", &parts.base);
    eprintln!("base {:?}", t.elapsed());
    let t = Instant::now();
    let link = Component::new(&engine, &parts.link).unwrap();
    eprintln!("link {:?}", t.elapsed());

    let settings: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join("engine.json")).unwrap()).unwrap();
    let settings: BTreeMap<String, String> = serde_json::from_value(settings["boot"].clone()).unwrap();
    let sources = tempfile::tempdir().unwrap();
    std::fs::copy(folder.join("initializer.js"), sources.path().join("initializer.js")).unwrap();
    std::fs::copy(std::env::var("APP").unwrap(), sources.path().join("app.js")).unwrap();
    for _ in 0..3 {
        let order = boot::Order {
            sources: sources.path().into(),
            settings: settings.clone(),
            env: [("GREETING".into(), "hi".into())].into(),
            memory_bytes: 128 << 20,
        };
        let t = Instant::now();
        match boot::boot(&core, &base, order) {
            Ok(booted) => {
                eprintln!("boot {:?} {} bytes; output {}", t.elapsed(), booted.module.len(), booted.output);
                snapshot::validate(&booted.module).unwrap();
                let t = Instant::now();
                let b = engine.precompile_module(&booted.module).unwrap();
                eprintln!("compile {:?} {}", t.elapsed(), b.len());
                std::fs::write("/tmp/js/b.cwasm", b).unwrap();
            }
            Err(error) => eprintln!("boot {:?} {error}", t.elapsed()),
        }
    }
    let _ = link;
}
