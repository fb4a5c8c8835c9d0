//! The small API that most samples speak: JSON, a form, a redirect, a cookie, an error.
use super::{
    life::{Edit, Life},
    route::{Route, get, post_form, post_json},
};
use serde_json::json;

/// The life of a sample with this API, which says where its greeting comes from.
pub fn books(sample: &'static str, from: &str, line: Edit, breaking: Edit) -> Life {
    Life { log: vec!["/books/2", "failed as asked"], ..Life::of(sample, from, routes(), line, breaking) }
}

fn routes() -> Vec<Route> {
    vec![
        get("/books").header("content-type", "application/json").contains("Walden"),
        get("/books/2").json(json!({ "id": 2, "title": "Walden" })),
        get("/books/9").status(404).json(json!({ "error": "no such book" })),
        post_json("/books", r#"{"title":"Dune & more"}"#).status(201).json(json!({ "id": 3, "title": "Dune & more" })),
        post_form("/sign", "name=Ada+L%C3%B6w").text("Thank you, Ada Löw!\n"),
        get("/old").redirects("/books"),
        get("/visits").header("set-cookie", "visits=1").text("1\n"),
        get("/visits").with_cookie("other=7; visits=1").text("2\n"),
        get("/fail").fails(),
    ]
}
