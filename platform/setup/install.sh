#!/bin/sh
# Installs what is missing of the Debian packages the platform needs: `install.sh run`, or `install.sh test` for those of the tests too.
# Says what and why, asks nothing, and does nothing where everything is there.
set -eu

say() { printf '%s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else say "Please run as root: $*"; exit 1
  fi
}

missing=""
# need PACKAGE REASON TEST...: the package is missing when the test fails.
need() {
  package=$1 reason=$2; shift 2
  if ! "$@" >/dev/null 2>&1; then
    say "  $package: $reason"
    missing="$missing $package"
  fi
}
has() { command -v "$1"; }
postgres_is_here() { has initdb || ls /usr/lib/postgresql/*/bin/initdb; }
certificates_are_here() { test -e /etc/ssl/certs/ca-certificates.crt; }

say "Looking for what the platform needs..."
need git             "receives pushes"                             has git
need build-essential "links the platform and compiles libgit2"     has cc
need postgresql      "keeps apps, releases and config vars"        postgres_is_here
need bubblewrap      "keeps builds away from everything else"      has bwrap
need nodejs          "builds the dashboard and JavaScript apps"    has node
need npm             "fetches what these are built with"           has npm
need brotli          "compresses the files of static sites"        has brotli
need python3-pip     "fetches Go"                                  /usr/bin/python3 -m pip --version
need python3-venv    "makes the Python apps' toolchain"               /usr/bin/python3 -c "import ensurepip, venv"
need curl            "asks the first app for its answer"           has curl
need ca-certificates "makes package registries trustworthy"        certificates_are_here
if [ "${1:-run}" = test ]; then
  need chromium      "drives the dashboard in the tests"           has chromium
  need procps        "signals a build in the tests"                 has pkill
fi

if [ -n "$missing" ]; then
  say "Installing:$missing"
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update -qq
  # shellcheck disable=SC2086 # a list of words
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
fi

# Builds of a platform that runs as root get a user who owns nothing else.
if [ "$(id -u)" = 0 ] && ! id paas-build >/dev/null 2>&1; then
  say "Adding the user paas-build, as whom builds run."
  useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin paas-build
fi
