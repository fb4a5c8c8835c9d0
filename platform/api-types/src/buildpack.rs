use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A buildpack that the app's owner chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BuildpackInstallation {
    /// Its place, from 0: they run in this order, and the last one says how processes start.
    pub ordinal: u32,
    pub buildpack: BuildpackName,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BuildpackName {
    /// A name (`javascript`), a git URL with an optional `#ref`, or a folder of the source (`./buildpack`).
    #[schema(example = "javascript")]
    pub url: String,
    pub name: String,
}

/// All buildpacks of an app, in their order; an empty list leaves the choice to the source.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct BuildpackInstallations {
    pub updates: Vec<BuildpackUpdate>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BuildpackUpdate {
    #[schema(example = "javascript")]
    pub buildpack: String,
}
