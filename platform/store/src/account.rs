//! Accounts and the tokens that speak for them.
use crate::{Store, error::Result, secret::random};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use paas_model::{Account, AccountId};
use sha2::{Digest, Sha256};
use sqlx::FromRow;
use std::time::Duration;
use uuid::Uuid;

/// A session is made by a login and always ends; an API token may live until it is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Api,
    Session,
}

/// How long a session lives when its maker names no time.
const SESSION: Duration = Duration::from_secs(14 * 24 * 60 * 60);

#[derive(FromRow)]
struct AccountRow {
    id: Uuid,
    email: String,
    created_at: DateTime<Utc>,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self { id: AccountId(row.id), email: row.email, created_at: row.created_at }
    }
}

impl Store {
    /// The account of this email, and whether it was made just now.
    pub async fn ensure_admin(&self, email: &str) -> Result<(Account, bool)> {
        let insert = "insert into accounts (id, email) values ($1, lower($2)) on conflict (email) do nothing";
        let inserted = sqlx::query(insert).bind(AccountId::generate().0).bind(email).execute(&self.pool).await?;
        let select = "select id, email, created_at from accounts where email = lower($1)";
        let row: AccountRow = sqlx::query_as(select).bind(email).fetch_one(&self.pool).await?;
        Ok((row.into(), inserted.rows_affected() == 1))
    }

    /// The new token's text (`paas_…`), which is kept nowhere. Also forgets the account's tokens that have ended.
    pub async fn create_token(&self, account: AccountId, description: &str, kind: TokenKind, ttl: Option<Duration>) -> Result<String> {
        let token = format!("paas_{}", BASE64_URL_SAFE_NO_PAD.encode(random::<32>()));
        let (kind, ttl) = match kind {
            TokenKind::Api => ("api", ttl),
            TokenKind::Session => ("session", ttl.or(Some(SESSION))),
        };
        let sweep = "delete from tokens where account_id = $1 and expires_at <= now()";
        sqlx::query(sweep).bind(account.0).execute(&self.pool).await?;
        let insert = "insert into tokens (sha256, account_id, kind, description, expires_at)
                      values ($1, $2, $3, $4, now() + make_interval(secs => $5))";
        let query = sqlx::query(insert).bind(hash(&token)).bind(account.0).bind(kind).bind(description);
        query.bind(ttl.map(|ttl| ttl.as_secs_f64())).execute(&self.pool).await?;
        Ok(token)
    }

    /// Whom the token speaks for; `None` when it is unknown or has ended.
    pub async fn account_of_token(&self, token: &str) -> Result<Option<Account>> {
        let select = "select a.id, a.email, a.created_at from tokens t join accounts a on a.id = t.account_id
                      where t.sha256 = $1 and (t.expires_at is null or t.expires_at > now())";
        let row: Option<AccountRow> = sqlx::query_as(select).bind(hash(token)).fetch_optional(&self.pool).await?;
        Ok(row.map(Account::from))
    }

    /// Ends the token, if there is one.
    pub async fn delete_token(&self, token: &str) -> Result<()> {
        sqlx::query("delete from tokens where sha256 = $1").bind(hash(token)).execute(&self.pool).await?;
        Ok(())
    }
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}
