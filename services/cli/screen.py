"""The terminal of every command: text is text there, whoever wrote it.

Nothing in a text is markup, an emoji's name or an escape sequence; colour comes from `Text` alone. What a terminal's
encoding lacks is written as an escape. `up` shows on a `LastingScreen`, which ends nothing when its terminal is gone.
"""

import codecs
import errno
import io
import json
import os
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from shared.plain_text import one_line, visible

_GONE = (errno.EPIPE, errno.EIO)  # nobody reads any more


class Screen(Console):
    def __init__(self, **given: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **given)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Keep every text from being an escape sequence; rich's own come in control segments and styles."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


class LastingScreen(Screen):
    """Goes dark when its terminal is gone, and ends nothing."""

    def print(self, *objects: Any, **given: Any) -> None:
        try:
            super().print(*objects, **given)
        except OSError as e:
            if is_gone(e):
                self.quiet = True
            else:
                del self._buffer[:]  # a full disk: this line is lost, the next may not be

    def on_broken_pipe(self) -> None:
        self.quiet = True
        _into_nothing()


def line(*parts: str | Text | tuple[str, str]) -> Text:
    """One line out of texts, and texts with a style; no text in it can begin another."""
    told = Text.assemble(*parts)
    told.plain = one_line(told.plain)
    return told


def say(text: str) -> None:
    """Print a text over as many lines as it has. A terminal that is gone ends nothing, a panic least of all."""
    try:
        print(visible(text), flush=True)
    except OSError as e:
        is_gone(e)


def say_json(value: Any, **given: Any) -> None:
    """Print JSON that is readable, and harmless in a terminal."""
    text = json.dumps(value, ensure_ascii=False, indent=2, **given)
    print(text if text.isprintable() else "".join(_escape(char) for char in text))


def take_any_text() -> None:
    """Let standard output take what its encoding lacks, as an escape."""
    codecs.register_error(_ESCAPE, _escaped)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=_ESCAPE)


def is_gone(fault: OSError) -> bool:
    """Whether it says that nobody reads standard output any more; from then on nothing is written to it."""
    if fault.filename is not None or fault.errno not in _GONE:
        return False
    _into_nothing()
    return True


_ESCAPE = "upcycle_escape"


def _escaped(fault: UnicodeError) -> tuple[str, int]:
    if not isinstance(fault, UnicodeEncodeError):
        raise fault
    return json.dumps(fault.object[fault.start : fault.end])[1:-1], fault.end


def _escape(char: str) -> str:
    return char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1].replace("\x7f", r"\u007f")


def _into_nothing() -> None:
    """Standard output leads nowhere from here on: neither we nor Python's own last flush meet the broken pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
