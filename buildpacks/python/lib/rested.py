"""Takes out of a started engine what its start left behind; what stays is the same wherever it is made.

componentize-py starts CPython and writes down the memory. The start draws a secret for the hashes of strings, reads clocks, and lays its objects out accordingly.
Of the component's core modules, one holds that memory, and one, which translates WASI's older calls, the address of a stack that it asked that memory for.
"""
import hashlib
import re

MADE_OF = b"made-of"
CUSTOM, CORE_MODULE, MEMORIES, GLOBALS, EXPORTS, DATA, DATA_COUNT = 0, 1, 5, 6, 7, 11, 12
HEADER_BYTES = 8
# The component is valid whatever its modules ask of a memory.
LARGEST_MEMORY = b"\x01\x00" + b"\x80\x80\x04"
# The three globals of the module that translates, all `i32` that change; 0 says that it has not asked for its stack yet.
STACK = re.compile(rb"\x03(?:\x7f\x01\x41[\x80-\xff]*[\x00-\x7f]\x0b){3}", re.DOTALL)
NO_STACK = b"\x03" + 3 * b"\x7f\x01\x41\x00\x0b"
TRANSLATES = b"\x13reset_adapter_state\x00"


def rested(component, made_of):
    """The component without what its start left in it, and with a name of what was started: of two engines that differ in that alone, one could stand in for the other."""
    result, modules = bytearray(component[:HEADER_BYTES]), {"memory": 0, "stack": 0}
    for kind, content in sections(component):
        if kind == CORE_MODULE:
            content, of = without(content)
            if of:
                modules[of] += 1
        result += section(kind, content)
    if modules != {"memory": 1, "stack": 1}:
        raise ValueError(f"the engine is not of the form that componentize-py gives it: {modules}")
    return bytes(result + section(CUSTOM, bytes([len(MADE_OF)]) + MADE_OF + made_of))


def made_of(buildpack):
    """A name of everything that a start runs."""
    digest = hashlib.sha256()
    for folder in ("engine", "toolchain"):
        for path in sorted((buildpack / folder).rglob("*")):
            if path.is_file() and path.parent.name != "__pycache__":
                content = path.read_bytes()
                digest.update(f"{path.relative_to(buildpack)} {len(content)}\n".encode() + content)
    return digest.digest()


def without(module):
    """The module without its memory's content or its stack's address, and which of them it had."""
    parts = dict(sections(module))
    if MEMORIES in parts:
        changes, of = {MEMORIES: LARGEST_MEMORY, DATA: None, DATA_COUNT: None}, "memory"
    elif TRANSLATES in parts.get(EXPORTS, b"") and STACK.fullmatch(parts.get(GLOBALS, b"")):
        changes, of = {GLOBALS: NO_STACK}, "stack"
    else:
        return module, None
    kept = ((kind, changes.get(kind, content)) for kind, content in sections(module))
    return module[:HEADER_BYTES] + b"".join(section(kind, content) for kind, content in kept if content is not None), of


def sections(binary):
    """Yields the number and the content of each section."""
    at = HEADER_BYTES
    while at < len(binary):
        length, begin = number(binary, at + 1)
        yield binary[at], binary[begin : begin + length]
        at = begin + length


def section(kind, content):
    return bytes([kind]) + leb128(len(content)) + content


def number(binary, at):
    """An unsigned LEB128 number, and where the next byte is."""
    value = shift = 0
    while True:
        byte = binary[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def leb128(value):
    result = bytearray()
    while value >= 0x80:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    result.append(value)
    return bytes(result)
