"""Runs as root in a container that is being made: installs the system libraries that it lacks.

Standard library only, Python 3.10 and newer. Its arguments are pairs ``LIBRARY=PACKAGE``. The exit
status is 0 when something was installed, ``NOTHING`` when all were there, else that of the failure:
what is missing then stands on standard output.
"""

import ctypes
import os
import shutil
import subprocess
import sys

NOTHING = 79


def lacks(library: str) -> bool:
    """Tell whether the loader does not find a library."""
    try:
        ctypes.CDLL(library)
    except OSError as error:
        return "cannot open shared object file" in str(error)
    return False


def say(text: str) -> None:
    """Write a line to the log."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Install what is missing; return the exit status."""
    wanted = dict(one.rsplit("=", 1) for one in sys.argv[1:])
    missing = {library: package for library, package in wanted.items() if lacks(library)}
    if not missing:
        return NOTHING
    say(f"The image lacks {', '.join(missing)}")
    if shutil.which("apt-get") is None:
        say(f"ERROR: the image has no apt-get to install {', '.join(missing.values())} with")
        return 1
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    if subprocess.run(["apt-get", "update", "-q"], check=False).returncode:
        say("ERROR: the list of packages can't be had")
        return 1
    for package in sorted({*missing.values()} - {""}):
        # Of Debian 13 and Ubuntu 24.04 on, some have another name.
        for name in (package, f"{package}t64", package.removesuffix("t64")):
            command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "--", name]
            if not subprocess.run(command, check=False).returncode:
                break
    shutil.rmtree("/var/lib/apt/lists", ignore_errors=True)
    left = [library for library in missing if lacks(library)]
    if left:
        say(f"ERROR: still missing: {', '.join(left)}")
    return 1 if {*left} == {*missing} else 0


sys.exit(main())
