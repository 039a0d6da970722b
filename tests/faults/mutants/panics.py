"""The owner's panic, the journal it lives by, and the merge of both into the log."""
# ruff: noqa: E501 - what is replaced stands in one line as it does in the code

from tests.faults.mutants import Mutant, mutant

PANIC = "services/executor/panic.py"
JOURNALED = "services/executor/adapters/journaled_log.py"
MERGE = "services/executor/merge.py"
PANIC_COMMAND = "services/cli/panic.py"

MUTANTS: tuple[Mutant, ...] = (
    mutant("a dead panic's order that cannot be sent again counts as never sent", "tests/unit/executor/test_panic.py",
        (PANIC, "return Unknown(answer.why) if isinstance(answer, NeverSent) else answer", "return answer")),
    mutant("a journal that is not synced", "tests/unit/executor/test_journal_disk.py",
        ("services/executor/adapters/journal.py", "            os.fsync(file)\n        except", "        except")),
    mutant("a buy without an answer is in no doubt", "tests/unit/executor/test_panic.py",
        (PANIC, "left_s = IN_DOUBT_S - order.absent_s(now)", "left_s = 0.0"),
        (PANIC, "order.absent_s(now) < IN_DOUBT_S", "False")),
    mutant("no intent in the journal", "tests/unit/executor/test_panic.py",
        (JOURNALED, "if not self._journal.write(event, if_=lambda kept: self._may_follow(event, kept)):", "if not self._may_follow(event, self._journal.read()):")),
    mutant("a panic pauses nobody", "tests/unit/executor/test_panic.py",
        (JOURNALED, "if_=lambda kept: self._may_follow(event, kept)):", "):")),
    mutant("an order on a position a panic has sold", "tests/unit/executor/test_panic.py",
        (JOURNALED, "return kept.paused is None and kept.held(intent.market).volume == intent.books.held", "return kept.paused is None")),
    mutant("no fill in the journal", "tests/unit/executor/test_panic.py",
        (JOURNALED, "if_=lambda kept: event.cycle in kept.open)", "if_=lambda kept: False)")),
    mutant("a late fill rolls the journal back", "tests/unit/executor/test_panic.py",
        (JOURNALED, "if_=lambda kept: event.cycle in kept.open)", "if_=lambda kept: True)")),
    mutant("merged without the fills", "tests/unit/executor/test_late_fills.py",
        (MERGE, "            await self.log.emit(order.fill)\n", "            pass\n")),
    mutant("an ended order stays in the journal", "tests/faults/test_points.py",
        (MERGE, "            await self._close(kept)\n", "")),
    mutant("an unknown sale is forgotten by the journal", "tests/unit/executor/test_panic.py",
        (JOURNALED, "Stuck if isinstance(stored.event, OrderUnresolved) else Closed", "Closed"),
        (MERGE, "return Stuck(cycle=cycle)", "return Closed(cycle=cycle)")),
    mutant("a panic sells in doubt", "tests/unit/executor/test_panic.py",
        (PANIC_COMMAND, "elif market in in_doubt:", "elif False:")),
    mutant("a panic asks for no order under way", "tests/unit/executor/test_panic.py",
        (PANIC_COMMAND, "        in_doubt = await panic.clear()\n", "        in_doubt = set()\n")),
    mutant("a panic that one market's odd look ends", "tests/unit/executor/test_panic.py",
        (PANIC, "            ready = await self._intended(market, held)\n        except Exception as e:", "            ready = await self._intended(market, held)\n        except Transient as e:"),
        (PANIC, "from shared import refusals\n", "from shared import refusals\nfrom shared.errors import Transient\n")),
    mutant("a panic that one order under way ends", "tests/unit/executor/test_panic.py",
        (PANIC, "                known = await self._cleared(cycle, order, order.intent)\n            except Exception as e:", "                known = await self._cleared(cycle, order, order.intent)\n            except ValueError as e:")),
    mutant("a panic that leaves what a thin book did not take", "tests/unit/executor/test_panic.py",
        (PANIC, "            return self._rest(order)", "            return None")),
    mutant("a panic knows no names that other machines used", "tests/unit/executor/test_panic.py",
        (MERGE, "            self.journal.write(Closed(cycle=cycle))  # of another", "            pass  # of another")),
    mutant("a panic sells what another bot has sold", "tests/unit/executor/test_panic.py",
        (PANIC_COMMAND, "            in_doubt |= await _sold_by_another(", "            await _sold_by_another(")),
    mutant("a panic without a position says that all is done", "tests/unit/executor/test_panic.py",
        (PANIC_COMMAND, "is_blank = not still_by_log and journal.read().is_blank", "is_blank = False")),
    mutant("a panic knows no orders of the log's", "tests/unit/executor/test_panic.py",
        (PANIC_COMMAND, "        await merge.learn()\n", "")),
    mutant("a panic without the log is told to it with the next decision", "tests/unit/executor/test_executor_app.py",
        ("services/executor/app.py", "    stage.task(lambda: after_panics(merge.is_due, stage.log.reach, merge))\n", "")),
    mutant("the journal keeps no reach", "tests/bus/test_adopt_command.py",
        (JOURNALED, "kept.behind is None and kept.reach.last < there", "False")),
    mutant("a log put back teaches the journal its loss", "tests/bus/test_restored_broker.py",
        (JOURNALED, "return kept.is_merged and kept.behind is None", "return kept.is_merged")),
    mutant("a fill whose intent the log forgot is never merged", "tests/unit/executor/test_late_fills.py",
        (MERGE, "and await self._is_forgotten(cycle):", "and False:")),
)  # fmt: skip
