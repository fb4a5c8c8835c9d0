"""Lines of a push, and text for slug.toml."""

import json
import sys


def step(text):
    print(f"-----> {text}", flush=True)


def detail(text):
    print(f"       {text}", flush=True)


def warn(text):
    print(f" !     {text}", flush=True)


def fail(*lines):
    """For what the developer must correct: it ends with what to do."""
    for line in lines:
        warn(line)
    sys.exit(1)


def quoted(text):
    """As TOML and JSON both write it."""
    return json.dumps(str(text), ensure_ascii=False)
