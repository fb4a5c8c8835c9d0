"""Which file of a source holds the app, and under which name, when nobody says so."""
import ast
import re
from pathlib import Path

MODULES = ["app", "main", "wsgi", "asgi", "application", "server", "api", "web", "run"]
NAMES = ["app", "application", "api", "server"]
FACTORIES = ["create_app", "make_app"]


def find(root):
    """`module:name` of the app, or None."""
    settings = django(root)
    if settings:
        return settings
    for module in [*MODULES, *packages(root)]:
        path = root / (module.replace(".", "/") + ".py")
        if path.is_file():
            name = callable_in(path)
            if name:
                return f"{module.removesuffix('.__init__')}:{name}"
    return None


def packages(root):
    """Modules in which a package of the source would keep its app."""
    folders = [folder for base in (root, root / "src") if base.is_dir() for folder in sorted(base.iterdir()) if (folder / "__init__.py").is_file()]
    for folder in folders:
        # A `src` folder is one to start in, not a package.
        if folder.parent == root:
            yield from (f"{folder.name}.{module}" for module in ["__init__", *MODULES])


def django(root):
    """The WSGI callable of the project whose manage.py this is."""
    manage = root / "manage.py"
    if not manage.is_file():
        return None
    found = re.search(r"""DJANGO_SETTINGS_MODULE["']\s*,\s*["']([\w.]+)""", manage.read_text(errors="replace"))
    package = found[1].split(".")[0] if found else None
    if package and (root / package / "wsgi.py").is_file():
        return f"{package}.wsgi:application"
    return None


def callable_in(path):
    """The name that a file gives to its app at the top level."""
    names = top_level(path)
    for name in [*NAMES, *FACTORIES]:
        if name in names:
            return name + "()" * (name in FACTORIES)
    return None


def top_level(path):
    text = path.read_text(errors="replace")
    try:
        return set(bound(ast.parse(text).body))
    except SyntaxError:
        # This Python may be older than the one that will run the file.
        return set(re.findall(r"^(?:(?:async )?def )?(\w+)\s*(?:=[^=]|:\s*\w+\s*=|\()", text, re.MULTILINE))


def bound(statements):
    for node in statements:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, (ast.If, ast.Try, ast.With)) and not is_script_guard(node):
            yield from bound(node.body)


def is_script_guard(node):
    return isinstance(node, ast.If) and "__name__" in ast.dump(node.test)
