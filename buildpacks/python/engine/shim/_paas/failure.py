"""What people read when their code raised."""
import sys
import traceback

OURS = ("_paas/", "_paas_engine.py", "<frozen importlib", "<frozen runpy>", "importlib/__init__.py")


def describe(error):
    """The traceback without the platform's own frames, and with file names as the author knows them."""
    own = traceback.TracebackException.from_exception(error, compact=True)
    seen = own
    while seen is not None:
        frames = [frame for frame in seen.stack if not any(part in frame.filename for part in OURS)]
        for frame in frames:
            frame.filename = frame.filename.removeprefix("/app/")
        seen.stack[:] = frames
        seen = seen.__cause__ or seen.__context__
    return "".join(own.format()).rstrip()


def log(error):
    print(describe(error), file=sys.stderr, flush=True)
