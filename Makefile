# The two commands of the README, and their steps. Each target's script says what it does.
.PHONY: up test build bench bench-density bench-pushes

up:
	@./platform/setup/up.sh

test:
	@./platform/setup/test.sh

build:
	@./platform/setup/build.sh dist

bench:
	@./tests/bench/run.sh

bench-density:
	@./tests/bench/run.sh --density 10000

bench-pushes:
	@./tests/bench/run.sh --pushes
