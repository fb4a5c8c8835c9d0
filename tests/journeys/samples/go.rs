//! Go: servers as they are written for any machine, and CGI programs.
use super::{
    books::books,
    life::{Life, edit},
    live, live_on_one_platform,
    route::get,
};
use paas_tests::{Developer, Platform, Ran, Repository, platform::project};
use std::{collections::BTreeSet, fs, path::PathBuf};

#[tokio::test(flavor = "multi_thread")]
async fn go_programs_of_the_standard_library_live_a_full_life() {
    live_on_one_platform(vec![server(), cgi()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gin_and_chi_apps_with_vendored_modules_live_a_full_life() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    for life in [gin(), chi()] {
        live(&platform, &vendored(&developer, life.sample).await, &life).await;
    }
}

fn server() -> Life {
    let line = edit("main.go", "\"%s from Go\\n\"", "\"%s from Go again\\n\"");
    let mut life = books("go-http", "Go", line, edit("main.go", "books[id-1])", "bookz[id-1])"));
    life.push = vec!["-----> Go app detected"];
    life.log.push("main.go:37"); // the trace of a panic
    life.routes.push(get("/types").text("true true\n"));
    life
}

fn cgi() -> Life {
    let line = edit("main.go", "\"%s from CGI\\n\"", "\"%s from CGI again\\n\"");
    let life = books("go-cgi", "CGI", line, edit("main.go", "cgi.Serve(", "cgi.Server("));
    Life { push: vec!["which answers as a CGI program (net/http/cgi)"], ..life }
}

/// As Heroku's first Go app: Gin with templates and static files.
fn gin() -> Life {
    let line = edit("templates/index.tmpl.html", "from Gin", "from Gin again");
    let mut life = books("go-gin", "Gin", line, edit("main.go", "gin.New()", "gin.Now()"));
    let style = get("/static/main.css").header("content-type", "text/css; charset=utf-8");
    life.routes.push(style.text("body { font-family: sans-serif }\n"));
    life
}

fn chi() -> Life {
    let line = edit("main.go", "\"%s from chi\\n\"", "\"%s from chi again\\n\"");
    books("go-chi", "chi", line, edit("main.go", "r := chi.NewRouter()", "r, err := chi.NewRouter()"))
}

/// A sample with the modules in its `vendor` folder, as `go mod vendor` would leave them.
async fn vendored<'a>(developer: &'a Developer, sample: &str) -> Repository<'a> {
    let repository = developer.start_app(sample, sample).await;
    let mut command = developer.command(project().join("tests/apps/vendor-go.sh"));
    let sources = tempfile::tempdir().expect("a temporary folder");
    command.arg(&repository.path).arg(sources.path());
    Ran::of(command).await.ok();
    repository.commit("Vendor the modules").await;
    repository
}

/// A handler with types of its own, one of which reflection finds by its name, and a function of the host's that nobody else imports.
const MORE: &str = r#"
//go:wasmimport wasi_snapshot_preview1 clock_res_get
func resolution(clock uint32, at unsafe.Pointer) uint32

type more struct {
	Name string
	Tags map[string]int
}

func init() {
	http.HandleFunc("GET /more", func(w http.ResponseWriter, r *http.Request) {
		same := reflect.MapOf(reflect.TypeOf("x"), reflect.TypeOf(&more{})) == reflect.TypeOf(map[string]*more{})
		var nanoseconds uint64
		failed := resolution(1, unsafe.Pointer(&nanoseconds)) != 0 || nanoseconds == 0
		answer(w, http.StatusOK, map[string]*more{fmt.Sprint(same, failed): {"y", map[string]int{"z": 1}}})
	})
}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_an_app_leaves_its_libraries_as_they_are() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("libraries", "go-http").await;
    // Uses what the handler will.
    repository.write("more.go", "package main\n\nimport \"reflect\"\n\nvar _ = reflect.MapOf(reflect.TypeOf(1), reflect.TypeOf(2))\n");
    repository.commit("Reflect").await;
    repository.push().await.ok();
    let before = blobs(&platform);

    repository.write("more.go", &format!("package main\n\nimport (\n\t\"fmt\"\n\t\"net/http\"\n\t\"reflect\"\n\t\"unsafe\"\n)\n{MORE}"));
    repository.commit("Have more").await;
    repository.push().await.ok();
    assert_eq!(platform.visitor().get("libraries", "/more").await.text.trim(), r#"{"true false":{"Name":"y","Tags":{"z":1}}}"#);
    assert_eq!(blobs(&platform).difference(&before).count(), 2, "its memory and its own functions");
}

/// Files of slugs.
fn blobs(platform: &Platform) -> BTreeSet<PathBuf> {
    let folders = fs::read_dir(platform.data().join("blobs/sha256")).expect("the platform has blobs");
    let files = folders.flat_map(|folder| fs::read_dir(folder.expect("an entry").path()).expect("a folder of blobs"));
    files.map(|file| file.expect("an entry").path()).collect()
}

const CGI: &str =
    "package main\n\nimport (\n\t\"fmt\"\n\n\t_ \"example.org/else\"\n)\n\nfunc main() { fmt.Print(\"Content-Type: text/plain\\n\\nby hand\\n\") }\n";

