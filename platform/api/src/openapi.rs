//! The OpenAPI 3.1 document, made from the handlers and from the table of routes.
use crate::routes::{Access, assemble};
use axum::response::{IntoResponse, Response};
use http::header;
use paas_api_types::Error;
use std::sync::LazyLock;
use utoipa::{
    OpenApi, ToSchema,
    openapi::{
        ContentBuilder, OpenApi as Document, PathItem, Paths, Ref, Required, ResponseBuilder,
        path::{Operation, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "paas",
        description = "The public API, in the shape of the Heroku Platform API v3. Ours are the fields marked so.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(Error))
)]
struct Front;

/// The document's front matter: what it is, and how one signs in.
pub fn front() -> Document {
    let mut document = Front::openapi();
    let key = || HttpBuilder::new().description(Some("An API key."));
    let schemes = [
        ("key", SecurityScheme::Http(key().scheme(HttpAuthScheme::Bearer).build())),
        (
            "password",
            SecurityScheme::Http(key().scheme(HttpAuthScheme::Basic).description(Some("Any user name, an API key as the password.")).build()),
        ),
        ("session", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("paas_session")))),
    ];
    let components = document.components.get_or_insert_default();
    for (name, scheme) in schemes {
        components.add_security_scheme(name, scheme);
    }
    document
}

/// The whole document, as JSON for people and generators.
pub fn openapi() -> String {
    let document = assemble(|_, handlers| handlers).into_openapi();
    document.to_pretty_json().expect("a document has only string keys")
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", operation_id = "getOpenApi", tag = "platform",
    responses((status = 200, description = "The OpenAPI 3.1 document.", body = Object)))]
pub async fn show() -> Response {
    static DOCUMENT: LazyLock<String> = LazyLock::new(openapi);
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}

/// Adds to operations what their rule in the table says: who may call, and how refusals look.
pub fn describe(access: Access, paths: &mut Paths) {
    for item in paths.paths.values_mut() {
        for (_, operation) in operations_mut(item) {
            describe_operation(access, operation);
        }
    }
}

fn describe_operation(access: Access, operation: &mut Operation) {
    let schemes: &[&str] = match access {
        Access::Public => &[],
        Access::Git | Access::Admin => &["password", "key"],
        Access::Account | Access::Owner => &["key", "password", "session"],
    };
    operation.security = Some(schemes.iter().map(|scheme| SecurityRequirement::new(*scheme, [] as [String; 0])).collect());
    match access {
        Access::Owner => add_param(operation, "app", "The app's name or id."),
        Access::Git => add_param(operation, "repository", "The app's name or id, with `.git` behind it."),
        Access::Public | Access::Account | Access::Admin => {}
    }
    let refusals = match access {
        Access::Public => vec![],
        Access::Account => vec![("401", "The key or the session is missing or wrong.")],
        Access::Admin => vec![("401", "The key is missing or wrong."), ("403", "The key is not the admin's.")],
        Access::Owner | Access::Git => {
            vec![("401", "The key or the session is missing or wrong."), ("404", "There is no such thing, or it is not yours.")]
        }
    };
    for (status, description) in refusals.into_iter().chain([("default", "Any other refusal or fault.")]) {
        let words = ContentBuilder::new();
        let (kind, words) = match access {
            Access::Git => ("text/plain", words.schema(Some(text()))),
            _ => ("application/json", words.schema(Some(Ref::from_schema_name(Error::name())))),
        };
        let response = ResponseBuilder::new().description(description).content(kind, words.build()).build();
        operation.responses.responses.entry(status.into()).or_insert(response.into());
    }
}

fn add_param(operation: &mut Operation, name: &str, description: &str) {
    let param = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True);
    let param = param.description(Some(description)).schema(Some(text())).build();
    operation.parameters.get_or_insert_default().insert(0, param.into());
}

fn text() -> utoipa::openapi::schema::Object {
    ObjectBuilder::new().schema_type(Type::String).build()
}

/// Method, in upper case, and path of every operation.
pub fn methods(paths: &Paths) -> Vec<(String, String)> {
    let mut methods = Vec::new();
    for (path, item) in &paths.paths {
        for (method, _) in operations_mut(&mut item.clone()) {
            methods.push((method.to_string(), path.clone()));
        }
    }
    methods
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, post, patch, put, delete, .. } = item;
    let of = [("GET", get), ("POST", post), ("PATCH", patch), ("PUT", put), ("DELETE", delete)];
    of.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}
