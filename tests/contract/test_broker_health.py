"""The broker's health check ends the server only where that helps: a stream could not be written, and there is room."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "infra" / "nats" / "health.sh"
WELL = '{"status":"ok"}'
FULL = r'{"status":"unavailable","error":"JetStream stream \u003e EV write error: no space left on device"}'
STARTING = '{"status":"unavailable","error":"JetStream is not current with the meta leader"}'
GONE = ""


def command(folder, name, body):
    file = folder / name
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)


@pytest.mark.parametrize(
    ("page", "free_kb", "code", "ends"),
    [
        (WELL, 0, 0, False),
        (FULL, 65536, 1, True),
        (FULL, 65535, 1, False),
        (STARTING, 10_000_000, 1, False),
        (GONE, 10_000_000, 1, False),
    ],
)
def test_the_server_is_ended_for_a_stream_that_could_not_be_written_once_there_is_room(
    tmp_path, page, free_kb, code, ends
):
    command(tmp_path, "wget", f"test '{page}' = '{WELL}'")
    command(tmp_path, "nc", f"printf 'HTTP/1.0 503 Service Unavailable\\r\\n\\r\\n%s' '{page}'")
    command(tmp_path, "df", f"printf 'Filesystem 1024-blocks Used Available\\n/dev/vda 99 9 {free_kb} 1%% /data\\n'")
    command(tmp_path, "tee", "cat")  # of process 1, which is somebody else's here
    script = f'kill() {{ echo "ended: $*"; }}; . {SCRIPT}'
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(["sh", "-c", script], env={"PATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert ("ended: 1" in done.stdout) is ends
    assert code == 0 or page in done.stdout
