"""The small file of what runs in a folder: whoever wrote into it, a command goes on."""

import json
import os

import pytest

from services.local.running import announced, running

HERE = {"nats_url": "nats://127.0.0.1:4222", "api_port": 8000, "pid": os.getpid()}


def test_what_is_announced_is_found_until_it_ends(tmp_path):
    with announced(tmp_path, "nats://h", 8000, "http://paper", mode="paper", installation="ab"):
        found = running(tmp_path)
        assert (found.nats_url, found.upbit_base_url, found.mode, found.installation) == (
            "nats://h", "http://paper", "paper", "ab",
        )  # fmt: skip
    assert running(tmp_path) is None


@pytest.mark.parametrize(
    "changes", [{"pid": 10**30}, {"pid": 0}, {"pid": -1}, {"pid": "1"}, {"nats_url": 1}, {"api_port": None}]
)
def test_what_cannot_be_true_of_a_process_runs_nowhere(tmp_path, changes):
    (tmp_path / "run.json").write_text(json.dumps(HERE | changes))
    assert running(tmp_path) is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_is_none_of_ours_says_that_nothing_runs(tmp_path, body):
    (tmp_path / "run.json").write_bytes(body)
    assert running(tmp_path) is None


def test_what_a_newer_version_says_beside_is_passed_over(tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(HERE | {"of_tomorrow": 1}))
    assert running(tmp_path).api_port == HERE["api_port"]
