//! Files before an app that is a server of another language, and before what a framework serves itself. What else there is to say: samples/assets.rs.
use paas_tests::Platform;
use reqwest::{StatusCode, header};

#[tokio::test(flavor = "multi_thread")]
async fn files_come_before_a_server_of_any_language_and_its_own_way_to_serve_them_stays() {
    let platform = Platform::start().await;
    let (developer, visitor) = (platform.developer(), platform.visitor());
    for (sample, greeting) in [("express-ejs", "Hello from Express"), ("c-cgi", "Hello from C")] {
        let repository = developer.start_app(sample, sample).await;
        repository.write("public/stylesheets/main.css", "body { color: rebeccapurple }\n");
        repository.write("public/extra.txt", "an asset\n");
        repository.commit("Add files").await;
        repository.push().await.ok();
        let own = visitor.get(sample, "/stylesheets/main.css").await;
        assert_eq!(
            own.status.is_success(),
            sample == "express-ejs",
            "what a framework serves it goes on serving, and nobody else serves anything: {own:?}"
        );

        repository.write("app.json", "{ \"assets\": \"public\" }\n");
        repository.commit("Name the folder").await;
        repository.push().await.ok();
        let styles = visitor.get(sample, "/stylesheets/main.css").await;
        assert_eq!((styles.status, styles.text.as_str()), (StatusCode::OK, "body { color: rebeccapurple }\n"), "{sample}");
        assert_eq!(styles.headers[header::CACHE_CONTROL], "public, max-age=0, must-revalidate", "{sample}");
        assert!(styles.headers[header::ETAG].len() == 66, "the platform's own: {:?}", styles.headers);
        assert_eq!(visitor.get(sample, "/extra.txt").await.text, "an asset\n", "{sample}");
        assert!(visitor.get(sample, "/").await.text.contains(greeting), "{sample}");
    }
}
