"""Changes single places of Go's sources, beside what patch/ adds to them: `edit.py GOROOT/src`."""

import pathlib
import sys

# The linker asks patch/cmd/link what libraries know.
LINKER = [
    ("type symNameSize struct {\n", "type symNameSize struct {\n\tplace int\n\tlate bool\n"),
    ("\t\tif !sortBySize {\n\t\t\tsl[k].name", "\t\tsl[k].place = ctxt.paasPlace(s)\n\t\tsl[k].late = ss != 0 && sl[k].place == paasLate\n\t\tif !sortBySize {\n\t\t\tsl[k].name"),
    ("\t\treturn si < sj // break ties by symbol number\n", "\t\tif sl[i].place != sl[j].place {\n\t\t\treturn sl[i].place < sl[j].place\n\t\t}\n\t\treturn si < sj // break ties by symbol number\n"),
    # What no library knows comes last of each kind.
    ("\t\t\tcase isz != jsz:\n\t\t\t\treturn isz < jsz\n", "\t\t\tcase sl[i].late != sl[j].late:\n\t\t\t\treturn sl[j].late\n\t\t\tcase isz != jsz:\n\t\t\t\treturn isz < jsz\n"),
    # So do those of the types that reflection looks for by name. It reads them in this order, and puts them in that of their names (patch/runtime).
    (
        "\t\t\t\t\treturn sl[i].typeStr < sl[j].typeStr\n",
        "\t\t\t\t\tif sl[i].late != sl[j].late {\n\t\t\t\t\t\treturn sl[j].late\n\t\t\t\t\t}\n\t\t\t\t\treturn sl[i].typeStr < sl[j].typeStr\n",
    ),
    # Kinds of read-only data, and sections, begin at round addresses.
    (
        "\t\tsymnStartValue := state.datsize\n\t\tif len(state.data[symn]) != 0 {\n",
        "\t\tif ctxt.paasApart() {\n\t\t\tstate.datsize = Rnd(state.datsize, paasApart)\n\t\t}\n\t\tsymnStartValue := state.datsize\n\t\tif len(state.data[symn]) != 0 {\n",
    ),
    (
        "\t\t\tif sect.Align < align {\n\t\t\t\tsect.Align = align\n\t\t\t}\n\t\t}\n\t}\n",
        "\t\t\tif sect.Align < align {\n\t\t\t\tsect.Align = align\n\t\t\t}\n\t\t}\n\t}\n\tif state.ctxt.paasApart() {\n\t\tsect.Align = max(sect.Align, paasApart)\n\t}\n",
    ),
    # So do, among types, those that reflection does not look for by name, and the tables of methods.
    ("\t\ttypeSize := typeLinkSize\n", "\t\tif i < len(sl) {\n\t\t\tctxt.paasAlign(sl[i].sym)\n\t\t}\n\t\ttypeSize := typeLinkSize\n"),
    (
        "\t\tif i < len(sl) {\n\t\t\ttypeSize = Rnd(typeSize, int64(symalign(ldr, sl[i].sym)))\n",
        "\t\tif i < len(sl) {\n\t\t\tctxt.paasAlign(sl[i].sym)\n\t\t\ttypeSize = Rnd(typeSize, int64(symalign(ldr, sl[i].sym)))\n",
    ),
    # The functions that know something of the app come last.
    ("\ttext := ctxt.xdefine(\"runtime.text\", sym.STEXT, 0)\n", "\tctxt.paasOrder()\n\ttext := ctxt.xdefine(\"runtime.text\", sym.STEXT, 0)\n"),
]

# It writes the program, in parts.
WRITER = [
    ("\t// collect functions with WebAssembly body\n", "\tparts := paasSplit(ctxt, hostImports, hostImportMap)\n\n\t// collect functions with WebAssembly body\n"),
    ("\t\twfn := new(bytes.Buffer)\n", "\t\twfn := paasBuffer(ldr, fn)\n"),
    (
        "\t\t\t\t\twriteSleb128(wfn, int64(len(hostImports))+ldr.SymValue(rs)>>16-funcValueOffset)\n",
        "\t\t\t\t\tparts.call(wfn, i, int(ldr.SymValue(rs)>>16-funcValueOffset), fns)\n",
    ),
    ("\t\t\t\t\twriteSleb128(wfn, hostImportMap[rs])\n", "\t\t\t\t\twriteUleb128(wfn, uint64(parts.hostImport(i, hostImportMap[rs])))\n"),
    (
        "\tctxt.Out.Write([]byte{0x00, 0x61, 0x73, 0x6d}) // magic\n",
        "\tif parts.split > 0 {\n\t\tparts.write(ctxt, ldr, types, fns, buildid)\n\t\treturn\n\t}\n\n\tctxt.Out.Write([]byte{0x00, 0x61, 0x73, 0x6d}) // magic\n",
    ),
]

RUNTIME = {
    # What the linker has laid in two parts, it reads in one.
    "runtime/type.go": [("\tmoduleToTypelinks[md] = ret\n", "\tret = paasMerge(ret)\n\tmoduleToTypelinks[md] = ret\n")],
    # A program that has rested (patch/runtime) goes on here. The assembler knows a function of this name already, as one that the host calls: the browser's.
    "runtime/rt0_wasip1_wasm.s": [
        (
            "TEXT _rt0_wasm_wasip1(SB),NOSPLIT,$0\n",
            "TEXT wasm_export_resume(SB),NOSPLIT,$0\n\tMOVD $runtime·paasSP(SB), g\n\tMOVD 0(g), SP\n\tMOVD $runtime·paasG(SB), g\n\tMOVD 0(g), g\n\tCall wasm_pc_f_loop(SB)\n\n\tReturn\n\n"
            "TEXT _rt0_wasm_wasip1(SB),NOSPLIT,$0\n\tI32Const $wasm_export_resume(SB)\n\tDrop\n",
        )
    ],
    # Its clock goes on, too.
    "runtime/os_wasip1.go": [("\treturn int64(time)\n", "\treturn int64(time) + paasAhead\n")],
}

# Nobody in a program's own network speaks TLS or HTTP/2. Left in, they are more than a fifth of a program, compiled with each app and started with each request.
LIBRARY = {
    "crypto/tls/tls.go": [
        ("c.handshakeFn = c.serverHandshake\n", "c.handshakeFn = paasAccept\n"),
        ("c.handshakeFn = c.clientHandshake\n", "c.handshakeFn = paasConnect\n"),
    ],
    "crypto/tls/conn.go": [("c.handshakeErr = c.clientHandshake(", "c.handshakeErr = c.handshakeFn(")],
    # As the tag nethttpomithttp2 does; a tag of the command line would take the place of the app's.
    "net/http/http2.go": [("//go:build !nethttpomithttp2\n", "//go:build nethttpkeephttp2\n")],
    "net/http/omithttp2.go": [("//go:build nethttpomithttp2\n", "//go:build !nethttpkeephttp2\n")],
}

source = pathlib.Path(sys.argv[1])
SOURCES = {"cmd/link/internal/ld/data.go": LINKER, "cmd/link/internal/wasm/asm.go": WRITER, **RUNTIME, **LIBRARY}
for name, edits in SOURCES.items():
    text = (source / name).read_text()
    for old, new in edits:
        # Each stands once, or this is another Go than the one that is pinned.
        if text.count(old) != 1:
            sys.exit(f" !     {name} of this Go has {text.count(old)} times what is to be changed:\n{old}")
        text = text.replace(old, new)
    (source / name).write_text(text)
