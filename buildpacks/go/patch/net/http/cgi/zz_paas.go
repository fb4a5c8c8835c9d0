package cgi

import (
	"bufio"
	"errors"
	"fmt"
	"io"
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

// A program that listens gets the request that this process was started for over its own network, and its answer is printed as that of a CGI program.
func init() {
	if paasServes != "" && os.Getenv("GATEWAY_INTERFACE") != "" {
		go paasAnswer()
	}
}

func paasAnswer() {
	request, err := paasRequest(envMap(os.Environ()))
	if err != nil {
		paasFail("400 Bad Request", err)
	}
	conn := paasDial(os.Getenv("PORT"))
	// At its own pace: an app may answer before it has read all of a body.
	go request.Write(conn)

	in := bufio.NewReader(conn)
	response, err := paasResponse(in, request)
	if err != nil {
		paasFail("500 Internal Server Error", err)
	}
	if err := paasPrint(response, in); err != nil {
		fmt.Fprintln(os.Stderr, "The answer ended early:", err)
		os.Exit(1)
	}
	// The server hangs up when the handler has returned; until then it may have something to log.
	io.Copy(io.Discard, in)
	os.Exit(0)
}

func paasRequest(env map[string]string) (*http.Request, error) {
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
	paasBody(request, env["CONTENT_LENGTH"] != "")
	return request, nil
}

func paasBody(request *http.Request, known bool) {
	if known {
		request.Body = io.NopCloser(io.LimitReader(os.Stdin, request.ContentLength))
		return
	}
	body := bufio.NewReader(os.Stdin)
	if _, err := body.Peek(1); err == nil {
		request.Body, request.ContentLength = io.NopCloser(body), -1
	}
}

// paasDial waits for the program to listen, at best on $PORT.
func paasDial(port string) net.Conn {
	for tries := 0; ; tries++ {
		if address, exact := paasListener(port); exact || (address != "" && tries > 1010) {
			if conn, err := net.Dial("tcp", address); err == nil {
				return conn
			}
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

func paasPrint(response *http.Response, in *bufio.Reader) error {
	var head strings.Builder
	fmt.Fprintf(&head, "Status: %s\r\n", response.Status)
	response.Header.Write(&head)
	head.WriteString("\r\n")

	out := bufio.NewWriterSize(paasStdout, 64<<10)
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
