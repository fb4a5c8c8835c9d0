# Sets PYTHON to the machine's Python, 3.11 or newer. A version manager's stand-in, first on the PATH, may not work inside a build.
for PYTHON in python3 /usr/bin/python3 /usr/local/bin/python3 ""; do
  [ -n "$PYTHON" ] && "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break
done
if [ -z "$PYTHON" ]; then
  echo " !     The machine has no Python of version 3.11 or newer. Ask the operator to install python3 and python3-venv."
  exit 1
fi
