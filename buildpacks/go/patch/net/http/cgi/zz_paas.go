package cgi

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"time"
	_ "unsafe" // for go:linkname
)

//go:linkname paasServes os.paasServes
var paasServes string

//go:linkname paasStdout os.paasStdout
var paasStdout *os.File

//go:linkname paasListener net.paasListener
var paasListener func(port string) (address string, exact bool)

// paasRest ends this run of the program, and returns in each run that goes on from here, with that one's environment.
//
//go:linkname paasRest runtime.paasRest
func paasRest() []string

// paasEnd ends the program well, which costs less than to exit.
//
//go:linkname paasEnd runtime.paasEnd
func paasEnd()

//go:linkname paasOpen syscall.paasOpen
func paasOpen() bool

//go:linkname paasStdio syscall.paasStdio
func paasStdio()

// What the platform says to a program that is to start ahead of its requests.
const paasBoot = "PAAS_BOOT"

// The platform knows these words: it does not start such a program ahead again.
const paasLate = "The app starts with each request: "

// A program that listens gets the request over its own network, and its answer is printed as that of a CGI program.
func init() {
	switch {
	case paasServes == "":
	case os.Getenv(paasBoot) != "":
		os.Unsetenv(paasBoot)
		go paasAnswerLater()
	case os.Getenv("GATEWAY_INTERFACE") != "":
		go paasAnswer(os.Environ())
	}
}

// paasAnswerLater rests when the program listens and has nothing else to do. The collector's work is done then, too: each request would begin with it.
func paasAnswerLater() {
	paasAddress(os.Getenv("PORT"))
	for range 1000 {
		runtime.Gosched()
	}
	if paasOpen() {
		fmt.Fprintln(os.Stderr, paasLate+"it keeps a file open while it waits for them. Read what is needed at the start, and close it, to make requests faster.")
		os.Exit(0)
	}
	paasRehearse()
	runtime.GC()
	environment := paasRest()
	paasStdio()
	paasAnswer(environment)
}

// paasRehearse answers a request of nobody's, so that those of visitors find what this package and net/http make when they are first used.
func paasRehearse() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return
	}
	answer := func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }
	server := http.Server{Handler: http.HandlerFunc(answer), ErrorLog: log.New(io.Discard, "", 0)}
	go server.Serve(listener)
	defer server.Close()
	for _, method := range []string{"GET", "POST"} {
		request, err := paasRequest(map[string]string{
			"REQUEST_METHOD": method, "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_URI": "/", "CONTENT_LENGTH": "2",
			"HTTP_HOST": "localhost", "HTTP_ACCEPT": "*/*", "HTTP_USER_AGENT": "rehearsal", "HTTP_X_FORWARDED_FOR": "127.0.0.1",
		}, strings.NewReader("{}"))
		if err != nil {
			return
		}
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			return
		}
		paasExchange(conn, request, io.Discard)
	}
}

func paasAnswer(environment []string) {
	request, err := paasRequest(envMap(environment), os.Stdin)
	if err != nil {
		paasFail("400 Bad Request", err)
	}
	begun, err := paasExchange(paasDial(os.Getenv("PORT")), request, paasStdout)
	switch {
	case err == nil:
		paasEnd()
	case !begun:
		paasFail("500 Internal Server Error", err)
	default:
		fmt.Fprintln(os.Stderr, "The answer ended early:", err)
		os.Exit(1)
	}
}

// paasExchange sends a request and prints its answer; and says whether it has begun to.
func paasExchange(conn net.Conn, request *http.Request, out io.Writer) (begun bool, err error) {
	defer conn.Close()
	// At its own pace: an app may answer before it has read all of a body.
	go request.Write(conn)

	in := bufio.NewReader(conn)
	response, err := paasResponse(in, request)
	if err != nil {
		return false, err
	}
	if err := paasPrint(out, response, in); err != nil {
		return true, err
	}
	// The server hangs up when the handler has returned; until then it may have something to log.
	io.Copy(io.Discard, in)
	return true, nil
}

func paasRequest(env map[string]string, body io.Reader) (*http.Request, error) {
	request, err := RequestFromMap(env)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"Connection", "Expect", "Upgrade", "Te", "Keep-Alive"} {
		request.Header.Del(name)
	}
	if request.Header.Get("User-Agent") == "" {
		// Else net/http would name itself.
		request.Header.Set("User-Agent", "")
	}
	paasBody(request, env["CONTENT_LENGTH"] != "", body)
	return request, nil
}

func paasBody(request *http.Request, known bool, from io.Reader) {
	if known {
		request.Body = io.NopCloser(io.LimitReader(from, request.ContentLength))
		return
	}
	body := bufio.NewReader(from)
	if _, err := body.Peek(1); err == nil {
		request.Body, request.ContentLength = io.NopCloser(body), -1
	}
}

// paasDial waits for the program to accept a connection.
func paasDial(port string) net.Conn {
	for {
		if conn, err := net.Dial("tcp", paasAddress(port)); err == nil {
			return conn
		}
		runtime.Gosched()
	}
}

// paasAddress waits for the program to listen, at best on $PORT.
func paasAddress(port string) string {
	for tries := 0; ; tries++ {
		if address, exact := paasListener(port); exact || (address != "" && tries > 1010) {
			return address
		}
		if tries < 1000 {
			runtime.Gosched()
		} else {
			time.Sleep(time.Millisecond)
		}
	}
}

// paasResponse passes over early hints and the like.
func paasResponse(in *bufio.Reader, request *http.Request) (*http.Response, error) {
	for {
		response, err := http.ReadResponse(in, request)
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			err = errors.New("the server hung up without an answer")
		}
		if err != nil || response.StatusCode >= 200 || response.StatusCode == http.StatusSwitchingProtocols {
			return response, err
		}
	}
}

func paasPrint(to io.Writer, response *http.Response, in *bufio.Reader) error {
	var head strings.Builder
	fmt.Fprintf(&head, "Status: %s\r\n", response.Status)
	response.Header.Write(&head)
	head.WriteString("\r\n")

	out := bufio.NewWriterSize(to, 64<<10)
	out.WriteString(head.String())
	if in.Buffered() == 0 {
		// The app takes its time with the body: the visitor sees the head meanwhile.
		out.Flush()
	}
	piece := make([]byte, 32<<10)
	for {
		length, err := response.Body.Read(piece)
		out.Write(piece[:length])
		if failed := out.Flush(); failed != nil {
			return failed
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func paasFail(status string, err error) {
	fmt.Fprintln(os.Stderr, "No answer of the app:", err)
	fmt.Fprintf(paasStdout, "Status: %s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\n", status, status[4:])
	os.Exit(0)
}
