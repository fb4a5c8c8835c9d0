//! A small API on wstd alone: one function for all requests.
use serde_json::{Value, json};
use std::{env, sync::LazyLock};
use wstd::http::{Body, Error, Method, Request, Response, StatusCode};

static GREETING: LazyLock<String> = LazyLock::new(|| env::var("GREETING").unwrap_or("Hello".into()));

const BOOKS: [&str; 2] = ["The Rust Programming Language", "Walden"];

#[wstd::http_server]
async fn main(mut request: Request<Body>) -> Result<Response<Body>, Error> {
    let path = request.uri().path().to_string();
    println!("{} {path}", request.method());
    match (request.method(), path.as_str()) {
        (&Method::GET, "/") => text(format!("{} from Rust\n", *GREETING)),
        (&Method::GET, "/books") => answer(StatusCode::OK, (1..=BOOKS.len()).filter_map(book).collect()),
        (&Method::POST, "/books") => add(&request.body_mut().str_contents().await?.to_string()),
        (&Method::POST, "/sign") => sign(request.body_mut().contents().await?),
        (&Method::GET, "/old") => Ok(Response::builder().status(StatusCode::FOUND).header("location", "/books").body(Body::empty())?),
        (&Method::GET, "/visits") => visits(&request),
        (&Method::GET, "/fail") => panic!("failed as asked"),
        (&Method::GET, path) => match path.strip_prefix("/books/").and_then(|id| book(id.parse().ok()?)) {
            Some(book) => answer(StatusCode::OK, book),
            None => answer(StatusCode::NOT_FOUND, json!({ "error": "no such book" })),
        },
        _ => answer(StatusCode::METHOD_NOT_ALLOWED, json!({ "error": "no such method" })),
    }
}

fn text(text: String) -> Result<Response<Body>, Error> {
    Ok(Response::builder().header("content-type", "text/plain; charset=utf-8").body(text.into())?)
}

fn answer(status: StatusCode, value: Value) -> Result<Response<Body>, Error> {
    Ok(Response::builder().status(status).header("content-type", "application/json").body(value.to_string().into())?)
}

fn book(id: usize) -> Option<Value> {
    let title = BOOKS.get(id.checked_sub(1)?)?;
    Some(json!({ "id": id, "title": title }))
}

fn add(body: &str) -> Result<Response<Body>, Error> {
    match serde_json::from_str::<Value>(body) {
        Ok(mut added) => {
            added["id"] = json!(BOOKS.len() + 1);
            answer(StatusCode::CREATED, added)
        }
        Err(error) => answer(StatusCode::BAD_REQUEST, json!({ "error": error.to_string() })),
    }
}

fn sign(form: &[u8]) -> Result<Response<Body>, Error> {
    let name = form_urlencoded::parse(form).find(|(key, _)| key == "name").map(|(_, name)| name.into_owned());
    text(format!("Thank you, {}!\n", name.unwrap_or_default()))
}

fn visits(request: &Request<Body>) -> Result<Response<Body>, Error> {
    let cookies = request.headers().get("cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let before: Option<u32> = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("visits=")?.parse().ok());
    let count = before.unwrap_or(0) + 1;
    let mut response = text(format!("{count}\n"))?;
    response.headers_mut().insert("set-cookie", format!("visits={count}; Path=/; HttpOnly").parse()?);
    Ok(response)
}
