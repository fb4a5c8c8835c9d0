"""spin.toml, read and judged: what this platform has no answer for is named with its component."""

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from say import fail

AGAIN = "Then commit spin.toml, and push again."
ELSEWHERE = "Keep its data in a service that it calls over HTTP (allowed_outbound_hosts), and remove the key. " + AGAIN
# What a component may ask Spin for and does not get here, and what to do instead.
MISSING = {
    "key_value_stores": ("key-value stores", ELSEWHERE),
    "sqlite_databases": ("SQLite databases", ELSEWHERE),
    "ai_models": ("language models", "Call a service that has some over HTTP (allowed_outbound_hosts), and remove the key. " + AGAIN),
    "dependencies": ("components of others as its dependencies", "Compose them first (`wac plug`), commit the result as its source, and remove the key. " + AGAIN),
}
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
TEMPLATE = re.compile(r"\{\{\s*([^}\s]+)\s*\}\}")


@dataclass
class Route:
    path: str
    component: str | None = None
    response: dict | None = None


@dataclass
class App:
    components: dict
    routes: list
    variables: dict


def read():
    try:
        text = tomllib.loads(Path("spin.toml").read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fail(f"spin.toml is not valid: {error}.", "Correct it, commit it, and push again.")
    version(text)
    components = dict(text.get("component", {}))
    routes = triggers(text, components)
    used = {route.component for route in routes}
    for name in [name for name in components if name not in used]:
        del components[name]
    for name, component in components.items():
        judge(name, component)
    return App(components, routes, variables(text, components))


def version(text):
    found = text.get("spin_manifest_version", text.get("spin_version"))
    if str(found) == "1":
        fail("spin.toml is a manifest of version 1; this platform reads version 2.", "Let `spin doctor` rewrite it for version 2, commit it, and push again.")
    if found != 2:
        fail("spin.toml does not say that it is a manifest of version 2.", "Begin it with `spin_manifest_version = 2`, commit it, and push again.")


def triggers(text, components):
    """The routes; components that a trigger describes in place get a name."""
    for kind, entries in text.get("trigger", {}).items():
        if kind != "http":
            name = entries[0].get("component") if isinstance(entries, list) and entries else None
            fail(f"Component {name if isinstance(name, str) else '?'} answers a {kind} trigger; this platform has http triggers only.", f"Remove [[trigger.{kind}]], or give the component an HTTP route. " + AGAIN)
    routes = []
    for place, trigger in enumerate(text.get("trigger", {}).get("http", []), 1):
        component, response = trigger.get("component"), trigger.get("static_response")
        if isinstance(component, dict):
            components[f"trigger-{place}"] = component
            component = f"trigger-{place}"
        routes.append(Route(path_of(trigger.get("route"), component), component, response))
        if component is not None and component not in components:
            fail(f"The route {routes[-1].path} of spin.toml names the component {component}, which it does not have.", "Correct one of them. " + AGAIN)
        if component is None and not isinstance((response or {}).get("status_code", 200 if response else None), int):
            fail(f"The route {routes[-1].path} of spin.toml has neither a component nor a static_response with a status_code.", "Give it one. " + AGAIN)
        if response is not None:
            response.setdefault("status_code", 200)
    if not routes:
        fail("spin.toml has no [[trigger.http]], so nothing could answer.", "Add one with a route and a component. " + AGAIN)
    twice = [route.path for route in routes if [other.path for other in routes].count(route.path) > 1]
    if twice:
        fail(f"Two triggers of spin.toml have the route {twice[0]}.", "Change one of them. " + AGAIN)
    return routes


def path_of(route, component):
    if isinstance(route, dict):
        fail(f"Component {component} has a private route, for calls from its neighbours (service chaining), which this platform does not offer.", "Give it a route of its own, or make it part of the component that calls it. " + AGAIN)
    if not isinstance(route, str) or not route.startswith("/"):
        fail(f"A trigger of spin.toml has the route {route!r}, which is no path.", 'Write it as "/cart", "/users/:id" or "/...". ' + AGAIN)
    return route.rstrip("/") or "/"


def judge(name, component):
    if not NAME.match(name):
        fail(f"Component {name}: a name has small letters and digits, with - between them.", "Correct it. " + AGAIN)
    for key, (what, instead) in MISSING.items():
        if component.get(key):
            fail(f"Component {name} asks for {what} ({key}), which this platform does not offer.", instead)
    source = component.get("source")
    if isinstance(source, dict):
        where = source.get("url") or source.get("registry")
        fail(f"Component {name} is fetched from {where}, which this platform does not do.", f'Fetch it yourself, commit it, and write source = "{name}.wasm". ' + AGAIN)
    if not isinstance(source, str):
        fail(f"Component {name} has no source.", "Name its .wasm file. " + AGAIN)


def variables(text, components):
    """The defaults of the app's variables; those without one must be config vars by now."""
    known = text.get("variables", {})
    for name, component in components.items():
        for value in component.get("variables", {}).values():
            unknown = [used for used in TEMPLATE.findall(value) if used not in known]
            if unknown:
                fail(f"Component {name} uses the variable {unknown[0]}, which [variables] of spin.toml does not have.", "Add it there. " + AGAIN)
    config = Path(os.environ["CNB_PLATFORM_DIR"], "env")
    missing = [name for name, it in known.items() if "default" not in it and not (config / var(name)).exists()]
    if missing:
        fail(
            "spin.toml requires variables that are not set:",
            *[f"  {name}{': ' + known[name]['description'] if known[name].get('description') else ''}" for name in missing],
            f"Set them with `paas config:set {' '.join(var(name) + '=…' for name in missing)}`, and push again.",
        )
    return {name: it["default"] for name, it in known.items() if "default" in it}


def var(name):
    return f"SPIN_VARIABLE_{name.upper()}"
