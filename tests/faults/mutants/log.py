"""The event log: put back, foreign, newer than its reader, unreadable."""
# ruff: noqa: E501 - what is replaced stands in one line as it does in the code

from tests.faults.mutants import Mutant, mutant

STAGE = "shared/stage/stage.py"
REACH = "shared/reach.py"
LOG = "shared/bus/event_log.py"

MUTANTS: tuple[Mutant, ...] = (
    mutant("an event that nobody is to hear is passed over", "tests/bus/test_stage.py",
        (STAGE, "elif not isinstance(stored.event, passes_over):", "elif False:")),
    mutant("a model is paid for before its answer is looked for", "tests/bus/test_stage.py",
        (STAGE, "READERS[self.name].costly or is_old", "is_old")),
    mutant("a redelivery does the work again", "tests/bus/test_stage.py",
        (STAGE, " or DELIVERY.get() > 1\n", "\n")),
    mutant("the log takes a second answer of a stage", "tests/bus/test_stage.py",
        (LOG, '            "Nats-Msg-Id": where,\n            "Nats-Expected-Last-Subject-Sequence": str(after),\n', "")),
    mutant("who answers second goes on from his own answer", "tests/bus/test_stage.py",
        (LOG, "                return await self._there(once)\n", "                return Stored(event, 0, self._clock.now())\n")),
    mutant("a log without a fill has lost nothing", "tests/unit/shared/test_reach.py",
        (REACH, "if stored.fill is not None and found.fill is None:", "if False:")),
    mutant("a newer event is passed over", "tests/contract/test_schema_numbers.py",
        ("shared/bus/wire.py", "    if event.schema_number > event.known_schema():\n", "    if False:\n")),
    mutant("a newer message is put aside and its cycle ended", "tests/bus/test_newer.py",
        ("shared/bus/outcome.py", "        if isinstance(exc_val, Newer):\n", "        if False:\n")),
    mutant("a newer message is delivered at each start until the server gives up", "tests/bus/test_newer.py",
        (STAGE, "                await must_be_known(self.broker.connection, self.namespace, reader)\n", "                pass\n")),
    mutant("a log that has become shorter is the same", "tests/unit/shared/test_reach.py",
        (REACH, "    if found.last < stored.last:\n", "    if False:\n")),
    mutant("a log that has grown over its loss is the same", "tests/unit/shared/test_reach.py",
        (REACH, "    if stored.stamp and found.stamp and", "    if False and")),
    mutant("a log put back under a process is not looked at", "tests/unit/shared/test_memory.py",
        ("shared/bus/memory.py", "if why := lost_since(kept, await self._look(kept.last)):", "if why := None:")),
    mutant("a log put back while an event was on its way", "tests/unit/shared/test_memory.py tests/bus/test_restored_broker.py",
        (LOG, "        await self.memory.sure()  # the broker may have been another one by the time this reached it\n", "")),
    mutant("a new message may bear an old number", "tests/unit/shared/test_memory.py tests/bus/test_restored_broker.py",
        (LOG, "        self.memory.follows(ack.seq, before)\n", "")),
    mutant("orders on a log that lies behind the journal", "tests/bus/test_restored_broker.py",
        ("services/executor/rollback_guard.py", 'return "paused" if self._journal.read().behind else await', "return await")),
    mutant("books pass over the messages of a log put back", "tests/unit/backend/test_restored_books.py",
        ("services/backend/handler.py", "        why = lost_since(kept, found)\n", "        why = None\n")),
    mutant("real keys sell paper's positions", "tests/bus/test_door.py",
        ("services/cli/door.py", "    await must_agree(settings, events, account.mode)\n", "")),
    mutant("a journal bears with another installation's log", "tests/unit/executor/test_log_owner.py",
        ("services/executor/adapters/log_owner.py", 'if mine is not None and mine.installation not in ("", opened.installation):', "if False:")),
    mutant("a person's word to the log is no reach of the journal", "tests/unit/executor/test_late_fills.py",
        ("services/executor/log_rollback.py", "        journal.write(reached, if_=", "        ignored = dict(if_=")),
)  # fmt: skip
