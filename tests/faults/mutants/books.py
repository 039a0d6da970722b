"""What the bot holds: adopting, settling, the comparison with the exchange, and what an account is worth."""
# ruff: noqa: E501 - what is replaced stands in one line as it does in the code

from tests.faults.mutants import Mutant, mutant

SETTLE = "services/executor/settle.py"
LEDGER = "services/executor/core/ledger.py"
ENDS = "services/executor/core/ends.py"
POSITION = "services/executor/core/position.py"
ORDER_LIST = "services/executor/adapters/upbit_order_list.py"
ADOPT = "services/executor/adopt.py"

MUTANTS: tuple[Mutant, ...] = (
    mutant("settled as not there while it may still arrive", "tests/unit/executor/test_executor_settle.py",
        (SETTLE, "if left_s > 0 else None", "if False else None")),
    mutant("another bot's order is booked as ours", "tests/unit/executor/test_executor_settle.py",
        (SETTLE, "if ours is not False and isinstance", "if isinstance")),
    mutant("a loss in the day of its slot", "tests/unit/executor/test_executor_ledger.py",
        (LEDGER, "self._day(fill.executed_at).profit", "self._day(slot_time(fill.slot)).profit")),
    mutant("the position before a fill forgotten", "tests/unit/executor/test_executor_comparison.py",
        (ENDS, "held, fills = ledger.held(decision.market), ledger", "held, known = position.NOTHING, ledger")),
    mutant("settled without its fill", "tests/unit/executor/test_executor_settle.py",
        (SETTLE, "stored = (await self.log.store(event)).event", "stored = event")),
    mutant("the list of our orders without those that are over", "tests/contract/test_upbit_exchange.py",
        (ORDER_LIST, "        found |= await _closed(upbit, begin, end + timedelta(seconds=1))", "        pass")),
    mutant("the list of our orders ends with its first page", "tests/contract/test_upbit_exchange.py",
        (ORDER_LIST, "        if len(rows) < _CLOSED_MAX:", "        if True:")),
    mutant("an intent explains an order that was called rejected", "tests/unit/executor/test_executor_comparison.py",
        ("services/executor/core/comparison.py", "        if cycle not in ledger.executed\n", "        if cycle not in ledger.executed\n        and cycle not in ledger.intended\n")),
    mutant("adopted without its fill", "tests/unit/executor/test_executor_comparison.py",
        (ADOPT, "stored = (await self.log.store(recorded)).event", "stored = recorded")),
    mutant("adopted in any order", "tests/unit/executor/test_executor_comparison.py",
        (ADOPT, "if before := _before(event, ledger):", "if (before := _before(event, ledger)) and not before:")),
    mutant("a fill alone lets an adopted market go on", "tests/unit/executor/test_executor_comparison.py",
        (LEDGER, "(event.cycle in self.settled and whole)", "(event.cycle in {*self.settled, *self.executed} and whole)")),
    mutant("coins that came are told each hour", "tests/unit/executor/test_executor_drift.py",
        ("services/executor/core/drift.py", "max(others - max(last, NOTHING), NOTHING)", "max(others, NOTHING)")),
    mutant("books are held against the account while an order is under way", "tests/unit/executor/test_executor_drift.py",
        ("services/executor/valuation.py", "        cycles = {*under_way, *ledger.open, *ledger.stuck, *ledger.found}", "        cycles = {*under_way}")),
    mutant("an intent that nobody can read blocks nothing", "tests/unit/executor/test_executor_ledger.py",
        ("services/executor/adapters/order_log.py", "                        self._ledger.add_unreadable(entry.subject)\n", "")),
    mutant("a part of the account is shown as its worth", "tests/unit/executor/test_partial_valuation.py",
        ("services/backend/core/projection.py", "    whole = () if valued.left_out else valued.holdings\n", "    whole = valued.holdings\n")),
    mutant("a buy that is adopted late brings back what a panic has sold", "tests/unit/executor/test_late_fills.py",
        (POSITION, "    if not any(_comes_after(", "    if True or not any(_comes_after(")),
    mutant("of one second the sale is adopted first", "tests/unit/executor/test_late_fills.py",
        (LEDGER, 'e.side == "sell", e.cycle)', 'e.side == "buy", e.cycle)')),
    mutant("an order is as old as the broker's clock says", "tests/unit/executor/test_executor_settle.py",
        (SETTLE, "books.at if books else intent.at)]", "intent.at)]")),
    mutant("another bot's order of another kind is never settled", "tests/unit/executor/test_executor_settle.py",
        (SETTLE, "theirs = ours is False and", "theirs = False and")),
    mutant("the journal does not learn what a person has booked", "tests/unit/executor/test_late_fills.py",
        ("services/cli/order_log.py", "    if not journal.has_been_used():\n        return EventOrderLog(events)", "    if True:\n        return EventOrderLog(events)")),
)  # fmt: skip
