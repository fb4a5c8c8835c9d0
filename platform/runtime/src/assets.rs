//! Static sites: files of the slug, served by the platform itself.
//!
//! A module of our own and not tower-http's `ServeDir`: the files lie under the names of their digests, so there is no folder to serve; their digest is a
//! stronger ETag than a time and a size; and a path is only ever looked up in the manifest, so there is nothing to traverse.
mod negotiate;
mod rules;

use crate::{Body, BoxError, Failure, Refusal};
use bytes::Bytes;
use futures::TryStreamExt;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header, request::Parts};
use http_body::Frame;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use negotiate::{Coding, Part};
use paas_model::{
    Code, Digest, Manifest,
    slug::{BlobDir, File, StaticSite},
};
use percent_encoding::percent_decode_str;
use rules::{Rules, Way};
use std::{collections::HashMap, fs, io::SeekFrom};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

const REVALIDATE: &str = "public, max-age=0, must-revalidate";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Files of the site that say how it is served; visitors do not see them.
const RULES: [&str; 2] = ["_redirects", "_headers"];
const MAX_RULES_BYTES: u64 = 1 << 20;
/// Up to this size a file is read at once.
const WHOLE_BYTES: u64 = 64 << 10;

/// A site, ready to answer.
pub(crate) struct Site {
    blobs: BlobDir,
    /// By path below the site's root, without a leading `/`.
    files: HashMap<String, Asset>,
    fallback: bool,
    rules: Rules,
}

struct Asset {
    plain: File,
    /// The same content, compressed at build time (`x.br`, `x.gz` beside `x`).
    brotli: Option<File>,
    gzip: Option<File>,
    media: HeaderValue,
    caching: HeaderValue,
}

impl Site {
    pub(crate) fn new(manifest: &Manifest, site: &StaticSite, blobs: BlobDir) -> Result<Self, Refusal> {
        let root = site.root.trim_matches('/');
        let prefix = if root.is_empty() { String::new() } else { format!("{root}/") };
        let below = |(path, file): (&String, &File)| Some((path.strip_prefix(&prefix)?.to_string(), file.clone()));
        let found: HashMap<String, File> = manifest.files.iter().filter_map(below).collect();
        if found.is_empty() {
            return Err(Refusal::app(format!(
                "There are no files in {prefix}, which this site serves. Build the site into it, or name another folder."
            )));
        }
        if site.fallback && !found.contains_key("index.html") {
            return Err(Refusal::app(format!(
                "There is no {prefix}index.html, which answers all paths of this site. Add it, or switch the fallback off."
            )));
        }
        let rules = read_rules(&found, &blobs)?;
        let visible = |path: &&String| !RULES.contains(&path.trim_end_matches(".gz").trim_end_matches(".br"));
        let asset = |path: &String| (path.clone(), Asset::new(path, &found));
        Ok(Self { blobs, files: found.keys().filter(visible).map(asset).collect(), fallback: site.fallback, rules })
    }

    /// The files that answer before the slug's program is asked.
    pub(crate) fn before(manifest: &Manifest, blobs: &BlobDir) -> Result<Option<Self>, Refusal> {
        manifest.assets.as_ref().map(|site| Self::new(manifest, site, blobs.clone())).transpose()
    }

