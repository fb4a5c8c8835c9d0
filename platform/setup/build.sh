#!/bin/sh
# Builds everything, the dashboard included: `build.sh debug`, `build.sh release`, or `build.sh dist` for servers. Prints the folder of the programs.
set -eu
cd "$(dirname "$0")/../.."
profile=${1:-release}

command -v cargo >/dev/null || { echo "Rust is missing. Install it with rustup (rustup.rs), then try again." >&2; exit 1; }
flag=""
[ "$profile" = debug ] || flag="--profile $profile"
folder=${CARGO_TARGET_DIR:-target}/$profile
# The dashboard's client is generated from the API's document, which paasd prints; then paasd is linked again, with the dashboard in it.
cargo build $flag --workspace --bins >&2
document=$(mktemp)
trap 'rm -f "$document"' EXIT
"$folder/paasd" openapi >"$document"

cd web-ui
PATH=$(../platform/setup/node.sh):$PATH
export PATH
if ! cmp -s package-lock.json node_modules/.package-lock.seen; then
  npm ci --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json node_modules/.package-lock.seen
fi
# Only when something it is made of has changed.
if ! [ -e dist/index.html ] || ! cmp -s "$document" openapi.json || [ -n "$(find src index.html package.json vite.config.ts -newer dist/index.html | head -1)" ]; then
  cp "$document" openapi.json
  npm run --silent build >&2
fi
cd ..
cargo build $flag --workspace --bins >&2
case $folder in /*) echo "$folder" ;; *) echo "$PWD/$folder" ;; esac
