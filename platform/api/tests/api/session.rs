use crate::{
    client::Answer,
    platform::{World, run},
};

async fn sign_in(world: &World) -> Answer {
    world.visitor().post("/sessions", &format!("{{\"key\": {:?}}}", world.key)).await
}

fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_string()
}

#[test]
fn a_key_becomes_a_cookie_that_scripts_cannot_read() {
    run(async |world: World| {
        let answer = sign_in(&world).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["email"]), (201, &world.account.email.as_str().into()));
        let set = answer.header("set-cookie");
        assert!(set.starts_with("paas_session=paas_") && set.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000"), "{set}");
        assert!(!set.contains(&world.key));
        let account = world.visitor().with("cookie", &format!("a=b; {}", cookie(&answer))).get("/account").await;
        assert_eq!(account.json()["email"], world.account.email);
    });
}

#[test]
fn under_tls_the_cookie_is_bound_to_the_host() {
    run(async |world: World| {
        let secure = world.visitor().with("x-forwarded-proto", "https");
        let answer = secure.post("/sessions", &format!("{{\"key\": {:?}}}", world.key)).await;
        let set = answer.header("set-cookie");
        assert!(set.starts_with("__Host-paas_session=") && set.ends_with("; Secure"), "{set}");
        assert_eq!(secure.clone().with("cookie", &cookie(&answer)).get("/account").await.status, 200);
        // A cookie that an app below the same domain could have set does not count.
        let tossed = cookie(&answer).replace("__Host-", "");
        assert_eq!(secure.with("cookie", &tossed).get("/account").await.status, 401);
    });
}

#[test]
fn a_page_of_another_site_changes_nothing() {
    run(async |world: World| {
        let browser = world.visitor().with("cookie", &cookie(&sign_in(&world).await));
        let own = format!("http://localhost:{}", world.platform.address.port);
        let foreign = [
            ("origin", "http://evil.example"),
            ("origin", "null"),
            ("origin", "https://localhost"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ];
        for (name, value) in foreign {
            browser.clone().with(name, value).post("/apps", "{}").await.refused(403, "forbidden");
        }
        browser.post("/apps", "{}").await.refused(403, "forbidden");
        assert_eq!(browser.clone().with("origin", &own).post("/apps", "{}").await.status, 201);
        assert_eq!(browser.clone().with("sec-fetch-site", "same-origin").post("/apps", "{}").await.status, 201);
        // Programs have keys and no pages.
        assert_eq!(world.owner().with("origin", "http://evil.example").post("/apps", "{}").await.status, 201);
    });
}

#[test]
fn nobody_is_signed_in_by_another_site() {
    run(async |world: World| {
        let body = format!("{{\"key\": {:?}}}", world.key);
        world.visitor().with("origin", "http://evil.example").post("/sessions", &body).await.refused(403, "forbidden");
    });
}

#[test]
fn signing_out_ends_the_session() {
    run(async |world: World| {
        let browser = world.visitor().with("cookie", &cookie(&sign_in(&world).await)).with("sec-fetch-site", "same-origin");
        let answer = browser.delete("/sessions").await;
        assert_eq!(answer.status, 204);
        assert!(answer.header("set-cookie").contains("Max-Age=0"));
        browser.get("/account").await.refused(401, "unauthorized");
        assert_eq!(world.owner().get("/account").await.status, 200);
    });
}

#[test]
fn a_wrong_key_signs_nobody_in() {
    run(async |world: World| {
        let answer = world.visitor().post("/sessions", r#"{"key": "paas_wrong"}"#).await;
        assert_eq!(answer.refused(401, "unauthorized"), "Invalid credentials provided.");
        assert_eq!(answer.header("set-cookie"), "");
        world.visitor().post("/sessions", "{}").await.refused(422, "invalid_params");
    });
}
