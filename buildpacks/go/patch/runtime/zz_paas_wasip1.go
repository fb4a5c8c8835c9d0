package runtime

import (
	"internal/runtime/sys"
	"unsafe"
)

// Where a program rests. What it is in is the memory: of the globals these two matter, and rt0_wasip1_wasm.s sets them when it goes on.
var (
	paasSP uintptr
	paasG  uintptr
)

var (
	// paasRested is when the program began to rest, by its own clock.
	paasRested int64
	// paasAhead is how far that clock is ahead of the system's, which begins anew with each instance.
	paasAhead int64
)

// paasRest ends this run of the program, and returns in each run that goes on from here, with that one's environment.
//
//go:linkname paasRest
func paasRest() []string {
	paasPause()
	paasAhead = paasRested - (nanotime() - paasAhead)
	paasReseed()
	mine, arguments := envs, argslice
	goenvs()
	theirs := envs
	envs, argslice = mine, arguments
	return theirs
}

// paasPause leaves the goroutine where it would be after this function's return, and unwinds the host's stack.
//
//go:noinline
func paasPause() {
	paasRested = nanotime()
	paasG = uintptr(unsafe.Pointer(getg()))
	paasSP = sys.GetCallerSP()
	// It takes a return address off the stack itself.
	pause(paasSP - 8)
}

// paasReseed: what has rested draws other numbers in each run.
func paasReseed() {
	seed := &globalRand.seed
	if readRandom(seed[:]) != len(seed) {
		throw("random_get failed")
	}
	globalRand.state.Init(*seed)
	clear(seed[:])
	mrandinit(getg().m)
}

// paasEnd ends the program as if its start had come to its end.
//
//go:linkname paasEnd
func paasEnd() {
	paasPause()
}
