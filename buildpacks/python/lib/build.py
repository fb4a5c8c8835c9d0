"""Source → slug: the app's files with its packages at `app`, and the engine that it names."""
import json
import os
import platform
import re
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import callables
import django
import packages
import procfile
from say import Refused, detail, run, step

SLUG, TOOLCHAIN = (Path(os.environ[name]) for name in ("PAAS_SLUG_DIR", "PAAS_TOOLCHAIN_DIR"))
# Not part of an app: history, and what other machines made.
LEFT_OUT = {".git", ".venv", "venv", "__pycache__", ".packages", ".pytest_cache", ".mypy_cache", "node_modules"}


def build():
    note_version()
    app = entry()
    release = procfile.command("release")
    release = release and procfile.program(release)
    detail(f"The app is {app}")
    django.collect_static(TOOLCHAIN)
    move(Path("."), SLUG / "app")
    shutil.copytree(TOOLCHAIN / "engine", SLUG / "engine")
    types = {"web": app, "release": release}
    text = 'files = "app"\n' + "".join(process(name, app) for name, app in types.items() if app)
    (SLUG / "slug.toml").write_text(text + toolchain())


def process(name, app):
    # A JSON string of ASCII is also one of TOML.
    return f'\n[processes.{name}]\nkind = "python"\napp = {json.dumps(app)}\nengine = "engine"\n'


def toolchain():
    """The table of slug.toml: what made the slug, for the platform to keep with the build."""
    pins = re.findall(r"^([\w-]+)==(\S+)", (TOOLCHAIN / "requirements.txt").read_text(), re.MULTILINE)
    versions = {"cpython": packages.VERSION, "python": platform.python_version(), **dict(pins)}
    return "\n[toolchain]\n" + "".join(f'{name} = "{version}"\n' for name, version in versions.items())


def entry():
    command = procfile.command("web")
    found = procfile.entry(command) if command else None
    found = found or callables.find(Path("."))
    if not found:
        raise Refused(
            "Found no app to start. Name it in a Procfile: `web: gunicorn app:app` for a WSGI or ASGI callable `app` in app.py.\n"
            "Without a Procfile, an `app` or `application` in app.py, main.py, wsgi.py or asgi.py is found. Then push again."
        )
    module = found.rpartition("#")[2].partition(":")[0]
    folder = Path(found.rpartition("#")[0] or ".")
    path = folder / module.replace(".", "/")
    package = folder / module.split(".")[0]
    if package.is_dir() and not path.with_suffix(".py").is_file() and not path.is_dir():
        raise Refused(f"The Procfile starts {found}, and there is no file {path}.py. Correct the Procfile and push again.")
    return found


def note_version():
    for name, pattern in (("runtime.txt", r"python-(\d+\.\d+)"), (".python-version", r"^(\d+\.\d+)")):
        found = Path(name).is_file() and re.search(pattern, Path(name).read_text(errors="replace"))
        if found and found[1] != packages.VERSION:
            detail(f"Note: {name} asks for Python {found[1]}. Apps here run on Python {packages.VERSION}.")


def move(source, target):
    """Moves the source into the slug; a slug has plain files only."""
    target.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        # Secrets have no place in a slug.
        secret = path.name == ".env" or path.name.startswith(".env.")
        if secret or (path.name in LEFT_OUT and path.name != ".packages"):
            continue
        path.rename(target / path.name)
    for cache in target.rglob("__pycache__"):
        shutil.rmtree(cache)


run(build)
