//! The JSON of a request, read with a limit and refused in the API's own words.
use crate::error::{ApiError, Result};
use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// More than the largest config change that could be accepted.
const MAX_BYTES: usize = 256 << 10;

/// A body as JSON whatever its `Content-Type` says; an empty one counts as `{}`.
pub struct Payload<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Payload<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let message = "The body did not arrive whole, or is larger than 256 KB. Send less at once.";
        let too_large = |_| ApiError::refused(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", message);
        let bytes = to_bytes(request.into_body(), MAX_BYTES).await.map_err(too_large)?;
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(text).map(Self).map_err(|error| bad(&error))
    }
}

fn bad(error: &serde_json::Error) -> ApiError {
    match error.classify() {
        Category::Data => ApiError::invalid(format!("The body does not have the expected form: {error}.")),
        _ => ApiError::refused(StatusCode::BAD_REQUEST, "bad_request", format!("The body is not JSON: {error}.")),
    }
}
