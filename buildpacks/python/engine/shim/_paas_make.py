"""Run once, by componentize-py: the engine, and a copy of the standard library beside it (below the second folder on its path)."""
import shutil

from _paas_engine import WitWorld

shutil.copytree("/python", "/1/library", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
