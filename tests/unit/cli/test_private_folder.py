"""What this machine keeps is its owner's to read."""

import pytest

from services.cli.asked import BadRequest
from services.cli.machine.folder import held, must_belong
from services.cli.machine.installation import installation


def modes(folder):
    return {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}


def test_a_new_folder_is_closed_to_others(tmp_path):
    with held(tmp_path / "new") as folder:
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_an_older_version_is_closed_with_all_that_is_in_it(tmp_path):
    folder = tmp_path / "old"
    (folder / "nats").mkdir(parents=True, mode=0o755)
    for name, mode in (("run.json", 0o644), ("nats/log", 0o640), ("program", 0o755)):
        (folder / name).touch()
        (folder / name).chmod(mode)
    (folder / "elsewhere").symlink_to("/")
    with held(folder):
        found = modes(folder)
    assert {name: found[name] for name in ("old", "nats", "run.json", "log", "program")} == {
        "old": 0o700,
        "nats": 0o700,
        "run.json": 0o600,
        "log": 0o600,
        "program": 0o700,
    }


def test_a_folder_that_says_in_rubbish_whose_it_is_belongs_to_nobody_who_asks(tmp_path):
    for name in ("mode", "installation"):
        (tmp_path / name).write_bytes(b"\xff\xfe")
    with pytest.raises(BadRequest, match="TRADING_MODE=paper: the data folder"):
        must_belong(tmp_path, "paper")
    assert installation(tmp_path) not in (None, "")  # and so it is not the log's
