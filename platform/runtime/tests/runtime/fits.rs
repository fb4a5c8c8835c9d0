//! What is too large for a node is the developer's to hear, in words that name it.
use crate::stage::Stage;
use paas_model::{AppId, Launch, Manifest, output::Output};
use paas_runtime::{MODULE_BYTES, Refusal};

async fn refused(stage: &Stage, wat: &str) -> String {
    let manifest = stage.manifest(Launch::wasm("app.wat"), &[("app.wat", wat.as_bytes())]);
    told(stage, &manifest).await
}

async fn told(stage: &Stage, manifest: &Manifest) -> String {
    let refusal = stage.runtime.check(AppId::generate(), manifest, &Output::new(|_: &str| {})).await.unwrap_err();
    assert!(matches!(refusal, Refusal::App(_)), "{refusal}");
    refusal.to_string()
}

#[tokio::test]
async fn a_file_beyond_the_node_s_size_is_refused_with_both_sizes() {
    let stage = Stage::new();
    stage.runtime.limit_modules(1 << 20);
    let told = refused(&stage, &format!("(module) ;;{}", "x".repeat(2 << 20))).await;
    assert!(told.starts_with("This WebAssembly file has 2.0 MB; this platform compiles files of up to 1.0 MB."), "{told}");
    assert!(told.ends_with("raise PAAS_MAX_MODULE_BYTES."), "{told}");
    stage.runtime.limit_modules(MODULE_BYTES);
    assert!(stage.check("hello").await.is_ok());
}

#[tokio::test]
async fn what_does_not_fit_an_instance_s_place_is_named() {
    let stage = Stage::new();
    let memories = format!("(module {} (func (export \"_start\")))", "(memory 1)".repeat(100));
    let tables = format!("(module {} (func (export \"_start\")))", "(table 10 funcref)".repeat(100));
    let wide = "(module (table 90000000 funcref) (func (export \"_start\")))";
    for (wat, names) in [(memories.as_str(), "memories count of 100"), (&tables, "tables count of 100"), (wide, "90000000")] {
        let told = refused(&stage, wat).await;
        assert!(told.starts_with("An instance of this WebAssembly does not fit into its place: ") && told.contains(names), "{told}");
    }
}
