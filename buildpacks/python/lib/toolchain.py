"""Fetches componentize-py and makes the engine that all Python apps share."""
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from rested import made_of, rested
from say import Refused, detail, run, step

BUILDPACK = Path(__file__).parent.parent
TOOLCHAIN = Path(os.environ["PAAS_TOOLCHAIN_DIR"])
# Of the standard library, what no web app reads.
LEFT_OUT = {"__pycache__", "config-3.14-wasm32-wasi", "ensurepip", "idlelib", "pydoc_data", "site-packages", "test", "tkinter", "turtledemo", "venv"}


def make():
    step("Installing the Python toolchain (once on this node)")
    TOOLCHAIN.mkdir(parents=True, exist_ok=True)
    shutil.copy(BUILDPACK / "toolchain/requirements.txt", TOOLCHAIN)
    execute(sys.executable, "-m", "venv", TOOLCHAIN / "venv")
    python = TOOLCHAIN / "venv/bin/python"
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--root-user-action=ignore"]
    execute(python, "-m", "pip", "install", *quiet, "--require-hashes", "--requirement", TOOLCHAIN / "requirements.txt")
    detail("Making the engine")
    engine(python)


def engine(python):
    """Starts CPython inside WebAssembly, imports the platform's part and most of the library, and keeps the memory: for the platform, not for slugs."""
    work, output, started = TOOLCHAIN / "work", TOOLCHAIN / "engine", TOOLCHAIN / "started"
    for folder in (work / "nothing", output, started):
        folder.mkdir(parents=True)
    # A copy: CPython leaves compiled files beside what it imports.
    shutil.copytree(BUILDPACK / "engine/shim", work / "shim")
    # An empty environment to look for packages in: else componentize-py takes those of the machine.
    command = [python, "-I", "-c", "from componentize_py import script; script()", "--quiet", "--wit-path", BUILDPACK / "engine/wit", "--world", "engine"]
    command += ["componentize", "_paas_make", "--output", work / "engine.wasm"]
    command += ["--python-path", work / "shim", "--python-path", work]
    execute(*command, env={**os.environ, "VIRTUAL_ENV": str(work / "nothing"), "PYTHONDONTWRITEBYTECODE": "1"})
    code = rested((work / "engine.wasm").read_bytes(), made_of(BUILDPACK))
    (output / "engine.wasm").write_bytes(code)
    (work / "engine.wasm").rename(started / f"{hashlib.sha256(code).hexdigest()}.wasm")
    tzdata = next((TOOLCHAIN / "venv").glob("lib/python3*/site-packages/tzdata"))
    shutil.copytree(tzdata, work / "library/tzdata")
    pack(work / "library", output / "library.tar")
    shutil.rmtree(work)


def pack(folder, archive):
    """The same files give the same archive."""
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and not LEFT_OUT.intersection(inside.parts):
                info = tarfile.TarInfo(inside.as_posix())
                info.size, info.mode = path.stat().st_size, 0o644
                with path.open("rb") as file:
                    tar.addfile(info, file)


def execute(*command, env=None):
    done = subprocess.run([str(word) for word in command], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise Refused("\n".join([*done.stdout.strip().splitlines()[-20:], "The Python toolchain could not be made. Push again; if it stays, tell the operator."]))


run(make)
