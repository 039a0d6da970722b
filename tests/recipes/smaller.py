"""The smaller recipes: a risk rule with a setting, a Telegram command, a metric with an alert, a field of an event."""

from tests.recipes.recipe import Recipe

RULE = Recipe(
    "rule",
    most=5,
    edits={
        "shared/settings.py": (
            (
                "    spread_max: float = _setting(",
                "    coin_price_min_krw: Krw = _setting("
                'Krw(Decimal(1)), "won below which no coin is bought", decides=True, gt=0)\n'
                "    spread_max: float = _setting(",
            ),
        ),
        "shared/catalogue/risk.py": (
            (
                "NOTHING_TO_SELL = entry(",
                "PRICE_TOO_LOW = entry(\n"
                '    "PRICE_TOO_LOW",\n'
                '    "코인 가격 {price} (최소 {limit})",\n'
                '    "the coin is cheaper than COIN_PRICE_MIN_KRW allows[: {price}, at least {limit}]",\n'
                '    price="won",\n    limit="won",\n)\nNOTHING_TO_SELL = entry(',
            ),
        ),
        "services/executor/core/risk.py": (
            ("    orders_per_day_max: int\n", "    orders_per_day_max: int\n    coin_price_min_krw: Krw  # of a buy\n"),
            (
                "            orders_per_day_max=settings.orders_per_day_max,\n",
                "            orders_per_day_max=settings.orders_per_day_max,\n"
                "            coin_price_min_krw=settings.coin_price_min_krw,\n",
            ),
            (
                "def _gone(case: Case)",
                "def _cheap(case: Case) -> Values | None:\n"
                "    least = case.limits.coin_price_min_krw\n"
                '    cheap = case.side == "buy" and case.ask < least\n'
                '    return {"price": case.ask, "limit": least} if cheap else None\n\n\n'
                "def _gone(case: Case)",
            ),
            ("    (no.POSITION_GONE, _gone),\n", "    (no.PRICE_TOO_LOW, _cheap),\n    (no.POSITION_GONE, _gone),\n"),
        ),
        "tests/unit/executor/test_executor_risk.py": (
            (
                '        "POSITION_GONE",\n        "NOTHING',
                '        "PRICE_TOO_LOW",\n        "POSITION_GONE",\n        "NOTHING',
            ),
            (
                "def test_a_denial_says_the_number_and_its_limit",
                "def test_a_cheap_coin_is_sold_but_not_bought():\n"
                "    limits = replace(LIMITS, coin_price_min_krw=Decimal(4_000_001))\n"
                '    assert code(case(buy(), limits=limits)) == "PRICE_TOO_LOW"\n'
                '    assert code(case(sell(), limits=limits)) == "APPROVED"\n\n\n'
                "def test_a_denial_says_the_number_and_its_limit",
            ),
        ),
    },
    writes=("tests/contract/test_env_example.py",),
    made=frozenset({".env.example"}),
    proof=(
        "tests/unit/executor/test_executor_risk.py",
        "tests/unit/test_settings.py",
        "tests/unit/shared/test_catalogue.py",
        "tests/pipeline/test_replay.py",
        "tests/pipeline/test_replay_settings.py",
        "tests/contract/test_env_example.py",
    ),
)

COMMAND = Recipe(
    "command",
    most=4,
    edits={
        "services/notifier/commands.py": (
            (
                '            "jobs": self._jobs,\n',
                '            "jobs": self._jobs,\n            "markets": self._markets,\n',
            ),
            (
                "    async def _switch(",
                "    async def _markets(self, asked: Command) -> str:\n        self._alone(asked)\n"
                '        return ANSWERS[self.language]["markets"].format(markets=", ".join(self.markets))\n\n'
                "    async def _switch(",
            ),
        ),
        "services/notifier/core/answer_words.py": (
            ("/jobs 작업 목록\n", "/jobs 작업 목록\n/markets 거래하는 마켓\n"),
            (
                '        "no_report": "아직',
                '        "markets": "거래하는 마켓: {markets}",\n        "no_report": "아직',
            ),
            ("/pause no cycles", "/markets that are traded\n/pause no cycles"),
            ('        "no_report": "No', '        "markets": "Traded: {markets}",\n        "no_report": "No'),
        ),
        "docs/telegram.md": (("`/daily` `/jobs`\n", "`/daily` `/jobs` `/markets`\n"),),
        "docs/telegram.en.md": (("`/daily` `/jobs` `/pause`\n", "`/daily` `/jobs` `/markets` `/pause`\n"),),
    },
    writes=("tests/unit/notifier/test_commands.py",),
    made=frozenset(f"tests/golden/messages/commands.{language}.txt" for language in ("ko", "en")),
    proof=("tests/unit/notifier/test_commands.py", "tests/contract/test_docs.py"),
)

