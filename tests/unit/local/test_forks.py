"""The fork server: real processes of a real service that needs no broker."""

import os
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from services.local.forks import Forked, ForkServer
from services.local.nats_server import free_port

pytestmark = pytest.mark.skipif(not Path("/proc/self/comm").exists(), reason="a fork begins a process on Linux alone")


@pytest.fixture(scope="module")
def server():
    with ForkServer() as forks:
        yield forks


def page(server: ForkServer, folder: Path, **environment: str) -> Forked:
    given = {"PATH": os.environ["PATH"], "HOST": "127.0.0.1", **environment}
    return server.fork("page", given, folder=folder, log=folder / "page.log")


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health").is_success
    except httpx.ConnectError:
        return False


def test_a_forked_service_answers_in_a_process_of_its_own_and_ends_with_its_code(server, tmp_path):
    port = free_port()
    process = page(server, tmp_path, PORT=str(port))
    while not answers(port):
        assert process.poll() is None, (tmp_path / "page.log").read_text()
        time.sleep(0.02)
    assert process.pid not in (os.getpid(), server.pid)
    assert os.getsid(process.pid) == process.pid  # Ctrl-C reaches the command alone
    assert Path(f"/proc/{process.pid}/comm").read_text() == "page\n"
    assert Path(f"/proc/{process.pid}/cwd").readlink() == tmp_path
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == process.poll() == -signal.SIGTERM  # uvicorn ends in order, and then by the signal


def test_it_is_given_its_own_environment_and_its_log(server, tmp_path):
    process = page(server, tmp_path, PORT="no number")
    assert process.wait(20) == 1
    assert "page: PORT" in (tmp_path / "page.log").read_text()


def test_a_kill_is_told_as_one(server, tmp_path):
    process = page(server, tmp_path, PORT=str(free_port()))
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.1)
    process.kill()
    assert process.wait(20) == -signal.SIGKILL


def test_the_server_has_no_thread_beside_its_own_and_no_frame(server, tmp_path):
    page(server, tmp_path, PORT="no number").wait(20)  # it has loaded
    assert len(list(Path(f"/proc/{server.pid}/task").iterdir())) == 1
    assert "polars" not in Path(f"/proc/{server.pid}/maps").read_text()


def test_processes_end_with_their_server_and_the_next_one_comes_from_a_new_one(tmp_path):
    with ForkServer() as forks:
        first = page(forks, tmp_path, PORT=str(free_port()))
        pid = first.pid
        os.kill(forks.pid, signal.SIGKILL)
        assert first.wait(20) == -signal.SIGTERM
        assert not Path(f"/proc/{pid}").exists()
        assert page(forks, tmp_path, PORT="no number").wait(20) == 1
