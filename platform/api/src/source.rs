//! Places for archives that are sent instead of a push: of source for a build, or of a slug that was built elsewhere.
use crate::{
    api::Api,
    auth::{Caller, path_param},
    error::{ApiError, Result},
    payload::Payload,
};
use axum::{
    Json,
    body::Body,
    extract::{FromRequestParts, State},
    response::{IntoResponse, Response},
};
use chrono::Utc;
use futures::StreamExt;
use http::{StatusCode, header, request};
use paas_api_types as types;
use paas_model::{AccountId, Digest};
use paas_receiver::{Archive, SourceError};
use std::io;
use uuid::Uuid;

const VERSION_BYTES: usize = 100;

/// Asks for a place: PUT a `.tar.gz` to its `put_url`, then build it by its `get_url`. Both are secrets, and serve for an hour.
#[utoipa::path(post, path = "/sources", operation_id = "createSource", tag = "builds",
    responses((status = 201, description = "Where the archive goes.", body = types::Source)))]
pub async fn create(State(api): State<Api>, Caller(account): Caller) -> (StatusCode, Json<types::Source>) {
    let url = address(&api, &api.receiver.sources().create(account.id, None).token);
    (StatusCode::CREATED, Json(types::Source { source_blob: types::SourceUrls { get_url: url.clone(), put_url: url } }))
}

/// Takes an archive, once.
#[utoipa::path(put, path = "/sources/{source}", operation_id = "putSource", tag = "builds",
    params(("source" = String, Path, description = "As given in `put_url`.")), request_body(content = String, content_type = "application/gzip"),
    responses((status = 200, description = "The archive is here.")))]
pub async fn put(State(api): State<Api>, Token(token): Token, body: Body) -> Result<StatusCode> {
    let pieces = body.into_data_stream().map(|piece| piece.map_err(io::Error::other));
    api.receiver.sources().put(&token, pieces).await?;
    Ok(StatusCode::OK)
}

/// The archive as it was sent.
#[utoipa::path(get, path = "/sources/{source}", operation_id = "getSource", tag = "builds",
    params(("source" = String, Path, description = "As given in `get_url`.")),
    responses((status = 200, description = "The archive.", body = String, content_type = "application/gzip")))]
pub async fn read(State(api): State<Api>, Token(token): Token) -> Result<Response> {
    let bytes = api.receiver.sources().read(&token).await?;
    Ok(([(header::CONTENT_TYPE, "application/gzip")], Body::from_stream(bytes)).into_response())
}

/// Asks for a place for a slug that was built elsewhere: PUT it to `blob.url`, then release it by its id.
#[utoipa::path(post, path = "/apps/{app}/slugs", operation_id = "createSlug", tag = "releases", request_body = types::NewSlug,
    responses((status = 201, description = "Where the slug goes.", body = types::Slug)))]
pub async fn create_slug(
    State(api): State<Api>,
    Caller(account): Caller,
    Payload(new): Payload<types::NewSlug>,
) -> Result<(StatusCode, Json<types::Slug>)> {
    let commit = version(new.commit)?;
    let place = api.receiver.sources().create(account.id, commit.clone());
    let blob = types::SlugBlob { method: "put".into(), url: address(&api, &place.token) };
    let now = Utc::now();
    Ok((StatusCode::CREATED, Json(types::Slug { id: place.id, blob, commit, created_at: now, updated_at: now })))
}

/// The archive that a build names; it must be here, of this account, and what the caller believes it to be.
pub fn archive(api: &Api, account: AccountId, blob: &types::NewSourceBlob) -> Result<Archive> {
    let token = blob.url.strip_prefix(&address(api, "")).ok_or_else(|| {
        ApiError::invalid(
            "source_blob.url is no source of this server, and no other address is fetched. Make one with POST /sources, PUT the .tar.gz to its \
             put_url, and give its get_url here.",
        )
    })?;
    let archive = api.receiver.sources().by_token(token, account).ok_or_else(not_here)?;
    match blob.checksum.as_deref() {
        Some(checksum) if !is_of(checksum, archive.digest) => Err(ApiError::invalid(format!(
            "The checksum {checksum:?} is not that of the archive that arrived, SHA256:{}. Send the archive again to a new source.",
            archive.digest
        ))),
        _ => Ok(archive),
    }
}

/// The slug that a release names.
pub fn slug(api: &Api, account: AccountId, id: &str) -> Result<(Archive, Option<String>)> {
    let id: Option<Uuid> = id.parse().ok();
    id.and_then(|id| api.receiver.sources().by_id(id, account)).ok_or_else(not_here)
}

fn not_here() -> ApiError {
    ApiError::invalid(
        "There is no archive at this place: none was sent, its hour is over, or it is another account's. Ask for a new place, and PUT the archive there first.",
    )
}

/// `SHA256:e3b0…`, as Heroku writes it.
fn is_of(checksum: &str, digest: Digest) -> bool {
    let (kind, hex) = checksum.split_once(':').unwrap_or(("SHA256", checksum));
    kind.eq_ignore_ascii_case("sha256") && hex.to_ascii_lowercase() == digest.to_string()
}

/// What a sender calls the version of an archive.
pub fn version(text: Option<String>) -> Result<Option<String>> {
    let plain = |text: &String| text.len() <= VERSION_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    match text.filter(|text| !text.is_empty()) {
        Some(text) if !plain(&text) => {
            Err(ApiError::invalid(format!("A version has up to {VERSION_BYTES} plain characters, such as a commit's id. Shorten it.")))
        }
        text => Ok(text),
    }
}

fn address(api: &Api, token: &str) -> String {
    format!("{}/sources/{token}", api.address.control())
}

/// The token in the request's path.
pub struct Token(String);

impl FromRequestParts<Api> for Token {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut request::Parts, api: &Api) -> Result<Self> {
        path_param(parts, api, "source").await.map(Self)
    }
}

impl From<SourceError> for ApiError {
    fn from(error: SourceError) -> Self {
        let text = error.to_string();
        match error {
            SourceError::Unknown => Self::not_found(text),
            SourceError::Taken => Self::refused(StatusCode::CONFLICT, "conflict", text),
            SourceError::TooLarge(_) => Self::refused(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", text),
            SourceError::CutOff => Self::refused(StatusCode::BAD_REQUEST, "bad_request", text),
            SourceError::Fault(error) => Self::fault(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_compared_in_herokus_form() {
        let digest = Digest::of(b"x");
        assert!(is_of(&format!("SHA256:{digest}"), digest) && is_of(&digest.to_string().to_uppercase(), digest));
        assert!(!is_of(&format!("MD5:{digest}"), digest) && !is_of("SHA256:", digest));
    }

    #[test]
    fn a_version_is_a_short_plain_text() {
        assert_eq!(version(Some("v1.2 beta".into())).unwrap().as_deref(), Some("v1.2 beta"));
        assert_eq!(version(Some(String::new())).unwrap(), None);
        for bad in ["a\nb", "ü", &"x".repeat(101)] {
            assert!(version(Some(bad.into())).is_err(), "{bad:?}");
        }
    }
}
