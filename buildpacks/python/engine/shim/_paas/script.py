"""A program that runs once, to its end, as `python manage.py migrate` does: the release phase of a deploy."""
import os
import runpy
import sys

from _paas import failure


def adapter(words):
    """Runs the program, and answers with the status that it exits with."""

    def answer(exchange):
        status = run(words)
        exchange.answer(500 if status else 200, [("paas-exit", str(status))], f"exited with status {status}\n".encode())

    return answer


def run(words):
    """`script.py …`, `-m module …` or `-c code …`; what follows is its own."""
    try:
        if words[0] == "-m":
            sys.argv[:] = words[1:]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        elif words[0] == "-c":
            sys.argv[:] = ["-c", *words[2:]]
            exec(compile(words[1], "<string>", "exec"), {"__name__": "__main__"})
        else:
            sys.argv[:] = words
            sys.path.insert(0, os.path.dirname(os.path.abspath(words[0])))
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as end:
        return status_of(end.code)
    except BaseException as error:
        failure.log(error)
        return 1
    return 0


def status_of(code):
    if code is None or isinstance(code, int):
        return (code or 0) & 255
    print(code, file=sys.stderr, flush=True)
    return 1
