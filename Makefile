# `make` lists the targets. Everything is installed into .venv; nothing outside this folder changes.

PYTHON ?= python3.11 python3

# A user's own pip settings must not decide what the lock installs.
unexport PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV PIP_CONSTRAINT PYTHONHOME PYTHONPATH
# What Python compiles it keeps: without this, every process of the tests would compile its imports again.
unexport PYTHONDONTWRITEBYTECODE
PIP := .venv/bin/python -m pip --quiet --disable-pip-version-check --no-input

.PHONY: help run aws-local test soak guarantees check lambdas bench install format lock clean tf-validate tf-plan tf-apply tf-destroy tf-rehearse

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

# Make hands PORT on, from its command line as from the environment, so the shop judges it by its own rules.
run: .venv/.installed  ## start the shop with demo data on http://localhost:8080 (PORT=9000 for another port)
	@exec .venv/bin/ecshop demo

aws-local: .venv/.installed  ## start the shop on DynamoDB, Kinesis and mails as this machine plays them (ARGS=--lambdas: with functions)
	@exec .venv/bin/ecshop stack up $(ARGS)

# Three processes, each with servers of its own, which mostly wait for these. The tests of a file stay together, in their order: files of
# few and slow tests must not come last.
test: .venv/.installed  ## run all tests (ARGS="-k cart" for some)
	@exec .venv/bin/pytest --require-adapters --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS)

# One process, one test after another: they kill, starve and load what they run on.
soak: .venv/.installed  ## 20 kills, 20 s without PostgreSQL, 10 rebuilds under load: what CI does in short (ARGS="-k kills")
	@exec .venv/bin/pytest -m soak --soak --timeout 3600 $(ARGS)

guarantees: .venv/.installed  ## write what each fault does into docs/guarantees.md, as runs show it
	@.venv/bin/python -m tests.integration.comparison.fault_matrix

check: .venv/.installed  ## lint, format, types, import rules, dependency audit
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	PYTHONPATH=.ci .venv/bin/lint-imports
	.venv/bin/python .ci/audit.py requirements.lock

lambdas: .venv/.installed  ## build the zips of the Lambda functions into build/lambdas (ARGS="--python 3.12 --only api-arm64")
	@exec .venv/bin/python infra/lambdas/build.py $(ARGS)

bench: .venv/.installed  ## measure speed and cost beside the peer (CHECK=1: fail below a target)
	@exec .venv/bin/python -m benchmarks $(if $(filter-out 0,$(CHECK)),--check) $(ARGS)

install: .venv/.installed  ## make .venv, as every other target does when needed

format: .venv/.installed  ## format the code and fix what ruff can
	.venv/bin/ruff check --fix-only
	.venv/bin/ruff format

lock: .venv/.locked  ## resolve pyproject.toml into requirements.lock again (UPGRADE=1: to the newest versions)
	@cp requirements.lock .venv/new.lock
	@.venv/bin/uv pip compile --quiet $(if $(filter-out 0,$(UPGRADE)),--upgrade) --universal --python-version 3.11 \
		--all-extras --group test --group bench --group quality --group build --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-config --system-certs \
		--override .ci/overrides.txt --output-file .venv/new.lock pyproject.toml >/dev/null
	@cmp -s .venv/new.lock requirements.lock || cp .venv/new.lock requirements.lock
	@echo "requirements.lock: $$(grep -c '^[^ ].*==' requirements.lock) packages"

clean:  ## remove .venv and all caches
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The AWS stack. TF_ENV names the example and the workspace, which keeps one stack's state apart from another's. docs/aws.md has the rest.
TERRAFORM ?= terraform
TF_ENV ?= development
TF_VARS ?= examples/$(TF_ENV).tfvars

tf-validate:  ## check infra/terraform: format, names, types (TF_PLUGIN_DIR=... where no registry is reached)
	@$(terraform); run fmt -check -recursive && begin -backend=false && run validate

tf-plan:  ## show what would change on AWS (TF_ENV=production, TF_VARS=file, TF_ARGS=...)
	@$(terraform); begin && run plan $(inputs) $(TF_ARGS)

tf-apply:  ## change it, after asking
	@$(terraform); begin && run apply $(inputs) $(TF_ARGS)

tf-destroy:  ## delete the stack, after asking; what has deletion protection stays
	@$(terraform); begin && run destroy $(inputs) $(TF_ARGS)

tf-rehearse: .venv/.installed  ## apply both examples to an emulator, place an order, plan again, destroy; docs/terraform.log is what was printed
	@exec .venv/bin/python -m tests.support.terraform_rehearsal docs/terraform.log

inputs = -var-file='$(TF_VARS)'
# What can be made again lies in build/; the state does not.
define terraform
command -v '$(TERRAFORM)' >/dev/null 2>&1 || { echo "This needs Terraform 1.9 or newer, and there is no '$(TERRAFORM)' here. Install it, or name yours: make $@ TERRAFORM=/path/to/terraform" >&2; exit 2; }; \
export TF_DATA_DIR='$(CURDIR)/build/terraform' TF_WORKSPACE='$(TF_ENV)' TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1; \
run() { '$(TERRAFORM)' -chdir=infra/terraform "$$@"; }; \
begin() { run init -input=false $(if $(TF_PLUGIN_DIR),-plugin-dir='$(TF_PLUGIN_DIR)') "$$@" >&2; }
endef

# The first of $(PYTHON) that is new enough and can make environments (Debian ships venv apart). A shim may exist and not work: try each.
define find_python
python=; for candidate in $(PYTHON); do \
	if "$$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$candidate; break; fi; \
done; \
if [ -z "$$python" ]; then echo "EC Shop needs Python 3.11 or newer, with its venv module; none of these is one: $(PYTHON). Name yours: make PYTHON=/path/to/python3.11" >&2; exit 1; fi
endef

# Stamps: another lock makes the environment anew, so nothing stale stays; another pyproject.toml only installs ourselves again.
# uv installs the lock in a fifth of pip's time; it does not read pip's settings, so where it finds no index, pip does the work.
.venv/.locked: requirements.lock
	@$(find_python); \
	echo "Installing dependencies into .venv (about a minute the first time) ..."; \
	"$$python" -m venv --clear .venv
	@awk '/^[^ ]/ { mine = /^uv==/ } mine' requirements.lock > .venv/uv.txt
	@$(PIP) install --require-hashes --no-deps --requirement .venv/uv.txt
	@.venv/bin/uv pip install --quiet --no-config --system-certs --python .venv/bin/python --require-hashes --no-deps \
			--requirement requirements.lock 2>/dev/null \
		|| $(PIP) install --require-hashes --no-deps --requirement requirements.lock
	@touch $@

.venv/.installed: .venv/.locked pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
