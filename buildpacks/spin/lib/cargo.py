"""Where a component's module is: in the source, or made now by its build command."""

import os
import re
import subprocess
from pathlib import Path

from manifest import AGAIN
from say import detail, fail, step

OLD_TARGET = re.compile(r"wasm32-wasi(?:p1)?\b")
TARGET = "wasm32-wasip2"
COMPONENT, MODULE = b"\0asm\x0d\0\1\0", b"\0asm\1\0\0\0"


def module(name, component):
    source = component["source"]
    commands = commands_of(component)
    if commands and all(runs_cargo(one) for one in commands):
        source = build(name, component["build"], commands, source)
    elif commands and not Path(source).is_file():
        fail(
            f"Component {name} is built by `{' && '.join(commands)}`, and this platform builds components with cargo only.",
            f"Run `spin build`, commit {source}, and push again.",
        )
    path = Path(source)
    roots = [Path.cwd().resolve(), Path(os.environ["PAAS_CACHE_DIR"]).resolve()]
    if not path.is_file() or not any(path.resolve().is_relative_to(root) for root in roots):
        fail(f"Component {name}: the source has no file {source}.", "Commit it (does .gitignore hide it?), or give it a build command with cargo. Then push again.")
    check(name, path)
    return path


def commands_of(component):
    command = component.get("build", {}).get("command")
    return [command] if isinstance(command, str) else command or []


def fetch(name, component):
    """Fetches the crates of a component that cargo makes; what else is wrong with it, its build says."""
    commands, folder = commands_of(component), Path(component.get("build", {}).get("workdir", "."))
    if commands and all(runs_cargo(one) for one in commands) and folder.is_dir() and folder.resolve().is_relative_to(Path.cwd().resolve()):
        host = "$(rustc -vV | sed -n 's/^host: //p')"
        run(name, f"cargo fetch --target {TARGET} --target {host}", folder, "could not be given its crates")


def runs_cargo(command):
    return re.match(r"\s*cargo\s", command) is not None


def build(name, settings, commands, source):
    """Runs the command where it wants to run; gives where the module lies then."""
    folder = Path(settings.get("workdir", "."))
    if not folder.is_dir() or not folder.resolve().is_relative_to(Path.cwd().resolve()):
        fail(f"Component {name} is built in {folder}, which the source does not have.", "Correct its workdir. " + AGAIN)
    for place in {Path("."), folder}:
        keep(place)
    for command in commands:
        wanted = OLD_TARGET.sub(TARGET, command)
        step(f"Building {name}: {wanted}")
        if wanted != command:
            detail(f"For {TARGET} instead of {OLD_TARGET.search(command)[0]}, whose modules are no components")
        run(name, f"export CARGO_NET_OFFLINE=true; {wanted}", folder)
    return OLD_TARGET.sub(TARGET, source)


def keep(folder):
    """What cargo makes stays in the app's cache, for the next build."""
    if not (folder / "Cargo.toml").exists() or (folder / "target").exists():
        return
    cached = Path(os.environ["PAAS_CACHE_DIR"], "target", *folder.parts)
    cached.mkdir(parents=True, exist_ok=True)
    (folder / "target").symlink_to(cached, target_is_directory=True)


def run(name, command, folder, otherwise="does not compile"):
    rust = os.environ["PAAS_RUST_BUILDPACK"]
    script = f'. "{rust}/lib/say.sh"; . "{rust}/lib/rust.sh"; use_rust; {command}'
    env = {**os.environ, "PAAS_TOOLCHAIN_DIR": os.environ["PAAS_RUST_TOOLCHAIN"], "CARGO_HOME": str(Path(os.environ["PAAS_CACHE_DIR"], "cargo"))}
    process = subprocess.Popen(["sh", "-c", script], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    for line in process.stdout:
        detail(line.rstrip())
    if process.wait() != 0:
        fail(f"Component {name} {otherwise}. Correct what cargo says above, commit it, and push again.")


def check(name, path):
    """Spin makes components of core modules when it loads them; this platform does not."""
    with path.open("rb") as file:
        begin = file.read(8)
    if begin == MODULE:
        with path.open("rb") as file:
            if b"_start" in file.read():
                return  # in CGI form
        fail(f"Component {name}: {path} is a core module and not a component.", f"Build it for {TARGET} (`rustup target add {TARGET}`), and push again.")
    if begin != COMPONENT and not path.suffix == ".wat":
        fail(f"Component {name}: {path} is not WebAssembly.", "Commit what its build makes, and push again.")
