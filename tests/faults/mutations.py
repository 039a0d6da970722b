"""Bugs planted one at a time in a copy of the code, each to be found by a test: `make mutants`; exits 1 if one is not.

MUTANT=3,5 plants those alone.
"""
# ruff: noqa: E501 - what is replaced stands in one line as it does in the code

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HANDLER, RISK = "services/executor/handler.py", "services/executor/core/risk.py"
JOURNALED, MERGE, APP = (
    "services/executor/adapters/journaled_log.py",
    "services/executor/merge.py",
    "services/executor/app.py",
)
PANIC_COMMAND, SETTLE = "services/cli/panic.py", "services/executor/settle.py"
PANIC, STEPS = "services/executor/panic.py", "services/executor/core/steps.py"
OUTCOME, PROOF = "services/executor/outcome.py", "services/executor/core/proof.py"
STATE = "shared/bus/switch_state.py"
GUARD, WALL = "services/clock/guard.py", "services/clock/wall.py"
SCHEDULE, MOMENT = "services/clock/core/schedule.py", "services/clock/core/moment.py"
SLOT = "services/collector/core/slot.py"
ORDER_LIST, COMPARISON, ADOPT = (
    "services/executor/adapters/upbit_order_list.py",
    "services/executor/core/comparison.py",
    "services/executor/adopt.py",
)
LEDGER, DRIFT, VALUATION = (
    "services/executor/core/ledger.py",
    "services/executor/core/drift.py",
    "services/executor/valuation.py",
)
REACH, MEMORY, LOG, LOG_GATE, LOG_OWNER, DOOR = (
    "shared/reach.py",
    "shared/bus/memory.py",
    "shared/bus/log.py",
    "services/executor/log_gate.py",
    "services/executor/adapters/log_owner.py",
    "services/cli/door.py",
)
SERVICES, USERS = "shared/services.py", "infra/nats/users.py"
SUITES = (
    *("tests/faults/test_points.py", "tests/unit/executor", "tests/unit/clock/test_guard.py"),
    *("tests/unit/shared/test_checked.py", "tests/contract/test_upbit_exchange.py"),
    *("tests/unit/clock/test_clock_jumps.py", "tests/unit/collector/test_slot_check.py"),
    *("tests/unit/shared/test_switch_state.py", "tests/bus/test_switch.py", "tests/contract/test_wire.py"),
    *("tests/contract/test_schema_numbers.py", "tests/bus/test_newer.py", "tests/unit/cli/test_screen.py"),
    *("tests/unit/notifier/test_listening.py", "tests/contract/test_odd_answers_of_others.py"),
    "tests/unit/shared/test_outside.py",
    *("tests/unit/shared/test_reach.py", "tests/unit/shared/test_memory.py", "tests/bus/test_restored_broker.py"),
    *("tests/pipeline/test_replay_settings.py", "tests/bus/test_stage.py"),
    *("tests/bus/test_door.py", "tests/contract/test_door.py", "tests/unit/backend/test_http.py"),
    *("tests/contract/test_topology.py", "tests/bus/test_rights.py", "tests/contract/test_made.py"),
)

