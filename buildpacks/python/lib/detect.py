"""Ours: what only Python projects have, or one file that is clearly a server's."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from callables import MODULES
from say import run

PROJECT = ["requirements.txt", "pyproject.toml", "manage.py", "Pipfile", "setup.py"]


def detect():
    here = Path(".")
    single = any((here / f"{name}.py").is_file() for name in MODULES) and not (here / "index.html").exists()
    return 0 if single or any((here / name).is_file() for name in PROJECT) else 100


run(detect)
