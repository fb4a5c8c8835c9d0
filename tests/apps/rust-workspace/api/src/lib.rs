//! wasi:http 0.2 by the crate wasip2, and one more interface by wit-bindgen.
use std::io::Write;
use wasip2::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

mod config {
    wit_bindgen::generate!({
        inline: r#"
            package app:api;
            world api {
                import wasi:config/store@0.2.0-rc.1;
            }
        "#,
        path: "wit",
        generate_all,
    });
    pub use wasi::config::store::get;
}

struct Api;
wasip2::http::proxy::export!(Api);

impl wasip2::exports::http::incoming_handler::Guest for Api {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        println!("GET {path}");
        let (status, text) = match path.as_str() {
            "/" => (200, format!("{} from a workspace\n", greeting())),
            "/fail" => panic!("failed as asked"),
            path => match path.strip_prefix("/books/").and_then(|id| shelf::title(id.parse().ok()?)) {
                Some(title) => (200, format!("{title}\n")),
                None => (404, "no such book\n".to_string()),
            },
        };
        answer(out, status, &text);
    }
}

fn greeting() -> String {
    config::get("GREETING").ok().flatten().unwrap_or("Hello".into())
}

fn answer(out: ResponseOutparam, status: u16, text: &str) {
    let headers = Fields::from_list(&[("content-type".into(), b"text/plain".to_vec())]).expect("a header as any");
    let response = OutgoingResponse::new(headers);
    response.set_status_code(status).expect("a status as any");
    let body = response.body().expect("it is asked for once");
    ResponseOutparam::set(out, Ok(response));
    let mut stream = body.write().expect("it is asked for once");
    stream.write_all(text.as_bytes()).expect("the visitor reads");
    drop(stream);
    OutgoingBody::finish(body, None).expect("it is whole");
}
