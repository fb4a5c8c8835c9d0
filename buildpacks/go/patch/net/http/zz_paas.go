package http

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/internal/ascii"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unsafe" // also for go:linkname
)

// Calls to other hosts go through the platform, which knows the app's rules, speaks TLS and keeps the connections. None of its functions waits:
// while one goroutine has to, the others go on.

//go:wasmimport paas:app/http@0.1.0 open
//go:noescape
func paasOpen(head unsafe.Pointer, length int32, body int32) int32

//go:wasmimport paas:app/http@0.1.0 write
//go:noescape
func paasWrite(call int32, piece unsafe.Pointer, length int32) int32

//go:wasmimport paas:app/http@0.1.0 end
func paasEnd(call int32)

//go:wasmimport paas:app/http@0.1.0 head
//go:noescape
func paasHead(call int32, into unsafe.Pointer, length int32) int32

//go:wasmimport paas:app/http@0.1.0 read
//go:noescape
func paasRead(call int32, into unsafe.Pointer, length int32) int32

//go:wasmimport paas:app/http@0.1.0 close
func paasClose(call int32)

//go:linkname paasListener net.paasListener
var paasListener func(port string) (address string, exact bool)

// What the functions give instead of a length.
const (
	paasLater  = -1
	paasBroken = -2
)

// More than the platform's answers have before their body.
const paasHeadBytes = 64 << 10

// paasInside is the address of the server in this program that a URL means, if there is one.
func paasInside(u *url.URL) string {
	host := u.Hostname()
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return ""
	}
	if address, exact := paasListener(u.Port()); exact {
		return address
	}
	return ""
}

// paasStayInside goes by the program's own network, which knows no names.
func (t *Transport) paasStayInside(req *Request, address string) (*Response, error) {
	inner, where := *req, *req.URL
	where.Host = address
	inner.URL = &where
	if inner.Host == "" {
		inner.Host = req.URL.Host
	}
	response, err := t.roundTrip(&inner)
	if response != nil {
		response.Request = req
	}
	return response, err
}

func (t *Transport) paasRoundTrip(req *Request) (*Response, error) {
	ctx := req.Context()
	if t.ResponseHeaderTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.ResponseHeaderTimeout)
		defer cancel()
	}
	head, zipped, err := t.paasRequestHead(req)
	if err != nil {
		req.closeBody()
		return nil, err
	}
	hasBody := int32(0)
	if req.outgoingLength() != 0 {
		hasBody = 1
	}
	call := paasOpen(unsafe.Pointer(unsafe.StringData(head)), int32(len(head)), hasBody)
	if call < 0 {
		req.closeBody()
		return nil, errors.New("net/http: this request cannot be sent, or too many are sent already")
	}
	sent := make(chan error, 1)
	if hasBody == 1 {
		go func() { sent <- paasSend(req.Context(), call, req.Body) }()
	} else {
		req.closeBody()
	}

	text := make([]byte, paasHeadBytes)
	length, err := paasWait(ctx, req.Cancel, func() int32 { return paasHead(call, unsafe.Pointer(&text[0]), paasHeadBytes) })
	if err == nil && length < 0 {
		err = errors.New("net/http: the request was given up")
		select {
		case failed := <-sent:
			if failed != nil {
				err = failed
			}
		default:
		}
	}
	if err != nil {
		paasClose(call)
		return nil, err
	}
	return paasResponse(req, call, string(text[:length]), zipped)
}

// paasRequestHead is the request without its body, and whether its answer may come compressed without the app's asking.
func (t *Transport) paasRequestHead(req *Request) (string, bool, error) {
	host, err := idnaASCIIFromURLHost(req.URL)
	if err != nil {
		return "", false, err
	}
	where := *req.URL
	where.User, where.Fragment, where.RawFragment, where.Host = nil, "", "", host
	if where.Path == "" {
		where.Path = "/"
	}
	header := req.Header.Clone()
	if header == nil {
		header = Header{}
	}
	for _, name := range []string{"Host", "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Te", "Upgrade", "Expect", "Content-Length"} {
		header.Del(name)
	}
	if length := req.outgoingLength(); length > 0 || (length == 0 && req.Method != "" && req.Method != MethodGet && req.Method != MethodHead) {
		header.Set("Content-Length", strconv.FormatInt(length, 10))
	}
	if agents, ok := header["User-Agent"]; !ok {
		header.Set("User-Agent", defaultUserAgent)
	} else if len(agents) == 0 || agents[0] == "" {
		header.Del("User-Agent")
	}
	zipped := !t.DisableCompression && header.Get("Accept-Encoding") == "" && header.Get("Range") == "" && req.Method != MethodHead
	if zipped {
		header.Set("Accept-Encoding", "gzip")
	}
	var head strings.Builder
	fmt.Fprintf(&head, "%s %s\r\n", valueOrDefault(req.Method, MethodGet), where.String())
	if err := header.Write(&head); err != nil {
		return "", false, err
	}
	return head.String(), zipped, nil
}