# What is wrong, where, and what stands there instead of what.
MUTANTS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "a repeat that finds an intent sends again",
        (
            (HANDLER, "        if intent:\n", "        if False:\n"),
            (HANDLER, "        if not intent.new:\n", "        if False:\n"),
            (HANDLER, "open_in(decision.market)):\n", "open_in(decision.market)):\n            continue\n"),
        ),
    ),
    ("who comes second to the intent sends, too", ((HANDLER, "        if not intent.new:\n", "        if False:\n"),)),
    (
        "an order without the market's open one ended first",
        ((HANDLER, "open_in(decision.market)):\n", "open_in(decision.market)):\n            continue\n"),),
    ),
    ("no five seconds", ((HANDLER, "return self.pace.now() - began < SEND_WITHIN_S", "return True"),)),
    ("five seconds from the look's answer", ((HANDLER, "        if isinstance(look, Refused):\n", "        began = self.pace.now()\n        if isinstance(look, Refused):\n"),)),
    (
        "five seconds from the acknowledgement",
        ((HANDLER, "        answer = await self._send(verdict, began)", "        answer = await self._send(verdict, self.pace.now())"),),
    ),
    ("five seconds from the intent", ((HANDLER, "        intent = await self.log.store(ends.intended(", "        began = self.pace.now()\n        intent = await self.log.store(ends.intended("),)),
    ("a pause between the rules and the order is not seen", ((HANDLER, "replace(case, bot=await self.wishes.status())", "case"),)),
    ("a 429 counts as never sent", ((OUTCOME, "isinstance(answer, NeverSent) and not answer.knocked:", "isinstance(answer, NeverSent):"),)),
    ("a no is a proof", ((PROOF, "_SEAL) if holds else None", "_SEAL)"), (OUTCOME, "        word = await exchange.find(intent.client_order_id)\n", "        word = await exchange.find(intent.client_order_id)\n        if isinstance(answer, SaidNo):\n            word = NoWord(answer.name, missing=True)\n"))),
    ("a used nonce is a no like others", ((PROOF, 'patience_s if name.lower() == "nonce_used" else min(HIDDEN_S, patience_s)', "min(HIDDEN_S, patience_s)"),)),
    ("the first 404 behind a no is believed", ((PROOF, "_SEAL) if holds else None", "_SEAL)"),)),
    ("silence behind a no is a proof", ((OUTCOME, "elif word.missing and isinstance(answer, SaidNo):", "elif isinstance(answer, SaidNo):"),)),
    ("another bot's order under our name is asked for as ours", ((HANDLER, "        if isinstance(answer, NameTaken):\n            return await self._end(decision, ends.taken(decision, _meant(intent)), after=intent.seq)\n", ""),)),
    ("another bot on the account halts nothing", ((HANDLER, "if end.reason_code == ends.TAKEN:", "if False:"),)),
    ("a dead panic's order that cannot be sent again counts as never sent", ((PANIC, "return Unknown(answer.why) if isinstance(answer, NeverSent) else answer", "return answer"),)),
    ("the last look at the time is taken out", (("services/executor/adapters/last_look.py", 'endswith("send_request_headers.started") and not in_time()', 'endswith("send_request_headers.started") and False'),)),
    ("giving up leaves the bytes to the kernel", (("shared/upbit_wire.py", 'struct.pack("ii", 1, 0)', 'struct.pack("ii", 0, 0)'),)),
    ("the kernel sends an order again for a quarter of an hour", (("shared/upbit_wire.py", 'if hasattr(socket, "TCP_USER_TIMEOUT"):', "if False:"),)),
    ("settled as not there while it may still arrive", ((SETTLE, "if left_s > 0 else None", "if False else None"),)),
    ("another bot's order is booked as ours", ((SETTLE, "if ours is not False and isinstance", "if isinstance"),)),
    ("a journal that is not synced", (("services/executor/adapters/journal.py", "            os.fsync(file)\n        except", "        except"),)),
    ("the five seconds stand still while the machine sleeps", (("shared/clock.py", 'getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)', "time.CLOCK_MONOTONIC"),)),
    ("a loss in the day of its slot", (("services/executor/core/ledger.py", "self._day(fill.executed_at).profit", "self._day(slot_time(fill.slot)).profit"),)),
    ("a buy without an answer is in no doubt", ((PANIC, "left_s = IN_DOUBT_S - order.absent_s(now)", "left_s = 0.0"), (PANIC, "order.absent_s(now) < IN_DOUBT_S", "False"))),
    ("an end that does not follow its intent", ((HANDLER, "ends.filled(decision, stored), after=intent.seq)", "ends.filled(decision, stored))"),)),
    ("no word is no order", ((HANDLER, "ends.unresolved(decision, meant, found.why)", "ends.no_look(decision, meant.side, refusals.NOT_EXECUTED)"),)),
    ("the position before a fill forgotten", ((HANDLER, "held = (await self.log.ledger()).held(decision.market)\n        stored", "held = type((await self.log.ledger()).held(decision.market))(volume=0, cost=0)\n        stored"),)),
    ("any state is an end", (("services/executor/core/orders.py", "return LIFE.get(self.state, False) and", "return True or"),)),
    ("an order of unknown outcome stops nothing", ((RISK, '    ("UNRESOLVED_ORDER", _unresolved),\n', ""),)),
    ("an exit closes any position", ((RISK, '    ("POSITION_GONE", _gone),\n', ""),)),
    ("sells the owner's coins", (("services/executor/core/sizing.py", "min(held.volume, look.coin_free)", "look.coin_free"),)),
    ("settled without its fill", ((SETTLE, "stored = (await self.log.store(event)).event", "stored = event"),)),
    ("no intent in the journal", ((JOURNALED, "if not self._journal.write(event, if_=lambda kept: self._may_follow(event, kept)):", "if not self._may_follow(event, self._journal.read()):"),)),
    ("a panic pauses nobody", ((JOURNALED, "if_=lambda kept: self._may_follow(event, kept)):", "):"),)),
    ("an order on a position a panic has sold", ((JOURNALED, "return kept.paused is None and kept.held(intent.market).volume == intent.books.held", "return kept.paused is None"),)),
    ("no fill in the journal", ((JOURNALED, "if_=lambda kept: event.cycle in kept.open)", "if_=lambda kept: False)"),)),
    ("a late fill rolls the journal back", ((JOURNALED, "if_=lambda kept: event.cycle in kept.open)", "if_=lambda kept: True)"),)),
    ("the journal is never merged", ((APP, "                await merge()\n                await compare.first()", "                await compare.first()"), (APP, "        await merge()\n        await handler.clear_up()", "        await handler.clear_up()"))),
    ("merged without the fills", ((MERGE, "            await self.log.emit(order.fill)\n", "            pass\n"),)),
    ("an ended order stays in the journal", ((MERGE, "            await self._close(kept)\n", ""),)),
    ("an unknown sale is forgotten by the journal", ((JOURNALED, "Stuck if isinstance(stored.event, OrderUnresolved) else Closed", "Closed"), (MERGE, "return Stuck(cycle=cycle)", "return Closed(cycle=cycle)"))),
    ("a panic sells in doubt", ((PANIC_COMMAND, "elif market in in_doubt:", "elif False:"),)),
    ("a panic asks for no order under way", ((PANIC_COMMAND, "        in_doubt = await panic.clear()\n", "        in_doubt = set()\n"),)),
    ("a panic that one market's odd look ends", ((PANIC, "            ready = await self._intended(market, held)\n        except Exception as e:", "            ready = await self._intended(market, held)\n        except Transient as e:"), (PANIC, "from shared import refusals\n", "from shared import refusals\nfrom shared.errors import Transient\n"))),
    ("a panic that one order under way ends", ((PANIC, "                known = await self._cleared(cycle, order, order.intent)\n            except Exception as e:", "                known = await self._cleared(cycle, order, order.intent)\n            except ValueError as e:"),)),
    ("a sale refused for a wide spread", ((RISK, "    if case.side == \"sell\":\n        return None\n    spread, most", "    spread, most"),)),
    ("a sale that is not cut", ((STEPS, "    if wanted <= min(within, largest) or wanted < smallest or shown <= 0:", "    if True:"),)),
    ("a sale's rest that nobody can sell", ((STEPS, "    if wanted - volume < keep:", "    if False:"),)),
    ("an order of a sale below the smallest", ((STEPS, "        volume, cut = smallest, \"smallest\"", "        pass"),)),
    ("a panic that leaves what a thin book did not take", ((PANIC, "            return self._rest(order)", "            return None"),)),
    ("an exit's rest waits for the rule", ((GUARD, "                fired = fired or going_on(", "                _ = going_on("),)),
    ("a panic knows no names that other machines used", ((MERGE, "            self.journal.write(Closed(cycle=cycle))  # of another", "            pass  # of another"),)),
    ("an exit goes on with what was bought since", ((GUARD, "_is_rest(last, held) and at", "last.left is not None and at"),)),
    ("a slot of the future is traded", ((SLOT, "    if early > SOON:\n", "    if False:\n"),)),
    ("a slot is traded by a machine whose clock is wrong", ((SLOT, "    if skew_s is not None and skew.is_wrong(skew_s):\n", "    if False:\n"),)),
    ("a last slot of the future is believed", ((SCHEDULE, "(slot for slot in slots if slot <= now + FUTURE)", "slots"),)),
    ("a clock that is wrong starts slots", ((MOMENT, "        return self.skew_s is not None and skew.is_wrong(self.skew_s)\n", "        return False\n"),)),
    ("misses are recorded by a time nobody confirmed", ((WALL, "            if moment.skew_s is None:\n", "            if False:\n"),)),
    ("an order that the log lacks stops nothing", ((RISK, '    ("FOREIGN_ORDER", _foreign),\n', ""),)),
    ("a setting that decides does not reach its handler", (("services/filter/handler.py", "settings.gate_guards", '"entries"'),)),
    ("an event that nobody is to hear is passed over", (("shared/stage.py", "elif not isinstance(stored.event, passes_over):", "elif False:"),)),
    ("a sale of what another bot has sold", ((APP, 'if isinstance(event, ExitDue) or event.decision == "sell":', "if False:"),)),
    ("a panic sells what another bot has sold", ((PANIC_COMMAND, "            in_doubt |= await _sold_by_another(", "            await _sold_by_another("),)),
    ("the word about another order", (("services/executor/adapters/upbit_answers.py", 'if of(order, "identifier") not in (None, name):', "if False:"),)),
    ("an order that gave more than was ordered", (("services/executor/core/orders.py", "if self._exceeds(intent):", "if False:"),)),
    ("a name taken by a request that never arrived", ((HANDLER, "if isinstance(answer, NameTaken) and knocked:", "if isinstance(answer, NameTaken) and NeverSent:"),)),
    ("a panic without a position says that all is done", ((PANIC_COMMAND, "is_blank = not still_by_log and journal.read().is_blank", "is_blank = False"),)),
    ("a log without a fill has lost nothing", ((REACH, "if kept.fill is not None and found.fill is None:", "if False:"),)),
    ("a buy before the exchange's orders were seen", ((RISK, '    ("BOOKS_NOT_COMPARED", _not_compared),\n', ""),)),
    ("an exit sells what a forgotten sale has sold", ((RISK, '(case.closes is not None and case.books.foreign_side == "buy")', "case.closes is not None"),)),
    ("the list of our orders without those that are over", ((ORDER_LIST, "        found |= await _closed(upbit, begin, end + timedelta(seconds=1))", "        pass"),)),
    ("the list of our orders ends with its first page", ((ORDER_LIST, "        if len(rows) < _CLOSED_MAX:", "        if True:"),)),
    ("an intent explains an order that was called rejected", ((COMPARISON, "        if order.cycle not in ledger.recorded\n", "        if order.cycle not in ledger.recorded\n        and order.cycle not in ledger.intended\n"),)),
    ("adopted without its fill", ((ADOPT, "stored = (await self.log.store(recorded)).event", "stored = recorded"),)),
    ("adopted in any order", ((ADOPT, "if before := _before(event, ledger):", "if (before := _before(event, ledger)) and not before:"),)),
    ("a fill alone lets an adopted market go on", ((LEDGER, "(event.cycle in self.settled and whole)", "(event.cycle in {*self.settled, *self.recorded} and whole)"),)),
    ("coins that came are told each hour", ((DRIFT, "max(others - max(last, NOTHING), NOTHING)", "max(others, NOTHING)"),)),
    ("books are held against the account while an order is under way", ((VALUATION, "        cycles = {*under_way, *ledger.open, *ledger.stuck, *ledger.found}", "        cycles = {*under_way}"),)),
    ("a panic knows no orders of the log's", ((PANIC_COMMAND, "        await merge.learn()\n", ""),)),
    ("a price of 0 is a price", (("shared/checked.py", "    if not 0 < exact <= PRICE_MAX:\n", "    if not 0 <= exact <= PRICE_MAX:\n"),)),
    ("one bad candle ends the collector's window", (("shared/upbit_answers.py", "            left_out(e)\n", "            raise\n"),)),
    ("a gateway's page refuses the key", (("services/executor/adapters/upbit_exchange.py", "    if foreign or e.status_code not in", "    if e.status_code not in"),)),
    ("one market's trouble blinds the exit guard to all", (("services/clock/watch.py", "                troubles.append(self._trouble(seen.market, e))\n", "                raise\n"),)),
    ("a newer event is passed over", (("shared/bus/wire.py", "    if event.schema_number > event.known_schema():\n", "    if False:\n"),)),
    ("a newer message is put aside and its cycle ended", (("shared/bus/outcome.py", "        if isinstance(exc_val, Newer):\n", "        if False:\n"),)),
    ("a newer message is delivered at each start until the server gives up", (("shared/stage.py", "                await must_be_known(self.broker.connection, self.world, reader)\n", "                pass\n"),)),
    ("an intent that nobody can read blocks nothing", (("services/executor/adapters/order_log.py", "                        self._ledger.add_unreadable(told.subject)\n", ""),)),
    ("an unreadable log stops no order", ((RISK, '    ("UNREADABLE_LOG", _unreadable),\n', ""),)),
    ("markup is believed", (("services/cli/screen.py", "super().__init__(markup=False,", "super().__init__(markup=True,"),)),
    ("a display ends trading", (("services/cli/up.py", "        except Exception as e:\n            screen.print(line(", "        except ValueError as e:\n            screen.print(line("),)),
    ("a gateway's page refuses the bot's token", (("services/notifier/adapters/bot_api.py", ' or said.get("ok") is not False:', ":"),)),
    ("how old a stop is this machine's clock says", (("services/notifier/listening.py", "        if said.heard_at is None:\n", "        if True:\n"),)),
    ("requests for this machine leave by the proxy", (("shared/outside.py", "    if is_near(host) or proxy_bypass(host):\n", "    if proxy_bypass(host):\n"),)),
    ("a part of the account is shown as its worth", (("services/backend/core/projection.py", "    whole = () if valued.left_out else valued.holdings\n", "    whole = valued.holdings\n"),)),
    ("a missing wish runs", ((STATE, 'return Wish(status="paused", by=f"nobody', 'return Wish(status="running", by=f"nobody'),)),
    ("the log's stop is not heard", ((STATE, "    counts = said if _RESTRICTS", "    counts = wish if _RESTRICTS"),)),
    ("a pause takes a stop back", ((STATE, 'if last["stop"] > last["start"]:', 'if last["stop"] > max(last["start"], last["pause"]):'),)),
    ("a start that does not know of a stop", (("shared/events/control.py", 'return ANY_CONTROL if self.command in ("start", "resume") else self.subject', "return self.subject"),)),
    ("a deleted key is taken for never written", (("shared/bus/keys.py", "0 if e.entry is None else e.entry.revision or 0", "0"),)),
    ("a lost budget is unspent", (("services/analyst/adapters/budget_bucket.py", "lost = Day(spent=self._cap)", "lost = Day()"),)),
    ("a lost switch comes back running", (("shared/bus/topology.py", "untouched = log.last_seq == 0 or", "untouched = True or"),)),
    ("a fill is read wherever it lies", (("shared/events/ends.py", '    kind: Literal["OrderFilled"] = "OrderFilled"\n    stage: Executor\n', '    kind: Literal["OrderFilled"] = "OrderFilled"\n'),)),
    ("a pause waits for the questions before it", (("services/notifier/listening.py", "            if switches(said.text):\n", "            if False:\n"), ("services/notifier/listening.py", "if not switches(said.text)]", "]"))),
    ("a log that has become shorter is the same", ((REACH, "    if found.last < kept.last:\n", "    if False:\n"),)),
    ("a log that has grown over its loss is the same", ((REACH, "    if kept.stamp and found.stamp and", "    if False and"),)),
    ("a log put back under a process is not looked at", ((MEMORY, "if why := restored(kept, await self._look(kept.last)):", "if why := None:"),)),
    ("a log put back while an event was on its way", ((LOG, "        await self.memory.sure()  # the broker may have been another one by the time this reached it\n", ""),)),
    ("a new message may bear an old number", ((LOG, "        self.memory.follows(ack.seq, before)\n", ""),)),
    ("the journal keeps no reach", ((JOURNALED, "kept.behind is None and kept.reach.last < there", "False"),)),
    ("orders on a log that lies behind the journal", ((LOG_GATE, 'return "paused" if self._journal.read().behind else await', "return await"),)),
    ("a log put back teaches the journal its loss", ((JOURNALED, "return kept.is_merged and kept.behind is None", "return kept.is_merged"),)),
    ("books pass over the messages of a log put back", (("services/backend/handler.py", "        why = restored(kept, found)\n", "        why = None\n"),)),
    ("real keys sell paper's positions", ((DOOR, "    await must_agree(settings, events, account.mode)\n", ""),)),
    ("a journal bears with another installation's log", ((LOG_OWNER, 'if mine is not None and mine.installation not in ("", opened.installation):', "if False:"),)),
    ("the filter may decide, too", ((SERVICES, "SignalRejected, CycleRejected, CycleFailed)", "SignalRejected, DecisionMade, CycleRejected, CycleFailed)"),)),
    ("the executor's login may set the bot going", ((USERS, 'ControlGiven.trunk(command="pause")', "ControlGiven.trunk()"),)),
    ("a reader of the whole log gives up", ((SERVICES, '"projection", (Event,), gives_up=False', '"projection", (Event,)'),)),
    ("the notifier is given the model's key", ((SERVICES, '{"telegram_bot_token", ', '{"openai_api_key", "telegram_bot_token", '),)),
    ("no alert misses a stage that is gone", (("infra/prometheus/targets.py", "if name != API)", 'if name not in (API, "analyst"))'),)),
    ("an executor that starts anew forgets what the last valuation found", ((APP, "    stage.before(as_before)", "    pass"),)),
)  # fmt: skip


