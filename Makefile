# Everything starts here: `make demo` and `make test` install all they need into .venv and work offline afterwards.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo run test test-long lint types imports check references doctor packages test-packages windows-packages \
	test-windows-packages clean help

help: ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.run ## install, analyse the bundled picture, print the finding and write a report
	$(BIN)/telltale analyze tests/pictures/generated-progan-1.png --report demo-report

run: $(VENV)/.run ## open the window
	$(BIN)/telltale

doctor: $(VENV)/.run ## what this machine can do, and whether the expert passes its self-test
	$(BIN)/telltale doctor

test: $(VENV)/.test ## all tests that fit in 25 minutes on two cores
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest

test-long: $(VENV)/.test ## kills, long fuzzing, long statistics
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m long

check: lint types imports ## style, types and import rules

lint: $(VENV)/.test
	$(BIN)/ruff check .

types: $(VENV)/.test
	$(BIN)/mypy

imports: $(VENV)/.test
	$(BIN)/lint-imports

references: ## compute the committed reference arrays anew (needs torch; takes a separate environment)
	test -x build/references/bin/python || $(PYTHON) -m venv build/references
	build/references/bin/python -m pip --quiet install -r requirements/references.in
	build/references/bin/python -m tests.references.make
	build/references/bin/python -m tests.references.make_chat
	build/references/bin/python -m tests.references.make_preparation

$(VENV)/.llama: requirements/llama.txt requirements/build.txt packaging/build_llama.sh packaging/build_int8.sh \
		$(wildcard desktop/engine/int8/*) packaging/system.sh packaging/system-packages.txt
	packaging/system.sh build qt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --no-deps --force-reinstall "$$(packaging/build_llama.sh $(BIN)/python)"
	packaging/build_int8.sh $(BIN)/python
	touch $@

$(VENV)/.run: $(VENV)/.llama requirements/run.txt pyproject.toml requirements/build.txt
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --require-hashes -r requirements/build.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.txt
	packaging/system.sh test
	$(PIP) install --require-hashes -r requirements/test.txt
	touch $@

packages: ## build the Linux packages into dist/: .tar.xz, .deb, .rpm, inventory, checksums
	packaging/system.sh build qt packages
	$(PYTHON) packaging/make_packages.py dist

test-packages: $(VENV)/.test ## install, use, upgrade and remove the packages in a bare Debian 12 (as root; make packages first)
	packaging/system.sh test packages
	$(PYTHON) packaging/make_packages.py dist/newer --version "$$($(BIN)/telltale --version | cut -d' ' -f2)+1" --again dist/scratch
	packaging/test_packages.sh dist tests/pictures/real-astronaut.jpg
	$(BIN)/python packaging/old_processor.py dist/scratch/dist/telltale
	$(BIN)/python -m pytest -q -m long tests/packaging

windows-packages: ## build the Windows installers into dist/windows, by cross-compiler and Wine (as root)
	packaging/system.sh build packages
	$(PYTHON) packaging/make_windows.py dist/windows $(WINDOWS_OPTIONS)

test-windows-packages: $(VENV)/.test ## install, use, upgrade and remove them under Wine (as root; make windows-packages first)
	packaging/system.sh packages
	$(PYTHON) packaging/make_windows.py dist/windows/newer --version 99.0.0 --again dist/windows/scratch --quick
	$(BIN)/python packaging/test_windows.py dist/windows tests/pictures/real-astronaut.jpg

clean: ## remove what the build made
	rm -rf $(VENV) build dist demo-report .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
