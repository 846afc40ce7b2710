"""What is said of a cell that does not run where it serves: the cause, advice, and how often."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_node_deploy.backends import start_failure


def failure(name: str, message: str, *trace: str, stderr: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "error_name": name,
        "error_message": message,
        "traceback": [*trace],
        "stderr": [*stderr],
    }


@pytest.mark.parametrize(
    ("given", "said", "tries"),
    [
        (
            failure("OSError", "libgomp.so.1: cannot open shared object file: No such file"),
            "Debian's package libgomp1",
            1,
        ),
        (
            failure("ImportError", "libfoo-3.so.2: cannot open shared object file"),
            "system library libfoo-3.so.2",
            1,
        ),
        (
            failure("ImportError", "`Import openpyxl` failed. Use pip or conda to install it."),
            "package of 'openpyxl'",
            1,
        ),
        (
            failure("ImportError", "Missing optional dependency 'openpyxl'."),
            "package of 'openpyxl'",
            1,
        ),
        (
            failure("ModuleNotFoundError", "No module named 'shop.rates'"),
            "package of 'shop'",
            1,
        ),
        (
            failure("FileNotFoundError", "[Errno 2] No such file or directory: '/data/rates.csv'"),
            "/data/rates.csv is not there where the node serves",
            1,
        ),
        (
            failure("FileNotFoundError", "[Errno 2] No such file or directory: 'git'"),
            "no program 'git'",
            1,
        ),
        (
            failure(
                "FileNotFoundError",
                "[Errno 2] No such file or directory: '/opt/tool.sh'",
                "    subprocess.run(['/opt/tool.sh'])",
            ),
            "no program '/opt/tool.sh'",
            1,
        ),
        (
            failure(
                "CalledProcessError", "Command 'git log | head' returned non-zero exit status 127."
            ),
            "no program 'git'",
            1,
        ),
        (
            failure("RuntimeError", "it did not work", stderr=("/bin/sh: 1: dot: not found",)),
            "no program 'dot'",
            1,
        ),
        (failure("gaierror", "[Errno -3] Temporary failure in name resolution"), "egress", 3),
        (failure("OSError", "[Errno 101] Network is unreachable"), "egress", 3),
        (
            failure("KeyError", "'SHOP_REGION'", "  rate = os.environ['SHOP_REGION']"),
            "Add SHOP_REGION to the node's environment variables",
            1,
        ),
        (failure("Error", "unsupported locale setting"), "locale", 1),
        (failure("ZoneInfoNotFoundError", "'No time zone found with key X'"), "tzdata", 1),
        (failure("MemoryError", ""), "memory was not enough", 1),
        (
            {**failure("Crash", "the cell did not finish"), "signal": 9},
            "memory was not enough",
            1,
        ),
        (failure("OSError", "[Errno 30] Read-only file system: 'out.csv'"), "/tmp", 1),
        (failure("Timeout", "the cell ran longer than its timeout"), "ran longer", 3),
        (failure("KeyError", "'price'", "  y = table['price']"), "KeyError: 'price'", 1),
    ],
)
def test_a_smoke_test_that_fails_says_what_to_do(
    given: dict[str, Any], said: str, tries: int
) -> None:
    told = start_failure.smoke_test(given)
    assert said in told.reason
    assert given["error_message"] in told.reason
    assert all(line.strip() in told.reason for line in given["traceback"] + given["stderr"])
    assert told.tries == tries


@pytest.mark.parametrize("cut", [0, 1, 2])
def test_a_traceback_that_was_printed_is_told_once(cut: int) -> None:
    trace = ["Traceback (most recent call last):", "  y = table['price']", "KeyError: 'price'"]
    printed = ("a warning", *trace)[2 * cut :]
    told = start_failure.smoke_test(failure("KeyError", "'price'", *trace, stderr=printed)).reason
    assert told.count("  y = table['price']") == 1
    assert ("a warning" in told) is (cut == 0)


def test_what_is_not_known_has_no_advice() -> None:
    given = failure("KeyError", "'price'", "  y = table['price']")
    assert start_failure.smoke_test(given).reason.metadata["advice"] == ""


def test_a_start_that_fails_for_good_is_not_tried_for_ever() -> None:
    said = "the state could not be restored: m: libgomp.so.1: cannot open shared object file"
    told = start_failure.start(failure("CannotRun", said), said)
    assert "libgomp1" in told.reason
    assert told.tries == 1
    told = start_failure.start(failure("CannotRun", "odd"), "odd")
    assert told.reason == "It does not start: odd."
    assert told.tries == 3
