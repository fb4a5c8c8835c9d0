"""The step of a build that reaches the package index: it installs what the app requires."""
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import packages
from say import run

TOOLCHAIN, CACHE = (Path(os.environ[name]) for name in ("PAAS_TOOLCHAIN_DIR", "PAAS_CACHE_DIR"))


def fetch():
    packages.install(TOOLCHAIN, CACHE, Path(".packages").absolute())


run(fetch)
