package wasm

import (
	"bytes"
	"cmd/link/internal/ld"
	"cmd/link/internal/loader"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// A program is written as three modules, so that the platform compiles again what the app has changed and not its libraries. Each imports from those before it:
// `memory` has the memory and all data; `library` the functions that know nothing of the app, the table and the globals; and the linker's own output the others.
// The two halves call each other through the table.
const (
	paasMemory  = "memory"
	paasLibrary = "library"
	paasTable   = "table"
	paasStart   = "_start"
	// paasResume is called instead in a memory in which the program rests.
	paasResume = "_resume"
)

// The table is made for a round number of functions, so that it does not change with each.
const paasTableStep = 1 << 12

const (
	externFunc   = 0x00
	externTable  = 0x01
	externMemory = 0x02
	externGlobal = 0x03

	opCallIndirect = 0x11
)

// globalTypes are those of writeGlobalSec: SP, CTXT, g, RET0 to RET3, PAUSE.
var globalTypes = []byte{I32, I64, I64, I64, I64, I64, I64, I32}

// paasParts is how a program is taken apart.
type paasParts struct {
	// folder is where the first two modules go.
	folder string
	// split is how many functions are in the second, and so the number of the app's first; 0 leaves the program whole.
	split int
	// imports is how many functions the library imports from the host, the first of all.
	imports int
	// hostImports are those of the whole program.
	hostImports []*wasmFunc
}

func paasSplit(ctxt *ld.Link, hostImports []*wasmFunc, of map[loader.Sym]int64) *paasParts {
	p := &paasParts{folder: os.Getenv("PAAS_GO_PARTS"), hostImports: hostImports}
	if p.folder == "" {
		return p
	}
	p.split = ld.PaasLibrary
	for _, fn := range ctxt.Textp[:p.split] {
		if _, ok := of[fn]; ok {
			p.imports++
		}
	}
	return p
}

// paasBuffer is for a function's body, in which numbers take the place of relocations.
func paasBuffer(ldr *loader.Loader, fn loader.Sym) *bytes.Buffer {
	relocs := ldr.Relocs(fn)
	return bytes.NewBuffer(make([]byte, 0, len(ldr.Data(fn))+6*relocs.Count()))
}

// appImports is how many functions come before the app's own in its module: those of the host that it alone imports, and the two of the library's that the host calls.
func (p *paasParts) appImports() int {
	return len(p.hostImports) - p.imports + 2
}

// hostImport gives the index of a host's function in the module of the function `from`.
func (p *paasParts) hostImport(from int, index int64) int64 {
	if p.split > 0 && from >= p.split {
		return index - int64(p.imports)
	}
	return index
}

// call writes the rest of a direct call, behind its opcode.
func (p *paasParts) call(code *bytes.Buffer, from, to int, fns []*wasmFunc) {
	switch {
	case p.split == 0:
		writeUleb128(code, uint64(len(p.hostImports)+to))
	case from < p.split:
		writeUleb128(code, uint64(p.imports+to))
	case to >= p.split:
		writeUleb128(code, uint64(p.appImports()+to-p.split))
	default:
		code.Truncate(code.Len() - 1)
		writeI32Const(code, int32(funcValueOffset+to))
		code.WriteByte(opCallIndirect)
		writeUleb128(code, uint64(fns[to].Type))
		writeUleb128(code, 0) // tableidx
	}
}

func (p *paasParts) write(ctxt *ld.Link, ldr *loader.Loader, types []*wasmFuncType, fns []*wasmFunc, buildid []byte) {
	out := ctxt.Out
	data, code := 0, 0
	for _, ds := range dataSects {
		data += len(ds.data)
	}
	for _, fn := range fns {
		code += len(fn.Code)
	}
	p.writeModule(ctxt, paasMemory, data, func() {
		writeMemorySec(ctxt, ldr)
		section(ctxt, sectionExport, 1, func() { export(ctxt, "memory", externMemory, 0) })
		writeDataSec(ctxt)
	})
	p.writeModule(ctxt, paasLibrary, code, func() { p.writeLibrary(ctxt, ldr, types, fns[:p.split]) })
	ctxt.Out = out
	begin(ctxt)
	if len(buildid) != 0 {
		writeBuildID(ctxt, buildid)
	}
	p.writeApp(ctxt, types, fns[p.split:])
	writeProducerSec(ctxt)
}

// writeModule writes one of the modules beside the linker's output, of not many more bytes than these.
func (p *paasParts) writeModule(ctxt *ld.Link, name string, bytes int, content func()) {
	ctxt.Out = ld.NewOutBuf(ctxt.Arch)
	if err := ctxt.Out.Open(filepath.Join(p.folder, name+".wasm")); err != nil {
		ld.Exitf("%v", err)
	}
	ctxt.Out.PaasReserve(bytes + bytes/8)
	begin(ctxt)
	content()
	if err := ctxt.Out.Close(); err != nil {
		ld.Exitf("%v", err)
	}
}

func (p *paasParts) writeLibrary(ctxt *ld.Link, ldr *loader.Loader, types []*wasmFuncType, fns []*wasmFunc) {
	imports := p.hostImports[:p.imports]
	known := uint32(0)
	for _, fn := range slices.Concat(imports, fns) {
		known = max(known, fn.Type)
	}
	writeTypeSec(ctxt, types[:known+1])
	section(ctxt, sectionImport, len(imports)+1, func() {
		importHost(ctxt, imports)
		importMemory(ctxt)
	})
	writeFunctionSec(ctxt, fns)
	section(ctxt, sectionTable, 1, func() {
		tableType(ctxt, ld.Rnd(int64(funcValueOffset+len(ctxt.Textp)), paasTableStep))
	})
	writeGlobalSec(ctxt)
	section(ctxt, sectionExport, 4+len(globalTypes), func() {
		function := func(name string) int {
			return p.imports + int(ldr.SymValue(ldr.Lookup(name, 0))>>16-funcValueOffset)
		}
		export(ctxt, paasStart, externFunc, function("_rt0_wasm_wasip1"))
		export(ctxt, paasResume, externFunc, function("wasm_export_resume"))
		export(ctxt, paasTable, externTable, 0)
		export(ctxt, "memory", externMemory, 0)
		for i := range globalTypes {
			export(ctxt, strconv.Itoa(i), externGlobal, i)
		}
	})
	writeElementSec(ctxt, uint64(p.imports), uint64(len(fns)))
	writeCodeSec(ctxt, fns)
	p.writeNames(ctxt, p.imports, fns)
}

func (p *paasParts) writeApp(ctxt *ld.Link, types []*wasmFuncType, fns []*wasmFunc) {
	imports := p.hostImports[p.imports:]
	writeTypeSec(ctxt, types)
	section(ctxt, sectionImport, len(imports)+4+len(globalTypes), func() {
		importHost(ctxt, imports)
		for _, name := range []string{paasStart, paasResume} {
			importOf(ctxt, paasLibrary, name, externFunc)
			writeUleb128(ctxt.Out, uint64(lookupType(&wasmFuncType{}, &types)))
		}
		importOf(ctxt, paasLibrary, paasTable, externTable)
		tableType(ctxt, 0)
		importMemory(ctxt)
		for i, typ := range globalTypes {
			importOf(ctxt, paasLibrary, strconv.Itoa(i), externGlobal)
			ctxt.Out.WriteByte(typ)
			ctxt.Out.WriteByte(0x01) // var
		}
	})
	writeFunctionSec(ctxt, fns)
	section(ctxt, sectionExport, 3, func() {
		export(ctxt, paasStart, externFunc, len(imports))
		export(ctxt, paasResume, externFunc, len(imports)+1)
		export(ctxt, "memory", externMemory, 0)
	})
	section(ctxt, sectionElement, 1, func() {
		writeUleb128(ctxt.Out, 0) // tableidx
		writeI32Const(ctxt.Out, int32(funcValueOffset+p.split))
		ctxt.Out.WriteByte(0x0b) // end
		writeUleb128(ctxt.Out, uint64(len(fns)))
		for i := range fns {
			writeUleb128(ctxt.Out, uint64(p.appImports()+i))
		}
	})
	writeCodeSec(ctxt, fns)
	p.writeNames(ctxt, p.appImports(), fns)
}

func (p *paasParts) writeNames(ctxt *ld.Link, imports int, fns []*wasmFunc) {
	if !*ld.FlagS {
		writeNameSec(ctxt, imports, fns)
	}
}

func begin(ctxt *ld.Link) {
	ctxt.Out.WriteString("\x00asm\x01\x00\x00\x00")
}

// section writes a section that is a list.
func section(ctxt *ld.Link, id uint8, count int, entries func()) {
	size := writeSecHeader(ctxt, id)
	writeUleb128(ctxt.Out, uint64(count))
	entries()
	writeSecSize(ctxt, size)
}

func export(ctxt *ld.Link, name string, kind byte, index int) {
	writeName(ctxt.Out, name)
	ctxt.Out.WriteByte(kind)
	writeUleb128(ctxt.Out, uint64(index))
}

// importOf begins an import; its type comes after it.
func importOf(ctxt *ld.Link, module, name string, kind byte) {
	writeName(ctxt.Out, module)
	writeName(ctxt.Out, name)
	ctxt.Out.WriteByte(kind)
}

// importMemory imports it without saying how large it is, which changes with the app.
func importMemory(ctxt *ld.Link) {
	importOf(ctxt, paasMemory, "memory", externMemory)
	ctxt.Out.WriteByte(0x00)   // no max
	writeUleb128(ctxt.Out, 0) // min
}

func importHost(ctxt *ld.Link, fns []*wasmFunc) {
	for _, fn := range fns {
		importOf(ctxt, fn.Module, fn.Name, externFunc)
		writeUleb128(ctxt.Out, uint64(fn.Type))
	}
}

func tableType(ctxt *ld.Link, elements int64) {
	ctxt.Out.WriteByte(0x70) // type: anyfunc
	ctxt.Out.WriteByte(0x00) // no max
	writeUleb128(ctxt.Out, uint64(elements))
}