METRIC = Recipe(
    "metric",
    most=5,
    edits={
        "services/filter/adapters/gate_meter.py": (
            (
                "        self._signals = metrics.counter(",
                '        self._trades = metrics.gauge("gate_trades", "Trades of the rule in the year before")\n'
                "        self._signals = metrics.counter(",
            ),
            (
                "        self._missing.set(",
                '        self._trades.set(signal.report.trades, {"market": signal.market})\n        self._missing.set(',
            ),
        ),
        "infra/prometheus/rules/upcycle.rules.yml": (
            (
                "      - alert: DeadLetters\n",
                "      - alert: GateThin\n        expr: min by (market) (gate_trades) < 10\n        for: 1m\n"
                "        labels: {severity: warning}\n        annotations:\n"
                "          summary: '{{ $labels.market }}: the year before has {{ $value }} trades to judge by'\n"
                "          runbook: upcycle history check, then upcycle gate\n      - alert: DeadLetters\n",
            ),
        ),
        "tests/monitoring/cases.py": (
            (
                '    "nats_up": "1x600",\n',
                '    \'gate_trades{market="KRW-ETH"}\': "40x600",\n    "nats_up": "1x600",\n',
            ),
            (
                '    Case("DeadLetters", {',
                '    Case("GateThin", {\'gate_trades{market="KRW-ETH"}\': "9x600"}, 5, {"market": "KRW-ETH"}),\n'
                '    Case("DeadLetters", {',
            ),
        ),
        "docs/monitoring.md": (
            (
                "| `DeadLetters` |",
                "| `GateThin` | 지난 1년의 거래가 10회도 안 됨 | `upcycle history check` |\n| `DeadLetters` |",
            ),
        ),
        "docs/monitoring.en.md": (
            (
                "| `DeadLetters` |",
                "| `GateThin` | the year before has under 10 trades | `upcycle history check` |\n| `DeadLetters` |",
            ),
        ),
    },
    proof=("tests/monitoring", "tests/unit/filter/test_gate_meter.py", "tests/contract/test_docs.py"),
)

FIELD = Recipe(
    "field",
    most=3,
    edits={
        "shared/events/signal.py": (
            (
                "    objections: tuple[Objection, ...] = ()  # what the gate had against it, where exit_only\n",
                "    objections: tuple[Objection, ...] = ()  # what the gate had against it, where exit_only\n"
                "    price: Exact[Price] | None = None  # last price; None in an older log\n",
            ),
        ),
        "services/filter/handler.py": (
            (
                "return SignalPassed(cycle=snapshot.cycle, report=report, exit_only=bool(against), objections=against)",
                "return SignalPassed(\n"
                "            cycle=snapshot.cycle,\n            report=report,\n            exit_only=bool(against),\n"
                "            objections=against,\n            price=snapshot.price,\n        )",
            ),
        ),
        "tests/unit/filter/test_filter_handler.py": (
            (
                "    assert (signal.exit_only, signal.objections) == (False, ())\n",
                "    assert (signal.exit_only, signal.objections) == (False, ())\n"
                "    assert signal.price == snapshot().price\n",
            ),
        ),
    },
    writes=("tests/contract/test_wire.py",),
    made=frozenset({"tests/golden/events/SignalPassed.json"}),
    proof=(
        "tests/unit/filter/test_filter_handler.py",
        "tests/contract/test_wire.py",
        "tests/contract/test_schema_numbers.py",
        "tests/pipeline/test_replay.py",
    ),
)
