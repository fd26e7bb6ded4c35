# Everything this project can do, one word each: make help
# Needs python3.11+ and make; all else (node too) comes from locked packages into .venv and node_modules.
SHELL = /bin/sh
.DEFAULT_GOAL = help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
.PHONY: help setup run test test-all check fix proof bench lock translations migrate code clean

PYTHON ?= python3
BIN = .venv/bin
# npm starts node by name; the one in the environment must come first
NODE_PATH_ENV = PATH="$(CURDIR)/$(BIN):$$PATH"
NPM = $(NODE_PATH_ENV) $(BIN)/npm
CATALOGUE = conference/translations/catalogue.py
CATALOGUES = $(wildcard conference/translations/sr/*.po)
ASSETS = static/build.mjs $(wildcard static/css static/js static/img static/css/* static/js/* static/js/*/* static/img/*)

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' Makefile

setup: node_modules/.installed static/dist/manifest.json build/translations.stamp ## Install everything, locked and by hash, into .venv and node_modules; build assets and catalogues

run: setup ## Start the whole product with sample data (PORT=5000 DATA_DIR=var), until Ctrl-C
	@exec $(BIN)/python -m tests.sandbox.run

test: setup ## The quick suite, under five minutes (ONLY="tests/payments -k refund" for a part)
	$(BIN)/python -m pytest -n 2 $(ONLY)

test-all: setup ## Every test on SQLite and on PostgreSQL, every page in every language and width
	TEST_ALL=1 REQUIRE_POSTGRES=1 REQUIRE_BROWSER=1 $(BIN)/python -m pytest -n 2 $(ONLY)

check: setup ## Format, lint, types, import contracts, templates, translations complete
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python -m conference.translations.catalogue check

fix: $(BIN)/.installed ## Format the code and repair what the linter can repair
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

proof: setup ## Run the proofs of our guarantees, or some: ONLY="access seats-sqlite"
	$(BIN)/python -m tests.proofs $(ONLY)

bench: setup ## Measure, or measure some: ONLY="edition-page check-in"
	$(BIN)/python -m tests.bench $(ONLY)

lock: $(BIN)/.installed ## Write the lock files anew from requirements*.in and package.json
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --custom-compile-command "make lock" requirements.in -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --custom-compile-command "make lock" requirements-dev.in -c requirements.lock -o requirements-dev.lock
	$(NPM) install --package-lock-only --loglevel=error

translations: setup ## Merge new texts into the Serbian catalogues, make the Latin ones, compile
	$(BIN)/python -m conference.translations.catalogue extract
	$(BIN)/python -m conference.translations.catalogue compile

migrate: setup ## Write the next migration from the models: NAME="order gets a note"
	@test -n "$(NAME)" || { echo 'Say what changes: make migrate NAME="order gets a note"'; exit 2; }
	@rm -rf build/migrate
	DATA_DIR=build/migrate $(BIN)/python -m tests.sandbox.run flask db upgrade
	DATA_DIR=build/migrate $(BIN)/python -m tests.sandbox.run flask db migrate -m "$(NAME)" \
		--rev-id "$$(printf '%04d' $$(($$(ls migrations/versions/*.py 2>/dev/null | wc -l) + 1)))"

code: setup ## The second-factor code of the demo cast now, or of one: EMAIL=chair@example.org
	@$(BIN)/python -m tests.sandbox.run flask code $(EMAIL)

clean: ## Remove what was built and the demo's data; keep .venv and node_modules
	rm -rf build static/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf var
	find conference -name '*.mo' -delete 2>/dev/null || true

# The stamps lie inside what they vouch for: a deleted folder is made anew.
$(BIN)/.installed: requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@mkdir -p build
	@awk '/^uv==/{p=1} p{print} p&&!/\\$$/{exit}' requirements-dev.lock > build/uv.lock.txt
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r build/uv.lock.txt
	VIRTUAL_ENV="$(CURDIR)/.venv" $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements-dev.lock
	@touch $@

node_modules/.installed: package-lock.json package.json .npmrc $(BIN)/.installed
	$(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

static/dist/manifest.json: $(ASSETS) node_modules/.installed
	$(BIN)/node static/build.mjs
	@touch $@

build/translations.stamp: $(CATALOGUES) $(wildcard $(CATALOGUE)) $(BIN)/.installed
	@mkdir -p build
	@test ! -f $(CATALOGUE) || $(BIN)/python -m conference.translations.catalogue compile
	@touch $@
