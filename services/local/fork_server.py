"""Forks the processes of services off one that has loaded what they share: it is loaded once, and held once.

Run as a script by `forks.ForkServer`, with the number of a socket. Whoever sends a descriptor there gets a process
at its other end: a line with its id, and one with its code when it has ended.
"""

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from services.local.children import tie
from shared.process import serve, unburdened
from shared.services import SERVICES


def preload() -> None:
    """Load what services share. Raises RuntimeError where that has started a thread: a fork would not have it."""
    with unburdened():
        for service in SERVICES:
            if not service.loads_polars:
                import_module(f"services.{service.name}.app")
    if (threads := len(os.listdir("/proc/self/task"))) != 1:
        raise RuntimeError(f"the fork server has {threads} threads after loading; one of its modules must not be there")
    gc.collect()
    gc.freeze()  # the collector's marks would copy each page for each process


def forked(control: socket.socket) -> dict[str, Any] | None:
    """Fork for each descriptor that comes. In the new process: what it is to be. In this one: None, at the end."""
    wake, woken = os.pipe()
    for end in (wake, woken):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken)
    children: dict[int, socket.socket] = {}
    server = os.getpid()
    with selectors.DefaultSelector() as ready:
        ready.register(control, selectors.EVENT_READ)
        ready.register(wake, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj == wake:
                    with contextlib.suppress(BlockingIOError):
                        os.read(wake, 4096)
                    _tell_ends(children)
                    continue
                _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
                if not descriptors:
                    return None
                line = socket.socket(fileno=descriptors[0])
                pid = os.fork()
                if not pid:
                    tie(server)
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    for mine in (wake, woken, control.detach(), *(child.detach() for child in children.values())):
                        os.close(mine)
                    return _become(line)
                children[pid] = line
                line.sendall(f"{pid}\n".encode())


def _tell_ends(children: dict[int, socket.socket]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with children.pop(pid) as line, contextlib.suppress(OSError):  # nobody need listen any more
            line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _become(line: socket.socket) -> dict[str, Any]:
    """Read what this process is to be: its service, environment, folder and log. The server never sees the secrets."""
    os.setsid()  # Ctrl-C reaches the command alone, which ends the others in order
    with line, line.makefile("rb") as asked:
        wanted: dict[str, Any] = json.loads(asked.readline())
    with Path(os.devnull).open("rb") as nothing, Path(wanted["log"]).open("ab") as log:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    Path("/proc/self/comm").write_text(wanted["service"])  # what `ps` calls it
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    return wanted


if __name__ == "__main__":
    preload()
    if (wanted := forked(socket.socket(fileno=int(sys.argv[1])))) is not None:
        serve(wanted["service"])
