# The two commands of the README, and their steps. Each target's script says what it does.
.PHONY: up test build

up:
	@./platform/setup/up.sh

test:
	@./platform/setup/test.sh

build:
	@./platform/setup/build.sh release
