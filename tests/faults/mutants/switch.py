"""The owner's switch, keys that are lost, rights at the broker, and the table of services."""
# ruff: noqa: E501 - what is replaced stands in one line as it does in the code

from tests.faults.mutants import Mutant, mutant

LISTENING = "services/notifier/listener.py"
STATE = "shared/switch.py"
SERVICES = "shared/services.py"

MUTANTS: tuple[Mutant, ...] = (
    mutant("a setting that decides does not reach its handler", "tests/pipeline/test_replay_settings.py",
        ("services/filter/handler.py", "settings.gate_guards", '"entries"')),
    mutant("how old a stop is this machine's clock says", "tests/unit/notifier/test_listener.py",
        (LISTENING, "        if message.received_at is None:\n", "        if True:\n")),
    mutant("a missing wish runs", "tests/unit/shared/test_owner_switch.py",
        (STATE, 'return DesiredState(status="paused", by=f"nobody', 'return DesiredState(status="running", by=f"nobody')),
    mutant("the log's stop is not heard", "tests/unit/shared/test_owner_switch.py",
        (STATE, "    counts = said if _RESTRICTS", "    counts = wish if _RESTRICTS")),
    mutant("a pause takes a stop back", "tests/unit/shared/test_owner_switch.py",
        (STATE, 'if last["stop"] > last["start"]:', 'if last["stop"] > max(last["start"], last["pause"]):')),
    mutant("a start that does not know of a stop", "tests/bus/test_switch.py",
        ("shared/events/control.py", 'return ANY_CONTROL if self.command in ("start", "resume", "exits-only") else self.subject', "return self.subject")),
    mutant("exits-only lets a buy through", "tests/unit/executor/test_executor_risk.py tests/unit/executor/test_executor_handler.py",
        ("services/executor/core/risk.py", '    return _FACT if case.bot == "exits-only" and case.side == "buy" else None', "    return None")),
    mutant("the owner's sale sells his other coins", "tests/unit/executor/test_sales.py",
        ("services/executor/handler.py", 'scope="bot" if exits.is_owners(snapshot) else self.scope', "scope=self.scope")),
    mutant("more is sold than the owner was shown", "tests/unit/executor/test_sales.py",
        ("services/executor/handler.py", "held=exits.sellable(snapshot, held)", "held=held")),
    mutant("an old request to sell is carried out", "tests/unit/executor/test_sales.py",
        ("services/executor/sales.py", "waited_s <= exits.REQUEST_WITHIN_S", "waited_s >= 0")),
    mutant("the owner's sale does not wait for the stop-loss", "tests/unit/executor/test_sales.py",
        ("services/executor/sales.py", "and not await self.log.ended_as(last.event.cycle)", "and False")),
    mutant("a sale of another amount than was shown", "tests/unit/backend/test_sale.py",
        ("services/backend/core/sale.py", "if number(amount) != number(held.volume):", "if False:")),
    mutant("exits-only that nobody can read takes a pause back", "tests/unit/shared/test_owner_switch.py",
        (STATE, "lifted = exits.seq if exits and exits.at else 0", "lifted = exits.seq if exits else 0")),
    mutant("a deleted key is taken for never written", "tests/bus/test_switch.py",
        ("shared/bus/keys.py", "0 if e.entry is None else e.entry.revision or 0", "0")),
    mutant("a lost budget is unspent", "tests/bus/test_switch.py",
        ("services/analyst/adapters/budget_bucket.py", "lost = Day(spent=self._cap)", "lost = Day()")),
    mutant("a lost switch comes back running", "tests/bus/test_switch.py",
        ("shared/bus/topology.py", "untouched = log.last_seq == 0 or", "untouched = True or")),
    mutant("a fill is read wherever it lies", "tests/contract/test_wire.py",
        ("shared/events/ends.py", '    kind: Literal["OrderFilled"] = "OrderFilled"\n    stage: Executor\n', '    kind: Literal["OrderFilled"] = "OrderFilled"\n')),
    mutant("a pause waits for the questions before it", "tests/unit/notifier/test_listener.py",
        (LISTENING, "            if is_switch(message.text):\n", "            if False:\n"),
        (LISTENING, "if not is_switch(message.text)]", "]")),
    mutant("the filter may decide, too", "tests/contract/test_topology.py",
        (SERVICES, "SignalRejected, CycleRejected, CycleFailed)", "SignalRejected, DecisionMade, CycleRejected, CycleFailed)")),
    mutant("the executor's login may set the bot going", "tests/contract/test_made.py",
        ("infra/nats/users.py", 'ControlGiven.trunk(command="pause")', "ControlGiven.trunk()")),
    mutant("a reader of the whole log gives up", "tests/contract/test_topology.py",
        (SERVICES, '"projection", (Event,), gives_up=False', '"projection", (Event,)')),
    mutant("the notifier is given the model's key", "tests/contract/test_made.py",
        (SERVICES, '{"telegram_bot_token", ', '{"openai_api_key", "telegram_bot_token", ')),
    mutant("no alert misses a stage that is gone", "tests/contract/test_made.py",
        ("infra/prometheus/targets.py", "if name != API)", 'if name not in (API, "analyst"))')),
)  # fmt: skip
