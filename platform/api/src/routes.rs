//! All routes on one page, and who may call each. The router and the OpenAPI document are both made from this table.
use crate::{
    absent, account,
    api::{Api, Parts},
    app, auth, build, buildpack, collaborator, config, doctor, egress, exchange, formation, git_http, health, limits, log_session, metrics, openapi,
    page, release, session, source,
};
use axum::{Router, middleware, routing::MethodRouter};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

/// Who may call a route. Checked before the handler runs, by [`auth::check`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Whoever has a key or a session.
    Account,
    /// The owner of `{app}`; to others the app does not exist.
    Owner,
    /// The platform's admin alone, with a key: what it says is about the apps of all accounts.
    Admin,
    /// The owner of the app in `{repository}`, with a key; refusals are plain text, which git shows.
    Git,
}

#[rustfmt::skip]
fn table() -> Vec<(Access, UtoipaMethodRouter<Api>)> {
    use Access::{Account, Admin, Git, Owner, Public};
    vec![
        (Public,  routes!(health::show)),
        (Public,  routes!(openapi::show)),
        (Admin,   routes!(metrics::prometheus)),
        (Public,  routes!(session::create)),
        (Account, routes!(session::delete)),
        (Account, routes!(account::show)),
        (Account, routes!(doctor::show)),

        (Account, routes!(app::list)),
        (Account, routes!(app::list_own)),
        (Account, routes!(app::create)),
        (Owner,   routes!(app::show)),
        (Owner,   routes!(app::update)),
        (Owner,   routes!(app::delete)),

        (Account, routes!(source::create)),
        (Public,  routes!(source::put)),       // the token in its path is the key
        (Public,  routes!(source::read)),      // likewise
        (Owner,   routes!(build::list)),
        (Owner,   routes!(build::create)),
        (Owner,   routes!(build::show)),
        (Owner,   routes!(build::cancel)),
        (Owner,   routes!(build::output)),
        (Owner,   routes!(build::sbom)),
        (Owner,   routes!(buildpack::list)),
        (Owner,   routes!(buildpack::update)),

        (Owner,   routes!(source::create_slug)),
        (Owner,   routes!(release::list)),
        (Owner,   routes!(release::create)),
        (Owner,   routes!(release::show)),
        (Owner,   routes!(release::config_vars)),

        (Owner,   routes!(config::show)),
        (Owner,   routes!(config::update)),

        (Owner,   routes!(limits::show)),
        (Owner,   routes!(limits::update)),

        (Owner,   routes!(egress::show)),
        (Owner,   routes!(egress::update)),

        (Owner,   routes!(metrics::show)),

        (Owner,   routes!(log_session::create)),
        (Public,  routes!(log_session::read)), // the token in its path is the key

        (Owner,   routes!(formation::list)),
        (Owner,   routes!(formation::list_dynos)),
        (Owner,   routes!(collaborator::list)),
        (Owner,   routes!(absent::addons)),
        (Owner,   routes!(absent::addon_attachments)),
        (Owner,   routes!(absent::features)),
        (Owner,   routes!(absent::pipeline_coupling)),
        (Account, routes!(absent::account_features)),
        (Account, routes!(absent::teams)),

        (Git,     routes!(git_http::info_refs)),
        (Git,     git_http::unpacked(routes!(git_http::upload_pack))),
        (Git,     git_http::unpacked(routes!(git_http::receive_pack))),
    ]
}

/// Everything at the control host. `dashboard` answers what is no route of the API, and every route's path for a browser's page view.
pub fn router(parts: Parts, dashboard: Router) -> Router {
    let api = Api::new(parts);
    let guard = |access, handlers: MethodRouter<Api>| handlers.route_layer(middleware::from_fn_with_state((api.clone(), access), auth::check));
    let routes: Router<Api> = assemble(guard).into();
    let fallback = page::or_not_found(dashboard.clone());
    let routes = routes.method_not_allowed_fallback(exchange::method_not_allowed).fallback_service(fallback);
    let routes = routes.layer(middleware::from_fn(exchange::complete)).with_state(api.clone());
    routes.layer(middleware::from_fn_with_state(dashboard, page::dispatch))
}

pub(crate) fn assemble(guard: impl Fn(Access, MethodRouter<Api>) -> MethodRouter<Api>) -> OpenApiRouter<Api> {
    table().into_iter().fold(OpenApiRouter::with_openapi(openapi::front()), |router, (access, (schemas, mut paths, handlers))| {
        openapi::describe(access, &mut paths);
        router.routes((schemas, paths, guard(access, handlers)))
    })
}

/// A line of the table, for tests that walk it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub access: Access,
    /// Upper case.
    pub method: String,
    /// With parameters in braces.
    pub path: String,
}

/// The table, as data.
pub fn operations() -> Vec<Operation> {
    let rows = table().into_iter();
    rows.flat_map(|(access, (_, paths, _))| {
        let paths = openapi::methods(&paths);
        paths.into_iter().map(move |(method, path)| Operation { access, method, path })
    })
    .collect()
}
