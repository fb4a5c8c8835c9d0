//! The account of whoever asks.
use crate::auth::Caller;
use axum::Json;
use paas_api_types as types;
use paas_model::Account;

/// The account that the request's key or session belongs to.
#[utoipa::path(get, path = "/account", operation_id = "getAccount", tag = "account",
    responses((status = 200, description = "The account.", body = types::Account)))]
pub async fn show(Caller(account): Caller) -> Json<types::Account> {
    Json(view(account))
}

pub fn view(account: Account) -> types::Account {
    types::Account {
        id: account.id.0,
        email: account.email,
        name: None,
        beta: false,
        verified: true,
        two_factor_authentication: false,
        created_at: account.created_at,
        updated_at: account.created_at,
    }
}
