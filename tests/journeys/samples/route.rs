//! One request to a sample, and what its answer has to be.
use paas_tests::{Reply, Visitor};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderName},
};
use serde_json::Value;

pub struct Route {
    method: Method,
    path: &'static str,
    sent: Vec<(HeaderName, &'static str)>,
    body: &'static str,
    /// None: any from 500 on.
    status: Option<u16>,
    headers: Vec<(&'static str, &'static str)>,
    answer: Answer,
}

enum Answer {
    Any,
    Text(String),
    Contains(&'static str),
    Json(Value),
}

pub fn get(path: &'static str) -> Route {
    Route { method: Method::GET, path, sent: vec![], body: "", status: Some(200), headers: vec![], answer: Answer::Any }
}

pub fn head(path: &'static str) -> Route {
    Route { method: Method::HEAD, ..get(path) }
}

/// With a body of a type.
pub fn post(path: &'static str, content_type: &'static str, body: &'static str) -> Route {
    Route { method: Method::POST, sent: vec![(CONTENT_TYPE, content_type)], body, ..get(path) }
}

pub fn post_form(path: &'static str, body: &'static str) -> Route {
    post(path, "application/x-www-form-urlencoded", body)
}

pub fn post_json(path: &'static str, body: &'static str) -> Route {
    post(path, "application/json", body)
}

impl Route {
    /// The request has this header; its name in small letters.
    pub fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.sent.push((HeaderName::from_static(name), value));
        self
    }
    pub fn with_cookie(self, cookie: &'static str) -> Self {
        self.with_header("cookie", cookie)
    }
    /// By a visitor who has an answer already.
    pub fn when_not(self, etag: &'static str) -> Self {
        self.with_header("if-none-match", etag)
    }
    pub fn bearing(self, token: &'static str) -> Self {
        self.with_header("authorization", token)
    }
    pub fn status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }
    pub fn fails(self) -> Self {
        Self { status: None, ..self }
    }
    pub fn redirects(self, location: &'static str) -> Self {
        self.status(302).header("location", location)
    }
    /// The answer has a header that contains this.
    pub fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
    pub fn text(self, text: impl Into<String>) -> Self {
        Self { answer: Answer::Text(text.into()), ..self }
    }
    pub fn contains(self, words: &'static str) -> Self {
        Self { answer: Answer::Contains(words), ..self }
    }
    pub fn json(self, value: Value) -> Self {
        Self { answer: Answer::Json(value), ..self }
    }

    pub async fn check(&self, visitor: &Visitor, app: &str) {
        let Self { method, path, .. } = self;
        let request = self.sent.iter().fold(visitor.request(method.clone(), app, path), |request, (name, value)| request.header(name, *value));
        let reply = Reply::read(request.body(self.body).send().await.expect("the app answers")).await.expect("the answer has an end");
        let asked = format!("{method} {path} of {app}: {} {:?}\n{}", reply.status, reply.headers, reply.text);
        match self.status {
            Some(status) => assert_eq!(reply.status.as_u16(), status, "{asked}"),
            None => assert!(reply.status.is_server_error(), "{asked}"),
        }
        for (name, value) in &self.headers {
            let found = reply.headers.get_all(*name).iter().any(|header| header.to_str().is_ok_and(|header| header.contains(value)));
            assert!(found, "no {name}: {value} for {asked}");
        }
        match &self.answer {
            Answer::Any => {}
            Answer::Text(text) => assert_eq!(&reply.text, text, "{asked}"),
            Answer::Contains(words) => assert!(reply.text.contains(words), "no {words:?} for {asked}"),
            Answer::Json(value) => assert_eq!(serde_json::from_str::<Value>(&reply.text).ok().as_ref(), Some(value), "{asked}"),
        }
    }
}
