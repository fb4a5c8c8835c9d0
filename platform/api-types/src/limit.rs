use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an app's requests or instances may use. Values are written as people write them: `256MB`, `10s`, `200`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limit {
    #[schema(example = "memory")]
    pub name: String,
    /// What holds now.
    #[schema(example = "256MB")]
    pub value: String,
    /// What holds for an app that did not choose.
    #[schema(example = "128MB")]
    pub default: String,
    /// The most that this platform's operator allows.
    #[schema(example = "1GB")]
    pub cap: String,
    /// `value` as a number of its `unit`.
    pub amount: u64,
    /// `bytes`, `ms` or `count`
    #[schema(example = "bytes")]
    pub unit: String,
    /// Whether the app chose the value itself.
    pub set: bool,
    pub about: String,
    /// What happens to a request that wants more.
    pub exceeded: String,
}

/// A change of limits; `null` goes back to the default.
pub type LimitPatch = std::collections::BTreeMap<String, Option<String>>;
