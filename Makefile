# Two commands on a fresh machine: `make demo` and `make test`. Each does its own set-up; what is done is skipped.
# Needed: Python 3.11 or later, make, git, bash; and Docker with Compose v2 (as root on Debian it is installed).

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
VENV := .venv/.ready
LAB_TOOL := tests/lab/lab.py
# Runs of playbooks keep a core busy and wait for containers in turn: two labs finish in little more than half the time.
WORKERS ?= 2
STEP := scripts/step

# Every tool here reads the checkout's own settings, whatever the caller has set for other projects.
unexport ANSIBLE_CONFIG ANSIBLE_COLLECTIONS_PATH ANSIBLE_ROLES_PATH ANSIBLE_INVENTORY PYTHONPATH
# Hundreds of processes import the same files: what one has compiled, the others need not.
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/$(BIN):$(PATH)

##@ Start here
.PHONY: help
help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z][a-z-]*:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV) ## see it work: the lab up, its model server hung, healed, the incident shown
	@scripts/demo

.PHONY: test
test: check galaxy lab ## everything: check, the import into Galaxy, then the integration tests on the lab
	@$(MAKE) integration

# Changelog fragments are among what sanity looks at: changelog-lint is for them alone.
.PHONY: check
check: $(VENV) ## everything that needs no lab, in about two minutes
	@echo "Checks without the lab (the full output of each is in .cache/steps/)"
	@$(MAKE) --jobs 2 --keep-going --output-sync=target sanity lint unit types style targets docs-lint

##@ Single checks
.PHONY: unit
unit: $(VENV) ## pytest tests/unit
	@$(STEP) unit pytest -q --numprocesses=2 --dist=loadfile tests/unit

.PHONY: integration
integration: $(VENV) ## pytest tests/integration, each worker on a lab of its own (WORKERS=2)
	@scripts/setup/systemd.sh
	@scripts/setup/ssh.sh
	@scripts/setup/chromium.sh
	@scripts/setup/monitoring.sh
	@pytest --numprocesses=$(WORKERS) --dist=loadfile tests/integration

.PHONY: style
style: $(VENV) ## ruff: rules and formatting
	@$(STEP) ruff-rules ruff check --no-cache
	@$(STEP) ruff-format ruff format --no-cache --check --diff

.PHONY: types
types: $(VENV) ## mypy, strict
	@$(STEP) mypy mypy

.PHONY: targets
targets: $(VENV) ## what runs on a target keeps to the syntax and library of Python 3.9
	@$(STEP) python-3.9 vermin --no-tips --violations --target=3.9- plugins/module_utils plugins/modules

.PHONY: lint
lint: $(VENV) ## ansible-lint, profile production
	@$(STEP) ansible-lint ansible-lint --offline --nocolor

.PHONY: sanity
sanity: $(VENV) ## ansible-test sanity on a copy of the collection
	@$(STEP) sanity python scripts/sanity

.PHONY: changelog-lint
changelog-lint: $(VENV) ## the changelog fragments are well formed
	@$(STEP) changelog antsibull-changelog lint

.PHONY: docs-lint
docs-lint: $(VENV) ## antsibull-docs: the docs of all plugins and roles, and the docs site's own pages
	@$(STEP) docs antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck --check-extra-docs-refs .

.PHONY: galaxy
galaxy: $(VENV) ## build the collection and put it through Ansible Galaxy's own import, as far as that works offline
	@$(STEP) galaxy scripts/galaxy-import

.PHONY: format
format: $(VENV) ## let ruff format the code and mend what it can
	@ruff check --no-cache --fix
	@ruff format --no-cache

##@ The lab
.PHONY: lab
lab: $(VENV) ## bring the platform up (installs Docker and Compose v2 when there are none)
	@scripts/setup/docker.sh
	@python $(LAB_TOOL) up

.PHONY: lab-down
lab-down: ## take the platform down
	@python3 $(LAB_TOOL) down

.PHONY: fault
fault: ## break something: make fault NAME=model-hang (without NAME: the list)
	@python3 $(LAB_TOOL) $(if $(NAME),fault $(NAME),faults)

.PHONY: heal
heal: ## undo one fault (NAME=...) or all of them
	@python3 $(LAB_TOOL) heal $(NAME)

##@ Set-up
.PHONY: venv
venv: $(VENV) ## make the virtual environment .venv

$(VENV): requirements/runtime.in requirements/dev.in requirements/constraints.txt scripts/venv
	@scripts/venv .venv
	@touch $@

.PHONY: bench
bench: $(VENV) lab ## what it costs, beside stock modules, written to docs/performance.md (ROUNDS=5)
	@PYTHONPATH=tests/lab python tests/benchmark/benchmark.py --write $(if $(ROUNDS),--rounds $(ROUNDS))

.PHONY: example
example: $(VENV) lab ## write docs/examples anew: a real hang of the lab's model server, healed, and its review
	@python scripts/example

.PHONY: clean
clean: ## remove all that these commands made: lab, images, engine and packages if installed by them, caches
	@scripts/setup/clean.sh
	@rm -rf .venv .cache .ansible .mypy_cache .pytest_cache .ruff_cache .hypothesis *.tar.gz
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
