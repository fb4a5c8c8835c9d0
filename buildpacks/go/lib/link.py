"""Has Go's linker ask patch/cmd/link which data is the app's own: `link.py GOROOT/src`."""

import pathlib
import sys

FILE = pathlib.Path(sys.argv[1], "cmd/link/internal/ld/data.go")

# Each stands once in the linker, or this is another Go than the one that is pinned.
EDITS = [
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

text = FILE.read_text()
for old, new in EDITS:
    if text.count(old) != 1:
        sys.exit(f" !     {FILE.name} of this Go has {text.count(old)} times what is to be changed:\n{old}")
    text = text.replace(old, new)
FILE.write_text(text)
