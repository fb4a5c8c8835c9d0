package net

import (
	"strings"
	_ "unsafe" // for go:linkname
)

// paasListener is the address of the listener on a port of this program's own network, or of any if there is none, and whether it is on that port.
//
//go:linkname paasListener
var paasListener = func(port string) (address string, exact bool) {
	sockets.Range(func(_, value any) bool {
		fd, ok := value.(*netFD)
		if !ok || fd.fakeNetFD == nil || fd.incoming == nil || !strings.HasPrefix(fd.net, "tcp") {
			return true
		}
		_, of, err := SplitHostPort(fd.laddr.String())
		if err != nil || (address != "" && of != port) {
			return true
		}
		address, exact = fd.laddr.String(), of == port
		return !exact
	})
	return address, exact
}
