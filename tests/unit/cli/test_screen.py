"""Text is text on the screen, whoever wrote it, and no screen ends trading."""

import asyncio
import errno
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from services.cli import screen as under_test
from services.cli.commands.ask import Found
from services.cli.commands.ask import _print as print_answer
from services.cli.commands.cycle import Outcome
from services.cli.commands.cycle import _print as print_cycle
from services.cli.commands.dead import _body
from services.cli.commands.events import entry_line
from services.cli.commands.status import _print as print_status
from services.cli.commands.up import show
from services.cli.lines import end, event_line
from services.cli.screen import LastingScreen, Screen, line, say, say_json, take_any_text
from services.cli.summary import Played, cycle_line, summary
from shared.bus.dead_letters import DeadLetter
from shared.bus.wire import Unreadable
from shared.events import DecisionMade
from shared.stored import Stored
from shared.why import Record, why
from tests.support import builders as b
from tests.support.builders import CYCLE

AT = datetime(2026, 1, 5, 3, tzinfo=UTC)
ODD = [
    "RSI [/b] low",
    "[/x]",
    "[bold]loud",
    "[link=https://evil.example]click[/link]",
    "ends with a backslash \\",
    ":warning:",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "\x9b31m\x85\x7f",
    "first\nKRW-ETH-20260105T0300Z executor BUY 9 at 1",
    "left \u202e turned \u2066 hidden \u200b",
    "half \ud800 a pair",
    "손절 🚨",
]
anything = st.one_of(st.sampled_from(ODD), st.text(st.characters(), max_size=60))


def drawn(*what, width=400):
    """What a terminal would get."""
    into = io.StringIO()
    Screen(file=into, force_terminal=True, width=width, color_system=None).print(*what)
    return into.getvalue()


def of_reason(reason):
    """Every event that carries a reason."""
    return [
        b.asked(reason=reason),
        b.missed(detail=reason, reason_code="", figures=()),
        b.exit_due(reason=reason),
        b.end("CycleFailed", reason=reason),
        b.end("OrderFilled", reason=reason),
        b.settled(said=reason, by=reason),
        b.control(by=reason),
    ]


@given(anything)
def test_any_text_is_one_line_without_anything_a_terminal_obeys(text):
    for event in of_reason(text):
        stored = Stored(event, 7, AT)
        for one in (event_line(event, "ko"), entry_line(stored, "ko")):
            seen = drawn(one)
            assert seen.count("\n") == 1
            assert all(char.isprintable() for char in seen.rstrip("\n"))


@given(st.text(st.characters(exclude_categories=["C", "Z", "M"]), min_size=1, max_size=40))
def test_a_plain_text_is_shown_as_it_is(text):
    assert text in event_line(b.asked(reason=text), "ko").plain
    assert drawn(line("why ", text)) == f"why {text}\n"


def test_brackets_and_colons_are_shown_as_they_are():
    assert "RSI [/b] low :warning:" in drawn(event_line(b.asked(reason="RSI [/b] low :warning:"), "ko"))


@given(anything)
def test_any_table_cell_and_title_is_shown(text):
    table = Table(text, title=text)
    table.add_row(text)
    assert "\x1b" not in drawn(table)


@given(anything)
def test_what_nobody_can_read_is_one_line_too(text):
    assert drawn(entry_line(Unreadable(text), "ko")).count("\n") == 1


@given(anything)
def test_why_tells_any_reason_and_no_reason_makes_a_line_of_its_own(text):
    entries = tuple(
        Stored(event, n, AT) for n, event in enumerate([b.asked(reason=text), b.end("OrderFilled", reason=text)])
    )
    plain = tuple(
        Stored(event, n, AT) for n, event in enumerate([b.asked(reason="x"), b.end("OrderFilled", reason="x")])
    )
    story = why(Record(b.CYCLE, entries), "ko")
    assert story.count("\n") == why(Record(b.CYCLE, plain), "ko").count("\n")
    assert all(char.isprintable() for char in story.replace("\n", ""))


@given(anything)
def test_the_demo_the_cycle_and_status_show_any_reason(text):
    played = Played(synthetic=True, language="ko")
    played.begin("a stretch")
    ended = b.end("OrderFilled", reason=text)
    for event in (b.snapshot(), b.fill(reason=text), ended):
        played.note(event)
    assert drawn(cycle_line(played, ended, 3.0)).count("\n") == 1
    assert "\x1b" not in drawn(summary(played, 1.0, 100))
    into = io.StringIO()
    print_cycle(Screen(file=into), Outcome(b.CYCLE, "ko", ended))
    assert "\x1b" not in into.getvalue()
    assert end(ended, "ko").plain.isprintable()


