"""A fresh clone of the project, running as its owner would run it, under a name and with volumes of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Any

from tests.e2e_compose.words import Failed, said

PROJECT = "upcycle-e2e"


class Stack:
    """`files`: overlays of tests/e2e_compose beside compose.yaml."""

    def __init__(self, folder: Path, *files: str, **environment: str) -> None:
        self.folder = folder
        self._files = ["compose.yaml", *(f"tests/e2e_compose/{name}" for name in files)]
        # Only what docker needs: compose prefers this shell's own settings to the .env.
        bare = {name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_HOST") if name in os.environ}
        self._environment = bare | environment

    def docker(self, *words: str, stdin: str = "", check: bool = True, timeout: float = 300) -> str:
        done = subprocess.run(
            ["docker", *words], cwd=self.folder, env=self._environment, input=stdin, capture_output=True,
            text=True, check=False, timeout=timeout,
        )  # fmt: skip
        if check and done.returncode:
            raise Failed(f"docker {' '.join(words[:6])} …: {(done.stderr or done.stdout).strip()[-1500:]}")
        return done.stdout

    def compose(self, *words: str, **kw: Any) -> str:
        files = [word for name in self._files for word in ("-f", name)]
        return self.docker("compose", "-p", PROJECT, *files, *words, **kw)

    @cached_property
    def services(self) -> list[str]:
        """All of them; without Grafana where its image cannot be had."""
        declared = json.loads(self.compose("config", "--format", "json"))["services"]
        names, image = list(declared), declared["grafana"]["image"]
        if not self.docker("images", "-q", image):
            self.docker("pull", "-q", image, check=False)
        if not self.docker("images", "-q", image):
            names.remove("grafana")
            said(f"without grafana: its image {image} cannot be had here, so its page was not looked at")
        return names

    def up(self, *words: str) -> float:
        """Start and wait until all are healthy; gives the seconds it took."""
        began = monotonic()
        self.compose("up", "-d", "--wait", *words, *self.services, timeout=600)
        return monotonic() - began

    def ids(self, service: str) -> list[str]:
        return self.compose("ps", "-q", service).split()

    def inside(self, service: str, code: str) -> str:
        """Run Python in a service's first container."""
        return self.compose("exec", "-T", service, "python", "-", stdin=code)

    def as_owner(self, *words: str, stdin: str = "") -> str:
        """Run a command in a container of the owner's, as `docker compose run topology …`."""
        return self.compose("run", "--rm", "-T", "--no-deps", "topology", *words, stdin=stdin)

    def setting(self, **settings: object) -> None:
        """Change lines of the .env."""
        env = self.folder / ".env"
        lines = env.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if line.partition("=")[0] not in settings]
        env.write_text("\n".join([*kept, *(f"{name}={value}" for name, value in settings.items())]) + "\n", "utf-8")

    def env(self) -> dict[str, str]:
        """The .env, as it is now."""
        lines = (self.folder / ".env").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))

    def down(self) -> None:
        self.compose("down", "-v", "--remove-orphans", "-t", "10", check=False)


@contextmanager
def running(stack: Stack) -> Iterator[Stack]:
    """Take everything down again whatever happens; on a failure its last words are shown first."""
    try:
        yield stack
    except BaseException:
        print(stack.compose("ps", "-a", check=False), file=sys.stderr)
        print(stack.compose("logs", "--tail", "8", "--no-color", check=False), file=sys.stderr)
        raise
    finally:
        stack.down()
