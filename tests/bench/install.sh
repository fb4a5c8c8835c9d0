#!/bin/sh
# Installs what the bench measures beside paasd, and the load generator. Everything but Debian's packages goes to one folder, which is printed.
set -eu
cd "$(dirname "$0")"
folder=${PAAS_BENCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/paas/bench}
mkdir -p "$folder"

say() { printf '%s\n' "$*" >&2; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

missing=""
need() { command -v "$1" >/dev/null || missing="$missing $2"; }
need wrk wrk
need nginx nginx-light
need perf linux-perf
python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"
if [ -n "$missing" ]; then
  say "Installing:$missing"
  as_root apt-get update -qq
  # shellcheck disable=SC2086 # a list of words
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
fi

# The very version that paasd is built with; the features are those that `wasmtime serve` is about. Takes a quarter of an hour, once.
wasmtime=$(sed -n '/^name = "wasmtime"$/{n;s/version = "\(.*\)"/\1/p;}' ../../Cargo.lock)
if ! [ -x "$folder/wasmtime-$wasmtime/bin/wasmtime" ]; then
  say "Building wasmtime $wasmtime (once)..."
  CARGO_TARGET_DIR=$folder/build cargo install wasmtime-cli --version "$wasmtime" --locked --root "$folder/wasmtime-$wasmtime" --no-default-features \
    --features serve,compile,run,cranelift,wat,parallel-compilation,pooling-allocator,component-model,component-model-async >&2
  rm -rf "$folder/build"
fi
ln -sfn "wasmtime-$wasmtime" "$folder/wasmtime"

if ! cmp -s competitors/package-lock.json "$folder/npm/package-lock.json"; then
  say "Installing workerd and componentize-js..."
  rm -rf "$folder/npm"
  mkdir -p "$folder/npm.new"
  cp competitors/package.json "$folder/npm.new"
  cp competitors/package-lock.json "$folder/npm.new"
  (cd "$folder/npm.new" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
  mv "$folder/npm.new" "$folder/npm"
fi
cp competitors/hello.js competitors/component.mjs ../../buildpacks/javascript/toolchain/world.wit "$folder/npm"

if ! cmp -s competitors/requirements.txt "$folder/python/requirements.txt"; then
  say "Installing gunicorn..."
  rm -rf "$folder/python"
  python3 -m venv "$folder/python"
  "$folder/python/bin/pip" install --quiet --disable-pip-version-check --require-hashes --no-deps -r competitors/requirements.txt >&2
  cp competitors/requirements.txt "$folder/python"
fi

compiled() { "$folder/wasmtime/bin/wasmtime" compile "$1" -o "$2" && touch "$2"; }
if ! [ "$folder/javascript.cwasm" -nt "$folder/wasmtime/bin/wasmtime" ]; then
  say "Making a JavaScript component for wasmtime serve..."
  rm -rf "$folder/wit"
  mkdir "$folder/wit"
  (cd "$folder/npm" && node component.mjs "$folder/wit" "$folder/javascript.wasm" >&2)
  compiled "$folder/javascript.wasm" "$folder/javascript.cwasm" >&2
fi
compiled apps/tiny/hello.wat "$folder/tiny.cwasm" >&2
echo "$folder"
