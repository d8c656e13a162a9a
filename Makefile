# Everything that one does with Pawtime. `make` alone lists it.

PORT ?= 3000
DATA ?= .data
SEED ?= 1
LIMITS ?= 0
PETS ?= 1000000
SEARCHES ?= 60
export PORT DATA SEED LIMITS

PY := .venv/bin/python
UV := $(CURDIR)/.venv/bin/uv
SYNC = $(UV) pip sync --quiet --require-hashes
LOCK = $(UV) pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.13
# Without this sam asks AWS who is calling, and waits for it.
SAM = env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY -u AWS_SESSION_TOKEN -u AWS_PROFILE \
	AWS_EC2_METADATA_DISABLED=true AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0 UV=$(UV) .venv-sam/bin/sam
TYPED := functions layers/common/python local tests prove benchmarks

# The front end, the embedded store and the real Lambda runtime: each where it can be had.
WEB := $(if $(wildcard web/package.json),web/dist/index.html)
WEB_MODULES := $(if $(wildcard web/package.json),web/node_modules/.installed)
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' -not -path '*/generated/*' 2>/dev/null)
STORE := $(if $(wildcard local/package.json),local/node_modules/.installed)
RUNTIME := $(if $(filter Linux-x86_64,$(shell uname -sm | tr ' ' -)),.build/runtime/.installed)

.PHONY: help run rotate-keys admin owner sign-out erase test check build prove bench-matching openapi states places web lock clean
.DELETE_ON_ERROR:

help: ## list the commands
	@sed -n 's/^\([a-z -]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

run: .venv/.installed $(STORE) $(WEB) ## the whole of Pawtime on this machine (PORT=3000 DATA=.data SEED=1 LIMITS=0)
	@exec $(PY) -m local.run

rotate-keys: .venv/.installed ## rotate the signing keys of the Pawtime that make run has started (PORT=3000)
	@$(PY) -m local.command $@

admin owner sign-out: .venv/.installed ## make somebody an admin there, or an owner again, or end their sessions (USERNAME=maya)
	@$(PY) -m local.command $@ $(USERNAME)

erase: .venv/.installed ## begin the erasure of a closed account there again (USER_ID=...), or of all that are overdue
	@$(PY) -m local.command $@ $(USER_ID)

test: .venv/.installed .venv-sam/.installed $(RUNTIME) $(STORE) $(WEB) build ## all tests; PYTEST="-k pets" narrows them
ifneq ($(WEB),)
	npm --prefix web test
endif
	$(PY) -m pytest -n auto --maxprocesses 8 $(PYTEST)

prove: .venv/.installed $(STORE) ## measure the figures of docs/proof.md in full; ONLY="R1 I2" measures some
	$(PY) -m prove $(ONLY)

bench-matching: .venv/.installed $(STORE) ## what a search costs, beside other ways to do it (PETS=1000000 SEARCHES=60)
	$(PY) -m benchmarks.matching --pets $(PETS) --searches $(SEARCHES)

check: .venv/.installed .venv-sam/.installed $(WEB_MODULES) ## style, types, template, generated files, locks
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy $(TYPED)
	$(SAM) validate --lint
	$(PY) -m local.openapi --check
	$(PY) -m local.states --check
	@! git grep -n '"resolved":' -- '*package-lock.json' || { echo "A lock names the registry it came from." >&2; exit 1; }
	@! git grep -nIE 'py''pi\.org|python''hosted\.org|registry\.(npm''js|yarn''pkg)' || { echo "A file names a package registry." >&2; exit 1; }
ifneq ($(WEB),)
	npm --prefix web run check
endif

build: .venv/.installed .venv-sam/.installed ## the functions and their layers as they are deployed, in .aws-sam/build
	$(SAM) build
	@# Lambda cannot keep what Python compiles: a function without its .pyc files starts four times slower.
	$(PY) -m compileall -q --invalidation-mode unchecked-hash .aws-sam/build

openapi: .venv/.installed ## write functions/operations/openapi.json anew from the code
	$(PY) -m local.openapi

states: .venv/.installed ## draw docs/appointment-states.svg anew from the code
	$(PY) -m local.states

places: .venv/.installed ## write the list of places anew from GeoNames
	@$(UV) run --quiet local/places.py

web: $(WEB) ## build the front end into web/dist

lock: .venv/.installed ## choose anew, and pin, every version in requirements/ and layers/
	$(LOCK) --upgrade requirements/uv.in -o requirements/uv.txt
	$(LOCK) --upgrade layers/common/requirements.in -o layers/common/requirements.txt
	$(LOCK) --upgrade layers/images/requirements.in -o layers/images/requirements.txt
	$(LOCK) --upgrade layers/calendars/requirements.in -o layers/calendars/requirements.txt
	$(LOCK) --upgrade requirements/dev.in -o requirements/dev.txt
	$(LOCK) --upgrade requirements/runtime.in -o requirements/runtime.txt
	$(LOCK) --upgrade requirements/sam.in -o requirements/sam.txt

clean: ## remove everything that was built or installed; .data stays
	rm -rf .venv .venv-sam .build .aws-sam .cache .hypothesis .pytest_cache .mypy_cache .ruff_cache \
		local/node_modules web/node_modules web/dist
	find functions layers local tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed: requirements/uv.txt requirements/dev.txt
	@for python in python3.13 python3 "$$(uv python find 3.13 2>/dev/null)" "$$HOME"/.pyenv/versions/3.13*/bin/python; do \
		"$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null \
			&& exec "$$python" -m venv --clear .venv; \
	done; echo "Pawtime needs Python 3.13: install it and put python3.13 on PATH." >&2; exit 1
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(SYNC) --python $(PY) requirements/dev.txt
	@# The same import paths as in Lambda, whoever starts this Python.
	@printf '%s\n' '$(CURDIR)/functions' '$(CURDIR)/layers/common/python' > .venv/lib/python3.13/site-packages/pawtime.pth
	@touch $@

.venv-sam/.installed: requirements/sam.txt | .venv/.installed
	$(UV) venv --quiet --clear --python $(PY) .venv-sam
	$(SYNC) --python .venv-sam requirements/sam.txt
	@touch $@

.build/runtime/.installed: requirements/runtime.txt | .venv/.installed
	$(UV) venv --quiet --clear --python $(PY) .build/runtime
	$(SYNC) --python .build/runtime requirements/runtime.txt
	@touch $@

%/node_modules/.installed: %/package.json %/package-lock.json
	@node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null \
		|| { echo "Pawtime needs Node.js 20 or newer, with npm: install it and put node and npm on PATH." >&2; exit 1; }
	npm --prefix $* ci
	@touch $@

web/dist/index.html: $(WEB_MODULES) $(WEB_SOURCES) functions/operations/openapi.json
	npm --prefix web run build
	@touch $@
