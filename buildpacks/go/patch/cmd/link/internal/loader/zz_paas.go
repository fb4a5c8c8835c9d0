package loader

import (
	"strings"
	"sync"
)

var (
	paasOnce sync.Once
	// What other packages define, too.
	paasShared Bitmap
)

// PaasOnlyOf says whether a symbol is defined by packages of this module, or the main package, and by no others.
func (l *Loader) PaasOnlyOf(module string, s Sym) bool {
	paasOnce.Do(func() {
		paasShared = MakeBitmap(l.NSym())
		for _, r := range l.objs[goObjStart:] {
			pkg := r.unit.Lib.Pkg
			if pkg == "main" || pkg == module || strings.HasPrefix(pkg, module+"/") {
				continue
			}
			for i := 0; i < r.ndef+r.nhashed64def+r.nhasheddef+r.NNonpkgdef(); i++ {
				paasShared.Set(r.syms[i])
			}
		}
	})
	return int(s) < paasShared.Len() && !l.IsExternal(s) && !paasShared.Has(s)
}
