"""allowed_outbound_hosts as the platform writes such rules."""

import re

from manifest import AGAIN
from say import detail, fail, warn

HOST = re.compile(r"(\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\])\Z")


def rules(name, component):
    asked = [*component.get("allowed_outbound_hosts", []), *component.get("allowed_http_hosts", [])]
    found = [rule for rule in (of(name, host) for host in asked) if rule]
    if found:
        detail(f"{name} may call {', '.join(found)}")
    return found


def of(name, asked):
    """`https://api.example.com`, or None for what only config can say."""
    if "{{" in asked:
        warn(f"Component {name} may call {asked}, which depends on a variable. Allow the host itself: paas egress:allow HOST")
        return None
    if asked == "insecure:allow-all":
        return "*"
    scheme, _, rest = asked.rpartition("://")
    rest = rest.rstrip("/")
    if scheme not in ("", "*", "http", "https"):
        fail(f"Component {name} wants to call {asked}; this platform lets components call by http and https only.", "Remove it from allowed_outbound_hosts, and use a service with an HTTP API. " + AGAIN)
    if rest == "self" or rest.endswith(".spin.internal"):
        fail(f"Component {name} wants to call its own app ({asked}, service chaining), which this platform does not offer.", "Remove it from allowed_outbound_hosts, and put what it calls into the component. " + AGAIN)
    host, _, port = rest.rpartition(":") if re.search(r":[^\]]*\Z", rest) else (rest, "", "")
    if port and not port.isdigit():
        warn(f"Component {name} may call {host} at its usual port only, not at {port}.")
        port = ""
    if not HOST.match(host):
        fail(f"Component {name} wants to call {asked}, which names no host.", "Write it as https://api.example.com. " + AGAIN)
    return (f"{scheme}://" if scheme in ("http", "https") else "") + host + (f":{port}" if port else "")
