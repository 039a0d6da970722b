"""A line of the journal is on the disk before anybody acts on it, also when the power fails."""

import os
from pathlib import Path

import pytest

from services.executor.adapters import journal as journals
from services.executor.adapters.journal import Journal
from services.executor.core.journal_lines import HeldPosition
from tests.support.builders import intent, position


@pytest.fixture
def synced(monkeypatch):
    """What each file held when it was synced; a folder: the names in it."""
    seen, sync = [], os.fsync

    def fsync(file):
        path = os.readlink(f"/proc/self/fd/{file}")
        seen.append(sorted(os.listdir(path)) if os.path.isdir(path) else Path(path).read_bytes())
        sync(file)

    monkeypatch.setattr(os, "fsync", fsync)
    return seen


def on_disk(journal):
    return journal.path.read_bytes()


def test_every_line_is_synced_whole_before_the_write_returns(tmp_path, synced):
    journal = Journal(tmp_path)
    for line in (intent(), HeldPosition(market="KRW-ETH", position=position())):
        synced.clear()
        journal.write(line)
        assert on_disk(journal) in synced


def test_a_new_journal_is_synced_into_its_folder(tmp_path, synced):
    Journal(tmp_path).write(intent())
    assert "journal.jsonl" in synced[-1]


def test_a_journal_written_anew_is_synced_before_it_takes_the_old_ones_place(tmp_path, synced, monkeypatch):
    monkeypatch.setattr(journals, "_LONGEST", 0)
    journal = Journal(tmp_path)
    journal.write(intent())
    body, folder = synced[-2:]
    assert body == on_disk(journal)
    assert "journal.jsonl" in folder
