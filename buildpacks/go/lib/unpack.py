"""Unpacks Go from its wheel, without its own tests: `unpack.py WHEEL FOLDER`."""

import pathlib
import sys
import zipfile

wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    wanted = [name for name in archive.namelist() if name.startswith("go/") and not name.endswith("_test.go") and "/testdata/" not in name]
    archive.extractall(folder, wanted)
for programs in ["bin", "pkg/tool"]:
    for file in pathlib.Path(folder, "go", programs).rglob("*"):
        file.chmod(0o755)
