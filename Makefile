.DEFAULT_GOAL := help
PY := .venv/bin/python
MARK := .venv/.ready

help:  ## what can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(MARK)  ## make .venv from the locked versions

# Nothing but the package index is needed; every version and hash is pinned.
$(MARK): pyproject.toml requirements-dev.lock
	@test -x $(PY) || python3 -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $(MARK)

lock:  ## resolve the versions anew (runtime, and with the tools of development)
	.venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements.lock
	.venv/bin/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header -q -c requirements.lock -o requirements-dev.lock

.PHONY: help setup lock
