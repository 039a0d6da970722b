"""`upcycle` as a person runs it, in this process or its own."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from services.cli.app import main
from tests.support.processes import UPCYCLE, end_all, environment


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder; whatever process still names it after the test is ended."""
    yield tmp_path / "data"
    end_all(tmp_path / "data")


@pytest.fixture
def refused(monkeypatch, capsys):
    """Run `upcycle` here, where it must be refused, and give the one sentence."""

    def run(*arguments: str, **settings: str) -> str:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["upcycle", *map(str, arguments)])
        with pytest.raises(SystemExit) as e:
            main()
        return one_sentence(str(e.value.code), capsys.readouterr().err)

    handlers, level, configured = logging.root.handlers[:], logging.root.level, structlog.get_config()
    yield run
    logging.root.handlers[:], logging.root.level = handlers, level
    structlog.configure(**configured)
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def upcycle(tmp_path: Path):
    """Run `upcycle` in its own process to its end."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        command = [*UPCYCLE, *map(str, arguments)]
        return subprocess.run(
            command, env=environment(**settings), cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )

    return run


def one_sentence(said: str, before: str = "") -> str:
    """What a refusal must be: one line, from upcycle, and nothing else on stderr."""
    assert before.strip() == "", before
    assert said.startswith("upcycle: "), said
    assert said.strip().count("\n") == 0, said
    return said
