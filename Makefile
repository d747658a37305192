# Dramatis in two commands: `make run` and `make test`. Nothing has to be running, or be root.
# GPU=0 leaves a graphics card alone; PORT=8000, DRAMATIS_HOME=var and the other variables are described in mam/settings.py.

SHELL := /bin/sh
ANY_PYTHON := $(shell for python in "$$PYTHON" python3 python3.11 python3.12 python3.13 python3.14; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
PREPARE = $(if $(ANY_PYTHON),"$(ANY_PYTHON)" tools/prepare.py,\
	echo "Dramatis needs Python 3.11 or later (Debian: apt-get install python3 python3-venv)" >&2; exit 1;)
PYTHON_HERE = .venv/bin/python
LOCK = $(PYTHON_HERE) -m piptools compile --quiet --generate-hashes --strip-extras --no-header \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links

.DEFAULT_GOAL := run
.PHONY: run setup develop weights test chaos fuzz check schema lock clean

run: setup  ## set everything up, and serve on this machine until Ctrl-C
	@exec $(PYTHON_HERE) manage.py up

setup:  ## what `run` needs: packages, and the built page
	@$(PREPARE) run

develop:  ## what `test` and `check` need besides
	@$(PREPARE) develop

weights: develop
	@$(PYTHON_HERE) manage.py faces_fetch_weights

test: develop weights  ## the page's tests, then all others
	cd frontend && npm test --silent
	$(PYTHON_HERE) -m pytest

SECONDS = 60
chaos: develop weights  ## many who work at once, for so many seconds: SECONDS=60; everything killed again and again: SEED=…
	$(PYTHON_HERE) -m pytest -m chaos --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) -rA

fuzz: develop  ## new damaged files of every form, for so many seconds: SECONDS=60 SEED=…
	$(PYTHON_HERE) -m tests.vision.fuzz --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

check: develop  ## style, types, the direction of imports, the page, and that the schema is up to date
	$(PYTHON_HERE) -m ruff check .
	$(PYTHON_HERE) -m ruff format --check .
	$(PYTHON_HERE) -m mypy
	$(PYTHON_HERE) -c "from importlinter.cli import lint_imports_command as check; check()"
	$(PYTHON_HERE) tools/schema.py --check
	cd frontend && npm run check --silent

schema: develop  ## write frontend/openapi.yaml from the site, and the page's types from it
	$(PYTHON_HERE) tools/schema.py

lock: develop  ## pin anew what pyproject.toml asks for
	$(PYTHON_HERE) -m pip install --quiet pip-tools
	$(LOCK) --extra cpu --output-file requirements.lock pyproject.toml
	$(LOCK) --extra gpu --constraint requirements.lock --output-file requirements-gpu.lock pyproject.toml
	$(LOCK) --extra cpu --extra test --extra check --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

clean:  ## remove what was installed and built; the library in DRAMATIS_HOME stays
	rm -rf .venv .stamps .home-test .mypy_cache .ruff_cache .pytest_cache frontend/node_modules frontend/dist
