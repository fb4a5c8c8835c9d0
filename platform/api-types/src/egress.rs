use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The hosts that an app may call: `api.example.com`, `*.example.com`, with a port or a scheme if wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Egress {
    #[schema(example = json!(["api.example.com", "https://*.example.org:8443"]))]
    pub allowed: Vec<String>,
}

/// A change of them; what is denied goes first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EgressPatch {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
}
