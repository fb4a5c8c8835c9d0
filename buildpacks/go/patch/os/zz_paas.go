package os

import _ "unsafe" // for go:linkname

// paasServes is set by the linker for programs that listen: what they print is a log, and the answer is printed by package cgi.
//
//go:linkname paasServes
var paasServes string

// paasStdout is the real standard output. Other packages keep os.Stdout when they are initialised, so it is changed here, before all of them.
//
//go:linkname paasStdout
var paasStdout = func() *File {
	real := Stdout
	if paasServes != "" {
		Stdout = Stderr
	}
	return real
}()
