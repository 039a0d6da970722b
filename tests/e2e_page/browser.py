"""Debian's chromium: find it, or install it by apt with a Korean font. `python -m tests.e2e_page.browser`."""

import os
import shutil
import subprocess
import sys

_PACKAGES = ("chromium", "fonts-nanum")
_APT_S = 240
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),  # a container has neither, as a rule
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),  # it calls nobody by itself
)


def find() -> str | None:
    """CHROMIUM names another one, of a machine without apt say."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


def install() -> str | None:
    """Install it; None where that worked, else why not, in one sentence."""
    if shutil.which("apt-get") is None:
        return "there is no chromium here and no apt-get to install it; set CHROMIUM to the path of one"
    command = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=60"]
    if os.geteuid():
        if shutil.which("sudo") is None:
            return "there is no chromium here; root has to run: apt-get install " + " ".join(_PACKAGES)
        command = ["sudo", "-n", *command]
    quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    try:
        subprocess.run([*command, "update"], check=True, timeout=_APT_S / 2, **quiet)
        subprocess.run(
            [*command, "install", "-y", "--no-install-recommends", *_PACKAGES], check=True, timeout=_APT_S, **quiet
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as e:
        return f"apt could not install {' and '.join(_PACKAGES)}: {e}"
    return None if find() else "apt installed chromium, and yet there is none on the PATH"


if __name__ == "__main__":
    if find() is None:
        print(f"installing {' and '.join(_PACKAGES)} by apt (once) …", flush=True)
        if why := install():
            sys.exit(f"e2e-page: {why}")
