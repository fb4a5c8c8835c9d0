use crate::platform::{DASHBOARD, World, run};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

#[test]
fn a_browser_sees_pages_where_programs_see_json() {
    run(async |world: World| {
        let app = world.app().await;
        for path in ["/", "/apps", "/login", "/account", &format!("/apps/{app}"), &format!("/apps/{app}/releases"), "/nothing/here"] {
            assert_eq!(world.visitor().with("accept", BROWSER).get(path).await.text, DASHBOARD, "{path}");
        }
        let program = world.owner().with("accept", "application/vnd.heroku+json; version=3");
        assert_eq!(program.get(&format!("/apps/{app}")).await.json()["name"], app.as_str());
        assert_eq!(world.owner().with("accept", "*/*").get("/apps").await.json()[0]["name"], app.as_str());
        program.get("/nothing/here").await.refused(404, "not_found");
    });
}

#[test]
fn a_browser_sees_streams_and_documents_as_they_are() {
    run(async |world: World| {
        let browser = world.visitor().with("accept", BROWSER);
        for path in ["/logs/0000", "/healthz", "/openapi.json", "/apps/hello/builds/1/output", "/hello.git/info/refs"] {
            assert_ne!(browser.get(path).await.text, DASHBOARD, "{path}");
        }
    });
}

#[test]
fn the_dashboards_files_are_found() {
    run(async |world: World| {
        assert_eq!(world.visitor().with("accept", "*/*").get("/assets/index.js").await.text, DASHBOARD);
    });
}
