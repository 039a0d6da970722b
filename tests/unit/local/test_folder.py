"""The folder of what this machine keeps: held by one, of one mode, its owner's to read."""

import pytest

from services.local.folder import held, keep_apart, must_belong
from services.local.installation import installation
from shared.errors import BadRequest


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


def test_a_folder_is_made_and_held_by_one_at_a_time(tmp_path):
    folder = tmp_path / "new" / "data"
    with held(folder) as where:
        assert where == folder
        with pytest.raises(BadRequest, match="another upcycle runs in"), held(folder):
            pass
    with held(folder):
        assert folder.is_dir()


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "file").touch()
    where = r"the data folder .*/file/data cannot be written \(Not a directory\)"
    with pytest.raises(BadRequest, match=where), held(tmp_path / "file" / "data"):
        pass


def test_a_folder_belongs_to_paper_or_to_real_money_for_good(tmp_path):
    keep_apart(tmp_path, "live")
    keep_apart(tmp_path, "live")
    with pytest.raises(BadRequest, match=r"belongs to live trading.*choose another folder"):
        keep_apart(tmp_path, "paper")


def test_a_folder_that_traded_before_folders_said_so_is_a_paper_one(tmp_path):
    (tmp_path / "nats").mkdir()
    with pytest.raises(BadRequest, match="belongs to paper trading"):
        keep_apart(tmp_path, "live")
    keep_apart(tmp_path, "paper")
