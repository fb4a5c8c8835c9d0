package ld

import (
	"cmd/internal/objabi"
	"cmd/link/internal/loader"
	"math"
	"os"
	"slices"
	"sync"
)

// paasModule is the app's module. What its libraries know is laid apart from the rest, so that a change of the app leaves its addresses, and so the libraries' code, as they are.
var paasModule = os.Getenv("PAAS_GO_MODULE")

// paasApart is how far apart kinds of data begin: the rest of one kind can grow this far before the next kind moves.
const paasApart = 1 << 16

func (ctxt *Link) paasApart() bool {
	return ctxt.IsWasm() && paasModule != ""
}

var (
	paasOnce sync.Once
	// paasKnown is what functions of libraries have the addresses of, each with its place among them.
	paasKnown map[loader.Sym]int
)

// paasLate is the place of what no library knows.
const paasLate = math.MaxInt

// paasPlace gives the place of a symbol among others of its kind and size: of those that libraries know, in the order in which these do; paasLate if none does, so that it comes after all of them;
// 0 if it makes no difference. A symbol's number would change with what the app itself refers to.
func (ctxt *Link) paasPlace(s loader.Sym) int {
	if !ctxt.paasApart() || ctxt.loader.IsExternal(s) {
		return 0
	}
	paasOnce.Do(ctxt.paasLook)
	if place, ok := paasKnown[s]; ok {
		return place
	}
	return paasLate
}

func (ctxt *Link) paasLook() {
	paasKnown = map[loader.Sym]int{}
	for _, fn := range ctxt.Textp {
		if ctxt.loader.PaasOnlyOf(paasModule, fn) {
			continue
		}
		ctxt.paasRefers(fn, func(s loader.Sym) bool {
			if _, ok := paasKnown[s]; !ok {
				paasKnown[s] = len(paasKnown) + 1
			}
			return false
		})
	}
}

// paasAlign has a symbol begin at a round address.
func (ctxt *Link) paasAlign(s loader.Sym) {
	if ctxt.paasApart() {
		ctxt.loader.SetSymAlign(s, paasApart)
	}
}

// PaasReserve makes room for so many bytes, instead of ever more of it as they come.
func (out *OutBuf) PaasReserve(bytes int) {
	out.heap = make([]byte, 0, bytes)
}

// PaasLibrary is how many functions, the first of the program, know nothing of the app: a change of the app leaves them, and the numbers of those they call, as they are.
var PaasLibrary int

// paasOrder has the functions that know something of the app come last.
func (ctxt *Link) paasOrder() {
	if !ctxt.paasApart() {
		return
	}
	late := map[loader.Sym]bool{}
	isLate := func(s loader.Sym) bool { return late[s] }
	for known := -1; known != len(late); {
		known = len(late)
		for _, fn := range ctxt.Textp {
			if !late[fn] && (ctxt.loader.PaasOnlyOf(paasModule, fn) || ctxt.paasRefers(fn, isLate)) {
				late[fn] = true
			}
		}
	}
	order := func(fn loader.Sym) int {
		if late[fn] {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(ctxt.Textp, func(a, b loader.Sym) int { return order(a) - order(b) })
	PaasLibrary = len(ctxt.Textp) - len(late)
}

// paasRefers: whether a function has within it the number or the address of something that is so.
func (ctxt *Link) paasRefers(fn loader.Sym, is func(loader.Sym) bool) bool {
	relocs := ctxt.loader.Relocs(fn)
	for i := range relocs.Count() {
		r := relocs.At(i)
		if r.Siz() != 0 && (r.Type() == objabi.R_ADDR || r.Type() == objabi.R_CALL) && is(r.Sym()) {
			return true
		}
	}
	return false
}
