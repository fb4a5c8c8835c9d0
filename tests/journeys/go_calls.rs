//! A Go app calls another host as it would anywhere: through the platform, under the app's rules, several calls at a time.
use crate::egress::upstream;
use paas_tests::{Platform, eventually};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Another host that reads a request's body and says how long it was.
async fn measuring() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = vec![];
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body).await.unwrap();
        let text = format!("{} bytes", body.iter().filter(|byte| **byte == b'x').count());
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}", text.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    port
}

const APP: &str = r#"package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

var upstream = os.Getenv("UPSTREAM")
var client = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConns: 2}}

func call(request *http.Request) string {
	answer, err := client.Do(request)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return fmt.Sprint(answer.Status, " ", string(body), " ", err)
}

func get(ctx context.Context, url string) string {
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return err.Error()
	}
	return call(request)
}

func main() {
	http.HandleFunc("/get", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, get(r.Context(), upstream+"/a")) })
	http.HandleFunc("/post", func(w http.ResponseWriter, r *http.Request) {
		request, _ := http.NewRequest("POST", os.Getenv("MEASURING"), strings.NewReader(strings.Repeat("x", 1<<20)))
		fmt.Fprint(w, call(request))
	})
	http.HandleFunc("/several", func(w http.ResponseWriter, r *http.Request) {
		var all sync.WaitGroup
		said := make([]string, 3)
		for i := range said {
			all.Add(1)
			go func() {
				defer all.Done()
				said[i] = get(r.Context(), fmt.Sprintf("%s/%d", upstream, i))
			}()
		}
		all.Wait()
		fmt.Fprint(w, strings.Join(said, "|"))
	})
	http.HandleFunc("/inside", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, get(r.Context(), "http://localhost:"+os.Getenv("PORT")+"/hello"))
	})
	http.HandleFunc("/hello", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello") })
	http.HandleFunc("/late", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		fmt.Fprint(w, get(ctx, upstream+"/c"))
	})
	http.HandleFunc("/tls", func(w http.ResponseWriter, r *http.Request) {
		plain, _ := net.Pipe()
		fmt.Fprint(w, tls.Client(plain, &tls.Config{InsecureSkipVerify: true}).Handshake())
	})
	http.ListenAndServe(":"+os.Getenv("PORT"), nil)
}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_go_app_calls_a_host_once_it_is_allowed() {
    let (port, measuring) = (upstream().await, measuring().await);
    let platform = Platform::start_with(&[("PAAS_EGRESS_ALLOW_PRIVATE", "127.0.0.1/32")]).await;
    let (developer, visitor) = (platform.developer(), platform.visitor());
    let repository = developer.repository("caller").await;
    repository.write("go.mod", "module example.org/caller\n\ngo 1.22\n");
    repository.write("main.go", APP);
    repository.commit("Call").await;
    let host = format!("127.0.0.1:{port}");
    developer.run(&format!("config:set UPSTREAM=http://{host} MEASURING=http://127.0.0.1:{measuring}/ PORT=8080 -a caller")).await.ok();
    let pushed = repository.push().await;
    assert!(pushed.text().contains("http-out (no host allowed yet: paas egress:allow HOST -a caller)"), "{}", pushed.text());
    pushed.ok();

    let refused = visitor.get("caller", "/get").await.text;
    assert!(refused.contains(&format!("{host} is not among the hosts that this app may call. Allow it: paas egress:allow {host}")), "{refused}");
    eventually("the refusal is in the log", async || {
        let log = developer.run("logs -n 100 -a caller").await.ok();
        log.contains(&format!("paas[outbound]: W40 Capability denied host={host} method=GET")).then_some(())
    })
    .await;

    developer.run(&format!("egress:allow {host} 127.0.0.1:{measuring} -a caller")).await.ok();
    assert_eq!(visitor.get("caller", "/get").await.text, "200 OK /a hops=true <nil>");
    assert_eq!(visitor.get("caller", "/several").await.text, "200 OK /0 hops=true <nil>|200 OK /1 hops=true <nil>|200 OK /2 hops=true <nil>");
    assert_eq!(visitor.get("caller", "/post").await.text, format!("200 OK {} bytes <nil>", 1 << 20));
    assert_eq!(visitor.get("caller", "/inside").await.text, "200 OK hello <nil>", "a call of the program's own server stays inside");
    let late = visitor.get("caller", "/late").await.text;
    assert!(late.ends_with("context canceled"), "{late}");
    let handshake = visitor.get("caller", "/tls").await.text;
    assert!(handshake.ends_with("send requests with net/http, the platform speaks TLS for them"), "{handshake}");
}
