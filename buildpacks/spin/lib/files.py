"""The files that a component sees, read-only, at the places that spin.toml says."""

import glob
import shutil
from pathlib import Path, PurePosixPath

from manifest import AGAIN
from say import fail


def copy(name, component, target):
    """Whether there are any."""
    excluded = {path for pattern in component.get("exclude_files", []) for path in plain(pattern)}
    for entry in component.get("files", []):
        pairs = mapped(name, entry) if isinstance(entry, dict) else [(path, PurePosixPath(path)) for path in found(name, entry)]
        for source, place in pairs:
            if source not in excluded:
                to = target / place
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, to)
    return target.exists()


def mapped(name, entry):
    """A file or folder, at the place that it is given."""
    source, place = entry.get("source", ""), PurePosixPath(entry.get("destination", "/").lstrip("/"))
    inside(name, source)
    if ".." in place.parts:
        fail(f"Component {name} shows files at {entry['destination']}, which is no place.", "Write it as /pictures. " + AGAIN)
    paths = found(name, source)
    if Path(source).is_dir():
        return [(path, place / PurePosixPath(path).relative_to(source.strip("/"))) for path in paths]
    return [(path, place if place.parts else PurePosixPath(path).name) for path in paths]


def found(name, pattern):
    inside(name, pattern)
    paths = plain(pattern)
    if not paths:
        fail(f"Component {name} shows the files {pattern}, but the source has none of that name.", "Commit them, or correct its `files`. " + AGAIN)
    return paths


def plain(pattern):
    """Plain files by path or pattern; a folder stands for everything below it. Links are left out."""
    pattern = pattern.removeprefix("./").rstrip("/")
    paths = [Path(path) for path in glob.glob(pattern, recursive=True, include_hidden=True)]
    below = [path for folder in paths if folder.is_dir() for path in folder.rglob("*")] if not glob.has_magic(pattern) else []
    return sorted({str(path) for path in paths + below if path.is_file() and not path.is_symlink()})


def inside(name, path):
    if path.startswith("/") or ".." in PurePosixPath(path).parts:
        fail(f"Component {name} shows the files {path}, which are not in the source.", "Name what lies in the source. " + AGAIN)
