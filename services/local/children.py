"""A child process never outlives its parent, however that ended.

Run as a script it ties itself to its parent and then becomes the command it was given. Doing so in the
child, before the command starts, needs no `preexec_fn`, which is unsafe in a process with threads.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def tied(command: list[str]) -> list[str]:
    """The command, ended by the kernel when this process is gone (Linux; elsewhere it stays as it is)."""
    if sys.platform != "linux":
        return command
    return [sys.executable, "-S", __file__, str(os.getpid()), *command]


def tie(parent: int) -> None:
    """Let the kernel end this process when its parent is gone; end at once where it was gone before (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)


if __name__ == "__main__":
    tie(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])
