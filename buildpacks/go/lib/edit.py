"""Changes single places of Go's sources, beside what patch/ adds to them: `edit.py GOROOT/src`."""

import pathlib
import sys

# The linker asks patch/cmd/link which data is the app's own.
LINKER = [
    ("type symNameSize struct {\n", "type symNameSize struct {\n\tlate bool\n"),
    ("symNameSize{sz: ss, sym: s}", "symNameSize{sz: ss, sym: s, late: ss != 0 && ctxt.paasLate(s)}"),
    # The app's own symbols come last of each kind.
    ("\t\t\tcase isz != jsz:\n\t\t\t\treturn isz < jsz\n", "\t\t\tcase sl[i].late != sl[j].late:\n\t\t\t\treturn sl[j].late\n\t\t\tcase isz != jsz:\n\t\t\t\treturn isz < jsz\n"),
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
]

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
for name, edits in {"cmd/link/internal/ld/data.go": LINKER, **LIBRARY}.items():
    text = (source / name).read_text()
    for old, new in edits:
        # Each stands once, or this is another Go than the one that is pinned.
        if text.count(old) != 1:
            sys.exit(f" !     {name} of this Go has {text.count(old)} times what is to be changed:\n{old}")
        text = text.replace(old, new)
    (source / name).write_text(text)
