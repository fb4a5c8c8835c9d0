//! Sends requests and reads the answers.
use axum::{Router, body::Body};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

#[derive(Clone)]
pub struct Client {
    router: Router,
    headers: Vec<(String, String)>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Client {
    pub fn new(router: Router) -> Self {
        Self { router, headers: Vec::new() }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "").await
    }
    pub async fn post(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, body).await
    }
    pub async fn patch(&self, path: &str, body: &str) -> Answer {
        self.send("PATCH", path, body).await
    }
    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, "").await
    }

    /// The answer's head, and its body as it comes.
    pub async fn open(&self, method: &str, path: &str, body: &str) -> (http::response::Parts, Body) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let answer = self.router.clone().oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
        answer.into_parts()
    }

    pub async fn send(&self, method: &str, path: &str, body: &str) -> Answer {
        let (head, body) = self.open(method, path, body).await;
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: head.status, headers: head.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts a refusal in the API's form.
    pub fn refused(&self, status: u16, id: &str) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        let error = self.json();
        assert_eq!(error["id"], id, "{}", self.text);
        error["message"].as_str().unwrap().to_string()
    }
}
