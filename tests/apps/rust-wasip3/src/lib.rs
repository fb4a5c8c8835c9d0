//! wasi:http 0.3 by the crate wasip3: a handler that is a future, and a body that comes while it goes out.
use std::{env, sync::LazyLock};
use wasip3::{
    http::types::{ErrorCode, Fields, Request, Response},
    wit_bindgen, wit_future, wit_stream,
};

static GREETING: LazyLock<String> = LazyLock::new(|| env::var("GREETING").unwrap_or("Hello".into()));

struct Books;
wasip3::http::service::export!(Books);

impl wasip3::exports::http::handler::Guest for Books {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query().unwrap_or_default();
        println!("GET {path}");
        match path.as_str() {
            "/" => Ok(answer(200, vec![format!("{} from WASI 0.3\n", *GREETING)])),
            "/lines" => Ok(answer(200, (0..3).map(|line| format!("line {line}\n")).collect())),
            "/fail" => panic!("failed as asked"),
            _ => Ok(answer(404, vec!["no such page\n".into()])),
        }
    }
}

fn answer(status: u16, pieces: Vec<String>) -> Response {
    let headers = Fields::from_list(&[("content-type".into(), b"text/plain".to_vec())]).expect("a header as any");
    let (mut body, reader) = wit_stream::new();
    let (_, trailers) = wit_future::new(|| Ok(None));
    let (response, _sent) = Response::new(headers, Some(reader), trailers);
    response.set_status_code(status).expect("a status as any");
    wit_bindgen::spawn_local(async move {
        for piece in pieces {
            body.write_all(piece.into_bytes()).await;
        }
    });
    response
}
