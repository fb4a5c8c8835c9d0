#!/bin/sh
# `make bench`: builds the platform as it is for servers, installs what it is compared with, measures, and writes REPORT.md. Arguments go to the bench.
# `--pushes` compares with nobody, and takes the platform as `make up` builds it.
set -eu
cd "$(dirname "$0")/../.."
./platform/setup/install.sh run
PATH=$(./platform/setup/node.sh):$PATH
export PATH
case " $* " in
  *" --pushes "*) profile=release ;;
  *) profile=dist ;;
esac
./platform/setup/build.sh $profile >/dev/null
if [ $profile = dist ]; then
  PAAS_BENCH_TOOLS=$(./tests/bench/install.sh)
else
  PAAS_BENCH_TOOLS=${PAAS_BENCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/paas/bench}
  mkdir -p "$PAAS_BENCH_TOOLS"
fi
export PAAS_BENCH_TOOLS
# The platforms of all runs share toolchains and compiled engines.
export PAAS_TEST_CACHE="$PAAS_BENCH_TOOLS/paasd"
exec cargo bench --profile $profile --quiet --workspace --bench bench -- "$@"
