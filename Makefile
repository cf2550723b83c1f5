# Thin front of Meson. `make help` lists the words.
SHARED ?= ../shared
VECTORS ?= $(SHARED)/fixtures
KINDS ?=
SECONDS ?= 300
TARGETS ?=
DESTDIR ?=
PREFIX ?= /usr
RELEASE := build/release
SANITIZE := build/sanitize
FUZZ := build/fuzz
JOBS := $(shell nproc)
# A package is built without what only tests need.
HAS_CMOCKA = $(shell pkg-config --exists cmocka 2>/dev/null && echo true || echo false)

.PHONY: all deps run test bench fuzz vectors lint install deb clean help
all: build/pratique

help:
	@sed -n 's/^## //p' Makefile

## make deps      install what building and testing need
deps:
	@scripts/deps.sh

$(RELEASE)/build.ninja:
	@command -v meson >/dev/null 2>&1 || scripts/deps.sh
	@meson setup $(RELEASE) --buildtype=release -Ddebug=true -Dtests=$(HAS_CMOCKA) --prefix=$(PREFIX) >build-setup.log 2>&1 || { cat build-setup.log; rm -f build-setup.log; exit 1; }
	@mkdir -p build && mv build-setup.log build/setup.log

## make           the release build, left at build/pratique
.PHONY: build/pratique
build/pratique: $(RELEASE)/build.ninja
	@ninja -C $(RELEASE) --quiet
	@cp $(RELEASE)/src/cmd/pratique build/pratique.new && mv build/pratique.new build/pratique

## make run       prepare a database, scan an example image and this machine, print both reports
run:
	@scripts/run.sh

## make test      sanitizer build, then unit, command-line and vector tests
test:
	@SHARED=$(SHARED) scripts/test.sh

## make vectors   judge a tree of vectors: VECTORS=DIR KINDS=scan/versions,…
vectors: build/pratique
	@python3 tests/vectors/run.py --build $(RELEASE) --vectors $(VECTORS) --kinds "$(KINDS)"

## make bench     figures beside their floors
bench: build/pratique
	@SHARED=$(SHARED) bench/run.sh

## make fuzz      SECONDS=300 TARGETS="…": libFuzzer on every target
fuzz:
	@FUZZ_SECONDS='$(SECONDS)' TARGETS='$(TARGETS)' scripts/fuzz.sh

## make lint      formatting, clang-tidy, arrows
lint:
	@scripts/lint.sh

## make install   DESTDIR=DIR PREFIX=/usr
install: build/pratique
	@meson configure $(RELEASE) -Dprefix=$(PREFIX) && DESTDIR=$(abspath $(DESTDIR)) meson install -C $(RELEASE) --quiet >/dev/null

## make deb       a Debian package in build/
deb: build/pratique
	@scripts/deb.sh

clean:
	@rm -rf build
