#!/bin/bash
# `make test`: installs what tests need, builds, runs everything, and closes with the counts.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

step() { printf '\n== %s\n' "$*"; }
out=$(mktemp)
trap 'rm -f "$out"' EXIT

step "Tools"
./platform/setup/install.sh test || exit 1
PATH=$(./platform/setup/node.sh):$PATH || exit 1
export PATH
./tests/install.sh || exit 1
step "Build"
./platform/setup/build.sh debug || exit 1
cargo test --workspace --no-run || exit 1
# Journeys share one cache of toolchains and compiled engines.
export PAAS_TEST_CACHE=${PAAS_TEST_CACHE:-$PWD/target/test-cache}

failed=0
step "Rooms and journeys"
cargo test --workspace --no-fail-fast -- --test-threads=2 2>&1 | tee "$out" || failed=1
step "Dashboard"
(cd web-ui && npm test --silent) 2>&1 | tee -a "$out" || failed=1

# `test result: ok. 5 passed; 0 failed; …` of cargo, `Tests  24 passed (24)` of vitest
count() { sed 's/\x1b\[[0-9;]*m//g' "$out" | grep -E '^(test result:|  *Tests )' | grep -oE "[0-9]+ $1" | awk '{ sum += $1 } END { print sum + 0 }'; }
# Each failed test of cargo by name, with the first lines of what it said: last, where a shortened log still has them.
failures() { sed 's/\x1b\[[0-9;]*m//g' "$out" | awk '
  /^---- .* ----$/ { print "FAILED " $2; left = 8; next }
  /^(failures:|test result:)/ { left = 0 }
  left > 0 && NF { print "  " substr($0, 1, 160); left-- }'; }
printf '\n%s passed, %s failed\n' "$(count passed)" "$(count failed)"
failures
[ "$failed" = 0 ] && [ "$(count failed)" = 0 ] && [ "$(count passed)" -gt 0 ]
