package ld

import (
	"cmd/link/internal/loader"
	"os"
)

// paasModule is the module whose data lies apart from that of its libraries, so that a change of the app leaves their addresses, and so their code, as they are.
var paasModule = os.Getenv("PAAS_GO_MODULE")

// paasApart is how far apart kinds of data begin: the app's own of one kind can grow this far before the next kind moves.
const paasApart = 1 << 14

func (ctxt *Link) paasApart() bool {
	return ctxt.IsWasm() && paasModule != ""
}

// paasLate: whether a symbol is the app's own, and comes last of its kind.
func (ctxt *Link) paasLate(s loader.Sym) bool {
	return ctxt.paasApart() && ctxt.loader.PaasOnlyOf(paasModule, s)
}

// paasAlign has a symbol begin at a round address.
func (ctxt *Link) paasAlign(s loader.Sym) {
	if ctxt.paasApart() {
		ctxt.loader.SetSymAlign(s, paasApart)
	}
}