    pub(crate) async fn answer(&self, request: &Parts) -> Result<Response<Body>, Failure> {
        if !reads(request) {
            return Ok(with(text(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed\n"), header::ALLOW, HeaderValue::from_static("GET, HEAD")));
        }
        let response = match self.get(request).await? {
            Some(response) => response,
            None => self.otherwise(request).await?,
        };
        Ok(self.finished(response, request))
    }

    /// As [`Site::answer`], where the site comes before an app: `None` for what is not there, and for what only an app can take.
    pub(crate) async fn asset(&self, request: &Parts) -> Result<Option<Response<Body>>, Failure> {
        if !reads(request) {
            return Ok(None);
        }
        Ok(self.get(request).await?.map(|response| self.finished(response, request)))
    }

    fn finished(&self, mut response: Response<Body>, request: &Parts) -> Response<Body> {
        if !response.status().is_redirection() || response.status() == StatusCode::NOT_MODIFIED {
            self.rules.decorate(request.uri.path(), response.headers_mut());
        }
        if request.method == Method::HEAD {
            *response.body_mut() = empty();
        }
        response
    }

    /// What a file, or a rule of the site, answers.
    async fn get(&self, request: &Parts) -> Result<Option<Response<Body>>, Failure> {
        let path = percent_decode_str(request.uri.path()).decode_utf8_lossy();
        let way = self.rules.way(&path);
        let path = path.strip_prefix('/').unwrap_or(&path);
        if let Some(way) = way.filter(|way| way.force || self.find(path).is_none()) {
            return self.follow(&way, request).await;
        }
        if let Some(asset) = self.find(path) {
            return self.serve(asset, StatusCode::OK, &request.headers).await.map(Some);
        }
        let is_folder = !path.is_empty() && self.files.contains_key(&format!("{path}/index.html"));
        Ok(is_folder.then(|| redirect(&request.uri)))
    }

    /// For a path that the site does not have.
    async fn otherwise(&self, request: &Parts) -> Result<Response<Body>, Failure> {
        match (self.fallback, self.files.get("index.html"), self.files.get("404.html")) {
            (true, Some(index), _) => self.serve(index, StatusCode::OK, &request.headers).await,
            (_, _, Some(page)) => self.serve(page, StatusCode::NOT_FOUND, &request.headers).await,
            _ => Ok(text(StatusCode::NOT_FOUND, "Not found\n")),
        }
    }

    /// Redirects, or answers with the file that the rule names, if there is one.
    async fn follow(&self, way: &Way, request: &Parts) -> Result<Option<Response<Body>>, Failure> {
        if way.status.is_redirection() {
            return Ok(Some(leads_to(&way.to, way.status, &request.uri)));
        }
        let path = way.to.split('?').next().unwrap_or_default().trim_start_matches('/');
        match self.find(path) {
            Some(asset) => self.serve(asset, way.status, &request.headers).await.map(Some),
            None => Ok(None),
        }
    }

    /// The file at `path`, or the index of that folder.
    fn find(&self, path: &str) -> Option<&Asset> {
        match path.is_empty() || path.ends_with('/') {
            true => self.files.get(&format!("{path}index.html")),
            false => self.files.get(path),
        }
    }

    async fn serve(&self, asset: &Asset, status: StatusCode, asked: &HeaderMap) -> Result<Response<Body>, Failure> {
        let (coding, file) = asset.variant(asked);
        let etag = HeaderValue::try_from(format!("\"{}\"", file.digest)).expect("a digest is hex");
        let mut response = Response::new(empty());
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, asset.caching.clone());
        if asset.brotli.is_some() || asset.gzip.is_some() {
            headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if status == StatusCode::OK {
            headers.insert(header::ETAG, etag.clone());
            headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
            if negotiate::unchanged(asked, &etag) {
                *response.status_mut() = StatusCode::NOT_MODIFIED;
                return Ok(response);
            }
        }
        let part = if status == StatusCode::OK { negotiate::part(asked, &etag, file.size) } else { Part::Whole };
        let (start, length, status) = match part {
            Part::Whole => (0, file.size, status),
            Part::Range { start, end } => {
                response = with(response, header::CONTENT_RANGE, number(format!("bytes {start}-{}/{}", end - 1, file.size)));
                (start, end - start, StatusCode::PARTIAL_CONTENT)
            }
            Part::Unsatisfiable => {
                *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
                return Ok(with(response, header::CONTENT_RANGE, number(format!("bytes */{}", file.size))));
            }
        };
        *response.status_mut() = status;
        if let Some(name) = coding.name() {
            response = with(response, header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response = with(response, header::CONTENT_TYPE, asset.media.clone());
        response = with(response, header::CONTENT_LENGTH, length.into());
        *response.body_mut() = self.read(&file.digest, start, length).await?;
        Ok(response)
    }

    async fn read(&self, digest: &Digest, start: u64, length: u64) -> Result<Body, Failure> {
        let path = self.blobs.path(digest);
        let lost = |error: std::io::Error| Failure::new(Code::H99, format!("the slug file {} cannot be read: {error}", path.display()));
        let mut file = tokio::fs::File::open(&path).await.map_err(lost)?;
        if start > 0 {
            file.seek(SeekFrom::Start(start)).await.map_err(lost)?;
        }
        let mut content = file.take(length);
        if length <= WHOLE_BYTES {
            let mut all = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
            content.read_to_end(&mut all).await.map_err(lost)?;
            return Ok(full(all));
        }
        let pieces = ReaderStream::with_capacity(content, 64 << 10).map_ok(Frame::data).map_err(BoxError::from);
        Ok(StreamBody::new(pieces).boxed_unsync())
    }
}

impl Asset {
    fn new(path: &str, found: &HashMap<String, File>) -> Self {
        let variant = |suffix: &str| found.get(&format!("{path}.{suffix}")).cloned();
        let caching = if negotiate::fingerprinted(path) { IMMUTABLE } else { REVALIDATE };
        Self {
            plain: found[path].clone(),
            brotli: variant("br"),
            gzip: variant("gz"),
            media: media(path),
            caching: HeaderValue::from_static(caching),
        }
    }

    fn variant(&self, asked: &HeaderMap) -> (Coding, &File) {
        let offered = [(Coding::Brotli, &self.brotli), (Coding::Gzip, &self.gzip)];
        let offered = offered.into_iter().filter_map(|(coding, file)| Some((coding, file.as_ref()?)));
        negotiate::best(asked, offered).unwrap_or((Coding::Plain, &self.plain))
    }
}

fn reads(request: &Parts) -> bool {
    request.method == Method::GET || request.method == Method::HEAD
}

/// What the file's name says of its content; text is UTF-8.
fn media(path: &str) -> HeaderValue {
    let guess = mime_guess::from_path(path).first_or_octet_stream();
    let charset = if guess.type_() == "text" { "; charset=utf-8" } else { "" };
    HeaderValue::try_from(format!("{guess}{charset}")).expect("a media type is a header value")
}

/// `/dir` to `/dir/`, so that relative links work. The path is known to be a folder of the site, so it leads to no other host.
fn redirect(uri: &Uri) -> Response<Body> {
    let query = uri.query().map_or(String::new(), |query| format!("?{query}"));
    let location = HeaderValue::try_from(format!("{}/{query}", uri.path())).expect("a request's path is a header value");
    with(text(StatusCode::PERMANENT_REDIRECT, ""), header::LOCATION, location)
}

/// As a rule says. The visitor's query goes along, unless the rule has one of its own.
fn leads_to(to: &str, status: StatusCode, uri: &Uri) -> Response<Body> {
    let query = uri.query().filter(|_| !to.contains('?')).map_or(String::new(), |query| format!("?{query}"));
    match HeaderValue::try_from(format!("{to}{query}")) {
        Ok(location) => with(text(status, ""), header::LOCATION, location),
        // Of a path that was not fit for one.
        Err(_) => text(StatusCode::NOT_FOUND, "Not found\n"),
    }
}

/// Both files are small and read once, when the site is loaded.
fn read_rules(files: &HashMap<String, File>, blobs: &BlobDir) -> Result<Rules, Refusal> {
    let mut rules = Rules::default();
    for name in RULES {
        let Some(file) = files.get(name) else { continue };
        if file.size > MAX_RULES_BYTES {
            return Err(Refusal::app(format!("{name} is larger than 1 MB. Make it smaller and push again.")));
        }
        let path = blobs.path(&file.digest);
        let text = fs::read_to_string(&path).map_err(|error| Refusal::app(format!("{name} cannot be read: {error}. Write it as UTF-8 text.")))?;
        let read = if name == "_headers" { rules.read_headers(&text) } else { rules.read_redirects(&text) };
        read.map_err(|(line, reason)| Refusal::app(format!("{name}, line {line}: {reason}. Correct it and push again.")))?;
    }
    Ok(rules)
}

fn text(status: StatusCode, words: &'static str) -> Response<Body> {
    let mut response = Response::new(full(words));
    *response.status_mut() = status;
    with(response, header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))
}
fn with<B>(mut response: Response<B>, name: header::HeaderName, value: HeaderValue) -> Response<B> {
    response.headers_mut().insert(name, value);
    response
}
fn number(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("digits are a header value")
}
fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}
fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}