def test_a_status_with_any_text_is_printed(capsys):
    for text in ODD:
        missed = [{"slot_at": AT, "market": "KRW-ETH", "cause": "late", "detail": text}]
        last = [{"market": "KRW-ETH", "cycle": b.CYCLE, "end": "OrderFilled", "decision": "buy", "reason": text}]
        unreadable = [{"market": "KRW-ETH", "cycle": b.CYCLE, "end": None, "unreadable": [text]}]
        found = {"status": text, "halted": text, "time": text, "running": None, "log": text, "events": 1}
        counts = {"dead_letters": 0, "dead_letters_last_hour": 0}
        print_status(found | counts | {"last_cycles": last + unreadable, "missed": missed}, 24)
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("text", ODD)
def test_an_answer_of_the_model_and_a_dead_letter_are_printed(text, capsys):
    hour = SimpleNamespace(snapshot=b.snapshot(), synthetic=False, recorded=True, rejected=False, then=None)
    prompt = SimpleNamespace(system=text, user=text, version=text, tokens=1, sha256="0" * 64)
    print_answer(Found(hour, prompt, b.asked(reason=text)), "ko", keyless=True)
    body = json.dumps({"reason": text}).encode()
    say(_body(DeadLetter(1, "analyst", text, 1, 1, DecisionMade.subject_of(CYCLE), AT, body)))
    shown_text = capsys.readouterr().out
    assert all(char.isprintable() for char in shown_text.replace("\n", ""))


@given(anything)
def test_json_is_the_same_value_and_moves_no_cursor(text):
    into = io.StringIO()
    before, sys.stdout = sys.stdout, into
    try:
        say_json({"reason": text})
    finally:
        sys.stdout = before
    written = into.getvalue()
    assert json.loads(written) == {"reason": text}
    assert all(char.isprintable() or char == "\n" for char in written)


@pytest.mark.parametrize("encoding", ["ascii", "cp949", "latin-1", "utf-8"])
def test_a_terminal_that_lacks_a_character_gets_an_escape(encoding, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    take_any_text()
    for text in ODD:
        Screen().print(event_line(b.asked(reason=text), "ko"))
        say(text)
        say_json([text])
    sys.stdout.flush()
    assert raw.getvalue().count(b"RSI [/b] low") == 3
    sys.stdout.detach()


class Full(io.StringIO):
    """A file that cannot be written."""

    def __init__(self, error):
        super().__init__()
        self.error, self.tries = error, 0

    def write(self, text):
        self.tries += 1
        raise OSError(self.error, os.strerror(self.error))


@pytest.fixture
def no_descriptor(monkeypatch):
    monkeypatch.setattr(under_test, "_into_nothing", lambda: None)


@pytest.mark.parametrize(("error", "tries"), [(errno.EPIPE, 1), (errno.EIO, 1), (errno.ENOSPC, 2)])
def test_a_terminal_that_is_gone_or_full_ends_no_lasting_screen(error, tries, no_descriptor):
    into = Full(error)
    screen = LastingScreen(file=into)
    screen.print("one")
    screen.print("two")
    assert into.tries == tries  # a full disk may have room again


@pytest.mark.parametrize("error", [errno.EPIPE, errno.EIO, errno.ENOSPC])
def test_a_panic_goes_on_where_nobody_reads_what_it_says(error, no_descriptor, monkeypatch):
    monkeypatch.setattr(sys, "stdout", Full(error))
    say("KRW-ETH: sold")


async def test_an_event_that_cannot_be_shown_is_told_and_the_next_one_is_shown(monkeypatch):
    into, heard = io.StringIO(), asyncio.Queue()
    broken, well = b.due(), b.asked(reason="well")
    monkeypatch.setattr(
        "services.cli.commands.up.event_line", lambda event, *way: 1 / 0 if event is broken else event_line(event, *way)
    )
    running = SimpleNamespace(
        heard=heard, settings=SimpleNamespace(language="ko"), supervisor=SimpleNamespace(memory_mb=dict)
    )
    task = asyncio.ensure_future(show(running, LastingScreen(file=into), 0.0))
    for event in (broken, well):
        heard.put_nowait(event)
    while "well" not in into.getvalue():
        assert not task.done()
        await asyncio.sleep(0)
    task.cancel()
    assert "an event cannot be shown: ZeroDivisionError: division by zero" in into.getvalue()


def test_a_command_whose_reader_leaves_ends_without_a_traceback(tmp_path):
    (tmp_path / "stub.py").write_text(
        "import sys\nfrom services.cli import app, screen\n"
        "def gone():\n    [screen.Screen().print('x' * 9000) for _ in range(9)]\n"
        "app.app = gone\napp.main()\n"
    )
    reader, writer = os.pipe()
    os.close(reader)
    env = os.environ | {"PYTHONPATH": os.getcwd(), "PYTHONIOENCODING": "ascii"}
    ran = subprocess.run(
        [sys.executable, tmp_path / "stub.py"], stdout=writer, stderr=subprocess.PIPE, env=env, check=False
    )
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (1, b"")
