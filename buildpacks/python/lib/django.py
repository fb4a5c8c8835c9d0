"""Django's static files, collected as Heroku does: at build, when a project wants them collected."""
import os
import subprocess
from pathlib import Path

from say import detail, step


def collect_static(toolchain):
    """Runs `collectstatic` on this machine's Python. A project that cannot be set up here goes on without."""
    manage, here = Path("manage.py"), Path(".").absolute()
    config = os.environ.get("CNB_PLATFORM_DIR", "")
    if not manage.is_file() or not (here / ".packages/django").is_dir() or (Path(config) / "env/DISABLE_COLLECTSTATIC").is_file():
        return
    step("Collecting static files (python manage.py collectstatic --noinput)")
    env = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": f"{here}:{here / '.packages'}", "PYTHONDONTWRITEBYTECODE": "1", "HOME": os.environ.get("HOME", "/tmp")}
    done = subprocess.run(
        [toolchain / "venv/bin/python", "manage.py", "collectstatic", "--noinput"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines = done.stdout.strip().splitlines()
    if done.returncode == 0:
        detail(lines[-1] if lines else "There are none.")
    elif any("STATIC_ROOT" in line for line in lines):
        detail("There are none: STATIC_ROOT is not set.")
    else:
        detail("\n".join(lines[-6:]))
        detail("Note: static files were not collected. To collect them yourself, commit what `python manage.py collectstatic` makes;")
        detail("to be rid of this step, set the config var DISABLE_COLLECTSTATIC=1.")
