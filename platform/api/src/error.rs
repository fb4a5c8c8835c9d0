//! Answers that are not what was asked for: refusals say what to do, faults are logged here and named by request id.
use crate::exchange;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use paas_api_types::Error;
use paas_deploy::DeployError;
use paas_receiver::ReceiverError;
use paas_store::StoreError;

type Cause = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, ApiError>;

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The caller acts.
    #[error("{message}")]
    Refused { status: StatusCode, id: &'static str, message: String },
    /// Trying again later helps.
    #[error("the store is not reachable")]
    Unavailable(#[source] Cause),
    /// We act.
    #[error("a request failed")]
    Fault(#[source] Cause),
}

impl ApiError {
    pub fn refused(status: StatusCode, id: &'static str, message: impl Into<String>) -> Self {
        Self::Refused { status, id, message: message.into() }
    }
    pub fn unauthorized() -> Self {
        Self::refused(StatusCode::UNAUTHORIZED, "unauthorized", "Invalid credentials provided.")
    }
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::refused(StatusCode::FORBIDDEN, "forbidden", message)
    }
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::refused(StatusCode::NOT_FOUND, "not_found", message)
    }
    /// The request is understood and makes no sense as it stands.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid_params", message)
    }
    pub fn fault(cause: impl Into<Cause>) -> Self {
        Self::Fault(cause.into())
    }

    /// As git shows it: plain text, with an invitation to send a key.
    pub fn for_git(self) -> Response {
        let (status, error) = self.tell();
        let mut answer = (status, error.message + "\n").into_response();
        if status == StatusCode::UNAUTHORIZED {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"paas\""));
        }
        answer
    }

    /// What the caller reads; what the operator needs is logged, once.
    fn tell(self) -> (StatusCode, Error) {
        let (status, id, message) = match self {
            Self::Refused { status, id, message } => (status, id, message),
            Self::Unavailable(cause) => {
                tracing::warn!(error = &*cause as &dyn std::error::Error, request.id = %exchange::request_id(), "the store is not reachable");
                let message = "The platform's database is not reachable right now. Apps go on answering; try again in a minute.";
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", message.into())
            }
            Self::Fault(cause) => {
                let request = exchange::request_id();
                tracing::error!(error = &*cause as &dyn std::error::Error, request.id = %request, "a request failed");
                let message = format!("The platform failed. Try again; the operator finds the cause in its log by the request id {request}.");
                (StatusCode::INTERNAL_SERVER_ERROR, "internal_server_error", message)
            }
        };
        (status, Error { id: id.into(), message, url: None })
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, error) = self.tell();
        (status, Json(error)).into_response()
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NameTaken(name) => Self::invalid(format!("Name {name} is already taken")),
            StoreError::NoApp | StoreError::NoRelease(_) => Self::not_found(error.to_string()),
            StoreError::Conflict { .. } => Self::refused(StatusCode::CONFLICT, "conflict", error.to_string()),
            error if error.is_unavailable() => Self::Unavailable(error.into()),
            error => Self::fault(error),
        }
    }
}

impl From<DeployError> for ApiError {
    fn from(error: DeployError) -> Self {
        match error {
            DeployError::Refused(message) => Self::invalid(message),
            DeployError::NotFound(message) => Self::not_found(message),
            DeployError::Conflict(message) => Self::refused(StatusCode::CONFLICT, "conflict", message),
            DeployError::Store(error) => error.into(),
            error => Self::fault(error),
        }
    }
}

impl From<ReceiverError> for ApiError {
    fn from(error: ReceiverError) -> Self {
        Self::fault(error)
    }
}
