//! Static sites.
use crate::stage::{Stage, body, get, text};
use http::{Request, Response};
use http_body_util::BodyExt;
use paas_model::{Launch, limits::Limits, slug::StaticSite};
use paas_runtime::{App, Body};

const FILES: [(&str, &[u8]); 8] = [
    ("public/index.html", b"<h1>home</h1>"),
    ("public/about/index.html", b"about"),
    ("public/app.js", b"let x = 1;"),
    ("public/app.js.br", b"(brotli)"),
    ("public/app.js.gz", b"(gzip)"),
    ("public/404.html", b"lost"),
    ("public/assets/x.0a1b2c3d.css", b"a{}"),
    ("secret.txt", b"secret"),
];

async fn site(stage: &Stage, files: &[(&str, &[u8])], fallback: bool) -> App {
    let manifest = stage.manifest(Launch::Static(StaticSite { root: "public".into(), fallback }), files);
    let app = stage.runtime.app(stage.target(manifest, Limits::default(), &[]));
    app.load().await.unwrap();
    app
}

async fn ask(app: &App, method: &str, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.handle(request.body(body("")).unwrap()).await.result.unwrap()
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn files_and_folders_are_served_with_their_type() {
    let stage = Stage::new();
    let app = site(&stage, &FILES, false).await;
    let home = get(&app, "/").await.unwrap();
    assert_eq!((header(&home, "content-type"), header(&home, "content-length")), ("text/html; charset=utf-8", "13"));
    assert_eq!(header(&home, "cache-control"), "public, max-age=0, must-revalidate");
    assert_eq!(text(home).await, "<h1>home</h1>");
    assert_eq!(text(get(&app, "/about/?x=1").await.unwrap()).await, "about");
    let folder = get(&app, "/about?x=1").await.unwrap();
    assert_eq!((folder.status().as_u16(), header(&folder, "location")), (308, "/about/?x=1"));
    let kept = get(&app, "/assets/x.0a1b2c3d.css").await.unwrap();
    assert_eq!(header(&kept, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(text(get(&app, "/%61pp.js").await.unwrap()).await, "let x = 1;");
}

#[tokio::test]
async fn nothing_outside_the_site_is_served() {
    let stage = Stage::new();
    let app = site(&stage, &FILES, false).await;
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/secret.txt",
        "//etc/passwd",
        "/about/../../secret.txt",
        "/index.html/",
        "//about",
    ] {
        let response = get(&app, path).await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(text(response).await, "lost", "{path}");
    }
}

#[tokio::test]
async fn an_unchanged_file_is_not_sent_again() {
    let stage = Stage::new();
    let app = site(&stage, &FILES, false).await;
    let etag = header(&get(&app, "/").await.unwrap(), "etag").to_string();
    let response = ask(&app, "GET", "/", &[("If-None-Match", &etag)]).await;
    assert_eq!((response.status().as_u16(), header(&response, "etag")), (304, etag.as_str()));
    assert_eq!(text(response).await, "");
    assert_eq!(ask(&app, "GET", "/", &[("If-None-Match", "\"other\"")]).await.status(), 200);
}

#[tokio::test]
async fn a_part_of_a_file_can_be_asked_for() {
    let stage = Stage::new();
    let app = site(&stage, &FILES, false).await;
    let part = ask(&app, "GET", "/", &[("Range", "bytes=4-7")]).await;
    assert_eq!((part.status().as_u16(), header(&part, "content-range"), header(&part, "content-length")), (206, "bytes 4-7/13", "4"));
    let etag = header(&part, "etag").to_string();
    assert_eq!(text(part).await, "home");
    assert_eq!(ask(&app, "GET", "/", &[("Range", "bytes=4-7"), ("If-Range", &etag)]).await.status(), 206);
    assert_eq!(ask(&app, "GET", "/", &[("Range", "bytes=4-7"), ("If-Range", "\"old\"")]).await.status(), 200);
    assert_eq!(ask(&app, "GET", "/", &[("Range", "bytes=0-12")]).await.status(), 206);
    let beyond = ask(&app, "GET", "/", &[("Range", "bytes=99-")]).await;
    assert_eq!((beyond.status().as_u16(), header(&beyond, "content-range")), (416, "bytes */13"));
}

#[tokio::test]
async fn a_compressed_variant_is_sent_to_who_takes_it() {
    let stage = Stage::new();
    let app = site(&stage, &FILES, false).await;
    let mut etags = Vec::new();
    for (accepted, coding, content) in [("gzip, br", "br", "(brotli)"), ("gzip", "gzip", "(gzip)"), ("br;q=0", "", "let x = 1;")] {
        let response = ask(&app, "GET", "/app.js", &[("Accept-Encoding", accepted)]).await;
        assert_eq!((header(&response, "content-encoding"), header(&response, "vary")), (coding, "Accept-Encoding"));
        assert_eq!(header(&response, "content-type"), "text/javascript; charset=utf-8");
        etags.push(header(&response, "etag").to_string());
        assert_eq!(text(response).await, content);
    }
    etags.dedup();
    assert_eq!(etags.len(), 3);
}

#[tokio::test]
async fn a_single_page_app_answers_every_path() {
    let stage = Stage::new();
    let response = get(&site(&stage, &FILES, true).await, "/any/where").await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(text(response).await, "<h1>home</h1>");
}

#[tokio::test]
async fn a_site_without_a_page_for_it_says_not_found_plainly() {
    let stage = Stage::new();
    let response = get(&site(&stage, &FILES[..1], false).await, "/nope").await.unwrap();
    assert_eq!((response.status().as_u16(), header(&response, "content-type")), (404, "text/plain; charset=utf-8"));
    assert_eq!(text(response).await, "Not found\n");
}

#[tokio::test]
async fn only_reading_is_allowed() {
    let stage = Stage::new();
    let app = site(&stage, &FILES, false).await;
    let post = ask(&app, "POST", "/", &[]).await;
    assert_eq!((post.status().as_u16(), header(&post, "allow")), (405, "GET, HEAD"));
    let head = ask(&app, "HEAD", "/", &[]).await;
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, "13"));
    assert_eq!(text(head).await, "");
}