#[tokio::test(flavor = "multi_thread")]
async fn modules_that_cannot_be_had_are_to_be_vendored() {
    // No proxy answers there, as on a machine without the network.
    let platform = Platform::start_with(&[("GOPROXY", "off")]).await;
    let developer = platform.developer();
    let repository = developer.repository("hand").await;
    repository.write("cmd/web/main.go", CGI);
    repository.write("go.mod", "module example.org/hand\n\ngo 1.22\n\nrequire example.org/else v1.0.0\n");
    let sum = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    repository.write("go.sum", &format!("example.org/else v1.0.0 {sum}\nexample.org/else v1.0.0/go.mod {sum}\n"));
    repository.commit("Need a module").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    for words in ["module lookup disabled", "run `go mod vendor`, commit the folder vendor, and push again."] {
        assert!(push.stderr.contains(words), "no {words:?} in\n{}", push.stderr);
    }

    repository.write("vendor/modules.txt", "# example.org/else v1.0.0\n## explicit; go 1.22\nexample.org/else\n");
    repository.write("vendor/example.org/else/else.go", "package other\n");
    repository.write("cmd/tool/main.go", "package main\n\nfunc main() {}\n");
    repository.commit("Vendor it").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    assert!(push.stderr.contains("This module has several programs, and nothing says which of them answers HTTP:"), "{}", push.stderr);

    let named =
        |package: &str| format!("module example.org/hand\n\n// +heroku install ./cmd/{package}\ngo 1.22\n\nrequire example.org/else v1.0.0\n");
    repository.write("go.mod", &named("none"));
    repository.commit("Name one that is not there").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    assert!(push.stderr.contains(" !     ./cmd/none is not a main package, or is not there."), "{}", push.stderr);
    repository.write("go.mod", &named("web"));
    repository.commit("Name one that is").await;
    repository.push().await.ok();
    assert_eq!(platform.visitor().get("hand", "/").await.text, "by hand\n");

    repository.write("go.mod", "module example.org/hand\n\ngo 1.22\n\nrequire example.org/else v1.0.0\n");
    repository.write("Procfile", "web: bin/web\n");
    repository.commit("Say which").await;
    repository.push().await.ok();
    assert_eq!(platform.visitor().get("hand", "/").await.text, "by hand\n");
}

/// Says what of it is as it was when it started.
const RESTS: &str = r#"package main

import (
	crypto "crypto/rand"
	"fmt"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"time"
)

var started, drawn, data = time.Now(), rand.Uint64(), read()

func read() string {
	text, err := os.ReadFile("data.txt")
	if err != nil {
		panic(err)
	}
	return string(text)
}

func main() {
	http.HandleFunc("GET /drawn", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, drawn, data, os.Getenv("GREETING")) })
	http.HandleFunc("GET /draw", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, rand.Uint64(), crypto.Text()) })
	http.HandleFunc("GET /clock", func(w http.ResponseWriter, r *http.Request) {
		before := time.Now()
		time.Sleep(2 * time.Millisecond)
		since, slept := time.Since(started), time.Since(before)
		fmt.Fprint(w, 0 < since && since < time.Minute, slept > time.Millisecond && slept < time.Second, time.Since(started.Round(0)) < time.Hour)
	})
	http.HandleFunc("GET /env", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, os.Getenv("PAAS_BOOT"), os.Getenv("REQUEST_METHOD")) })
	fmt.Println("started")
	log.Fatal(http.ListenAndServe(":"+os.Getenv("PORT"), nil))
}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_go_server_starts_once_for_each_release() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.repository("rests").await;
    repository.write("go.mod", "module example.org/rests\n\ngo 1.22\n");
    repository.write("data.txt", " of the file ");
    repository.write("main.go", RESTS);
    repository.commit("Start once").await;
    let push = repository.push().await;
    assert_eq!(push.code, 0, "{}", push.stderr);
    assert!(!push.stderr.contains("starts with each request"), "{}", push.stderr);

    let visitor = platform.visitor();
    let ask = async |path| visitor.get("rests", path).await.text;
    let drawn = ask("/drawn").await;
    assert!(drawn.contains(" of the file "), "{drawn}");
    assert_eq!(ask("/drawn").await, drawn);
    assert_ne!(ask("/draw").await, ask("/draw").await);
    assert_eq!(ask("/clock").await, "true true true");
    assert_eq!(ask("/env").await, "", "a request's variables are the platform's business");

    developer.run("config:set GREETING=hello -a rests").await.ok();
    let again = ask("/drawn").await;
    assert!(again.ends_with(" of the file hello"), "{again}");
    assert_ne!(again.trim_end_matches("hello"), drawn, "another release has started by itself");
    let log = developer.run("logs -a rests --num 100").await.ok();
    assert_eq!(log.matches("app[web.1]: started").count(), 2, "{log}");

    repository.write("held.go", "package main\n\nimport \"os\"\n\nvar held, _ = os.Open(\"data.txt\")\n");
    repository.commit("Hold a file").await;
    let push = repository.push().await;
    assert_eq!(push.code, 0, "{}", push.stderr);
    assert!(push.stderr.contains("The app starts with each request: it keeps a file open while it waits for them."), "{}", push.stderr);
    assert_ne!(ask("/drawn").await, ask("/drawn").await);
    assert_eq!(ask("/clock").await, "true true true");

    repository.write("held.go", "package main\n\nimport \"net/http\"\n\nvar _, failed = http.Get(\"https://api.example.com/\")\n");
    repository.commit("Call a host").await;
    let push = repository.push().await;
    assert_eq!(push.code, 0, "{}", push.stderr);
    assert!(push.stderr.contains("The app starts with each request: it uses the network while it starts."), "{}", push.stderr);
    assert_eq!(ask("/env").await.trim_end_matches("GET"), "");

    repository.write("held.go", "package main\n\nfunc init() { panic(\"there is no database\") }\n");
    repository.commit("Fail").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    for words in ["The app failed while it started", "panic: there is no database", "held.go:3"] {
        assert!(push.stderr.contains(words), "no {words:?} in\n{}", push.stderr);
    }
    assert_eq!(ask("/env").await.trim_end_matches("GET"), "", "what ran before runs on");
}
