"""The app's dependencies: resolved for the Python that runs it, not for the one that runs here."""
import hashlib
import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

from say import Refused, detail, step

# The Python of the engine.
VERSION = "3.14"
PLATFORMS = ["any", "manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64"]
ADVICE = "Correct the dependency, or replace it by one in pure Python, and push again."
HINTS = {
    "pydantic-core": "pydantic 2 is native code: pin pydantic==1.10.27, with FastAPI at fastapi==0.115.14.",
    "psycopg2": "It speaks to PostgreSQL over a socket, which an app does not have here.",
    "psycopg2-binary": "It speaks to PostgreSQL over a socket, which an app does not have here.",
}


def requirements(root):
    """The text of what is to be installed, and the file it is from; None without dependencies."""
    file = root / "requirements.txt"
    if file.is_file():
        return file.read_text(), file.name
    file = root / "pyproject.toml"
    if file.is_file():
        try:
            project = tomllib.loads(file.read_text())
        except tomllib.TOMLDecodeError as error:
            raise Refused(f"pyproject.toml cannot be read: {error}. Correct it and push again.") from None
        if "poetry" in project.get("tool", {}) and "dependencies" not in project.get("project", {}):
            raise Refused("pyproject.toml lists its dependencies for Poetry only. Write them to a requirements.txt: `poetry export -o requirements.txt`. Then push again.")
        return "\n".join(project.get("project", {}).get("dependencies", [])), file.name
    if (root / "Pipfile").is_file():
        raise Refused("This buildpack does not read a Pipfile. Write a requirements.txt: `pipenv requirements > requirements.txt`. Then push again.")
    return None


def install(toolchain, cache, target):
    """Fills the folder `target`. What was installed before for the same requirements is copied."""
    root = Path(".")
    found = requirements(root)
    if not found or not found[0].strip():
        return
    text, source = found
    key = hashlib.sha256("\n".join([VERSION, (toolchain / "requirements.txt").read_text(), text, *included(root, text)]).encode()).hexdigest()[:16]
    kept = cache / f"packages-{key}"
    if kept.is_dir():
        step(f"Using the packages of the last build ({source} has not changed)")
    else:
        step(f"Installing {source} with pip, for Python {VERSION}")
        for old in cache.glob("packages-*"):
            shutil.rmtree(old)
        fresh = cache / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        pip(toolchain, cache, fresh, root / source if source.endswith(".txt") else written(cache, text))
        tidy(fresh)
        fresh.rename(kept)
    shutil.copytree(kept, target, dirs_exist_ok=True)
    report(target)


def included(root, text, depth=4):
    """The files that a requirements file refers to, and what they say."""
    for name in re.findall(r"^\s*(?:-r|-c|--requirement|--constraint)[ =]?\s*(\S+)", text, re.MULTILINE):
        path = root / name
        if depth and path.is_file():
            more = path.read_text()
            yield more
            yield from included(path.parent, more, depth - 1)


def written(cache, text):
    path = cache / "requirements-of-project.txt"
    path.write_text(text + "\n")
    return path


def pip(toolchain, cache, target, file):
    command = [toolchain / "venv/bin/python", "-m", "pip", "install", "--target", target, "--requirement", file, "--cache-dir", cache / "pip"]
    command += ["--python-version", VERSION, "--implementation", "cp", "--only-binary=:all:", "--no-compile", "--no-input", "--progress-bar=off"]
    command += ["--disable-pip-version-check", "--no-warn-conflicts", "--root-user-action=ignore"]
    for platform in PLATFORMS:
        command += ["--platform", platform]
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in done.stdout.splitlines():
        if line.startswith(("Collecting ", "Successfully installed", "ERROR", "WARNING")):
            detail(line[:300])
    if done.returncode:
        raise Refused(f"pip could not install {file.name}: {because(done.stdout)}\n{ADVICE}")


def because(output):
    """pip's first error, and what it means here."""
    errors = [line.removeprefix("ERROR: ") for line in output.splitlines() if line.startswith("ERROR: ")]
    text = errors[0] if errors else (output.strip().splitlines() or ["it said nothing"])[-1]
    missing = re.search(r"No matching distribution found for (\S+)|could not find a version that satisfies the requirement (\S+)", output, re.IGNORECASE)
    if missing:
        name = re.split(r"[<>=!~\[(]", missing[1] or missing[2])[0]
        text += f"\nEither there is no such version, or {name} has no wheel for Python {VERSION}: only wheels are installed, and nothing is compiled."
    return text


def tidy(folder):
    """Takes out what cannot run or is never read, and writes down what was native code."""
    native = {}
    owner = owners(folder)
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".so", ".pyd") or ".so." in path.name:
            name = path.relative_to(folder).as_posix()
            module = re.sub(r"(\.cpython-[^/]*|\.abi3)?\.(so|pyd)$", "", name).replace("/", ".")
            native[module] = owner.get(name, module.split(".")[0])
            path.unlink()
    shutil.rmtree(folder / "bin", ignore_errors=True)
    (folder / ".native.json").write_text(json.dumps(native, sort_keys=True))


def owners(folder):
    """Which distribution each file belongs to."""
    owner = {}
    for record in folder.glob("*.dist-info/RECORD"):
        name = record.parent.name.split("-")[0].replace("_", "-")
        owner.update((line.split(",")[0], name) for line in record.read_text().splitlines())
    return owner


def report(folder):
    native = json.loads((folder / ".native.json").read_text())
    if native:
        names = sorted(set(native.values()))
        detail(f"Without their native code: {', '.join(names)}. What has a pure Python part runs with that.")
        for name in names:
            if name in HINTS:
                detail(f"Note: {name}: {HINTS[name]}")