#[tokio::test]
async fn a_large_file_comes_in_pieces() {
    let stage = Stage::new();
    let large: Vec<u8> = (0..1_000_000u32).map(|n| (n % 251) as u8).collect();
    let app = site(&stage, &[("public/large.bin", &large)], false).await;
    let response = ask(&app, "GET", "/large.bin", &[("Range", "bytes=10-")]).await;
    assert!(response.into_body().collect().await.unwrap().to_bytes() == large[10..]);
}

#[tokio::test]
async fn a_site_without_files_is_refused() {
    let stage = Stage::new();
    let manifest = stage.manifest(Launch::Static(StaticSite { root: "dist".into(), fallback: false }), &FILES);
    let refusal = stage.runtime.app(stage.target(manifest, Limits::default(), &[])).load().await.unwrap_err();
    assert_eq!(refusal.to_string(), "There are no files in dist/, which this site serves. Build the site into it, or name another folder.");
}

#[tokio::test]
async fn redirects_and_headers_are_as_the_site_says() {
    let stage = Stage::new();
    let redirects: &[u8] = b"/app.js /other 302\n/old/* /about/:splat 301\n/forced /x 307!\n/spa/* /index.html 200\n/gone /404.html 404\n";
    let headers: &[u8] = b"/*\n  X-Frame-Options: DENY\n/app.js\n  Cache-Control: no-store\n";
    let files = [&FILES[..], &[("public/_redirects", redirects), ("public/_headers", headers)]].concat();
    let app = site(&stage, &files, false).await;
    let moved = get(&app, "/old/a?b=c").await.unwrap();
    assert_eq!((moved.status().as_u16(), header(&moved, "location")), (301, "/about/a?b=c"));
    assert_eq!(get(&app, "/forced").await.unwrap().status(), 307);
    assert_eq!(text(get(&app, "/spa/any/where").await.unwrap()).await, "<h1>home</h1>");
    let gone = get(&app, "/gone").await.unwrap();
    assert_eq!((gone.status().as_u16(), header(&gone, "x-frame-options")), (404, "DENY"));
    let script = get(&app, "/app.js").await.unwrap();
    assert_eq!((script.status().as_u16(), header(&script, "cache-control")), (200, "no-store"), "a file comes before its redirect");
    for hidden in ["/_redirects", "/_headers"] {
        assert_eq!(get(&app, hidden).await.unwrap().status(), 404, "{hidden}");
    }
}

#[tokio::test]
async fn rules_that_cannot_be_read_are_refused_with_their_line() {
    let stage = Stage::new();
    let files = [&FILES[..], &[("public/_redirects", &b"/a /b\n/c\n"[..])]].concat();
    let manifest = stage.manifest(Launch::Static(StaticSite { root: "public".into(), fallback: false }), &files);
    let refusal = stage.runtime.app(stage.target(manifest, Limits::default(), &[])).load().await.unwrap_err().to_string();
    assert!(refusal.starts_with("_redirects, line 2: "), "{refusal}");
}
