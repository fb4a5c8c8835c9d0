//! The bill of materials: a CycloneDX 1.5 document, without a date or a serial number, so that the same slug gives the same text.
//!
//! The library for CycloneDX would double what this room is built of, for the few fields that are written here (cyclonedx.org/docs/1.5/json).
use crate::{
    error::BuilderError,
    packages::{Hash, Need, Package, Registry},
};
use paas_model::Digest;
use purl::{GenericPurl, GenericPurlBuilder};
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bom {
    bom_format: &'static str,
    spec_version: &'static str,
    version: u32,
    metadata: Metadata,
    components: Vec<Component>,
}

#[derive(Serialize)]
struct Metadata {
    tools: [Tool; 1],
    component: Component,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Component {
    #[serde(rename = "type")]
    kind: &'static str,
    /// Unique in the document.
    #[serde(rename = "bom-ref")]
    reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    name: String,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hashes: Option<[HashOf; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
}

#[derive(Serialize)]
struct HashOf {
    alg: &'static str,
    content: String,
}

/// Names `packages` as what `slug` consists of.
pub fn document(packages: &BTreeSet<Package>, slug: &Digest) -> Result<String, BuilderError> {
    let bom = Bom {
        bom_format: "CycloneDX",
        spec_version: "1.5",
        version: 1,
        metadata: Metadata { tools: [Tool { name: "paas", version: env!("CARGO_PKG_VERSION") }], component: subject(slug) },
        components: packages.iter().map(component).collect::<Result<_, _>>()?,
    };
    serde_json::to_string_pretty(&bom).map_err(|error| BuilderError::Sbom(error.to_string()))
}

/// The slug: what several apps and commits may have in common.
fn subject(slug: &Digest) -> Component {
    Component {
        kind: "application",
        reference: "slug".into(),
        group: None,
        name: "slug".into(),
        version: slug.to_string(),
        scope: None,
        hashes: Some([of_hash(&Hash::Sha256(slug.to_string()))]),
        purl: None,
    }
}

fn component(package: &Package) -> Result<Component, BuilderError> {
    let purl = purl(package)?.to_string();
    let (group, name) = match (package.registry, package.name.rsplit_once('/')) {
        (Registry::Npm, Some((scope, name))) => (Some(scope.to_string()), name.to_string()),
        _ => (None, package.name.clone()),
    };
    let scope = match package.need {
        Need::Required => "required",
        Need::Optional => "optional",
        Need::Development => "excluded",
    };
    let hash = package.hash.as_ref().map(of_hash);
    Ok(Component {
        kind: "library",
        reference: reference(&purl, scope, hash.as_ref()),
        group,
        name,
        version: package.version.clone(),
        scope: Some(scope),
        hashes: hash.map(|hash| [hash]),
        purl: Some(purl),
    })
}

/// Two lock files may disagree about one package.
fn reference(purl: &str, scope: &str, hash: Option<&HashOf>) -> String {
    let hash = hash.map_or("", |hash| &hash.content[..8]);
    format!("{purl}#{scope}-{hash}")
}

/// Each registry has its own rules for what is namespace and what is name (package-url/purl-spec, "types").
fn purl(package: &Package) -> Result<GenericPurl<String>, BuilderError> {
    let (kind, name) = match package.registry {
        Registry::Npm => ("npm", package.name.clone()),
        Registry::PyPi => ("pypi", package.name.clone()),
        Registry::Go => ("golang", package.name.to_lowercase()),
        Registry::Cargo => ("cargo", package.name.clone()),
    };
    let (namespace, name) = name.rsplit_once('/').unwrap_or(("", &name));
    let builder = GenericPurlBuilder::new(kind.to_string(), name).with_namespace(namespace).with_version(package.version.as_str());
    builder.build().map_err(|error| BuilderError::Sbom(format!("{} {}: {error}", package.name, package.version)))
}

fn of_hash(hash: &Hash) -> HashOf {
    let (alg, digits) = match hash {
        Hash::Sha1(digits) => ("SHA-1", digits),
        Hash::Sha256(digits) => ("SHA-256", digits),
        Hash::Sha512(digits) => ("SHA-512", digits),
    };
    HashOf { alg, content: digits.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(registry: Registry, name: &str, version: &str, need: Need) -> Package {
        let hash = Some(Hash::Sha256("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".into()));
        Package { registry, name: name.into(), version: version.into(), need, hash }
    }

    fn packages() -> BTreeSet<Package> {
        [
            package(Registry::Npm, "@hono/zod", "1.0.0", Need::Required),
            package(Registry::Npm, "vite", "7.0.0", Need::Development),
            package(Registry::PyPi, "flask", "3.1.1", Need::Required),
            package(Registry::Go, "github.com/BurntSushi/toml", "v1.4.0", Need::Required),
            package(Registry::Cargo, "wstd", "0.6.5", Need::Optional),
        ]
        .into()
    }

    #[test]
    fn each_registry_writes_its_packages_in_its_own_way() {
        let text = document(&packages(), &Digest::of(b"x")).unwrap();
        let purls = [
            "pkg:npm/%40hono/zod@1.0.0",
            "pkg:npm/vite@7.0.0",
            "pkg:pypi/flask@3.1.1",
            "pkg:golang/github.com/burntsushi/toml@v1.4.0",
            "pkg:cargo/wstd@0.6.5",
        ];
        for purl in purls {
            assert!(text.contains(&format!("\"purl\": \"{purl}\"")), "{purl} is not in {text}");
        }
        assert!(text.contains("\"scope\": \"excluded\""), "{text}");
    }

    #[test]
    fn the_same_slug_gives_the_same_document() {
        let text = document(&packages(), &Digest::of(b"x")).unwrap();
        assert_eq!(document(&packages(), &Digest::of(b"x")).unwrap(), text);
        assert!(document(&BTreeSet::new(), &Digest::of(b"x")).unwrap().contains("\"components\": []"));
    }
}
