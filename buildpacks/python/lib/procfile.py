"""What a Procfile's `web` starts, in the words of the servers that people name there."""
import re
import shlex
from pathlib import Path

from callables import callable_in, django
from say import Refused, detail

# Options that stand alone; all others are followed by a value.
FLAGS = {
    "gunicorn": "--reload --preload --preload-app -D --daemon --check-config --print-config --spew --no-sendfile --reuse-port --capture-output -R "
    "--enable-stdio-inheritance --proxy-protocol --disable-redirect-access-to-syslog --log-syslog --strip-header-spaces --permit-obsolete-folding",
    "uvicorn": "--reload --factory --proxy-headers --no-proxy-headers --access-log --no-access-log --use-colors --no-use-colors --server-header "
    "--no-server-header --date-header --no-date-header",
    "hypercorn": "--debug --reload",
    "daphne": "--proxy-headers --no-server-name",
    "waitress-serve": "--call --expose-tracebacks --no-expose-tracebacks",
    "flask": "--debug --no-debug --reload --no-reload --with-threads --without-threads",
    "fastapi": "--reload --no-reload --proxy-headers --no-proxy-headers",
    "granian": "--reload --access-log --no-access-log --factory",
}
# Programs that packages bring, as the modules that they are.
MODULES = {"django-admin": "django", "flask": "flask", "alembic": "alembic.config"}
FOLDERS = {"--chdir", "--app-dir", "--pythonpath"}


def command(process):
    """What the Procfile says that a process type is."""
    path = Path("Procfile")
    if not path.is_file():
        return None
    found = re.search(rf"^[ \t]*{process}[ \t]*:[ \t]*(.+)$", path.read_text(errors="replace"), re.MULTILINE)
    return found[1].strip() if found else None


def entry(command):
    """`module:name` (with `folder#` before it) that a command starts."""
    words = words_of(command)
    server = Path(words[0]).name
    if server in FLAGS:
        return from_server(server, words[1:], command)
    if re.fullmatch(r"python[\d.]*", server) and len(words) > 1:
        return from_script([word for word in words[1:] if word not in ("-u", "-O", "-B")], command)
    raise Refused(
        f"The Procfile starts `{command}`, which this buildpack does not know.\n"
        "Name a server and the app: `web: gunicorn app:app`, or `web: uvicorn main:app`. Then push again."
    )


def words_of(command, process="web"):
    """The words of the last command, without variables before it."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise Refused(f"The Procfile's {process} line cannot be read: {error}. Correct it and push again.") from None
    for glue in ("&&", ";"):
        if glue in words:
            detail(f"Note: of `{command}`, only what comes after the last `{glue}` is looked at. Nothing else runs before the app.")
            words = words[len(words) - words[::-1].index(glue):]
    while words and (words[0] in ("exec", "env") or re.match(r"\w+=", words[0])):
        words = words[1:]
    if words[:2] in (["poetry", "run"], ["pipenv", "run"], ["uv", "run"]):
        words = words[2:]
    if not words:
        raise Refused(f"The Procfile's {process} line starts nothing. Write what it starts, such as `web: gunicorn app:app`, and push again.")
    return words


def program(command):
    """`$ ` and the words of the program that a release command runs, as they would stand after `python`."""
    words = words_of(command, "release")
    server = Path(words[0]).name
    if re.fullmatch(r"python[\d.]*", server):
        words = [word for at, word in enumerate(words[1:]) if word not in ("-u", "-O", "-B") or at > 1]
    elif words[0].endswith(".py"):
        words[0] = words[0].removeprefix("./")
    elif server in MODULES:
        words = ["-m", MODULES[server], *words[1:]]
    else:
        words = []
    if not words or (words[0].startswith("-") and words[0] not in ("-m", "-c")):
        raise Refused(
            f"The Procfile's release command `{command}` is not one of Python's. Write `release: python script.py` or `release: python -m module`,\n"
            "with arguments if it has some. Then push again."
        )
    if not words[0].startswith("-") and not Path(words[0]).is_file():
        raise Refused(f"The Procfile's release command runs {words[0]}, and there is no such file. Correct it and push again.")
    return "$ " + shlex.join(words)


def from_script(words, command):
    if words[:1] == ["-m"] and len(words) > 1:
        return entry(shlex.join(words[1:]))
    if Path(words[0]).name == "manage.py":
        found = django(Path("."))
        if found:
            return found
    path = Path(words[0])
    if path.suffix == ".py" and path.is_file():
        name = callable_in(path)
        if name:
            detail(f"Note: {path} is imported, not run as a program: what stands below `if __name__ == \"__main__\"` is left out.")
            folder = "" if path.parent == Path(".") else f"{path.parent}#"
            return f"{folder}{path.stem}:{name}"
        raise Refused(
            f"{path} has no app at its top level. Give it a name there (`app = Flask(__name__)`), or name it in the Procfile:\n"
            f"`web: gunicorn {path.stem}:name`. Then push again."
        )
    raise Refused(f"The Procfile starts `{command}`, and there is no such file or module. Correct it and push again.")


def from_server(server, words, command):
    options, plain = parse(server, words)
    folder = next((value for name, value in options if name in FOLDERS), "")
    ignored = [name for name, _ in options if name not in FOLDERS | {"--factory", "--call", "--app", "-A"}]
    if ignored:
        detail(f"Note: {server}'s {', '.join(dict.fromkeys(ignored))} mean nothing here: the platform listens, scales and logs.")
    named = next((value for name, value in options if name in ("--app", "-A") and value), None)
    app = named or next((word for word in plain if word not in ("run", "dev")), None)
    if app is None and server in ("flask", "fastapi"):
        return None
    if app is None:
        raise Refused(f"The Procfile starts {server} without an app. Name it: `web: {server} app:app`. Then push again.")
    if app.endswith(".py"):
        path = Path(folder) / app
        app = f"{path.stem}:{(path.is_file() and callable_in(path)) or 'app'}"
    module, _, name = app.partition(":")
    name = name or ("app" if server in ("flask", "fastapi") else "application" if server != "uvicorn" else "app")
    if any(option in ("--factory", "--call") for option, _ in options) and not name.endswith("()"):
        name += "()"
    if not re.fullmatch(r"[\w.]+", module) or not re.fullmatch(r"[\w.]+(\(\))?", name):
        raise Refused(f"`{app}` in the Procfile's `{command}` is not of the form `module:name`. Correct it and push again.")
    return f"{folder}#{module}:{name}" if folder not in ("", ".") else f"{module}:{name}"


def parse(server, words):
    """Options as pairs, and the words that are none."""
    flags, options, plain = FLAGS[server].split(), [], []
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            plain.append(word)
        elif "=" in word:
            options.append(tuple(word.split("=", 1)))
        elif word in flags:
            options.append((word, ""))
        elif re.fullmatch(r"-[a-zA-Z].+", word):
            options.append((word[:2], word[2:]))
        else:
            options.append((word, next(rest, "")))
    return options, plain
