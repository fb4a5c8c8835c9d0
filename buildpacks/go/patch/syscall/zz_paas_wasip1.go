package syscall

import _ "unsafe" // for go:linkname

// paasOpen says whether the program has a file open, beside the folders that it finds open.
//
//go:linkname paasOpen
func paasOpen() bool {
	found := map[int32]bool{}
	for _, folder := range preopens {
		found[folder.fd] = true
	}
	// The lowest number that is free is the next one's.
	for fd := int32(3); fd < 64; fd++ {
		var stat fdstat
		if !found[fd] && fd_fdstat_get(fd, &stat) == 0 {
			return true
		}
	}
	return false
}

// paasStdio has another instance's streams be what those of the first were made: ones that do not block.
//
//go:linkname paasStdio
func paasStdio() {
	for fd := range 3 {
		SetNonblock(fd, true)
	}
}
