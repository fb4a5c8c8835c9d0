//! An app of several components: each request goes to the one whose route is the most particular for its path.
//!
//! Each component is an [`App`] of its own, with its own code, files, variables and hosts; they share the app's name, limits and log.
use crate::{
    App, Body, Failure, Refusal, Shared,
    app::{Answer, Usage},
    assets::Site,
    instance::Record,
    log_rate::LogRate,
    outbound::Origin,
    stdio::Log,
};
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use paas_model::{
    Target,
    components::{Component, Components, Fixed, Matched},
    log::Sink,
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::{sync::OnceCell, time::Instant};

/// Begins the headers by which Spin tells a component what was matched; a visitor's own are taken away.
const SPIN: &str = "spin-";

pub(crate) struct Parts {
    rt: Arc<Shared>,
    /// The whole app.
    target: Target,
    apps: BTreeMap<String, App>,
    /// What answers before any of them.
    assets: OnceCell<Option<Site>>,
    log_rate: Arc<LogRate>,
}

/// What a component in CGI form is told of its route.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) script: String,
    pub(crate) info: String,
    pub(crate) route: String,
}

impl Parts {
    /// `None` for a slug that is one program.
    pub(crate) fn of(rt: &Arc<Shared>, target: &Target, log_rate: &Arc<LogRate>) -> Option<Self> {
        let components = target.manifest.components()?;
        let app = |component: &Component| App::part(rt.clone(), target.part(components, component), log_rate.clone());
        let apps = components.components.iter().map(|(name, component)| (name.clone(), app(component))).collect();
        Some(Self { rt: rt.clone(), target: target.clone(), apps, assets: OnceCell::new(), log_rate: log_rate.clone() })
    }

    pub(crate) async fn load(&self) -> Result<(), Refusal> {
        self.assets().await?;
        for (name, app) in &self.apps {
            app.program().await.map_err(|refusal| named(name, refusal))?;
        }
        Ok(())
    }

    async fn assets(&self) -> Result<&Option<Site>, Refusal> {
        self.assets.get_or_try_init(async || Site::before(&self.target.manifest, &self.rt.blobs)).await
    }

    /// `request` has its whole address. Boxed, because an app asks its parts by the function that they answer with.
    pub(crate) fn answer(&self, request: Request<Body>, deadline: Instant, sink: Arc<dyn Sink>) -> BoxFuture<'_, Answer> {
        Box::pin(self.route(request, deadline, sink))
    }

    async fn route(&self, request: Request<Body>, deadline: Instant, sink: Arc<dyn Sink>) -> Answer {
        let (mut parts, body) = request.into_parts();
        match self.before(&parts).await {
            Ok(None) => {}
            Ok(Some(response)) => return self.without_instance(Ok(response), sink),
            Err(failure) => return self.without_instance(Err(failure), sink),
        }
        let path = parts.uri.path().to_string();
        let Some(matched) = self.components().and_then(|components| components.route(&path)) else {
            return self.without_instance(Ok(plain(StatusCode::NOT_FOUND, "Not found\n")), sink);
        };
        let app = match (&matched.route.response, matched.route.component.as_ref().and_then(|name| self.apps.get(name))) {
            (Some(fixed), _) => return self.without_instance(answer_of(fixed), sink),
            (None, Some(app)) => app,
            (None, None) => return self.without_instance(Ok(plain(StatusCode::NOT_FOUND, "Not found\n")), sink),
        };
        let full = parts.uri.to_string();
        tell(&mut parts.headers, &matched, &full);
        let (script, info) = (matched.route.base().to_string(), matched.rest.to_string());
        parts.extensions.insert(Place { script, info, route: matched.route.path.clone() });
        app.answer_by(Request::from_parts(parts, body), deadline, sink).await
    }

    async fn before(&self, parts: &http::request::Parts) -> Result<Option<Response<Body>>, Failure> {
        match self.assets().await {
            Ok(Some(site)) => site.asset(parts).await,
            Ok(None) => Ok(None),
            Err(refusal) => Err(Failure::new(paas_model::Code::H20, refusal.to_string())),
        }
    }

    fn components(&self) -> Option<&Components> {
        self.target.manifest.components()
    }

    fn without_instance(&self, result: Result<Response<Body>, Failure>, sink: Arc<dyn Sink>) -> Answer {
        let log = Log::new(self.target.app, sink, &self.target.limits, self.log_rate.clone());
        Answer { result, usage: Usage::of(Record::new(log, Origin::default())), cold: false }
    }
}

/// Says whose refusal it is.
pub(crate) fn named(component: &str, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::App(text) => Refusal::App(format!("Component {component}: {text}")),
        fault => fault,
    }
}

/// As Spin names them. What a visitor sent under these names is gone.
fn tell(headers: &mut HeaderMap, matched: &Matched, full: &str) {
    let theirs: Vec<HeaderName> = headers.keys().filter(|name| name.as_str().starts_with(SPIN)).cloned().collect();
    for name in theirs {
        headers.remove(name);
    }
    let route = matched.route;
    let known = [
        ("full-url", full),
        ("path-info", matched.rest),
        ("matched-route", &route.path),
        ("raw-component-route", &route.path),
        ("component-route", route.base()),
    ];
    let parts = matched.parts.iter().map(|(name, value)| (format!("path-match-{name}"), *value));
    for (name, value) in known.map(|(name, value)| (name.to_string(), value)).into_iter().chain(parts) {
        // A route's `:name` may be no header's name; then there is no such header.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(format!("{SPIN}{name}")), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
}

fn answer_of(fixed: &Fixed) -> Result<Response<Body>, Failure> {
    let mut response = plain(StatusCode::OK, &fixed.body);
    *response.status_mut() = StatusCode::from_u16(fixed.status).map_err(|_| unfit())?;
    for (name, value) in &fixed.headers {
        let (name, value) = (HeaderName::try_from(name).map_err(|_| unfit())?, HeaderValue::try_from(value).map_err(|_| unfit())?);
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

fn unfit() -> Failure {
    Failure::new(paas_model::Code::H17, "the fixed answer of this route is not HTTP")
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let body = Full::new(text.to_string().into()).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
