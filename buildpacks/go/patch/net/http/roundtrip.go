package http

import (
	"errors"
	_ "unsafe" // for linkname
)

// RoundTrip should be an internal detail,
// but widely used packages access it using linkname.
// Notable members of the hall of shame include:
//   - github.com/erda-project/erda-infra
//
// Do not remove or change the type signature.
// See go.dev/issue/67401.
//
//go:linkname badRoundTrip net/http.(*Transport).RoundTrip
func badRoundTrip(*Transport, *Request) (*Response, error)

// RoundTrip implements the [RoundTripper] interface. Requests for this program itself stay inside; the platform sends the others.
//
// For higher-level HTTP client support (such as handling of cookies
// and redirects), see [Get], [Post], and the [Client] type.
//
// Like the RoundTripper interface, the error types returned
// by RoundTrip are unspecified.
func (t *Transport) RoundTrip(req *Request) (*Response, error) {
	if t == nil {
		panic("transport is nil")
	}
	if req.URL == nil {
		req.closeBody()
		return nil, errors.New("http: nil Request.URL")
	}
	if scheme := req.URL.Scheme; (scheme != "http" && scheme != "https") || t.alternateRoundTripper(req) != nil {
		return t.roundTrip(req)
	}
	if address := paasInside(req.URL); address != "" {
		return t.paasStayInside(req, address)
	}
	return t.paasRoundTrip(req)
}