def planted(root: Path, changes: tuple[tuple[str, str, str], ...]) -> dict[Path, str]:
    """Plant a bug; the files as they were."""
    before = {}
    for name, old, new in changes:
        file = root / name
        text = file.read_text()
        if text.count(old) != 1:
            raise SystemExit(f"{name} no longer holds, once: {old!r}")
        before.setdefault(file, text)
        file.write_text(text.replace(old, new))
    return before


def found_by(root: Path) -> str | None:
    """The first test that fails."""
    env = os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    for suite in SUITES:
        words = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            "--tb=no",
            "-rfE",
            "-m",
            "slow or not slow",
            suite,
        ]
        ran = subprocess.run(words, cwd=root, env=env, capture_output=True, text=True, check=False)
        if ran.returncode:
            told = re.search(r"^(?:FAILED|ERROR) (\S+?\.py(?:::.*?)?)(?: - .*)?$", ran.stdout, re.M)
            return told[1] if told else ran.stdout[-300:]
    return None


def main() -> int:
    chosen = os.environ.get("MUTANT")
    alive = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        root = Path(folder)
        for name in ("services", "shared", "infra", "tests", "docs", "pyproject.toml", "compose.yaml"):
            copy = shutil.copytree if Path(name).is_dir() else shutil.copy
            copy(name, root / name)
        if not chosen and (broken := found_by(root)):
            raise SystemExit(f"a test fails as it is: {broken}")
        for number, (what, changes) in enumerate(MUTANTS, 1):
            if chosen and str(number) not in chosen.split(","):
                continue
            before = planted(root, changes)
            found = found_by(root)
            for file, text in before.items():
                file.write_text(text)
            alive += not found
            print(f"{number:3} {what}: {found or 'FOUND BY NOTHING'}", flush=True)
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
