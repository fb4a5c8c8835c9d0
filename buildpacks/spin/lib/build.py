"""Source → slug: the components that spin.toml names, and the routes to them."""

import os
from pathlib import Path

import cargo
import files
import hosts
import manifest
from say import detail, quoted, step

SLUG = Path(os.environ["PAAS_SLUG_DIR"])


def main():
    step("Reading spin.toml")
    app = manifest.read()
    lines = ["[processes.web]", 'kind = "components"']
    lines += table("variables", app.variables)
    for name, component in app.components.items():
        lines += describe(name, component)
    for route in app.routes:
        lines += ["", "[[processes.web.routes]]", f"path = {quoted(route.path)}"]
        if route.component:
            lines.append(f"component = {quoted(route.component)}")
        else:
            lines += fixed(route.response)
        detail(f"{route.path} → {route.component or 'a fixed answer'}")
    (SLUG / "slug.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def describe(name, component):
    """Builds a component, takes it and its files into the slug, and gives its lines of slug.toml."""
    module = cargo.module(name, component)
    (SLUG / f"{name}.wasm").write_bytes(module.read_bytes())
    lines = ["", f"[processes.web.components.{quoted(name)}]", f"file = {quoted(name + '.wasm')}"]
    if files.copy(name, component, SLUG / "files" / name):
        lines.append(f"files = {quoted('files/' + name)}")
    rules = hosts.rules(name, component)
    if rules:
        lines.append(f"egress = [{', '.join(quoted(rule) for rule in rules)}]")
    lines += table(f"components.{quoted(name)}.environment", component.get("environment", {}))
    lines += table(f"components.{quoted(name)}.variables", component.get("variables", {}))
    return lines


def fixed(response):
    lines = ["[processes.web.routes.response]", f"status = {response['status_code']}"]
    if response.get("body"):
        lines.append(f"body = {quoted(response['body'])}")
    if response.get("headers"):
        lines += ["[processes.web.routes.response.headers]"] + pairs(response["headers"])
    return lines


def table(name, values):
    return ["", f"[processes.web.{name}]"] + pairs(values) if values else []


def pairs(values):
    return [f"{quoted(key)} = {quoted(value)}" for key, value in values.items()]


if __name__ == "__main__":
    main()
