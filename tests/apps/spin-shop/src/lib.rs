use spin_sdk::{
    http::{IntoResponse, Request, Response},
    http_component, variables,
};

#[http_component]
fn answer(request: Request) -> anyhow::Result<impl IntoResponse> {
    let header = |name: &str| request.header(name).and_then(|value| value.as_str()).unwrap_or("none").to_string();
    let path = header("spin-path-info");
    println!("{} {}", request.method(), header("spin-full-url"));
    let text = match path.as_str() {
        "/stock" => std::fs::read_to_string("/data/stock.txt")?,
        "/env" => format!("{} {:?}\n", std::env::var("CURRENCY")?, std::env::var("SECRET").is_ok()),
        "/greeting" => format!("{}\n", variables::get("greeting")?),
        "/headers" => format!("{} {}\n", header("spin-matched-route"), header("spin-client-addr")),
        _ => format!("{path} {}\n", header("spin-path-match-name")),
    };
    Ok(Response::builder().status(200).header("content-type", "text/plain").body(text).build())
}
