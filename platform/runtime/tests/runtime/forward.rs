//! Calls of WASI 0.3, which are not those of 0.2: the same rules hold.
use crate::{
    outbound::{Server, line, local, stage},
    stage::{Stage, text},
};
use http::Request;
use paas_model::{Code, Egress, limits::Limits};

/// Has the service of `forward.wat` pass a request on to this host.
async fn forwarded(stage: &Stage, rules: &[&str], authority: &str, path: &str) -> Result<String, Code> {
    let mut target = stage.target(stage.guest_manifest("forward"), Limits::default(), &[]);
    target.egress = Egress(rules.iter().map(|rule| rule.parse().unwrap()).collect());
    let app = stage.runtime.app(target);
    app.load().await.unwrap();
    let request = Request::get(format!("http://{authority}{path}")).header("Host", "hello.localhost").header("X-Request-ID", "the-id");
    let request = request.body(crate::stage::body("")).unwrap();
    match app.handle(request).await.result {
        Ok(response) => Ok(format!("{} {}", response.status().as_u16(), text(response).await)),
        Err(failure) => Err(failure.code),
    }
}

#[tokio::test]
async fn a_service_of_wasi_0_3_calls_by_the_same_rules() {
    let (server, stage) = (Server::start().await, stage(local()));
    let host = server.at("api.test");
    assert_eq!(forwarded(&stage, &[&host], &host, "/hello").await.unwrap(), "200 hello");
    let seen = forwarded(&stage, &[&host], &host, "/head").await.unwrap();
    assert!(seen.contains("paas-hops: 1\r\n") && seen.contains(&format!("host: {host}\r\n")), "{seen}");
    assert_eq!(seen.matches("host: ").count(), 1, "the host that is called, not the one that was: {seen}");
    let line = line(&stage.log, "paas[outbound]: at=info");
    assert!(line.contains(&format!("method=GET host={host} status=200")) && line.ends_with("request_id=the-id"), "{line}");
    let made = server.connections();

    let refused = forwarded(&stage, &[], &host, "/hello").await;
    assert!(refused.is_err(), "{refused:?}");
    assert!(stage.log.has(&format!("W40 Capability denied host={host} method=GET")));
    let inside = server.at("127.0.0.2");
    assert!(forwarded(&stage, &[&inside], &inside, "/hello").await.is_err());
    assert!(stage.log.has(&format!("W40 Capability denied host={inside} method=GET request_id=the-id address=127.0.0.2 (not public")));
    assert_eq!(server.connections(), made, "refused before a connection is made");
}
