"""Why a module is not there, where the platform knows."""
import json

# Written by the build: module to the distribution whose native extension it was.
NATIVE = "/app/.packages/.native.json"
# Of the standard library, but made of system calls that WASI does not have.
LACKING = {"_ctypes", "_bz2", "_lzma", "_zstd", "_curses", "_tkinter", "fcntl", "grp", "mmap", "pwd", "readline", "resource", "termios"}


def advice(error):
    """A sentence above the traceback of an import that failed, or nothing."""
    name = getattr(error, "name", None)
    if not isinstance(error, ImportError) or not name:
        return ""
    try:
        with open(NATIVE) as file:
            native = json.load(file)
    except OSError:
        native = {}
    for module, distribution in native.items():
        if name == module or name.startswith(module + ".") or module.startswith(name + "."):
            return f"{distribution} needs its native extension {module}, and native code of a machine cannot run here. Use a package in pure Python instead.\n"
    if name in LACKING:
        return f"Python's module {name} needs system calls that an app does not have here. Do without what imports it.\n"
    return ""
