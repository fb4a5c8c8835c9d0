#!/bin/sh
# `make bench`: builds the platform as it is for servers, installs what it is compared with, measures, and writes REPORT.md. Arguments go to the bench.
set -eu
cd "$(dirname "$0")/../.."
./platform/setup/install.sh run
PATH=$(./platform/setup/node.sh):$PATH
export PATH
./platform/setup/build.sh dist >/dev/null
PAAS_BENCH_TOOLS=$(./tests/bench/install.sh)
export PAAS_BENCH_TOOLS
# The platforms of all runs share toolchains and compiled engines.
export PAAS_TEST_CACHE="$PAAS_BENCH_TOOLS/paasd"
exec cargo bench --profile dist --quiet --workspace --bench bench -- "$@"
