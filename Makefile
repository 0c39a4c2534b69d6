# One command sets up and runs the site on demo data; one runs everything CI runs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000

.PHONY: help install install-small run test faults check format messages clean

help: ## Show what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

install: $(VENV)/.installed ## Set up .venv: the site, other models (torch), the test tools

# torch goes in by itself first: another package asking for it plainly would get a far larger build.
$(VENV)/.installed: pyproject.toml constraints.txt build_translations.py $(wildcard matchmaker/translations/*/LC_MESSAGES/*.po)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet -c constraints.txt "torch==2.13.0"
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[models,test]"
	touch $@

install-small: ## Set up .venv for a small server: no torch, no test tools
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt .

run: install ## Set up the demo data and serve it on http://127.0.0.1:8000
	$(BIN)/matchmaker demo --port $(PORT)

test: install ## Run the tests (browser tests too, where there is a Chromium)
	$(BIN)/python -m pytest -n 2 --dist loadfile

faults: install ## Break things on purpose, and put the site under load: minutes; FAULTS=full takes hours
	$(BIN)/python -m pytest -n 2 --dist loadfile -m faults

check: install ## Everything CI runs: format, lint, types, import contracts, translations, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist loadfile

format: install ## Bring the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

messages: install ## Collect the sentences of pages and code into the catalogues, and compile them
	$(BIN)/pybabel --quiet extract -F babel.cfg --ignore-dirs ".*" -k lazy_gettext -k ngettext:1,2 -o /tmp/matchmaker.pot --no-location --sort-output --project matchmaker .
	$(BIN)/pybabel --quiet update -i /tmp/matchmaker.pot -d matchmaker/translations -l en --no-fuzzy-matching --ignore-obsolete
	$(BIN)/python build_translations.py

clean: ## Remove what was built; the data in var/ stays
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