func idnaASCIIFromURLHost(u *url.URL) (string, error) {
	host := idnaASCIIFromURL(u)
	if host == "" {
		return "", errors.New("http: no Host in request URL")
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" {
		host += ":" + port
	}
	return host, nil
}

// paasSend hands over a request's body, as fast as the other host takes it.
func paasSend(ctx context.Context, call int32, body io.ReadCloser) error {
	defer body.Close()
	buffer := make([]byte, 32<<10)
	for {
		length, err := body.Read(buffer)
		for piece := buffer[:length]; len(piece) > 0; {
			taken, late := paasWait(ctx, nil, func() int32 { return paasWrite(call, unsafe.Pointer(&piece[0]), int32(len(piece))) })
			if late != nil || taken < 0 {
				// The answer says why, or whoever waits for it has gone.
				return late
			}
			piece = piece[taken:]
		}
		if err == io.EOF {
			paasEnd(call)
			return nil
		}
		if err != nil {
			paasClose(call)
			return err
		}
	}
}

// paasWait asks until there is something else to say than "later".
func paasWait(ctx context.Context, cancel <-chan struct{}, ask func() int32) (int32, error) {
	for pause := 50 * time.Microsecond; ; {
		if told := ask(); told != paasLater {
			return told, nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return 0, context.Cause(ctx)
		case <-cancel:
			timer.Stop()
			return 0, errRequestCanceled
		}
		if pause < 2*time.Millisecond {
			pause *= 2
		}
	}
}

// paasResponse reads `200` and the header below it; or `0` and why there is no answer.
func paasResponse(req *Request, call int32, text string, zipped bool) (*Response, error) {
	status, rest, _ := strings.Cut(text, "\r\n")
	code, err := strconv.Atoi(status)
	if err != nil || code == 0 {
		paasClose(call)
		return nil, errors.New(strings.TrimSpace(rest))
	}
	response := &Response{
		Status:     status + " " + StatusText(code),
		StatusCode: code,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        Header{},
		ContentLength: -1,
		Request:       req,
	}
	for _, line := range strings.Split(rest, "\r\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			response.Header.Add(textproto.CanonicalMIMEHeaderKey(name), value)
		}
	}
	if length, err := strconv.ParseInt(response.Header.Get("Content-Length"), 10, 64); err == nil && length >= 0 {
		response.ContentLength = length
	}
	if req.Method == MethodHead || code == StatusNoContent || code == StatusNotModified {
		paasClose(call)
		response.Body = NoBody
		if req.Method != MethodHead {
			response.ContentLength = 0
		}
		return response, nil
	}
	response.Body = &paasBody{ctx: req.Context(), call: call}
	if zipped && ascii.EqualFold(response.Header.Get("Content-Encoding"), "gzip") {
		response.Body = &paasZipped{body: response.Body}
		response.Header.Del("Content-Encoding")
		response.Header.Del("Content-Length")
		response.ContentLength, response.Uncompressed = -1, true
	}
	return response, nil
}

// paasBody is an answer's body, read as it comes.
type paasBody struct {
	ctx  context.Context
	call int32
	err  error
}

func (b *paasBody) Read(into []byte) (int, error) {
	if b.err != nil || len(into) == 0 {
		return 0, b.err
	}
	length, err := paasWait(b.ctx, nil, func() int32 { return paasRead(b.call, unsafe.Pointer(&into[0]), int32(min(len(into), 1<<20))) })
	switch {
	case err != nil:
		b.err = err
	case length == 0:
		b.err = io.EOF
	case length < 0:
		b.err = io.ErrUnexpectedEOF
	default:
		return int(length), nil
	}
	paasClose(b.call)
	return 0, b.err
}

func (b *paasBody) Close() error {
	paasClose(b.call)
	if b.err == nil {
		b.err = errReadOnClosedResBody
	}
	return nil
}

// paasZipped begins to unzip when it is read.
type paasZipped struct {
	body io.ReadCloser
	zip  *gzip.Reader
	err  error
}

func (z *paasZipped) Read(into []byte) (int, error) {
	if z.zip == nil && z.err == nil {
		z.zip, z.err = gzip.NewReader(z.body)
	}
	if z.err != nil {
		return 0, z.err
	}
	return z.zip.Read(into)
}

func (z *paasZipped) Close() error { return z.body.Close() }
