# Milepost.  make run: install what is missing, build, start.  make test: all tests.
# The pieces: make deps, make, make check, make bench.

BUILD ?= build
DATA ?= data

.PHONY: all run test check bench deps deps-test web docs format clean

all: web
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) >/dev/null
	@ninja -C $(BUILD) --quiet milepost

run: deps
	@$(MAKE) --no-print-directory all
	exec $(BUILD)/milepost serve --data $(DATA)

deps:
	@tools/deps.sh build

deps-test:
	@tools/deps.sh test

# The web app is built anew when one of its files has changed.
web: web/dist/index.html

web/node_modules/.stamp: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.stamp web/index.html web/vite.config.ts \
    $(shell find web/src web/public -type f 2>/dev/null)
	cd web && npm run --silent build
	@touch $@

# Unit tests and test frames: under a minute.
check: all
	@ninja -C $(BUILD) --quiet
	@tests/run.sh quick

test: deps-test
	@$(MAKE) --no-print-directory all
	@ninja -C $(BUILD) --quiet
	@tests/run.sh all

bench: all
	@bench/run.sh

# What is generated from the source: CI fails when it is out of date.
docs: all
	@tools/docs.sh $(BUILD)/milepost

format:
	@git ls-files '*.[ch]' | xargs clang-format -i

clean:
	rm -rf build build-* web/dist web/node_modules
