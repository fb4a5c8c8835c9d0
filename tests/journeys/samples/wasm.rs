//! A module in text form, as its author wrote it.
use super::{
    life::{Life, edit},
    live_on_one_platform,
    route::get,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_module_in_text_form_lives_a_full_life() {
    live_on_one_platform(vec![hello()]).await;
}

fn hello() -> Life {
    let routes = vec![get("/any/path").header("content-type", "text/plain; charset=utf-8").text("Hello from WebAssembly\n")];
    let line = edit("hello.wat", "\\n\\nHello from", "\\n\\nAgain from"); // as long as before
    let life = Life::of("wasm-hello", "WebAssembly", routes, line, edit("hello.wat", "call $fd_write", "call $fd_wrote"));
    let shows = ("Hello from WebAssembly".into(), "Again from WebAssembly".into());
    Life { push: vec!["-----> WebAssembly app detected"], shows, config: None, ..life }
}
