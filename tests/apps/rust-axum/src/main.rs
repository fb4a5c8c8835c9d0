//! A small API with axum. The platform calls it for each request, so there is no listener here.
use axum::{
    Form, Json, Router,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use std::{env, sync::LazyLock};

static GREETING: LazyLock<String> = LazyLock::new(|| env::var("GREETING").unwrap_or("Hello".into()));

const BOOKS: [&str; 2] = ["The Rust Programming Language", "Walden"];

#[derive(Serialize, Deserialize)]
struct Book {
    #[serde(default)]
    id: usize,
    title: String,
}

#[derive(Deserialize)]
struct Guest {
    name: String,
}

#[wstd_axum::http_server]
fn main() -> Router {
    Router::new()
        .route("/", get(async || format!("{} from Rust\n", *GREETING)))
        .route("/books", get(list).post(add))
        .route("/books/{id}", get(one))
        .route("/sign", post(async |Form(guest): Form<Guest>| format!("Thank you, {}!\n", guest.name)))
        .route("/old", get(async || (StatusCode::FOUND, [(header::LOCATION, "/books")])))
        .route("/visits", get(visits))
        .route("/fail", get(fail))
}

fn book(id: usize) -> Option<Book> {
    let title = BOOKS.get(id.checked_sub(1)?)?;
    Some(Book { id, title: title.to_string() })
}

async fn list() -> Json<Vec<Book>> {
    Json((1..=BOOKS.len()).filter_map(book).collect())
}

async fn one(Path(id): Path<usize>) -> Response {
    println!("GET /books/{id}");
    match book(id) {
        Some(book) => Json(book).into_response(),
        None => (StatusCode::NOT_FOUND, Json(serde_json::json!({ "error": "no such book" }))).into_response(),
    }
}

async fn add(Json(mut book): Json<Book>) -> (StatusCode, Json<Book>) {
    book.id = BOOKS.len() + 1;
    (StatusCode::CREATED, Json(book))
}

async fn visits(headers: HeaderMap) -> impl IntoResponse {
    let cookies = headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let before = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("visits=")?.parse().ok());
    let count = before.unwrap_or(0) + 1;
    ([(header::SET_COOKIE, format!("visits={count}; Path=/; HttpOnly"))], format!("{count}\n"))
}

async fn fail() -> Redirect {
    panic!("failed as asked")
}
